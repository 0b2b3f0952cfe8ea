import type { Channel } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../ui/button";
import { turn } from "./turn";

/** SMS on or off for a number; other channels have no such switch. */
export function SmsSwitch({ channel }: { channel: Channel }) {
  const { smsOn, name } = channel;
  if (smsOn === null) return null;
  return (
    <Button
      aria-label={t(smsOn ? "channels.sms-off-named" : "channels.sms-on-named", { name })}
      onClick={() => void turn(channel, "smsOn", !smsOn)}
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
