import { computed, effect } from "@preact/signals";

import { chosenLocale } from "../app/preferences";
import type { Entry, PluralForms } from "./catalogue";
import { en, type Catalogue, type Key } from "./en";
import { pl } from "./pl";

export type Locale = "en" | "pl";

/** In their own language: the picker must be readable for those who need it. */
export const LOCALES: Record<Locale, string> = { en: "English", pl: "Polski" };

const CATALOGUES: Record<Locale, Catalogue> = { en, pl };

export function isLocale(text: string | null | undefined): text is Locale {
  return text === "en" || text === "pl";
}

/** The first of the browser's languages that we speak. */
export function pickLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.split("-")[0]?.toLowerCase();
    if (isLocale(language)) return language;
  }
  return "en";
}

export const locale = computed<Locale>(() =>
  isLocale(chosenLocale.value) ? chosenLocale.value : pickLocale(navigator.languages),
);

const pluralRules: Record<Locale, Intl.PluralRules> = {
  en: new Intl.PluralRules("en"),
  pl: new Intl.PluralRules("pl"),
};

export type Params = Record<string, string | number>;

/** The text for ``key``; plural forms go by ``n``. */
export function translate(language: Locale, key: Key, params: Params = {}): string {
  const entry: Entry = CATALOGUES[language][key];
  const count = Number(params["n"] ?? 0);
  const template = typeof entry === "string" ? entry : formOf(entry, pluralRules[language].select(count));
  return template.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name];
    if (value === undefined) return hole;
    return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : value;
  });
}

function formOf(forms: PluralForms, category: Intl.LDMLPluralRule): string {
  return (category === "zero" || category === "two" ? undefined : forms[category]) ?? forms.other;
}

export function t(key: Key, params?: Params): string {
  return translate(locale.value, key, params);
}

effect(() => {
  document.documentElement.lang = locale.value;
});
