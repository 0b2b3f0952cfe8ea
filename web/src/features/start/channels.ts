import { computed } from "@preact/signals";

import { channels } from "../../realtime/store";

/** Where we may write first. */
export const startChannels = computed(() =>
  channels.value.filter((one) => one.active && one.capabilities.startDialog),
);
