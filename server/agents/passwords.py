"""Passwords: argon2id in a pool of its own, so that sign-ins can't take the server's processors.

One hash costs about a tenth of a second and 19 MiB on purpose.  At most two run at once and few wait; whoever comes
beyond that is told to come again, which is also what keeps guessing slow.
"""

import asyncio
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from server import reasons
from server.agents.model import check_password
from server.errors import Throttled

T = TypeVar("T")

MEMORY_KIB: Final = 19 * 1024
TIME_COST: Final = 2
PARALLELISM: Final = 1
THREADS: Final = 2
WAITING: Final = 20

# Of a random password that nobody knows, with the parameters above: what is checked when there is no such account,
# so that the answer takes as long as for a real one.
NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$Ujuv1daYTumX5r2PnEnDxQ$iGNvCmjdVKM8IkVthDl+Il+wUy83SszRtb7XKS5nXho"
)


class Passwords:
    """Hashes and verifies; one per process."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._busy = 0

    async def check(self, password: str, *, about: Iterable[str] = ()) -> None:
        """Raises Invalid for what is no acceptable new password of whom this (name, e-mail address) is about."""
        await self._run(lambda: check_password(password, about))

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(_normal(password)))

    async def verify(self, known: str | None, password: str) -> bool:
        """Whether ``password`` is the one behind the hash; with no hash, False after the same work."""
        right = await self._run(lambda: self._verify(known or NOBODYS_HASH, password))
        return right and known is not None

    def _verify(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, _normal(password))
        except (Argon2Error, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= THREADS + WAITING:
            raise Throttled(reasons.MANY_SIGN_IN, retry_after=2)
        self._busy += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        # Counted until the work is done, not until the caller stops waiting for it.
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, future: "asyncio.Future[T]") -> None:
        self._busy -= 1
        if not future.cancelled():
            future.exception()  # seen here, in case the caller has gone

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _normal(password: str) -> bytes:
    """The same bytes for the same password, whichever way a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
