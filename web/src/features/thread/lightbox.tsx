import { useEffect, useRef } from "preact/hooks";

import { t } from "../../i18n";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icons";

interface LightboxProps {
  address: string;
  name: string;
  onClose: () => void;
}

export function Lightbox({ address, name, onClose }: LightboxProps) {
  const element = useRef<HTMLDialogElement>(null);
  // As in Modal: the focus goes back to what opened it, once nothing is in its way any more.
  useEffect(() => {
    const opener = document.activeElement;
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class="lightbox"
      aria-label={name}
      onCancel={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <header class="lightbox-bar">
        <span class="one-line">{name}</span>
        <a
          class="icon-button"
          href={`${address}?download=1`}
          download={name}
          aria-label={t("attachment.download")}
        >
          <Icon name="download" />
        </a>
        <IconButton icon="close" label={t("close")} onClick={onClose} />
      </header>
      <img src={address} alt={name} />
    </dialog>
  );
}
