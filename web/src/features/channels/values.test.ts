import { expect, it } from "vitest";

import type { SettingField } from "../../api/types";
import { firstValues, missingKeys, settingsFrom } from "./values";

function field(key: string, more: Partial<SettingField>): SettingField {
  return {
    key,
    type: "text",
    required: false,
    default: null,
    options: [],
    advanced: false,
    title: null,
    ...more,
  };
}

const FIELDS = [
  field("token", { type: "secret", required: true }),
  field("mode", { type: "choice", options: ["webhook", "polling"], default: "polling" }),
  field("mms", { type: "switch", default: false }),
  field("port", { type: "number", default: 25 }),
  field("hosts", { type: "list", default: ["a.example", "b.example"] }),
];

it("shows a new channel's defaults, and nothing when editing", () => {
  expect(firstValues(FIELDS, false)).toEqual({
    token: "",
    mode: "polling",
    mms: "false",
    port: "25",
    hosts: "a.example\nb.example",
  });
  expect(firstValues(FIELDS, true)).toEqual({});
});

it("sends of a new channel what differs from the defaults, in its own type", () => {
  const first = firstValues(FIELDS, false);
  expect(settingsFrom(FIELDS, { ...first, token: " 123:abc\n" }, false)).toEqual({ token: "123:abc" });
  const all = { token: "x", mode: "webhook", mms: "true", port: "26", hosts: " c.example \n\nd.example" };
  expect(settingsFrom(FIELDS, all, false)).toEqual({
    token: "x",
    mode: "webhook",
    mms: true,
    port: 26,
    hosts: ["c.example", "d.example"],
  });
});

it("sends of an edited channel only what was filled in, a default too", () => {
  expect(settingsFrom(FIELDS, { token: "", mode: "polling", mms: "false" }, true)).toEqual({
    mode: "polling",
    mms: false,
  });
});

it("knows what a new channel still lacks", () => {
  expect(missingKeys(FIELDS, firstValues(FIELDS, false))).toEqual(["token"]);
  expect(missingKeys(FIELDS, { token: "  " })).toEqual(["token"]);
  expect(missingKeys(FIELDS, { token: "x" })).toEqual([]);
});
