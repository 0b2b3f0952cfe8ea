"""A connector's typed settings as the fields of a form: the type is written once, in the connector."""

import typing
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import FieldInfo

from connectors.contract import ConnectorSpec
from server.entities import Entity

FieldType = Literal["text", "lines", "secret", "choice", "number", "switch", "list"]
ADDRESS = "api_base"
"""The key, in every connector, of the address that secrets are sent to."""
GATEWAY_ADDRESSES = ("send_url", "status_url")
"""Those of an operator's own HTTP gateway; placeholders of a message stand in them, so that their host counts."""


class SettingField(Entity, frozen=True, kw_only=True):
    key: str
    type: FieldType
    """``lines``: a text of several lines; ``list``: several texts."""
    required: bool
    default: str | int | float | bool | list[str] | None
    """What holds when the key is left out; always null for a secret."""
    options: list[str]
    """Of a choice."""
    advanced: bool
    """Hardly anybody needs it."""
    title: str | None
    """The connector's own name for it, where it gives one."""


def setting_fields(spec: ConnectorSpec) -> list[SettingField]:
    """In the order of the connector's type."""
    return [_field(spec, each) for each in msgspec.structs.fields(spec.settings)]


def _field(spec: ConnectorSpec, info: FieldInfo) -> SettingField:
    metas = [meta for meta in getattr(info.type, "__metadata__", ()) if isinstance(meta, msgspec.Meta)]
    plain = typing.get_args(info.type)[0] if metas else info.type
    secret = info.encode_name in secret_keys(spec)
    has_lines = any((meta.extra or {}).get("lines") for meta in metas)
    return SettingField(
        key=info.encode_name,
        type="secret" if secret else "lines" if has_lines else _type(plain),
        required=info.required,
        default=None if secret or info.default is msgspec.NODEFAULT else msgspec.to_builtins(info.default),
        options=[str(choice) for choice in typing.get_args(plain)] if _is_choice(plain) else [],
        advanced=any((meta.extra or {}).get("advanced") for meta in metas),
        title=next((meta.title for meta in metas if meta.title), None),
    )


def _type(plain: Any) -> FieldType:
    if _is_choice(plain):
        return "choice"
    if typing.get_origin(plain) in (tuple, list, set, frozenset):
        return "list"
    # Of a union, such as ``int | None``, the first part decides.
    first = (typing.get_args(plain) or (plain,))[0]
    if first is bool:
        return "switch"
    return "number" if first in (int, float) else "text"


def _is_choice(plain: Any) -> bool:
    return typing.get_origin(plain) is Literal


# ------------------------------------------------------------------------------------------ changing them


def merged(stored: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with the keys that are given changed; null takes one out, so that its default holds."""
    both = {**stored, **changes}
    return {key: value for key, value in both.items() if value is not None}


def withheld(spec: ConnectorSpec, stored: Mapping[str, Any], changes: Mapping[str, Any]) -> list[str]:
    """Stored secrets that must be entered again: they never go to an address that they were not entered for."""
    if not _is_elsewhere(spec, stored, changes):
        return []
    return [key for key in secrets_set(spec, stored) if key not in changes]


def _is_elsewhere(spec: ConnectorSpec, stored: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    if ADDRESS in changes:
        usual = _default(spec, ADDRESS)
        if (changes[ADDRESS] or usual) != stored.get(ADDRESS, usual):
            return True
    known = {_origin(stored.get(key)) for key in GATEWAY_ADDRESSES}
    return any(changes.get(key) and _origin(changes[key]) not in known for key in GATEWAY_ADDRESSES)


def _origin(url: Any) -> tuple[str, str] | None:
    """Scheme, host and port; None for no address.  Of what can't be one, all of it."""
    if not url or not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url.partition("?")[0])
    except ValueError:
        return ("", url)
    return (parts.scheme, parts.netloc)


def secret_keys(spec: ConnectorSpec) -> list[str]:
    """As they stand in the settings, where a connector renames its fields too."""
    fields = msgspec.structs.fields(spec.settings)
    return [each.encode_name for each in fields if {each.name, each.encode_name} & {*spec.secrets}]


def without_secrets(spec: ConnectorSpec, settings: Mapping[str, Any], text: str) -> str:
    """Providers quote what they were given; a secret must not come back that way."""
    for key in secret_keys(spec):
        if (value := settings.get(key)) and isinstance(value, str):
            text = text.replace(value, "…")
    return text


def secrets_set(spec: ConnectorSpec, stored: Mapping[str, Any]) -> list[str]:
    return [key for key in secret_keys(spec) if stored.get(key)]


def _default(spec: ConnectorSpec, key: str) -> Any:
    return next((each.default for each in setting_fields(spec) if each.key == key), None)
