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

  "alarms.failing": "Failing since {time}.",
  "alarms.silent": {
    one: "Nobody has written for over {n} hour; the last message came {time}.",
    other: "Nobody has written for over {n} hours; the last message came {time}.",
  },
  "alarms.never-a-message": {
    one: "Nobody has written yet, for over {n} hour.",
    other: "Nobody has written yet, for over {n} hours.",
  },
  "alarms.quarantine": {
    one: "{n} new thing is in quarantine.",
    other: "{n} new things are in quarantine.",
  },
  "alarms.see-quarantine": "See the quarantine",
  "alarms.known": "Known; it goes when its cause is gone.",
  "alarms.announced": {
    one: "{n} channel alarm, see Settings",
    other: "{n} channel alarms, see Settings",
  },
  "alarms.acknowledge": "Acknowledge",
  "alarms.acknowledge-named": "Acknowledge the alarms of {name}",

  "health.title": "Health",
  "health.state": "State",
  "health.last-error": "Last error",
  "health.last-in": "Last message in",
  "health.last-out": "Last message out",
  "health.never": "None yet",
  "health.pending": "Waiting at the provider",
  "health.messages": { one: "{n} message", other: "{n} messages" },
  "health.mended": "Put right by itself",
  "health.silence": "Alarm when nobody writes for",
  "health.silence-never": "No alarm",
  "health.silence-hours": { one: "{n} hour", other: "{n} hours" },
  "health.silence-hint": "Choose somewhat more than your longest usual pause; a weekend is 64 hours.",
  "health.silence-saved": "Saved.",
  "health.connected": "Connected",
  "health.failing": "Failing",
  "health.idle": "Not connected",
  "health.paused": "Paused",
  "health.off": "SMS off",

  "quarantine.title": "Quarantine",
  "quarantine.explained":
    "What a provider signed but nobody could read, and what came for numbers on which SMS is off. Customers' messages may be among it; it is kept for 30 days.",
  "quarantine.show-ignored": "Show what was ignored instead",
  "quarantine.ignored-explained":
    "What was understood and has nothing to do with dialogs: events of groups, payments, tests. It is no trouble, and nobody is told. Of each channel the newest 200 are kept for 30 days, and of what comes often one an hour.",
  "quarantine.empty": "Nothing is here.",
  "quarantine.load-failed": "The quarantine could not be loaded.",
  "quarantine.times": { one: "{n} time", other: "{n} times" },
} satisfies Record<string, Entry>;
