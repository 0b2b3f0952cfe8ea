"""The one place where a transaction is begun, gets its events, and is committed.

``await units.run(work)`` runs ``work(tx)``, a plain function, as one transaction on either database.  The events it
emitted are committed with its rows; only afterwards is anybody woken.  A deadlock or a lost insert race is repeated;
a database that is away becomes :class:`~server.errors.Unavailable`.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, insert, update

from server import reasons
from server.bus.base import Bus, Topic
from server.clock import Clock
from server.db.bulk import Together
from server.db.engine import Database
from server.db.failures import is_outage, is_retryable
from server.db.schema import counter
from server.errors import Unavailable
from server.events import store
from server.events.model import Event, EventData, Scope
from server.failpoints import failpoint
from server.ids import Ids

T = TypeVar("T")

_ATTEMPTS = 6
_encode = msgspec.json.Encoder().encode

log = logging.getLogger(__name__)


class Transaction:
    """What a unit of work sees: the connection, the time, ids, and the event log's end.

    Lock order: rows of dialogs first, then counters, then the event head.  After :meth:`seq` only new rows, or rows
    that this transaction already locked, may be written.
    """

    def __init__(self, connection: Connection, clock: Clock, ids: Ids) -> None:
        self.connection = connection
        self.now_ms = clock.now_ms()
        self.ids = ids
        self.events: list[Event] = []
        self.wakes: set[tuple[Topic, str]] = set()
        self.rows = Together()
        """Rows that this transaction does not read any more: they are written at its end, with the events."""

    def seq(self, count: int = 1) -> int:
        """The first of ``count`` event numbers; each must be used by exactly one :meth:`emit`."""
        return store.allot(self.connection, count)

    def emit(self, seq: int, scope: Scope, data: EventData) -> None:
        """Add an event with a number from :meth:`seq`; entities in ``data`` carry the same number."""
        self.events.append(Event(seq=seq, at_ms=self.now_ms, name=data.name, scope=scope, data=_encode(data)))

    def number(self, name: str, count: int = 1) -> int:
        """The first of ``count`` next numbers of a counter (dialog and contact record numbers); never comes back."""
        found: int | None = self.connection.execute(
            update(counter)
            .where(counter.c.name == name)
            .values(value=counter.c.value + count)
            .returning(counter.c.value)
        ).scalar_one_or_none()
        if found is None:
            self.connection.execute(insert(counter).values(name=name, value=count))
            return 1
        return found - count + 1

    def wake(self, topic: Topic, key: str = "") -> None:
        """After the commit, wake whoever waits for this; a wake-up may be lost, so everybody also looks by itself."""
        self.wakes.add((topic, key))


class UnitOfWork:
    """Runs transactions and tells listeners of the events that were committed."""

    def __init__(self, database: Database, bus: Bus, clock: Clock, ids: Ids) -> None:
        self.database = database
        self.clock = clock
        self.ids = ids
        self.bus = bus
        self._listeners: list[Callable[[list[Event]], None]] = []

    def on_commit(self, listener: Callable[[list[Event]], None]) -> None:
        """Call ``listener`` in this process with each transaction's events, after its commit.

        A convenience that spares a read: transactions of this process may be reported out of order, those of other
        processes not at all.
        """
        self._listeners.append(listener)

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` as one transaction.  Raises what ``work`` raises; then nothing was changed."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                result, tx = await self.database.write(lambda connection: self._attempt(connection, work))
            except Exception as error:
                if is_retryable(error) and attempt < _ATTEMPTS:
                    await asyncio.sleep(0.005 * attempt)
                    continue
                if is_outage(error):
                    log.warning("the database is away: %s", type(error).__name__)
                    raise Unavailable(reasons.DATABASE_AWAY) from error
                raise
            failpoint("transaction.committed")
            self._announce(tx)
            return result
        raise AssertionError("unreachable")

    def _attempt(self, connection: Connection, work: Callable[[Transaction], T]) -> tuple[T, Transaction]:
        tx = Transaction(connection, self.clock, self.ids)
        result = work(tx)
        store.append(tx.rows, tx.events)
        tx.rows.run(connection)
        failpoint("transaction.before_commit")
        return result, tx

    def tell(self, events: list[Event]) -> None:
        """Hand committed events to the listeners; also those that the writer process committed for this one."""
        if events:
            for listener in self._listeners:
                listener(events)

    def _announce(self, tx: Transaction) -> None:
        self.tell(tx.events)
        if tx.events:
            self.bus.publish(Topic.EVENTS, str(tx.events[-1].seq))
        for topic, key in tx.wakes:
            self.bus.publish(topic, key)
