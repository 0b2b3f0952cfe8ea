"""The states of a delivery, in which order they may follow each other, and when to try again.  Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from connectors.contract import Capabilities, ReceiptState
from server.entities import DeliveryState

RANKS: Final[dict[DeliveryState, int]] = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "failed": 4,
    "delivered": 5,
    "read": 6,
}
"""What is reported later counts only when it ranks higher: in whatever order reports come, the end is the same."""

ACCEPTED: Final[frozenset[DeliveryState]] = frozenset({"sent", "delivered", "read"})
"""The provider certainly has the message."""

RETRYABLE: Final[frozenset[DeliveryState]] = frozenset({"failed", "unknown"})
"""An agent may have these sent again."""

REPORTED: Final[dict[ReceiptState, DeliveryState]] = {
    ReceiptState.QUEUED: "sent",
    ReceiptState.SENT: "sent",
    ReceiptState.DELIVERED: "delivered",
    ReceiptState.READ: "read",
    ReceiptState.FAILED: "failed",
}
"""What a provider's word means to us: whatever it queued, it has accepted."""


def advance(old: DeliveryState, new: DeliveryState) -> DeliveryState:
    """The state after ``new`` was reported: it only ever moves forward."""
    return new if RANKS[new] > RANKS[old] else old


class PartState(NamedTuple):
    """How far one part got."""

    state: DeliveryState
    kind: str | None = None
    failure: str | None = None
    accepted: bool = False
    """Whether the provider had it once, whatever it reported later."""


class Progress(msgspec.Struct, kw_only=True):
    """How far one delivery of a message got, with the parts that it is to send."""

    id: int
    state: DeliveryState
    failure: str | None = None
    count: int | None = None
    """How many parts the message is made of; None: not known yet, or no more than one."""
    parts: dict[int, PartState] = {}


class Shown(NamedTuple):
    """What people see of a message of ours."""

    state: DeliveryState
    failure: str | None
    parts: str | None
    """JSON of PartView."""


def best(deliveries: Iterable[Progress]) -> dict[int, PartState]:
    """How far each part got in these deliveries, oldest first.

    The last one decides, unless a part was accepted: what arrived is not failed because it was also sent a second
    time in vain.
    """
    found: dict[int, PartState] = {}
    for each in deliveries:
        for number, part in each.parts.items():
            found[number] = _further(found[number], part) if number in found else part
    return dict(sorted(found.items()))


def _further(known: PartState, later: PartState) -> PartState:
    if known.state not in ACCEPTED:
        return later
    return later if later.state in ACCEPTED and RANKS[later.state] > RANKS[known.state] else known


def count_of(deliveries: Iterable[Progress]) -> int | None:
    """How many parts the message is made of; None while nobody knows."""
    return max((each.count for each in deliveries if each.count is not None), default=None)


def not_to_send(deliveries: Sequence[Progress], delivery_id: int) -> frozenset[int]:
    """Parts of the message that this delivery is not to send: they were accepted, or are not its own."""
    mine = next(each.parts for each in deliveries if each.id == delivery_id)
    found = {number for number, part in mine.items() if part.accepted}
    for number, part in best(deliveries).items():
        if part.state in ACCEPTED or (mine and number not in mine):
            found.add(number)
    return frozenset(found)


def arrived(deliveries: Sequence[Progress]) -> bool:
    """Whether the provider has all of the message."""
    count, parts = count_of(deliveries), best(deliveries)
    return count is not None and all(
        number in parts and parts[number].state in ACCEPTED for number in range(1, count + 1)
    )


def message_state(deliveries: Sequence[Progress]) -> DeliveryState:
    """The state of a message with these deliveries, oldest first: what all of its parts have reached.

    While its last delivery waits or is being sent, that is what the message does.
    """
    parts = [part.state for part in best(deliveries).values()]
    if arrived(deliveries):
        return min(parts, key=RANKS.__getitem__)
    last = deliveries[-1].state
    if last in ("queued", "sending"):
        return last
    return worst_of(parts) or ("failed" if last in ACCEPTED else last)


def worst_of(parts: Collection[DeliveryState]) -> DeliveryState | None:
    """What is wrong with parts in these states, if anything: a certain failure counts more than a doubt."""
    if "failed" in parts:
        return "failed"
    return "unknown" if "unknown" in parts else None


def told_at(at_ms: int | None, now_ms: int) -> int:
    """The time that a provider gave, unless it gave none or one that can't be: then the present.  Milliseconds."""
    return at_ms if at_ms is not None and 0 < at_ms <= now_ms else now_ms


def tracker_of(delivery_id: int) -> str:
    """Our mark on a delivery, which echoes and receipts of some providers bring back."""
    return f"centrala:{delivery_id}"


def reply_hours(capabilities: Capabilities, *, by_person: bool) -> int | None:
    """For how long after the customer's last message; only what a person writes may use the longer time."""
    longer = capabilities.human_reply_hours if by_person else None
    return capabilities.reply_window_hours if longer is None else longer


def reply_closes_at(hours: int | None, last_inbound_at: int | None) -> int | None:
    """Until when the customer may be answered; None: without end."""
    return None if hours is None or last_inbound_at is None else last_inbound_at + hours * 3_600_000


_LONGEST_RETRY_AFTER_S = 86_400.0


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When something certainly not accepted is tried again."""

    first_seconds: float
    max_seconds: float
    max_attempts: int
    random: Callable[[], float]
    """From 0 up to 1; spreads the tries of many deliveries."""

    def delay_ms(self, tries: int, retry_after: float | None = None) -> int | None:
        """Milliseconds until the next attempt after ``tries`` in vain; None when that was the last.

        Never sooner than the provider asked for.
        """
        if tries >= self.max_attempts:
            return None
        steady: float = min(self.max_seconds, self.first_seconds * 2 ** (tries - 1))
        delay = steady * (0.5 + 0.5 * self.random())
        if retry_after is not None:
            delay = min(max(retry_after, 0.0), _LONGEST_RETRY_AFTER_S) + delay * 0.1
        return int(delay * 1000)
