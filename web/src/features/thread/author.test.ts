import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import type { Author } from "../../api/types";
import { dialog, message } from "../../realtime/samples";
import { inbox } from "../../realtime/store";
import { authorOf } from "./author";

const JAN = { ...dialog().contact, address: "77", name: "Jan" };
const by = (author: Author): string => authorOf(message({ author }));

test.each([
  ["the name that was told after it", "77", JAN, "Jan"],
  ["the address as long as none was told", "77", { ...JAN, name: "" }, "77"],
  ["the name that it was written under", "Anna", JAN, "Anna"],
])("a contact's message bears %s", (_, name, contact, expected) => {
  const of = dialog({ contact });
  inbox.value = { ...inbox.value, dialogs: new Map([[of.id, of]]) };
  expect(by({ type: "contact", id: "1", name })).toBe(expected);
});

test("an agent's bears the agent's name, and so does a message whose dialog is not there", () => {
  const of = dialog({ contact: JAN });
  inbox.value = { ...inbox.value, dialogs: new Map([[of.id, of]]) };
  expect(by({ type: "agent", id: "2", name: "77" })).toBe("77");
  inbox.value = { ...inbox.value, dialogs: new Map() };
  expect(by({ type: "contact", id: "1", name: "77" })).toBe("77");
});
