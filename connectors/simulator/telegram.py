"""A fake of the Telegram Bot API.

Facts: core.telegram.org/bots/api (methods, fields, error texts), tdlib/telegram-bot-api Client.cpp (error
descriptions, 409, escaped JSON), python-telegram-bot (how a client encodes its requests).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from connectors.simulator.provider import Form, read_form
from connectors.simulator.telegram_events import TelegramAccount
from connectors.simulator.telegram_messages import Json, chat, file
from connectors.simulator.telegram_sends import MEDIA, BotError, TelegramSends
from connectors.simulator.telegram_updates import Conflict, Update, UpdateQueue, Webhook, encode

_DOWNLOAD_LIMIT = 20 * 1024 * 1024


class TelegramApi(TelegramSends):
    """``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.route("*", "/bot{token}/{method}", self._call),
            web.get("/file/bot{token}/{path:.+}", self._file),
        ]

    def open_account(self, *, webhook_url: str, **credentials: str) -> TelegramAccount:
        return self._open(webhook_url=webhook_url, **credentials)

    def _open(
        self, *, webhook_url: str, token: str, secret_token: str = "", name: str = "Centrala"
    ) -> TelegramAccount:
        bot_id = token.partition(":")[0]
        if not bot_id.isdigit():
            raise ValueError("A bot token looks like 123456:secret")
        path = f"/bot{bot_id}…/getUpdates"
        updates = UpdateQueue(self.world, self.courier, self.faults, poll_path=path)
        updates.set_webhook(Webhook(url=webhook_url, secret_token=secret_token))
        ids = self.world.counter()
        account = TelegramAccount(id=bot_id, name=name, token=token, updates=updates, message_ids=ids)
        return self.add_account(account)

    # ------------------------------------------------------------------ the Bot API

    def too_many(self, retry_after: int) -> web.Response:
        error = BotError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
        return _failure(error)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        if account is None:
            return _failure(BotError(401, "Unauthorized"))
        method = request.match_info["method"].lower()
        on, work = self._methods().get(method, ("setup", None))
        if work is None:
            return _failure(BotError(404, "Not Found: method not found"))

        async def run() -> web.Response:
            try:
                form = await read_form(request, self.world)
                form.fields = dict(request.query) | form.fields
                return _json({"ok": True, "result": await work(account, form, method)})
            except BotError as error:
                return _failure(error)
            except Conflict as conflict:
                return _failure(BotError(409, str(conflict)))
            except (ValueError, TypeError, AttributeError):
                return _failure(BotError(400, "Bad Request: can't parse the request"))

        return await self.answer(request, on, run)

    def _methods(self) -> dict[str, tuple[str, "Method | None"]]:
        return {
            "getme": ("setup", self._get_me),
            "setwebhook": ("setup", self._set_webhook),
            "deletewebhook": ("setup", self._set_webhook),
            "getwebhookinfo": ("setup", self._webhook_info),
            "getupdates": ("poll", self._get_updates),
            "getfile": ("media", self._get_file),
            "getchat": ("profile", self._get_chat),
            "getuserprofilephotos": ("profile", self._get_photos),
            "sendmessage": ("send", self.send_message),
            "setmessagereaction": ("send", self.set_reaction),
            "sendchataction": ("setup", self._true),
            "answercallbackquery": ("setup", self._answer_query),
            **dict.fromkeys(MEDIA, ("send", self.send_media)),
        }

    def _account(self, request: web.Request) -> TelegramAccount | None:
        token = unquote(request.match_info["token"])
        account = self.accounts.get(token.partition(":")[0])
        return account if account is not None and account.token == token else None

    async def _true(self, account: TelegramAccount, form: Form, method: str) -> bool:
        return True

    async def _answer_query(self, account: TelegramAccount, form: Form, method: str) -> bool:
        if not self.end_query(account, form.text("callback_query_id")):
            text = "query is too old and response timeout expired or query ID is invalid"
            raise BotError(400, f"Bad Request: {text}")
        return True

    async def _get_me(self, account: TelegramAccount, form: Form, method: str) -> Json:
        flags = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        return account.user | flags

    async def _set_webhook(self, account: TelegramAccount, form: Form, method: str) -> bool:
        url = form.text("url") if method == "setwebhook" else ""
        webhook = Webhook(
            url=url,
            secret_token=form.text("secret_token"),
            max_connections=int(form.text("max_connections") or 40),
            allowed_updates=form.value("allowed_updates") or account.updates.webhook.allowed_updates,
        )
        account.updates.set_webhook(webhook, drop_pending=form.value("drop_pending_updates") is True)
        return True

    async def _webhook_info(self, account: TelegramAccount, form: Form, method: str) -> Json:
        webhook = account.updates.webhook
        info: Json = {
            "url": webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(account.updates.pending),
        }
        if webhook.last_error_date is not None:
            info |= {
                "last_error_date": webhook.last_error_date,
                "last_error_message": webhook.last_error_message,
            }
        if webhook.url:
            info |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
        if webhook.allowed_updates:
            info["allowed_updates"] = webhook.allowed_updates
        return info

    async def _get_updates(self, account: TelegramAccount, form: Form, method: str) -> list[Json]:
        if (allowed := form.value("allowed_updates")) is not None:
            account.updates.webhook.allowed_updates = list(allowed)
        updates: list[Update] = await account.updates.poll(
            offset=int(form.text("offset") or 0),
            limit=min(max(int(form.text("limit") or 100), 1), 100),
            timeout=min(max(float(form.text("timeout") or 0), 0.0), 50.0),
        )
        return [{"update_id": update.id, update.kind: update.body} for update in updates]

    async def _get_chat(self, account: TelegramAccount, form: Form, method: str) -> Json:
        limits = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}
        return chat(self.peer(account, form)) | limits

    async def _get_photos(self, account: TelegramAccount, form: Form, method: str) -> Json:
        """Our customers show no picture."""
        return {"total_count": 0, "photos": []}

    # ------------------------------------------------------------------ files

    async def _get_file(self, account: TelegramAccount, form: Form, method: str) -> Json:
        path = account.files.path(form.text("file_id"))
        blob = account.files.blob(path)
        if blob is None:
            raise BotError(400, "Bad Request: invalid file_id")
        if len(blob.data) > _DOWNLOAD_LIMIT:
            raise BotError(400, "Bad Request: file is too big")
        return file(form.text("file_id"), blob) | {"file_path": path}

    async def _file(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        blob = account.files.blob(request.match_info["path"]) if account is not None else None

        async def run() -> web.Response:
            if blob is None:
                return _failure(BotError(404, "Not Found"))
            return web.Response(body=blob.data, content_type="application/octet-stream")

        return await self.answer(request, "media", run)


Method = Callable[[TelegramAccount, Form, str], Awaitable[Any]]
_NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(text=encode(value), content_type="application/json", status=status)


def _failure(error: BotError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    headers = {}
    if error.parameters:
        body["parameters"] = error.parameters
        if "retry_after" in error.parameters:
            headers["Retry-After"] = str(error.parameters["retry_after"])
    response = _json(body, status=error.code)
    response.headers.update(headers)
    return response
