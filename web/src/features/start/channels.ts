import { computed } from "@preact/signals";

import { channels } from "../../realtime/store";

const mayStart = computed(() => channels.value.filter((one) => one.active && one.capabilities.startDialog));

/** Where we may write first. */
export const startChannels = computed(() => mayStart.value.filter((one) => one.smsOn !== false));

/** Numbers that would be there too, if SMS were on for them. */
export const switchedOff = computed(() => mayStart.value.filter((one) => one.smsOn === false));
