"""SMS over SMPP 3.4: one account is one transceiver bind, over which messages go both ways."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial
from typing import Final

from connectors.contract import (
    AnyItem,
    Attempt,
    Capabilities,
    Checked,
    Connector,
    ConnectorSpec,
    Outbound,
    Pace,
    Polled,
    Rate,
    Received,
    Registration,
    Sent,
    Unknown,
    WebhookRequest,
    mark_of,
)
from connectors.errors import BadSignature
from connectors.http import HTTPClient
from connectors.sending import Part, plan, send_parts, unclear
from connectors.sms import text_only
from connectors.sms.smpp import failures, inbound, outbound, pdu, receipts, trial
from connectors.sms.smpp.arrivals import Arrival, Arrivals
from connectors.sms.smpp.late import Late, Place
from connectors.sms.smpp.link import Link
from connectors.sms.smpp.pdu import BadPdu, Message, Pdu
from connectors.sms.smpp.session import Session
from connectors.sms.smpp.settings import Settings

_LIMIT: Final = 670
"""Ten parts of 67 characters, as with the other providers."""
_POLL_SECONDS: Final = 20.0


class SmppConnector(text_only.TextOnly):
    """See :class:`connectors.contract.Connector` and :class:`connectors.contract.Exclusive`.

    :meth:`poll` connects and hands on what came; :meth:`send` uses the same connection.  A message is answered
    (deliver_sm_resp) when the cursor that came with it is the committed one, never earlier.
    """

    polls = True
    account = None

    def __init__(self, settings: Settings, _http: HTTPClient | None = None, _webhook_url: str = "") -> None:
        self._settings = settings
        self._stop_words = frozenset(word.upper() for word in settings.stop_words)
        answered = bool(settings.number or text_only.telephone(settings.sender))
        receive = answered and not settings.send_only
        rate = settings.per_second
        self.pace = Pace(channel=Rate(per_second=rate, burst=rate) if rate else None)
        self._capabilities = text_only.capabilities(settings.sender, receive=receive, text_limit=_LIMIT)
        self._asking: asyncio.Task[None] | None = None
        tag = int(settings.message_id_tlv, 16) if settings.message_id_tlv else None
        self._arrivals = Arrivals(id_tlv=tag)
        self._link = Link(settings, self._arrivals)
        self._late = Late()

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def shares_callback(self, other: Connector) -> bool:
        return False

    def receive(self, request: WebhookRequest) -> Received:
        raise BadSignature("nothing is called back over HTTP")

    async def register(self, webhook_url: str) -> Registration:
        """Nothing to register: messages come over the connection that we open."""
        return Registration()

    async def check(self) -> Checked:
        """Connect, bind and unbind."""
        return await trial.check(self._settings)

    async def release(self) -> None:
        """The right to poll is lost: answer nothing more, say goodbye, and forget what another process will be given."""
        if self._asking is not None:
            self._asking.cancel()
        await self._link.release()
        self._arrivals.forget()

    # -------------------------------------------------------------------------------------- inbound

    async def poll(self, cursor: str | None) -> Polled:
        link = self._link
        link.want()
        self._answer_committed(cursor)
        bound = await link.connected()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                # What works is told at once, so that the pauses begin anew when it breaks the next time.
                while link.wanted and not link.works_anew():
                    self._make_sure(bound)
                    if (found := self._polled(cursor)) is not None:
                        return found
                    if bound.closed:
                        raise failures.unreachable("The connection to the SMSC was lost.")
                    link.news.clear()
                    await link.news.wait()
        return Polled(items=(), cursor=cursor or "")

    def _answer_committed(self, cursor: str | None) -> None:
        for arrival in self._arrivals.resume(cursor) or ():
            for answer in arrival.answers:
                answer()

    def _make_sure(self, bound: Session) -> None:
        """Find out whether our answers arrived, while the polling goes on."""
        keys = self._arrivals.doubts_of(bound.number)
        if keys and not bound.closed and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._ask(bound, keys), name="smpp answers")

    async def _ask(self, bound: Session, keys: list[str]) -> None:
        if await bound.ping():
            self._arrivals.sure(keys)
            self._link.news.set()

    def _polled(self, cursor: str | None) -> Polled | None:
        batch = self._arrivals.take(cursor, self._is_unknown)
        if batch is None:
            return None
        items = tuple(item for arrival in batch.arrivals for item in self._items(arrival))
        raw = batch.arrivals[0].pdu.encode() if len(batch.arrivals) == 1 else b""
        return Polled(items=items, cursor=batch.cursor, raw=raw)

    def _is_unknown(self, arrival: Arrival) -> bool:
        """Its bytes are kept, so no others may be with it."""
        return any(isinstance(item, Unknown) for item in self._items(arrival))

    def _items(self, arrival: Arrival) -> tuple[AnyItem, ...]:
        return inbound.read(
            arrival.pdu.encode(),
            key=arrival.key,
            stop_words=self._stop_words,
            region=self._settings.region,
            alphabet=self._settings.alphabet,
            receipt_ids=self._settings.receipt_ids,
            repeated=arrival.repeated,
        )

    # -------------------------------------------------------------------------------------- outbound

    async def send(self, message: Outbound) -> Sent:
        parts = self._parts(message)
        accepted: list[str] = []

        async def send(part: Message, number: int) -> str:
            place = Place(message=message, number=number, count=len(parts), accepted=tuple(accepted))
            answer = await self._link.submit(part, lambda late: self._came_late(place, late))
            accepted.append(self._accepted(answer))
            return accepted[-1]

        return await send_parts(
            message,
            [Part("text", partial(send, part, number)) for number, part in enumerate(parts, start=1)],
        )

    async def send_test(self, message: Outbound, running: Sequence[Connector]) -> Sent:
        """See :class:`connectors.contract.SendsTests`."""
        links = [each._link for each in running if isinstance(each, SmppConnector)]
        answers = await trial.send(self._parts(message), self._settings, links)
        return Sent(external_ids=tuple(self._accepted(answer) for answer in answers))

    async def late(self) -> Attempt:
        """See :class:`connectors.contract.AnswersLate`."""
        return await self._late.next()

    def _parts(self, message: Outbound) -> list[Message]:
        """What it becomes, with our marks: the same at every attempt."""
        pieces = [piece.text for piece in plan(message, self._capabilities)]
        parts = [
            part
            for index, text in enumerate(pieces)
            for part in outbound.messages(
                text, message.peer_id, f"{message.delivery_id}:{index}", self._settings
            )
        ]
        if not self._settings.reference:
            return parts
        return [
            outbound.referring(part, mark_of(message.tracker, number))
            for number, part in enumerate(parts, start=1)
        ]

    def _came_late(self, place: Place, answer: Pdu) -> None:
        self._late.answered(place, lambda: self._accepted(answer))

    def _accepted(self, answer: Pdu) -> str:
        if answer.status:
            raise failures.refusal(answer.status)
        try:
            found = pdu.read_id(answer.body)
        except BadPdu:
            found = ""
        if not found:
            raise unclear(failures.NAME, "accepted the message but named no id")
        return receipts.answered(found, self._settings.receipt_ids)


SPEC = ConnectorSpec(
    kind="sms",
    provider="smpp",
    label="SMS (SMPP)",
    switched_numbers=True,
    settings=Settings,
    secrets=("password",),
    open=SmppConnector,
    webhook_by_hand=False,
)
