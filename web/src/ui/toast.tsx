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
  /** What had the focus: it gets it back when the notice goes with the focus in it. */
  from: Element | null;
}

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/**
 * Say something that needs no answer; it goes away by itself.  ``action`` offers to undo it, say; ``from`` is what was pressed,
 * where the answer took a while.
 */
export function say(text: string, action?: ToastAction, from = document.activeElement): void {
  const id = ++lastId;
  toasts.value = [...toasts.value.filter((toast) => toast.text !== text), { id, text, action, from }];
  setTimeout(() => dismissUnused(id), SHOWN_MS);
}

/** Nobody loses what they are about to press. */
function dismissUnused(id: number): void {
  if (elementOf(id)?.contains(document.activeElement)) setTimeout(() => dismissUnused(id), SHOWN_MS);
  else dismiss(id);
}

function elementOf(id: number): HTMLElement | null {
  return document.querySelector(`[data-toast="${id}"]`);
}

function dismiss(id: number): void {
  const { from } = toasts.peek().find((toast) => toast.id === id) ?? {};
  if (from instanceof HTMLElement && from.isConnected && elementOf(id)?.contains(document.activeElement)) {
    from.focus();
  }
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
        <div key={toast.id} class="toast" data-toast={toast.id}>
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
