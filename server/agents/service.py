"""Who may sign in and what they may see: adding agents, and changing their names, roles, grants and passwords."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from server import reasons
from server.agents import queries, sessions, token_queries
from server.agents.access import Access
from server.agents.model import (
    Account,
    ApiToken,
    check_role,
    clean_email,
    clean_name,
    email_key,
)
from server.agents.passwords import Passwords
from server.agents.tokens import hash_of, new_bearer_token
from server.bus.base import Topic
from server.config import Config
from server.entities import Agent, Role
from server.errors import Conflict, Invalid, NotFound
from server.events.model import AdministratorScope, AgentAccessChanged, AgentScope, AgentUpdated, StaffScope
from server.events.store import head
from server.unit_of_work import Transaction, UnitOfWork


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change about an agent; what is not set stays."""

    name: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    channel_ids: tuple[int, ...] | UnsetType = UNSET


class Agents:
    """The use cases about agents.  ``actor`` is who asks; None is the command line."""

    def __init__(self, units: UnitOfWork, config: Config, passwords: Passwords) -> None:
        self._units = units
        self._config = config
        self._passwords = passwords

    async def list(self, access: Access | None = None) -> tuple[list[Agent], int]:
        """Everybody, and the log's position before they were read; e-mail addresses are for administrators."""
        seq, agents = await self._units.database.read(lambda c: (head(c).seq, queries.all_agents(c)))
        if access is not None and access.role != "administrator":
            agents = [msgspec.structs.replace(agent, email="") for agent in agents]
        return agents, seq

    async def find(self, email: str) -> Account:
        account = await self._units.database.read(lambda c: queries.account_by_email(c, email_key(email)))
        if account is None:
            raise NotFound(reasons.NO_AGENT_WITH_EMAIL.of(email=email))
        return account

    async def add(
        self,
        *,
        email: str,
        name: str,
        role: str,
        password: str,
        channel_ids: Iterable[int] | None = None,
        actor: Access | None = None,
    ) -> Agent:
        """A new agent, who gets all channels that there are, or only those given."""
        email, name, checked_role = clean_email(email), clean_name(name), check_role(role)
        await self._passwords.check(password, about=(name, email))
        password_hash = await self._passwords.hash(password)
        wanted = None if channel_ids is None else tuple(channel_ids)

        def work(tx: Transaction) -> Agent:
            if queries.account_by_email(tx.connection, email) is not None:
                raise Conflict("email_taken", reasons.EMAIL_TAKEN)
            agent_id = tx.ids.new()
            # Numbers first: a channel that is being added now then either sees this agent or is seen here.
            first = tx.seq(numbers_for(1, access_changed=False))
            queries.insert_agent(
                tx.connection,
                {
                    "id": agent_id,
                    "email": email,
                    "name": name,
                    "role": checked_role,
                    "password_hash": password_hash,
                    "active": True,
                    "locale": "",
                    "created_at": tx.now_ms,
                    "seq": 0,
                },
            )
            queries.set_grants(tx.connection, agent_id, _channels(tx, wanted))
            audit(tx, actor, "agent.added", {"agent": str(agent_id), "role": checked_role})
            return announce(tx, [agent_id], first=first)[0]

        return await self._units.run(work)

    async def change(self, agent_id: int, change: Change, *, actor: Access | None = None) -> Agent:
        """Rename, promote, demote, grant, deactivate.  Who is deactivated is out at once, tokens included."""
        values: dict[str, Any] = {}
        if change.name is not UNSET:
            values["name"] = clean_name(change.name)
        if change.role is not UNSET:
            values["role"] = check_role(change.role)
        if change.active is not UNSET:
            values["active"] = change.active

        def work(tx: Transaction) -> Agent:
            # Administrators first, so that two who demote each other at once wait for one another.
            administrators = queries.lock_active_administrators(tx.connection)
            before = queries.lock_account(tx.connection, agent_id)
            if before is None:
                raise NotFound(reasons.NO_SUCH_AGENT)
            after = msgspec.structs.replace(before, **values)
            if administrators == [agent_id] and not (after.active and after.role == "administrator"):
                raise Conflict("last_administrator", reasons.LAST_ADMINISTRATOR)
            if values:
                queries.update_agent(tx.connection, agent_id, values)
            regranted = _regrant(tx, agent_id, change.channel_ids)
            if not after.active:
                end_everything(tx, agent_id)
            audit(tx, actor, "agent.changed", {"agent": str(agent_id), **values, "grants": regranted})
            reset = regranted or (before.role, before.active) != (after.role, after.active)
            return announce(tx, [agent_id], access_changed=reset)[0]

        return await self._units.run(work)

    async def set_password(self, agent_id: int, password: str) -> None:
        """Of the command line: a new password; all sessions that the old one began are over."""
        account = await self._units.database.read(lambda c: queries.account_by_id(c, agent_id))
        if account is None:
            raise NotFound(reasons.NO_SUCH_AGENT)
        await self._passwords.check(password, about=(account.name, account.email))
        password_hash = await self._passwords.hash(password)

        def work(tx: Transaction) -> None:
            if queries.lock_account(tx.connection, agent_id) is None:
                raise NotFound(reasons.NO_SUCH_AGENT)
            queries.update_agent(tx.connection, agent_id, {"password_hash": password_hash})
            sessions.end_all(tx, agent_id)
            audit(tx, None, "agent.password_set", {"agent": str(agent_id)})
            _check_sockets(tx, agent_id)

        await self._units.run(work)

    async def issue_token(self, agent_id: int) -> str:
        """Of the command line: a bearer token with all the rights of its agent, who must be active; shown once, stored hashed."""
        token = new_bearer_token()

        def work(tx: Transaction) -> None:
            account = queries.lock_account(tx.connection, agent_id)
            if account is None:
                raise NotFound(reasons.NO_SUCH_AGENT)
            if not account.active:
                raise Conflict("agent_inactive", reasons.AGENT_INACTIVE)
            token_id = tx.ids.new()
            token_queries.insert_token(
                tx.connection,
                {
                    "id": token_id,
                    "token_hash": hash_of(token),
                    "agent_id": agent_id,
                    "created_at": tx.now_ms,
                    "expires_at": None,
                },
            )
            audit(tx, None, "token.issued", {"agent": str(agent_id), "token": str(token_id)})

        await self._units.run(work)
        return token

    async def tokens(self, agent_id: int) -> Sequence[ApiToken]:
        """What is known of an agent's bearer tokens, newest first.  Raises NotFound when there is no such agent."""

        def read(connection: Connection) -> Sequence[ApiToken]:
            if queries.account_by_id(connection, agent_id) is None:
                raise NotFound(reasons.NO_SUCH_AGENT)
            return token_queries.tokens_of(connection, agent_id)

        return await self._units.database.read(read)

    async def revoke_token(
        self, token_id: int, *, agent_id: int | None = None, actor: Access | None = None
    ) -> None:
        """End one bearer token, of this agent if one is named; it is refused at once and its sockets are closed.

        Raises NotFound when there is no such token.
        """

        def work(tx: Transaction) -> None:
            whose = token_queries.delete_token(tx.connection, token_id, agent_id)
            if whose is None:
                raise NotFound(reasons.NO_SUCH_TOKEN)
            audit(tx, actor, "token.revoked", {"agent": str(whose), "token": str(token_id)})
            _check_sockets(tx, whose)

        await self._units.run(work)


def announce(
    tx: Transaction, agent_ids: Sequence[int], *, access_changed: bool = False, first: int | None = None
) -> list[Agent]:
    """Tell everybody about these agents as this transaction leaves them, and reset their own sockets if asked.

    Colleagues are not told e-mail addresses, so there are two events: one for all, then one for administrators.
    ``first`` is the first of ``numbers_for`` event numbers, where they were already taken.
    """
    each = numbers_for(1, access_changed=access_changed)
    start = tx.seq(each * len(agent_ids)) if first is None else first
    agents = queries.agents_by_id(tx.connection, agent_ids)
    told: list[Agent] = []
    for position, agent_id in enumerate(agent_ids):
        seq = start + position * each
        if access_changed:
            tx.emit(seq, AgentScope(agent_id=agent_id), AgentAccessChanged(agent_id=str(agent_id)))
            seq += 1
        for_all = msgspec.structs.replace(agents[agent_id], email="", seq=str(seq))
        tx.emit(seq, StaffScope(), AgentUpdated(agent=for_all))
        agent = msgspec.structs.replace(agents[agent_id], seq=str(seq + 1))
        tx.emit(seq + 1, AdministratorScope(), AgentUpdated(agent=agent))
        queries.update_agent(tx.connection, agent_id, {"seq": seq + 1})
        told.append(agent)
    return told


def numbers_for(agents: int, *, access_changed: bool) -> int:
    """How many events :func:`announce` makes."""
    return agents * (3 if access_changed else 2)


def _check_sockets(tx: Transaction, agent_id: int) -> None:
    """Close the agent's sockets whose session or token is over; the last step of a transaction."""
    tx.wake(Topic.SESSIONS, str(agent_id))
    # Also in the log, so that sockets of processes that the bus doesn't reach look again.
    tx.emit(tx.seq(), AgentScope(agent_id=agent_id), AgentAccessChanged(agent_id=str(agent_id)))


def end_everything(tx: Transaction, agent_id: int) -> None:
    sessions.end_all(tx, agent_id)
    token_queries.delete_tokens_of(tx.connection, agent_id)


def _channels(tx: Transaction, wanted: tuple[int, ...] | None) -> frozenset[int]:
    existing = queries.existing_channels(tx.connection, wanted)
    missing = sorted(set(wanted or ()) - existing)
    if missing:
        raise Invalid(reasons.NO_CHANNEL.of(id=str(missing[0])), field="channelIds")
    return existing


def _regrant(tx: Transaction, agent_id: int, wanted: tuple[int, ...] | UnsetType) -> bool:
    """Set the grants; whether that changed anything."""
    if wanted is UNSET:
        return False
    channel_ids = _channels(tx, wanted)
    if channel_ids == queries.grants_of(tx.connection, [agent_id]).get(agent_id, frozenset()):
        return False
    queries.set_grants(tx.connection, agent_id, channel_ids)
    return True


def audit(tx: Transaction, actor: Access | None, action: str, detail: Mapping[str, Any]) -> None:
    """Record who did what; ``detail`` never holds a secret, and no actor is the command line."""
    queries.add_audit(
        tx.connection,
        audit_id=tx.ids.new(),
        at_ms=tx.now_ms,
        agent_id=None if actor is None else actor.agent_id,
        action=action,
        detail=detail,
    )
