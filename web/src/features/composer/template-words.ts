import type { Blank, Template } from "../../api/types";
import { locale, t } from "../../i18n";
import type { Key } from "../../i18n/en";
import type { Wrong } from "./templates";

/** What a blank is called where it is filled. */
export function blankLabel({ key, kind }: Blank, template: Template): string {
  const [where, name = ""] = key.split(/\.(.*)/s);
  if (where === "place") return t(PLACE[name] ?? "template.place-name");
  if (kind === "suffix") return t("template.suffix", { title: template.buttons[Number(name)]?.title ?? "" });
  if (kind === "code") return t("template.code");
  const label = /^\d+$/.test(name) ? t("template.variable", { n: Number(name) }) : name;
  return where === "header" ? t("template.in-heading", { label }) : label;
}

const PLACE: Record<string, Key> = {
  name: "template.place-name",
  address: "template.place-address",
  latitude: "template.latitude",
  longitude: "template.longitude",
};

export function wrongText(wrong: Wrong, { longest, kind }: Blank): string {
  switch (wrong) {
    case "long":
      return t("template.wrong-long", { n: longest });
    case "number":
      return t("template.wrong-number", { n: kind === "latitude" ? 90 : 180 });
    case "line":
      return t("template.wrong-line");
    case "spaces":
      return t("template.wrong-spaces");
    default:
      return t("template.wrong-empty");
  }
}

/** Why a template can't be sent from here; null: it can. */
export function obstacleText({ obstacle, state }: Template): string | null {
  if (obstacle === null) return null;
  if (obstacle !== "state") return t(`template.obstacle-${obstacle}`);
  return state === "approved" ? null : t(`template.state-${state}`);
}

/** The same in a word or two, for the list. */
export function obstacleWord({ obstacle, state }: Template): string | null {
  if (obstacle === null) return null;
  if (obstacle !== "state") return t("template.not-from-here");
  return state === "approved" ? null : t(`template.word-${state}`);
}

/** The language by its name in ours: ``pl`` is Polish, ``en_US`` is American English. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([locale.value], { type: "language" }).of(code.replaceAll("_", "-")) ?? code;
  } catch {
    return code;
  }
}
