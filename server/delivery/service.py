"""What agents do: reply, note, send again."""

import hashlib
from typing import Any, Literal

import msgspec

from connectors.contract import Capabilities, Connector
from server import reasons
from server.agents.access import Access
from server.bus.base import Topic
from server.delivery import idempotency, moves, outgoing, queries, reply_queries
from server.delivery.content import (
    File,
    check_alone,
    check_files,
    check_header_file,
    check_link_buttons,
    check_quick_replies,
    check_reply_to,
    check_text,
)
from server.delivery.idempotency import Key, first_result, is_used
from server.delivery.model import RETRYABLE, reply_closes_at, reply_hours
from server.delivery.outgoing import Outgoing
from server.delivery.queries import DialogKey
from server.delivery.retrying import again
from server.delivery.templates.lists import ConnectorSource, TemplateLists
from server.delivery.templates.model import Choice, Ready
from server.dialogs.model import check_may_write
from server.dialogs.queries import dialog_now, lock_visible, message_now, visible_row
from server.entities import Author, LinkButtonView, Message, QuickReplyView
from server.errors import Conflict, Invalid, NotFound
from server.unit_of_work import Transaction, UnitOfWork

_KEYS_FOR_MS = 7 * 86_400_000

_ROUTE = "POST dialogs/messages"

Row = dict[str, Any]


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent wrote."""

    text: str
    kind: Literal["message", "note"] = "message"
    attachment_ids: tuple[int, ...] = ()
    reply_to: int | None = None
    quick_replies: tuple[QuickReplyView, ...] = ()
    link_buttons: tuple[LinkButtonView, ...] = ()
    template: Choice | None = None
    """Instead of a text."""
    ready: Ready | None = None
    """What the template makes of the message; the rest is as it was asked for."""
    seen_seq: int | None = None
    """The newest number of the dialog that its author saw; a condition, not a part of the message."""

    def hash(self, dialog_id: int) -> str:
        content: tuple[Any, ...] = (str(dialog_id), self.kind, self.text, self.attachment_ids, self.reply_to)
        content += (self.quick_replies, self.link_buttons, self.template)
        return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


class Replies:
    """Every method is one transaction: the message, its delivery and its event are there, or nothing is."""

    def __init__(self, units: UnitOfWork, channels: ConnectorSource, templates: TemplateLists) -> None:
        self._units = units
        self._channels = channels
        self._templates = templates

    async def reply(
        self, access: Access, dialog_id: int, new: NewMessage, *, idempotency_key: str | None = None
    ) -> Message:
        """Queue a reply, or add a note.

        The same key with the same content gives the message of the first time; with other content it is refused.
        """
        if new.template is not None:
            new = await self._with_template(access, dialog_id, new, new.template, idempotency_key)
        capabilities = await self._capabilities(access, dialog_id) if new.kind == "message" else None
        return await self._units.run(
            lambda tx: queue_reply(tx, access, dialog_id, new, capabilities, idempotency_key)
        )

    async def retry(self, access: Access, dialog_id: int, message_id: int) -> Message:
        """Send a failed or unknown message again, by a new delivery, without the parts that were accepted."""
        capabilities = await self._capabilities(access, dialog_id)
        return await self._units.run(lambda tx: _retry(tx, access, dialog_id, message_id, capabilities))

    async def prune(self) -> None:
        """Forget idempotency keys that nobody will repeat any more."""
        before = self._units.clock.now_ms() - _KEYS_FOR_MS
        await self._units.run(lambda tx: idempotency.forget(tx.connection, before))

    async def _with_template(
        self, access: Access, dialog_id: int, new: NewMessage, choice: Choice, key: str | None
    ) -> NewMessage:
        """With what its template makes of it, unless it is a repetition: then the provider need not be there."""
        check_alone(
            is_message=new.kind == "message",
            text=new.text,
            others=bool(new.quick_replies or new.link_buttons) or new.reply_to is not None,
        )
        if key is not None and await self._units.database.read(lambda c: is_used(c, _key(access, key))):
            return new
        ready = await self._templates.ready(*await self._connector(access, dialog_id), choice)
        return msgspec.structs.replace(new, ready=ready)

    async def _capabilities(self, access: Access, dialog_id: int) -> Capabilities:
        return (await self._connector(access, dialog_id))[1].capabilities

    async def _connector(self, access: Access, dialog_id: int) -> tuple[int, Connector]:
        """The channel of a dialog that the agent may see, ready to send."""
        row = await self._units.database.read(lambda c: visible_row(c, access, dialog_id))
        try:
            return row["channel_id"], await self._channels.open_to_send(row["channel_id"])
        except NotFound:
            raise Conflict(
                "channel_paused",
                reasons.CHANNEL_PAUSED_SENDING,
            ) from None


def queue_reply(
    tx: Transaction,
    access: Access,
    dialog_id: int,
    new: NewMessage,
    capabilities: Capabilities | None,
    key: str | None = None,
) -> Message:
    """The one way in which an agent's message enters a dialog, for use within a transaction."""
    dialog = lock_visible(tx.connection, access, dialog_id)
    body_hash = new.hash(dialog_id)
    if key is not None:
        known = first_result(tx.connection, _key(access, key), body_hash, reasons.KEY_USED_FOR_MESSAGE)
        if known is not None:
            return message_now(tx.connection, known)
    if capabilities is not None:
        check_may_reply(tx, access, dialog, capabilities, is_template=new.template is not None)
    _check_content(new, dialog, capabilities)
    first = _check_attachments(tx, access, new, capabilities)
    if new.reply_to is not None and not reply_queries.is_in_dialog(tx.connection, new.reply_to, dialog_id):
        raise Invalid(reasons.NO_SUCH_MESSAGE, field="replyTo")
    if new.kind == "message" and new.seen_seq is not None:
        _check_seen(tx, access, dialog_id, new.seen_seq)
    added = _outgoing(tx, access, new, first)
    places = [new.ready.place] if new.ready is not None and new.ready.place is not None else []
    message_id = outgoing.add(tx, dialog, added, [_place_row(tx, dialog_id, place) for place in places])
    reply_queries.attach(tx.connection, new.attachment_ids, message_id, dialog_id)
    if key is not None:
        idempotency.use(tx, _key(access, key), body_hash, message_id)
    if new.kind == "message":
        tx.wake(Topic.OUTBOX, str(dialog["channel_id"]))
    return outgoing.tell(tx, dialog, added, message_id)


def _outgoing(tx: Transaction, access: Access, new: NewMessage, first_attachment: str | None) -> Outgoing:
    ready = new.ready
    return Outgoing(
        kind=new.kind,
        author=Author(type="agent", id=str(access.agent_id), name=access.name),
        text=new.text if ready is None else ready.text,
        at=tx.now_ms,
        state="queued" if new.kind == "message" else None,
        teller="agent",
        purpose="marketing" if ready is not None and ready.marketing else "service",
        reply_to=new.reply_to,
        quick_replies=new.quick_replies if ready is None else ready.quick_replies,
        link_buttons=new.link_buttons,
        template=None if ready is None else ready.filled,
        first_attachment="location" if ready is not None and ready.place else first_attachment,
    )


def _place_row(tx: Transaction, dialog_id: int, place: Row) -> Row:
    return {**place, "id": tx.ids.new(), "dialog_id": dialog_id, "position": 0, "created_at": tx.now_ms}


def _check_content(new: NewMessage, dialog: Row, capabilities: Capabilities | None) -> None:
    """What can be said without the database; a note may answer any message, and has nothing to press."""
    if new.ready is not None:
        if new.ready.marketing and dialog["opted_out"]:
            raise Conflict("opted_out", reasons.OPTED_OUT)
        return
    check_text(new.text, bool(new.attachment_ids), capabilities)
    if capabilities is None:
        if new.quick_replies:
            raise Invalid(reasons.QUICK_REPLIES_OF_NOTE, field="quickReplies")
        if new.link_buttons:
            raise Invalid(reasons.LINK_BUTTONS_OF_NOTE, field="linkButtons")
        return
    if new.reply_to is not None:
        check_reply_to(capabilities)
    check_quick_replies(new.quick_replies, new.text, capabilities)
    check_link_buttons(new.link_buttons, new.quick_replies, new.text, capabilities)


def _key(access: Access, key: str) -> Key:
    return Key(access.agent_id, _ROUTE, key)


def check_may_reply(
    tx: Transaction,
    access: Access,
    dialog: Row,
    capabilities: Capabilities,
    *,
    by_person: bool = True,
    is_template: bool = False,
) -> None:
    """A template may go when the time for replies is over; all else forbids it too."""
    check_may_write(access, dialog["assignee_id"])
    if dialog["status"] == "closed":
        raise Conflict("dialog_closed", reasons.DIALOG_CLOSED)
    if not dialog["reachable"]:
        raise Conflict("not_reachable", reasons.NOT_REACHABLE)
    if dialog["elsewhere"]:
        raise Conflict("reply_not_allowed", reasons.THREAD_ELSEWHERE)
    if not dialog["reply_allowed"]:
        raise Conflict("reply_not_allowed", reasons.REPLY_NOT_ALLOWED)
    if is_template:
        return
    if capabilities.start_by_template and dialog["last_inbound_at"] is None:
        raise Conflict("template_needed", reasons.TEMPLATE_NEEDED)
    hours = reply_hours(capabilities, by_person=by_person)
    closes_at = reply_closes_at(hours, dialog["last_inbound_at"])
    if closes_at is not None and tx.now_ms >= closes_at:
        raise Conflict(
            "reply_window_closed",
            reasons.REPLY_WINDOW_CLOSED.of(hours=hours or 0),
        )


def _check_attachments(
    tx: Transaction, access: Access, new: NewMessage, capabilities: Capabilities | None
) -> str | None:
    """The kind of the first attachment; they must be the agent's own uploads and possible on the channel."""
    ids = new.attachment_ids
    if not ids and new.ready is None:
        return None
    found = reply_queries.uploads(tx.connection, access.agent_id, ids)
    if len(found) != len(ids):
        raise Invalid(reasons.ATTACHMENT_NOT_YOURS, field="attachmentIds")
    files = [File(*found[id_][1:]) for id_ in ids]
    if new.ready is not None:
        check_header_file(files, new.ready.file)
    elif capabilities is not None:
        check_files(files, capabilities)
    return files[0].kind if files else None


def _check_seen(tx: Transaction, access: Access, dialog_id: int, seen: int) -> None:
    missed = reply_queries.missed(tx.connection, dialog_id, access.agent_id, seen)
    if missed:
        raise Conflict(
            "dialog_moved_on",
            reasons.DIALOG_MOVED_ON,
            missed=missed,
            dialog=dialog_now(tx.connection, dialog_id),
        )


def _retry(
    tx: Transaction, access: Access, dialog_id: int, message_id: int, capabilities: Capabilities
) -> Message:
    dialog = lock_visible(tx.connection, access, dialog_id)
    deliveries = queries.deliveries_of_message(tx.connection, message_id)
    if not deliveries or deliveries[0].dialog_id != dialog_id:
        raise NotFound(reasons.NO_SUCH_MESSAGE)
    message = message_now(tx.connection, message_id)
    if message.state not in RETRYABLE:
        raise Conflict("not_retryable", reasons.NOT_RETRYABLE)
    is_template = queries.is_template(tx.connection, message_id)
    by_person = message.origin == "agent"
    check_may_reply(tx, access, dialog, capabilities, by_person=by_person, is_template=is_template)
    again(tx, dialog, message_id, may_repeat=message.state == "unknown")
    key = DialogKey(dialog["channel_id"], dialog["assignee_id"])
    moves.show(tx, {message_id: dialog_id}, {dialog_id: key})
    tx.wake(Topic.OUTBOX, str(dialog["channel_id"]))
    return message_now(tx.connection, message_id)
