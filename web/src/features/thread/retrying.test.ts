import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import type { Session } from "../../api/types";
import { session } from "../../app/session";
import { agent, channel, dialog, message } from "../../realtime/samples";
import { inbox } from "../../realtime/store";
import { canRetry } from "./retrying";

const PAST = "2020-01-01T00:00:00Z";
const TEMPLATES = { ...channel().capabilities, replyWindowHours: 24, templates: true };

test.each([
  ["", {}, {}, true],
  ["unless the contact can't be reached", { reachable: false }, {}, false],
  ["unless the channel forbids answers", { replyAllowed: false }, {}, false],
  ["unless the dialog is closed", { status: "closed" as const }, {}, false],
  ["unless a colleague has the dialog", { assignee: { id: "3", name: "Ola" } }, {}, false],
  ["unless the time for replies is over", { replyUntil: PAST }, {}, false],
  ["of what may be a template", { replyUntil: PAST }, TEMPLATES, true],
  ["but of none in a thread of others", { replyUntil: PAST, replyAllowed: false }, TEMPLATES, false],
])("a failed message can be sent again %s", (_, changes, more, expected) => {
  session.value = { agent: agent() } as unknown as Session;
  const of = channel({ capabilities: { ...channel().capabilities, ...more } });
  inbox.value = {
    ...inbox.value,
    channels: new Map([[of.id, of]]),
    dialogs: new Map([["1", dialog(changes)]]),
  };
  expect(canRetry(message({ state: "failed", direction: "outbound" }))).toBe(expected);
});
