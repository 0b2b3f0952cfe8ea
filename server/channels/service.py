"""Channels: adding, pausing, opening, checking, and noting whether they work."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from connectors.contract import Connector
from connectors.errors import ConnectorError, Failure
from server import reasons
from server.agents import service as agents
from server.agents.access import Access
from server.bus.base import Bus, Topic
from server.channels import queries
from server.channels.fields import secrets_set
from server.channels.health import NOTHING_KNOWN, HealthNotes, Note
from server.channels.kinds import changed_settings, checked_settings, find_spec, is_switched_number
from server.channels.model import clean_channel_name
from server.channels.opened import OpenedChannel, OpenedChannels
from server.channels.queries import ChannelRow
from server.channels.views import ChannelViews
from server.config import Config
from server.entities import Channel
from server.errors import Conflict, InboxError, Invalid, NotFound
from server.events.model import ChannelScope, ChannelUpdated
from server.events.store import head
from server.keyring import Keyring
from server.unit_of_work import Transaction, UnitOfWork

log = logging.getLogger(__name__)


class Channels:
    """The use cases about channels, and the registry of opened ones.  ``actor`` None is the command line."""

    def __init__(self, units: UnitOfWork, config: Config, bus: Bus, keyring: Keyring) -> None:
        self._units = units
        self._config = config
        self._notes = HealthNotes(units.clock)
        self.opened = OpenedChannels(units.database, bus, config, keyring, on_broken=self._notes.failed)
        self._views = ChannelViews(self.opened)

    async def close(self) -> None:
        """Write what is still to be noted, and let the providers' connections go."""
        await self._write_notes(all_of_it=True)
        await self.opened.close()

    # -------------------------------------------------------------------------------------- opened channels

    async def active(self, channel_id: int) -> OpenedChannel | None:
        """The channel with its connector, unless it does not exist, is paused, or can't be opened.

        At most a second behind the database, whoever changed it.  Raises Unavailable.
        """
        return await self.opened.get(channel_id)

    async def known(self, channel_id: int) -> OpenedChannel | None:
        """The same for a channel that may be paused; None only when there is none.  Raises Unavailable."""
        return await self.opened.known(channel_id)

    def known_now(self, channel_id: int) -> OpenedChannel | None:
        """The same without waiting; None when it has to be read first, or when there is none."""
        return self.opened.known_now(channel_id)

    async def of_account(self, kind: str, account: str) -> list[OpenedChannel]:
        """The channels of a kind for one account at the provider: active ones first, then paused; oldest first."""
        return await self.opened.of_account(kind, account)

    async def all_active(self) -> list[OpenedChannel]:
        """Every active channel; ask again when Topic.CHANNELS says so, and now and then."""
        return await self.opened.all()

    async def open_to_send(self, channel_id: int) -> Connector:
        """As :meth:`open`, where something is to be sent.  Raises Conflict (``number_off``) as well."""
        connector = await self.open(channel_id)
        if self.opened.is_off(channel_id):
            raise Conflict("number_off", reasons.NUMBER_OFF)
        return connector

    async def open(self, channel_id: int) -> Connector:
        """The connector of an active channel.  Raises NotFound, Unavailable."""
        found = await self.active(channel_id)
        if found is None:
            raise NotFound(reasons.NO_SUCH_CHANNEL_OR_PAUSED)
        return found.connector

    # -------------------------------------------------------------------------------------- use cases

    async def list(self, access: Access | None = None) -> tuple[list[Channel], int]:
        """The channels granted to an agent (all, for the command line), and the log's position before the read."""
        seq, rows = await self._units.database.read(
            lambda c: (
                head(c).seq,
                queries.channel_rows(c) if access is None else queries.granted_rows(c, access),
            )
        )
        return [self._views.of(row) for row in rows], seq

    async def find(self, channel_id: int) -> Channel:
        return self._views.of(await self._row(channel_id))

    async def _row(self, channel_id: int) -> ChannelRow:
        row = await self._units.database.read(lambda c: queries.channel_row(c, channel_id))
        if row is None:
            raise NotFound(reasons.NO_SUCH_CHANNEL)
        return row

    async def add(
        self,
        *,
        kind: str,
        name: str,
        settings: Mapping[str, Any],
        provider: str | None = None,
        reopen_within_hours: int | None = None,
        grant_to_all: bool = True,
        actor: Access | None = None,
    ) -> Channel:
        """A new channel, granted to everybody there is unless asked otherwise.

        Nothing is asked of the provider.  Raises Invalid, which names each wrong key and what was expected.
        """
        name = clean_channel_name(name)
        spec = find_spec(kind, provider)
        settings = checked_settings(spec, settings)
        stored = self.opened.stored.columns(spec, settings)
        row = ChannelRow(
            id=self._units.ids.new(),
            kind=spec.kind,
            provider=spec.provider,
            name=name,
            settings=stored["settings"],
            secrets=stored["secrets"],
            account=None,
            active=True,
            reopen_within_hours=reopen_within_hours,
            reply_window_hours=None,
            sender=None,
            created_at=self._units.clock.now_ms(),
            last_error=None,
            last_error_at=None,
            last_inbound_at=None,
            last_outbound_at=None,
            seq=0,
        )
        connector = self._try(row)
        row = msgspec.structs.replace(
            row,
            account=connector.account,
            reply_window_hours=connector.capabilities.reply_window_hours,
            sender=connector.capabilities.sender,
        )

        def work(tx: Transaction) -> Channel:
            queries.insert_channel(tx.connection, msgspec.structs.asdict(row))
            detail = {"channel": str(row.id), "kind": row.kind, "name": row.name}
            agents.audit(tx, actor, "channel.added", detail)
            if grant_to_all:
                # The event head first: an agent who is being added now either is seen here or sees this channel.
                tx.seq(0)
                granted = queries.grant_to_all(tx.connection, row.id)
                agents.announce(tx, granted, access_changed=True)
            return self.announce(tx, row.id)

        return await self._units.run(work)

    async def change(
        self,
        channel_id: int,
        *,
        name: str | UnsetType = UNSET,
        active: bool | UnsetType = UNSET,
        settings: Mapping[str, Any] | UnsetType = UNSET,
        silence_hours: int | UnsetType | None = UNSET,
        sms_on: bool | UnsetType = UNSET,
        actor: Access | None = None,
    ) -> Channel:
        """Rename, pause, go on, SMS on or off, when to alarm; of ``settings`` only the keys that are given change, null
        takes one out.
        """
        clean = UNSET if name is UNSET else clean_channel_name(name)
        given = {"name": clean, "active": active, "silence_hours": silence_hours, "sms_on": sms_on}
        values = {column: value for column, value in given.items() if value is not UNSET}

        def work(tx: Transaction) -> Channel:
            row = queries.lock_channel(tx.connection, channel_id)
            if row is None:
                raise NotFound(reasons.NO_SUCH_CHANNEL)
            if sms_on is not UNSET and not is_switched_number(row):
                raise Invalid(reasons.ONLY_SMS_SWITCHED, field="smsOn")
            detail: dict[str, Any] = {"channel": str(channel_id), **values}
            columns = dict(values)
            if settings is not UNSET:
                columns |= self._new_settings(row, settings)
                detail["settings"] = sorted(settings)
            if columns:
                queries.update_channel(tx.connection, channel_id, columns)
            agents.audit(tx, actor, "channel.changed", detail)
            return self.announce(tx, channel_id)

        changed = await self._units.run(work)
        self.opened.forget()
        if settings is not UNSET:
            self._notes.forget(channel_id)
        return changed

    async def secrets_set(self, channel_id: int) -> tuple[str, ...]:
        """The keys of the secrets that a channel has; never their values."""
        row = await self._row(channel_id)
        try:
            spec = find_spec(row.kind, row.provider)
        except Invalid:
            return ()  # its package is gone: nobody knows which of its keys are secrets
        return tuple(secrets_set(spec, self.opened.stored.readable(row)))

    # -------------------------------------------------------------------------------------- health

    def note_received(self, channel_id: int) -> None:
        """Something came in.  Costs nothing; written with others, later."""
        self._notes.received(channel_id)

    def note_works(self, channel_id: int) -> None:
        """What was wrong with the channel is over."""
        self._notes.works(channel_id)

    def note_ok(self, channel_id: int) -> None:
        """The provider accepted something."""
        self._notes.sent(channel_id)

    def note_error(self, channel_id: int, failure: Failure) -> None:
        """The channel as a whole doesn't work: polling fails, the token was revoked.  People are shown why."""
        self._notes.failed(channel_id, failure)

    async def keep_notes(self) -> None:
        """For ``Supervisor.keep``: writes the notes for as long as the server runs."""
        while True:
            await self._notes.wait()
            await self._write_notes()

    async def _write_notes(self, *, all_of_it: bool = False) -> None:
        notes = self._notes.take_due(all_of_it=all_of_it)
        try:
            for channel_id in sorted(notes):
                await self._units.run(
                    partial(self._write_note, channel_id=channel_id, note=notes[channel_id])
                )
        except InboxError as error:
            log.warning("the health of channels could not be noted: %s", error)
            self._notes.put_back(notes)

    def _write_note(self, tx: Transaction, channel_id: int, note: Note) -> None:
        row = queries.lock_channel(tx.connection, channel_id)
        if row is None:
            return
        values = note.merged_into(row)
        for name in ("last_error", "last_error_said"):
            if isinstance(text := values.get(name), str):
                values[name] = self.opened.stored.cleaned(row, text)
        if values:
            queries.update_channel(tx.connection, channel_id, values)
            self.announce(tx, channel_id)

    # -------------------------------------------------------------------------------------- inside

    def announce(self, tx: Transaction, channel_id: int) -> Channel:
        """Give a channel that changed in this transaction its new number, and tell everybody."""
        seq = tx.seq()
        queries.update_channel(tx.connection, channel_id, {"seq": seq})
        row = queries.channel_row(tx.connection, channel_id)
        if row is None:
            raise NotFound(reasons.NO_SUCH_CHANNEL)
        view = self._views.of(row)
        tx.emit(seq, ChannelScope(channel_id=channel_id), ChannelUpdated(channel=view))
        tx.wake(Topic.CHANNELS, str(channel_id))
        return view

    def _new_settings(self, row: ChannelRow, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The columns that change with the settings.  What was wrong before says nothing about the new ones."""
        spec = find_spec(row.kind, row.provider)
        settings = changed_settings(spec, self.opened.stored.readable(row), changes)
        columns = self.opened.stored.columns(spec, settings)
        connector = self._try(msgspec.structs.replace(row, **columns))
        return {
            **columns,
            **NOTHING_KNOWN,
            "account": connector.account,
            "reply_window_hours": connector.capabilities.reply_window_hours,
            "sender": connector.capabilities.sender,
        }

    def _try(self, row: ChannelRow) -> Connector:
        try:
            return self.opened.open(row)
        except (ConnectorError, ValueError) as error:
            raise Invalid(reasons.SETTINGS_NOT_OPENED.of(why=str(error)), field="settings") from None
