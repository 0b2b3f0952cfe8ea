"""The outgoing client: what proves that nothing was sent, limits of size and time, and where credentials go."""

import asyncio
import contextlib
import socket
from typing import Any

import pytest
from aiohttp import web

from connectors import http as http_module
from connectors.credentials import Auth, Bearer
from connectors.errors import FetchFailed
from connectors.http import ConnectFailed, HTTPClient, NoAnswer, Part
from tests.connectors.fake import Answer, Provider


async def test_a_download_stops_at_its_limit(provider: Provider, http: HTTPClient) -> None:
    for headers in ({}, {"Content-Encoding": "gzip"}):
        provider.answers = [Answer(body=b"x" * 1000, headers=headers)]
        with pytest.raises(FetchFailed, match="too large"):
            await http.download(provider.base, hosts=(), limit=999, own=provider.base)
        assert len((await http.download(provider.base, hosts=(), limit=1000, own=provider.base)).body) == 1000


@pytest.mark.parametrize(
    ("status", "temporary"), [(404, False), (403, False), (429, True), (500, True), (304, False)]
)
async def test_a_failed_download_says_whether_to_try_again(
    status: int, temporary: bool, provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(status=status)]
    with pytest.raises(FetchFailed) as caught:
        await http.download(provider.base, hosts=(), limit=10, own=provider.base)
    assert caught.value.temporary is temporary


@pytest.mark.parametrize(
    "url",
    [
        "http://no-such-host.invalid/x",
        "https://127.0.0.1:1/x",
        "http://[::1",
        "nonsense",
        "http://127.0.0.1:99999/",
    ],
)
async def test_what_cannot_be_reached_certainly_got_nothing(url: str, http: HTTPClient) -> None:
    with pytest.raises(ConnectFailed):
        await http.request("POST", url, json={})


async def test_a_server_that_is_not_tls_got_no_request(provider: Provider, http: HTTPClient) -> None:
    with pytest.raises(ConnectFailed):
        await http.request("POST", provider.base.replace("http:", "https:"), json={})
    assert provider.calls == []


async def test_a_server_that_never_accepts_got_nothing() -> None:
    """The backlog is full: connecting times out."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(address)
            async with HTTPClient(timeout=0.3) as http:
                with pytest.raises(ConnectFailed):
                    await http.request("POST", f"http://127.0.0.1:{address[1]}/", json={})
        finally:
            for filler in fillers:
                filler.close()


async def test_a_connection_used_again_counts_as_connected(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(), Answer(drop=True)]
    await http.request("POST", provider.base, json={})
    with pytest.raises(NoAnswer):
        await http.request("POST", provider.base, json={})
    assert len(provider.calls) == 2  # and it was not repeated


async def test_an_endless_answer_is_cut_off(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(body=b" " * (5 * 1024 * 1024))]
    with pytest.raises(NoAnswer):
        await http.request("GET", provider.base)


async def test_bodies_arrive_as_they_were_given(provider: Provider, http: HTTPClient) -> None:
    sent: list[dict[str, Any]] = [
        {"json": {"a": "ą"}},
        {"form": [("a", "ą"), ("b", "")]},
        {
            "multipart": [
                Part(name="a", value="ą"),
                Part(name="f", value=b"x", filename="kot.png", content_type="image/png"),
            ]
        },
    ]
    for options in sent:
        await http.request("POST", provider.base, auth=Auth("u", "p"), headers={"X-A": "b"}, **options)
    assert [call.json for call in provider.calls] == [{"a": "ą"}, None, None]
    assert provider.calls[1].form == {"a": "ą", "b": ""}
    assert provider.calls[2].form == {"a": "ą", "f": ("kot.png", "image/png", b"x")}
    assert {call.headers["x-a"] for call in provider.calls} == {"b"}


async def test_a_redirect_of_the_api_is_not_followed(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(status=302, headers={"Location": "/other", "Retry-After": "soon"})]
    answer = await http.request("POST", provider.base, json={})
    assert (answer.status, answer.retry_after, len(provider.calls)) == (302, None, 1)


async def test_an_access_token_goes_to_the_providers_hosts_by_https_only(
    monkeypatch: pytest.MonkeyPatch, provider: Provider, http: HTTPClient
) -> None:
    seen: list[tuple[str, Any]] = []

    def request(_session: Any, _method: str, url: Any, **options: Any) -> Any:
        seen.append((str(url), options["headers"].get("Authorization")))
        raise http_module.aiohttp.ClientConnectionError

    async def tried(url: str, auth: Auth | Bearer, own: str = "") -> FetchFailed:
        with pytest.raises(FetchFailed) as caught:
            await http.download(url, hosts=("fbsbx.com",), limit=5, own=own, auth=auth)
        return caught.value

    monkeypatch.setattr(http_module.aiohttp.ClientSession, "request", request)
    listed = "https://lookaside.fbsbx.com/a"
    assert (await tried(listed, Bearer("t"))).temporary
    await tried(listed, Auth("user", "password"))
    await tried(provider.base + "/a", Bearer("t"), provider.base)
    assert "not https" in str(await tried("http://lookaside.fbsbx.com/a", Bearer("t")))
    assert not (await tried("https://example.com/a", Bearer("t"))).temporary
    assert seen == [(listed, "Bearer t"), (listed, None), (provider.base + "/a", "Bearer t")]


def test_credentials_do_not_show_themselves() -> None:
    assert f"{Bearer('canary')!r} {Auth('canary', 'canary')!r}" == "Bearer(…) Auth(…)"


async def test_a_slow_drip_ends_with_its_time(guarded: HTTPClient) -> None:
    """Each byte comes in time, and all of them together do not."""

    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                await answer.write(b"x")
                await asyncio.sleep(0.02)
        return answer

    app = web.Application()
    app.router.add_get("/", drip)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        with pytest.raises(FetchFailed) as caught:
            await guarded.download(base, hosts=(), limit=10_000, own=base, timeout=0.3)
    finally:
        await runner.cleanup()
    assert caught.value.temporary
    assert caught.value.code == "unreachable"
