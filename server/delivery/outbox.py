"""The outbox: what waits is claimed, sent by whoever claimed it, and recorded.

``sending`` is committed before the provider is called, with a lease longer than any call.  So after a crash it is
certain which deliveries may have gone out, and those become ``unknown``: never sent again by themselves, never shown
as sent.  A delivery waits while an earlier one of its identity is queued or being sent, which keeps the order.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import msgspec

from connectors.contract import AttachmentKind, Attempt, LinkButton, Outbound, OutboundAttachment, QuickReply
from server.bus.base import Bus, Topic
from server.delivery import claims, endings, moves, parking, queries
from server.delivery.channel_health import ChannelHealth, note_ends
from server.delivery.last_look import begin, needed
from server.delivery.model import Progress, RetryPolicy, count_of, not_to_send
from server.delivery.moves import Move
from server.delivery.progress import PartProgress
from server.delivery.templates.model import decoded
from server.delivery.wakes import Wakes
from server.failpoints import failpoint
from server.ids import first_id_at
from server.supervisor import Supervisor
from server.unit_of_work import Transaction, UnitOfWork

_LOOK_SECONDS = 1.0
_RECOVERY_SECONDS = 2.0
_RECOVERED_AT_ONCE = 200
_MISSED_WITHIN_MS = 600_000
_PARKED_FOR_MS = 30 * 86_400_000

log = logging.getLogger(__name__)
_replies = msgspec.json.Decoder(tuple[QuickReply, ...])
_links = msgspec.json.Decoder(tuple[LinkButton, ...])


class Files(Protocol):
    """Where attachments to send come from."""

    async def read(self, sha256: str) -> bytes: ...

    def link(self, attachment_id: int) -> str:
        """A short-lived public address of the attachment."""
        ...


class Recipients(Protocol):
    """Implemented in ``server.intake.naming``."""

    async def named(self, channel_id: int, told: Mapping[int, str]) -> None:
        """Delivery → under which id the provider knows who got it."""
        ...


class DatabaseOutbox:
    """The server's side of the port ``connectors.contract.Outbox``.

    ``owner`` names this process; ``health`` is told what a provider accepted, and when it refused a whole channel.
    """

    def __init__(
        self,
        units: UnitOfWork,
        bus: Bus,
        files: Files,
        *,
        owner: str,
        policy: RetryPolicy,
        lease_seconds: float,
        health: ChannelHealth,
        recipients: Recipients,
    ) -> None:
        self._units = units
        self._files = files
        self._owner = owner
        self._policy = policy
        self._lease_ms = int(lease_seconds * 1000)
        self._health = health
        self._recipients = recipients
        self._wakes = Wakes(bus, Topic.OUTBOX, _LOOK_SECONDS)

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("delivery recovery", self._recover_for_ever)

    # ------------------------------------------------------------------------------------- the port

    async def claim(self, channel_id: str, limit: int, resting: Sequence[str] = ()) -> list[Outbound]:
        channel = int(channel_id)
        self._wakes.listen(channel_id)
        now = self._units.clock.now_ms()
        found = await self._units.database.read(lambda c: claims.candidates(c, channel, now, limit, resting))
        if not found:
            return []
        claimed = await self._units.run(lambda tx: self._claim(tx, channel, limit, resting))
        failpoint("delivery.claimed")
        return claimed

    async def record(self, channel_id: str, attempts: Sequence[Attempt]) -> None:
        if not attempts:
            return
        failpoint("delivery.before_record")
        await self._units.run(lambda tx: self._record(tx, int(channel_id), attempts))
        failpoint("delivery.recorded")
        told = {int(a.delivery_id): a.sent.peer_id for a in attempts if a.sent and a.sent.peer_id}
        if told:
            await self._recipients.named(int(channel_id), told)
        note_ends(self._health, int(channel_id), [attempt.error for attempt in attempts])

    async def wait(self, channel_id: str) -> None:
        await self._wakes.wait(channel_id)

    # ------------------------------------------------------------------------------------- recovery

    async def recover(self) -> int:
        """End the attempts whose sender vanished; how many there were."""
        now = self._units.clock.now_ms()
        limit = _RECOVERED_AT_ONCE
        found = await self._units.database.read(lambda c: claims.expired(c, now, limit))
        if found:
            await self._units.run(lambda tx: _abandon(tx, found))
            log.warning("%d deliveries were interrupted while being sent", len(found))
        return len(found)

    async def apply_missed(self, *, since_ms: int) -> None:
        """Apply receipts that were parked by one transaction while another recorded their id."""
        first = first_id_at(since_ms)
        found = await self._units.database.read(
            lambda c: parking.parked_of_known(c, first, _RECOVERED_AT_ONCE)
        )
        if found:
            await self._units.run(lambda tx: _settle_again(tx, found))

    async def _recover_for_ever(self) -> None:
        await self.apply_missed(since_ms=0)
        while True:
            while await self.recover() == _RECOVERED_AT_ONCE:
                pass
            now = self._units.clock.now_ms()
            await self.apply_missed(since_ms=now - _MISSED_WITHIN_MS)
            await asyncio.sleep(_RECOVERY_SECONDS)

    async def prune(self) -> None:
        """Forget receipts of messages that were never ours."""
        before = self._units.clock.now_ms() - _PARKED_FOR_MS
        await self._units.run(lambda tx: parking.prune_parked(tx.connection, before))

    # ------------------------------------------------------------------------------------- inside transactions

    def _claim(self, tx: Transaction, channel_id: int, limit: int, resting: Sequence[str]) -> list[Outbound]:
        found = claims.candidates(tx.connection, channel_id, tx.now_ms, limit, resting)
        # Another process at work on these dialogs is stepped around, unless that would leave nothing to do.
        dialogs = queries.lock_dialogs(tx.connection, found.values(), skip_locked=True)
        if found and not dialogs:
            dialogs = queries.lock_dialogs(tx.connection, list(found.values())[:1])
        ids = [delivery_id for delivery_id, dialog_id in found.items() if dialog_id in dialogs]
        progress: dict[int, list[Progress]] = {}
        claimed: list[queries.Delivery] = []
        if ids:
            claimed, progress = needed(tx, claims.still_may_go(tx.connection, ids, tx.now_ms), dialogs)
        values = {"owner": self._owner, "lease_until": tx.now_ms + self._lease_ms}
        made = [
            Move(
                of=of,
                state="sending",
                teller="worker",
                at=tx.now_ms,
                values={**values, "attempt": of.attempt + 1},
            )
            for of in claimed
        ]
        begin(tx, claimed, progress)
        moves.make(tx, made, dialogs)
        return self._outbound(tx, claimed, progress)

    def _outbound(
        self, tx: Transaction, claimed: Sequence[queries.Delivery], progress: Mapping[int, list[Progress]]
    ) -> list[Outbound]:
        ids = [of.id for of in claimed]
        if not ids:
            return []
        contents = claims.contents(tx.connection, ids)
        files = claims.files_of(tx.connection, [of.message_id for of in claimed])
        return [
            Outbound(
                delivery_id=str(of.id),
                attempt=of.attempt + 1,
                peer_id=contents[of.id].address,
                text=contents[of.id].text,
                attachments=tuple(self._file(row) for row in files.get(of.message_id, ())),
                reply_to=contents[of.id].reply_to,
                quick_replies=_quick_replies(contents[of.id].quick_replies),
                link_buttons=_link_buttons(contents[of.id].link_buttons),
                template=decoded(contents[of.id].template),
                done=not_to_send(progress[of.message_id], of.id),
                planned=count_of(progress[of.message_id]),
                progress=PartProgress(self._units, of.id, of.dialog_id, of.attempt + 1),
                tracker=of.tracker,
                by_person=contents[of.id].origin == "agent",
                since_inbound_ms=_since(contents[of.id].last_inbound_at, tx.now_ms),
            )
            for of in claimed
        ]

    def _file(self, row: dict[str, Any]) -> OutboundAttachment:
        return OutboundAttachment(
            kind=AttachmentKind(row["kind"]),
            name=row["name"] or "file",
            mime=row["mime"] or "application/octet-stream",
            size=row["size"] or 0,
            read=partial(self._files.read, row["sha256"]),
            link=self._files.link(row["id"]),
        )

    def _record(self, tx: Transaction, channel_id: int, attempts: Sequence[Attempt]) -> None:
        ids = [int(attempt.delivery_id) for attempt in attempts]
        dialogs = queries.lock_dialogs(tx.connection, queries.dialogs_of(tx.connection, ids).values())
        endings.record(tx, attempts, dialogs, self._policy)
        tx.wake(Topic.OUTBOX, str(channel_id))


def _since(at: int | None, now: int) -> int | None:
    return None if at is None else max(0, now - at)


def _quick_replies(stored: str | None) -> tuple[QuickReply, ...]:
    return () if stored is None else _replies.decode(stored)


def _link_buttons(stored: str | None) -> tuple[LinkButton, ...]:
    return () if stored is None else _links.decode(stored)


def _abandon(tx: Transaction, found: dict[int, int]) -> None:
    dialogs = queries.lock_dialogs(tx.connection, found.values())
    deliveries = claims.lease_expired(tx.connection, found, tx.now_ms)
    endings.abandon(tx, deliveries, dialogs)
    for of in deliveries:
        tx.wake(Topic.OUTBOX, str(of.channel_id))


def _settle_again(tx: Transaction, found: dict[int, int]) -> None:
    dialogs = queries.lock_dialogs(tx.connection, found.values())
    deliveries = queries.deliveries_by_id(tx.connection, found)
    endings.settle_again(tx, list(deliveries.values()), dialogs)
