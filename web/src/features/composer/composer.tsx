import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Dialog } from "../../api/types";
import { now } from "../../app/clock";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { inbox } from "../../realtime/store";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { reopenDialog, take } from "../thread/actions";
import { rightsFor } from "../thread/rights";
import { ComposerBar } from "./composer-bar";
import { ComposerField } from "./composer-field";
import { ComposerHints } from "./composer-hints";
import { ComposerQuote } from "./composer-quote";
import { type ComposeKind, readDraft, writeDraft } from "./drafts";
import { offerComposer, writingNext } from "./focus";
import { replyLock, takesTemplate, textLength, textLimit } from "./limits";
import { LinkButtonFields } from "./link-button-fields";
import { type LinkDraft, newLink, written } from "./link-buttons";
import { LockNotice } from "./lock-notice";
import { post } from "./outbox";
import { filled, newReply, QuickReplyFields, type ReplyDraft } from "./quick-reply-fields";
import { setTarget, targetOf } from "./reply-target";
import { newestMessageId, newestSeq } from "./seen";
import { TemplateModal } from "./template-modal";
import { UploadTray } from "./upload-tray";
import { uploadsFor } from "./uploads";
import { useFileDrop } from "./use-file-drop";

export function Composer({ dialog }: { dialog: Dialog }) {
  const rights = rightsFor(dialog, currentSession());
  if (dialog.status === "closed") {
    return (
      <div class="composer composer-closed">
        <p class="muted">{t("composer.closed")}</p>
        {rights.reopen && <Button onClick={() => void reopenDialog(dialog)}>{t("thread.reopen")}</Button>}
      </div>
    );
  }
  return <OpenComposer key={dialog.id} dialog={dialog} mayReply={rights.reply} />;
}

function OpenComposer({ dialog, mayReply }: { dialog: Dialog; mayReply: boolean }) {
  const me = currentSession().agent.id;
  const channel = inbox.value.channels.get(dialog.channel.id);
  const capabilities = channel?.capabilities;
  const lock = replyLock(dialog, mayReply, now.value, channel);
  const [kind, setKind] = useState<ComposeKind>(lock === "not_yours" ? "note" : "message");
  const [text, setText] = useState(() => readDraft(me, dialog.id, kind));
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const wantsFocus = useRef(false);
  const { uploads, add, remove, clear, ready } = uploadsFor(me, dialog.id, capabilities);
  const [choosesTemplate, setChoosesTemplate] = useState(false);
  const [offered, setOffered] = useState<readonly ReplyDraft[]>([]);
  const [linked, setLinked] = useState<readonly LinkDraft[]>([]);

  const change = (next: string): void => {
    setText(next);
    writeDraft(me, dialog.id, kind, next);
  };
  const begin = (next: ComposeKind, returned?: string): void => {
    if (returned !== undefined) {
      const begun = readDraft(me, dialog.id, next);
      writeDraft(me, dialog.id, next, begun === "" ? returned : `${returned}\n${begun}`);
    }
    setKind(next);
    setText(readDraft(me, dialog.id, next));
    field.current?.focus();
    wantsFocus.current = true;
  };
  useEffect(() => offerComposer(begin));
  useLayoutEffect(() => {
    // There was no field to focus while replies were locked.
    if (wantsFocus.current) field.current?.focus();
    wantsFocus.current = false;
  }, [kind]);

  const isAwaited = writingNext.value === dialog.id;
  useEffect(() => {
    if (!isAwaited) return;
    writingNext.value = null;
    // Locked, it has no field: then to the first thing that can be done here.
    (field.current ?? form.current?.querySelector<HTMLElement>("button"))?.focus();
  }, [isAwaited]);

  const isNote = kind === "note";
  const isLocked = !isNote && lock !== null;
  const takesFiles = !isNote && !isLocked && (capabilities?.files.length ?? 0) > 0;
  const isOver = useFileDrop(takesFiles ? add : undefined);
  const sent = isNote ? [] : uploads;
  const limit = textLimit(kind, capabilities);
  const quickReplies = isNote ? [] : filled(offered);
  const replyTo = isNote || capabilities?.replyTo !== true ? null : targetOf(dialog.id);
  const isTooLong = limit !== null && textLength(text.trim()) > limit;
  const links = written(
    isNote ? [] : linked,
    quickReplies.map(({ title }) => title),
  );
  const hasButtons = quickReplies.length > 0 || links.buttons.length > 0;
  const isEmpty = text.trim() === "" && (sent.length === 0 || hasButtons);
  const canSend = !isEmpty && !isTooLong && !isLocked && !links.wrong && (isNote || ready);
  const takesFirst = !isNote && dialog.assignee === null;
  const takesBoth = capabilities?.linkButtons?.withQuickReplies === true;

  const send = async (alsoTake: boolean): Promise<void> => {
    if (!canSend) return;
    // Of this moment: what comes while the dialog is being taken was not seen.
    const seenSeq = newestSeq(dialog);
    const afterId = newestMessageId(dialog);
    if (alsoTake && !(await take(dialog))) return;
    const attachments = sent.flatMap((one) => one.done ?? []);
    post({
      dialogId: dialog.id,
      kind,
      text: text.trim(),
      attachments,
      replyTo,
      quickReplies,
      linkButtons: links.buttons,
      seenSeq: isNote ? null : seenSeq,
      afterId,
    });
    change("");
    if (!isNote) {
      clear();
      setOffered([]);
      setLinked([]);
      setTarget(dialog.id, null);
    }
    field.current?.focus();
  };

  const mayTemplate = takesTemplate(lock, dialog, capabilities);
  useEffect(() => {
    // It is not to come back by itself once templates can be sent again.
    if (!mayTemplate) setChoosesTemplate(false);
  }, [mayTemplate]);

  return (
    <>
      {choosesTemplate && mayTemplate && (
        <TemplateModal dialog={dialog} onClose={() => setChoosesTemplate(false)} />
      )}
      {isOver && (
        <p class="drop-here">
          <Icon name="attach" />
          {t("composer.drop-here")}
        </p>
      )}
      <form
        ref={form}
        class={`composer ${isNote ? "composer-note" : ""}`}
        aria-label={t("composer.label")}
        onSubmit={(event) => {
          event.preventDefault();
          void send(takesFirst);
        }}
      >
        {isLocked ? (
          <LockNotice
            lock={lock}
            dialog={dialog}
            capabilities={capabilities}
            onTemplate={mayTemplate ? () => setChoosesTemplate(true) : undefined}
          />
        ) : (
          <>
            {replyTo !== null && <ComposerQuote dialogId={dialog.id} messageId={replyTo} />}
            <ComposerField
              fieldRef={field}
              kind={kind}
              text={text}
              dialogId={dialog.id}
              onChange={change}
              onSend={() => void send(takesFirst)}
              onFiles={takesFiles ? add : undefined}
            />
            <UploadTray uploads={sent} onRemove={remove} />
            {!isNote && capabilities?.quickReplies && (
              <QuickReplyFields replies={offered} rule={capabilities.quickReplies} onChange={setOffered} />
            )}
            {!isNote && capabilities?.linkButtons && (
              <LinkButtonFields links={linked} rule={capabilities.linkButtons} onChange={setLinked} />
            )}
          </>
        )}
        {!isLocked && (
          <ComposerHints
            kind={kind}
            text={text}
            limit={limit}
            attachments={sent.flatMap((one) => one.done ?? [])}
            quickReplies={quickReplies.length}
            linkButtons={links.buttons.length}
            isLinkWrong={links.wrong}
            dialog={dialog}
            capabilities={capabilities}
          />
        )}
        <ComposerBar
          kind={kind}
          onKind={begin}
          canSend={canSend}
          isLocked={isLocked}
          takesFirst={takesFirst}
          onSendOnly={() => void send(false)}
          capabilities={isNote ? undefined : capabilities}
          onFiles={add}
          onQuickReplies={
            offered.length === 0 && (takesBoth || linked.length === 0)
              ? () => setOffered([newReply()])
              : undefined
          }
          onLinkButtons={
            linked.length === 0 && (takesBoth || offered.length === 0)
              ? () => setLinked([newLink()])
              : undefined
          }
        />
      </form>
    </>
  );
}
