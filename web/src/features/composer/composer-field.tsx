import type { Ref } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { isTouch } from "../../app/viewport";
import { t } from "../../i18n";
import { sendSignal } from "../../realtime/connection";
import type { ComposeKind } from "./drafts";

const TYPING_EVERY_MS = 3_000;

interface ComposerFieldProps {
  fieldRef: Ref<HTMLTextAreaElement> & { current: HTMLTextAreaElement | null };
  kind: ComposeKind;
  text: string;
  dialogId: string;
  onChange: (text: string) => void;
  onSend: () => void;
  /** For pictures that are pasted; undefined where none can be sent. */
  onFiles: ((files: Iterable<File>) => void) | undefined;
}

export function ComposerField({
  fieldRef,
  kind,
  text,
  dialogId,
  onChange,
  onSend,
  onFiles,
}: ComposerFieldProps) {
  const lastTyping = useRef(0);

  useLayoutEffect(() => {
    const element = fieldRef.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text, fieldRef]);

  const tellTyping = (): void => {
    if (Date.now() - lastTyping.current < TYPING_EVERY_MS) return;
    lastTyping.current = Date.now();
    sendSignal("typing", dialogId);
  };

  const label = t(kind === "note" ? "composer.write-note" : "composer.write-reply");
  return (
    <textarea
      ref={fieldRef}
      class="composer-field scroller"
      rows={1}
      dir="auto"
      value={text}
      placeholder={label}
      aria-label={label}
      onInput={(event) => {
        onChange(event.currentTarget.value);
        if (event.currentTarget.value !== "") tellTyping();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.blur();
        if (!sends(event)) return;
        event.preventDefault();
        onSend();
      }}
      onPaste={(event) => {
        const files = event.clipboardData?.files;
        if (onFiles === undefined || files === undefined || files.length === 0) return;
        event.preventDefault();
        onFiles(files);
      }}
    />
  );
}

/** Enter sends, Shift+Enter breaks the line; on touch screens Enter breaks it; an input method keeps its Enter. */
function sends(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return !event.shiftKey && !event.altKey && !isTouch.value;
}
