import { address } from "../../app/router";
import { detailsShown } from "../../app/preferences";
import { panes } from "../../app/viewport";
import { t } from "../../i18n";
import { inbox } from "../../realtime/store";
import { Empty } from "../../ui/empty";
import { ContactPane } from "../contact/contact-pane";
import { DialogPane } from "../thread/dialog-pane";
import { DialogList } from "./dialog-list";
import { ListHeader } from "./list-header";
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

function NothingChosen() {
  return (
    <main class="dialog-pane dialog-pane-empty">
      <Empty icon="inbox" title={t("inbox.nothing-chosen")}>
        <p>{t("inbox.nothing-chosen-hint")}</p>
      </Empty>
    </main>
  );
}
