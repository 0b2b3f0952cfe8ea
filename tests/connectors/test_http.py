"""The outgoing client: what proves that nothing was sent, and where a provider's URL may not lead us."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors import http as http_module
from connectors.addresses import AddressDenied, GuardedResolver, checked_url, is_public
from connectors.credentials import Auth, Bearer
from connectors.errors import FetchFailed
from connectors.http import ConnectFailed, HTTPClient, NoAnswer, Part
from tests.connectors.fake import Answer, Provider

DENIED = """
    0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
    255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1
    2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:808:808::1 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1
    fe80::1%eth0 fec0::1 ff02::1 localhost 127.1
"""
PUBLIC = (
    "8.8.8.8 1.1.1.1 172.32.0.1 192.0.1.1 157.240.1.1 2606:4700:4700::1111 2a03:2880::1 2001:4860:4860::8888"
)


@pytest.mark.parametrize("address", DENIED.split())
def test_an_address_that_is_not_public_is_denied(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a",
        "https://viber.com.example.com/",
        "https://notviber.com/",
        "https://viber.com@example.com/",
        "https://user:pass@viber.com/",
        "https://viber.com:8080/",
        "https://viber.com:99999/",
        "ftp://viber.com/",
        "file:///etc/passwd",
        "gopher://viber.com/",
        "//viber.com/",
        "viber.com/a",
        "https://",
        "https://[::1]/",
        "https://[viber.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "http://2130706433/",
        "",
    ],
)
def test_a_url_beside_the_allow_list_is_denied(url: str) -> None:
    with pytest.raises(AddressDenied):
        checked_url(url, ("viber.com", "10.0.0.1"))


@pytest.mark.parametrize("url", ["https://viber.com/", "http://a.b.viber.com:80/x?y", "https://VIBER.com./"])
def test_a_url_on_the_allow_list_is_let_through(url: str) -> None:
    assert checked_url(url, ("viber.com",)).geturl() == url


class Names(AbstractResolver):
    """Answers every name with the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::1",), ("2002:7f00:1::",)])
async def test_a_name_that_leads_inside_is_denied(addresses: tuple[str, ...]) -> None:
    with pytest.raises(AddressDenied):
        await GuardedResolver(Names(*addresses)).resolve("media.viber.com")
    assert await GuardedResolver(Names("8.8.8.8")).resolve("media.viber.com")


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "0177.0.0.1", "localhost", "①②⑦.0.0.1"])
async def test_spellings_of_loopback_are_denied_after_resolution(host: str, provider: Provider) -> None:
    """Even on the allow-list: what counts is where the connection would go."""
    port = provider.base.rpartition(":")[2]
    async with HTTPClient() as http:
        for url in (f"http://{host}/", f"http://{host}:{port}/"):
            with pytest.raises(FetchFailed):
                await http.download(url, hosts=(host,), limit=100)
    assert provider.calls == []


@pytest.fixture
async def guarded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HTTPClient]:
    """Names resolve to loopback, as an attacker's would."""
    monkeypatch.setattr(http_module.aiohttp, "ThreadedResolver", lambda: Names("127.0.0.1"))
    async with HTTPClient(timeout=2) as client:
        yield client


async def test_a_redirect_is_checked_again(provider: Provider, guarded: HTTPClient) -> None:
    for location in (
        "http://169.254.169.254/latest",
        "http://media.viber.com/",
        "https://example.com/",
        "/again",
    ):
        provider.calls.clear()
        provider.answers = [Answer(status=302, headers={"Location": location})]
        with pytest.raises(FetchFailed) as caught:
            await guarded.download(provider.base + "/a", hosts=("viber.com",), limit=10, own=provider.base)
        assert not caught.value.temporary
        assert len(provider.calls) == (4 if location == "/again" else 1)


async def test_the_operators_own_address_may_be_private_and_others_beside_it_not(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(body=b"bytes")]
    found = await http.download(provider.base + "/a", hosts=(), limit=5, own=provider.base + "/v26.0")
    assert found.body == b"bytes"
    port = int(provider.base.rpartition(":")[2])
    for url in (
        f"http://127.0.0.1:{port + 1}/a",
        f"https://127.0.0.1:{port}/a",
        f"http://127.0.0.2:{port}/a",
    ):
        with pytest.raises(FetchFailed):
            await http.download(url, hosts=(), limit=5, own=provider.base)


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
