import { address } from "../../app/router";
import { detailsShown, singleKeys } from "../../app/preferences";
import { currentSession } from "../../app/session";
import { isTouch, panes } from "../../app/viewport";
import { t } from "../../i18n";
import { inbox } from "../../realtime/store";
import { Empty } from "../../ui/empty";
import { withKeys } from "../../ui/keys";
import { ContactPane } from "../contact/contact-pane";
import { DialogPane } from "../thread/dialog-pane";
import { DialogList } from "./dialog-list";
import { ListHeader } from "./list-header";
import { listItems } from "./list";
import { listQuery } from "./query";

/** List, thread and contact: as many beside one another as fit. */
export function InboxPage({ dialogId }: { dialogId: string | null }) {
  const wantsDetails = address.value.query.get("details") !== null;
  const dialog = dialogId === null ? undefined : inbox.value.dialogs.get(dialogId);
  const room = panes.value;
  const contact = dialog !== undefined && (room === 3 ? detailsShown.value : wantsDetails);
  const list = room > 1 || dialogId === null;
  const thread = room === 1 ? dialogId !== null && !contact : !(room === 2 && contact);
  // The dialog is the main thing on a page where there is one.
  const List = thread || contact ? "section" : "main";
  return (
    <div class="inbox">
      {list && (
        <List class="list-pane" aria-label={t("nav.inbox")}>
          <ListHeader query={listQuery.value} />
          <DialogList query={listQuery.value} selectedId={dialogId} />
        </List>
      )}
      {thread && (dialogId === null ? <NothingChosen /> : <DialogPane dialogId={dialogId} />)}
      {contact && <ContactPane key={dialog.contact.id} dialog={dialog} closable={room < 3} />}
    </div>
  );
}

/** Where there is nothing to choose from, the list says why. */
function NothingChosen() {
  const isEmpty = listItems(listQuery.value, currentSession().agent.id).length === 0;
  return (
    <main class="dialog-pane dialog-pane-empty">
      {!isEmpty && (
        <Empty icon="inbox" title={t("inbox.nothing-chosen")}>
          {!isTouch.value && singleKeys.value && <p>{withKeys(t("inbox.nothing-chosen-hint"))}</p>}
        </Empty>
      )}
    </main>
  );
}
