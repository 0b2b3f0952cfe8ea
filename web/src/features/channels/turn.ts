import { api } from "../../api/calls";
import type { Channel } from "../../api/types";
import { t } from "../../i18n";
import { troubleText } from "../../i18n/refusal";
import { merge } from "../../realtime/store";
import { say } from "../../ui/toast";

const SAID = {
  active: { on: "channels.resumed", off: "channels.paused" },
  smsOn: { on: "channels.sms-is-on", off: "channels.sms-is-off" },
} as const;

/** Turn a switch of a channel, and say so with the way back. */
export async function turn(
  channel: Channel,
  what: keyof typeof SAID,
  on: boolean,
  offerUndo = true,
): Promise<void> {
  const from = document.activeElement;
  try {
    const changed = await api.changeChannel(channel.id, { [what]: on });
    merge({ seq: changed.seq, channels: [changed] });
    const undo = { label: t("channels.undo"), run: () => void turn(channel, what, !on, false) };
    const text = t(SAID[what][on ? "on" : "off"], { name: channel.name });
    say(text, offerUndo ? undo : undefined, from);
  } catch (error) {
    say(troubleText(error));
  }
}
