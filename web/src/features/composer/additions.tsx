import { useRef } from "preact/hooks";

import type { Capabilities } from "../../api/types";
import { isTight } from "../../app/viewport";
import { t } from "../../i18n";
import { IconButton } from "../../ui/button";
import { Icon, type IconName } from "../../ui/icons";
import { Menu, MenuItem } from "../../ui/menu";
import { acceptedTypes } from "./files";

interface Addition {
  icon: IconName;
  label: string;
  add: () => void;
}

interface AdditionsProps {
  capabilities: Capabilities;
  onFiles: (files: Iterable<File>) => void;
  /** Undefined where there are some already, or the channel takes none beside what is there. */
  onQuickReplies?: () => void;
  onLinkButtons?: () => void;
}

/** What else a message can carry: buttons side by side where there is room, in one menu where there is not. */
export function Additions({ capabilities, onFiles, onQuickReplies, onLinkButtons }: AdditionsProps) {
  const picker = useRef<HTMLInputElement>(null);
  const additions: Addition[] = [];
  const attaches = capabilities.files.length > 0;
  if (attaches) {
    additions.push({ icon: "attach", label: t("composer.attach"), add: () => picker.current?.click() });
  }
  if (capabilities.quickReplies && onQuickReplies !== undefined) {
    additions.push({ icon: "choices", label: t("composer.offer-quick-replies"), add: onQuickReplies });
  }
  if (capabilities.linkButtons && onLinkButtons !== undefined) {
    additions.push({ icon: "link", label: t("composer.offer-link-buttons"), add: onLinkButtons });
  }
  return (
    <>
      {isTight.value && additions.length > 1 ? (
        <AdditionMenu additions={additions} />
      ) : (
        additions.map(({ icon, label, add }) => (
          <IconButton key={icon} icon={icon} label={label} onClick={add} />
        ))
      )}
      {attaches && (
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          accept={acceptedTypes(capabilities)}
          data-testid="file-picker"
          onChange={(event) => {
            onFiles([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
      )}
    </>
  );
}

function AdditionMenu({ additions }: { additions: readonly Addition[] }) {
  return (
    <Menu
      label={t("composer.add")}
      button={(props) => <IconButton {...props} icon="plus" label={t("composer.add")} />}
    >
      {(close) =>
        additions.map(({ icon, label, add }) => (
          <MenuItem
            key={icon}
            onSelect={() => {
              close();
              add();
            }}
          >
            <Icon name={icon} />
            {label}
          </MenuItem>
        ))
      }
    </Menu>
  );
}
