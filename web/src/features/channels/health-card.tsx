import { useId } from "preact/hooks";

import { api } from "../../api/calls";
import type { Channel } from "../../api/types";
import { t } from "../../i18n";
import { troubleText } from "../../i18n/refusal";
import { agoInWords, fullTime } from "../../i18n/dates";
import { merge } from "../../realtime/store";
import { say } from "../../ui/toast";
import { AlarmList } from "./alarm-list";
import { channelErrorText, mendedText } from "./error-text";
import { HealthMark } from "./channel-health";

const LIMITS = [6, 12, 24, 48, 72, 168];

/** How a channel does: what came and went last, what waits at the provider, when silence is an alarm. */
export function HealthCard({ channel }: { channel: Channel }) {
  const { lastError, lastErrorAt, pending, mended, mendedAt } = channel;
  return (
    <section class="card" aria-label={t("health.title")}>
      <h2>{t("health.title")}</h2>
      <AlarmList channel={channel} />
      {lastError !== null && channel.health === "failing" && (
        <p class="notice notice-danger">
          {channelErrorText(channel)} <When at={lastErrorAt} />
        </p>
      )}
      <dl class="facts">
        <dt>{t("health.state")}</dt>
        <dd>
          <HealthMark health={channel.health} />
        </dd>
        {lastError !== null && channel.health !== "failing" && (
          <>
            <dt>{t("health.last-error")}</dt>
            <dd>
              {channelErrorText(channel)} <When at={lastErrorAt} />
            </dd>
          </>
        )}
        <dt>{t("health.last-in")}</dt>
        <dd>{channel.lastInboundAt === null ? t("health.never") : <When at={channel.lastInboundAt} />}</dd>
        <dt>{t("health.last-out")}</dt>
        <dd>{channel.lastOutboundAt === null ? t("health.never") : <When at={channel.lastOutboundAt} />}</dd>
        {pending !== null && (
          <>
            <dt>{t("health.pending")}</dt>
            <dd>{t("health.messages", { n: pending })}</dd>
          </>
        )}
        {mended !== null && (
          <>
            <dt>{t("health.mended")}</dt>
            <dd>
              {mendedText(mended)} <When at={mendedAt} />
            </dd>
          </>
        )}
      </dl>
      {channel.capabilities.receive && <SilenceChoice channel={channel} />}
    </section>
  );
}

function When({ at }: { at: string | null }) {
  if (at === null) return null;
  return (
    <time class="muted" dateTime={at} title={fullTime(at)}>
      {agoInWords(at)}
    </time>
  );
}

function SilenceChoice({ channel }: { channel: Channel }) {
  const id = useId();
  const { silenceHours } = channel;
  const limits = silenceHours === null || LIMITS.includes(silenceHours) ? LIMITS : [silenceHours, ...LIMITS];
  return (
    <div class="field setting">
      <label for={id}>{t("health.silence")}</label>
      <select
        id={id}
        class="input"
        aria-describedby={`${id}-about`}
        value={silenceHours ?? ""}
        onChange={(event) => void setSilence(channel, event.currentTarget.value)}
      >
        <option value="">{t("health.silence-never")}</option>
        {limits.map((hours) => (
          <option key={hours} value={hours}>
            {t("health.silence-hours", { n: hours })}
          </option>
        ))}
      </select>
      <p id={`${id}-about`} class="muted setting-about">
        {t("health.silence-hint")}
      </p>
    </div>
  );
}

async function setSilence(channel: Channel, chosen: string): Promise<void> {
  try {
    const changed = await api.changeChannel(channel.id, {
      silenceHours: chosen === "" ? null : Number(chosen),
    });
    merge({ seq: changed.seq, channels: [changed] });
    say(t("health.silence-saved"));
  } catch (error) {
    say(troubleText(error));
  }
}
