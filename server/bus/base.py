"""Wake-ups between processes.  Lossy by contract: a message may be lost, repeated or late, so it never carries truth.

Whoever listens also looks in the database by itself, and looks at once when it hears ``None`` ("something may have
been missed").
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol


class Topic(StrEnum):
    EVENTS = "events"
    """The event log grew; the message is the new head."""
    OUTBOX = "outbox"
    """Something waits to be sent; the message is the channel's id."""
    REACTIONS = "reactions"
    """A reaction of an agent waits to be sent; the message is the channel's id."""
    MEDIA = "media"
    """Attachments wait to be fetched."""
    CHANNELS = "channels"
    """A channel was added or changed; the message is its id."""
    TEMPLATES = "templates"
    """A provider told that one of its message templates changed; the message says nothing."""
    SESSIONS = "sessions"
    """An agent's sessions ended; the message is the agent's id."""
    SIGNALS = "signals"
    """Typing and viewing notices; the message is the notice itself, as JSON."""


Listener = Callable[[str | None], None]
"""Called with the message, or with None when messages may have been missed.  Must not block."""


class Bus(Protocol):
    def publish(self, topic: Topic, message: str) -> None:
        """Tell everybody, in this process at once; never blocks, never raises."""
        ...

    def subscribe(self, topic: Topic, listener: Listener) -> Callable[[], None]:
        """Listen to a topic; the returned function ends it."""
        ...

    @property
    def healthy(self) -> bool:
        """Whether other processes hear us now."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class LocalListeners:
    """The listeners of one process; what both kinds of bus share."""

    def __init__(self) -> None:
        self._listeners: dict[Topic, list[Listener]] = {topic: [] for topic in Topic}

    def subscribe(self, topic: Topic, listener: Listener) -> Callable[[], None]:
        self._listeners[topic].append(listener)

        def end() -> None:
            if listener in self._listeners[topic]:
                self._listeners[topic].remove(listener)

        return end

    def tell(self, topic: Topic, message: str | None) -> None:
        for listener in tuple(self._listeners[topic]):
            listener(message)

    def tell_all_to_look(self) -> None:
        for topic in Topic:
            self.tell(topic, None)
