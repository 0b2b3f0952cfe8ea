"""A customer who changed their name has it in all their dialogs, not only in the one they write to."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select

from server.db.schema import dialog
from server.dialogs.queries import dialogs_by_id, set_dialog
from server.dialogs.views import dialog_view
from server.events.model import DialogScope, DialogUpdated
from server.intake.people import Person
from server.unit_of_work import Transaction


def lock_other_dialogs(tx: Transaction, people: Iterable[Person], written: Collection[int]) -> list[int]:
    """The dialogs of contacts that were renamed, but those that are written anyway; their rows are locked."""
    renamed = {person.contact_id for person in people if person.renamed}
    if not renamed:
        return []
    statement = select(dialog.c.id).where(dialog.c.contact_id.in_(renamed), dialog.c.id.not_in(set(written)))
    return list(
        tx.connection.execute(statement.order_by(dialog.c.id).with_for_update(key_share=True)).scalars()
    )


def tell(tx: Transaction, dialog_ids: Sequence[int]) -> None:
    """Tell whoever sees these dialogs."""
    if not dialog_ids:
        return
    first = tx.seq(len(dialog_ids))
    for offset, dialog_id in enumerate(dialog_ids):
        set_dialog(tx.connection, dialog_id, {"seq": first + offset})
    rows = dialogs_by_id(tx.connection, dialog_ids)
    for offset, dialog_id in enumerate(dialog_ids):
        row = rows[dialog_id]
        scope = DialogScope(
            dialog_id=dialog_id,
            channel_id=row["channel_id"],
            assignee_before=row["assignee_id"],
            assignee_after=row["assignee_id"],
        )
        tx.emit(first + offset, scope, DialogUpdated(dialog=dialog_view(row)))
