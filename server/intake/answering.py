"""Which message of ours, or of theirs, a new one answers: by a quote, or by the button that was pressed on it."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, or_, select, union_all

from connectors.contract import InboundMessage, LinkButton, Postback, QuickReply, split_mark
from server.db.schema import delivery, delivery_part, dialog, message
from server.intake.keys import Entry

_replies = msgspec.json.Decoder(tuple[QuickReply, ...])
_links = msgspec.json.Decoder(tuple[LinkButton, ...])


class _Question(NamedTuple):
    """A message of ours that had something to press."""

    message_id: int
    offered: dict[str, str]
    """What pressing sends → payload.  A quick reply sends its title, which is the payload too where the agent gave none; a
    link button, if anything, its address."""


class Answer(NamedTuple):
    """What a message answers, and which of the offered answers it is."""

    message_id: int | None = None
    payload: str | None = None


class Answered:
    """What the entries of a batch answer, by the person's identity: nobody answers what was sent to another."""

    def __init__(
        self, named: dict[tuple[int, str], int], questions: dict[tuple[int, str], _Question]
    ) -> None:
        self._named = named
        self._questions = questions

    def by(self, identity_id: int, item: InboundMessage) -> Answer:
        """Our id of the message that this one answers, and the payload of what was pressed on it.

        Where the provider brings no payload (Viber), it is the one that the message offered with this title.
        """
        if item.reply_to is not None:
            return Answer(self._named.get((identity_id, item.reply_to)), item.payload)
        question = self._questions.get((identity_id, item.answers)) if item.answers else None
        if question is None:
            return Answer(None, item.payload)
        payload = item.payload if item.payload is not None else question.offered.get(item.text)
        return Answer(None if payload is None else question.message_id, payload)


def find(connection: Connection, entries: Sequence[Entry], identities: Sequence[int]) -> Answered:
    """Look up everything that these entries name."""
    return Answered(_named(connection, entries, identities), _questions(connection, entries, identities))


def _named(
    connection: Connection, entries: Sequence[Entry], identities: Sequence[int]
) -> dict[tuple[int, str], int]:
    """(identity, provider's id) → our id."""
    named = {(entry.channel_id, id_) for entry in entries if (id_ := _external_id(entry))}
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
    x = delivery_part.c
    parts = (
        select(delivery.c.identity_id, x.external_id, delivery.c.message_id)
        .join(delivery, delivery.c.id == x.delivery_id)
        .where(x.channel_id.in_(channels), x.external_id.in_(wanted))
        .where(delivery.c.identity_id.in_(identities))
    )
    found = connection.execute(union_all(parts, whole))
    return {(identity_id, external_id): id_ for identity_id, external_id, id_ in found}


def _questions(
    connection: Connection, entries: Sequence[Entry], identities: Sequence[int]
) -> dict[tuple[int, str], _Question]:
    """(identity, our mark on a part) → the message that had something to press."""
    items = [entry.item for entry in entries if isinstance(entry.item, InboundMessage)]
    marks = {item.answers: split_mark(item.answers)[0] for item in items if item.answers}
    if not marks:
        return {}
    d = delivery.c
    statement = (
        select(d.identity_id, d.tracker, message.c.id, message.c.quick_replies, message.c.link_buttons)
        .join(message, message.c.id == d.message_id)
        .where(
            d.tracker.in_(set(marks.values())),
            d.identity_id.in_(identities),
            or_(message.c.quick_replies.is_not(None), message.c.link_buttons.is_not(None)),
        )
    )
    found = {
        (identity_id, tracker): _Question(id_, _offered(replies, links))
        for identity_id, tracker, id_, replies, links in connection.execute(statement)
    }
    return {
        (identity_id, mark): question
        for mark, asked in marks.items()
        for (identity_id, tracker), question in found.items()
        if tracker == asked
    }


def _offered(replies: str | None, links: str | None) -> dict[str, str]:
    answers = () if replies is None else _replies.decode(replies)
    addresses = () if links is None else _links.decode(links)
    return {link.url: link.url for link in addresses} | {
        reply.title: reply.payload or reply.title for reply in answers
    }


def _external_id(entry: Entry) -> str | None:
    match entry.item:
        case InboundMessage() as item:
            return item.reply_to
        case Postback() as item:
            return item.on_message
        case _:
            return None
