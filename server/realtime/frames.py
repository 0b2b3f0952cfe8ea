"""The frames of ``/ws``: what clients may send, and the bytes that we send.

Frames to clients are complete WebSocket frames (header included, never compressed), encoded once and shared by all
sockets that get the same bytes.
"""

from typing import Literal

import msgspec
from websockets.frames import Frame, Opcode

from server.clock import rfc3339
from server.entities import AgentRef
from server.events.model import DialogScope, Event

ResetReason = Literal["pruned", "epoch", "ahead", "access_changed"]
SignalKind = Literal["typing", "viewing"]


class Start(msgspec.Struct, frozen=True, tag="start", tag_field="type", forbid_unknown_fields=True):
    """Begin at the present end of the log."""


class Resume(msgspec.Struct, frozen=True, tag="resume", tag_field="type", forbid_unknown_fields=True):
    """Go on after ``seq``, the last one this client applied."""

    epoch: str
    seq: str


class Signal(
    msgspec.Struct, frozen=True, tag="signal", tag_field="type", rename="camel", forbid_unknown_fields=True
):
    """This agent is typing in, or looking at, a dialog."""

    kind: SignalKind
    dialog_id: str


class Ping(msgspec.Struct, frozen=True, tag="ping", tag_field="type", forbid_unknown_fields=True):
    pass


ClientFrame = Start | Resume | Signal | Ping

decode = msgspec.json.Decoder(ClientFrame).decode
_encode = msgspec.json.Encoder().encode


def _frame(payload: bytes) -> bytes:
    return Frame(Opcode.TEXT, payload).serialize(mask=False)


def welcome(epoch: str, seq: int, agent_id: int) -> bytes:
    return _frame(_encode({"type": "welcome", "epoch": epoch, "seq": str(seq), "agentId": str(agent_id)}))


def event(of: Event, prev: int) -> bytes:
    """An event; its data was encoded when it was committed."""
    return _frame(
        b'{"type":"event","seq":"%d","prev":"%d","at":"%s","name":"%s","data":%s}'
        % (of.seq, prev, rfc3339(of.at_ms).encode(), of.name.encode(), of.data)
    )


def hidden(of: Event, prev: int) -> bytes:
    """Instead of an event by which this agent lost sight of its dialog."""
    dialog_id = of.scope.dialog_id if isinstance(of.scope, DialogScope) else 0
    return _frame(
        b'{"type":"event","seq":"%d","prev":"%d","at":"%s","name":"dialog.hidden","data":{"id":"%d"}}'
        % (of.seq, prev, rfc3339(of.at_ms).encode(), dialog_id)
    )


def watermark(seq: int, prev: int) -> bytes:
    return _frame(b'{"type":"watermark","seq":"%d","prev":"%d"}' % (seq, prev))


def reset(reason: ResetReason) -> bytes:
    return _frame(_encode({"type": "reset", "reason": reason}))


def signal(kind: str, dialog_id: str, agent: AgentRef) -> bytes:
    return _frame(_encode({"type": "signal", "kind": kind, "dialogId": dialog_id, "agent": agent}))


PONG = _frame(b'{"type":"pong"}')
