"""Connecting a channel: which kinds there are, whether settings work, and telling the provider where to call."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import msgspec

from connectors import numbers, registry
from connectors.contract import (
    Checked,
    Checks,
    Connector,
    ConnectorSpec,
    Exclusive,
    Outbound,
    Registration,
    SendsTests,
    Sent,
    Trouble,
)
from connectors.errors import ConnectorError, SendError
from server import reasons
from server.agents import service as agents
from server.agents.access import Access
from server.channels import queries
from server.channels.fields import without_secrets
from server.channels.kinds import changed_settings, checked_settings, find_spec
from server.channels.opened import OpenedChannels
from server.channels.queries import ChannelRow
from server.errors import Conflict, Invalid, NotFound
from server.unit_of_work import Transaction, UnitOfWork

_ASK_S: Final = 20.0
"""How long a person waits for a provider."""
_TEST: Final = "Test: Centrala"
"""An SMS of one part in every language."""
_NO_ANSWER: Final = "The provider gave no answer in time. Try again in a minute."


class ChannelSetup:
    """What administrators do before a channel works.  ``actor`` None is the command line."""

    def __init__(self, units: UnitOfWork, opened: OpenedChannels, *, region: str) -> None:
        self._units = units
        self._region = region
        self._opened = opened

    async def kinds(self) -> list[ConnectorSpec]:
        """Every kind and provider that is installed; the providers' libraries are slow to load."""
        return await asyncio.to_thread(registry.specs)

    async def check(
        self,
        *,
        kind: str,
        provider: str | None,
        settings: Mapping[str, Any],
        channel_id: int | None = None,
    ) -> Checked | None:
        """What the provider says of the settings (of a channel: with these changed); None: it can't be asked.

        Changes nothing.  Raises Invalid, which names each wrong key, and NotFound.
        """
        spec = find_spec(kind, provider)
        settings = await self._settings(spec, settings, channel_id)
        try:
            connector = self._opened.trial(spec, settings, channel_id)
            if not isinstance(connector, Checks):
                return None
            async with asyncio.timeout(_ASK_S):
                found = await connector.check()
        except TimeoutError:
            return Checked(problems=(Trouble(code="no_clear_answer", text=_NO_ANSWER),))
        except (ConnectorError, ValueError) as error:
            found = Checked(
                problems=(Trouble(code="check_failed", text=f"The check failed: {error}", said=str(error)),)
            )
        return _cleaned_all(spec, settings, found)

    async def send_test(
        self,
        *,
        kind: str,
        provider: str | None,
        settings: Mapping[str, Any],
        number: str,
        channel_id: int | None = None,
        actor: Access | None = None,
    ) -> Trouble | None:
        """Send one SMS with these settings, which may cost something; why it did not go, or None.

        Nothing else is written of it than that it was done: no dialog, no message.  Raises Invalid, NotFound, and
        Conflict (``no_test_message``) where a message needs more than settings.
        """
        spec = find_spec(kind, provider)
        settings = await self._settings(spec, settings, channel_id)
        to = numbers.from_agent(number, self._region)
        if to is None:
            raise Invalid(reasons.BAD_PHONE, field="number")
        connector = self._opened.trial(spec, settings, channel_id)
        needs_running = isinstance(connector, Exclusive) and not isinstance(connector, SendsTests)
        if not spec.switched_numbers or needs_running:
            raise Conflict("no_test_message", reasons.NO_TEST_MESSAGE)
        channel = None if channel_id is None else await self._opened.known(channel_id)
        if channel is not None and not channel.sms_on:
            raise Conflict("number_off", reasons.NUMBER_OFF)
        message = Outbound(delivery_id=str(self._units.ids.new()), attempt=1, peer_id=to, text=_TEST)
        if isinstance(connector, SendsTests):
            running = [each.connector for each in await self._opened.all()]
            trouble = await _trouble_of(connector.send_test(message, running))
        else:
            trouble = await _trouble_of(connector.send(message))
        detail = {"kind": spec.kind, "provider": spec.provider, "sent": trouble is None}
        if channel_id is not None:
            detail["channel"] = str(channel_id)
        await self._units.run(lambda tx: agents.audit(tx, actor, "channel.test_sent", detail))
        return None if trouble is None else _cleaned(spec, settings, trouble)

    async def _settings(
        self, spec: ConnectorSpec, settings: Mapping[str, Any], channel_id: int | None
    ) -> dict[str, Any]:
        """Those of a new channel, or of one that is there with these changed."""
        if channel_id is None:
            return checked_settings(spec, settings)
        row = await self._row(channel_id, spec)
        return changed_settings(spec, self._opened.stored.readable(row), settings)

    async def register(
        self, channel_id: int, *, actor: Access | None = None
    ) -> tuple[Connector, Registration]:
        """Tell the provider where to call us, and what it says about that.  Raises NotFound, Invalid."""
        channel = await self._opened.get(channel_id)
        if channel is None:
            raise NotFound(reasons.NO_SUCH_CHANNEL_OR_PAUSED)
        try:
            async with asyncio.timeout(_ASK_S):
                found = await channel.connector.register(channel.webhook_url)
        except TimeoutError:
            found = Registration(error=_NO_ANSWER)
        except ConnectorError as error:
            found = Registration(error=str(error))

        def work(tx: Transaction) -> Registration:
            detail = {"channel": str(channel_id), "done": found.error is None}
            agents.audit(tx, actor, "channel.webhook_registered", detail)
            row = queries.channel_row(tx.connection, channel_id)
            error = found.error if row is None else self._opened.stored.cleaned(row, found.error)
            return msgspec.structs.replace(found, error=error)

        return channel.connector, await self._units.run(work)

    async def encrypt_anew(self, channel_id: int) -> None:
        """Encrypt a channel's secrets with the first key; the others are not needed any more then.  Raises Unreadable."""

        def work(tx: Transaction) -> None:
            row = queries.lock_channel(tx.connection, channel_id)
            if row is not None:
                queries.update_channel(tx.connection, channel_id, self._opened.stored.anew(row))

        await self._units.run(work)

    async def _row(self, channel_id: int, spec: ConnectorSpec) -> ChannelRow:
        row = await self._units.database.read(lambda c: queries.channel_row(c, channel_id))
        if row is None:
            raise NotFound(reasons.NO_SUCH_CHANNEL)
        if (row.kind, row.provider) != (spec.kind, spec.provider):
            raise Invalid(reasons.CHANNEL_OF_ANOTHER_KIND, field="channelId")
        return row


def _cleaned_all(spec: ConnectorSpec, settings: Mapping[str, Any], found: Checked) -> Checked:
    problems = tuple(_cleaned(spec, settings, each) for each in found.problems)
    preview = found.preview and without_secrets(spec, settings, found.preview)
    return msgspec.structs.replace(found, problems=problems, preview=preview)


def _cleaned(spec: ConnectorSpec, settings: Mapping[str, Any], problem: Trouble) -> Trouble:
    said = problem.said and without_secrets(spec, settings, problem.said)
    return msgspec.structs.replace(problem, text=without_secrets(spec, settings, problem.text), said=said)


async def _trouble_of(sending: Awaitable[Sent]) -> Trouble | None:
    try:
        async with asyncio.timeout(_ASK_S):
            await sending
    except SendError as error:
        failure = error.failure
        return Trouble(code=failure.code, text=failure.text, said=failure.provider_code)
    except TimeoutError:
        return Trouble(code="no_clear_answer", text=_NO_ANSWER)
    return None
