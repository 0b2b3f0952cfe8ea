"""Sessions in the server: begun with a password, carried by a cookie, ended at any time.

The cookie holds 256 random bits and the database only their hash.  A session ends by idleness, by age, by signing
out, with its agent's deactivation and with a new password; the end of one is told to the sockets that hang on it.
"""

import logging

from server import reasons
from server.agents import queries, throttle
from server.agents.model import PASSWORD_MAX, Account, email_key
from server.agents.passwords import Passwords
from server.agents.queries import Principal
from server.agents.tokens import hash_of, new_secret
from server.bus.base import Topic
from server.config import Config
from server.errors import Unauthorized, Unavailable
from server.unit_of_work import Transaction, UnitOfWork

SEEN_EVERY_MS = 60_000
"""How exactly the last use of a session or a token is noted."""
_HOUR_MS = 3_600_000

log = logging.getLogger(__name__)


class Sessions:
    """Begins, resolves and ends sessions."""

    def __init__(self, units: UnitOfWork, config: Config, passwords: Passwords) -> None:
        self._units = units
        self._config = config
        self._passwords = passwords

    async def sign_in(self, email: str, password: str, address: str, *, old_token: str | None = None) -> str:
        """Begin a session, always a new one; ``old_token`` of the same browser ends.  Returns what goes into the cookie, and
        is kept nowhere.

        Raises Throttled before anything is looked up, and Unauthorized with one text for every other reason.
        """
        limits = self._config.security
        key = email_key(email)
        attempt = throttle.attempt_of(key, address)
        await self._units.run(lambda tx: throttle.take(tx, attempt, limits))
        account = await self._account(key)
        known = account.password_hash if account is not None else None
        right = await self._passwords.verify(known, password[: PASSWORD_MAX + 1])
        if account is None or not right or not account.active:
            log.warning("a sign-in from %s was refused", throttle.network(address))
            raise _wrong()

        def begin(tx: Transaction) -> str:
            throttle.succeeded(tx, attempt, limits)
            return self._begin(tx, account, old_token)

        token = await self._units.run(begin)
        log.info("agent %s signed in", account.id)
        return token

    async def resolve(self, token: str) -> Principal | None:
        """Whom a cookie's token stands for now, or None when its session is over."""
        token_hash = hash_of(token)
        now_ms = self._units.clock.now_ms()
        principal = await self._units.database.read(
            lambda c: queries.principal_of_session(
                c, token_hash, now_ms=now_ms, seen_after=now_ms - self._idle_ms, config=self._config
            )
        )
        if principal is not None and now_ms - principal.seen_at >= SEEN_EVERY_MS:
            await self._touch(token_hash)
        return principal

    async def end(self, token: str) -> None:
        """Sign out: this session and no other."""
        token_hash = hash_of(token)

        def work(tx: Transaction) -> None:
            agent_id = queries.delete_session(tx.connection, token_hash)
            if agent_id is not None:
                tx.wake(Topic.SESSIONS, str(agent_id))

        await self._units.run(work)

    async def _account(self, key: str) -> Account | None:
        # What PostgreSQL can't even take as a value can't be the address of an account either.
        if "\0" in key or len(key) > 1000:
            return None
        return await self._units.database.read(lambda c: queries.account_by_email(c, key))

    def _begin(self, tx: Transaction, account: Account, old_token: str | None) -> str:
        # Locked and read again: between the check and now the agent may have been deactivated or got a new password.
        now = queries.lock_account(tx.connection, account.id)
        if now is None or not now.active or now.password_hash != account.password_hash:
            raise _wrong()
        if old_token is not None:
            queries.delete_session(tx.connection, hash_of(old_token))
        queries.delete_dead_sessions(tx.connection, now_ms=tx.now_ms, seen_after=tx.now_ms - self._idle_ms)
        token = new_secret()
        queries.insert_session(
            tx.connection,
            {
                "token_hash": hash_of(token),
                "agent_id": account.id,
                "csrf_token": new_secret(),
                "created_at": tx.now_ms,
                "seen_at": tx.now_ms,
                "expires_at": tx.now_ms + self._config.security.session_days * 24 * _HOUR_MS,
            },
        )
        queries.add_audit(
            tx.connection,
            audit_id=tx.ids.new(),
            at_ms=tx.now_ms,
            agent_id=account.id,
            action="session.started",
            detail={},
        )
        return token

    async def _touch(self, token_hash: str) -> None:
        try:
            await self._units.run(lambda tx: queries.touch_session(tx.connection, token_hash, tx.now_ms))
        except Unavailable:
            log.warning("a session's last use could not be noted")

    @property
    def _idle_ms(self) -> int:
        return self._config.security.session_idle_hours * _HOUR_MS


def end_all(tx: Transaction, agent_id: int) -> None:
    """End an agent's sessions as part of a larger change."""
    queries.delete_sessions_of(tx.connection, agent_id)
    tx.wake(Topic.SESSIONS, str(agent_id))


def _wrong() -> Unauthorized:
    return Unauthorized(reasons.WRONG_PASSWORD)
