import { describe, expect, it } from "vitest";

import { countSegments } from "./segments";
import samples from "./segments.samples.json";

describe("SMS parts", () => {
  it.each(samples.map((sample) => [sample.text.slice(0, 30), sample] as const))(
    "are counted in %j",
    (_, sample) => {
      const { encoding, parts } = countSegments(sample.text);
      expect({ encoding, parts }).toEqual({ encoding: sample.encoding, parts: sample.segments });
    },
  );

  it("tell how much room is left", () => {
    expect(countSegments("").left).toBe(160);
    expect(countSegments("a€").left).toBe(157);
    expect(countSegments("ż".repeat(71)).left).toBe(63);
  });
});
