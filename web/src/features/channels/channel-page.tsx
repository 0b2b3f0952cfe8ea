import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import type { Channel, ChannelKind, ChannelKindList } from "../../api/types";
import { address, navigate } from "../../app/router";
import { t } from "../../i18n";
import { channels, merge } from "../../realtime/store";
import { ChannelMark } from "../../ui/channel-mark";
import { Empty, Skeleton } from "../../ui/empty";
import { ChannelForm } from "./channel-form";
import { PauseButton } from "./channel-health";
import { HealthCard } from "./health-card";
import { SmsOffNotice, SmsSwitch } from "./sms-switch";
import { useChannelForm } from "./use-channel-form";
import { WebhookCard } from "./webhook-card";

interface ChannelPageProps {
  channelId: string;
  kinds: ChannelKindList;
}

/** One channel: its webhook, its settings.  Adding one resets the live connection, so the last state is kept. */
export function ChannelPage({ channelId, kinds }: ChannelPageProps) {
  const now = channels.value.find((each) => each.id === channelId);
  const kept = useRef(now);
  kept.current = now ?? kept.current;
  const channel = kept.current;
  const isMissing = useIsMissing(channelId, channel !== undefined);
  const spec = kinds.items.find((each) => each.kind === channel?.kind && each.provider === channel.provider);
  const [fresh] = useState(() => address.peek().query.has("added"));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!fresh) return;
    // The form that had focus is gone; and what is done once is not done again by a reload.
    heading.current?.focus();
    navigate(`/settings/channels/${channelId}`, { replace: true });
  }, []);

  if (channel === undefined) {
    return isMissing ? (
      <Empty icon="inbox" title={t("channels.missing")} />
    ) : (
      <Skeleton rows={4} label={t("loading")} />
    );
  }
  return (
    <>
      <div class="channel-head">
        <h1 ref={heading} tabIndex={-1} class="page-title channel-title">
          <ChannelMark kind={channel.kind} size={20} label />
          <span class="one-line">{channel.name}</span>
        </h1>
        <SmsSwitch channel={channel} />
        <PauseButton channel={channel} />
      </div>
      <SmsOffNotice channel={channel} />
      <HealthCard channel={channel} />
      {spec !== undefined && (
        <>
          {(spec.registersWebhook || spec.webhookByHand) && (
            <WebhookCard spec={spec} channel={channel} publicUrl={kinds.publicUrl} fresh={fresh} />
          )}
          <Settings spec={spec} channel={channel} />
        </>
      )}
    </>
  );
}

function Settings({ spec, channel }: { spec: ChannelKind; channel: Channel }) {
  const state = useChannelForm(spec, channel, channel.name);
  const save = (): void =>
    void state.save(async () => {
      const changed = await api.changeChannel(channel.id, { name: state.name, settings: state.settings() });
      merge({ seq: changed.seq, channels: [changed] });
      state.clear();
      state.setOutcome({ tone: "good", lines: [t("channels.saved")] });
    });
  return <ChannelForm spec={spec} state={state} submitLabel={t("channels.save")} onSubmit={save} />;
}

/** Asked only when the live connection does not bring the channel. */
function useIsMissing(channelId: string, isThere: boolean): boolean {
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    if (isThere) return;
    const look = async (): Promise<void> => {
      const { items, seq } = await api.channels();
      merge({ seq, channels: items });
      setMissing(!items.some((each) => each.id === channelId));
    };
    look().catch(() => setMissing(true));
  }, [channelId, isThere]);
  return isMissing;
}
