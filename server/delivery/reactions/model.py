"""What an agent puts on a customer's message: what is wanted, what is there, and what may happen next.  Pure.

A reaction is no message and has no delivery: it is a wish about how something looks at the provider, which calls bring
in line with it.  The newest wish is the only one that counts, a call may be repeated without harm, and so one that was
lost is made again.  While a call is on its way no other is made about the same message: two could overtake each other.
"""

from typing import Literal

import msgspec

from connectors.errors import NotAccepted, Refused, SendError
from server.clock import rfc3339
from server.delivery.model import RetryPolicy
from server.delivery.moves import encode_failure
from server.entities import AgentRef, FailureView
from server.entities import OwnReaction as View

State = Literal["queued", "sending", "sent", "failed", "unknown"]


class OwnReaction(msgspec.Struct, kw_only=True):
    """A row of ``own_reaction``; one that does not exist yet is as :func:`none` makes it."""

    message_id: int
    dialog_id: int
    channel_id: int
    emoji: str | None
    carried: str | None
    seen: str | None
    former: str | None
    sure: bool
    state: State
    attempt: int
    tries: int
    lease_until: int | None
    next_attempt_at: int
    failure: str | None
    agent_id: int
    agent_name: str
    at: int


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants it, and when."""

    agent_id: int
    agent_name: str
    at: int


def none(*, message_id: int, dialog_id: int, channel_id: int, by: By) -> OwnReaction:
    """Nothing of ours is there, and nothing is wanted."""
    return OwnReaction(
        message_id=message_id,
        dialog_id=dialog_id,
        channel_id=channel_id,
        emoji=None,
        carried=None,
        seen=None,
        former=None,
        sure=True,
        state="sent",
        attempt=0,
        tries=0,
        lease_until=None,
        next_attempt_at=by.at,
        failure=None,
        agent_id=by.agent_id,
        agent_name=by.agent_name,
        at=by.at,
    )


def wish(row: OwnReaction, emoji: str | None, by: By) -> bool:
    """Let ``emoji`` be wanted; false: it is already, and that either came true or is still being tried."""
    if row.emoji == emoji and row.state not in ("failed", "unknown"):
        return False
    row.emoji, row.failure, row.tries = emoji, None, 0
    row.agent_id, row.agent_name, row.at = by.agent_id, by.agent_name, by.at
    if row.state != "sending":  # else its end decides
        # One that waits keeps the time that the provider asked for.
        _go_on(row, row.next_attempt_at if row.state == "queued" else by.at)
    return True


def goes_out(row: OwnReaction, lease_until: int) -> None:
    """A call is made now, about what is wanted now."""
    row.state, row.lease_until, row.carried = "sending", lease_until, row.emoji
    row.attempt += 1


def end(row: OwnReaction, error: SendError | None, policy: RetryPolicy, now: int) -> None:
    """The call that is on its way ended; something else may be wanted by now."""
    row.lease_until = None
    if error is None:
        _accepted(row)
    elif not isinstance(error, NotAccepted | Refused):
        row.sure = False
    asked = error.retry_after if isinstance(error, NotAccepted) else None
    if error is None or row.emoji != row.carried:
        _go_on(row, now + int((asked or 0.0) * 1000))
        return
    row.failure = encode_failure(error.failure)
    if isinstance(error, Refused):
        row.state = "failed"
        return
    row.tries += 1
    delay = policy.delay_ms(row.tries, asked)
    if delay is not None:
        row.state, row.next_attempt_at = "queued", now + delay
    else:
        row.state = "failed" if row.sure else "unknown"


def report(row: OwnReaction, attempt: int, failure: str | None, now: int) -> bool:
    """What the provider told later about a call, that it was accepted or why not; false: that changes nothing."""
    if attempt != row.attempt or row.state == "failed":
        return False
    if failure is None:
        if row.state != "unknown":
            return False
        _accepted(row)
        _go_on(row, now)
        return True
    row.lease_until = None
    if row.sure and row.seen == row.carried:
        row.seen = row.former
    row.sure = True
    if row.emoji == row.carried:
        row.state, row.failure = "failed", failure
    else:
        _go_on(row, now)
    return True


def _accepted(row: OwnReaction) -> None:
    if row.seen != row.carried:
        row.former, row.seen = row.seen, row.carried
    row.sure = True


def _go_on(row: OwnReaction, at: int) -> None:
    """To what is wanted: it is there already, or a call is due."""
    row.failure = None
    if row.sure and row.seen == row.emoji:
        row.state, row.tries = "sent", 0
    else:
        row.state, row.next_attempt_at = "queued", at


def shown(row: OwnReaction) -> View | None:
    """What people see of it; None: there is nothing to see."""
    if row.emoji is None and row.state == "sent":
        return None
    return View(
        emoji=row.emoji,
        seen=row.seen,
        state="queued" if row.state == "sending" else row.state,
        failure=None if row.failure is None else msgspec.json.decode(row.failure, type=FailureView),
        agent=AgentRef(id=str(row.agent_id), name=row.agent_name),
        at=rfc3339(row.at),
    )
