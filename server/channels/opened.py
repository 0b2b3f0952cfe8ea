"""Opened channels: connectors ready for use, never more than a second behind the database.

The command line may add or change a channel while this process runs, and the bus may lose its wake-up.  So a copy is
good for a second; then its version is read again, and only a changed row costs more than that.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection

from connectors import registry
from connectors.contract import Connector, ConnectorSpec
from connectors.errors import ConnectorError, Failure
from connectors.http import HTTPClient
from server import reasons
from server.bus.base import Bus, Topic
from server.channels import queries
from server.channels.model import webhook_path
from server.channels.queries import ChannelRow
from server.channels.stored import StoredSettings, same_settings
from server.config import Config
from server.db.engine import Database
from server.db.failures import is_outage
from server.errors import Unavailable
from server.keyring import Keyring

T = TypeVar("T")

GOOD_FOR_S: Final = 1.0
_REMEMBERED: Final = 10_000
"""Ids and accounts that don't exist are kept in mind too, but no more than this: strangers may try any number."""

log = logging.getLogger(__name__)


class OpenedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel with its connector, as it stood at most a second ago."""

    id: int
    active: bool
    """Not paused: it may send, poll and fetch.  What comes to a paused one by itself is understood all the same."""
    kind: str
    provider: str | None
    name: str
    seq: int
    account: str | None
    connector: Connector
    sms_on: bool = True
    """False: SMS is off for this number.  Nothing is sent; what comes is set aside (``server.intake.aside``)."""
    webhook_url: str
    reopen_within_hours: int
    """The channel's own, else the workspace's."""


class _Entry:
    """What is known of one id; ``channel`` is None when it does not exist or can't be opened."""

    def __init__(self) -> None:
        self.row: ChannelRow | None = None
        self.channel: OpenedChannel | None = None
        self.good_until = 0.0
        self.lock = asyncio.Lock()


class OpenedChannels:
    """Opens channels and keeps them open.  Owns the HTTP client that all connectors share."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        config: Config,
        keyring: Keyring,
        *,
        on_broken: Callable[[int, Failure], None] = lambda _channel_id, _why: None,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._database = database
        self._config = config
        self.stored = StoredSettings(keyring)
        self._on_broken = on_broken
        self._monotonic = monotonic or (lambda: asyncio.get_running_loop().time())
        self._entries: dict[int, _Entry] = {}
        self._absent: dict[int, float] = {}
        self._changes = 0
        self._accounts: dict[tuple[str, str], tuple[float, list[int]]] = {}
        self.http = HTTPClient(timeout=config.delivery.call_seconds)
        self._unsubscribe = bus.subscribe(Topic.CHANNELS, self._changed)

    async def close(self) -> None:
        self._unsubscribe()
        await self.http.close()

    async def get(self, channel_id: int) -> OpenedChannel | None:
        """The channel, when it exists, is not paused and can be opened.  Raises Unavailable."""
        found = (await self._entry(channel_id)).channel
        return found if found is not None and found.active else None

    async def known(self, channel_id: int) -> OpenedChannel | None:
        """The channel, paused or not; None when there is none.  Raises Unavailable, also when it can't be opened."""
        entry = await self._entry(channel_id)
        if entry.row is not None and entry.channel is None:
            raise Unavailable(reasons.CHANNEL_NOT_OPENED)
        return entry.channel

    def known_now(self, channel_id: int) -> OpenedChannel | None:
        """The same without waiting: None also when :meth:`known` has to read it first."""
        entry = self._entries.get(channel_id)
        return None if entry is None or entry.good_until <= self._monotonic() else entry.channel

    def is_off(self, channel_id: int) -> bool:
        """Whether SMS is off for the channel's number, by what was last read."""
        entry = self._entries.get(channel_id)
        return entry is not None and entry.channel is not None and not entry.channel.sms_on

    async def _entry(self, channel_id: int) -> _Entry:
        if self._absent.get(channel_id, 0.0) > self._monotonic():
            return _Entry()
        entry = self._entries.get(channel_id)
        if entry is None:
            entry = self._entries[channel_id] = _Entry()
        if entry.good_until <= self._monotonic():
            async with entry.lock:  # of a crowd that comes at once, one reads
                if entry.good_until <= self._monotonic():
                    await self._refresh(channel_id, entry)
            if entry.row is None:
                self._forget(channel_id, entry.good_until)
        return entry

    def _forget(self, channel_id: int, until: float) -> None:
        """There is no such channel: remember just that, and not for too many."""
        self._entries.pop(channel_id, None)
        if len(self._absent) >= _REMEMBERED:
            self._absent.clear()
        self._absent[channel_id] = until

    async def of_account(self, kind: str, account: str) -> list[OpenedChannel]:
        """The channels of a kind for one account at the provider: active ones first, then paused; oldest first."""
        known = self._accounts.get((kind, account))
        if known is None or known[0] <= self._monotonic():
            ids = await self._read(lambda c: queries.ids_of_account(c, kind, account))
            if len(self._accounts) >= _REMEMBERED:
                self._accounts.clear()
            known = self._accounts[kind, account] = (self._monotonic() + GOOD_FOR_S, ids)
        found = [(await self._entry(channel_id)).channel for channel_id in known[1]]
        return sorted((each for each in found if each is not None), key=lambda each: not each.active)

    async def all(self) -> list[OpenedChannel]:
        """Every active channel, oldest first."""
        found = [await self.get(channel_id) for channel_id in await self._read(queries.active_ids)]
        return [channel for channel in found if channel is not None]

    def open(self, row: ChannelRow) -> Connector:
        """The connector of a row.  Raises ConnectorError, Unreadable; the text of it holds no secret."""
        settings = self.stored.of(row)
        return registry.open_connector(row.kind, row.provider, settings, self.http, self.webhook_url(row.id))

    def trial(self, spec: ConnectorSpec, settings: Mapping[str, Any], channel_id: int | None) -> Connector:
        """A connector that nobody keeps, to ask the provider with; for a channel that is not there yet, or is."""
        url = "" if channel_id is None else self.webhook_url(channel_id)
        return registry.open_connector(spec.kind, spec.provider, settings, self.http, url)

    def webhook_url(self, channel_id: int) -> str:
        return self._config.public_url + webhook_path(channel_id)

    async def _refresh(self, channel_id: int, entry: _Entry) -> None:
        asked, changes = self._monotonic(), self._changes
        if entry.row is not None:
            version = await self._read(lambda c: queries.version_of(c, channel_id))
            if version == entry.row.seq:
                entry.good_until = self._good_until(asked, changes)
                return
        row = await self._read(lambda c: queries.channel_row(c, channel_id))
        entry.channel = None if row is None else self._channel(row, entry)
        entry.row = row
        entry.good_until = self._good_until(asked, changes)

    def _good_until(self, asked: float, changes: int) -> float:
        """What was read just before a change was announced is not good any more."""
        return asked + GOOD_FOR_S if changes == self._changes else 0.0

    def _channel(self, row: ChannelRow, entry: _Entry) -> OpenedChannel | None:
        before = entry.row
        connector = None if entry.channel is None else entry.channel.connector
        resumed = before is not None and row.active and not before.active
        if before is None or resumed or not same_settings(before, row):
            try:
                connector = self.open(row)
            except (ConnectorError, ValueError, ImportError) as error:
                log.error("channel %s (%s) can't be opened: %s", row.id, row.kind, error)
                text = f"The channel can't be opened: {error}"
                self._on_broken(row.id, Failure(code="cannot_open", text=text, provider_code=str(error)))
                return None
        if connector is None:
            return None  # it could not be opened with these settings, and that was said already
        own = row.reopen_within_hours
        return OpenedChannel(
            id=row.id,
            active=row.active,
            kind=row.kind,
            provider=row.provider,
            name=row.name,
            seq=row.seq,
            account=row.account,
            connector=connector,
            sms_on=row.sms_on,
            webhook_url=self.webhook_url(row.id),
            reopen_within_hours=self._config.dialogs.reopen_within_hours if own is None else own,
        )

    def forget(self) -> None:
        """Read every channel anew: this process has changed one, and does not wait to hear of it."""
        self._changed(None)

    def _changed(self, _message: str | None) -> None:
        self._changes += 1
        for entry in self._entries.values():
            entry.good_until = 0.0
        self._absent.clear()
        self._accounts.clear()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except Exception as error:
            if is_outage(error):
                raise Unavailable(reasons.DATABASE_AWAY) from error
            raise
