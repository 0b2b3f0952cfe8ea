"""What an attempt that sends several parts got accepted so far."""

from collections.abc import Sequence

from connectors.contract.outbound import Progress


class Journal:
    """Stands between a connector and the port, so that whoever cuts a call off knows what it had got accepted."""

    def __init__(self, port: Progress | None) -> None:
        self._port = port
        self.accepted: list[str] = []
        """Ids, in the order of the parts."""
        self.in_flight = True
        """Whether a part may be on its way; not so between the acceptance of one and the beginning of the next."""

    async def planned(self, kinds: Sequence[str]) -> None:
        if self._port is not None:
            await self._port.planned(kinds)

    async def begins(self, number: int) -> None:
        if self._port is not None:
            await self._port.begins(number)
        self.in_flight = True

    async def arrived(self, number: int, external_id: str) -> None:
        self.accepted.append(external_id)
        self.in_flight = False
        if self._port is not None:
            await self._port.arrived(number, external_id)
