import type { QuickReplyRule } from "../../api/types";
import { t } from "../../i18n";
import { Button, IconButton } from "../../ui/button";
import { onEnter } from "./on-enter";
import { useRowFocus } from "./use-row-focus";

/** An answer being written; the id keeps its field in place while others come and go. */
export interface ReplyDraft {
  id: number;
  title: string;
}

let lastId = 0;

export function newReply(): ReplyDraft {
  lastId += 1;
  return { id: lastId, title: "" };
}

interface QuickReplyFieldsProps {
  replies: readonly ReplyDraft[];
  rule: QuickReplyRule;
  onChange: (replies: readonly ReplyDraft[]) => void;
}

/** The answers that the customer may press instead of writing; an empty list shows nothing. */
export function QuickReplyFields({ replies, rule, onChange }: QuickReplyFieldsProps) {
  const list = useRowFocus(replies.length);
  if (replies.length === 0) return null;
  const change = (id: number, title: string): void =>
    onChange(replies.map((old) => (old.id === id ? { id, title } : old)));
  const addOne = (): void => onChange([...replies, newReply()]);
  return (
    <fieldset ref={list} class="button-fields">
      <legend>{t("composer.quick-replies")}</legend>
      {replies.map(({ id, title }, index) => (
        <span key={id} class="button-field">
          <input
            type="text"
            value={title}
            maxLength={rule.title}
            aria-label={t("composer.quick-reply", { n: index + 1 })}
            placeholder={t("composer.quick-reply", { n: index + 1 })}
            autocomplete="off"
            onInput={(event) => change(id, event.currentTarget.value)}
            onKeyDown={onEnter(() => replies.length < rule.count && title.trim() !== "" && addOne())}
          />
          <IconButton
            icon="close"
            label={t("composer.remove-quick-reply", { n: index + 1 })}
            onClick={() => onChange(replies.filter((one) => one.id !== id))}
          />
        </span>
      ))}
      {replies.length < rule.count && (
        <Button kind="quiet" onClick={addOne}>
          {t("composer.add-quick-reply")}
        </Button>
      )}
    </fieldset>
  );
}

/** What is sent of the fields: those that say something, each once. */
export function filled(replies: readonly ReplyDraft[]): { title: string }[] {
  const trimmed = replies.map(({ title }) => title.trim()).filter((title) => title !== "");
  return [...new Set(trimmed)].map((title) => ({ title }));
}
