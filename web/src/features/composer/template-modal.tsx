import { useEffect, useId, useState } from "preact/hooks";

import { api } from "../../api/calls";
import { isProblem } from "../../api/problem";
import type { Dialog, Template } from "../../api/types";
import { t } from "../../i18n";
import { refusalText } from "../../i18n/refusal";
import { Button } from "../../ui/button";
import { Modal } from "../../ui/modal";
import { take } from "../thread/actions";
import { post } from "./outbox";
import { newestMessageId, newestSeq } from "./seen";
import { filledOf, keyOf, mayFill, rendered } from "./templates";

interface TemplateModalProps {
  dialog: Dialog;
  onClose: () => void;
}

/** Choose one of the channel's approved templates, fill its blanks, see what the customer will read, send it. */
export function TemplateModal({ dialog, onClose }: TemplateModalProps) {
  const [templates, setTemplates] = useState<readonly Template[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = async (): Promise<void> => {
    setProblem(null);
    try {
      setTemplates((await api.templates(dialog.id)).items);
    } catch (error) {
      setProblem(isProblem(error) ? refusalText(error) : t("action.unreachable"));
    }
  };
  useEffect(() => void load(), [dialog.id]);

  return (
    <Modal title={t("template.title")} onClose={onClose}>
      {problem !== null && (
        <div role="alert" class="start-form">
          <p class="setting-error">{problem}</p>
          <Button onClick={() => void load()}>{t("retry")}</Button>
        </div>
      )}
      {problem === null && templates === null && <p role="status">{t("template.loading")}</p>}
      {templates !== null && templates.length === 0 && <p class="muted">{t("template.none")}</p>}
      {templates !== null && templates.length > 0 && (
        <TemplateForm dialog={dialog} templates={templates} onClose={onClose} />
      )}
    </Modal>
  );
}

function TemplateForm({
  dialog,
  templates,
  onClose,
}: TemplateModalProps & { templates: readonly Template[] }) {
  const id = useId();
  const [chosen, setChosen] = useState<Template>(templates[0] as Template);
  const [typed, setTyped] = useState<readonly string[]>([]);
  const blanks = Array.from({ length: chosen.variables }, (_, index) => index + 1);
  const variables = blanks.map((blank) => typed[blank - 1] ?? "");
  const canSend = variables.every(mayFill);
  const takesFirst = dialog.assignee === null;

  const send = async (): Promise<void> => {
    if (!canSend) return;
    const seen = { seenSeq: newestSeq(dialog), afterId: newestMessageId(dialog) };
    if (takesFirst && !(await take(dialog))) return;
    const trimmed = variables.map((text) => text.trim());
    post({
      ...seen,
      dialogId: dialog.id,
      kind: "message",
      text: rendered(chosen, trimmed),
      attachments: [],
      template: filledOf(chosen, trimmed),
    });
    onClose();
  };

  return (
    <form
      class="start-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="field setting">
        <label for={`${id}-template`}>{t("template.which")}</label>
        <select
          id={`${id}-template`}
          class="input"
          value={keyOf(chosen)}
          onChange={(event) => {
            const key = event.currentTarget.value;
            setChosen(templates.find((one) => keyOf(one) === key) ?? chosen);
            setTyped([]);
          }}
        >
          {templates.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {`${one.name} (${one.language})`}
            </option>
          ))}
        </select>
      </div>
      {blanks.map((blank) => (
        <div key={blank} class="field setting">
          <label for={`${id}-${blank}`}>{t("template.variable", { n: blank })}</label>
          <input
            id={`${id}-${blank}`}
            class="input"
            type="text"
            autocomplete="off"
            maxLength={1024}
            required
            value={typed[blank - 1] ?? ""}
            onInput={(event) => {
              const text = event.currentTarget.value;
              setTyped(variables.map((old, at) => (at === blank - 1 ? text : old)));
            }}
          />
        </div>
      ))}
      <section class="field" aria-label={t("template.preview")}>
        <span class="muted">{t("template.preview")}</span>
        <p class="template-preview" dir="auto" data-testid="template-preview">
          {rendered(chosen, variables)}
        </p>
      </section>
      <Button kind="primary" type="submit" disabled={!canSend}>
        {t(takesFirst ? "composer.take-and-send" : "composer.send")}
      </Button>
    </form>
  );
}
