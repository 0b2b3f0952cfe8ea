import { api } from "../../api/calls";
import type { Channel } from "../../api/types";
import { t } from "../../i18n";
import { troubleText } from "../../i18n/refusal";
import { merge } from "../../realtime/store";
import { Button } from "../../ui/button";
import { say } from "../../ui/toast";

/** SMS on or off for a number; other channels have no such switch. */
export function SmsSwitch({ channel }: { channel: Channel }) {
  const { smsOn, name } = channel;
  if (smsOn === null) return null;
  return (
    <Button
      aria-label={t(smsOn ? "channels.sms-off-named" : "channels.sms-on-named", { name })}
      onClick={() => void setSms(channel, !smsOn)}
    >
      {t(smsOn ? "channels.sms-off" : "channels.sms-on")}
    </Button>
  );
}

/** What that means, where it is off. */
export function SmsOffNotice({ channel }: { channel: Channel }) {
  if (channel.smsOn !== false) return null;
  return <p class="notice notice-plain">{t("channels.sms-off-explained")}</p>;
}

async function setSms(channel: Channel, smsOn: boolean, offerUndo = true): Promise<void> {
  try {
    const changed = await api.changeChannel(channel.id, { smsOn });
    merge({ seq: changed.seq, channels: [changed] });
    const undo = { label: t("channels.undo"), run: () => void setSms(channel, !smsOn, false) };
    const text = t(smsOn ? "channels.sms-is-on" : "channels.sms-is-off", { name: channel.name });
    say(text, offerUndo ? undo : undefined);
  } catch (error) {
    say(troubleText(error));
  }
}
