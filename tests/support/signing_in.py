"""A browser's half of signing in, for tests: cookies, the CSRF token, an address of its own."""

from typing import Any

import aiohttp
import msgspec
from yarl import URL

from tests.support.backend import Live

PASSWORD = "correct horse battery"
OWN_ORIGIN = "http://inbox.test"


class Browser:
    """Sends what a browser would; ``address`` stands in X-Forwarded-For, for servers that trust 127.0.0.1."""

    def __init__(self, live: Live, address: str | None = None) -> None:
        self.live = live
        self.cookies: dict[str, str] = {}
        self.set_cookie = ""
        self.csrf_token = ""
        self.headers = {"Origin": OWN_ORIGIN}
        if address is not None:
            self.headers["X-Forwarded-For"] = address

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str | None] | None = None
    ) -> tuple[int, Any]:
        """Status and decoded JSON; a header that is None is left out."""
        sent: dict[str, str | None] = {
            **self.headers,
            "X-CSRF-Token": self.csrf_token or None,
            **(headers or {}),
        }
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else msgspec.json.encode(body)
            sent.setdefault("Content-Type", "application/json")
        jar = aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(cookie_jar=jar) as http,
            http.request(
                method,
                URL(self.live.url + path, encoded=True),
                data=data,
                headers={name: value for name, value in sent.items() if value is not None},
            ) as answer,
        ):
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
                self.set_cookie = answer.headers["Set-Cookie"]
            self.answer_headers = answer.headers.copy()
            text = await answer.read()
            return answer.status, msgspec.json.decode(text) if text else None

    async def sign_in(self, email: str = "ala@example.com", password: str = PASSWORD) -> tuple[int, Any]:
        status, found = await self.call("POST", "/api/v1/session", {"email": email, "password": password})
        if status == 200:
            self.csrf_token = found["csrfToken"]
        return status, found
