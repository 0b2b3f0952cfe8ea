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
}

/** Over everything else: the browser keeps focus inside, closes it on Escape and gives focus back. */
export function Modal({ title, onClose, children, actions, size = "small" }: ModalProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const opener = document.activeElement;
    element.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);

  return (
    <dialog
      ref={element}
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
