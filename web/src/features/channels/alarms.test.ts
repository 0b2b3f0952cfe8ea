import { afterEach, expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import type { Alarm, Session } from "../../api/types";
import { session } from "../../app/session";
import { agent, channel } from "../../realtime/samples";
import { forgetInbox, merge } from "../../realtime/store";
import { newAlarms } from "./alarms";

const SINCE = "2026-01-05T09:00:00.000Z";
const fresh: Alarm = { kind: "failing", since: SINCE, count: null, acknowledgedAt: null };
const known: Alarm = { kind: "silent", since: SINCE, count: null, acknowledgedAt: SINCE };

function signInAs(role: "agent" | "administrator"): void {
  session.value = { agent: agent({ role }) } as unknown as Session;
}

afterEach(() => {
  session.value = null;
  forgetInbox();
});

test("administrators are shown the alarms that nobody knows of yet", () => {
  signInAs("administrator");
  merge({ seq: "1", channels: [channel({ id: "1", alarms: [fresh, known] }), channel({ id: "2" })] });
  expect(newAlarms.value).toBe(1);
  merge({ seq: "2", channels: [channel({ id: "1", seq: "2", alarms: [known] })] });
  expect(newAlarms.value).toBe(0);
});

test("nobody else is", () => {
  signInAs("agent");
  merge({ seq: "1", channels: [channel({ alarms: [fresh] })] });
  expect(newAlarms.value).toBe(0);
});
