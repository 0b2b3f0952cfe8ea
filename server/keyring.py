"""The keys with which channels' secrets are encrypted in the database (ADR 0019).

Fernet of ``cryptography``: AES-128 in CBC mode with an HMAC-SHA256, under a key of 32 random bytes.  The first key encrypts;
all of them decrypt, so that a key can be replaced while the server runs with both.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from server.config import Config
from server.config.checks import EXPECTED_KEYS, is_secret_key
from server.errors import ConfigError
from server.keyfiles import made_once

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

FILE: Final = "secrets.key"


class Unreadable(ValueError):
    """None of the keys opens what was encrypted.  The text says what a person can do, and holds no secret."""


class Keyring:
    """The keys of ``security.secret_keys``; without any, those of a file in the data folder, made when first needed.

    ``may_make`` False: such a file is not made.  Processes that share a database need the same keys.
    """

    def __init__(self, config: Config, *, may_make: bool = True) -> None:
        self._configured = config.security.secret_keys.split()
        self._may_make = may_make
        self.path: Path | None = None if self._configured else config.data_dir.absolute() / FILE
        """The file of keys; None where they stand in the configuration."""
        self._fernet: MultiFernet | None = None

    def load(self) -> None:
        """Have the keys ready, so that what is wrong with them is known at the start.  Raises ConfigError, OSError."""
        self._keys()

    def encrypt(self, text: bytes) -> str:
        """A token of letters, digits, ``-``, ``_`` and ``=``; another one each time.  Raises ConfigError, OSError."""
        return self._keys().encrypt(text).decode()

    def decrypt(self, token: str) -> bytes:
        """Raises Unreadable."""
        from cryptography.fernet import InvalidToken

        try:
            return self._keys().decrypt(token)
        except FileNotFoundError:
            raise Unreadable(
                f"there is no {self.path}. Put it back from the backup and restart, or enter the channel's secrets again."
            ) from None
        except (ConfigError, OSError) as error:
            raise Unreadable(f"the keys can't be read: {error}. Mend that file and restart.") from None
        except InvalidToken:
            raise Unreadable(self._advice()) from None

    def _keys(self) -> "MultiFernet":
        if self._fernet is None:
            # Three hundredths of a second, for which only who needs it should wait.
            from cryptography.fernet import Fernet, MultiFernet

            self._fernet = MultiFernet([Fernet(key) for key in self._texts()])
        return self._fernet

    def _texts(self) -> list[str]:
        if self.path is None:
            return self._configured
        if self._may_make:
            text = made_once(self.path, _new_key)
        else:
            text = self.path.read_bytes()
        keys = text.decode("ascii", "replace").split()
        if not keys or not all(is_secret_key(key) for key in keys):
            raise ConfigError(f"{self.path}: {EXPECTED_KEYS}")
        return keys

    def _advice(self) -> str:
        where = "security.secret_keys" if self.path is None else str(self.path)
        return (
            f"none of the keys in {where} decrypts its secrets. Add the key that was in use before as one more line "
            "there and restart, or enter the channel's secrets again."
        )


def _new_key() -> bytes:
    from cryptography.fernet import Fernet

    return Fernet.generate_key() + b"\n"
