"""Our mark on a message, as gateways take it: lower-case letters, digits and hyphens, at most 36 of them."""

from connectors.contract.marks import mark_of


def idx_of(tracker: str, part: int) -> str:
    """The mark of one part of a message, which is counted from 0 here."""
    return f"{tracker.replace(':', '-')}-{part}"


def tracker_of(idx: str) -> str | None:
    """Our mark of an ``idx`` that :func:`idx_of` made; None for one of anybody else."""
    name, _, number = idx.strip().rpartition("-")
    ours = bool(name) and number.isascii() and number.isdecimal() and len(number) < 5
    return mark_of(name.replace("-", ":"), int(number) + 1) if ours else None
