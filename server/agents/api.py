"""``/api/v1/session`` and ``/api/v1/agents``: signing in and out, and who there is."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from server import reasons
from server.agents.access import Access
from server.agents.authentication import PUBLIC, Authentication, Caller, Credential
from server.agents.model import ApiToken, SignedIn
from server.agents.service import Agents, Change
from server.agents.sessions import Sessions
from server.config import Config
from server.entities import Agent, Entity, Role
from server.errors import Invalid, NotFound, Unauthorized
from server.ids import named_id, parse_id

_TEXT_MAX = 1000
Text = Annotated[str, Meta(max_length=_TEXT_MAX)]
IdText = Annotated[str, Meta(max_length=19)]


class SignIn(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Text
    password: Text


class WorkspaceView(Entity, frozen=True, kw_only=True):
    name: str
    time_zone: str


class SettingsView(Entity, frozen=True, kw_only=True):
    """What the console must know to show the right things; the server decides all the same."""

    agents_see: Literal["own", "team"]
    reopen_within_hours: int


class SessionView(Entity, frozen=True, kw_only=True):
    agent: SignedIn
    csrf_token: str
    """For the header X-CSRF-Token; empty for a bearer token, which needs none."""
    workspace: WorkspaceView
    settings: SettingsView


class AgentList(Entity, frozen=True, kw_only=True):
    items: list[Agent]
    seq: str


class ApiTokenList(Entity, frozen=True, kw_only=True):
    items: list[ApiToken]


class NewAgent(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Text
    name: Text
    role: Role
    password: Text
    channel_ids: list[IdText] | None = None
    """Channels to grant; without it, all that there are."""


class AgentPatch(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays as it is."""

    name: Text | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    channel_ids: list[IdText] | UnsetType = UNSET


@post("/api/v1/session", operation_id="signIn", status_code=200, opt={PUBLIC: True}, tags=["session"])
async def sign_in(
    data: JSONBody[SignIn],
    request: Request[Any, Any, Any],
    sessions: NamedDependency[Sessions],
    authentication: NamedDependency[Authentication],
    config: NamedDependency[Config],
) -> Response[SessionView]:
    """Begin a session with e-mail address and password; the answer sets its cookie."""
    authentication.check_same_site(request)
    token = await sessions.sign_in(
        data.email,
        data.password,
        authentication.client_address(request),
        old_token=authentication.session_cookie(request),
    )
    caller = await authentication.check(Credential(token=token, is_session=True))
    if caller is None:
        raise Unauthorized(reasons.ACCOUNT_DEACTIVATED)
    cookie = _cookie(authentication, token, config.security.session_days * 86_400)
    return Response(_session_view(caller, config), cookies=[cookie])


@get("/api/v1/session", operation_id="getSession", tags=["session"])
async def get_session(caller: NamedDependency[Caller], config: NamedDependency[Config]) -> SessionView:
    """Who is signed in."""
    return _session_view(caller, config)


@delete("/api/v1/session", operation_id="signOut", status_code=204, tags=["session"])
async def sign_out(
    caller: NamedDependency[Caller],
    sessions: NamedDependency[Sessions],
    authentication: NamedDependency[Authentication],
) -> Response[None]:
    """End this session.  A bearer token has none and stays valid."""
    if not caller.credential.is_session:
        return Response(None, status_code=204)
    await sessions.end(caller.credential.token)
    return Response(
        None,
        status_code=204,
        cookies=[_cookie(authentication, "", 0)],
        headers={"Clear-Site-Data": '"cache", "storage"'},
    )


@get("/api/v1/agents", operation_id="listAgents", tags=["agents"])
async def list_agents(access: NamedDependency[Access], agents: NamedDependency[Agents]) -> AgentList:
    """Everybody who can or could sign in, for filters and for handing over."""
    items, seq = await agents.list(access)
    return AgentList(items=items, seq=str(seq))


@post("/api/v1/agents", operation_id="addAgent", tags=["agents"])
async def add_agent(
    data: JSONBody[NewAgent], access: NamedDependency[Access], agents: NamedDependency[Agents]
) -> Agent:
    access.require_administrator()
    channel_ids = None if data.channel_ids is None else _ids(data.channel_ids)
    return await agents.add(
        email=data.email,
        name=data.name,
        role=data.role,
        password=data.password,
        channel_ids=channel_ids,
        actor=access,
    )


@patch("/api/v1/agents/{agent_id:str}", operation_id="changeAgent", tags=["agents"])
async def change_agent(
    agent_id: FromPath[str],
    data: JSONBody[AgentPatch],
    access: NamedDependency[Access],
    agents: NamedDependency[Agents],
) -> Agent:
    """Rename, change the role, grant channels, deactivate (which ends sessions and tokens at once)."""
    access.require_administrator()
    found = named_id(agent_id, reasons.NO_SUCH_AGENT)
    change = Change(
        name=data.name,
        role=data.role,
        active=data.active,
        channel_ids=UNSET if data.channel_ids is UNSET else _ids(data.channel_ids),
    )
    return await agents.change(found, change, actor=access)


@get("/api/v1/agents/{agent_id:str}/tokens", operation_id="listTokens", tags=["agents"])
async def list_tokens(
    agent_id: FromPath[str], access: NamedDependency[Access], agents: NamedDependency[Agents]
) -> ApiTokenList:
    """The bearer tokens of an agent (never the tokens themselves), newest first."""
    found = _own_or_administrator(agent_id, access)
    return ApiTokenList(items=list(await agents.tokens(found)))


@delete(
    "/api/v1/agents/{agent_id:str}/tokens/{token_id:str}",
    operation_id="revokeToken",
    status_code=204,
    tags=["agents"],
)
async def revoke_token(
    agent_id: FromPath[str],
    token_id: FromPath[str],
    access: NamedDependency[Access],
    agents: NamedDependency[Agents],
) -> None:
    """End one bearer token at once."""
    found = _own_or_administrator(agent_id, access)
    token = named_id(token_id, reasons.NO_SUCH_TOKEN)
    await agents.revoke_token(token, agent_id=found, actor=access)


def _own_or_administrator(agent_id: str, access: Access) -> int:
    """The agent named, who must be the asker unless that is an administrator."""
    found = parse_id(agent_id)
    if found != access.agent_id:
        access.require_administrator()
    if found is None:
        raise NotFound(reasons.NO_SUCH_AGENT)
    return found


def _ids(texts: list[str]) -> tuple[int, ...]:
    found = []
    for text in texts:
        channel_id = parse_id(text)
        if channel_id is None:
            raise Invalid(reasons.NOT_CHANNEL_IDS.of(given=repr(text)), field="channelIds")
        found.append(channel_id)
    return tuple(found)


def _cookie(authentication: Authentication, value: str, max_age: int) -> Cookie:
    return Cookie(
        key=authentication.cookie_name,
        value=value,
        path="/",
        max_age=max_age,
        httponly=True,
        secure=authentication.secure,
        samesite="lax",
    )


def _session_view(caller: Caller, config: Config) -> SessionView:
    return SessionView(
        agent=SignedIn(
            id=str(caller.access.agent_id),
            name=caller.access.name,
            role=caller.access.role,
            email=caller.principal.email,
            locale=caller.principal.locale,
        ),
        csrf_token=caller.principal.csrf_token,
        workspace=WorkspaceView(name=config.workspace.name, time_zone=config.workspace.time_zone),
        settings=SettingsView(
            agents_see=config.dialogs.agents_see, reopen_within_hours=config.dialogs.reopen_within_hours
        ),
    )


ROUTES = [sign_in, get_session, sign_out, list_agents, add_agent, change_agent, list_tokens, revoke_token]
