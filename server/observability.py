"""``/health/live``, ``/health/ready`` and ``/metrics``: what an operator's machines ask.

Redis is never required to be ready: without it pushes are slower and nothing else.  Metrics are shown on the machine
itself and to administrators.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from server import observability_queries as queries
from server.agents.authentication import PUBLIC, Authentication
from server.agents.origin import is_loopback, is_loopback_host
from server.bus.base import Bus
from server.clock import Clock
from server.db.engine import Database
from server.entities import Entity

_READY_S: Final = 3.0
_TEXT: Final = "text/plain; version=0.0.4"  # Litestar adds the charset

log = logging.getLogger(__name__)

_HELP: Final = {
    "centrala_event_head": ("", "Number of the newest committed event"),
    "centrala_deliveries_waiting": ("state", "Deliveries that are not ended yet, by state"),
    "centrala_deliveries_last_day": ("state", "Ended deliveries begun within the last 24 hours, by state"),
    "centrala_delivery_oldest_waiting_seconds": (
        "",
        "Age of the oldest delivery that waits or is being sent",
    ),
    "centrala_attachments_pending": ("", "Attachments whose bytes are still to be fetched"),
    "centrala_channels": ("health", "Channels, by how they are"),
    "centrala_channel_alarms": ("kind", "Alarms of channels that nobody acknowledged, by kind"),
    "centrala_provider_pending": ("channel", "Messages that wait at a channel's provider, where it tells"),
    "centrala_quarantine": ("", "Webhooks that were signed but not understood"),
}


class Health(Entity, frozen=True, kw_only=True):
    status: str
    database: str
    bus: str
    """``connected`` or ``away``; away is no reason not to be ready."""
    writer: str | None
    """``running`` or ``away``; None when the server has no writer process."""


class Gauge(msgspec.Struct, frozen=True):
    text: str
    read: Callable[[], float]


class Observability:
    """What this process tells about itself; other parts add their own numbers with :meth:`gauge`."""

    def __init__(
        self, database: Database, bus: Bus, clock: Clock, is_writing: Callable[[], bool] | None = None
    ) -> None:
        """``is_writing`` tells whether the writer process runs, where there is one."""
        self._is_writing = is_writing
        self._database = database
        self._bus = bus
        self._clock = clock
        self._gauges: dict[str, Gauge] = {}
        self.gauge(
            "centrala_bus_connected", "Whether other processes hear this one", lambda: self._bus.healthy
        )

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A number of this process, read when asked for."""
        self._gauges[name] = Gauge(text, read)

    async def health(self) -> Health:
        try:
            async with asyncio.timeout(_READY_S):
                await self._database.read(queries.ping)
            database = "connected"
        except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
            log.warning("not ready, the database can't be read: %s", type(error).__name__)
            database = "away"
        is_writing = self._is_writing is None or self._is_writing()
        return Health(
            status="ready" if database == "connected" and is_writing else "not ready",
            database=database,
            bus="connected" if self._bus.healthy else "away",
            writer=None if self._is_writing is None else "running" if is_writing else "away",
        )

    async def metrics(self) -> str:
        """All numbers in Prometheus' text format."""
        now_ms = self._clock.now_ms()
        lines: list[str] = []
        for name, gauge in self._gauges.items():
            _write(lines, name, gauge.text, "", {"": float(gauge.read())})
        up = 1.0
        try:
            async with asyncio.timeout(_READY_S):
                found = await self._database.read(lambda c: queries.numbers(c, now_ms))
        except Exception as error:  # noqa: BLE001 - the numbers of the process are worth having all the same
            log.warning("the database's metrics can't be read: %s", type(error).__name__)
            found, up = {}, 0.0
        _write(lines, "centrala_database_up", "Whether the database answers", "", {"": up})
        for name, values in found.items():
            label, text = _HELP[name]
            _write(lines, name, text, label, values)
        return "\n".join(lines) + "\n"


def _write(lines: list[str], name: str, text: str, label: str, values: Mapping[str, float]) -> None:
    lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
    for value_of, value in values.items():
        labels = f'{{{label}="{value_of}"}}' if label else ""
        lines.append(f"{name}{labels} {value:g}" if value != int(value) else f"{name}{labels} {int(value)}")


@get("/health/live", operation_id="healthLive", opt={PUBLIC: True}, tags=["operation"])
async def live() -> dict[str, str]:
    """The process runs and answers."""
    return {"status": "live"}


@get("/health/ready", operation_id="healthReady", opt={PUBLIC: True}, tags=["operation"])
async def ready(observability: NamedDependency[Observability]) -> Response[Health]:
    """The database answers and what comes in can be stored; 503 when not."""
    health = await observability.health()
    return Response(health, status_code=200 if health.status == "ready" else 503)


@get("/metrics", operation_id="metrics", media_type=_TEXT, opt={PUBLIC: True}, tags=["operation"])
async def metrics(
    request: Request[Any, Any, Any],
    observability: NamedDependency[Observability],
    authentication: NamedDependency[Authentication],
) -> Response[str]:
    """Numbers for Prometheus; from this machine itself, or with an administrator's session or token."""
    if not _is_local(request):
        caller = await authentication.request(request, "GET")
        caller.access.require_administrator()
    return Response(await observability.metrics(), media_type=_TEXT)


def _is_local(request: Request[Any, Any, Any]) -> bool:
    """Asked from this machine under its own name; what a local proxy passes on came from elsewhere."""
    peer = request.client.host if request.client is not None else ""
    passed_on = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return is_loopback(peer) and not passed_on and is_loopback_host(request.headers.get("host", ""))


ROUTES = [live, ready, metrics]
