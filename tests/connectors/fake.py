"""A provider on the loopback interface that records what it was sent and answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from connectors import registry
from connectors.contract import AttachmentKind, Connector, Outbound, OutboundAttachment
from connectors.http import HTTPClient
from tests.connectors import samples


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = {}
    hang: bool = False
    """Read the request and never answer."""
    drop: bool = False
    """Read the request and close the connection."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    json: Any = None
    form: dict[str, Any] = {}


class Provider:
    """``answers`` are given in turn; the last one for ever."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[Answer] = [Answer()]
        self.base = ""

    def answers_json(self, *bodies: Any, status: int = 200) -> None:
        self.answers = [Answer(status=status, body=json.dumps(body).encode()) for body in bodies]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        data, form = None, {}
        if request.content_type == "application/json":
            data = await request.json()
        elif request.content_type.startswith(("multipart/", "application/x-www-form")):
            form = {name: _field(value) for name, value in (await request.post()).items()}
        self.calls.append(
            Call(
                method=request.method,
                path=request.raw_path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                json=data,
                form=form,
            )
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.hang:
            await asyncio.sleep(60)
        if answer.drop and request.transport is not None:
            request.transport.abort()
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


def _field(value: Any) -> Any:
    return (
        (value.filename, value.content_type, value.file.read()) if isinstance(value, web.FileField) else value
    )


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    provider = Provider()
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", provider.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()


def opened(kind: str, base: str, http: HTTPClient, **settings: Any) -> Connector:
    return registry.open_connector(
        *samples.channel(kind),
        {**samples.SETTINGS[kind], **samples.at(kind, base), **settings},
        http,
        samples.WEBHOOK,
    )


def outbound(text: str = "Dzień dobry", **changes: Any) -> Outbound:
    return Outbound(delivery_id="1", attempt=1, peer_id=changes.pop("peer_id", "5123"), text=text, **changes)


def picture(data: bytes = b"\x89PNG fake", size: int | None = None) -> OutboundAttachment:
    async def read() -> bytes:
        return data

    return OutboundAttachment(
        kind=AttachmentKind.IMAGE,
        name="kot.png",
        mime="image/png",
        size=len(data) if size is None else size,
        read=read,
        link="https://inbox.example.pl/media/abc",
    )
