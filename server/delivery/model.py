"""The states of a delivery, in which order they may follow each other, and when to try again.  Pure."""

from collections.abc import Callable, Iterable
from typing import Final

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


def message_state(deliveries: Iterable[DeliveryState]) -> DeliveryState:
    """The state of a message with these deliveries, oldest first.

    Its last delivery decides, unless one of them was accepted: a message that arrived is not failed because it was
    also sent a second time in vain.
    """
    states = list(deliveries)
    accepted = [state for state in states if state in ACCEPTED]
    return max(accepted, key=RANKS.__getitem__) if accepted else states[-1]


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

    def delay_ms(self, attempt: int, retry_after: float | None = None) -> int | None:
        """Milliseconds until the next attempt after attempt number ``attempt``; None when that was the last.

        Never sooner than the provider asked for.
        """
        if attempt >= self.max_attempts:
            return None
        steady: float = min(self.max_seconds, self.first_seconds * 2 ** (attempt - 1))
        delay = steady * (0.5 + 0.5 * self.random())
        if retry_after is not None:
            delay = min(max(retry_after, 0.0), _LONGEST_RETRY_AFTER_S) + delay * 0.1
        return int(delay * 1000)
