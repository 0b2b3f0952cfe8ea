"""One more channel kind is a folder, a line in the registry, samples and a test, and touches nothing else.

The pager of this folder gets its line here; from there on all of the server knows it: settings and their check, the
webhook, quarantine, dialogs, sending, receipts, the log.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from tests.connectors import fake
from tests.support.backend import Backend, Live

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOKEN = "ct_one_more"
KEY = "secret-pager-key"


@pytest.fixture(autouse=True)
def one_line_of_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._OWN, ("pager", None), "tests.madeup.pager")


@pytest.fixture
async def live(backend: Backend) -> AsyncIterator[Live]:
    await backend.add_agent("Root", "administrator", token=TOKEN)
    async with backend.live() as running:
        yield running


async def test_a_new_kind_works_from_its_settings_to_the_log(live: Live) -> None:
    async with fake.running() as exchange:
        exchange.answers_json({"id": "out-1"}, status=202)
        channel_id = await connect(live, exchange.base)
        texts = (HERE / "samples/two_texts_and_one_unknown.json").read_bytes()
        assert [await post(live, channel_id, texts) for _ in range(2)] == [200, 200]
        assert await post(live, channel_id, texts, key="another") == 403
        [dialog] = await items(live, f"dialogs?view=all&status=all&channel={channel_id}")
        assert (dialog["channel"]["kind"], dialog["contact"]["name"]) == ("pager", "Zofia Żółw")
        path = f"dialogs/{dialog['id']}/messages"
        assert [each["text"] for each in await items(live, path)] == ["Halo?", "Gdzie paczka?"]
        [kept] = await items(live, "quarantine")
        assert kept["why"] == "unknown page: hologram"

        status, sent = await api(live, "POST", path, {"text": "W drodze", "kind": "message"})
        assert status == 201
        await reaches(live, path, sent["id"], "sent")
        assert [call.json for call in exchange.calls] == [{"pager": "4711", "text": "W drodze"}]
        assert await post(live, channel_id, (HERE / "samples/beeped.json").read_bytes()) == 200
        await reaches(live, path, sent["id"], "delivered")
        [row] = await items(live, "log?status=all&q=paczka")
        assert row["number"] == dialog["number"]


async def test_its_limits_are_those_of_its_capabilities(live: Live) -> None:
    status, problem = await api(live, "POST", "channels", {"kind": "pager", "name": "P", "settings": {}})
    assert (status, [each["field"] for each in problem["errors"]]) == (422, ["settings.key"])
    kinds = await items(live, "channel-kinds")
    [shown] = [each for each in kinds if each["kind"] == "pager"]
    assert [(each["key"], each["type"], each["title"]) for each in shown["fields"]] == [
        ("key", "secret", "Exchange key"),
        ("api_base", "text", None),
    ]
    assert shown["capabilities"]["textLimit"] == 80
    assert shown["capabilities"]["readReport"] is False


def test_the_server_names_no_kind() -> None:
    """The demo connects one of each, and a log's names are those of libraries: all else reads capabilities."""
    kinds = "|".join({kind for kind, _ in registry.names()})
    literal = re.compile(rf"""["'](?:{kinds})["']""")
    sources = (ROOT / "server").rglob("*.py")
    named = {path.relative_to(ROOT).as_posix() for path in sources if literal.search(path.read_text())}
    assert named <= {"server/demo.py", "server/logs.py"}


async def connect(live: Live, base: str) -> str:
    body = {"kind": "pager", "name": "Pagery", "settings": {"key": KEY, "api_base": base}}
    status, added = await api(live, "POST", "channels", body)
    assert status == 201, added
    return str(added["id"])


async def post(live: Live, channel_id: str, body: bytes, *, key: str = KEY) -> int:
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    url = f"{live.url}/webhooks/{channel_id}"
    async with live.http.post(url, data=body, headers={"X-Pager-Signature": signature}) as answer:
        return answer.status


async def api(live: Live, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    return await live.call(method, f"/api/v1/{path}", token=TOKEN, body=body)


async def items(live: Live, path: str) -> list[dict[str, Any]]:
    status, answer = await api(live, "GET", path)
    assert status == 200, answer
    found: list[dict[str, Any]] = answer["items"]
    return found


async def reaches(live: Live, path: str, message_id: str, state: str) -> None:
    async with asyncio.timeout(20):
        while True:
            [found] = [each for each in await items(live, path) if each["id"] == message_id]
            if found["state"] == state:
                return
            await asyncio.sleep(0.05)
