import { t } from "../../../i18n";
import type { Key } from "../../../i18n/en";
import type { ChatScene, PageScene, Row, Scene } from "./scenes";

export function said(value: Key | { as: string }): string {
  return typeof value === "string" ? t(value) : value.as;
}

/** What a drawing shows, in a sentence or two: where to go, and what to do there. */
export function describe(scene: Scene): string {
  if (scene.shows === "chat") return describeChat(scene);
  const place = scene.shows === "page" ? placeOf(scene) : t("drawing.paper");
  return [t("drawing.of", { place }), ...scene.rows.map(describeRow)].join(" ");
}

function placeOf({ where, menu }: PageScene): string {
  const chosen = menu.findIndex((entry) => entry.chosen);
  const entry = menu[chosen];
  const above = entry?.below ? menu.slice(0, chosen).findLast((each) => !each.below) : undefined;
  return [where, above?.name, entry?.name].filter((name) => name !== undefined).join(" › ");
}

function describeRow({ name, does, value }: Row): string {
  switch (does) {
    case "copy":
      return t("drawing.copy", { name });
    case "enter":
      return t("drawing.enter", { name, value: value === undefined ? "" : said(value) });
    case "press":
      return t("drawing.press", { name });
    case "choose":
      return t("drawing.choose", { name });
  }
}

function describeChat({ name, lines }: ChatScene): string {
  const spoken = lines.map((line) => {
    if (line.copy !== undefined) return t("drawing.copy", { name: t(line.copy) });
    return t(line.mine ? "drawing.you-write" : "drawing.they-write", { name, text: said(line.text) });
  });
  return [t("drawing.of", { place: name }), ...spoken].join(" ");
}
