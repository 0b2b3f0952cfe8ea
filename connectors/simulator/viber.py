"""A fake of the Viber REST Bot API.

Facts: developers.viber.com/docs/api/rest-bot-api (calls, limits, HTTP 200 always), nyaruka/courier handlers/viber
(status codes).
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from html import unescape
from typing import Any, ClassVar

from aiohttp import web

from connectors.simulator.viber_callbacks import (
    HOSTNAME,
    OPTIONAL_EVENTS,
    ViberAccount,
    ViberCallbacks,
    new_token,
)
from connectors.simulator.viber_messages import Json
from connectors.simulator.world import Attachment, Button

STATUS = {
    0: "ok",
    1: "invalidUrl",
    2: "invalidAuthToken",
    3: "badData",
    4: "missingData",
    5: "receiverNotRegistered",
    6: "receiverNotSubscribed",
    7: "publicAccountBlocked",
    10: "webhookNotSet",
    12: "maximum messages from Public Account to Viber user without reply exceeded.",
    99: "General error",
}
_UNANSWERED_LIMIT = 100
_HOUR_MS = 3_600_000
_REQUEST_LIMIT = 30 * 1024
_BUTTONS = 6 * 24
_BUTTON_TEXT_LIMIT = 250
_ADDRESS = re.compile(r"(?:https?://)?[^\s/]+\.[^\s/.]+(?:/\S*)?")
_KINDS = {"picture": "image", "video": "video", "file": "file"}


class ViberError(Exception):
    """A call that Viber answers with HTTP 200 and this status."""

    def __init__(self, status: int) -> None:
        super().__init__(STATUS[status])
        self.status = status


class ViberApi(ViberCallbacks):
    """``/pa/…``: HTTP 200 always, the result in ``status``."""

    errors_in_ok: ClassVar[bool] = True

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/pa/set_webhook", self._serve("setup", self._set_webhook)),
            web.post("/pa/send_message", self._serve("send", self._send_message)),
            web.post("/pa/get_account_info", self._serve("setup", self._account_info)),
            web.post("/pa/get_user_details", self._serve("profile", self._user_details)),
        ]

    def open_account(self, *, webhook_url: str, **credentials: str) -> ViberAccount:
        account_id = "pa:" + str(int.from_bytes(hashlib.sha256(repr(credentials).encode()).digest()[:8]))
        return self._open(account_id, webhook_url, **credentials)

    def _open(
        self, account_id: str, webhook_url: str, *, auth_token: str, name: str = "Centrala"
    ) -> ViberAccount:
        account = ViberAccount(id=account_id, webhook_url=webhook_url, name=name, auth_token=auth_token)
        return self.add_account(account)

    # ------------------------------------------------------------------ the REST API

    def too_many(self, retry_after: int) -> web.Response:
        return _json(_result(12) | {"message_token": new_token(), "chat_hostname": HOSTNAME})

    def error_in_ok(self, code: int | None) -> web.Response:
        return _json(_result(99 if code is None else code))

    def _serve(self, on: str, work: "Work") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            async def run() -> web.Response:
                try:
                    body = await _read(request)
                    token = request.headers.get("X-Viber-Auth-Token") or str(body.get("auth_token", ""))
                    return _json(await work(self._account(token), body))
                except ViberError as error:
                    return _json(_result(error.status))

            return await self.answer(request, on, run)

        return handle

    def _account(self, token: str) -> ViberAccount:
        for account in self.accounts.values():
            if account.auth_token == token:
                return account
        raise ViberError(2)

    async def _set_webhook(self, account: ViberAccount, body: Json) -> Json:
        """Viber calls the address, and only if that is answered 200 it answers ok itself."""
        url = str(body.get("url", ""))
        event_types = tuple(body.get("event_types") or OPTIONAL_EVENTS)
        if url:
            probe = ViberAccount(auth_token=account.auth_token, webhook_url=url)
            payload = {"event": "webhook", "timestamp": self.world.stamp(), "chat_hostname": HOSTNAME}
            exchange = await self.courier.attempt(
                self.callback(probe, "webhook", payload | {"message_token": new_token()})
            )
            if exchange.status != 200:
                raise ViberError(1)
        account.webhook_url = url
        account.event_types = tuple(event for event in event_types if event in OPTIONAL_EVENTS)
        account.send_name = body.get("send_name") is True
        return _result(0) | (
            {"chat_hostname": HOSTNAME, "event_types": list(account.event_types)} if url else {}
        )

    async def _send_message(self, account: ViberAccount, body: Json) -> Json:
        receiver, kind, text = body.get("receiver"), body.get("type"), body.get("text", "")
        if (
            not receiver
            or not kind
            or not isinstance(body.get("sender"), dict)
            or not body["sender"].get("name")
        ):
            raise ViberError(4)
        if not isinstance(text, str) or len(text) > 7000 or len(body["sender"]["name"]) > 28:
            raise ViberError(3)
        if (kind == "text" and not text) or (kind in _KINDS and not body.get("media")):
            raise ViberError(4)
        if not account.webhook_url:
            raise ViberError(10)
        customer = self.find(account, str(receiver))
        if customer is None:
            raise ViberError(5)
        if customer.is_blocked or not customer.has_written:
            raise ViberError(6)
        recent = [at for at in customer.unanswered if at > self.world.stamp() - _HOUR_MS]
        if len(recent) >= _UNANSWERED_LIMIT:
            raise ViberError(12)
        buttons = _keyboard(body.get("keyboard"))
        attachment = await self._media(body, str(kind)) if kind in _KINDS else None
        customer.tracking = str(body.get("tracking_data", ""))
        token = new_token()
        entry = self.accept(
            account,
            customer.address,
            str(token),
            text=text,
            attachment=attachment,
            tracker=customer.tracking,
            buttons=buttons,
        )
        customer.receive(entry)
        return _result(0) | {"message_token": token, "chat_hostname": HOSTNAME, "billing_status": 1}

    async def _media(self, body: Json, kind: str) -> Attachment:
        """What the phone loads from the link; Viber itself accepts the message either way."""
        blob = await self.courier.fetch(str(body["media"]), default_name=str(body.get("file_name", kind)))
        if blob is None:
            return Attachment(kind=_KINDS[kind], name=str(body.get("file_name", "")))
        name = str(body.get("file_name") or blob.name)
        return Attachment(kind=_KINDS[kind], name=name, mime=blob.mime, blob=blob)

    async def _account_info(self, account: ViberAccount, body: Json) -> Json:
        return _result(0) | {
            "id": account.id,
            "chat_hostname": HOSTNAME,
            "name": account.name,
            "uri": "centrala",
            "icon": "",
            "background": "",
            "category": "Companies, Brands & Products",
            "subcategory": "Other",
            "location": {"lon": 21.0122, "lat": 52.2297},
            "country": "PL",
            "webhook": account.webhook_url,
            "event_types": list(account.event_types),
            "subscribers_count": sum(c.has_written and not c.is_blocked for c in self.customers.values()),
            "members": [],
        }

    async def _user_details(self, account: ViberAccount, body: Json) -> Json:
        customer = self.find(account, str(body.get("id", "")))
        if customer is None:
            raise ViberError(5)
        device = {"primary_device_os": "android 14", "viber_version": "24.2.0", "mcc": 260, "mnc": 1}
        user = self.user(customer) | {"avatar": ""} | device | {"device_type": "Pixel 8"}
        return _result(0) | {"message_token": new_token(), "user": user}


def _keyboard(keyboard: Any) -> tuple[Button, ...]:
    """developers.viber.com/docs/tools/keyboards: up to six columns wide and 24 rows high, texts of 250 characters."""
    if keyboard is None:
        return ()
    try:
        buttons = keyboard["Buttons"]
        if keyboard["Type"] != "keyboard" or not 0 < len(buttons) <= _BUTTONS:
            raise ViberError(3)
        return tuple(_button(button) for button in buttons if _does_something(button))
    except (KeyError, TypeError, AttributeError):
        raise ViberError(3) from None


def _does_something(button: Json) -> bool:
    """Answers, or opens an address."""
    columns, rows = button.get("Columns", 6), button.get("Rows", 1)
    if not button["ActionBody"] or not 1 <= columns <= 6 or not 1 <= rows <= 2:
        raise ViberError(3)
    if len(button.get("Text", "")) > _BUTTON_TEXT_LIMIT:
        raise ViberError(3)
    action = button.get("ActionType", "reply")
    if action == "open-url" and not _ADDRESS.fullmatch(button["ActionBody"]):
        raise ViberError(3)
    return action in ("reply", "open-url")


def _button(button: Json) -> Button:
    """The text of a button is HTML."""
    title = unescape(re.sub(r"<[^>]*>", "", button.get("Text", "")))
    body = str(button["ActionBody"])
    if button.get("ActionType") == "open-url":
        return Button(title=title or body, url=body, silent=button.get("Silent") is True)
    return Button(title=title or body, payload=body)


Work = Callable[[ViberAccount, Json], Awaitable[Json]]


async def _read(request: web.Request) -> Json:
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise ViberError(3) from None
    if not isinstance(body, dict) or len(raw) > _REQUEST_LIMIT:
        raise ViberError(3)
    return body


def _result(status: int) -> Json:
    return {"status": status, "status_message": STATUS.get(status, "General error")}


def _json(body: Json) -> web.Response:
    return web.json_response(body, dumps=lambda value: json.dumps(value, ensure_ascii=False))
