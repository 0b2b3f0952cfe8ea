"""An SMPP connector of the tests: opened, run as a host runs it, and the PDUs that it reads."""

import asyncio
from typing import Any

from connectors import registry
from connectors.contract import AnyItem, Connector, Outbound, Polled, Unknown
from connectors.errors import SendError
from connectors.sms.smpp import SmppConnector, inbound
from connectors.sms.smpp.pdu import Command, Pdu
from tests.connectors import samples
from tests.support.smsc import PHONE

TO = f"+{PHONE}"


def read(data: bytes, **how: Any) -> tuple[AnyItem, ...]:
    return inbound.read(data, stop_words=("STOP",), **how)


def settings_of(**changes: Any) -> Any:
    return registry.read_settings(registry.spec("sms", "smpp"), {**samples.SETTINGS["smpp"], **changes})


def opened(**changes: Any) -> Connector:
    return samples.connector("smpp", **changes)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def sm(text: bytes = b"ok", sequence: int = 1) -> Pdu:
    return Pdu(command=Command.DELIVER_SM, sequence=sequence, body=text)


class Line:
    """What a host does with a connector: polls, commits, and sends."""

    def __init__(self, connector: SmppConnector) -> None:
        self.connector = connector
        self.cursor: str | None = None
        self.items: list[AnyItem] = []
        self.raws: list[bytes] = []
        self.troubles: list[SendError] = []
        self.commits = True
        self._came = asyncio.Event()
        self._task = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        while True:
            try:
                polled: Polled = await self.connector.poll(self.cursor)
            except SendError as error:
                self.troubles.append(error)
                await asyncio.sleep(0.05)
                continue
            if not self.commits:
                await asyncio.sleep(0.02)
                continue
            self.items += polled.items
            self.raws += [polled.raw] if any(isinstance(each, Unknown) for each in polled.items) else []
            self.cursor = polled.cursor
            self._came.set()

    async def came(self, count: int) -> list[AnyItem]:
        async with asyncio.timeout(10):
            while len(self.items) < count:
                self._came.clear()
                await self._came.wait()
        return self.items

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.connector.release()

    async def send(self, text: str = "Dzień dobry", **changes: Any) -> tuple[str, ...]:
        sent = await self.connector.send(
            Outbound(**{"delivery_id": "7", "tracker": "d:7", **changes}, attempt=1, peer_id=TO, text=text)
        )
        return sent.external_ids
