"""Wake-ups between processes."""

from server.bus.base import Bus
from server.bus.memory import MemoryBus


def open_bus(url: str) -> Bus:
    """The bus for an address: ``memory://`` or ``redis://…``."""
    if url.startswith("memory://"):
        return MemoryBus()
    from server.bus.redis import RedisBus

    return RedisBus(url)
