"""What proves to a provider who calls.  No credential is part of an address, an error or a log line."""

from base64 import b64encode

import msgspec


class Auth(msgspec.Struct, frozen=True):
    """HTTP basic authentication."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def headers(self) -> dict[str, str]:
        pair = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


class Bearer(msgspec.Struct, frozen=True):
    """An access token that all of a provider's hosts want."""

    token: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
