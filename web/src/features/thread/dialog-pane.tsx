import { useEffect, useState } from "preact/hooks";

import { t } from "../../i18n";
import type { Dialog } from "../../api/types";
import { sendSignal } from "../../realtime/connection";
import { inbox } from "../../realtime/store";
import { goBack } from "../../app/router";
import { panes } from "../../app/viewport";
import { IconButton } from "../../ui/button";
import { Composer } from "../composer/composer";
import { threadLoad } from "./load";
import { Thread } from "./thread";
import { ThreadHeader } from "./thread-header";
import { useMarkRead } from "./use-mark-read";

const VIEWING_EVERY_MS = 4_000;

/** One dialog to work on: header, thread, composer. */
export function DialogPane({ dialogId }: { dialogId: string }) {
  const dialog = inbox.value.dialogs.get(dialogId);
  const [endShown, setEndShown] = useState(true);
  useViewingSignal(dialogId);
  return (
    <main class="dialog-pane" aria-label={t("thread.label")}>
      {dialog === undefined ? <BareHeader /> : <ThreadHeader dialog={dialog} />}
      <Thread dialogId={dialogId} onEndShown={setEndShown} />
      {dialog !== undefined && (
        <>
          <ReadMarker dialog={dialog} endShown={endShown && threadLoad(dialogId).state === "ready"} />
          <Composer dialog={dialog} />
        </>
      )}
    </main>
  );
}

/** While the dialog is on its way, or when it can't be seen: the way back still works. */
function BareHeader() {
  return (
    <header class="thread-header">
      {panes.value === 1 && <IconButton icon="back" label={t("back")} onClick={() => goBack("/inbox")} />}
    </header>
  );
}

function ReadMarker({ dialog, endShown }: { dialog: Dialog; endShown: boolean }) {
  useMarkRead(dialog, endShown);
  return null;
}

/** Tell colleagues who looks at the dialog, as long as it is really looked at. */
function useViewingSignal(dialogId: string): void {
  useEffect(() => {
    const tell = (): void => {
      if (document.visibilityState === "visible") sendSignal("viewing", dialogId);
    };
    tell();
    const timer = setInterval(tell, VIEWING_EVERY_MS);
    return () => clearInterval(timer);
  }, [dialogId]);
}
