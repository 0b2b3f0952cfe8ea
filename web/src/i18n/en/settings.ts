import type { Entry } from "../catalogue";

export const settings = {
  "settings.channels": "Channels",
  "settings.send-only": "Send-only",
  "settings.no-message-yet": "No message yet",
  "settings.this-browser": "This browser",
  "settings.language": "Language",
  "settings.theme": "Theme",
  "settings.theme-system": "As the system",
  "settings.theme-light": "Light",
  "settings.theme-dark": "Dark",
  "settings.compact-rows": "Compact list",
  "settings.single-keys": "Single-key shortcuts",

  "health.connected": "Connected",
  "health.failing": "Failing",
  "health.idle": "Idle",
  "health.paused": "Paused",

  "quarantine.title": "Quarantine",
  "quarantine.explained":
    "What a provider signed but nobody could read. Customers' messages may be among it; it is kept for 30 days.",
  "quarantine.empty": "Nothing is here.",
  "quarantine.load-failed": "The quarantine could not be loaded.",
  "quarantine.times": { one: "{n} time", other: "{n} times" },
} satisfies Record<string, Entry>;
