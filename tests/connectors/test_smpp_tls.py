"""SMPP over TLS to a real SMSC: whose certificates are taken, and what is said of the others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.errors import NotAccepted
from connectors.sms.smpp import SmppConnector
from tests.support.certificates import Authority
from tests.support.smpp import Line, settings_of
from tests.support.smsc import Smsc


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@asynccontextmanager
async def running(tls: tuple[Path, Path] | None) -> AsyncIterator[Smsc]:
    smsc = Smsc(tls)
    await smsc.start()
    try:
        yield smsc
    finally:
        await smsc.kill()


def of(smsc: Smsc, authority: Authority, **changes: Any) -> Any:
    return settings_of(**{**smsc.settings, "ca": authority.pem, **changes})


async def test_messages_go_both_ways_over_tls(tmp_path: Path, authority: Authority) -> None:
    async with running(authority.issue(tmp_path, "127.0.0.1")) as smsc:
        settings = of(smsc, authority)
        assert (await SmppConnector(settings).check()).problems == ()
        line = Line(SmppConnector(settings))
        try:
            # One bind at a time: the trial's is over before.
            await smsc.expect("unbound")
            await smsc.expect("bound", system_id="centrala")
            assert await line.send("Dzień dobry") == ("m1",)
            await smsc.deliver("Zażółć", data_coding=8)
            assert [getattr(item, "text", "") for item in await line.came(1)] == ["Zażółć"]
        finally:
            await line.stop()


@pytest.mark.parametrize(
    ("name", "days", "ca", "code", "key", "says"),
    [
        (
            "smsc.operator.example",
            1,
            "ours",
            "certificate_wrong_name",
            "api_base",
            "another name than 127.0.0.1",
        ),
        ("127.0.0.2", 1, "ours", "certificate_wrong_name", "api_base", "another name than 127.0.0.1"),
        ("127.0.0.1", 1, "another", "certificate_untrusted", "ca", "not signed by an authority"),
        ("127.0.0.1", 1, "the machine's", "certificate_untrusted", "ca", "not signed by an authority"),
        ("127.0.0.1", -1, "ours", "certificate_expired", None, "has expired"),
    ],
)
async def test_a_certificate_that_is_not_the_smscs_is_refused_in_words(
    tmp_path: Path, authority: Authority, name: str, days: int, ca: str, code: str, key: str, says: str
) -> None:
    trusted = {"ours": authority.pem, "another": Authority().pem, "the machine's": ""}[ca]
    async with running(authority.issue(tmp_path, name, days=days)) as smsc:
        connector = SmppConnector(of(smsc, authority, ca=trusted))
        [problem] = (await connector.check()).problems
        assert (problem.code, problem.key) == (code, key)
        assert says in problem.text
        # The same is what health shows: see tests/server/delivery/test_smpp.py.
        with pytest.raises(NotAccepted, match=says):
            await connector.poll(None)
        assert smsc.count("bound") == 0, "nothing was told, least of all the password"


async def test_the_port_without_tls_is_told_from_an_smsc_that_is_away(authority: Authority) -> None:
    async with running(None) as smsc:
        base = smsc.settings["api_base"].replace("smpp:", "smpps:")
        [problem] = (await SmppConnector(of(smsc, authority, api_base=base)).check()).problems
        assert (problem.code, problem.key) == ("no_tls", "api_base")
        assert "port for TLS" in problem.text
        await smsc.kill()
        [away] = (await SmppConnector(of(smsc, authority, api_base=base)).check()).problems
        assert (away.code, away.key) == ("unreachable", "api_base")


@pytest.mark.parametrize("wrong", ["abc", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----", "ą"])
def test_what_is_no_certificate_is_named(wrong: str) -> None:
    with pytest.raises(registry.BadSettings, match="ca: expected certificates in PEM"):
        settings_of(ca=wrong)
