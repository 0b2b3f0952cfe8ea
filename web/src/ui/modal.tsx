import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { t } from "../i18n";
import { IconButton } from "./button";

interface ModalProps {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
  /** More buttons beside the one that closes it. */
  actions?: ComponentChildren;
  size?: "small" | "large";
  /** What gets focus afterwards, where it is not what had it before. */
  returnTo?: () => HTMLElement | null;
}

/** Over everything else: the browser keeps focus inside, closes it on Escape and gives focus back. */
export function Modal({ title, onClose, children, actions, size = "small", returnTo }: ModalProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();

  const latestReturn = useRef(returnTo);
  latestReturn.current = returnTo;

  useEffect(() => {
    const opener = document.activeElement;
    const shown = element.current;
    shown?.showModal();
    // Not to the button that closes it, with its tooltip over what is to be read.
    (shown?.querySelector<HTMLElement>("[data-first-focus]") ?? shown)?.focus();
    return () => {
      // While it is open nothing else can have the focus.
      shown?.close();
      const target = latestReturn.current?.() ?? opener;
      if (target instanceof HTMLElement) target.focus();
    };
  }, []);

  return (
    <dialog
      ref={element}
      tabIndex={-1}
      class={`modal modal-${size}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div class="modal-body">
        <header class="modal-header">
          <h2 id={heading} class="modal-title one-line">
            {title}
          </h2>
          {actions}
          <IconButton icon="close" label={t("close")} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
