import { describe, expect, test } from "vitest";

import { entryOfVisit, readEntry, type Tab } from "./entry";
import { isShown, matches } from "./rules";
import { chooseLanguage, TEXTS } from "./texts";

const HERE = "https://shop.example/kontakt?id=7#form";

function tab(changes: Partial<Tab> = {}): Tab {
  return { href: HERE, referrer: "", history: [], ...changes };
}

function refused(): Storage {
  throw new DOMException("denied", "SecurityError");
}

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as unknown as Storage;
}

describe("where the visitor came from", () => {
  test("the campaign and click ids of the page, without anything else of its query", () => {
    const href =
      "https://shop.example/oferta?utm_source=google&utm_medium=cpc&utm_campaign=wiosna&gclid=X&email=a@b";
    expect(readEntry(tab({ href, referrer: "https://www.google.com/search?q=secret" }))).toEqual({
      page: "https://shop.example/oferta",
      referrer: "https://www.google.com/search",
      utmSource: "google",
      utmMedium: "cpc",
      utmCampaign: "wiosna",
      clickIds: { gclid: "X" },
    });
  });

  test("a page of the site itself is no referrer", () => {
    expect(readEntry(tab({ referrer: "https://shop.example/" })).referrer).toBe("");
  });

  test("the first page of the visit counts, and of those the one that a campaign led to", () => {
    const history = ["https://shop.example/", "https://shop.example/a?utm_source=mail", HERE];
    const found = readEntry(tab({ history, referrer: "https://other.example/" }));
    expect(found).toMatchObject({ page: "https://shop.example/a", utmSource: "mail", referrer: "" });
    expect(readEntry(tab({ history: ["https://shop.example/start", HERE] })).page).toBe(
      "https://shop.example/start",
    );
  });

  test("nothing longer than the server takes", () => {
    const long = "x".repeat(5000);
    const found = readEntry(tab({ href: `https://shop.example/${long}?utm_source=${long}&gclid=${long}` }));
    expect([found.page.length, found.utmSource.length, found.clickIds["gclid"]?.length]).toEqual([
      2000, 200, 300,
    ]);
  });

  test("the tab remembers it from the first use on", () => {
    const storage = memory();
    const first = entryOfVisit(tab({ href: "https://shop.example/?utm_source=mail" }), () => storage);
    expect(entryOfVisit(tab(), () => storage)).toEqual(first);
  });

  test("without storage it is read anew", () => {
    expect(entryOfVisit(tab(), refused).page).toBe("https://shop.example/kontakt");
  });
});

describe("on which pages the button is", () => {
  test.each([
    ["/", "", "", true],
    ["/shop/cart", "", "/shop/*", false],
    ["/shop", "", "/shop/*", true],
    ["/contact/", "/contact, /shop/*", "", true],
    ["/about", "/contact, /shop/*", "", false],
    ["/shop/cart", "/shop/*", "*/cart", false],
    ["/a.b", "/a+b, /a?b, /axb", "", false],
    ["/a.b", "/a.b", "", true],
  ])("%s with show-on %j and hide-on %j: %s", (path, showOn, hideOn, shown) => {
    expect(isShown(path, showOn, hideOn)).toBe(shown);
  });

  test("an empty pattern means no page", () => {
    expect(matches("/", " , ")).toBe(false);
  });
});

describe("words", () => {
  test.each([
    [["pl", "en"], "pl"],
    [[undefined, "uk-UA"], "uk"],
    [["de", "PL_pl"], "pl"],
    [["", "fr"], "en"],
  ])("%j is %s", (wished, language) => {
    expect(chooseLanguage(...wished)).toBe(language);
  });

  test("nothing is left untranslated", () => {
    for (const texts of Object.values(TEXTS)) expect(Object.values(texts).every(Boolean)).toBe(true);
    expect(TEXTS.pl.greeting).not.toBe(TEXTS.en.greeting);
  });
});
