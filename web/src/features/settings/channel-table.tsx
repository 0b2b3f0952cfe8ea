import type { Channel, ChannelHealth } from "../../api/types";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { fullTime, timeAgo } from "../../i18n/dates";
import type { Key } from "../../i18n/en";
import { channels } from "../../realtime/store";
import { channelKindName } from "../../ui/channel-kind";
import { ChannelMark } from "../../ui/channel-mark";
import { Empty } from "../../ui/empty";

const HEALTH: Record<ChannelHealth, Key> = {
  connected: "health.connected",
  failing: "health.failing",
  idle: "health.idle",
  paused: "health.paused",
};

export function ChannelTable() {
  if (channels.value.length === 0) {
    const isAdministrator = currentSession().agent.role === "administrator";
    return (
      <Empty icon="inbox" title={t("inbox.no-channel")}>
        {isAdministrator ? (
          <>
            <p>{t("settings.add-channel")}</p>
            <code class="command">centrala channel add</code>
          </>
        ) : (
          <p>{t("inbox.ask-administrator")}</p>
        )}
      </Empty>
    );
  }
  return (
    <ul class="channels">
      {channels.value.map((channel) => (
        <ChannelItem key={channel.id} channel={channel} />
      ))}
    </ul>
  );
}

function ChannelItem({ channel }: { channel: Channel }) {
  const { capabilities, health, lastError, lastErrorAt, lastInboundAt } = channel;
  return (
    <li class="channel">
      <ChannelMark kind={channel.kind} size={20} />
      <div class="channel-text">
        <p class="channel-name">
          <strong>{channel.name}</strong>
          <span class="muted">
            {channelKindName(channel.kind)}
            {channel.provider !== null && ` · ${channel.provider}`}
          </span>
          {!capabilities.receive && <span class="status-chip">{t("settings.send-only")}</span>}
        </p>
        <p class="muted">
          {lastInboundAt === null
            ? t("settings.no-message-yet")
            : t("settings.last-message", { time: timeAgo(lastInboundAt) })}
        </p>
        {lastError !== null && health === "failing" && (
          <p class="channel-error" title={lastErrorAt === null ? undefined : fullTime(lastErrorAt)}>
            {lastError}
          </p>
        )}
        <code class="channel-address muted one-line">{channel.webhook}</code>
      </div>
      <span class={`health health-${health}`}>{t(HEALTH[health])}</span>
    </li>
  );
}
