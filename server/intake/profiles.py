"""Names and pictures of customers: asked for after their first message, never in the webhook.

A provider that won't tell is normal (permissions), and then the address and initials stand for the person.  A provider's
address of a picture is used at once and stored nowhere; of the picture we keep a small copy made anew.  Pictures are
looked at again after a month.
"""

import asyncio
import logging

import msgspec
from sqlalchemy import select, update

from connectors.contract import Connector, Profile
from connectors.errors import ConnectorError, FetchFailed
from server.bus.base import Bus, Topic
from server.channels.running import EVERY, RunningKinds
from server.channels.service import Channels
from server.contacts.model import contact_folded
from server.db.schema import channel, contact, identity
from server.errors import InboxError
from server.intake import telling
from server.media.pictures import Thumbnails
from server.media.queries import named
from server.slots import Slots
from server.supervisor import Supervisor, is_woken
from server.unit_of_work import Transaction, UnitOfWork

_LOOK_SECONDS = 2.0
_AT_ONCE = 8
_PER_CHANNEL = 4
"""So that one provider that hangs leaves room for the others."""
_CALL_SECONDS = 15.0
_ATTEMPTS = 4
_FIRST_PAUSE_MS = 5_000
_NAME_LENGTH = 300
_PICTURE_BYTES = 5 * 1_048_576
_AGAIN_MS = 30 * 86_400_000

log = logging.getLogger(__name__)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    identity_id: int
    contact_id: int
    channel_id: int
    address: str
    attempts: int
    picture: str | None


class ProfileFetcher:
    """Several processes may run one each: a row is put off before it is asked about."""

    def __init__(
        self,
        units: UnitOfWork,
        bus: Bus,
        channels: Channels,
        thumbnails: Thumbnails,
        *,
        kinds: RunningKinds = EVERY,
    ) -> None:
        self._thumbnails = thumbnails
        self._units = units
        self._kinds = kinds
        self._channels = channels
        self._woken = asyncio.Event()
        self._slots = Slots(_AT_ONCE, _PER_CHANNEL, self._woken.set)
        bus.subscribe(Topic.MEDIA, lambda _: self._woken.set())

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("profiles", lambda: self._fetch_for_ever(supervisor))

    async def _fetch_for_ever(self, supervisor: Supervisor) -> None:
        while True:
            self._woken.clear()
            while found := await self._due():
                for each in found:
                    _task = supervisor.once(
                        f"profile {each.identity_id}", self._slots.hold(self._fetch, each)
                    )
            await is_woken(self._woken, _LOOK_SECONDS)

    async def fetch_due(self) -> int:
        """Ask about those who are due and have room, and wait until it ended; how many there were."""
        found = await self._due()
        await asyncio.gather(*(self._slots.hold(self._fetch, each) for each in found))
        return len(found)

    async def _due(self) -> list[Asked]:
        if not self._slots.free:
            return []
        now = self._units.clock.now_ms()
        due = (
            select(identity.c.id)
            .join(channel, channel.c.id == identity.c.channel_id)
            .where(identity.c.profile_due_at <= now, self._kinds.condition)
            .where(identity.c.channel_id.not_in(self._slots.full))
            .limit(1)
        )
        if await self._units.database.read(lambda c: c.execute(due).one_or_none()) is None:
            return []
        return await self._units.run(lambda tx: _take(tx, self._kinds, self._slots))

    async def _fetch(self, wanted: Asked) -> None:
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                connector = await self._channels.open(wanted.channel_id)
                profile = await connector.profile(wanted.address)
                picture = await self._picture(connector, wanted, profile)
        except FetchFailed as error:
            if not error.temporary:
                await self._units.run(lambda tx: _give_up(tx, wanted))
        except (TimeoutError, ConnectorError, InboxError) as error:
            log.info("a profile could not be had: %s", type(error).__name__)
        else:
            left = await self._units.run(lambda tx: _take_over(tx, wanted, profile, picture))
            if left is not None:
                await self._thumbnails.forget(left)

    async def _picture(self, connector: Connector, wanted: Asked, profile: Profile | None) -> str | None:
        """The hash of a stored copy; what they had where it can't be had now, None where they show none."""
        if profile is None or profile.picture is None:
            return None
        try:
            media = await connector.fetch(profile.picture, _PICTURE_BYTES)
        except FetchFailed as error:
            log.info("a picture could not be had: %s", error.code)
            return wanted.picture
        return await self._thumbnails.avatar(media.data)


def _take(tx: Transaction, kinds: RunningKinds, slots: Slots) -> list[Asked]:
    """Some that are due and have room, each put off to when it would be tried again."""
    c = identity.c
    found = tx.connection.execute(
        select(c.id, c.contact_id, c.channel_id, c.address, c.profile_attempts, c.picture)
        .join(channel, channel.c.id == c.channel_id)
        .where(c.profile_due_at <= tx.now_ms, kinds.condition, c.channel_id.not_in(slots.full))
        .order_by(c.profile_due_at)
        .limit(slots.free)
        .with_for_update(of=identity, skip_locked=True, key_share=True)
    ).all()
    rows = slots.fitting(found)
    for row in rows:
        attempts = row.profile_attempts + 1
        due = None if attempts >= _ATTEMPTS else tx.now_ms + _FIRST_PAUSE_MS * 4**attempts
        tx.connection.execute(
            update(identity).where(c.id == row.id).values(profile_attempts=attempts, profile_due_at=due)
        )
    return [
        Asked(
            identity_id=row.id,
            contact_id=row.contact_id,
            channel_id=row.channel_id,
            address=row.address,
            attempts=row.profile_attempts,
            picture=row.picture,
        )
        for row in rows
    ]


def _give_up(tx: Transaction, wanted: Asked) -> None:
    tx.connection.execute(
        update(identity).where(identity.c.id == wanted.identity_id).values(profile_due_at=None)
    )


def _take_over(tx: Transaction, wanted: Asked, profile: Profile | None, picture: str | None) -> str | None:
    """Note what was told; whoever sees the dialogs is told.  Returns the hash of a copy that nothing names any more."""
    if profile is None:
        _give_up(tx, wanted)
        return None
    wanted = _locked(tx, wanted)
    values = {"profile_due_at": tx.now_ms + _AGAIN_MS, "profile_attempts": 0, "picture": picture}
    tx.connection.execute(update(identity).where(identity.c.id == wanted.identity_id).values(**values))
    is_named = _name(tx, wanted, (profile.name or "").strip()[:_NAME_LENGTH])
    if is_named or picture != wanted.picture:
        telling.tell(tx, telling.lock_newest(tx, [wanted.contact_id]))
    if wanted.picture is None or wanted.picture == picture or named(tx.connection, [wanted.picture]):
        return None
    return wanted.picture


def _locked(tx: Transaction, wanted: Asked) -> Asked:
    """The identity, locked before its dialogs as intake does, and of the contact whose it is now."""
    c = identity.c
    statement = select(c.contact_id).where(c.id == wanted.identity_id).with_for_update(key_share=True)
    return msgspec.structs.replace(wanted, contact_id=tx.connection.execute(statement).scalar_one())


def _name(tx: Transaction, wanted: Asked, name: str) -> bool:
    """Give the name to an identity and a contact that have none yet; whether the contact got it."""
    if not name:
        return False
    nameless = (identity.c.id == wanted.identity_id) & (identity.c.name == "")
    tx.connection.execute(update(identity).where(nameless).values(name=name))
    found = tx.connection.execute(
        update(contact)
        .where(contact.c.id == wanted.contact_id, contact.c.name == "")
        .values(name=name)
        .returning(contact.c.phone)
    ).one_or_none()
    if found is None:
        return False
    folded = contact_folded(name, found.phone)
    tx.connection.execute(update(contact).where(contact.c.id == wanted.contact_id).values(folded=folded))
    return True
