"""Names of customers whose channel does not tell them in the message: asked for afterwards, never in the webhook.

Only a nameless identity is asked about, a few times; a provider that won't tell is normal (permissions), and then the
address stands for the person.
"""

import asyncio
import contextlib
import logging

import msgspec
from sqlalchemy import select, update

from connectors.contract import Profile
from connectors.errors import ConnectorError, FetchFailed
from server.bus.base import Bus, Topic
from server.channels.running import EVERY, RunningKinds
from server.channels.service import Channels
from server.contacts.names import contact_folded
from server.db.schema import channel, contact, dialog, identity
from server.dialogs.queries import dialog_now, set_dialog
from server.errors import InboxError
from server.events.model import DialogScope, DialogUpdated
from server.supervisor import Supervisor
from server.unit_of_work import Transaction, UnitOfWork

_LOOK_SECONDS = 2.0
_AT_ONCE = 8
_CALL_SECONDS = 15.0
_ATTEMPTS = 4
_FIRST_PAUSE_MS = 5_000
_NAME_LENGTH = 300

log = logging.getLogger(__name__)


class Nameless(msgspec.Struct, frozen=True, kw_only=True):
    identity_id: int
    contact_id: int
    channel_id: int
    address: str
    attempts: int


class ProfileFetcher:
    """Several processes may run one each: a row is put off before it is asked about."""

    def __init__(
        self, units: UnitOfWork, bus: Bus, channels: Channels, *, kinds: RunningKinds = EVERY
    ) -> None:
        self._units = units
        self._kinds = kinds
        self._channels = channels
        self._woken = asyncio.Event()
        bus.subscribe(Topic.MEDIA, lambda _: self._woken.set())

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("profiles", self._fetch_for_ever)

    async def _fetch_for_ever(self) -> None:
        while True:
            self._woken.clear()
            while found := await self._due():
                await asyncio.gather(*(self._fetch(each) for each in found))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._woken.wait()

    async def _due(self) -> list[Nameless]:
        now = self._units.clock.now_ms()
        due = (
            select(identity.c.id)
            .join(channel, channel.c.id == identity.c.channel_id)
            .where(identity.c.profile_due_at <= now, self._kinds.condition)
            .limit(1)
        )
        if await self._units.database.read(lambda c: c.execute(due).one_or_none()) is None:
            return []
        return await self._units.run(lambda tx: _take(tx, self._kinds))

    async def _fetch(self, wanted: Nameless) -> None:
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                connector = await self._channels.open(wanted.channel_id)
                profile = await connector.profile(wanted.address)
        except FetchFailed as error:
            if not error.temporary:
                await self._units.run(lambda tx: _give_up(tx, wanted))
        except (TimeoutError, ConnectorError, InboxError) as error:
            log.info("a profile could not be had: %s", type(error).__name__)
        else:
            await self._units.run(lambda tx: _name(tx, wanted, profile))


def _take(tx: Transaction, kinds: RunningKinds) -> list[Nameless]:
    """Some that are due, each put off to when it would be tried again."""
    c = identity.c
    rows = tx.connection.execute(
        select(c.id, c.contact_id, c.channel_id, c.address, c.profile_attempts)
        .join(channel, channel.c.id == c.channel_id)
        .where(c.profile_due_at <= tx.now_ms, kinds.condition)
        .order_by(c.profile_due_at)
        .limit(_AT_ONCE)
        .with_for_update(of=identity, skip_locked=True, key_share=True)
    ).all()
    for row in rows:
        attempts = row.profile_attempts + 1
        due = None if attempts >= _ATTEMPTS else tx.now_ms + _FIRST_PAUSE_MS * 4**attempts
        tx.connection.execute(
            update(identity).where(c.id == row.id).values(profile_attempts=attempts, profile_due_at=due)
        )
    return [
        Nameless(
            identity_id=row.id,
            contact_id=row.contact_id,
            channel_id=row.channel_id,
            address=row.address,
            attempts=row.profile_attempts,
        )
        for row in rows
    ]


def _give_up(tx: Transaction, wanted: Nameless) -> None:
    tx.connection.execute(
        update(identity).where(identity.c.id == wanted.identity_id).values(profile_due_at=None)
    )


def _name(tx: Transaction, wanted: Nameless, profile: Profile | None) -> None:
    """Give the identity, and a contact that has no name yet, the name; whoever sees the dialogs is told."""
    _give_up(tx, wanted)
    name = (profile.name or "").strip()[:_NAME_LENGTH] if profile is not None else ""
    if not name:
        return
    locked = select(dialog.c.id).where(dialog.c.identity_id == wanted.identity_id).order_by(dialog.c.id)
    dialogs = list(tx.connection.execute(locked.with_for_update(key_share=True)).scalars())
    tx.connection.execute(update(identity).where(identity.c.id == wanted.identity_id).values(name=name))
    named = tx.connection.execute(
        update(contact)
        .where(contact.c.id == wanted.contact_id, contact.c.name == "")
        .values(name=name)
        .returning(contact.c.phone)
    ).one_or_none()
    if named is None:
        return
    folded = contact_folded(name, named.phone)
    tx.connection.execute(update(contact).where(contact.c.id == wanted.contact_id).values(folded=folded))
    seq = tx.seq(len(dialogs))
    for offset, dialog_id in enumerate(dialogs):
        set_dialog(tx.connection, dialog_id, {"seq": seq + offset})
        now = dialog_now(tx.connection, dialog_id)
        assignee = int(now.assignee.id) if now.assignee else None
        scope = DialogScope(
            dialog_id=dialog_id,
            channel_id=wanted.channel_id,
            assignee_before=assignee,
            assignee_after=assignee,
        )
        tx.emit(seq + offset, scope, DialogUpdated(dialog=now))
