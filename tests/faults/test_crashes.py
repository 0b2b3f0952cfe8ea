"""kill -9 at every named point of the ways in and out, again and again; then everything that was promised holds."""

import asyncio
import contextlib
import json
import re
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from connectors.simulator import Simulator
from server.db import schema
from tests.faults.traffic import Deployment, Providers, check_the_log
from tests.support.outside import PATIENCE_S, ROOT, Api
from tests.support.posting import SETTINGS
from tests.support.waiting import until

WAY_IN = ("webhook.read", "webhook.parsed", "intake.committed", "webhook.stored")
PARTS = ("delivery.part_recorded", "delivery.part_begun")
WAY_OUT = ("delivery.claimed", "delivery.before_record", "delivery.recorded")
BOTH = ("transaction.before_commit", "transaction.committed")


def test_no_named_point_is_left_out() -> None:
    sources = [*(ROOT / "server").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")]
    named = {
        name for path in sources for name in re.findall(r'failpoint\("([^"]+)"\)', Path(path).read_text())
    }
    assert named == {*WAY_IN, *WAY_OUT, *PARTS, *BOTH}


async def crash(deployment: Deployment, point: str, count: int) -> None:
    """Start the server with this point armed; returns when it died there."""
    process = deployment.server
    process.environment = {"CENTRALA_FAILPOINT": f"{point}:{count}"}
    if hasattr(process, "_process"):
        del process._process
    process.process.start()
    popen = process.process._process
    assert popen is not None
    await process.died()
    assert popen.returncode == -signal.SIGKILL, f"{point}: {process.words()}"


async def test_every_answered_webhook_is_there_once_whenever_we_die(deployment: Deployment) -> None:
    """Each start after a death is also the recovery from it: the providers keep coming all the time."""
    providers = Providers(deployment)
    async with providers.busy():
        for point in (*WAY_IN, *BOTH):
            before = len(providers.acknowledged)
            await crash(deployment, point, 15)
            assert len(providers.acknowledged) > before or point in BOTH, (
                f"nothing was answered before {point}"
            )
        await deployment.server.start(CENTRALA_FAILPOINT="")
        enough = len(providers.acknowledged) + 20
        await until(lambda: len(providers.acknowledged) >= enough)
    await deployment.server.stop()
    await providers.check()


async def writer_of(deployment: Deployment) -> psutil.Process:
    """The process that stores what comes in, as soon as there is one."""
    popen = deployment.server.process._process
    assert popen is not None
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for child in psutil.Process(popen.pid).children():
                with contextlib.suppress(psutil.Error):  # it just ended
                    if "server.writer" in child.cmdline():
                        return child
            await asyncio.sleep(0.02)


async def test_nothing_is_lost_when_only_the_writer_dies(deployment: Deployment) -> None:
    """The server stays up, says that it can't take more just now, and starts the next writer."""
    providers = Providers(deployment)
    await deployment.server.start(CENTRALA_FAILPOINT="")
    async with providers.busy():
        for _ in range(4):
            enough = len(providers.acknowledged) + 15
            await until(lambda enough=enough: len(providers.acknowledged) >= enough)
            (await writer_of(deployment)).kill()
    await deployment.server.stop()
    await providers.check()


async def test_no_writer_outlives_its_server(deployment: Deployment) -> None:
    await deployment.server.start(CENTRALA_FAILPOINT="")
    writer = await writer_of(deployment)
    popen = deployment.server.process._process
    assert popen is not None
    popen.kill()
    await until(lambda: not writer.is_running() or writer.status() == psutil.STATUS_ZOMBIE)
    await deployment.server.died()


async def reply_until_taken(api: Api, dialog_id: str, text: str) -> None:
    """As the console does: the same key until there is an answer."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                status, _ = await api.call(
                    "POST",
                    f"/dialogs/{dialog_id}/messages",
                    {"text": text, "kind": "message"},
                    Idempotency_Key=text[:100],
                )
            except (OSError, TimeoutError, aiohttp.ClientError):
                status = 0
            if status == 201:
                return
            assert status in (0, 200, 503), status
            await asyncio.sleep(0.1)


async def test_nothing_is_sent_twice_whenever_we_die(deployment: Deployment) -> None:
    """Sent means once, failed means never, and what is not certain says so."""
    async with Simulator(pace=0.05) as sim:
        dialogs = await _talk(deployment, sim)
        texts: list[str] = []
        sending: list[asyncio.Task[None]] = []
        api = deployment.api("Root")
        for point, count in (*((name, 2) for name in WAY_OUT), *((name, 12) for name in BOTH)):
            dying = asyncio.create_task(crash(deployment, point, count))
            for n in range(12):
                texts.append(f"{point} {n}")
                dialog_id = dialogs[n % len(dialogs)]
                sending.append(asyncio.create_task(reply_until_taken(api, dialog_id, texts[-1])))
                await asyncio.sleep(0.05)
            # What the dying server did not take, or took and did not send, is left to the next one.
            await dying
        await deployment.server.start(CENTRALA_FAILPOINT="")
        await asyncio.gather(*sending)
        states = await _settled(deployment)
        await deployment.server.stop()
        accepted = Counter(line.text for line in sim.ledger)
    assert set(states) == set(texts), "each answer is there, once"
    assert all(count == 1 for count in accepted.values()), "sent twice"
    for text, state in states.items():
        assert state in ("sent", "delivered", "read", "unknown"), (text, state)
        if state != "unknown":
            assert accepted[text] == 1, f"{text} was not sent"
    assert any(accepted[text] == 1 for text, state in states.items() if state == "unknown")
    assert any(accepted[text] == 0 for text, state in states.items() if state == "unknown")
    await check_the_log(deployment)


async def _talk(deployment: Deployment, sim: Simulator) -> list[str]:
    """Six people's dialogs on Telegram, at the simulated provider."""
    await deployment.add_channel("telegram", sim.api_base("telegram"))
    public = f"{deployment.outside.public_url}/webhooks/{deployment.channels['telegram']}"
    sim.reach(deployment.outside.public_url, deployment.server.url)
    settings = {key: value for key, value in SETTINGS["telegram"].items() if key != "mode"}
    sim.add_account("telegram", webhook_url=public, **settings)
    await deployment.server.start(CENTRALA_FAILPOINT="")
    phones = [sim.customer("telegram", name=f"Osoba {n}") for n in range(6)]
    await asyncio.gather(*(phone.write("Halo") for phone in phones))
    dialogs: list[dict[str, Any]] = await deployment.api("Root").all("/dialogs?view=all")
    await deployment.server.stop()
    assert len(dialogs) == len(phones)
    return [dialog["id"] for dialog in dialogs]


async def _settled(deployment: Deployment) -> dict[str, str]:
    """Each answer's state when none is on its way any more."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            rows = [row for row in await deployment.rows(schema.message) if row["direction"] == "outbound"]
            if not any(row["state"] in ("queued", "sending") for row in rows):
                assert len({row["text"] for row in rows}) == len(rows)
                return {row["text"]: row["state"] for row in rows}
            await asyncio.sleep(0.1)


async def test_the_rest_of_a_message_goes_out_once_after_we_died_between_its_parts(
    deployment: Deployment,
) -> None:
    """Between two parts nothing is in doubt; while one is on its way it is unknown, and only an agent sends on."""
    async with Simulator(pace=0.05) as sim:
        dialogs = await _talk(deployment, sim)
        api = deployment.api("Root")
        letters = {point: letter * 4096 for point, letter in zip(PARTS, "AB", strict=True)}
        sending = []
        for point, dialog_id in zip(PARTS, dialogs, strict=False):
            long = letters[point] + letters[point].lower() + "."
            dying = asyncio.create_task(crash(deployment, point, 1))
            sending.append(asyncio.create_task(reply_until_taken(api, dialog_id, long)))
            await dying
            # The rest of one message goes out before the next is begun, or that rest would be what dies there.
            await deployment.server.start(CENTRALA_FAILPOINT="")
            await sending[-1]
            await _settled(deployment)
            await deployment.server.stop()
        await deployment.server.start()
        states = {text[0]: state for text, state in (await _settled(deployment)).items()}
        sent = Counter((line.text[0], len(line.text)) for line in sim.ledger)
        assert states == {"A": "sent", "B": "unknown"}
        assert sent == {("A", 4096): 1, ("a", 4096): 1, (".", 1): 1, ("B", 4096): 1}
        [unknown] = [row for row in await deployment.rows(schema.message) if row["state"] == "unknown"]
        assert [part["state"] for part in json.loads(unknown["parts"])] == ["sent", "unknown", "queued"]
        path = f"/dialogs/{unknown['dialog_id']}/messages/{unknown['id']}/retry"
        assert (await api.call("POST", path))[0] == 200
        states = {text[0]: state for text, state in (await _settled(deployment)).items()}
        await deployment.server.stop()
        sent = Counter((line.text[0], len(line.text)) for line in sim.ledger)
    assert states == {"A": "sent", "B": "sent"}
    assert sent == {("A", 4096): 1, ("a", 4096): 1, (".", 1): 2, ("B", 4096): 1, ("b", 4096): 1}
    await check_the_log(deployment)
