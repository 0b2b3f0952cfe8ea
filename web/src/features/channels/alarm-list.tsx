import { api } from "../../api/calls";
import type { Channel } from "../../api/types";
import { Link } from "../../app/router";
import { t } from "../../i18n";
import { troubleText } from "../../i18n/refusal";
import { fullTime } from "../../i18n/dates";
import { merge } from "../../realtime/store";
import { Button } from "../../ui/button";
import { say } from "../../ui/toast";
import { alarmText } from "./alarm-words";
import { isNew, QUARANTINE } from "./alarms";

/** What an administrator should look at; known alarms stay, quietly, until their cause is gone. */
export function AlarmList({ channel }: { channel: Channel }) {
  if (channel.alarms.length === 0) return null;
  const fresh = channel.alarms.some(isNew);
  return (
    <div class={fresh ? "notice notice-danger alarms" : "notice notice-plain alarms"}>
      <ul>
        {channel.alarms.map((alarm) => (
          <li key={alarm.kind} title={fullTime(alarm.since)}>
            {alarmText(alarm, channel)}
            {alarm.kind === "quarantine" && (
              <>
                {" "}
                <Link to={`/settings/channels?${QUARANTINE}=1`}>{t("alarms.see-quarantine")}</Link>
              </>
            )}
            {!isNew(alarm) && <span class="muted"> {t("alarms.known")}</span>}
          </li>
        ))}
      </ul>
      {fresh && (
        <Button
          aria-label={t("alarms.acknowledge-named", { name: channel.name })}
          onClick={() => void acknowledge(channel)}
        >
          {t("alarms.acknowledge")}
        </Button>
      )}
    </div>
  );
}

async function acknowledge(channel: Channel): Promise<void> {
  try {
    const changed = await api.acknowledgeAlarms(channel.id);
    merge({ seq: changed.seq, channels: [changed] });
  } catch (error) {
    say(troubleText(error));
  }
}
