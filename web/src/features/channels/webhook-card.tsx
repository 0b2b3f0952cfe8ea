import { useEffect, useId, useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import type { Channel, ChannelKind, WebhookAnswer } from "../../api/types";
import { t } from "../../i18n";
import { isKey, troubleText } from "../../i18n/refusal";
import { Button } from "../../ui/button";
import { failureText } from "../thread/failure-text";
import { StepList } from "./step-list";
import { kindName, stepsAfter } from "./words";

interface WebhookCardProps {
  spec: ChannelKind;
  channel: Channel;
  publicUrl: string;
  /** The channel was just added: register its webhook at once. */
  fresh: boolean;
}

type Answer = { answer: WebhookAnswer } | { failure: string };

/** Where the provider calls, what to do with that address, and telling the provider where it takes it by its API. */
export function WebhookCard({ spec, channel, publicUrl, fresh }: WebhookCardProps) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<Answer | null>(null);
  const kind = kindName(spec);

  const register = async (): Promise<void> => {
    setBusy(true);
    setResult(null);
    try {
      setResult({ answer: await api.registerWebhook(channel.id) });
    } catch (error) {
      setResult({ failure: troubleText(error) });
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (fresh && spec.registersWebhook) void register();
  }, []);

  return (
    <section class="card" aria-label={t("webhook.title")}>
      <h2>{t("webhook.title")}</h2>
      <CopyField label={t("webhook.address")} text={publicUrl + channel.webhook} />
      {spec.webhookByHand ? (
        <StepList steps={stepsAfter(spec)} />
      ) : (
        <p class="muted">{t("webhook.automatic", { kind })}</p>
      )}
      <div role="status" class="channel-result" data-testid="webhook-result">
        {busy && <p class="muted">{t("webhook.registering", { kind })}</p>}
        {result !== null && <Said result={result} spec={spec} />}
      </div>
      <div class="channel-buttons">
        <Button disabled={busy || !channel.active} onClick={() => void register()}>
          {spec.registersWebhook ? t("webhook.register") : t("webhook.look", { kind })}
        </Button>
      </div>
    </section>
  );
}

function Said({ result, spec }: { result: Answer; spec: ChannelKind }) {
  const kind = kindName(spec);
  if ("failure" in result) return <p class="notice notice-danger">{result.failure}</p>;
  const { error, code, polls } = result.answer;
  if (error !== null) {
    const key = `register.${code}`;
    const why = code === null ? error : failureText({ code, text: error, providerCode: null });
    const text = isKey(key) ? t(key, { kind }) : t("webhook.failed", { kind, error: why });
    return <p class="notice notice-danger">{text}</p>;
  }
  if (polls) return <p class="notice">{t("webhook.polls", { kind })}</p>;
  const byHand = spec.webhookByHand && spec.registersWebhook;
  return <p class="notice">{byHand ? t("webhook.done-by-hand") : t("webhook.done", { kind })}</p>;
}

function CopyField({ label, text }: { label: string; text: string }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");

  const copy = async (): Promise<void> => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      setSaid(t("webhook.copied"));
    } catch {
      // Without HTTPS browsers lend no clipboard; the address is selected, so a key is enough.
      setSaid(t("webhook.copy-failed"));
    }
  };

  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy-field">
        <input ref={field} id={id} class="input" readOnly value={text} />
        <Button onClick={() => void copy()}>{t("webhook.copy")}</Button>
      </div>
      <p role="status" class="muted setting-about">
        {said}
      </p>
    </div>
  );
}
