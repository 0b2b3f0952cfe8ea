import type { Channel, ChannelHealth } from "../../api/types";
import { t } from "../../i18n";
import type { Key } from "../../i18n/en";
import { Button } from "../../ui/button";
import { turn } from "./turn";

const HEALTH: Record<ChannelHealth, Key> = {
  connected: "health.connected",
  failing: "health.failing",
  idle: "health.idle",
  paused: "health.paused",
  off: "health.off",
};

export function HealthMark({ health }: { health: ChannelHealth }) {
  return <span class={`health health-${health}`}>{t(HEALTH[health])}</span>;
}

export function PauseButton({ channel }: { channel: Channel }) {
  const { active, name } = channel;
  return (
    <Button
      aria-label={t(active ? "channels.pause-named" : "channels.resume-named", { name })}
      onClick={() => void turn(channel, "active", !active)}
    >
      {t(active ? "channels.pause" : "channels.resume")}
    </Button>
  );
}
