import type { ChannelRef } from "../../api/types";
import { inbox } from "../../realtime/store";
import { channelKindName } from "../../ui/channel-kind";

/** Whom customers see as the sender of SMS: our number, or a text where nobody can answer; null on other channels. */
export function senderOf(channel: ChannelRef): string | null {
  return inbox.value.channels.get(channel.id)?.capabilities.sender ?? null;
}

/** Beside the kind: the sender, else the account; nothing where that says no more than the kind. */
export function senderOrName(channel: ChannelRef): string | null {
  const shown = senderOf(channel) ?? channel.name;
  return shown === channelKindName(channel.kind) ? null : shown;
}
