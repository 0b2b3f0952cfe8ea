import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../i18n";
import { IconButton } from "./button";

const SHOWN_MS = 6_000;

interface ToastAction {
  label: string;
  run: () => void;
}

interface Toast {
  id: number;
  text: string;
  action: ToastAction | undefined;
}

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Say something that needs no answer; it goes away by itself.  ``action`` offers to undo it, say. */
export function say(text: string, action?: ToastAction): void {
  const id = ++lastId;
  toasts.value = [...toasts.value.filter((toast) => toast.text !== text), { id, text, action }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  const element = useRef<HTMLDivElement>(null);
  const shown = toasts.value;

  useEffect(() => {
    // Shown again for each: what is shown last lies over modals that were opened before.
    element.current?.hidePopover();
    if (shown.length > 0) element.current?.showPopover();
  }, [shown]);

  return (
    <div ref={element} popover="manual" class="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} class="toast">
          <span>{toast.text}</span>
          {toast.action !== undefined && <ToastButton toast={toast} action={toast.action} />}
          <IconButton icon="close" label={t("dismiss")} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}

function ToastButton({ toast, action }: { toast: Toast; action: ToastAction }) {
  return (
    <button
      type="button"
      class="toast-action"
      onClick={() => {
        dismiss(toast.id);
        action.run();
      }}
    >
      {action.label}
    </button>
  );
}
