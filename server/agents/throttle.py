"""How often a password may be tried: per account from one address, per account, and per address.

The first limit is what an attacker meets; the others are wider and stop guessing spread over many addresses or many
accounts.  So somebody who guesses at an account locks out himself, not its owner.  Counters live in the database:
all processes share them, and counting is one atomic statement.  Nothing here depends on whether the account exists.
"""

import hashlib
import ipaddress
from typing import Final

import msgspec

from server import reasons
from server.agents import queries
from server.config import Security
from server.errors import Throttled
from server.unit_of_work import Transaction

_WIDER: Final = 3
"""How many times wider the limits per account and per address are than that of the two together."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of one attempt to sign in."""

    pair: str
    account: str
    address: str


def attempt_of(email: str, address: str) -> Attempt:
    who = hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    where = network(address)
    return Attempt(pair=f"sign-in:{who}@{where}", account=f"sign-in:{who}", address=f"sign-in:@{where}")


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that an IPv6 customer gets."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def take(tx: Transaction, attempt: Attempt, limits: Security) -> None:
    """Count the attempt before it is made, so that many at once can't slip through.  Raises Throttled.

    A refused attempt is not counted (the transaction is rolled back): whoever is locked out can't use up the wider
    limits of others by going on.
    """
    window_ms = limits.login_window_minutes * 60_000
    allowed = {
        attempt.pair: limits.login_attempts,
        attempt.account: limits.login_attempts * _WIDER,
        attempt.address: limits.login_attempts * _WIDER,
    }
    for key in sorted(allowed):
        count, began = queries.count_attempt(tx.connection, key, now_ms=tx.now_ms, window_ms=window_ms)
        if count > allowed[key]:
            wait = max(1, -(-(began + window_ms - tx.now_ms) // 1000))
            raise Throttled(reasons.TOO_MANY_ATTEMPTS, retry_after=wait)


def succeeded(tx: Transaction, attempt: Attempt, limits: Security) -> None:
    """The password was right: forget the account's failures, and don't count this one against the address."""
    queries.take_back_attempt(tx.connection, attempt.address)
    window_ms = limits.login_window_minutes * 60_000
    queries.forget_attempts(
        tx.connection, sorted((attempt.pair, attempt.account)), before_ms=tx.now_ms - window_ms
    )
