"""What goes between the server and its writer process: a length of four bytes, then MessagePack."""

import msgspec

from server.bus.base import Topic
from server.events.model import Event
from server.intake.store import Work

SIZE_BYTES = 4


class Answer(msgspec.Struct, kw_only=True):
    """What became of a batch, and what to tell everybody."""

    events: list[Event] = []
    published: list[tuple[Topic, str]] = []
    error: str | None = None
    """The name of the exception's class."""
    detail: str = ""


encode = msgspec.msgpack.Encoder().encode
decode_work = msgspec.msgpack.Decoder(Work).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(SIZE_BYTES, "little") + data
