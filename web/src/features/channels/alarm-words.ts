import type { Alarm, Channel } from "../../api/types";
import { t } from "../../i18n";
import { dateAndTime } from "../../i18n/dates";

export function alarmText(alarm: Alarm, channel: Channel): string {
  const time = dateAndTime(alarm.since);
  switch (alarm.kind) {
    case "failing":
      return t("alarms.failing", { time });
    case "silent":
      return channel.lastInboundAt === null
        ? t("alarms.never-a-message", { n: channel.silenceHours ?? 0 })
        : t("alarms.silent", { n: channel.silenceHours ?? 0, time: dateAndTime(channel.lastInboundAt) });
    case "quarantine":
      return t("alarms.quarantine", { n: alarm.count ?? 1 });
  }
}
