"""Which message of ours, or of theirs, a new one answers: by a quote, or by the button that was pressed on it."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, union_all

from connectors.contract import InboundMessage, Postback
from server.db.schema import delivery, delivery_external, dialog, message
from server.intake.keys import Entry


def find(
    connection: Connection, entries: Sequence[Entry], identities: Sequence[int]
) -> dict[tuple[int, str], int]:
    """(identity, provider's id) → our id of the messages that these entries answer."""
    named = {(entry.channel_id, id_) for entry in entries if (id_ := _answered(entry))}
    if not named:
        return {}
    channels, wanted = {channel_id for channel_id, _ in named}, {id_ for _, id_ in named}
    whole = (
        select(dialog.c.identity_id, message.c.external_id, message.c.id)
        .join(dialog, dialog.c.id == message.c.dialog_id)
        .where(message.c.channel_id.in_(channels), message.c.external_id.in_(wanted))
        .where(dialog.c.identity_id.in_(identities))
    )
    # A message of ours that went out as several is known to the provider by each of them.
    x = delivery_external.c
    parts = (
        select(delivery.c.identity_id, x.external_id, delivery.c.message_id)
        .join(delivery, delivery.c.id == x.delivery_id)
        .where(x.channel_id.in_(channels), x.external_id.in_(wanted))
        .where(delivery.c.identity_id.in_(identities))
    )
    found = connection.execute(union_all(parts, whole))
    return {(identity_id, external_id): id_ for identity_id, external_id, id_ in found}


def _answered(entry: Entry) -> str | None:
    match entry.item:
        case InboundMessage() as item:
            return item.reply_to
        case Postback() as item:
            return item.on_message
        case _:
            return None
