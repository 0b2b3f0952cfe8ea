"""Short-lived public addresses of attachments, for providers that fetch what we send by themselves."""

import base64
import binascii
import hmac
import secrets
import struct
from hashlib import sha256
from pathlib import Path

from server.clock import Clock
from server.keyfiles import made_once

PREFIX = "/media/"
_CONTENT = struct.Struct(">QQ")
_KEY_BYTES = 32


class MediaLinks:
    """Signed ``/media/<token>``.  Processes that share the data folder share the key."""

    def __init__(self, key: bytes, clock: Clock, *, public_url: str, hours: float) -> None:
        self._key = key
        self._clock = clock
        self._public_url = public_url
        self._lifetime_s = int(hours * 3600)

    def link(self, attachment_id: int) -> str:
        """An address under our public URL that shows this attachment for some hours to whoever has it."""
        expires = self._clock.now_ms() // 1000 + self._lifetime_s
        content = _CONTENT.pack(attachment_id, expires)
        token = base64.urlsafe_b64encode(content + self._mac(content)).rstrip(b"=").decode()
        return f"{self._public_url}{PREFIX}{token}"

    def attachment(self, token: str) -> int | None:
        """The attachment that a token is for; None for one that is wrong or has expired."""
        try:
            raw = base64.b64decode(
                token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
            )
        except (UnicodeEncodeError, binascii.Error, ValueError):
            return None
        content, mac = raw[: _CONTENT.size], raw[_CONTENT.size :]
        if len(content) != _CONTENT.size or not hmac.compare_digest(mac, self._mac(content)):
            return None
        attachment_id, expires = _CONTENT.unpack(content)
        return int(attachment_id) if self._clock.now_ms() // 1000 < expires else None

    def _mac(self, content: bytes) -> bytes:
        return hmac.new(self._key, b"media link\0" + content, sha256).digest()


def load_key(data_dir: Path) -> bytes:
    """The signing key of this installation; made on first use, readable by its owner only."""
    path = data_dir / "media.key"
    key = made_once(path, lambda: secrets.token_bytes(_KEY_BYTES))
    if len(key) != _KEY_BYTES:
        raise OSError(f"{path} does not hold a key; delete it to have a new one made")
    return key
