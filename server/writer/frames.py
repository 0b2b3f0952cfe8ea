"""What goes between the server and its writer process: a length of four bytes, then MessagePack."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from server.bus.base import Topic
from server.events.model import Event
from server.intake.keys import Entry
from server.intake.store import Left, Refused, Work

SIZE_BYTES = 4


class Answer(msgspec.Struct, kw_only=True):
    """What became of a batch, and what to tell everybody."""

    events: list[Event] = []
    published: list[tuple[Topic, str]] = []
    left: Left | None = None
    error: str | None = None
    """The name of the exception's class."""
    detail: str = ""


class Sifted:
    """Entries of which some can't be passed on: a connector's mistake that its types don't show refuses one entry."""

    def __init__(self, entries: Iterable[Any], passed: Callable[[Any], Entry]) -> None:
        self.good: list[Entry] = []
        self._positions: list[int] = []
        self._refused: list[Refused] = []
        for position, entry in enumerate(entries):
            try:
                good = passed(entry)
            except Exception as error:  # noqa: BLE001 - whatever it is, this entry can't be stored
                self._refused.append(Refused(position, type(error).__name__))
            else:
                self.good.append(good)
                self._positions.append(position)

    def left(self, left: Left, *, rest: bool) -> Left:
        """What is left of all of them, when this is left of the good ones."""
        refused = [Refused(self._positions[position], why) for position, why in left.refused]
        return Left(refused=self._refused + refused, rest=rest)


class _Unread(msgspec.Struct, kw_only=True):
    """A :class:`~server.intake.store.Work` of which nothing is read yet."""

    entries: list[msgspec.Raw]
    kept: list[msgspec.Raw]
    cursors: list[msgspec.Raw]


encode = msgspec.msgpack.Encoder().encode
decode_work = msgspec.msgpack.Decoder(Work).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
_decode_unread = msgspec.msgpack.Decoder(_Unread).decode
_decode_entry = msgspec.msgpack.Decoder(Entry).decode


def encodable(work: Work) -> tuple[Work, Sifted]:
    """The entries that can be encoded."""
    sifted = Sifted(work.entries, _encodable)
    return Work(entries=sifted.good), sifted


def decodable(data: bytes) -> tuple[Work, Sifted, bool] | None:
    """The same for decoding, and whether there was something besides, which is left as it is; None: no entries."""
    unread = _decode_unread(data)
    if not unread.entries:
        return None
    sifted = Sifted(unread.entries, _decode_entry)
    return Work(entries=sifted.good), sifted, bool(unread.kept or unread.cursors)


def _encodable(entry: Entry) -> Entry:
    encode(entry)
    return entry


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(SIZE_BYTES, "little") + data
