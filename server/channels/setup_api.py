"""Connecting channels over HTTP: ``/api/v1/channel-kinds``, checking settings, registering webhooks."""

from typing import Annotated, Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta

from connectors.contract import ConnectorSpec, Trouble
from server import reasons
from server.agents.access import Access
from server.channels.fields import SettingField, setting_fields
from server.channels.model import capabilities_view, webhook_path
from server.channels.setup import ChannelSetup
from server.config import Config
from server.entities import CapabilitiesView, Entity
from server.ids import named_id

Text = Annotated[str, Meta(max_length=1000)]


class ChannelKind(Entity, frozen=True, kw_only=True):
    kind: str
    provider: str | None
    label: str
    fields: list[SettingField]
    capabilities: CapabilitiesView | None
    """Of a channel with ordinary settings; null where the connector says it only for an account."""
    registers_webhook: bool
    """Whether ``registerWebhook`` sets something at the provider; else it only reports."""
    webhook_by_hand: bool
    """Whether a person enters the webhook's address at the provider."""


class ChannelKindList(Entity, frozen=True, kw_only=True):
    items: list[ChannelKind]
    public_url: str
    """What a channel's webhook is below."""


class SettingsToCheck(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Text
    settings: dict[str, Any]
    provider: Text | None = None
    channel_id: Text | None = None
    """The stored settings of this channel, with those above changed."""


class CheckedAccount(Entity, frozen=True, kw_only=True):
    id: str
    name: str


class CheckProblem(Entity, frozen=True, kw_only=True):
    code: str
    text: str
    key: str | None
    """The setting to look at."""
    said: str | None
    """What the text is about, or how the provider puts it, word for word."""


class CheckAnswer(Entity, frozen=True, kw_only=True):
    ok: bool
    """No problem is known."""
    checked: bool
    """Whether the provider was asked; not every connector can."""
    account: CheckedAccount | None
    problems: list[CheckProblem]
    unchecked: list[CheckProblem]
    """What could not be found out, where one may take it for checked."""
    preview: str | None
    """What a message will look like to the provider, where the settings make it up; without secrets."""


class TestMessage(SettingsToCheck, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: Text
    """To which one SMS goes."""


class TestAnswer(Entity, frozen=True, kw_only=True):
    problem: CheckProblem | None
    """Why it did not go; null: the provider accepted it."""


class WebhookAnswer(Entity, frozen=True, kw_only=True):
    polls: bool
    """Messages are fetched; the provider has no address to call."""
    address: str
    """Ours."""
    url: str | None
    """The one that the provider says it calls."""
    pending: int | None
    error: str | None
    code: str | None
    """The stable code of ``error`` where that is ours; null: it is the provider's own sentence."""


@get("/api/v1/channel-kinds", operation_id="listChannelKinds", tags=["channels"])
async def list_channel_kinds(
    access: NamedDependency[Access],
    channel_setup: NamedDependency[ChannelSetup],
    config: NamedDependency[Config],
) -> ChannelKindList:
    """Every kind and provider that is installed, with the fields of its settings."""
    access.require_administrator()
    kinds = await channel_setup.kinds()
    return ChannelKindList(items=[_kind(spec) for spec in kinds], public_url=config.public_url)


@post(
    "/api/v1/channels/check", operation_id="checkChannelSettings", tags=["channels"], status_code=HTTP_200_OK
)
async def check_settings(
    data: JSONBody[SettingsToCheck],
    access: NamedDependency[Access],
    channel_setup: NamedDependency[ChannelSetup],
) -> CheckAnswer:
    """Ask the provider whether the credentials work; nothing is stored or changed."""
    access.require_administrator()
    found = await channel_setup.check(
        kind=data.kind,
        provider=data.provider,
        settings=data.settings,
        channel_id=_channel_of(data),
    )
    if found is None:
        return CheckAnswer(ok=True, checked=False, account=None, problems=[], unchecked=[], preview=None)
    account = found.account
    return CheckAnswer(
        ok=not found.problems,
        checked=True,
        account=None if account is None else CheckedAccount(id=account.id, name=account.name),
        problems=[_problem(each) for each in found.problems],
        unchecked=[_problem(each) for each in found.unchecked],
        preview=found.preview,
    )


@post(
    "/api/v1/channels/{channel_id:str}/webhook",
    operation_id="registerWebhook",
    tags=["channels"],
    status_code=HTTP_200_OK,
)
async def register_webhook(
    channel_id: FromPath[str],
    access: NamedDependency[Access],
    channel_setup: NamedDependency[ChannelSetup],
    config: NamedDependency[Config],
) -> WebhookAnswer:
    """Tell the provider where to call us; where that is done by hand, what it says about it."""
    access.require_administrator()
    found = named_id(channel_id, reasons.NO_SUCH_CHANNEL)
    connector, registration = await channel_setup.register(found, actor=access)
    return WebhookAnswer(
        polls=connector.polls,
        address=config.public_url + webhook_path(found),
        url=registration.url,
        pending=registration.pending,
        error=registration.error,
        code=registration.code,
    )


@post(
    "/api/v1/channels/test-message",
    operation_id="sendTestMessage",
    tags=["channels"],
    status_code=HTTP_200_OK,
)
async def send_test_message(
    data: JSONBody[TestMessage],
    access: NamedDependency[Access],
    channel_setup: NamedDependency[ChannelSetup],
) -> TestAnswer:
    """Send one SMS with these settings, which may cost something; nothing else is kept of it."""
    access.require_administrator()
    problem = await channel_setup.send_test(
        kind=data.kind,
        provider=data.provider,
        settings=data.settings,
        number=data.number,
        channel_id=_channel_of(data),
        actor=access,
    )
    return TestAnswer(problem=None if problem is None else _problem(problem))


def _problem(found: Trouble) -> CheckProblem:
    return CheckProblem(code=found.code, text=found.text, key=found.key, said=found.said)


def _kind(spec: ConnectorSpec) -> ChannelKind:
    return ChannelKind(
        kind=spec.kind,
        provider=spec.provider,
        label=spec.label,
        fields=setting_fields(spec),
        capabilities=None if spec.capabilities is None else capabilities_view(spec.capabilities),
        registers_webhook=spec.registers,
        webhook_by_hand=spec.webhook_by_hand,
    )


def _channel_of(data: SettingsToCheck) -> int | None:
    return None if data.channel_id is None else named_id(data.channel_id, reasons.NO_SUCH_CHANNEL)


ROUTES = [list_channel_kinds, check_settings, send_test_message, register_webhook]
