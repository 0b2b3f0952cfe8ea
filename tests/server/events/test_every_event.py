"""For every kind of event: a snapshot and the frames after its seq make the same as a fresh snapshot.

``CENTRALA_WRITE_GOLDEN=1`` writes tests/golden anew: web/src/realtime/golden.test.ts replays the same in TypeScript.
"""

import copy
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.db import schema
from server.events.model import EVENTS
from tests.server.events.story import Story, Watcher, staged
from tests.server.events.story_steps import STEPS
from tests.support.apply import COLLECTIONS, Inbox
from tests.support.backend import Backend

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
WRITE = os.environ.get("CENTRALA_WRITE_GOLDEN") == "1"

Snapshot = dict[str, Any]


async def test_every_event_leads_to_what_a_fresh_snapshot_shows(backend: Backend) -> None:
    recorded: dict[str, list[tuple[str, Snapshot, list[Any], Snapshot]]] = {}
    async with staged(backend) as story:
        before = {name: await watcher.snapshot() for name, watcher in story.watchers.items()}
        for name, watcher in story.watchers.items():
            watcher.inbox.merge(before[name])
            recorded[name] = []
        for step, act in STEPS.items():
            story.clock.at_ms += 60_000
            for watcher in story.watchers.values():
                watcher.frames = []
            await act(story)
            await story.all_caught_up()
            for name, watcher in story.watchers.items():
                after = await watcher.snapshot()
                if watcher.resets == 0:
                    check(f"{step} for {name}", watcher, before[name], after)
                    recorded[name].append((step, before[name], watcher.frames, after))
                before[name] = after
        await check_the_story_is_whole(story)
    if backend.name == "sqlite":
        write_or_compare(recorded)


def check(where: str, watcher: Watcher, before: Snapshot, after: Snapshot) -> None:
    """From the beginning, from the snapshot just before, and from ones that a commit tore in two."""
    same(where + ", from the beginning", watcher.inbox, after)
    for number, start in enumerate((before, *torn(before, after))):
        client = Inbox().merge(start)
        for frame in watcher.frames:
            if int(frame["seq"]) > int(start["seq"]):
                client.apply(frame)
        same(f"{where}, from snapshot {number}", client, after)


def torn(before: Snapshot, after: Snapshot) -> list[Snapshot]:
    """Snapshots whose seq is older than some of their data: each kind of entity alone is already new, or alone old."""
    kinds = (*COLLECTIONS, "reads")
    ids = [{dialog["id"] for dialog in snapshot["dialogs"]} for snapshot in (before, after)]
    old = {"seq": before["seq"], "threads": ids[0] & ids[1]}
    one_new = [{**before, kind: after[kind], **old} for kind in kinds]
    one_old = [{**after, kind: before[kind], **old} for kind in kinds]
    return [*one_new, *one_old, {**after, **old}]


def same(where: str, client: Inbox, after: Snapshot) -> None:
    fresh = Inbox().merge(even(client, after))
    found, wanted = client.view(), fresh.view(only=client.known)
    for kind in found:
        assert found[kind] == wanted[kind], f"{kind} differ after {where}"


def even(client: Inbox, after: Snapshot) -> Snapshot:
    """Leave out the two things that a client is not told by events.

    An agent's change is two events: to colleagues without the e-mail address, then to administrators with it.  Of a
    dialog that comes into sight later, a client asks for its read marker (web/src/realtime/read-markers.ts).
    """
    agents = copy.deepcopy(after["agents"])
    for agent in agents:
        mine = client.agents.get(agent["id"])
        if mine is not None and mine["email"] == "" and int(agent["seq"]) - int(mine["seq"]) == 1:
            agent["seq"] = mine["seq"]
    reads = {dialog_id: count for dialog_id, count in after["reads"].items() if dialog_id in client.reads}
    return {**after, "agents": agents, "reads": reads}


async def check_the_story_is_whole(story: Story) -> None:
    """Every kind of event happened, and who lost their rights was told to start afresh, nobody else."""
    names = await story.live.backend.database.read(
        lambda c: set(c.execute(select(schema.event.c.name).distinct()).scalars())
    )
    assert names == {event.name for event in EVENTS}
    told = {frame["name"] for watcher in story.watchers.values() for frame in watcher.follower.events}
    assert told == names - {"agent.access_changed"} | {"dialog.hidden"}
    assert {name: watcher.resets for name, watcher in story.watchers.items()} == {
        "Root": 0,
        "Sonia": 0,
        "Ala": 1,
    }
    ala = [channel["id"] for channel in (await story.api("Ala").get("/channels"))["items"]]
    assert ala == [str(story.channels["viber"])]


# ------------------------------------------------------------------------------------------ golden files


def write_or_compare(recorded: dict[str, list[tuple[str, Snapshot, list[Any], Snapshot]]]) -> None:
    files = {}
    for name, steps in recorded.items():
        for step, before, frames, after in steps:
            whole = name == "Root" and "-" not in step
            if whole or step.startswith(("dialog.assigned", "message.received-hidden")):
                files[f"{step}.{name.lower()}.json"] = golden(before, frames, after)
        frames = [frame for _, _, frames, _ in steps for frame in frames]
        files[f"story.{name.lower()}.json"] = golden(steps[0][1], frames, steps[-1][3])
    texts = {file: normal(content) for file, content in files.items()}
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        for old in GOLDEN.glob("*.json"):
            old.unlink()
        for file, text in texts.items():
            (GOLDEN / file).write_text(text)
    hint = "tests/golden is not what the server tells now: CENTRALA_WRITE_GOLDEN=1 writes it anew"
    assert sorted(path.name for path in GOLDEN.glob("*.json")) == sorted(texts), hint
    for file, text in texts.items():
        assert (GOLDEN / file).read_text() == text, f"{file}: {hint}"


def golden(before: Snapshot, frames: list[Any], after: Snapshot) -> dict[str, Any]:
    """Without watermarks, which come by the clock on the wall; each event follows the one before it."""
    events = []
    prev = before["seq"]
    client = Inbox().merge(before)
    for frame in frames:
        client.apply(frame)
        if frame["type"] == "event":
            events.append({**frame, "prev": prev})
            prev = frame["seq"]
    return {"snapshot": before, "frames": events, "expected": even(client, after)}


def normal(content: dict[str, Any]) -> str:
    """The same bytes whenever the same happens: long ids become short ones in the order in which they appear."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    numbers = itertools.count(1001)
    known: dict[str, str] = {}

    def short(match: re.Match[str]) -> str:
        if match[0] not in known:
            known[match[0]] = str(next(numbers))
        return known[match[0]]

    return re.sub(r"\d{17,19}", short, text)


def test_numbers_are_shortened_alike_everywhere() -> None:
    text = normal({"a": "912061961284916224", "b": "/webhooks/912061961284916224", "c": "912061961284916225"})
    assert json.loads(text) == {"a": "1001", "b": "/webhooks/1001", "c": "1002"}


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_a_step_of_its_own(event: Any) -> None:
    assert event.name in STEPS
