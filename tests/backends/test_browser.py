"""The browser of the end-to-end tests draws the letters our agents and their contacts write."""

import pytest
from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

# A letter without a glyph looks like any other without one; our fonts have no Chinese.
DRAW = """(letters) => {
  const context = document.createElement("canvas").getContext("2d");
  return letters.map((letter) => {
    context.canvas.width = 64; context.canvas.height = 64;
    context.font = "32px system-ui, sans-serif";
    context.fillText(letter, 8, 48);
    return context.canvas.toDataURL();
  });
}"""


async def test_polish_ukrainian_letters_and_emoji_have_glyphs(browser: Browser) -> None:
    page = await browser.new_page()
    letters = [*"ąćęłńóśźżĄĆĘŁŃÓŚŹŻїієґЇІЄҐ→✓⌘", "😀", "❤️", "🎉", "🇵🇱", "🇺🇦"]
    blank, box, *drawn = await page.evaluate(DRAW, [" ", "中", *letters])
    assert [letter for letter, image in zip(letters, drawn, strict=True) if image in (blank, box)] == []
    assert len(set(drawn)) == len(letters)
    await page.close()


async def test_the_same_browser_serves_the_whole_module(browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await page.set_content("<h1>Zażółć</h1>")
    assert await page.inner_text("h1") == "Zażółć"
    await context.close()
