import type { SameKeys } from "../catalogue";
import type { drawings as model } from "../en/drawings";

export const drawings: SameKeys<typeof model> = {
  "drawing.of": "Rysunek: {place}.",
  "drawing.paper": "to, co dał operator",
  "drawing.copy": "Skopiuj „{name}”.",
  "drawing.copy-button": "Kopiuj",
  "drawing.enter": "Wpisz w „{name}”: {value}.",
  "drawing.press": "Naciśnij „{name}”.",
  "drawing.choose": "Zaznacz „{name}”.",
  "drawing.you-write": "Ty piszesz: {text}.",
  "drawing.they-write": "{name} pyta: {text}",
  "drawing.bot-name": "Jak ma się nazywać bot?",
  "drawing.bot-username": "A jego nazwa użytkownika?",
  "drawing.address-with-key": "Adres webhooka?key=…",
};
