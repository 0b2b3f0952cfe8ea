"""SQL of the metrics; each statement is bounded by an index, whatever the tables hold."""

from collections import Counter
from typing import get_args

from sqlalchemy import Connection, func, select, text

from server.channels import alarms
from server.channels.queries import channel_rows, quarantine_count
from server.db.schema import attachment, delivery
from server.entities import AlarmKind, HealthState
from server.events import store
from server.ids import first_id_at

_DAY_MS = 86_400_000


def ping(connection: Connection) -> None:
    """Raises when the database can't be reached or has no schema."""
    store.head(connection)


def numbers(connection: Connection, now_ms: int) -> dict[str, dict[str, float]]:
    """Metric name → value per label (the label may be empty)."""
    waiting = (
        select(delivery.c.state, func.count())
        .where(delivery.c.state.in_(("queued", "sending")))
        .group_by(delivery.c.state)
    )
    ended = (
        select(delivery.c.state, func.count())
        .where(delivery.c.id >= first_id_at(now_ms - _DAY_MS), delivery.c.state.not_in(("queued", "sending")))
        .group_by(delivery.c.state)
    )
    oldest = select(func.min(delivery.c.created_at)).where(delivery.c.state.in_(("queued", "sending")))
    oldest_at = connection.execute(oldest).scalar_one()
    pending = select(func.count()).select_from(attachment).where(text("state = 'pending'"))
    return {
        "centrala_event_head": {"": store.head(connection).seq},
        "centrala_deliveries_waiting": {"queued": 0, "sending": 0}
        | {row[0]: row[1] for row in connection.execute(waiting)},
        "centrala_deliveries_last_day": {row[0]: row[1] for row in connection.execute(ended)},
        "centrala_delivery_oldest_waiting_seconds": {
            "": 0 if oldest_at is None else max(0, now_ms - oldest_at) / 1000
        },
        "centrala_attachments_pending": {"": connection.execute(pending).scalar_one()},
        **_channels(connection),
        "centrala_quarantine": {"": quarantine_count(connection)},
    }


def _channels(connection: Connection) -> dict[str, dict[str, float]]:
    rows = channel_rows(connection)
    health = Counter(alarms.health_of_row(row) for row in rows)
    raised = Counter(
        alarm.kind for row in rows for alarm in alarms.alarms_of(row) if alarm.acknowledged_at is None
    )
    return {
        "centrala_channels": {name: health[name] for name in get_args(HealthState)},
        "centrala_channel_alarms": {name: raised[name] for name in get_args(AlarmKind)},
        "centrala_provider_pending": {str(row.id): row.pending for row in rows if row.pending is not None},
    }
