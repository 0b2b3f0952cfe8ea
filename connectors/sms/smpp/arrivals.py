"""What came over the bind and is not yet answered, and how a message that comes again is known.

SMPP gives a message no id (§4.6.1).  Where the operator names one in an optional parameter of its own, that is the key.
Else it is a hash of the whole PDU body and the time at which we first saw it; so two messages of the same words have two
keys.  A PDU is the *same* message coming again only where that can be:

- the first is not answered yet, and the second comes over another connection or long after it;
- the first was answered, but so late that the SMSC may have given up, or over a connection that ended before the SMSC
  showed that it had our answer (by answering a request of ours that was written after it), and this is soon after we
  connected again.

Later than that, for as long as an SMSC may keep a message, the same PDU may be either: the message again, or the same
words written again.  Nothing in it tells, so it is a new message that says so (``repeated``).

The keys of what may come again are part of the polling cursor, which is committed together with the messages: so this
holds after a crash of the process too.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

import msgspec

from connectors import wire
from connectors.sms.smpp.pdu import BadPdu, Pdu, read_message

ROOM: Final = 200
"""PDUs that wait here; when there are more, nothing is read from the connection."""
_AT_ONCE: Final = 50
_MOST_DOUBTS: Final = 200
_TIMER_SECONDS: Final = 10.0
"""Earlier than this no SMSC gives up waiting for an answer: the same over one connection is another message."""
_AGAIN_SECONDS: Final = 900.0
"""After connecting, what an SMSC had to give again has come by then, as a rule."""
_KEPT_SECONDS: Final = 3 * 86_400.0
"""Later than this no SMSC gives a message again: they keep one for a day or two."""
_ANY: Final = 0
"""Instead of the number of a connection: the answer was late, whatever it went over."""

Answer = Callable[[], None]


class Arrival(msgspec.Struct):
    key: str
    """Without a dot it is made of the SMSC's own id, and holds for ever."""
    pdu: Pdu
    session: int
    at: float
    answers: list[Answer]
    repeated: bool = False
    """It may be one that we have already."""

    @property
    def print(self) -> str:
        return self.key.partition(".")[0]


class Batch(msgspec.Struct, frozen=True):
    arrivals: list[Arrival]
    cursor: str


class Arrivals:
    """Of one account.  ``monotonic`` counts seconds, ``wall`` those since 1970; ``id_tlv`` is where an id may be."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        id_tlv: int | None = None,
    ) -> None:
        self._now, self._wall, self._id_tlv = monotonic, wall, id_tlv
        self._session = 0
        self._bound_at = monotonic()
        self._queue: list[Arrival] = []
        self._given: Batch | None = None
        self._doubts: dict[str, int] = {}
        """Keys of what was committed and may come again, with the number of the connection it came over."""
        self._run, self._count = uuid4().hex[:8], 0
        self._room: asyncio.Future[None] | None = None

    def bound(self) -> int:
        """A new connection begins; its number."""
        self._session += 1
        self._bound_at = self._now()
        return self._session

    def forget(self) -> None:
        """Another process may go on from here: what is not answered comes again, to whoever asks for it."""
        self._queue.clear()
        self._given = None
        self._doubts.clear()
        self._count, self._run = 0, uuid4().hex[:8]
        self._make_room()

    @property
    def full(self) -> bool:
        return len(self._queue) >= ROOM

    def room(self) -> "asyncio.Future[None] | None":
        """What to wait for before more is put; None: there is room."""
        if not self.full:
            return None
        if self._room is None or self._room.done():
            self._room = asyncio.get_running_loop().create_future()
        return self._room

    def _make_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def put(self, session: int, pdu: Pdu, answer: Answer) -> None:
        """``answer`` is called when the message is committed."""
        named = self._named(pdu)
        mark = named or wire.fingerprint(pdu.command, pdu.body.hex())
        if (waiting := self._unanswered(mark, session, pdu)) is not None:
            if waiting.session != session:
                waiting.answers.clear()  # nobody is there any more
            waiting.session = session
            waiting.answers.append(answer)
            return
        before = None if named else self._doubtful(mark, session)
        repeated = before is not None and self._now() - self._bound_at > _AGAIN_SECONDS
        if before is None or repeated:
            key = named or f"{mark}.{int(self._wall() * 1000):x}{uuid4().hex[:4]}"
        else:
            key = before
        self._queue.append(Arrival(key, pdu, session, self._now(), [answer], repeated))

    def _named(self, pdu: Pdu) -> str | None:
        """A key of the SMSC's own id, where it gives one."""
        if self._id_tlv is None:
            return None
        try:
            message = read_message(pdu)
        except BadPdu:
            return None
        found = message.tlvs.get(self._id_tlv)
        return wire.fingerprint("id", message.source.number, found.hex()) if found else None

    def _unanswered(self, mark: str, session: int, pdu: Pdu) -> Arrival | None:
        given = [] if self._given is None else self._given.arrivals
        for each in (*given, *self._queue):
            late = self._now() - each.at > _TIMER_SECONDS
            again = each.session != session or late or each.pdu.sequence == pdu.sequence
            if each.key == mark or (each.print == mark and again):
                return each
        return None

    def _doubtful(self, mark: str, session: int) -> str | None:
        found = (key for key, of in self._doubts.items() if of != session and key.startswith(f"{mark}."))
        key = next(found, None)
        if key is not None:
            del self._doubts[key]
        return key

    # ------------------------------------------------------------------------------------- towards the host

    def resume(self, cursor: str | None) -> list[Arrival] | None:
        """What was committed last stands in ``cursor``: those that can be answered now, or None for no change."""
        given = self._given
        if given is None:
            if not self._count and cursor:
                self._doubts = {key: _ANY for key in cursor.partition("|")[2].split(",") if key}
                self._count = 1
            return None
        if given.cursor != cursor:
            return None
        self._given = None
        late = self._now() - _TIMER_SECONDS
        self._doubts |= {
            each.key: _ANY if each.at < late else each.session for each in given.arrivals if "." in each.key
        }
        self._doubts = dict(list(self._doubts.items())[-_MOST_DOUBTS:])
        return given.arrivals

    def doubts_of(self, session: int) -> list[str]:
        """Those whose answers went over this connection and may not have arrived."""
        return [key for key, of in self._doubts.items() if of == session]

    def sure(self, keys: list[str]) -> None:
        """The SMSC has our answers to these."""
        for key in keys:
            self._doubts.pop(key, None)

    def take(self, cursor: str | None, alone: Callable[[Arrival], bool]) -> Batch | None:
        """The next batch, or again the one that was not committed; None: nothing new.

        ``alone`` tells what has to be a batch of its own.
        """
        if self._given is not None:
            return self._given
        oldest = self._wall() - _KEPT_SECONDS
        self._doubts = {key: of for key, of in self._doubts.items() if _seen_at(key) > oldest}
        taken: list[Arrival] = []
        while self._queue and len(taken) < _AT_ONCE:
            single = alone(self._queue[0])
            if single and taken:
                break
            taken.append(self._queue.pop(0))
            if single:
                break
        self._make_room()
        keys = ",".join([*self._doubts, *(each.key for each in taken if "." in each.key)])
        if not taken and keys == (cursor or "").partition("|")[2]:
            return None
        self._count += 1
        self._given = Batch(taken, f"{self._run}-{self._count}|{keys}")
        return self._given


def _seen_at(key: str) -> float:
    """When a message with this key came first, in seconds since 1970."""
    try:
        return int(key.partition(".")[2][:-4], 16) / 1000
    except ValueError:
        return 0.0
