import { signal } from "@preact/signals";

import { t } from "../i18n";
import type { Key } from "../i18n/en";
import { Modal } from "../ui/modal";
import { Switch } from "../ui/switch";
import { singleKeys } from "./preferences";

export const helpShown = signal(false);

const KEYS: readonly (readonly [string, Key])[] = [
  ["j", "keys.next"],
  ["k", "keys.previous"],
  ["r", "keys.reply"],
  ["n", "keys.note"],
  ["a", "keys.assign"],
  ["e", "keys.close"],
  ["/", "keys.search"],
  ["g i", "keys.inbox"],
  ["g l", "keys.log"],
  ["?", "keys.help"],
  ["Enter", "keys.send"],
  ["Shift Enter", "keys.new-line"],
];

export function HelpModal() {
  if (!helpShown.value) return null;
  return (
    <Modal
      title={t("keys.title")}
      onClose={() => {
        helpShown.value = false;
      }}
    >
      <dl class="keys">
        {KEYS.map(([keys, label]) => (
          <div key={keys} class="keys-row">
            <dt>
              {keys.split(" ").map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{t(label)}</dd>
          </div>
        ))}
      </dl>
      <Switch choice={singleKeys} label={t("settings.single-keys")} />
    </Modal>
  );
}
