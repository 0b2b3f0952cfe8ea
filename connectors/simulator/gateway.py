"""A fake of an operator's own HTTP gateway: one that takes JSON and calls with forms, in the words of SMPP.

There is no such operator: it stands for the many whose gateways our connector is told about by its settings.
"""

import re
from collections.abc import Sequence
from typing import ClassVar

from aiohttp import web

from connectors.simulator.phone import Phone, Told
from connectors.simulator.plain_sms import Fields, PlainSms, SmsAccount
from connectors.simulator.world import Entry

_STATES = {"sent": "ACCEPTD", "delivered": "DELIVRD", "unknown": "UNDELIV"}


class GatewayApi(PlainSms):
    """``/gateway/send`` with a bearer token."""

    kind: ClassVar[str] = "gateway"

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/gateway/send", self.served("send", self._send))]

    def unknown_token(self) -> web.Response:
        return web.json_response({"result": "error", "reason": "bad token"}, status=401)

    def too_many(self, retry_after: int) -> web.Response:
        return web.json_response(
            {"result": "error", "reason": "too fast"}, status=429, headers={"Retry-After": str(retry_after)}
        )

    async def _send(self, request: web.Request, account: SmsAccount, form: Fields) -> web.Response:
        to, text = form.get("to", ""), form.get("text", "")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to) or not text or form.get("from") != account.id:
            return web.json_response({"result": "error", "reason": "bad message"}, status=400)
        message_id = self.carry(
            account, to, text, report_to=account.webhook_url, mark=form.get("reference", "")
        )
        return web.json_response({"result": "ok", "message": {"id": message_id}})

    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told:
        account = self.accounts[customer.account]
        fields = {
            "from": customer.address.lstrip("+"),
            "to": account.id.lstrip("+"),
            "text": entry.text,
            "id": entry.id,
            "time": str(entry.at_ms),
        }
        lane = customer.id if in_order else None
        return [self.call("message", account.webhook_url, fields, customer, lane=lane)]

    def report(self, account: SmsAccount, message_ids: list[str], state: str, customer: Phone | None) -> Told:
        return [
            self.call(state, account.webhook_url, {"id": each, "status": _STATES[state]}, customer, lane=each)
            for each in message_ids
        ]
