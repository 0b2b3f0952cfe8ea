"""The channel kinds that are installed, and the settings that each of them takes."""

import typing
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors import registry
from connectors.contract import ConnectorSpec
from connectors.registry import BadSettings, UnknownConnector
from server import reasons
from server.channels.fields import merged, withheld
from server.channels.queries import ChannelRow
from server.errors import Invalid, field_error


def find_spec(kind: str, provider: str | None) -> ConnectorSpec:
    try:
        return registry.spec(kind, provider)
    except UnknownConnector:
        names = registry.names()
        is_kind = any(kind == name for name, _ in names)
        known = ", ".join(" ".join(filter(None, name)) for name in names if not is_kind or name[0] == kind)
        which = f" with provider {provider}" if provider else " without a provider" if is_kind else ""
        reason = reasons.NO_CHANNEL_KIND.of(wanted=kind + which, known=known)
        raise Invalid(reason, field="provider" if is_kind else "kind") from None


def checked_settings(spec: ConnectorSpec, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are stored.  Raises Invalid, with one entry per wrong key and never a value."""
    types = {field.encode_name: field.type for field in msgspec.structs.fields(spec.settings)}
    settings = {key: _typed(value, types.get(key, Any)) for key, value in settings.items()}
    try:
        registry.read_settings(spec, settings)
    except BadSettings as error:
        errors = []
        for problem in error.problems:
            key, _, message = problem.partition(": ")
            errors.append(field_error(f"settings.{key}", _sentence(message, error.codes.get(key))))
        raise Invalid(reasons.SETTINGS_WRONG.of(problems="; ".join(error.problems)), errors=errors) from None
    return settings


def changed_settings(
    spec: ConnectorSpec, stored: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """All settings of a channel after a change.  Raises Invalid, which names each wrong key."""
    if missing := withheld(spec, stored, changes):
        errors = [field_error(f"settings.{key}", reasons.SETTING_AGAIN) for key in missing]
        raise Invalid(reasons.SETTINGS_SECRETS_AGAIN, errors=errors)
    return checked_settings(spec, merged(stored, changes))


def _sentence(message: str, coded: tuple[str, Mapping[str, str | int]] | None) -> reasons.Reason:
    if message.startswith("required"):
        return reasons.SETTING_REQUIRED
    code, params = coded or (reasons.SETTING_WRONG.code, {})
    return reasons.Reason(code, reasons.SETTING_WRONG.text, {**params, "expected": message})


def _typed(value: Any, kind: Any) -> Any:
    """Text from the command line as the number, truth value or list (by commas) that the key wants.

    What is wrong stays wrong.
    """
    if not isinstance(value, str):
        return value
    if typing.get_origin(_bare(kind)) is tuple:
        return [part.strip() for part in value.split(",") if part.strip()]
    try:
        return msgspec.to_builtins(msgspec.convert(value, kind, strict=False))
    except msgspec.ValidationError:
        return value


def _bare(kind: Any) -> Any:
    """A type without what msgspec is told about it."""
    return kind.__origin__ if typing.get_origin(kind) is typing.Annotated else kind


def is_switched_number(row: ChannelRow) -> bool:
    """Whether the channel is a number for which SMS can be switched off.  False too where its kind is not installed."""
    try:
        return registry.spec(row.kind, row.provider).switched_numbers
    except UnknownConnector:
        return False
