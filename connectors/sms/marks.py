"""Our mark on a message, as gateways take it: lower-case letters, digits and hyphens, at most 36 of them."""


def idx_of(tracker: str, part: int) -> str:
    """The mark of one part of a message."""
    return f"{tracker.replace(':', '-')}-{part}"


def tracker_of(idx: str) -> str | None:
    """Our mark of an ``idx`` that :func:`idx_of` made; None for one of anybody else."""
    name, _, number = idx.strip().rpartition("-")
    return name.replace("-", ":") if name and number.isdecimal() else None
