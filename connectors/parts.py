"""The parts of a message that goes out as several calls: our mark on each, and what one call got accepted so far."""

from collections.abc import Sequence

from connectors.contract.outbound import Progress


def mark_of(tracker: str, number: int) -> str:
    """Our mark on one part: that of the message for the first, with the part's number for the others."""
    return tracker if number == 1 or not tracker else f"{tracker}:{number}"


def split_mark(mark: str) -> tuple[str, int]:
    """The message's tracker and the part's number of a mark that :func:`mark_of` made."""
    tracker, _, number = mark.rpartition(":")
    if ":" in tracker and number.isdecimal() and len(number) < 6:
        return tracker, int(number)
    return mark, 1


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
