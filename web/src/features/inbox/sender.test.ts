import { beforeEach, expect, test } from "vitest";

import { channel, dialog } from "../../realtime/samples";
import { inbox } from "../../realtime/store";
import { senderOf, senderOrName } from "./sender";

const SMS = { id: "7", kind: "sms" as const, name: "SMS +48 732 001 002" };

function known(sender: string | null): void {
  const of = channel({ kind: "sms" });
  const channels = new Map([["7", { ...of, capabilities: { ...of.capabilities, sender } }]]);
  inbox.value = { ...inbox.value, channels };
}

beforeEach(() => {
  inbox.value = { ...inbox.value, channels: new Map() };
});

test("whom customers see is what the channel says, not what it is called", () => {
  known("+48732001002");
  expect(senderOf(SMS)).toBe("+48732001002");
  expect(senderOrName(SMS)).toBe("+48732001002");
  known("CONREGO");
  expect(senderOrName(SMS)).toBe("CONREGO");
});

test("where nobody is seen the channel's name stands for it", () => {
  known(null);
  expect(senderOf(SMS)).toBeNull();
  expect(senderOrName(SMS)).toBe("SMS +48 732 001 002");
});

test("what says no more than the kind is not said twice", () => {
  known("SMS");
  expect(senderOf(SMS)).toBe("SMS");
  expect(senderOrName(SMS)).toBeNull();
  known(null);
  expect(senderOrName({ ...SMS, name: "SMS" })).toBeNull();
});

test("a channel that is not known yet has its name", () => {
  expect(senderOf(dialog().channel)).toBeNull();
  expect(senderOrName(SMS)).toBe("SMS +48 732 001 002");
});
