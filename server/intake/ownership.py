"""Whether another application of the account has the thread at the provider, by the newest word about it.

Such a word is a change of hands and also every message: it came to us as the owner, or as one who only stands by.  What
comes late must not undo what is newer, by the provider's time.
"""

from typing import Any

from connectors.contract import AnyItem, Control
from server.delivery.model import told_at

Row = dict[str, Any]


def says_nothing(item: AnyItem) -> bool:
    """A change of hands that is none: somebody only asks for the thread, or it is no one's in particular."""
    # By the type itself: every message is asked, and isinstance() takes six times as long.
    return type(item) is Control and (item.ours is None or item.peer is None)


def of_message(dialog: Row, at: int, *, standby: bool) -> None:
    """A message of that time came, before the dialog knows of it."""
    if at >= _newest(dialog):
        dialog["elsewhere"] = standby


def of_control(dialog: Row, at_ms: int | None, *, ours: bool, now_ms: int) -> None:
    """The thread changed hands, at the provider's time if it gave one that can be."""
    at = told_at(at_ms, now_ms)
    if at >= _newest(dialog):
        dialog["elsewhere"] = not ours
        dialog["control_at"] = at


def _newest(dialog: Row) -> int:
    return max(dialog["control_at"] or 0, dialog["last_inbound_at"] or 0)
