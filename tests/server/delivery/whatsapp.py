"""A business number of ours at the simulated provider, a customer, and the HTTP interface of agents."""

from typing import Any

import httpx
from sqlalchemy import insert

from connectors.contract import Outbound
from connectors.errors import Refused
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import Customer, Simulator
from connectors.simulator.whatsapp_events import WhatsAppAccount
from server.db import schema
from server.delivery import api, start_api
from server.delivery.templates import api as template_api
from tests.connectors.samples import SETTINGS
from tests.support.delivery import Desk

DAY_MS = 86_400_000
WABA = "102290129340398"
ROUTES = [*api.ROUTES, *start_api.ROUTES, *template_api.ROUTES]
_MIMES = {"jpg": ("image", "image/jpeg"), "txt": ("file", "text/plain"), "pdf": ("file", "application/pdf")}


class Number:
    def __init__(self, desk: Desk, sim: Simulator, http: HTTPClient, client: httpx.AsyncClient) -> None:
        self.desk = desk
        self.sim = sim
        self._http = http
        self._client = client
        account = sim.add_account("whatsapp", **SETTINGS["whatsapp"])
        assert isinstance(account, WhatsAppAccount)
        self.account = account
        self.phone: Customer = sim.customer("whatsapp", name="Zofia")
        self.dialog = 0
        self.open()

    def open(self, **changes: Any) -> None:
        settings = {**SETTINGS["whatsapp"], "waba_id": WABA, "api_base": self.sim.api_base("whatsapp")}
        self.connector = open_connector("whatsapp", None, settings | changes, self._http, "")
        self.desk.channels.connectors[self.desk.channel_id] = self.connector

    async def begin(self) -> None:
        """The customer writes, and then two days pass, for us and for Meta."""
        self.phone.touch()
        self.dialog = await self.desk.dialog(self.phone.address)
        self.desk.backend.clock.move(hours=48)
        self.phone.last_wrote_ms -= 2 * DAY_MS

    async def list(self, **query: Any) -> Any:
        return await self._client.get(f"/api/v1/channels/{self.desk.channel}/templates", params=query)

    async def send(self, key: str | None = None, **body: Any) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self._client.post(f"/api/v1/dialogs/{self.dialog}/messages", json=body, headers=headers)

    async def start(self, address: str, key: str | None = None, **body: Any) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        body |= {"channelId": self.desk.channel, "address": address}
        return await self._client.post("/api/v1/dialogs", json=body, headers=headers)

    async def upload(self, name: str, data: bytes) -> str:
        """A file of the agent's that no message has yet; what the outbox reads of it is ``data``."""
        kind, mime = _MIMES[name.rpartition(".")[2]]
        attachment_id = self.desk.units.ids.new()
        self.desk.files.data[name] = data
        row = {"id": attachment_id, "uploaded_by": self.desk.access.agent_id, "kind": kind, "mime": mime}
        row |= {"state": "stored", "name": name, "size": len(data), "sha256": name, "created_at": 1}
        await self.desk.units.run(
            lambda tx: tx.connection.execute(insert(schema.attachment).values(**row)) and None
        )
        return str(attachment_id)

    async def message(self, message_id: str | int) -> dict[str, Any]:
        [row] = await self.desk.rows(schema.message, schema.message.c.id == int(message_id))
        return row

    async def pump(self) -> Outbound:
        """What the channel's host does once."""
        [claimed] = await self.desk.claim()
        try:
            sent = await self.connector.send(claimed)
        except Refused as error:
            await self.desk.end(claimed, error=error)
        else:
            await self.desk.end(claimed, sent=sent)
        return claimed


def problem(answer: Any) -> tuple[int, str, list[str]]:
    """Status, code and fields of a refusal."""
    body = answer.json()
    code = body["type"].rpartition(":")[2]
    return answer.status_code, code, [each["field"] for each in body.get("errors", [])]
