"""Our mark on each part of a message that goes out as several, where the provider takes one."""

from hashlib import blake2b


def mark_of(tracker: str, number: int) -> str:
    """Our mark on one part: that of the message for the first, with the part's number for the others."""
    return tracker if number == 1 or not tracker else f"{tracker}:{number}"


def reference_of(mark: str) -> str:
    """A mark in 16 bits (four hexadecimal digits), for a provider that takes no more: see :attr:`Receipt.reference`."""
    return blake2b(mark.encode(), digest_size=2).hexdigest()


def split_mark(mark: str) -> tuple[str, int]:
    """The message's tracker and the part's number of a mark that :func:`mark_of` made."""
    tracker, _, number = mark.rpartition(":")
    if ":" in tracker and number.isdecimal() and len(number) < 6:
        return tracker, int(number)
    return mark, 1
