"""What the ends of attempts say about their channel as a whole."""

from collections.abc import Iterable
from typing import Protocol

from connectors.errors import Failure, Refused


class ChannelHealth(Protocol):
    """What is needed of ``server.channels.service.Channels``."""

    def note_ok(self, channel_id: int) -> None: ...

    def note_error(self, channel_id: int, failure: Failure) -> None: ...


def note_ends(health: ChannelHealth, channel_id: int, errors: Iterable[object]) -> None:
    """One for each attempt: None where the provider accepted.  Only what the whole channel can't do is its trouble."""
    for error in errors:
        if error is None:
            health.note_ok(channel_id)
        elif isinstance(error, Refused) and error.channel:
            health.note_error(channel_id, error.failure)
