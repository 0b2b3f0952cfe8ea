"""A message of several parts on its way: each step is committed before the connector takes the next one.

So a process that is killed, or a call that is cut off, leaves behind which parts were accepted and which one may have
been; the others were certainly not sent.
"""

from collections.abc import Callable, Sequence

from server.delivery import model, moves, queries
from server.delivery.parts import Parts, next_move
from server.delivery.queries import Delivery
from server.failpoints import failpoint
from server.unit_of_work import Transaction, UnitOfWork


class Lapsed(Exception):
    """The attempt was given up meanwhile: its lease ran out, and nothing more may be sent by it."""


class PartProgress:
    """The server's side of the port ``connectors.contract.Progress``, for one attempt."""

    def __init__(self, units: UnitOfWork, delivery_id: int, dialog_id: int, attempt: int) -> None:
        self._units = units
        self._delivery_id = delivery_id
        self._dialog_id = dialog_id
        self._attempt = attempt

    async def planned(self, kinds: Sequence[str]) -> None:
        await self._run(lambda tx, of, parts: self._plan(tx, self._still(of), parts, kinds))

    async def begins(self, number: int) -> None:
        await self._run(lambda tx, of, parts: self._begin(tx, self._still(of), parts, number))
        failpoint("delivery.part_begun")

    async def arrived(self, number: int, external_id: str) -> None:
        await self._run(lambda tx, of, parts: self._arrive(tx, of, parts, number, external_id))
        failpoint("delivery.part_recorded")

    async def _run(self, step: Callable[[Transaction, Delivery, Parts], None]) -> None:
        """One transaction, with the dialog locked."""

        def work(tx: Transaction) -> None:
            dialogs = queries.lock_dialogs(tx.connection, [self._dialog_id])
            of = queries.deliveries_by_id(tx.connection, [self._delivery_id])[self._delivery_id]
            parts = Parts(tx, [of])
            step(tx, of, parts)
            # An attempt that was given up and turns out to have been accepted after all.
            move = next_move(of, parts, "worker", tx.now_ms)
            parts.write()
            moves.make(tx, [] if move is None else [move], dialogs, also={of.message_id: of.dialog_id})

        await self._units.run(work)

    def _still(self, of: Delivery) -> Delivery:
        if of.state != "sending" or of.attempt != self._attempt:
            raise Lapsed(f"attempt {self._attempt} of delivery {of.id} was given up")
        return of

    def _plan(self, tx: Transaction, of: Delivery, parts: Parts, kinds: Sequence[str]) -> None:
        """Parts that an earlier delivery of the message has, and this one has not, are not for this one to send."""
        known = model.best(queries.progress_of_messages(tx.connection, [of.message_id])[of.message_id])
        mine = parts.of(of.id)
        for number, kind in enumerate(kinds, start=1):
            if number in mine or number not in known:
                parts.add(of, number, "queued").kind = kind
        parts.goes_out(of, None)
        queries.set_count(tx.connection, of.id, len(kinds))

    def _begin(self, tx: Transaction, of: Delivery, parts: Parts, number: int) -> None:
        parts.add(of, number, "queued").begun_at = tx.now_ms
        parts.goes_out(of, number)

    def _arrive(self, tx: Transaction, of: Delivery, parts: Parts, number: int, external_id: str) -> None:
        parts.accept(of, number, external_id, tx.now_ms)
        parts.settle()
