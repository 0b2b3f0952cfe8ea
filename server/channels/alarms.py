"""Alarms of a channel: what they are, when they begin and end.  Pure, but for how a row keeps them.

An alarm begins when its cause is found and goes when the cause is gone; acknowledging says only that somebody knows.
New things in quarantine have no end of their own: for them acknowledging is the end.
"""

from typing import Final

import msgspec

from server.channels.model import health_of
from server.channels.queries import ChannelRow
from server.clock import rfc3339, rfc3339_or_none
from server.entities import Alarm, AlarmKind, HealthState

COUNTED: Final = 100
"""So many new things in quarantine are counted."""
_HOUR_MS: Final = 3_600_000


class Raised(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alarm as a row keeps it.  Times are epoch milliseconds."""

    kind: AlarmKind
    since: int
    count: int | None = None
    acknowledged_at: int | None = None


def alarms_of(row: ChannelRow) -> tuple[Raised, ...]:
    return msgspec.json.decode(row.alarms, type=tuple[Raised, ...])


def encoded(alarms: tuple[Raised, ...]) -> str:
    return msgspec.json.encode(alarms).decode()


def view(alarm: Raised) -> Alarm:
    return Alarm(
        kind=alarm.kind,
        since=rfc3339(alarm.since),
        count=alarm.count,
        acknowledged_at=rfc3339_or_none(alarm.acknowledged_at),
    )


def health_of_row(row: ChannelRow) -> HealthState:
    return health_of(
        active=row.active,
        sms_on=row.sms_on,
        last_error_at=row.last_error_at,
        last_inbound_at=row.last_inbound_at,
        last_outbound_at=row.last_outbound_at,
        looked=row.looked_at is not None,
        look_error=row.look_error,
    )


def due(row: ChannelRow, *, new_in_quarantine: int, now_ms: int) -> tuple[Raised, ...]:
    """The alarms that there should be now; those that go on keep their beginning and who acknowledged them."""
    before = {alarm.kind: alarm for alarm in alarms_of(row)}
    found: list[Raised] = []
    if health_of_row(row) == "failing":
        found.append(before.get("failing") or Raised(kind="failing", since=now_ms))
    if _is_silent(row, now_ms):
        found.append(before.get("silent") or Raised(kind="silent", since=now_ms))
    if new_in_quarantine:
        known = before.get("quarantine") or Raised(kind="quarantine", since=now_ms)
        found.append(msgspec.structs.replace(known, count=new_in_quarantine))
    return tuple(found)


def acknowledged(row: ChannelRow, now_ms: int) -> tuple[Raised, ...]:
    """The same alarms, known to an administrator; what is in quarantine needs no more than that."""
    return tuple(
        alarm if alarm.acknowledged_at else msgspec.structs.replace(alarm, acknowledged_at=now_ms)
        for alarm in alarms_of(row)
        if alarm.kind != "quarantine"
    )


def _is_silent(row: ChannelRow, now_ms: int) -> bool:
    """Counted from the last message, or from the beginning of a channel that never had one."""
    if row.silence_hours is None or not row.active or not row.sms_on:
        return False
    last = row.last_inbound_at if row.last_inbound_at is not None else row.created_at
    return now_ms - last > row.silence_hours * _HOUR_MS
