"""Which kinds of channels a process runs: sends for them, polls them, fetches their files and names."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, true

from connectors import registry
from server.db.schema import channel
from server.errors import ConfigError

_ALL = "*"


class RunningKinds(msgspec.Struct, frozen=True, kw_only=True):
    """``only`` these kinds (None: all), and of them all ``without`` those."""

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def has(self, kind: str) -> bool:
        return (self.only is None or kind in self.only) and kind not in self.without

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same about the kind of a row of ``channel``."""
        found: ColumnElement[bool] = true()
        if self.only is not None:
            found = channel.c.kind.in_(sorted(self.only))
        if self.without:
            found = found & channel.c.kind.not_in(sorted(self.without))
        return found


EVERY = RunningKinds()


def all_but(kinds: Sequence[str]) -> RunningKinds:
    """What ``serve`` runs, by ``connectors.leave_out``.  Raises ConfigError."""
    if _ALL in kinds:
        return RunningKinds(only=frozenset())
    return RunningKinds(without=_known(kinds, "connectors.leave_out"))


def only(kinds: Sequence[str]) -> RunningKinds:
    """What ``connector KIND…`` runs.  Raises ConfigError."""
    return RunningKinds(only=_known(kinds, "connector"))


def _known(kinds: Sequence[str], where: str) -> frozenset[str]:
    known = sorted({kind for kind, _provider in registry.names()})
    for kind in kinds:
        if kind not in known:
            raise ConfigError(f"{where}: there is no channel kind {kind!r}; there are: {', '.join(known)}")
    return frozenset(kinds)
