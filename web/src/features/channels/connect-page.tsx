import { api } from "../../api/calls";
import type { ChannelKind } from "../../api/types";
import { navigate } from "../../app/router";
import { t } from "../../i18n";
import { merge } from "../../realtime/store";
import { ChannelMark } from "../../ui/channel-mark";
import { ChannelForm } from "./channel-form";
import { StepList } from "./step-list";
import { useChannelForm } from "./use-channel-form";
import { fullName, kindName, stepsOf } from "./words";

/** A new channel: this kind's own steps, then its fields. */
export function ConnectPage({ spec }: { spec: ChannelKind }) {
  const kind = kindName(spec);
  const state = useChannelForm(spec, null, kind);

  const connect = (): void =>
    void state.save(async () => {
      const channel = await api.addChannel(spec, state.name, state.settings());
      merge({ seq: channel.seq, channels: [channel] });
      navigate(`/settings/channels/${channel.id}?added=1`, { replace: true });
    });

  return (
    <>
      <h1 class="page-title channel-title">
        <ChannelMark kind={spec.kind} size={20} />
        {t("channels.connect-title", { kind: fullName(spec) })}
      </h1>
      <section class="card" aria-label={t("channels.steps")}>
        <h2>{t("channels.steps")}</h2>
        <StepList steps={stepsOf(spec)} />
      </section>
      <ChannelForm spec={spec} state={state} submitLabel={t("channels.connect")} onSubmit={connect} />
    </>
  );
}
