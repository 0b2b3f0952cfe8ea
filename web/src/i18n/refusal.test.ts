import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import { ApiProblem, Unreachable } from "../api/problem";
import { channelErrorText } from "../features/channels/error-text";
import { refusalText, troubleText } from "./refusal";

const TOO_LONG = { message: "Too long: 9 of 5.", reason: "text_too_long", params: { length: 9, limit: 5 } };

function refused(status: number, body: Record<string, unknown>): ApiProblem {
  return new ApiProblem(status, { detail: "As the server says it.", ...body });
}

test.each([
  [
    "each field, once",
    refused(422, { errors: ["text", "title"].map((field) => ({ field, ...TOO_LONG })) }),
    "Wiadomość jest za długa: 9 znaków, a można 5 (emoji liczy się za dwa).",
  ],
  [
    "a field without a reason",
    refused(400, { errors: [{ field: "x", message: "not acceptable" }] }),
    "not acceptable",
  ],
  ["a reason", refused(403, { reason: "another_agents" }), "Ten dialog prowadzi inny agent."],
  [
    "a reason that is newer than this page",
    refused(409, { reason: "of_tomorrow" }),
    "As the server says it.",
  ],
  ["no reason, by its status", refused(413, {}), "To za dużo naraz: serwer tyle nie przyjmie."],
  ["nothing of it known", refused(418, {}), "Serwer odmawia („As the server says it.”)."],
])("a refusal in Polish: %s", (_, problem, expected) => {
  expect(refusalText(problem, "pl")).toBe(expected);
});

test("English readers get the server's own sentences", () => {
  expect(refusalText(refused(413, { reason: "another_agents" }), "en")).toBe("As the server says it.");
  expect(refusalText(refused(422, { errors: [{ field: "text", ...TOO_LONG }] }), "en")).toBe(
    TOO_LONG.message,
  );
});

test.each([
  [
    "webhook_failing",
    "502 Bad Gateway",
    "Dostawca nie zdołał dostarczyć wiadomości na ten serwer: „502 Bad Gateway”",
  ],
  ["no_credit", "103", "Na koncie skończyły się środki. Doładuj je u dostawcy."],
  ["of_a_plugin", null, "It rained."],
])("the error of a channel in Polish, by its code: %s", (lastErrorCode, lastErrorSaid, expected) => {
  const channel = { lastError: "It rained.", lastErrorCode, lastErrorSaid };
  expect(channelErrorText(channel, "pl")).toBe(expected);
  expect(channelErrorText(channel, "en")).toBe("It rained.");
});

test("what does not work now says why, if our server told", () => {
  const away = refused(503, { reason: "templates_away", params: { why: "x" } });
  expect(troubleText(new Unreachable("HTTP 503", away))).toBe("As the server says it.");
  expect(refusalText(away, "pl")).toBe("Szablonów nie da się teraz pobrać. x");
  const silent = "The server does not answer. Nothing was changed. Try again in a moment.";
  expect(troubleText(new Unreachable("no answer"))).toBe(silent);
  // A proxy's own 502.
  expect(troubleText(new Unreachable("HTTP 502", new ApiProblem(502, {})))).toBe(silent);
});
