"""A fake of the parts of Meta's Graph API that a WhatsApp connector uses.

Facts: developers.facebook.com, business-messaging/whatsapp (send messages, media, error-codes of 15 May 2026).  One
host cannot stand for two products that both have ``/vNN.N/{node}``, so this one lies under ``/whatsapp``.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from connectors.emoji import is_emoji
from connectors.simulator.meta import Json, encode
from connectors.simulator.phone import Phone
from connectors.simulator.provider import Form, as_attachment, read_form
from connectors.simulator.whatsapp_events import WhatsAppAccount, WhatsAppEvents
from connectors.simulator.whatsapp_interactive import interactive
from connectors.simulator.whatsapp_templates import CloudError, Shown, shown
from connectors.simulator.world import Attachment

_DAY_MS = 86_400_000
_TEXT_LIMIT = 4096
_CAPTION_LIMIT = 1024
_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = {
    "image": frozenset({"image/jpeg", "image/png"}),
    "video": frozenset({"video/mp4", "video/3gpp"}),
    "audio": frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
    "document": frozenset(
        {
            "application/pdf",
            "text/plain",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            f"{_OFFICE}.wordprocessingml.document",
            f"{_OFFICE}.spreadsheetml.sheet",
            f"{_OFFICE}.presentationml.presentation",
        }
    ),
}
_MEGABYTES = {"image": 5, "video": 16, "audio": 16, "document": 100}

ERRORS: dict[str, tuple[int, int, str]] = {
    "object": (400, 100, "(#100) Object does not exist or cannot be loaded"),
    "parameter": (400, 100, "(#100) Invalid parameter"),
    "token": (401, 190, "Error validating access token"),
    "rate": (429, 130429, "(#130429) Rate limit hit"),
    "undeliverable": (400, 131026, "(#131026) Message undeliverable"),
    "window": (400, 131047, "(#131047) Re-engagement message"),
    "variables": (400, 132000, "(#132000) Number of parameters does not match the expected number of params"),
    "template": (404, 132001, "(#132001) Template name does not exist in the translation"),
    "format": (400, 132012, "(#132012) Parameter format does not match format in the created template"),
    "paused": (400, 132015, "(#132015) Template is paused"),
    "disabled": (400, 132016, "(#132016) Template is disabled"),
    "words": (400, 132018, "(#132018) There's an issue with the parameters in your template"),
    "media": (400, 131053, "(#131053) Media upload error"),
}
"""HTTP status, code and message of each."""


class WhatsAppApi(WhatsAppEvents):
    """``/whatsapp/vNN.N/…``."""

    def routes(self) -> Sequence[web.RouteDef]:
        version = r"/whatsapp/v{version:\d+\.\d+}"
        return [
            web.post(version + "/{node}/messages", self._serve("send", self._messages)),
            web.post(version + "/{node}/media", self._serve("media", self._upload)),
            web.get(version + "/{node}/message_templates", self._serve("templates", self._templates)),
            web.get(version + "/{node}/subscribed_apps", self._serve("setup", self._subscriptions)),
            web.post(version + "/{node}/subscribed_apps", self._serve("setup", self._subscribe)),
            web.get(version + "/{node}", self._serve("media", self._node)),
            web.get("/whatsapp/attachments/{media}", self._bytes),
        ]

    def open_account(self, *, webhook_url: str, **credentials: str) -> WhatsAppAccount:
        return self._open(webhook_url, **credentials)

    def _open(
        self,
        webhook_url: str,
        *,
        phone_number_id: str,
        app_secret: str,
        access_token: str,
        verify_token: str = "",
        waba_id: str = "102290129340398",
        display_number: str = "48732001003",
        name: str = "Centrala",
    ) -> WhatsAppAccount:
        return self.add_account(
            WhatsAppAccount(
                id=phone_number_id,
                webhook_url=webhook_url,
                name=name,
                app_secret=app_secret,
                access_token=access_token,
                verify_token=verify_token,
                waba_id=waba_id,
                display_number=display_number,
            )
        )

    # ------------------------------------------------------------------ calls

    def too_many(self, retry_after: int) -> web.Response:
        return _failure("rate")

    def _serve(self, on: str, work: "Work") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            async def run() -> web.Response:
                try:
                    account = self._account(request)
                    form = await read_form(request, self.world)
                    if request.method == "GET":
                        form.fields.update(request.query)
                    return _json(await work(account, request.match_info["node"], form))
                except CloudError as error:
                    return _failure(error.name)
                except (ValueError, TypeError, KeyError, AttributeError):
                    return _failure("parameter")

            return await self.answer(request, on, run)

        return handle

    def _account(self, request: web.Request) -> WhatsAppAccount:
        token = request.headers.get("Authorization", "").partition("Bearer ")[2]
        account = next((known for known in self.accounts.values() if known.access_token == token), None)
        if account is None:
            raise CloudError("token")
        return account

    async def _messages(self, account: WhatsAppAccount, node: str, form: Form) -> Json:
        if node != account.id or form.text("messaging_product") != "whatsapp":
            raise CloudError("object")
        address = (form.text("to") or form.text("recipient")).lstrip("+")
        customer = self.find(account, account.other_numbers.get(address, address))
        if customer is None:
            raise CloudError("undeliverable")
        kind = form.text("type")
        if kind == "reaction":
            return _accepted(customer, address, self._react(customer, form))
        is_template = kind == "template"
        content = (
            shown(account.templates, form.value("template"), self._header_file)
            if is_template
            else self._content(form)
        )
        if not is_template:
            self._check_window(customer)
        message_id = self.new_id(customer)
        if is_template:
            self.templated.add(message_id)
        self._send(account, customer, message_id, content, form)
        return _accepted(customer, address, message_id)

    def _check_window(self, customer: Phone) -> None:
        if self.world.stamp() - customer.last_wrote_ms > _DAY_MS:
            raise CloudError("window")

    def _react(self, customer: Phone, form: Form) -> str:
        about = form.value("reaction")
        target, emoji = str(about["message_id"]), str(about["emoji"])
        if emoji and not is_emoji(emoji):
            raise CloudError("parameter")
        self._check_window(customer)
        return self.put_reaction(customer, target, emoji, form.text("biz_opaque_callback_data"))

    def _content(self, form: Form) -> Shown:
        match form.text("type"):
            case "text":
                text, attachment, limit = str(form.value("text")["body"]), None, _TEXT_LIMIT
            case "interactive":
                return interactive(form.value("interactive"))
            case "image" | "video" | "audio" | "document" as kind:
                text, attachment = self._file(form.value(kind), kind)
                limit = _CAPTION_LIMIT
            case _:
                raise CloudError("parameter")
        if len(text) > limit or not (text or attachment):
            raise CloudError("parameter")
        return Shown(text, attachment)

    def _header_file(self, value: Json, kind: str) -> Attachment:
        return self._file(value, kind)[1]

    def _file(self, value: Json, kind: str) -> tuple[str, Attachment]:
        blob = self.media[value["id"]]
        if blob.mime not in _TYPES[kind] or len(blob.data) > _MEGABYTES[kind] * 1024 * 1024:
            raise CloudError("media")
        text = str(value.get("caption", ""))
        if kind == "audio" and text:
            raise CloudError("parameter")
        return text, as_attachment(blob, "file" if kind == "document" else kind)

    def _send(
        self,
        account: WhatsAppAccount,
        customer: Phone,
        message_id: str,
        content: Shown,
        form: Form,
    ) -> None:
        """Accepted is not delivered: all else is told by statuses, also that a person blocked us."""
        tracker = form.text("biz_opaque_callback_data")
        self.mark(message_id, tracker)
        entry = self.accept(
            account,
            customer.address,
            message_id,
            text=content.text,
            attachment=content.attachment,
            reply_to=(form.value("context") or {}).get("message_id"),
            tracker=tracker,
            buttons=content.buttons,
        )
        if customer.is_blocked:
            _, code, message = ERRORS["undeliverable"]
            self.status(customer, message_id, "failed", {"code": code, "title": message, "message": message})
            return
        self.status(customer, message_id, "sent")
        customer.receive(entry)

    # ------------------------------------------------------------------ media and set-up

    async def _upload(self, account: WhatsAppAccount, node: str, form: Form) -> Json:
        blob = form.files.get("file")
        if node != account.id or blob is None or form.text("messaging_product") != "whatsapp":
            raise CloudError("parameter")
        if blob.mime not in frozenset().union(*_TYPES.values()) or form.text("type") != blob.mime:
            raise CloudError("media")
        return {"id": self.keep(blob)}

    async def _node(self, account: WhatsAppAccount, node: str, form: Form) -> Json:
        """The number itself, or the address of a file."""
        if node == account.id:
            return {"display_phone_number": account.display_number, "id": account.id}
        blob = self.media.get(node)
        if blob is None:
            raise CloudError("object")
        url = f"{self.world.base_url}/whatsapp/attachments/{node}"
        known = {"url": url, "mime_type": blob.mime, "file_size": len(blob.data), "id": node}
        return {"messaging_product": "whatsapp"} | known

    async def _bytes(self, request: web.Request) -> web.Response:
        blob = self.media.get(request.match_info["media"])
        try:
            self._account(request)
        except CloudError:
            return web.Response(status=401)
        if blob is None:
            return web.Response(status=404)
        return web.Response(body=blob.data, content_type=blob.mime)

    async def _templates(self, account: WhatsAppAccount, node: str, form: Form) -> Json:
        """Page by page; ``after`` is how many there were before."""
        if node != account.waba_id:
            raise CloudError("object")
        status, limit = form.text("status"), int(form.text("limit") or 25)
        all_of_them = [each for each in account.templates if not status or each["status"] == status]
        begin = int(form.text("after") or 0)
        page, end = all_of_them[begin : begin + limit], begin + limit
        paging: Json = {"cursors": {"before": str(begin), "after": str(end)}}
        if end < len(all_of_them):
            paging["next"] = f"{self.world.base_url}/next"
        return {"data": page, "paging": paging}

    async def _subscriptions(self, account: WhatsAppAccount, node: str, form: Form) -> Json:
        app = {"whatsapp_business_api_data": {"name": "Centrala", "id": "184719329217930001"}}
        return {"data": [app] if account.is_subscribed else []}

    async def _subscribe(self, account: WhatsAppAccount, node: str, form: Form) -> Json:
        if node != account.waba_id:
            raise CloudError("object")
        account.is_subscribed = True
        return {"success": True}


Work = Callable[[WhatsAppAccount, str, Form], Awaitable[Json]]


def _accepted(customer: Phone, address: str, message_id: str) -> Json:
    contact = {"input": address, "wa_id": customer.address}
    accepted = {"id": message_id, "message_status": "accepted"}
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [accepted]}


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=encode(value), content_type="application/json", status=status)


def _failure(name: str) -> web.Response:
    status, code, message = ERRORS[name]
    error = {"message": message, "type": "OAuthException", "code": code}
    error["error_data"] = {"messaging_product": "whatsapp", "details": message}
    return _json({"error": error | {"fbtrace_id": "AbCdEfGhIjK"}}, status=status)
