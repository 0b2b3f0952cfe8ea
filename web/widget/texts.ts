/** The widget's own words. */
export interface Texts {
  open: string;
  close: string;
  title: string;
  greeting: string;
  note: string;
  newTab: string;
  app: string;
}

export type Language = "en" | "pl" | "uk";

export const TEXTS: Record<Language, Texts> = {
  en: {
    open: "Write to us",
    close: "Close",
    title: "Write to us",
    greeting: "Choose where you would like to write.",
    note: "We will see which page you came from.",
    newTab: "opens in a new tab",
    app: "opens the app",
  },
  pl: {
    open: "Napisz do nas",
    close: "Zamknij",
    title: "Napisz do nas",
    greeting: "Wybierz, gdzie chcesz napisać.",
    note: "Zobaczymy, z której strony przychodzisz.",
    newTab: "otwiera się w nowej karcie",
    app: "otwiera aplikację",
  },
  uk: {
    open: "Напишіть нам",
    close: "Закрити",
    title: "Напишіть нам",
    greeting: "Оберіть, де вам зручно написати.",
    note: "Ми побачимо, з якої сторінки ви прийшли.",
    newTab: "відкриється в новій вкладці",
    app: "відкриє застосунок",
  },
};

/** The first of the wished languages that there is; ``pl-PL`` is ``pl``. */
export function chooseLanguage(...wished: readonly (string | undefined)[]): Language {
  for (const tag of wished) {
    const base = tag?.trim().toLowerCase().split(/[-_]/)[0];
    if (base === "en" || base === "pl" || base === "uk") return base;
  }
  return "en";
}
