"""Channels as the HTTP API and the events show them."""

from connectors.contract import Capabilities
from connectors.errors import ConnectorError
from server.channels import alarms
from server.channels.kinds import is_switched_number
from server.channels.model import NO_CAPABILITIES, capabilities_view, webhook_path
from server.channels.opened import OpenedChannels
from server.channels.queries import ChannelRow
from server.channels.stored import same_settings
from server.clock import rfc3339_or_none
from server.entities import Channel


class ChannelViews:
    """Keeps in mind what connectors say of themselves, since a list must not open every connector anew."""

    def __init__(self, opened: OpenedChannels) -> None:
        self._opened = opened
        self._capabilities: dict[int, tuple[ChannelRow, Capabilities]] = {}

    def of(self, row: ChannelRow) -> Channel:
        return Channel(
            id=str(row.id),
            seq=str(row.seq),
            kind=row.kind,
            provider=row.provider,
            name=row.name,
            active=row.active,
            sms_on=row.sms_on if is_switched_number(row) else None,
            webhook=webhook_path(row.id),
            capabilities=capabilities_view(self._capabilities_of(row)),
            health=alarms.health_of_row(row),
            last_error=row.look_error or row.last_error,
            last_error_code=row.look_error_code if row.look_error else row.last_error_code,
            last_error_said=row.look_error_said if row.look_error else row.last_error_said,
            last_error_at=rfc3339_or_none(row.look_error_at if row.look_error else row.last_error_at),
            last_inbound_at=rfc3339_or_none(row.last_inbound_at),
            last_outbound_at=rfc3339_or_none(row.last_outbound_at),
            pending=row.pending,
            mended=row.mended,
            mended_said=row.mended_said,
            mended_at=rfc3339_or_none(row.mended_at),
            silence_hours=row.silence_hours,
            alarms=tuple(alarms.view(alarm) for alarm in alarms.alarms_of(row)),
        )

    def _capabilities_of(self, row: ChannelRow) -> Capabilities:
        before, known = self._capabilities.get(row.id, (None, NO_CAPABILITIES))
        if before is None or not same_settings(before, row):
            try:
                known = self._opened.open(row).capabilities
            except (ConnectorError, ValueError, ImportError):
                known = NO_CAPABILITIES
            self._capabilities[row.id] = (row, known)
        return known
