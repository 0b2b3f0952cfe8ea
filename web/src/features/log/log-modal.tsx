import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import type { Dialog } from "../../api/types";
import { goBack, navigate, withQuery } from "../../app/router";
import { singleKeys } from "../../app/preferences";
import { isTyping, letterOf } from "../../app/shortcuts";
import { t } from "../../i18n";
import { inbox } from "../../realtime/store";
import { Button, IconButton } from "../../ui/button";
import { ChannelMark } from "../../ui/channel-mark";
import { Modal } from "../../ui/modal";
import { sourceFacts } from "../contact/source-text";
import { contactName } from "../inbox/names";
import { senderOf } from "../inbox/sender";
import { Thread } from "../thread/thread";
import { ThreadZone } from "../thread/zone";
import { COLUMNS } from "./columns";

interface LogModalProps {
  dialogId: string;
  /** The list it was opened from, for going on to the next. */
  ids: readonly string[];
  timeZone: string;
  onShow: (dialogId: string) => void;
  onNearEnd: () => void;
}

/** One dialog with its whole history, to read only: nothing here marks, assigns or sends anything. */
export function LogModal({ dialogId, ids, timeZone, onShow, onNearEnd }: LogModalProps) {
  const dialog = inbox.value.dialogs.get(dialogId);
  const at = ids.indexOf(dialogId);
  const previous = ids[at - 1];
  const next = at === -1 ? undefined : ids[at + 1];

  useEffect(() => {
    if (at >= ids.length - 3) onNearEnd();
  }, [at, ids.length]);

  useEffect(() => {
    const step = (event: KeyboardEvent): void => {
      if (!singleKeys.peek() || isTyping(event)) return;
      const letter = letterOf(event);
      const target = letter === "j" ? next : letter === "k" ? previous : undefined;
      if (target === undefined) return;
      event.preventDefault();
      onShow(target);
    };
    document.addEventListener("keydown", step);
    return () => document.removeEventListener("keydown", step);
  }, [previous, next]);

  return (
    <Modal
      size="large"
      title={dialog === undefined ? t("thread.label") : <Title dialog={dialog} />}
      onClose={() => goBack(withQuery("/log"))}
      returnTo={() => document.querySelector<HTMLElement>(`[data-log-row="${dialogId}"] a`)}
      actions={
        <>
          {dialog?.status === "open" && (
            <Button
              icon="inbox"
              aria-label={t("log.open-in-inbox")}
              onClick={() => navigate(`/inbox/${dialog.id}`)}
            >
              <span class="wide-only">{t("log.open-in-inbox")}</span>
            </Button>
          )}
          <Step icon="up" label={t("log.previous")} shortcut="k" target={previous} onShow={onShow} />
          <Step icon="down" label={t("log.next")} shortcut="j" target={next} onShow={onShow} />
        </>
      }
    >
      {dialog !== undefined && <Facts dialog={dialog} timeZone={timeZone} />}
      <ThreadZone.Provider value={timeZone}>
        <Thread key={dialogId} dialogId={dialogId} readOnly />
      </ThreadZone.Provider>
    </Modal>
  );
}

function Title({ dialog }: { dialog: Dialog }) {
  return (
    <span class="log-modal-title">
      <ChannelMark kind={dialog.channel.kind} label />
      <span class="one-line" dir="auto">
        {contactName(dialog.contact)}
      </span>
      <span class="muted number wide-only">{t("thread.number", { number: String(dialog.number) })}</span>
    </span>
  );
}

interface StepProps {
  icon: "up" | "down";
  label: string;
  shortcut: string;
  target: string | undefined;
  onShow: (dialogId: string) => void;
}

function Step({ icon, label, shortcut, target, onShow }: StepProps) {
  return (
    <IconButton
      icon={icon}
      label={label}
      shortcut={shortcut}
      disabled={target === undefined}
      onClick={() => target !== undefined && onShow(target)}
    />
  );
}

const IN_MODAL = new Set(["created", "closed", "agent", "last-reply", "status", "messages"]);

/** The row's own data, so that the row need not be remembered. */
function Facts({ dialog, timeZone }: { dialog: Dialog; timeZone: string }) {
  const sender = senderOf(dialog.channel);
  return (
    <dl class="log-facts">
      <Fact name={t("log.contact")}>{dialog.contact.address}</Fact>
      <Fact name={t("log.channel")}>{dialog.channel.name}</Fact>
      {sender !== null && <Fact name={t("log.sender")}>{sender}</Fact>}
      {COLUMNS.filter(({ id }) => IN_MODAL.has(id) && (id !== "closed" || dialog.closedAt !== null)).map(
        (column) => (
          <Fact key={column.id} name={t(column.label)}>
            {column.cell(dialog, timeZone)}
          </Fact>
        ),
      )}
      {sourceFacts(dialog.source).map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="log-fact">
      <dt class="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
