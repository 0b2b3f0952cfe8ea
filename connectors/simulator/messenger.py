"""A fake of the parts of Meta's Graph API that a Messenger connector uses.

Facts: developers.facebook.com/docs/messenger-platform/send-messages and /error-codes, fixtures of Yoctol/bottender
and messaging-apis, nyaruka/courier handlers/meta (limits, HTTP 200 with an error object).  Rate-limit errors carry
HTTP 400 and a code, not 429.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from aiohttp import web

from connectors.emoji import is_emoji
from connectors.simulator.messenger_events import APP_ID, MessengerAccount, MessengerEvents
from connectors.simulator.meta import Json, encode
from connectors.simulator.phone import Phone
from connectors.simulator.provider import Form, as_attachment, read_form
from connectors.simulator.world import Attachment, Blob, Button

_DAY_MS = 86_400_000
_TEXT_LIMIT = 2000
_TEMPLATE_TEXT = 640
_QUICK_REPLIES = 13
_TITLE_LIMIT = 20
_PAYLOAD_LIMIT = 1000

ERRORS: dict[str, tuple[int, int | None, str]] = {
    "unexpected": (2, None, "An unexpected error has occurred. Please retry your request later."),
    "app_rate": (4, None, "Application request limit reached"),
    "window": (10, 2018278, "(#10) This message is sent outside of allowed window."),
    "no_user": (100, 2018001, "(#100) No matching user found"),
    "too_long": (100, None, "(#100) Length of param message[text] must be less than or equal to 2000"),
    "parameter": (100, None, "(#100) Invalid parameter"),
    "action": (100, 2018048, "(#100) Sender action failed"),
    "tag": (100, None, "(#100) Invalid message tag"),
    "fetch": (100, 2018008, "(#100) Failed to fetch the file from the url"),
    "object": (100, 33, "Unsupported get request. Object does not exist or cannot be loaded"),
    "token": (190, None, "Invalid OAuth access token - Cannot parse access token"),
    "unavailable": (551, 1545041, "(#551) This person isn't available right now."),
}


class GraphError(Exception):
    """A call that the Graph API refuses; ``name`` is a key of :data:`ERRORS`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class MessengerApi(MessengerEvents):
    """``/vNN.N/…``."""

    errors_in_ok: ClassVar[bool] = True

    def routes(self) -> Sequence[web.RouteDef]:
        version = r"/v{version:\d+\.\d+}"
        return [
            web.post(version + "/{node}/messages", self._serve("send", self._messages)),
            web.get(version + "/{node}/subscribed_apps", self._serve("setup", self._subscriptions)),
            web.post(version + "/{node}/subscribed_apps", self._serve("setup", self._subscribe)),
            web.delete(version + "/{node}/subscribed_apps", self._serve("setup", self._unsubscribe)),
            web.get(version + "/{node}", self._serve("profile", self._node)),
        ]

    def open_account(self, *, webhook_url: str, **credentials: str) -> MessengerAccount:
        return self._open(webhook_url, **credentials)

    def _open(
        self,
        webhook_url: str,
        *,
        page_id: str,
        app_secret: str,
        page_token: str,
        verify_token: str = "",
        name: str = "Centrala",
    ) -> MessengerAccount:
        return self.add_account(
            MessengerAccount(
                id=page_id,
                webhook_url=webhook_url,
                name=name,
                app_secret=app_secret,
                page_token=page_token,
                verify_token=verify_token,
            )
        )

    # ------------------------------------------------------------------ calls

    def too_many(self, retry_after: int) -> web.Response:
        return _failure("app_rate")

    def error_in_ok(self, code: int | None) -> web.Response:
        name = next((name for name, (known, _, _) in ERRORS.items() if known == code), "unexpected")
        return _failure(name, status=200)

    def _serve(self, on: str, work: "Work") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            async def run() -> web.Response:
                try:
                    form = await read_form(request, self.world)
                    form.fields = dict(request.query) | form.fields
                    return _json(await work(self._account(request, form), request.match_info["node"], form))
                except GraphError as error:
                    return _failure(error.name)
                except (ValueError, TypeError, KeyError, AttributeError):
                    return _failure("parameter")

            return await self.answer(request, on, run)

        return handle

    def _account(self, request: web.Request, form: Form) -> MessengerAccount:
        bearer = request.headers.get("Authorization", "").partition("Bearer ")[2]
        token = bearer or form.text("access_token")
        account = next((known for known in self.accounts.values() if known.page_token == token), None)
        if account is None:
            raise GraphError("token")
        if proof := form.text("appsecret_proof"):
            expected = hmac.new(account.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            if proof != expected:
                raise GraphError("parameter")
        return account

    async def _messages(self, account: MessengerAccount, node: str, form: Form) -> Json:
        if node not in {"me", account.id}:
            raise GraphError("object")
        customer = self.find(account, str(form.value("recipient")["id"]))
        if customer is None:
            raise GraphError("no_user")
        if action := form.text("sender_action"):
            self._act(customer, action, form)
            return {"recipient_id": customer.address}
        message = form.value("message")
        text, attachment, links = await self._said(message, form.files.get("filedata"))
        metadata, buttons = str(message.get("metadata", "")), _quick_replies(message.get("quick_replies"))
        self._check_window(customer, form.text("messaging_type"), form.text("tag"))
        reply_to = (form.value("reply_to") or message.get("reply_to") or {}).get("mid")
        mid = self.new_id(customer)
        entry = self.accept(
            account,
            customer.address,
            mid,
            text=text,
            attachment=attachment,
            reply_to=reply_to,
            tracker=metadata,
            buttons=buttons + links,
        )
        self.echo(customer, entry, metadata)
        customer.receive(entry)
        return {"recipient_id": customer.address, "message_id": mid}

    def _act(self, customer: Phone, action: str, form: Form) -> None:
        """Typing and seen change nothing on the phone; reactions do (send-messages/sender-actions)."""
        if action not in {"react", "unreact"}:
            return
        payload = form.value("payload")
        emoji = str(payload["reaction"]) if action == "react" else ""
        if emoji and not is_emoji(emoji):
            raise GraphError("action")
        self._check_window(customer, "RESPONSE", "")
        if not customer.reacted(str(payload["message_id"]), emoji):
            raise GraphError("action")

    def _check_window(self, customer: Phone, messaging_type: str, tag: str) -> None:
        if messaging_type not in {"RESPONSE", "UPDATE", "MESSAGE_TAG"}:
            raise GraphError("parameter")
        if messaging_type == "MESSAGE_TAG" and tag != "HUMAN_AGENT":
            raise GraphError("tag")
        if customer.is_blocked:
            raise GraphError("unavailable")
        days = 7 if messaging_type == "MESSAGE_TAG" else 1
        if self.world.stamp() - customer.last_wrote_ms > days * _DAY_MS:
            raise GraphError("window")

    async def _said(
        self, message: Json, filedata: Blob | None
    ) -> tuple[str, Attachment | None, tuple[Button, ...]]:
        """A text, or an attachment: a file, or the template that is a text with buttons."""
        text, wanted = str(message.get("text", "")), message.get("attachment")
        if len(text) > _TEXT_LIMIT:
            raise GraphError("too_long")
        if bool(text) == (wanted is not None):
            raise GraphError("parameter")
        if wanted is None:
            return text, None, ()
        if wanted["type"] == "template":
            text, links = _template(wanted["payload"])
            return text, None, links
        return "", await self._attachment(wanted, filedata), ()

    async def _attachment(self, wanted: Json, filedata: Blob | None) -> Attachment:
        kind = wanted["type"]
        if kind not in {"image", "video", "audio", "file"}:
            raise GraphError("parameter")
        if filedata is not None:
            return as_attachment(filedata, kind)
        blob = await self.courier.fetch(wanted["payload"]["url"], default_name=kind)
        if blob is None:
            raise GraphError("fetch")
        return as_attachment(blob, kind)

    async def _subscriptions(self, account: MessengerAccount, node: str, form: Form) -> Json:
        app = {"name": "Centrala", "id": str(APP_ID), "subscribed_fields": list(account.fields)}
        return {"data": [app] if account.fields else []}

    async def _subscribe(self, account: MessengerAccount, node: str, form: Form) -> Json:
        wanted = form.value("subscribed_fields")
        names = wanted.split(",") if isinstance(wanted, str) else list(wanted)
        account.fields = tuple(name.strip() for name in names)
        return {"success": True}

    async def _unsubscribe(self, account: MessengerAccount, node: str, form: Form) -> Json:
        account.fields = ()
        return {"success": True}

    async def _node(self, account: MessengerAccount, node: str, form: Form) -> Json:
        """The page itself, or a person's profile; a field that is not shared is simply missing."""
        if node in {"me", account.id}:
            return {"name": account.name, "id": account.id}
        customer = self.find(account, node)
        if customer is None:
            raise GraphError("object")
        first, _, last = customer.name.partition(" ")
        known = {"first_name": first, "last_name": last, "name": customer.name, "locale": "pl_PL"}
        fields = (form.text("fields") or "first_name,last_name").split(",")
        return {name: known[name] for name in fields if known.get(name)} | {"id": customer.address}


def _quick_replies(wanted: Any) -> tuple[Button, ...]:
    """developers.facebook.com/docs/messenger-platform/send-messages/quick-replies; those that ask for a number or an address are not simulated."""
    if wanted is None:
        return ()
    if not isinstance(wanted, list) or not 0 < len(wanted) <= _QUICK_REPLIES:
        raise GraphError("parameter")
    if any(reply["content_type"] != "text" for reply in wanted):
        raise GraphError("parameter")
    buttons = tuple(Button(title=str(reply["title"]), payload=str(reply["payload"])) for reply in wanted)
    for button in buttons:
        if not 0 < len(button.title) <= _TITLE_LIMIT or not 0 < len(button.payload) <= _PAYLOAD_LIMIT:
            raise GraphError("parameter")
    return buttons


def _template(payload: Json) -> tuple[str, tuple[Button, ...]]:
    """…/send-messages/template/button: a text and one to three buttons; of those only the ones with an address are simulated."""
    text, wanted = payload["text"], payload["buttons"]
    if (
        payload["template_type"] != "button"
        or not 0 < len(text) <= _TEMPLATE_TEXT
        or not 0 < len(wanted) <= 3
    ):
        raise GraphError("parameter")
    for button in wanted:
        if button["type"] != "web_url" or not button["url"].startswith(("http://", "https://")):
            raise GraphError("parameter")
        if not 0 < len(button["title"]) <= _TITLE_LIMIT:
            raise GraphError("parameter")
    return text, tuple(Button(title=button["title"], url=button["url"]) for button in wanted)


Work = Callable[[MessengerAccount, str, Form], Awaitable[Json]]


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=encode(value), content_type="application/json", status=status)


def _failure(name: str, status: int = 400) -> web.Response:
    code, subcode, message = ERRORS[name]
    error: Json = {"message": message, "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    if code in {2, 4}:
        error["is_transient"] = True
    return _json(
        {"error": error | {"fbtrace_id": "AbCdEfGhIjK"}},
        status=500 if code == 2 and status != 200 else status,
    )
