import { computed } from "@preact/signals";

import type { Alarm } from "../../api/types";
import { session } from "../../app/session";
import { channels } from "../../realtime/store";

/** Alarms that no administrator knows of yet; other people have none. */
export const newAlarms = computed(() => {
  if (session.value?.agent.role !== "administrator") return 0;
  return channels.value.reduce((count, channel) => count + channel.alarms.filter(isNew).length, 0);
});

export function isNew(alarm: Alarm): boolean {
  return alarm.acknowledgedAt === null;
}
