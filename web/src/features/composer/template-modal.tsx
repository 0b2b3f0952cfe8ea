import type { Dialog } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../ui/button";
import { Modal } from "../../ui/modal";
import { take } from "../thread/actions";
import { post } from "./outbox";
import { newestMessageId, newestSeq } from "./seen";
import { TemplateFields } from "./template-fields";
import { useTemplate } from "./use-template";

interface TemplateModalProps {
  dialog: Dialog;
  onClose: () => void;
}

/** Answer with one of the channel's approved templates. */
export function TemplateModal({ dialog, onClose }: TemplateModalProps) {
  const state = useTemplate(dialog.channel.id);
  const { made } = state;
  const takesFirst = dialog.assignee === null;

  const send = async (): Promise<void> => {
    if (made === null) return;
    const seen = { seenSeq: newestSeq(dialog), afterId: newestMessageId(dialog) };
    if (takesFirst && !(await take(dialog))) return;
    post({
      ...seen,
      dialogId: dialog.id,
      kind: "message",
      text: made.text,
      attachments: made.attachments,
      template: made.filled,
    });
    onClose();
  };

  return (
    <Modal title={t("template.title")} onClose={onClose}>
      <form
        class="start-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TemplateFields state={state} />
        <Button kind="primary" type="submit" disabled={made === null}>
          {t(takesFirst ? "composer.take-and-send" : "composer.send")}
        </Button>
      </form>
    </Modal>
  );
}
