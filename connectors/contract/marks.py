"""Our mark on each part of a message that goes out as several, where the provider takes one."""


def mark_of(tracker: str, number: int) -> str:
    """Our mark on one part: that of the message for the first, with the part's number for the others."""
    return tracker if number == 1 or not tracker else f"{tracker}:{number}"


def split_mark(mark: str) -> tuple[str, int]:
    """The message's tracker and the part's number of a mark that :func:`mark_of` made."""
    tracker, _, number = mark.rpartition(":")
    if ":" in tracker and number.isdecimal() and len(number) < 6:
        return tracker, int(number)
    return mark, 1
