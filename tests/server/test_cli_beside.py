"""``centrala`` beside a running server: what it changes counts at once, and a server stops cleanly."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.connectors import samples
from tests.server.installation import PASSWORD, Installation, add_telegram, call


@pytest.fixture
def server(installation: Installation) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve"],
        cwd=installation.folder,
        env=installation.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", installation.port)) == 0:
                break
        time.sleep(0.1)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.usefixtures("server")
async def test_a_running_server_takes_agents_and_channels_at_once(installation: Installation) -> None:
    await asyncio.to_thread(installation.add_agent)
    channel = await asyncio.to_thread(add_telegram, installation)
    token = (await asyncio.to_thread(installation.done, "agent", "token", "ala@example.com"))["token"]
    status, session = await call(installation, "GET", "/api/v1/session", token)
    assert (status, session["agent"]["name"]) == (200, "Ala")
    status, channels = await call(installation, "GET", "/api/v1/channels", token)
    assert [each["id"] for each in channels["items"]] == [channel["id"]]
    status, _ = await call(installation, "POST", channel["webhook"], body={"update_id": 1})
    assert status in (401, 403)
    second = (await asyncio.to_thread(installation.done, "agent", "token", "ala@example.com"))["token"]
    unused, used = await asyncio.to_thread(installation.done, "agent", "tokens", "ala@example.com")
    assert (unused["lastUsedAt"], used["lastUsedAt"] is None, used["expiresAt"]) == (None, False, None)
    await asyncio.to_thread(installation.done, "agent", "revoke-token", unused["id"])
    assert (await call(installation, "GET", "/api/v1/session", second))[0] == 401
    assert (await call(installation, "GET", "/api/v1/session", token))[0] == 200
    body = {"email": "ala@example.com", "password": PASSWORD}
    assert (await call(installation, "POST", "/api/v1/session", body=body))[0] == 200
    await asyncio.to_thread(
        installation.done,
        "agent", "reset-password", "ala@example.com", "--password-stdin",
        stdin="another long password\n",
    )  # fmt: skip
    assert (await call(installation, "POST", "/api/v1/session", body=body))[0] == 401
    await asyncio.to_thread(installation.done, "agent", "deactivate", "ala@example.com")
    assert (await call(installation, "GET", "/api/v1/session", token))[0] == 401
    await asyncio.to_thread(installation.done, "channel", "pause", channel["id"])
    await asyncio.sleep(1.1)
    assert (await call(installation, "POST", channel["webhook"], body={}))[0] == 403
    [paused] = await asyncio.to_thread(installation.done, "channel", "list", "--json")
    assert paused["health"] == "paused"
    await asyncio.to_thread(installation.done, "channel", "resume", channel["id"])

    refused = await asyncio.to_thread(installation.refused, "channel", "off", channel["id"])
    assert refused.startswith("Only a number of SMS is switched off")
    sets = [f"{key}={value}" for key, value in samples.SETTINGS["sms"].items()]
    number = await asyncio.to_thread(
        installation.done, "channel", "add", "sms", "--provider", "twilio", "--name", "Sklep",
        *(part for each in sets for part in ("--set", each)),
    )  # fmt: skip
    for word, on, health in (("off", False, "off"), ("on", True, "idle")):
        found = await asyncio.to_thread(installation.done, "channel", word, number["id"])
        assert (found["smsOn"], found["health"]) == (on, health)


def test_a_new_channel_is_registered_when_asked(installation: Installation) -> None:
    sets = ["--set", "auth_token=x", "--set", "api_base=http://127.0.0.1:1"]
    added = installation.done("channel", "add", "viber", "--name", "V", *sets, "--register")
    assert added["registration"]["error"] == "Viber could not be reached."
    assert installation.done("channel", "list")[0]["id"] == added["id"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_cleanly(server: "subprocess.Popen[str]", number: signal.Signals) -> None:
    server.send_signal(number)
    output, _ = server.communicate(timeout=10)
    assert "Traceback" not in output
    assert server.returncode in (0, 130, -number)
