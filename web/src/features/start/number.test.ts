import { expect, test } from "vitest";

import { mayBeNumber } from "./number";

test.each([
  ["601 234 567", true],
  ["(22) 621-21-21", true],
  [" +48601234567", true],
  ["", false],
  ["12345", false],
  ["Jan", false],
  ["601 234 567 abc", false],
  ["1234567890123456", false],
])("%j may be a number: %s", (typed, expected) => {
  expect(mayBeNumber(typed)).toBe(expected);
});
