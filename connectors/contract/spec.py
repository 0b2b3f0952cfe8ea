"""One line of the registry, and what it says about a channel kind's settings."""

from collections.abc import Callable
from typing import Any

import msgspec

from connectors.contract.capabilities import Capabilities
from connectors.contract.connector import Connector

WEB_ADDRESS = "an address that begins with http:// or https://"
"""For ``msgspec.Meta(description=…)``: what an operator reads who wrote something else."""
ADVANCED: dict[str, bool] = {"advanced": True}
"""``Annotated[str, msgspec.Meta(extra=ADVANCED)]``: a setting that hardly anybody needs."""
LINES: dict[str, bool] = {"lines": True}
"""The same for a text of several lines.  Both: ``extra=ADVANCED | LINES``."""


class ConnectorSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the registry: how to build the connector of a channel kind (and provider)."""

    kind: str
    provider: str | None = None
    label: str
    settings: type[msgspec.Struct]
    """Typed settings; unknown keys are refused.  Fields in ``secrets`` are write-only outside.

    ``msgspec.Meta(title=…)`` is a field's name in forms, and :data:`ADVANCED` takes it out of a beginner's sight.
    """
    secrets: tuple[str, ...]
    open: Callable[[Any, Any, str], Connector]
    """``open(settings, http, webhook_url)`` with an instance of ``settings``, a ``connectors.http.HTTPClient`` and
    our public address for this channel, which some providers want named in every send (Twilio's StatusCallback)."""
    capabilities: Capabilities | None = None
    """What a channel with ordinary settings can do; an open connector says it for its own."""
    registers: bool = False
    """Whether :meth:`Connector.register` sets something at the provider, and does not only report."""
    webhook_by_hand: bool = True
    """Whether a person enters the webhook's address at the provider."""
    switched_numbers: bool = False
    """Whether a channel is a number for SMS, which can be switched off apart from pausing (LOG-7)."""
