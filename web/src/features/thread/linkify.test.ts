import { describe, expect, it } from "vitest";

import { linkify } from "./linkify";

const links = (text: string) =>
  linkify(text).flatMap((piece) => (piece.href === undefined ? [] : [[piece.text, piece.href]]));

describe("links in messages", () => {
  it("keep the whole text", () => {
    const text = "See https://example.com/a, or write to jan@example.com. +48 601 234 567!";
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });

  it.each([
    [
      "https://example.com/shop/blue-(large).",
      "https://example.com/shop/blue-(large)",
      "https://example.com/shop/blue-(large)",
    ],
    ["(https://example.com/a)", "https://example.com/a", "https://example.com/a"],
    ["www.example.com!", "www.example.com", "https://www.example.com/"],
    ["pisz: jan@example.com,", "jan@example.com", "mailto:jan@example.com"],
    ["tel. +48 601 234 567", "+48 601 234 567", "tel:+48601234567"],
    ["tel:+48601234567", "tel:+48601234567", "tel:+48601234567"],
  ])("are found in %j", (text, shown, href) => {
    expect(links(text)).toEqual([[shown, href]]);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,<b>",
    "vbscript:x",
    "file:///etc/passwd",
    "plain text, 12 345",
    "https://",
  ])("are not made of %j", (text) => {
    expect(links(text)).toEqual([]);
  });
});
