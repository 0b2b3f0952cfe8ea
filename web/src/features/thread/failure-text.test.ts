import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import { failureText } from "./failure-text";

const BLOCKED = { code: "blocked", text: "The customer blocked the bot.", providerCode: "403" };

test("English readers get the server's sentence, others the sense of its code in their language", () => {
  expect(failureText(BLOCKED, "en")).toBe("The customer blocked the bot.");
  expect(failureText(BLOCKED, "pl")).toBe("Klient nas zablokował albo odszedł.");
});

test("a code that we have no words for keeps the server's sentence", () => {
  expect(failureText({ code: "of_a_plugin", text: "It rained.", providerCode: null }, "pl")).toBe(
    "It rained.",
  );
  expect(failureText(null, "pl")).toBe("");
});

test("of a code that says little the provider's own words are quoted as they are", () => {
  const failure = { code: "rejected", text: "SMSAPI rejected it.", providerCode: "12 Text too long" };
  expect(failureText(failure, "pl")).toBe("Dostawca odrzucił wiadomość. („12 Text too long”)");
  expect(failureText(failure, "en")).toBe("SMSAPI rejected it.");
});
