"""What providers report about messages that exist already: receipts, echoes, edits, deletions, reactions.

The order of locks: first the people to whom something was sent elsewhere, as with messages; then every dialog that the
batch is about, sorted, whatever their channels; later locks only repeat those, so that nothing is waited for once the
event head is taken.  What the dialogs say (who is responsible) is read under their locks.
"""

from collections.abc import Sequence

from connectors.contract import Deletion, Echo, Edit, Reaction, Receipt
from server.delivery.queries import lock_dialogs
from server.delivery.reactions import reports as reaction_reports
from server.delivery.receipts import apply_echoes, apply_receipts
from server.intake.affected import dialogs_of
from server.intake.alterations import alter
from server.intake.keys import Entry
from server.intake.openings import Openings
from server.unit_of_work import Transaction

REPORTS = (Receipt, Echo, Edit, Deletion, Reaction)
"""The kinds of item that are written here."""


def write_reports(
    tx: Transaction, entries: Sequence[Entry], reopen_within_hours: int
) -> dict[int, dict[int, str]]:
    """Apply them, channel by channel: echoes first, as the rest may be about those.

    What a colleague sent elsewhere opens a dialog where none is open: see :mod:`server.intake.openings`.  Returns who got what was sent, where only these reports tell it: channel → delivery → id of the person.
    """
    recipients: dict[int, dict[int, str]] = {}
    by_channel: dict[int, list[Entry]] = {}
    for entry in entries:
        by_channel.setdefault(entry.channel_id, []).append(entry)
    openings = Openings(tx, by_channel)
    dialogs = lock_dialogs(tx.connection, dialogs_of(tx, by_channel))
    dialogs |= openings.open(reopen_within_hours)
    for channel_id in sorted(by_channel):
        items = [entry.item for entry in by_channel[channel_id]]
        if echoes := [item for item in items if isinstance(item, Echo)]:
            apply_echoes(tx, channel_id, echoes)
        receipts = [item for item in items if isinstance(item, Receipt)]
        reacted = reaction_reports.of_reactions(receipts)
        if reacted:
            reaction_reports.apply(tx, channel_id, reacted, dialogs)
            receipts = [receipt for receipt in receipts if receipt not in reacted]
        if receipts:
            recipients[channel_id] = apply_receipts(tx, channel_id, receipts)
        for entry in by_channel[channel_id]:
            alter(tx, entry, dialogs)
    return recipients
