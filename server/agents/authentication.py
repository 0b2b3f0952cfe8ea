"""Who asks: a session's cookie or a bearer token becomes an :class:`Access`, read anew for every request.

Everything under ``/api`` needs one unless its handler says ``opt={"public": True}``.  The socket asks the same
:class:`Authentication` at its upgrade and again whenever rights may have changed: there is no second way in.
"""

import hmac
import logging
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from server import reasons
from server.agents import queries
from server.agents.access import Access
from server.agents.origin import OriginCheck, client_address
from server.agents.queries import Principal
from server.agents.sessions import SEEN_EVERY_MS, Sessions
from server.agents.token_queries import touch_token
from server.agents.tokens import BEARER_PREFIX, hash_of
from server.config import Config
from server.db.failures import is_outage
from server.errors import Forbidden, Unauthorized, Unavailable
from server.unit_of_work import UnitOfWork

CSRF_HEADER: Final = "x-csrf-token"
PUBLIC: Final = "public"
"""The ``opt`` key of handlers that need no sign-in."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_MAX = 200

log = logging.getLogger(__name__)

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown at the door, kept so that it can be checked again later."""

    token: str
    is_session: bool

    def __repr__(self) -> str:
        return f"Credential(is_session={self.is_session})"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as the database has it at this moment."""

    access: Access
    principal: Principal
    credential: Credential


class Authentication:
    """Resolves callers; one per process."""

    def __init__(self, units: UnitOfWork, config: Config, sessions: Sessions) -> None:
        self._units = units
        self._config = config
        self._sessions = sessions
        self._origins = OriginCheck(config)
        self.secure = config.public_url.startswith("https://")
        self.cookie_name = "__Host-centrala" if self.secure else "centrala"

    async def check(self, credential: Credential) -> Caller | None:
        """Whom a credential stands for now; None when it is over (ended, expired, agent deactivated)."""
        try:
            principal = await self._principal(credential)
        except Exception as error:
            if is_outage(error):
                raise Unavailable(reasons.DATABASE_AWAY) from error
            raise
        if principal is None:
            return None
        return Caller(access=principal.access, principal=principal, credential=credential)

    async def _principal(self, credential: Credential) -> Principal | None:
        if credential.is_session:
            return await self._sessions.resolve(credential.token)
        token_hash = hash_of(credential.token)
        now_ms = self._units.clock.now_ms()
        principal = await self._units.database.read(
            lambda c: queries.principal_of_token(c, token_hash, now_ms=now_ms, config=self._config)
        )
        if principal is not None and now_ms - principal.seen_at >= SEEN_EVERY_MS:
            await self._touch_token(token_hash)
        return principal

    async def _touch_token(self, token_hash: str) -> None:
        try:
            await self._units.run(lambda tx: touch_token(tx.connection, token_hash, tx.now_ms))
        except Unavailable:
            log.warning("a token's last use could not be noted")

    def credential_of(self, connection: AnyConnection) -> Credential | None:
        """The bearer token of a request or, only when it has none, its cookie."""
        scheme, _, token = connection.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() == "bearer":
            token = token.strip()
            if not token.startswith(BEARER_PREFIX) or len(token) > _TOKEN_MAX:
                raise Unauthorized(reasons.UNKNOWN_TOKEN)
            return Credential(token=token, is_session=False)
        cookie = self.session_cookie(connection)
        return None if cookie is None else Credential(token=cookie, is_session=True)

    def session_cookie(self, connection: AnyConnection) -> str | None:
        found: str | None = None
        for line in connection.headers.getall("cookie", []):
            try:
                morsel = SimpleCookie(line).get(self.cookie_name)
            except CookieError:
                continue
            if morsel is not None and 0 < len(morsel.value) <= _TOKEN_MAX:
                found = morsel.value
        return found

    async def request(self, connection: AnyConnection, method: str) -> Caller:
        """The caller of an HTTP request.  Raises Unauthorized; Forbidden when another site may have sent it."""
        credential = self.credential_of(connection)
        caller = None if credential is None else await self.check(credential)
        if caller is None:
            raise Unauthorized(reasons.SIGN_IN)
        if caller.credential.is_session and method not in _SAFE_METHODS:
            self.check_same_site(connection)
            sent = connection.headers.get(CSRF_HEADER, "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(sent, caller.principal.csrf_token.encode()):
                raise Forbidden(reasons.CSRF)
        return caller

    async def socket(self, connection: AnyConnection) -> Caller:
        """The caller of a WebSocket upgrade: browsers must name our own origin, and only bearers may name none."""
        credential = self.credential_of(connection)
        if "origin" in connection.headers or (credential is not None and credential.is_session):
            self._check_origin(connection.headers.get("origin", ""), connection)
        caller = None if credential is None else await self.check(credential)
        if caller is None:
            raise Unauthorized(reasons.SIGN_IN)
        return caller

    def check_same_site(self, connection: AnyConnection) -> None:
        """Refuse what a browser sent from a page that is not ours.  Raises Forbidden."""
        origin = connection.headers.get("origin")
        if origin is not None:
            self._check_origin(origin, connection)
        elif connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden(reasons.ANOTHER_SITE)

    def client_address(self, connection: AnyConnection) -> str:
        """The address of whoever asks, for throttling."""
        peer = connection.client.host if connection.client is not None else ""
        forwarded_for = connection.headers.getall("x-forwarded-for", [])
        return client_address(peer, forwarded_for, self._config.server.trusted_proxies)

    def _check_origin(self, origin: str, connection: AnyConnection) -> None:
        if not self._origins.allows(origin, connection.headers.get("host", "")):
            raise Forbidden(reasons.ANOTHER_SITE_PUBLIC_URL)


class AuthenticationMiddleware(ASGIMiddleware):
    """Puts the caller of every request under ``/api`` into its scope, or refuses it."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = PUBLIC

    def __init__(self, authentication: Authentication) -> None:
        self._authentication = authentication

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        # By the route that was matched, not by the path that was sent: "//api/…" leads to the same route.
        if scope["type"] == ScopeType.HTTP and scope["path_template"].startswith("/api/"):
            connection: AnyConnection = ASGIConnection(scope, receive, send)
            caller = await self._authentication.request(connection, scope["method"])
            scope["user"] = caller.access
            scope["auth"] = caller
        await next_app(scope, receive, send)


def provide_access(request: Request[Any, Any, Any]) -> Access:
    """For handlers that name a dependency ``access``; a handler marked public has none."""
    return provide_caller(request).access


def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """The same with the session, for the few that need it."""
    caller = request.scope.get("auth")
    if not isinstance(caller, Caller):
        raise Unauthorized(reasons.SIGN_IN)
    return caller
