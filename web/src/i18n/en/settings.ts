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

  "widget.title": "Site widget",
  "widget.explained":
    "Put this line into the pages of your website. Visitors choose a messenger there, and their dialog shows where they came from.",
  "widget.snippet": "Line for your website",
  "widget.copy": "Copy",
  "widget.copied": "Copied",
  "widget.offers": "It offers: {names}",
  "widget.offers-nothing": "It offers nothing yet: no active channel can be opened by a link.",
  "widget.off": "It is switched off in the server's configuration (widget.enabled).",
  "widget.load-failed": "The widget's channels could not be loaded.",

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
