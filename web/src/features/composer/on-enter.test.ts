import { expect, test, vi } from "vitest";

import { onEnter } from "./on-enter";

function press(key: string, isComposing = false): { acted: number; prevented: number } {
  const act = vi.fn();
  const preventDefault = vi.fn();
  onEnter(act)({ key, isComposing, preventDefault } as unknown as KeyboardEvent);
  return { acted: act.mock.calls.length, prevented: preventDefault.mock.calls.length };
}

test("Enter acts instead of sending the form", () => {
  expect(press("Enter")).toEqual({ acted: 1, prevented: 1 });
});

test("other keys, and the Enter that ends a composed character, are the field's", () => {
  expect(press("a")).toEqual({ acted: 0, prevented: 0 });
  expect(press("Enter", true)).toEqual({ acted: 0, prevented: 0 });
});
