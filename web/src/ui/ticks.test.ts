import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import type { DeliveryState, Part } from "../api/types";
import { stateWords } from "./ticks";

function parts(...states: DeliveryState[]): Part[] {
  return states.map((state, index) => ({ number: index + 1, kind: "text", state, failure: null }));
}

test("a message that is one, and one whose parts agree, say one thing", () => {
  expect(stateWords("sent", [])).toBe("Sent");
  expect(stateWords("read", parts("read", "read"))).toBe("Read");
});

test("parts that are further than the whole are counted", () => {
  expect(stateWords("sent", parts("delivered", "sent", "delivered"))).toBe("Sent · 2 of 3 parts delivered");
  expect(stateWords("delivered", parts("read", "delivered", "delivered"))).toBe(
    "Delivered · 1 of 3 parts read",
  );
  expect(stateWords("failed", parts("sent", "failed", "queued"))).toBe("Not delivered · 1 of 3 parts sent");
  expect(stateWords("failed", parts("failed", "queued"))).toBe("Not delivered");
});
