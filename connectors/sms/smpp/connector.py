"""SMS over SMPP 3.4: one account is one transceiver bind, over which messages go both ways."""

import asyncio
import contextlib
from functools import partial
from typing import Final

from connectors import numbers
from connectors.contract import (
    AnyItem,
    Attempt,
    Capabilities,
    Checked,
    Connector,
    ConnectorSpec,
    Media,
    Outbound,
    Pace,
    Polled,
    Profile,
    Rate,
    Received,
    Registration,
    Sent,
    Unknown,
    WebhookRequest,
    mark_of,
)
from connectors.errors import STOPPED, BadSignature, Failure, FetchFailed, NotAccepted
from connectors.http import HTTPClient
from connectors.sending import Part, plan, send_parts, unclear
from connectors.sms.smpp import failures, inbound, outbound, pdu, receipts, session, trial
from connectors.sms.smpp.arrivals import Arrival, Arrivals
from connectors.sms.smpp.late import Late, Place
from connectors.sms.smpp.pdu import BadPdu, Command, Message, Pdu
from connectors.sms.smpp.session import ANSWER_SECONDS, Session
from connectors.sms.smpp.settings import Settings

_LIMIT: Final = 670
"""Ten parts of 67 characters, as with the other providers."""
_POLL_SECONDS: Final = 20.0
_BIND_SECONDS: Final = 5.0
"""How long a message waits for the connection, as after a restart of the SMSC."""


class SmppConnector:
    """See :class:`connectors.contract.Connector` and :class:`connectors.contract.Exclusive`.

    :meth:`poll` connects and hands on what came; :meth:`send` uses the same connection.  A message is answered
    (deliver_sm_resp) when the cursor that came with it is the committed one, never earlier.
    """

    polls = True
    account = None

    def __init__(self, settings: Settings, _http: HTTPClient | None = None, _webhook_url: str = "") -> None:
        self._settings = settings
        self._stop_words = frozenset(word.upper() for word in settings.stop_words)
        own = numbers.from_msisdn(settings.sender) or settings.sender
        receive = (bool(settings.number) or numbers.is_telephone(own)) and not settings.send_only
        rate = settings.per_second
        self.pace = Pace(channel=Rate(per_second=rate, burst=rate) if rate else None)
        self._capabilities = Capabilities(
            receive=receive,
            sender=numbers.shown_sender(own, receive=receive),
            delivered_report=True,
            start_dialog=True,
            text_limit=_LIMIT,
            segments=True,
            phone_numbers=True,
        )
        self._session: Session | None = None
        self._bound = asyncio.Event()
        self._news = asyncio.Event()
        self._released = False
        self._asking: asyncio.Task[None] | None = None
        self._binding: asyncio.Task[Session] | None = None
        tag = int(settings.message_id_tlv, 16) if settings.message_id_tlv else None
        self._arrivals = Arrivals(id_tlv=tag)
        self._late = Late()
        self._window = asyncio.Semaphore(settings.window)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def shares_callback(self, other: Connector) -> bool:
        return False

    def receive(self, request: WebhookRequest) -> Received:
        raise BadSignature("nothing is called back over HTTP")

    async def fetch(self, source: str, limit: int) -> Media:
        raise FetchFailed("an SMS has no attachments", temporary=False)

    async def profile(self, peer_id: str) -> Profile | None:
        return None

    async def register(self, webhook_url: str) -> Registration:
        """Nothing to register: messages come over the connection that we open."""
        return Registration()

    async def check(self) -> Checked:
        """Connect, bind and unbind."""
        return await trial.check(self._settings)

    # -------------------------------------------------------------------------------------- the connection

    async def release(self) -> None:
        """The right to poll is lost: answer nothing more, say goodbye, and forget what another process will be given."""
        self._released = True
        self._bound.clear()
        for task in (self._binding, self._asking):
            if task is not None:
                task.cancel()
        bound, self._session = self._session, None
        if bound is not None:
            await bound.unbind()
        self._arrivals.forget()
        self._news.set()

    async def _connected(self) -> Session:
        """The connection, made where there is none.  Raises NotAccepted or Refused."""
        if self._session is None or self._session.closed:
            self._bound.clear()
            self._session = None
            self._binding = binding = asyncio.create_task(self._bind(), name="smpp bind")
            try:
                await asyncio.wait({binding})
            finally:
                binding.cancel()
            if binding.cancelled():  # by release()
                raise failures.unreachable()
            return binding.result()
        return self._session

    async def _bind(self) -> Session:
        found = await session.bind(
            self._settings, room=self._arrivals.room, incoming=self._take, ended=self._ended
        )
        self._session = found
        if not found.number:
            found.number = self._arrivals.bound()
        if not found.closed:
            self._bound.set()
        return found

    def _ended(self) -> None:
        self._bound.clear()
        self._news.set()

    def _take(self, of: Session, found: Pdu) -> None:
        if not of.number:  # messages may come in the very moment of the bind
            of.number = self._arrivals.bound()
        self._arrivals.put(of.number, found, partial(of.answer, found))
        self._news.set()

    # -------------------------------------------------------------------------------------- inbound

    async def poll(self, cursor: str | None) -> Polled:
        self._released = False
        self._answer_committed(cursor)
        bound = await self._connected()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                while not self._released:
                    self._make_sure(bound)
                    if (found := self._polled(cursor)) is not None:
                        return found
                    if bound.closed:
                        raise failures.unreachable("The connection to the SMSC was lost.")
                    self._news.clear()
                    await self._news.wait()
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
            self._news.set()

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
        pieces = [piece.text for piece in plan(message, self._capabilities)]
        parts = [
            each
            for index, text in enumerate(pieces)
            for each in outbound.messages(
                text, message.peer_id, f"{message.delivery_id}:{index}", self._settings
            )
        ]
        accepted: list[str] = []

        async def send(part: Message, number: int) -> str:
            if self._settings.reference:
                part = outbound.referring(part, mark_of(message.tracker, number))
            place = Place(message=message, number=number, count=len(parts), accepted=tuple(accepted))
            accepted.append(await self._submit(part, place))
            return accepted[-1]

        return await send_parts(
            message,
            [Part("text", partial(send, part, number)) for number, part in enumerate(parts, start=1)],
        )

    async def late(self) -> Attempt:
        """See :class:`connectors.contract.AnswersLate`."""
        return await self._late.next()

    async def _submit(self, message: Message, place: Place) -> str:
        try:
            async with asyncio.timeout(_BIND_SECONDS):
                await self._bound.wait()
            await self._window.acquire()
        except TimeoutError:
            raise failures.unreachable() from None
        except asyncio.CancelledError:
            # Not one octet was written, and whoever stopped us shall know that.
            text = "The message was not sent yet; that is done shortly."
            raise NotAccepted(Failure(code=STOPPED, text=text)) from None
        try:
            bound = self._session
            if bound is None:
                raise failures.unreachable()
            body = pdu.write_message(message)
            answer = await bound.request(
                Command.SUBMIT_SM, body, ANSWER_SECONDS, lambda late: self._came_late(place, late)
            )
        finally:
            self._window.release()
        return self._accepted(answer)

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
