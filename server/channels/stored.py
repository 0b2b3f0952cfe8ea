"""How a channel's settings stand in its row: what is secret is encrypted, the rest can be read by an operator."""

from collections.abc import Mapping
from typing import Any

import msgspec

from connectors import registry
from connectors.contract import ConnectorSpec
from server.channels.fields import secret_keys, without_secrets
from server.channels.queries import ChannelRow
from server.keyring import Keyring, Unreadable


class StoredSettings:
    """Writes and reads them.  Secrets that stand among the plain settings of a row are read all the same."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def columns(self, spec: ConnectorSpec, settings: Mapping[str, Any]) -> dict[str, str]:
        """The columns ``settings`` and ``secrets`` of a row.  Raises ConfigError, OSError: there is no key."""
        hidden = {*secret_keys(spec)}
        secrets = {key: value for key, value in settings.items() if key in hidden}
        plain = {key: value for key, value in settings.items() if key not in hidden}
        return {
            "settings": msgspec.json.encode(plain).decode(),
            "secrets": self._keyring.encrypt(msgspec.json.encode(secrets)) if secrets else "",
        }

    def of(self, row: ChannelRow) -> dict[str, Any]:
        """All settings.  Raises Unreadable."""
        plain = msgspec.json.decode(row.settings, type=dict[str, Any])
        if not row.secrets:
            return plain
        return plain | msgspec.json.decode(self._keyring.decrypt(row.secrets), type=dict[str, Any])

    def anew(self, row: ChannelRow) -> dict[str, str]:
        """The columns with the same content, encrypted with the first key.  Raises Unreadable."""
        secrets = self._keyring.encrypt(self._keyring.decrypt(row.secrets)) if row.secrets else ""
        return {"settings": row.settings, "secrets": secrets}

    def cleaned(self, row: ChannelRow, text: str | None) -> str | None:
        """A text about the channel without its secrets, as far as they can be read."""
        if not text:
            return text
        try:
            return without_secrets(registry.spec(row.kind, row.provider), self.readable(row), text)
        except registry.UnknownConnector:
            return text  # its package is gone, and so is who could have quoted one

    def readable(self, row: ChannelRow) -> dict[str, Any]:
        """The same, but without the secrets where none of the keys opens them: who enters them again mends that."""
        try:
            return self.of(row)
        except Unreadable:
            return msgspec.json.decode(row.settings, type=dict[str, Any])


def same_settings(one: ChannelRow, other: ChannelRow) -> bool:
    """Whether nobody wrote settings between the two; secrets that are encrypted anew count as written."""
    return (one.settings, one.secrets) == (other.settings, other.secrets)
