/** The widget's own words. */
export interface Texts {
  open: string;
  close: string;
  title: string;
  greeting: string;
  note: string;
  newTab: string;
  app: string;
  callBack: string;
  phone: string;
  name: string;
  question: string;
  callBackNote: string;
  callBackSend: string;
  sent: string;
  wrongNumber: string;
  later: string;
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
    callBack: "Leave your number",
    phone: "Phone number",
    name: "Your name (optional)",
    question: "Your question (optional)",
    callBackNote: "We use the number only to answer you.",
    callBackSend: "Ask for an answer",
    sent: "Thank you. We will get back to you.",
    wrongNumber: "This does not look like a phone number.",
    later: "This did not work. Please try again later.",
  },
  pl: {
    open: "Napisz do nas",
    close: "Zamknij",
    title: "Napisz do nas",
    greeting: "Wybierz, gdzie chcesz napisać.",
    note: "Zobaczymy, z której strony przychodzisz.",
    newTab: "otwiera się w nowej karcie",
    app: "otwiera aplikację",
    callBack: "Zostaw numer",
    phone: "Numer telefonu",
    name: "Imię (opcjonalnie)",
    question: "Pytanie (opcjonalnie)",
    callBackNote: "Numeru użyjemy tylko po to, by Ci odpowiedzieć.",
    callBackSend: "Poproś o kontakt",
    sent: "Dziękujemy. Odezwiemy się.",
    wrongNumber: "To nie wygląda na numer telefonu.",
    later: "Nie udało się. Spróbuj później.",
  },
  uk: {
    open: "Напишіть нам",
    close: "Закрити",
    title: "Напишіть нам",
    greeting: "Оберіть, де вам зручно написати.",
    note: "Ми побачимо, з якої сторінки ви прийшли.",
    newTab: "відкриється в новій вкладці",
    app: "відкриє застосунок",
    callBack: "Залиште номер",
    phone: "Номер телефону",
    name: "Ваше ім’я (необов’язково)",
    question: "Ваше запитання (необов’язково)",
    callBackNote: "Номер потрібен лише для того, щоб вам відповісти.",
    callBackSend: "Попросити про відповідь",
    sent: "Дякуємо. Ми з вами зв’яжемося.",
    wrongNumber: "Це не схоже на номер телефону.",
    later: "Не вдалося. Спробуйте пізніше.",
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
