import { api } from "../../api/calls";
import type { Channel, ChannelHealth } from "../../api/types";
import { t } from "../../i18n";
import { troubleText } from "../../i18n/refusal";
import type { Key } from "../../i18n/en";
import { merge } from "../../realtime/store";
import { Button } from "../../ui/button";
import { say } from "../../ui/toast";

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
      onClick={() => void setActive(channel, !active)}
    >
      {t(active ? "channels.pause" : "channels.resume")}
    </Button>
  );
}

async function setActive(channel: Channel, active: boolean, offerUndo = true): Promise<void> {
  const from = document.activeElement;
  try {
    const changed = await api.changeChannel(channel.id, { active });
    merge({ seq: changed.seq, channels: [changed] });
    const undo = { label: t("channels.undo"), run: () => void setActive(channel, !active, false) };
    const text = t(active ? "channels.resumed" : "channels.paused", { name: channel.name });
    say(text, offerUndo ? undo : undefined, from);
  } catch (error) {
    say(troubleText(error));
  }
}
