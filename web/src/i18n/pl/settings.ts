import type { SameKeys } from "../catalogue";
import type { settings as model } from "../en/settings";

export const settings: SameKeys<typeof model> = {
  "settings.channels": "Kanały",
  "settings.send-only": "Tylko wysyłka",
  "settings.no-message-yet": "Nie było jeszcze wiadomości",
  "settings.this-browser": "Ta przeglądarka",
  "settings.language": "Język",
  "settings.theme": "Motyw",
  "settings.theme-system": "Jak w systemie",
  "settings.theme-light": "Jasny",
  "settings.theme-dark": "Ciemny",
  "settings.compact-rows": "Zwarta lista",
  "settings.single-keys": "Skróty jednoklawiszowe",

  "widget.title": "Widżet na stronę",
  "widget.explained":
    "Wstaw ten wiersz na strony swojej witryny. Odwiedzający wybierze tam komunikator, a dialog pokaże, skąd przyszedł.",
  "widget.snippet": "Wiersz na stronę",
  "widget.copy": "Kopiuj",
  "widget.copied": "Skopiowano",
  "widget.offers": "Do wyboru: {names}",
  "widget.offers-nothing": "Na razie nie ma nic do wyboru: żadnego czynnego kanału nie otwiera się linkiem.",
  "widget.off": "Wyłączony w konfiguracji serwera (widget.enabled).",
  "widget.load-failed": "Nie udało się wczytać kanałów widżetu.",

  "health.connected": "Podłączony",
  "health.failing": "Nie działa",
  "health.idle": "Bezczynny",
  "health.paused": "Wstrzymany",

  "quarantine.title": "Kwarantanna",
  "quarantine.explained":
    "To, co dostawca podpisał, a czego nie udało się odczytać. Mogą tu być wiadomości klientów; zostają przez 30 dni.",
  "quarantine.empty": "Nic tu nie ma.",
  "quarantine.load-failed": "Nie udało się wczytać kwarantanny.",
  "quarantine.times": { one: "{n} raz", few: "{n} razy", many: "{n} razy", other: "{n} razy" },
};
