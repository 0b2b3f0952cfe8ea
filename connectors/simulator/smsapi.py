"""A fake of the parts of SMSAPI that an SMS connector uses.

Facts: docs.smsapi.com ("Single SMS", "Error codes", "Delivery statuses"), smsapi-python-client's fixtures (answers, with
HTTP 200 around errors), smsapi-go (``/callbacks``).
"""

import re
from collections.abc import Sequence
from typing import ClassVar

from aiohttp import web

from connectors.simulator.phone import Phone, Told
from connectors.simulator.plain_sms import Fields, PlainSms, SmsAccount
from connectors.simulator.world import Entry

_STATUS = {"sent": "403", "delivered": "404", "unknown": "405"}
_USERNAME = "firma"
ERRORS = {
    11: "Message too long or empty",
    13: "No correct phone numbers",
    14: "Sender name not allowed",
    53: "Not unique idx",
    101: "Authorization failed",
    203: "Too many requests",
}


class SmsapiApi(PlainSms):
    """``/smsapi/sms.do``, ``/smsapi/user.do`` and ``/smsapi/callbacks`` with a bearer token."""

    kind: ClassVar[str] = "smsapi"
    errors_in_ok: ClassVar[bool] = True

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/smsapi/sms.do", self.served("send", self._send)),
            web.get("/smsapi/user.do", self.served("setup", self._balance)),
            web.get("/smsapi/callbacks", self.served("setup", self._callbacks)),
        ]

    def unknown_token(self) -> web.Response:
        return _failure(101)

    def too_many(self, retry_after: int) -> web.Response:
        return web.json_response(
            {"error": 203, "message": ERRORS[203]}, status=429, headers={"Retry-After": str(retry_after)}
        )

    def error_in_ok(self, code: int | None) -> web.Response:
        return _failure(code or 203)

    async def _send(self, request: web.Request, account: SmsAccount, form: Fields) -> web.Response:
        number, text, idx = form.get("to", ""), form.get("message", ""), form.get("idx", "")
        if not text:
            return _failure(11)
        if not re.fullmatch(r"[1-9]\d{6,14}", number):
            return _failure(13)
        if form.get("from", "") != account.id.lstrip("+"):
            return _failure(14)
        if form.get("check_idx") == "1" and idx in {mark for _, mark in account.reports.values()}:
            return _failure(53)
        message_id = self.carry(account, "+" + number, text, report_to=form.get("notify_url", ""), mark=idx)
        sent = {
            "id": message_id,
            "points": 0.16,
            "number": number,
            "date_sent": self.world.stamp() // 1000,
            "submitted_number": number,
            "status": "QUEUE",
            "error": None,
            "idx": idx or None,
        }
        return web.json_response({"count": 1, "list": [sent]})

    async def _balance(self, request: web.Request, account: SmsAccount, form: Fields) -> web.Response:
        return web.json_response({"points": 100.0, "proCount": 606, "ecoCount": 1428, "mmsCount": 312})

    async def _callbacks(self, request: web.Request, account: SmsAccount, form: Fields) -> web.Response:
        known = [{"id": "1", "url": account.webhook_url, "type": "sms_mo", "active": True}]
        return web.json_response({"size": len(known), "collection": known})

    # ------------------------------------------------------------------ callbacks

    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told:
        account = self.accounts[customer.account]
        fields = {
            "sms_to": account.id.lstrip("+"),
            "sms_from": customer.address.lstrip("+"),
            "sms_text": entry.text,
            "sms_date": str(entry.at_ms // 1000),
            "username": _USERNAME,
            "MsgId": entry.id,
        }
        lane = customer.id if in_order else None
        return [self.call("message", account.webhook_url, fields, customer, lane=lane)]

    def report(self, account: SmsAccount, message_ids: list[str], state: str, customer: Phone | None) -> Told:
        """Up to five in a call, those with the same address together."""
        told: Told = []
        for url in dict.fromkeys(account.reports[each][0] for each in message_ids):
            same = [each for each in message_ids if url and account.reports[each][0] == url]
            for start in range(0, len(same), 5):
                fields = self._reported(account, same[start : start + 5], state)
                told.append(self.call(state, url, fields, customer, method="GET", lane=same[start]))
        return told

    def _reported(self, account: SmsAccount, message_ids: list[str], state: str) -> Fields:
        """Columns, their values separated by commas; what is the same for all is given once."""
        return {
            "MsgId": ",".join(message_ids),
            "status": ",".join(_STATUS[state] for _ in message_ids),
            "idx": ",".join(account.reports[each][1] for each in message_ids),
            "donedate": ",".join(str(self.world.stamp() // 1000) for _ in message_ids),
            "username": _USERNAME,
        }


def _failure(code: int) -> web.Response:
    return web.json_response({"error": code, "message": ERRORS.get(code, "Error"), "invalid_numbers": []})
