import { useState } from "preact/hooks";

import { t } from "../../i18n";
import { IconButton } from "../../ui/button";
import { say } from "../../ui/toast";
import { startChannels, switchedOff } from "./channels";
import { StartModal } from "./start-modal";

/** Writing first; only where a channel lets us. */
export function StartButton() {
  const [isOpen, setOpen] = useState(false);
  const possible = startChannels.value;
  if (possible.length === 0) {
    // A button that is there and says why is better than one that has gone.
    if (switchedOff.value.length === 0) return null;
    return <IconButton icon="plus" label={t("start.title")} onClick={() => say(t("start.all-off"))} />;
  }
  return (
    <>
      <IconButton icon="plus" label={t("start.title")} onClick={() => setOpen(true)} />
      {isOpen && <StartModal channels={possible} onClose={() => setOpen(false)} />}
    </>
  );
}
