"""The outgoing client: where a provider's URL may not lead us."""

import pytest

from connectors.addresses import AddressDenied, GuardedResolver, checked_url, is_public
from connectors.errors import FetchFailed
from connectors.http import HTTPClient
from tests.connectors.fake import Answer, Provider
from tests.connectors.names import Names

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
