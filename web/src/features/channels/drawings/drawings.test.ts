import { describe as group, expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
});

import { translate, type Locale } from "../../../i18n";
import { en } from "../../../i18n/en";
import { SCENES, type Scene } from "./scenes";
import { describe } from "./words";

const STEPS = Object.keys(en)
  .filter((key) => /^kind\..+\.(step|after)-\d+$/.test(key) && !key.startsWith("kind.unknown"))
  .map((key) => key.slice("kind.".length));

/** No letter of the font is wider on average, in the units of a drawing. */
const LETTER = 5.9;

function rowsOf(scene: Scene): { text: string; room: number }[] {
  if (scene.shows === "chat") return [];
  const pane = scene.shows === "page" ? 168 : 288;
  const menu = scene.shows === "page" ? scene.menu : [];
  return [
    ...menu.map(({ name = "", below }) => ({ text: name, room: below ? 98 : 108 })),
    ...scene.rows.map(({ name, does, value }) => {
      const shown = does === "choose" && typeof value === "object" ? value.as : name;
      return { text: shown, room: does === "choose" ? pane - 20 : pane };
    }),
    ...scene.rows.flatMap(({ does, value }) =>
      value === undefined || does === "choose"
        ? []
        : (["en", "pl"] as Locale[]).map((language) => ({
            text: typeof value === "string" ? translate(language, value) : value.as,
            room: pane - (does === "copy" ? 74 : 14),
          })),
    ),
  ];
}

test("a drawing belongs to a step that there is, and every kind has one", () => {
  for (const key of Object.keys(SCENES)) expect(STEPS).toContain(key);
  const kinds = new Set(STEPS.map((step) => step.replace(/\.(step|after)-\d+$/, "")));
  expect(kinds.size).toBeGreaterThanOrEqual(8);
  for (const kind of kinds) {
    expect([
      kind,
      Object.keys(SCENES).some((key) => key.replace(/\.(step|after)-\d+$/, "") === kind),
    ]).toEqual([kind, true]);
  }
});

group.each(Object.entries(SCENES))("the drawing of %s", (_, scene) => {
  test("says where and what", () => {
    const said = describe(scene);
    expect(said).toMatch(/^Drawing: .+\. (Copy|Enter|Press|Choose|You write|.+ asks)/);
    if (scene.shows !== "chat") for (const row of scene.rows) expect(said).toContain(`“${row.name}”`);
    if (scene.shows === "page") expect(said).toContain(scene.where);
  });

  test("has room for its texts", () => {
    const tooLong = rowsOf(scene).filter(({ text, room }) => text.length * LETTER > room);
    expect(tooLong).toEqual([]);
  });
});
