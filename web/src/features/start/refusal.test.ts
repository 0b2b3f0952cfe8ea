import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import { ApiProblem, Unreachable } from "../../api/problem";
import { t } from "../../i18n";
import { refusalOfStart } from "./refusal";

const SAID = "What the server said.";

function refused(code: string, field?: string): ApiProblem {
  const errors = field === undefined ? [] : [{ field, message: SAID }];
  return new ApiProblem(409, { type: `urn:centrala:problem:${code}`, detail: SAID, errors });
}

test.each([
  ["no answer", new Unreachable(""), t("action.unreachable")],
  ["a colleague's dialog", refused("dialog_is_anothers"), t("start.anothers")],
  ["a number that is none", refused("invalid", "address"), t("start.odd-number")],
  ["a text that is too long", refused("invalid", "text"), SAID],
  ["any other refusal", refused("reply_not_allowed"), SAID],
])("%s is told as what it is", (_, error, expected) => {
  expect(refusalOfStart(error)).toBe(expected);
});
