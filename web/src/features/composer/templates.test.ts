import { describe, expect, it } from "vitest";

import { channel, dialog } from "../../realtime/samples";
import type { Blank, Template } from "../../api/types";
import { replyLock, takesTemplate } from "./limits";
import {
  addressOf,
  asked,
  chosenOf,
  filledOf,
  isFilled,
  keyOf,
  matching,
  pieces,
  rendered,
  type Wrong,
  wrongWith,
} from "./templates";
import samples from "./templates.samples.json";

const blank = (key: string, changes: Partial<Blank> = {}): Blank => ({
  key,
  kind: "text",
  longest: 20,
  example: "",
  required: true,
  ...changes,
});

const parcel: Template = {
  name: "parcel",
  language: "pl",
  header: "Paczka {{1}}",
  body: "Dzień dobry {{imie}}, będzie {{ kiedy }}. Pozdrawiamy, {{imie}}!",
  footer: "Salon",
  file: null,
  place: false,
  buttons: [
    { kind: "reply", title: "Tak", target: "" },
    { kind: "link", title: "Śledź", target: "https://x.pl/p/{{1}}" },
    { kind: "phone", title: "Dzwoń", target: "+48" },
  ],
  blanks: [
    blank("header.1"),
    blank("body.imie"),
    blank("body.kiedy"),
    blank("button.0", { kind: "payload", required: false }),
    blank("button.1", { kind: "suffix" }),
  ],
  marketing: false,
  state: "approved",
  quality: "unknown",
  obstacle: null,
  why: null,
};
const VALUES = { "header.1": "A-1", "body.imie": "Anno", "body.kiedy": " jutro ", "button.1": "A-1" };

describe("a template", () => {
  it.each(samples as (Partial<Blank> & { text: string; wrong: Wrong | null })[])(
    "takes in its blanks what the server takes: %j",
    ({ text, wrong, ...changes }) => expect(wrongWith(blank("body.1", changes), text)).toBe(wrong),
  );

  it("reads as the customer will read it, with what is still to be filled", () => {
    expect(rendered(parcel, VALUES)).toBe(
      "Paczka A-1\n\nDzień dobry Anno, będzie  jutro . Pozdrawiamy, Anno!\n\nSalon\n\n" +
        "Śledź: https://x.pl/p/A-1\nDzwoń: +48",
    );
    const words = pieces("body", "Cześć {{1}} i {{2}}", { "body.1": "$1 $& {{2}}" });
    expect(words.map(({ text, isBlank }) => [text, isBlank])).toEqual([
      ["Cześć ", false],
      ["$1 $& {{2}}", false],
      [" i ", false],
      ["{{2}}", true],
    ]);
    expect(addressOf("https://x.pl/", "A-1")).toBe("https://x.pl/");
  });

  it("is ready when everything that a person fills is right, and goes without spaces around it", () => {
    expect(asked(parcel).map(({ key }) => key)).not.toContain("button.0");
    expect(isFilled(parcel, VALUES)).toBe(true);
    expect(isFilled(parcel, { ...VALUES, "button.1": "A 1" })).toBe(false);
    expect(isFilled(parcel, {})).toBe(false);
    expect(filledOf(parcel, { ...VALUES, "body.gone": "x" })).toEqual({
      name: "parcel",
      language: "pl",
      values: { ...VALUES, "body.kiedy": "jutro" },
    });
  });

  it("is found by words, and the first that can be sent is chosen", () => {
    const paused: Template = { ...parcel, name: "autumn", obstacle: "state", state: "paused" };
    expect(matching([paused, parcel], "PACZKA anno").length).toBe(0);
    expect(matching([paused, parcel], "paczka parc")).toEqual([parcel]);
    expect(chosenOf([paused, parcel], null, "pl")).toBe(parcel);
    const sale = { ...parcel, name: "sale", marketing: true };
    expect(chosenOf([paused, sale, parcel], null, "pl")).toBe(parcel);
    expect(chosenOf([paused, sale], null, "pl")).toBe(sale);
    expect(chosenOf([paused, parcel], keyOf(paused), "pl")).toBe(paused);
    expect(chosenOf([paused], "gone pl", "pl")).toBe(paused);
    expect(chosenOf([], null, "pl")).toBeNull();
    const english = { ...parcel, language: "en_US" };
    expect(chosenOf([english, sale, parcel], null, "pl")).toBe(parcel);
    expect(chosenOf([parcel, sale, english], null, "en")).toBe(english);
  });
});

describe("the time for a template", () => {
  const NOW = Date.parse("2026-03-01T12:00:00Z");
  const can = { ...channel().capabilities, replyWindowHours: 24, templates: true, startByTemplate: true };
  const over = dialog({ replyUntil: "2026-03-01T11:59:00Z" });
  const never = dialog({ replyUntil: null });

  it("is also when nothing else may go", () => {
    const of = (capabilities: typeof can) => ({ active: true, capabilities, smsOn: null });
    expect(replyLock(never, true, NOW, of(can))).toBe("template_first");
    expect(replyLock(never, true, NOW, of({ ...can, startByTemplate: false }))).toBeNull();
    expect(takesTemplate("template_first", never, can)).toBe(true);
    expect(takesTemplate("window_closed", over, can)).toBe(true);
    expect(takesTemplate(null, over, can)).toBe(true);
  });

  it("is not when another answers, they left, or there are none", () => {
    expect(takesTemplate("not_yours", over, can)).toBe(false);
    expect(takesTemplate("not_reachable", over, can)).toBe(false);
    expect(takesTemplate("window_closed", dialog({ ...over, replyAllowed: false }), can)).toBe(false);
    expect(takesTemplate("window_closed", over, { ...can, templates: false })).toBe(false);
  });
});
