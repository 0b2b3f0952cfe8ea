import { computed, effect } from "@preact/signals";

import type { Alarm } from "../../api/types";
import { session } from "../../app/session";
import { t } from "../../i18n";
import { channels } from "../../realtime/store";
import { announce } from "../../ui/announcer";

/** In the address of the settings: show what was not understood. */
export const QUARANTINE = "quarantine";

/** Alarms that no administrator knows of yet; other people have none. */
export const newAlarms = computed(() => {
  if (session.value?.agent.role !== "administrator") return 0;
  return channels.value.reduce((count, channel) => count + channel.alarms.filter(isNew).length, 0);
});

export function isNew(alarm: Alarm): boolean {
  return alarm.acknowledgedAt === null;
}

/** Tell those who do not see the mark at the settings; not of what was there before they came. */
export function announceAlarms(): () => void {
  let known = Number.POSITIVE_INFINITY;
  return effect(() => {
    const count = newAlarms.value;
    if (count > known) announce(t("alarms.announced", { n: count }));
    // Nothing is known before the first channels are.
    if (channels.value.length > 0) known = count;
  });
}
