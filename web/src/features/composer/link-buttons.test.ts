import { describe, expect, it } from "vitest";

import { addressOf, newLink, written } from "./link-buttons";

const row = (title: string, address: string) => ({ ...newLink(), title, address });

describe("the address of a link button", () => {
  it("is the https address that was meant", () => {
    expect(addressOf(" sklep.example.pl/koszyk?id=1#dalej ")).toBe(
      "https://sklep.example.pl/koszyk?id=1#dalej",
    );
    expect(addressOf("HTTPS://Example.PL")).toBe("https://example.pl/");
    expect(addressOf("https://żółw.pl/ścieżka")).toBe("https://xn--w-uga1v8h.pl/%C5%9Bcie%C5%BCka");
    expect(addressOf("example.pl:8443/a")).toBe("https://example.pl:8443/a");
  });

  it("is nothing else", () => {
    for (const text of [
      "",
      "sklep",
      "http://example.pl",
      "javascript:alert(1)",
      "https://localhost/a",
      "https://10.0.0.12/a",
      "https://bank.pl@evil.example",
      "https://example.pl/a b",
      `https://example.pl/${"a".repeat(2000)}`,
    ]) {
      expect(addressOf(text), text).toBeNull();
    }
  });
});

describe("what is sent of the fields", () => {
  it("leaves out empty rows and holds back what is only begun", () => {
    expect(written([row("", " "), row(" Koszyk ", "example.pl")], [])).toEqual({
      buttons: [{ title: "Koszyk", url: "https://example.pl/" }],
      wrong: false,
    });
    expect(written([row("Koszyk", "")], []).wrong).toBe(true);
    expect(written([row("", "example.pl")], []).wrong).toBe(true);
    expect(written([row("Koszyk", "nie")], []).wrong).toBe(true);
  });

  it("wants each title once, quick replies counted in", () => {
    const twice = [row("Koszyk", "a.example.pl"), row("Koszyk", "b.example.pl")];
    expect(written(twice, []).wrong).toBe(true);
    expect(written(twice.slice(1), ["Koszyk"]).wrong).toBe(true);
    expect(written(twice.slice(1), ["Tak"]).wrong).toBe(false);
  });
});
