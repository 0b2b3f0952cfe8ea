import { describe, expect, it, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["pl-PL"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import { pickLocale, translate } from ".";
import type { Entry } from "./catalogue";
import { en } from "./en";
import { pl } from "./pl";

const CATALOGUES: [string, Record<string, Entry>][] = [
  ["en", en],
  ["pl", pl],
];

function holes(entry: Entry): string[] {
  const text = typeof entry === "string" ? entry : Object.values(entry).join(" ");
  return [...new Set(text.match(/\{\w+\}/g))].toSorted();
}

describe.each(CATALOGUES)("the catalogue %s", (language, catalogue) => {
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();

  it("has every text", () => {
    expect(Object.keys(catalogue).toSorted()).toEqual(Object.keys(en).toSorted());
    expect(Object.values(catalogue)).not.toContain("");
  });

  it("has every plural form that the language needs", () => {
    for (const [key, entry] of Object.entries(catalogue)) {
      if (typeof entry !== "string") expect([key, Object.keys(entry).toSorted()]).toEqual([key, categories]);
    }
  });

  it("fills the same holes as English", () => {
    for (const [key, entry] of Object.entries(catalogue)) {
      const english = holes(en[key as keyof typeof en]);
      // What the server says itself, in English, need not be said with all that it tells.
      const isServers = /^(reason|problem|channel-error)\./.test(key);
      const expected = isServers ? english.filter((hole) => holes(entry).includes(hole)) : english;
      expect([key, holes(entry)]).toEqual([key, expected]);
    }
  });
});

describe("texts", () => {
  it.each([
    [1, "1 dialog"],
    [2, "2 dialogi"],
    [5, "5 dialogów"],
    [12, "12 dialogów"],
    [22, "22 dialogi"],
    [21, "21 dialogów"],
  ])("count %d in Polish", (n, expected) => {
    expect(translate("pl", "log.total", { n })).toBe(expected);
  });

  it("count in English", () => {
    expect(translate("en", "log.total", { n: 1 })).toBe("1 dialog");
    expect(translate("en", "log.total", { n: 1204 })).toBe("1,204 dialogs");
  });

  it("take the first language of the browser that there is", () => {
    expect(pickLocale(["uk-UA", "pl", "en"])).toBe("pl");
    expect(pickLocale(["de"])).toBe("en");
  });
});
