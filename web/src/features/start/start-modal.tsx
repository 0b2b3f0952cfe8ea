import { useId, useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import type { Channel } from "../../api/types";
import { navigate } from "../../app/router";
import { t } from "../../i18n";
import { mergeDialog } from "../../realtime/store";
import { Button } from "../../ui/button";
import { Modal } from "../../ui/modal";
import { Parts } from "../composer/composer-hints";
import { writingNext } from "../composer/focus";
import { TemplateFields } from "../composer/template-fields";
import { type Made, useTemplate } from "../composer/use-template";
import { switchedOff } from "./channels";
import { mayBeNumber } from "./number";
import { refusalOfStart } from "./refusal";

interface StartModalProps {
  channels: readonly Channel[];
  /** To whom, where that is known already. */
  to?: string;
  onClose: () => void;
}

/** A first message to somebody who may be new. */
export function StartModal({ channels, to, onClose }: StartModalProps) {
  const id = useId();
  const key = useRef(crypto.randomUUID());
  const isSent = useRef(false);
  const [channelId, setChannelId] = useState(channels[0]?.id ?? "");
  const [number, setNumber] = useState(to ?? "");
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const channel = channels.find((one) => one.id === channelId);
  const isOdd = number.trim() !== "" && !mayBeNumber(number);
  const byTemplate = channel?.capabilities.startByTemplate === true;

  const change = (): void => {
    // Something else is another message, not a repetition of this one.
    key.current = crypto.randomUUID();
    setProblem(null);
  };
  const template = useTemplate(byTemplate ? channelId : null, change);
  const message = byTemplate ? firstOf(template.made) : text.trim() === "" ? null : { text: text.trim() };
  const canSend = mayBeNumber(number) && message !== null && !isSending;

  const send = async (): Promise<void> => {
    if (!canSend) return;
    setSending(true);
    try {
      const dialog = await api.startDialog({ channelId, address: number, ...message }, key.current);
      mergeDialog(dialog);
      isSent.current = true;
      onClose();
      writingNext.value = dialog.id;
      navigate(`/inbox/${dialog.id}`);
    } catch (error) {
      setProblem(refusalOfStart(error));
      setSending(false);
    }
  };

  return (
    <Modal
      title={t("start.title")}
      onClose={onClose}
      // The composer may have been there before this one went, and could not take the focus then.
      returnTo={() => (isSent.current ? document.querySelector<HTMLElement>(".composer-field") : null)}
    >
      <form
        class="start-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <div class="field setting">
          <label for={`${id}-channel`}>{t("start.channel")}</label>
          <select
            id={`${id}-channel`}
            class="input"
            value={channelId}
            onChange={(event) => {
              setChannelId(event.currentTarget.value);
              change();
            }}
          >
            {channels.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
          {switchedOff.value.length > 0 && (
            <p class="muted">
              {t("start.some-off", { names: switchedOff.value.map((one) => one.name).join(", ") })}
            </p>
          )}
        </div>
        <div class="field setting">
          <label for={`${id}-number`}>{t("start.number")}</label>
          <input
            id={`${id}-number`}
            class="input"
            type="tel"
            data-first-focus={to === undefined ? "" : undefined}
            autocomplete="off"
            maxLength={40}
            value={number}
            aria-invalid={isOdd}
            aria-describedby={`${id}-about`}
            onInput={(event) => {
              setNumber(event.currentTarget.value);
              change();
            }}
          />
          <p id={`${id}-about`} class={isOdd ? "setting-error" : "muted"}>
            {t(isOdd ? "start.odd-number" : "start.number-hint")}
          </p>
        </div>
        {byTemplate ? (
          <TemplateFields state={template} />
        ) : (
          <div class="field setting">
            <label for={`${id}-text`}>{t("start.text")}</label>
            <textarea
              id={`${id}-text`}
              class="input"
              rows={4}
              maxLength={channel?.capabilities.textLimit}
              value={text}
              onInput={(event) => {
                setText(event.currentTarget.value);
                change();
              }}
            />
            <p class="hints">
              {channel !== undefined && !channel.capabilities.receive && (
                <span class="hint-warn">{t("composer.send-only")}</span>
              )}
              {channel?.capabilities.segments && text !== "" && <Parts text={text} />}
            </p>
          </div>
        )}
        {problem !== null && (
          <p class="setting-error" role="alert">
            {problem}
          </p>
        )}
        <Button kind="primary" type="submit" disabled={!canSend}>
          {t("composer.send")}
        </Button>
      </form>
    </Modal>
  );
}

/** A template as the first message. */
function firstOf(made: Made | null) {
  if (made === null) return null;
  return { template: made.filled, attachmentIds: made.attachments.map(({ id }) => id) };
}
