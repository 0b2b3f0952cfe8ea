"""Which channel kinds there are.  Third parties add theirs by the entry-point group ``centrala.connectors``."""

import logging
import typing
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final, Literal

import msgspec

from connectors.contract import Connector, ConnectorSpec
from connectors.errors import ConnectorError
from connectors.http import HTTPClient

log = logging.getLogger(__name__)

GROUP: Final = "centrala.connectors"
"""An entry point names a ConnectorSpec; its own name does not matter."""

# One line per kind (and provider); imported when asked for, since the providers' libraries are slow to load.
_OWN: Final[dict[tuple[str, str | None], str]] = {
    ("telegram", None): "connectors.telegram",
    ("viber", None): "connectors.viber",
    ("messenger", None): "connectors.messenger",
    ("whatsapp", None): "connectors.whatsapp",
    ("sms", "twilio"): "connectors.sms.twilio",
    ("sms", "smsapi"): "connectors.sms.smsapi",
    ("sms", "smpp"): "connectors.sms.smpp",
    ("sms", "http"): "connectors.sms.gateway",
}


class UnknownConnector(ConnectorError):
    """No connector of that kind and provider is installed."""


class BadSettings(ConnectorError):
    """The settings of a channel are wrong; ``problems`` has one sentence per key, and no value of a secret.

    ``codes``: of a key, the stable code of its sentence, and what stands in the blanks of a translation.
    """

    def __init__(
        self, problems: list[str], codes: Mapping[str, tuple[str, Mapping[str, str | int]]] | None = None
    ) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.codes = codes or {}


def names() -> list[tuple[str, str | None]]:
    """All (kind, provider) pairs, ours first."""
    return [
        *_OWN,
        *((spec.kind, spec.provider) for spec in _foreign() if (spec.kind, spec.provider) not in _OWN),
    ]


def spec(kind: str, provider: str | None = None) -> ConnectorSpec:
    """The connector of a kind; a kind with one provider only may leave it out."""
    if own := [name for name in _OWN if name[0] == kind and provider in (name[1], None)]:
        found = [_own(name) for name in own]
    else:
        found = [other for other in _foreign() if other.kind == kind and provider in (other.provider, None)]
    if len(found) != 1:
        known = ", ".join("/".join(filter(None, name)) for name in names())
        raise UnknownConnector(f"no single connector {kind!r} of provider {provider!r}; known: {known}")
    return found[0]


def _own(name: tuple[str, str | None]) -> ConnectorSpec:
    own: ConnectorSpec = import_module(_OWN[name]).SPEC
    return own


def specs() -> list[ConnectorSpec]:
    """Every connector, for the page that lists them."""
    return [spec(*name) for name in names()]


def open_connector(
    kind: str,
    provider: str | None,
    settings: Mapping[str, Any],
    http: HTTPClient,
    webhook_url: str = "",
) -> Connector:
    """A ready connector.  Raises UnknownConnector, or BadSettings naming each wrong key and what was expected."""
    found = spec(kind, provider)
    return found.open(read_settings(found, settings), http, webhook_url)


def read_settings(found: ConnectorSpec, settings: Mapping[str, Any]) -> Any:
    """``settings`` as the connector's own type."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(found.settings)}
    problems = [f"{key}: unknown key; known are {', '.join(fields)}" for key in settings if key not in fields]
    values = {}
    for name, field in fields.items():
        if name in settings:
            try:
                values[field.name] = msgspec.convert(settings[name], field.type)
            except msgspec.ValidationError as error:
                problems.append(f"{name}: {_expected(field.type, str(error))}")
        elif field.required:
            problems.append(f"{name}: required, and missing")
    if problems:
        raise BadSettings(problems)
    return found.settings(**values)


def _expected(kind: Any, error: str) -> str:
    """What the field's author says of it; else msgspec's own words, which never repeat the value."""
    if typing.get_origin(kind) is Literal:
        return "expected one of " + ", ".join(repr(choice) for choice in typing.get_args(kind))
    if error.endswith("of length >= 1"):
        return "expected a value, and it is empty"
    if "matching regex" in error:
        said = [each.description for each in kind.__metadata__ if getattr(each, "description", None)]
        if said:
            return f"expected {said[0]}"
    return error[:1].lower() + error[1:]


def _foreign() -> Iterator[ConnectorSpec]:
    """Third parties' connectors; one that cannot be loaded is reported and does not cost the others."""
    for point in entry_points(group=GROUP):
        try:
            loaded = point.load()
        except Exception:
            log.exception("the connector %s (%s) cannot be loaded", point.name, point.value)
            continue
        if isinstance(loaded, ConnectorSpec):
            yield loaded
