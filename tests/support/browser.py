"""Start a real Chromium for the tests, on a machine that may have neither a browser nor a font."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).resolve().parents[2]
UNPACKED = ROOT / ".cache/chromium"
FONTS = ROOT / "tests/browser/node_modules"
VARIABLE = "CENTRALA_TEST_CHROMIUM"
# scripts/bootstrap.py looks for the same names before it downloads a browser.
SYSTEM_NAMES = ("chromium", "chromium-headless-shell", "google-chrome", "chromium-browser")


class BrowserMissingError(Exception):
    """There is no Chromium, or no font for it; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Chromium:
    executable: Path
    libraries: Path | None = None
    """Shared libraries that came with an unpacked browser."""


def find_chromium() -> Chromium:
    """Find a Chromium: the variable, then the system, then the one scripts/test unpacked."""
    if named := os.environ.get(VARIABLE):
        if not Path(named).is_file():
            raise BrowserMissingError(f"{VARIABLE} names {named}, which is not there")
        return Chromium(executable=Path(named))
    for name in SYSTEM_NAMES:
        if found := shutil.which(name):
            return Chromium(executable=Path(found))
    if (UNPACKED / "chromium").is_file():
        return Chromium(executable=UNPACKED / "chromium", libraries=UNPACKED / "lib")
    raise BrowserMissingError(
        f"no Chromium: run scripts/test (it unpacks one), set {VARIABLE}, or install Debian's package chromium"
    )


def fonts_conf(cache: Path) -> str:
    """Describe our own fonts, so that every machine draws the same: Inter, DejaVu for the rest, emoji."""
    folders = [FONTS / "@expo-google-fonts", FONTS / "dejavu-fonts-ttf/ttf"]
    missing = [str(folder) for folder in folders if not folder.is_dir()]
    if missing:
        raise BrowserMissingError(f"no fonts at {', '.join(missing)}: run scripts/test")
    lines = ['<?xml version="1.0"?>', '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">', "<fontconfig>"]
    lines += [f"<dir>{escape(str(folder))}</dir>" for folder in folders]
    lines += [f"<cachedir>{escape(str(cache))}</cachedir>"]
    for family, real in (
        ("sans-serif", ("Inter", "DejaVu Sans")),
        ("system-ui", ("Inter", "DejaVu Sans")),
        ("serif", ("DejaVu Serif",)),
        ("monospace", ("DejaVu Sans Mono",)),
        ("emoji", ("Noto Color Emoji",)),
    ):
        preferred = "".join(f"<family>{name}</family>" for name in (*real, "Noto Color Emoji"))
        lines += [f"<alias binding='same'><family>{family}</family><prefer>{preferred}</prefer></alias>"]
    return "\n".join([*lines, "</fontconfig>", ""])


@asynccontextmanager
async def launch_chromium(*, headless: bool = True) -> AsyncIterator[Browser]:
    """Start a browser and stop it in the end; one is enough for a module, contexts separate the tests."""
    chromium = find_chromium()
    cache = ROOT / ".cache/fonts"
    cache.mkdir(parents=True, exist_ok=True)
    config = cache / f"fonts-{os.getpid()}.conf"
    config.write_text(fonts_conf(cache))
    environment: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": str(config)}
    if chromium.libraries is not None:
        environment["LD_LIBRARY_PATH"] = str(chromium.libraries)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium.executable,
                headless=headless,
                env=environment,
                # The sandbox refuses to work as root and in most containers; the pages are our own.
                chromium_sandbox=False,
                # /dev/shm is tiny in containers.
                args=["--disable-dev-shm-usage"],
            )
            try:
                yield browser
            finally:
                await browser.close()
    finally:
        config.unlink(missing_ok=True)
