import type { Channel } from "../../api/types";
import { Link } from "../../app/router";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { agoInWords, fullTime } from "../../i18n/dates";
import { channels } from "../../realtime/store";
import { channelKindName, providerName } from "../../ui/channel-kind";
import { ChannelMark } from "../../ui/channel-mark";
import { Empty } from "../../ui/empty";
import { AlarmList } from "../channels/alarm-list";
import { channelErrorText } from "../channels/error-text";
import { HealthMark, PauseButton } from "../channels/channel-health";
import { SmsSwitch } from "../channels/sms-switch";

export function ChannelTable() {
  const isAdministrator = currentSession().agent.role === "administrator";
  if (channels.value.length === 0) {
    return (
      <Empty icon="inbox" title={t("inbox.no-channel")}>
        {isAdministrator ? (
          <Link to="/settings/channels/new" class="button button-primary">
            {t("channels.add")}
          </Link>
        ) : (
          <p>{t("inbox.ask-administrator")}</p>
        )}
      </Empty>
    );
  }
  return (
    <ul class="channels">
      {channels.value.map((channel) => (
        <ChannelItem key={channel.id} channel={channel} isAdministrator={isAdministrator} />
      ))}
    </ul>
  );
}

function ChannelItem({ channel, isAdministrator }: { channel: Channel; isAdministrator: boolean }) {
  const { capabilities, health, lastError, lastErrorAt } = channel;
  return (
    <li class="channel" data-channel={channel.id}>
      <ChannelMark kind={channel.kind} size={20} />
      <div class="channel-text">
        <p class="channel-name">
          <strong>{channel.name}</strong>
          <span class="muted">
            {channelKindName(channel.kind)}
            {channel.provider !== null && ` · ${providerName(channel.provider)}`}
          </span>
          {!capabilities.receive && <span class="status-chip">{t("settings.send-only")}</span>}
        </p>
        <LastMessages channel={channel} />
        {isAdministrator && <AlarmList channel={channel} />}
        {lastError !== null && health === "failing" && (
          <p class="channel-error" title={lastErrorAt === null ? undefined : fullTime(lastErrorAt)}>
            {channelErrorText(channel)}
          </p>
        )}
      </div>
      <div class="channel-side">
        <HealthMark health={health} />
        {isAdministrator && (
          <div class="channel-actions">
            <SmsSwitch channel={channel} />
            <PauseButton channel={channel} />
            <Link
              to={`/settings/channels/${channel.id}`}
              class="button button-plain"
              aria-label={t("channels.edit-named", { name: channel.name })}
            >
              {t("channels.edit")}
            </Link>
          </div>
        )}
      </div>
    </li>
  );
}

function LastMessages({ channel: { lastInboundAt, lastOutboundAt, pending } }: { channel: Channel }) {
  if (lastInboundAt === null && lastOutboundAt === null && !pending) {
    return <p class="muted">{t("settings.no-message-yet")}</p>;
  }
  return (
    <p class="muted channel-times">
      {lastInboundAt !== null && (
        <span title={fullTime(lastInboundAt)}>
          {t("channels.last-in", { time: agoInWords(lastInboundAt) })}
        </span>
      )}
      <span title={lastOutboundAt === null ? undefined : fullTime(lastOutboundAt)}>
        {lastOutboundAt === null
          ? t("channels.nothing-out")
          : t("channels.last-out", { time: agoInWords(lastOutboundAt) })}
      </span>
      {pending !== null && pending > 0 && <span>{t("channels.pending", { n: pending })}</span>}
    </p>
  );
}
