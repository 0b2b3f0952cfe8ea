"""SQL about edits, deletions and reactions that overtook their message: they wait until it is stored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, and_, delete, insert, or_, select

from connectors.contract import Deletion, Edit, InboundMessage, Postback, Reaction
from server.db.prepared import Query, among
from server.db.schema import alteration, dialog, identity, message
from server.intake.keys import Entry
from server.intake.rows import NewMessage
from server.unit_of_work import Transaction

EXTERNAL_LENGTH = 255

Alteration = Edit | Deletion | Reaction

_c = alteration.c
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Alteration).decode
_OF_TARGETS = Query(select(_c.id, _c.channel_id, _c.target, _c.peer).where(among(_c.target, "targets")))


class Waiting(NamedTuple):
    channel_id: int
    item: Alteration


def targets(entries: Iterable[Entry]) -> list[str]:
    """The provider's ids of the messages that these become, as they are stored: what may be waited for."""
    found = []
    for _, item in entries:
        match item:
            case InboundMessage():
                found.append(item.external_id[:EXTERNAL_LENGTH])
            case Postback():
                found.append(item.key[:EXTERNAL_LENGTH])
    return found


def park(tx: Transaction, channel_id: int, item: Alteration) -> None:
    tx.connection.execute(
        insert(alteration).values(
            id=tx.ids.new(),
            channel_id=channel_id,
            target=item.target[:EXTERNAL_LENGTH],
            peer=None if item.peer is None else item.peer.id,
            item=_encode(item).decode(),
            created_at=tx.now_ms,
        )
    )


def of_messages(
    tx: Transaction, messages: Sequence[NewMessage], addresses: Mapping[int, str]
) -> list[Waiting]:
    """Take out what waits for these new messages; ``addresses`` are the peers by the ids of their dialogs.

    Before the event head is locked: other transactions may take the same.
    """
    if not messages:
        return []
    waiting = _OF_TARGETS.rows(tx.connection, targets=[row.external_id for row in messages])
    if not waiting:
        return []
    stored = {
        (row.channel_id, row.external_id, peer)
        for row in messages
        for peer in (addresses[row.dialog_id], None)
    }
    wanted = [w["id"] for w in waiting if (w["channel_id"], w["target"], w["peer"]) in stored]
    return take(tx.connection, wanted)


def take(connection: Connection, ids: Iterable[int]) -> list[Waiting]:
    """Take these out, in the order in which they came; what another transaction took is left out."""
    statement = delete(alteration).where(_c.id.in_(list(ids))).returning(_c.id, _c.channel_id, _c.item)
    rows = sorted(connection.execute(statement), key=lambda row: row.id)
    return [Waiting(row.channel_id, _decode(row.item)) for row in rows]


def of_known(connection: Connection, first_id: int, limit: int) -> dict[int, int]:
    """What is parked since ``first_id`` although its message is here: alteration → dialog."""
    statement = (
        select(_c.id, message.c.dialog_id)
        .join(message, and_(message.c.channel_id == _c.channel_id, message.c.external_id == _c.target))
        .join(dialog, dialog.c.id == message.c.dialog_id)
        .join(identity, identity.c.id == dialog.c.identity_id)
        .where(_c.id >= first_id, or_(_c.peer.is_(None), _c.peer == identity.c.address))
        .order_by(_c.id, message.c.id)
        .limit(limit)
    )
    return {row.id: row.dialog_id for row in connection.execute(statement)}


def prune(connection: Connection, before: int) -> None:
    connection.execute(delete(alteration).where(_c.created_at < before))
