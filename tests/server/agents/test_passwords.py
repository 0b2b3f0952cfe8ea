"""Passwords: the parameters, the same work for nobody, and no more waiting than a few."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import extract_parameters

from server.agents.model import check_password, clean_email
from server.agents.passwords import NOBODYS_HASH, THREADS, WAITING, Passwords
from server.errors import Invalid, Throttled, Unauthorized
from tests.support.backend import Backend
from tests.support.signing_in import PASSWORD

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def test_hashes_are_argon2id_as_agreed_and_so_is_nobodys(passwords: Passwords) -> None:
    found = extract_parameters(await passwords.hash("correct horse battery"))
    assert (found.type.name, found.memory_cost, found.time_cost, found.parallelism) == ("ID", 19456, 2, 1)
    assert extract_parameters(NOBODYS_HASH) == found


async def test_a_password_is_known_however_its_letters_are_composed(passwords: Passwords) -> None:
    known = await passwords.hash("za\u017co\u0301\u0142\u0107 ge\u0328s\u0301la\u0328")
    assert await passwords.verify(known, "za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105")
    assert not await passwords.verify(known, "zazolc gesla")
    assert not await passwords.verify(known, "\ud800")
    assert not await passwords.verify("not a hash", "x")
    assert not await passwords.verify(None, "x")


async def test_only_a_few_wait(passwords: Passwords) -> None:
    tried = [passwords.verify(None, "x") for _ in range(THREADS + WAITING + 5)]
    results = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(each, Throttled) for each in results) == 5
    assert await passwords.verify(None, "x") is False


@pytest.mark.parametrize(
    "password", ["", "11 letters.", "x" * 257, "\ud800" + "long enough otherwise", "a" * 20]
)
def test_what_no_password_may_be(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_password(password)
    assert caught.value.extra["errors"][0]["field"] == "password"


@pytest.mark.parametrize(
    "password", ["twelve chars", ("mokry kalendarz biegnie " * 11)[:256], "   żółw na żaglu"]
)
def test_what_a_password_may_be(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    "email", ["", "ala", "ala@", "@x", "a b@x", "a@x\n.pl", "a\0@x", "a@" + "x" * 260, "\ud800@x"]
)
def test_what_is_no_address(email: str) -> None:
    with pytest.raises(Invalid):
        clean_email(email)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd1234",
        "qwertyuiop123",
        "123456789012",
        "abcdabcdabcd",
        "Centrala1234",
        "kochamcie123",
    ],
)
async def test_what_everybody_tries_is_refused_with_the_reason(passwords: Passwords, password: str) -> None:
    with pytest.raises(Invalid, match="well known") as refused:
        await passwords.check(password)
    assert refused.value.extra["errors"][0]["field"] == "password"
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105",
        "k7#Qv9!xTz2m",
        "mokry kalendarz biegnie " * 10,
    ],
)
async def test_what_nobody_guesses_passes(passwords: Passwords, password: str) -> None:
    await passwords.check(password)


@pytest.mark.parametrize(
    "password",
    ["Wiśniewska-Zofia", "wisniewskazofia", "zofia.wisniewska", "W1śniewska2!!", "Sklep-Rowerowy7"],
)
async def test_what_is_made_of_somebodys_name_is_refused_for_them_alone(
    backend: Backend, passwords: Passwords, password: str
) -> None:
    await passwords.check(password)
    about = {"name": "Zofia Wiśniewska", "email": "zofia.wisniewska@sklep-rowerowy.example"}
    agents = backend.inbox.agents
    with pytest.raises(Invalid, match="own name"):
        await agents.add(**about, role="agent", password=password)
    added = await agents.add(**about, role="agent", password="mokry kalendarz biegnie")
    with pytest.raises(Invalid, match="own name"):
        await agents.set_password(int(added.id), password)


async def test_a_password_that_is_changed_while_it_is_checked_begins_no_session(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = backend.inbox
    about = {"email": "ala@example.com", "name": "Ala", "role": "agent"}
    ala = await inbox.agents.add(**about, password=PASSWORD)
    verify = inbox.passwords.verify

    async def change_after(known: str | None, password: str) -> bool:
        right = await verify(known, password)
        await inbox.agents.set_password(int(ala.id), "another long password")
        return right

    monkeypatch.setattr(inbox.passwords, "verify", change_after)
    with pytest.raises(Unauthorized):
        await inbox.sessions.sign_in(ala.email, PASSWORD, "127.0.0.1")
    monkeypatch.setattr(inbox.passwords, "verify", verify)
    assert await inbox.sessions.sign_in(ala.email, "another long password", "127.0.0.1")


def test_a_start_does_not_wait_for_the_lists() -> None:
    script = "import sys, server.commands, server.app; sys.exit('zxcvbn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
