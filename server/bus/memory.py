"""The bus of a single process."""

from collections.abc import Callable

from server.bus.base import Listener, LocalListeners, Topic


class MemoryBus:
    healthy = True

    def __init__(self) -> None:
        self._local = LocalListeners()

    def publish(self, topic: Topic, message: str) -> None:
        self._local.tell(topic, message)

    def subscribe(self, topic: Topic, listener: Listener) -> Callable[[], None]:
        return self._local.subscribe(topic, listener)

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to disconnect from."""
