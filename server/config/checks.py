"""What the types of the sections can't say: whether values make sense, and fit together."""

import ipaddress
import re
from typing import Final
from zoneinfo import available_timezones

from server.config.sections import S3, Config
from server.errors import ConfigError

EXPECTED_KEYS: Final = "expected keys of 32 random bytes each in URL-safe base64 (44 characters), one a line; the first one encrypts"


def check(config: Config) -> None:
    """Raises ConfigError with the key and what was expected."""
    if config.workspace.time_zone not in available_timezones():
        raise ConfigError(
            f"workspace.time_zone: expected an IANA zone such as Europe/Warsaw, got {config.workspace.time_zone!r}"
        )
    for proxy in config.server.trusted_proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            raise ConfigError(
                f"server.trusted_proxies: expected addresses or networks such as 10.0.0.0/8, got {proxy!r}"
            ) from None
    if config.delivery.call_seconds >= config.delivery.lease_seconds:
        raise ConfigError("delivery.call_seconds: expected less than delivery.lease_seconds")
    if not all(is_secret_key(key) for key in config.security.secret_keys.split()):
        raise ConfigError(f"security.secret_keys: {EXPECTED_KEYS}")
    if config.media.store == "s3":
        _check_s3(config.s3)
    for path, url, schemes in (
        ("database.url", config.database_url, ("sqlite+aiosqlite://", "postgresql+asyncpg://")),
        ("bus.url", config.bus.url, ("memory://", "redis://", "rediss://", "unix://")),
        ("server.public_url", config.public_url, ("http://", "https://")),
    ):
        if not url.startswith(schemes):
            # Not the drivers' names, which nobody has to write.
            shown = (re.sub(r"\+\w+", "", scheme) for scheme in schemes)
            raise ConfigError(f"{path}: expected an address that begins with one of {', '.join(shown)}")
    if set("?# ") & set(config.public_url):
        raise ConfigError("server.public_url: expected an address without ?, # and spaces")


def is_secret_key(text: str) -> bool:
    """Whether it has the form of a key; as Fernet wants it, with its padding."""
    return re.fullmatch(r"[A-Za-z0-9_-]{43}=", text) is not None


def _check_s3(s3: S3) -> None:
    for key in ("endpoint", "region", "bucket", "access_key", "secret_key"):
        if not getattr(s3, key):
            raise ConfigError(f"s3.{key}: expected a value, as media.store is s3")
    if not s3.endpoint.startswith(("https://", "http://")):
        raise ConfigError("s3.endpoint: expected an address that begins with https:// or http://")
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", s3.bucket) is None:
        raise ConfigError("s3.bucket: expected 3 to 63 small letters, digits, dots and hyphens")
    if re.fullmatch(r"[A-Za-z0-9._/-]*", s3.prefix) is None:
        raise ConfigError("s3.prefix: expected letters, digits, dots, hyphens and slashes")
