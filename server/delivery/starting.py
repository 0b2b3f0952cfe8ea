"""Dialogs that we begin: an agent writes first, to an address that may be new."""

import hashlib
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import insert

from connectors import numbers
from connectors.contract import Capabilities, Connector, NamesByPhone
from server import reasons
from server.agents.access import Access
from server.contacts.adding import Found, find_or_add
from server.db.schema import dialog
from server.delivery import idempotency
from server.delivery.content import check_alone
from server.delivery.idempotency import Key, first_result, is_used
from server.delivery.service import NewMessage, queue_reply
from server.delivery.templates.lists import ConnectorSource, TemplateLists
from server.delivery.templates.model import Choice
from server.dialogs import change_queries, queries
from server.dialogs.changes import record_activity, take
from server.dialogs.model import check_may_write
from server.entities import Dialog
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.events.model import DialogCreated, DialogScope
from server.unit_of_work import Transaction, UnitOfWork

_ROUTE = "POST dialogs"
_ADDRESS_LENGTH = 255


class NewDialog(msgspec.Struct, frozen=True, kw_only=True):
    """To whom an agent writes first, and what; without text and template the dialog is opened and nothing is sent."""

    channel_id: int
    address: str
    text: str | None = None
    template: Choice | None = None
    attachment_ids: tuple[int, ...] = ()
    """The file of the template's header."""

    def hash(self) -> str:
        content = (str(self.channel_id), self.address, self.text, self.template, self.attachment_ids)
        return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


class Started(msgspec.Struct, frozen=True, kw_only=True):
    dialog: Dialog
    created: bool
    """False: the contact's open dialog was there already."""


class DialogStarts:
    """One transaction: the contact, the dialog, the message and their events are there, or nothing is."""

    def __init__(
        self, units: UnitOfWork, channels: ConnectorSource, templates: TemplateLists, region: str
    ) -> None:
        self._units = units
        self._channels = channels
        self._templates = templates
        self._region = region

    async def start(self, access: Access, new: NewDialog, *, idempotency_key: str | None = None) -> Started:
        """Open a dialog with this address, or take up its open one; the agent becomes responsible.

        Raises Invalid (which names the field and what was expected), NotFound (no such channel for this agent) and
        Conflict: ``cannot_start`` where the channel does not let us write first, ``channel_paused``,
        ``number_off``, ``dialog_is_anothers`` when a colleague has the contact's open dialog, and all that refuses a reply.
        """
        if not access.sees_channel(new.channel_id) or await self._channels.known(new.channel_id) is None:
            raise Invalid(reasons.NO_SUCH_CHANNEL_FOR_YOU, field="channelId")
        connector = await self._connector(new.channel_id)
        capabilities = connector.capabilities
        if not capabilities.start_dialog:
            raise Conflict("cannot_start", reasons.CANNOT_START)
        typed = clean_address(new.address, capabilities, self._region)
        to = _To(
            typed=typed, address=connector.peer_of(typed) if isinstance(connector, NamesByPhone) else typed
        )
        message = await self._message(access, new, connector, idempotency_key)
        return await self._units.run(
            lambda tx: _start(tx, access, new, to, message, capabilities, idempotency_key)
        )

    async def _message(
        self, access: Access, new: NewDialog, connector: Connector, key: str | None
    ) -> NewMessage | None:
        """What is sent; of a repetition the provider is not asked, as its message is there already."""
        if new.template is None:
            if new.attachment_ids:
                raise Invalid(reasons.FIRST_FILE, field="attachmentIds")
            return None if new.text is None else NewMessage(text=new.text)
        check_alone(is_message=True, text=new.text or "", others=False)
        message = NewMessage(text="", template=new.template, attachment_ids=new.attachment_ids)
        if key is not None and await self._units.database.read(lambda c: is_used(c, _key(access, key))):
            return message
        ready = await self._templates.ready(new.channel_id, connector, new.template)
        return msgspec.structs.replace(message, ready=ready)

    async def _connector(self, channel_id: int) -> Connector:
        try:
            return await self._channels.open_to_send(channel_id)
        except NotFound:
            raise Conflict("channel_paused", reasons.CHANNEL_PAUSED) from None


class _To(NamedTuple):
    typed: str
    """What the agent meant, cleaned."""
    address: str
    """As the channel's identities have it."""


def clean_address(typed: str, capabilities: Capabilities, region: str) -> str:
    """What a person typed, as the channel's identities have it.  Raises Invalid with what was expected."""
    typed = typed.strip()
    if capabilities.phone_numbers:
        found = numbers.from_agent(typed, region)
        if found is None:
            raise Invalid(
                reasons.BAD_PHONE_OF_REGION.of(region=region),
                field="address",
            )
        return found
    if not typed or len(typed) > _ADDRESS_LENGTH or not typed.isprintable():
        raise Invalid(reasons.BAD_ADDRESS.of(max=_ADDRESS_LENGTH), field="address")
    return typed


def _start(
    tx: Transaction,
    access: Access,
    new: NewDialog,
    to: _To,
    message: NewMessage | None,
    capabilities: Capabilities,
    key: str | None,
) -> Started:
    body_hash = new.hash()
    if key is not None:
        known = first_result(tx.connection, _key(access, key), body_hash, reasons.KEY_USED_FOR_DIALOG)
        if known is not None:
            return Started(dialog=queries.dialog_now(tx.connection, known), created=False)
    phone = to.typed if numbers.is_telephone(to.typed) else None
    person = find_or_add(tx, new.channel_id, to.address, phone=phone)
    there = change_queries.not_closed_of(tx.connection, person.identity_id)
    dialog_id = _open(tx, access, new.channel_id, person) if there is None else _join(tx, access, there)
    if message is not None:
        queue_reply(tx, access, dialog_id, message, capabilities)
    if key is not None:
        idempotency.use(tx, _key(access, key), body_hash, dialog_id)
    return Started(dialog=queries.dialog_now(tx.connection, dialog_id), created=there is None)


def _key(access: Access, key: str) -> Key:
    return Key(access.agent_id, _ROUTE, key)


def _join(tx: Transaction, access: Access, there: Any) -> int:
    """The open dialog there is: taken if nobody has it, answered if it may be."""
    dialog_id: int = there.id
    try:
        row = queries.lock_visible(tx.connection, access, dialog_id)
        check_may_write(access, row["assignee_id"])
    except (NotFound, Forbidden):
        raise Conflict("dialog_is_anothers", reasons.DIALOG_IS_ANOTHERS) from None
    if row["assignee_id"] is None:
        take(tx, access, row)
    return dialog_id


def _open(tx: Transaction, access: Access, channel_id: int, person: Found) -> int:
    dialog_id, number = tx.ids.new(), tx.number("dialog")
    seq = tx.seq()
    newest = change_queries.newest_of(tx.connection, person.identity_id)
    tx.connection.execute(
        insert(dialog).values(
            id=dialog_id,
            number=number,
            identity_id=person.identity_id,
            contact_id=person.contact_id,
            channel_id=channel_id,
            status="open",
            assignee_id=access.agent_id,
            created_at=tx.now_ms,
            last_message_at=tx.now_ms,
            previous_id=newest,
            reachable=person.reachable,
            opted_out=person.opted_out,
            seq=seq,
        )
    )
    activity = record_activity(tx, access, dialog_id, seq, "created")
    scope = DialogScope(
        dialog_id=dialog_id,
        channel_id=channel_id,
        assignee_before=None,
        assignee_after=access.agent_id,
        is_new=True,
    )
    tx.emit(seq, scope, DialogCreated(dialog=queries.dialog_now(tx.connection, dialog_id), activity=activity))
    return dialog_id
