import { describe, expect, it } from "vitest";

import { movedBy } from "./keep-place";

const LIST = [..."abcdefghijklmnop"];

describe("movedBy", () => {
  it("is what came or went above the first row", () => {
    expect(movedBy(LIST, LIST, 4)).toBe(0);
    expect(movedBy(LIST, ["1", "2", ...LIST], 4)).toBe(2);
    expect(movedBy(LIST, LIST.slice(1), 4)).toBe(-1);
    expect(movedBy(LIST, [...LIST, "q"], 4)).toBe(0);
  });

  it("is not led astray by a row that jumps to the top, or is gone", () => {
    const jumped = (id: string) => [id, ...LIST.filter((one) => one !== id)];
    expect(movedBy(LIST, jumped("e"), 4)).toBe(0);
    expect(movedBy(LIST, jumped("p"), 4)).toBe(1);
    expect(
      movedBy(
        LIST,
        LIST.filter((one) => one !== "e"),
        4,
      ),
    ).toBe(-1);
    expect(movedBy(LIST, [], 4)).toBe(0);
    expect(movedBy([], LIST, 4)).toBe(0);
  });
});
