"""What is documented is what the code does, as far as a test can tell."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.app import Inbox, create_app
from server.config import Config, Data
from server.errors import InboxError
from server.events.model import EVENTS
from server.realtime import frames, hub, socket

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "connectors/*/*.md", "web/*.md")
    for path in ROOT.glob(pattern)
)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    below = text.partition(f"\n## {heading}\n")[2]
    lines = [line for line in below.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    for target in targets:
        if re.match(r"https?://|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        found = path if not name else (path.parent / name).resolve()
        assert found.exists(), f"{target}: no such file"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found.read_text(encoding="utf-8")), f"{target}: no such heading"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_named_files_exist(path: Path) -> None:
    """Paths in code marks, such as `server/app.py`."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = re.findall(r"`((?:server|connectors|web|tests|scripts|docs|requirements)/[\w./-]*)`", text)
    built = ("server/static",)
    missing = [name for name in named if not name.startswith(built) and not (ROOT / name).exists()]
    assert not missing


# --------------------------------------------------------------------------------------------- the socket


def test_the_catalogue_of_events_is_the_codes() -> None:
    rows = table(page("docs/realtime.md"), "Catalogue")
    shown = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in rows}
    assert shown.pop("dialog.hidden") == ["id"]
    assert shown == {event.name: list(event.__struct_encode_fields__) for event in EVENTS}


def test_events_that_are_never_emitted_are_said_to_be() -> None:
    emitted = {
        node.id if isinstance(node, ast.Name) else node.attr
        for path in (ROOT / "server").rglob("*.py")
        if path.parent.name != "events"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    silent = {event.name for event in EVENTS if event.__name__ not in emitted}
    rows = table(page("docs/realtime.md"), "Catalogue")
    assert {row[0].strip("`") for row in rows if "not emitted yet" in row[3]} == silent


def test_frames_reasons_and_close_codes_are_documented() -> None:
    text = page("docs/realtime.md")
    for frame in frames.ClientFrame.__args__:
        assert f'"type": "{frame.__struct_config__.tag}"' in text
    for kind in ("welcome", "event", "watermark", "reset", "signal", "pong"):
        assert f'{{"type": "{kind}"' in text
    for reason in frames.ResetReason.__args__:
        assert f"`{reason}`" in text
    for code in (hub.CLOSE_SLOW, hub.CLOSE_SIGNED_OUT, socket.CLOSE_POLICY, 1012):
        assert f"| {code} |" in text


# --------------------------------------------------------------------------------------------- HTTP


@pytest.fixture(scope="module")
def openapi(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = str(tmp_path_factory.mktemp("data"))
    return create_app(Inbox(Config(data=Data(dir=folder)))).openapi_schema.to_schema()


def operations(openapi: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_route_has_an_operation_id_of_its_own(tmp_path: Path) -> None:
    app = create_app(Inbox(Config(data=Data(dir=str(tmp_path)))))
    ours = [
        (handler.handler_name, handler.operation_id)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if handler.fn.__module__.startswith("server.")
    ]
    assert ours
    ids = [operation_id for _, operation_id in set(ours)]
    assert all(isinstance(each, str) for each in ids), ours
    assert len(ids) == len(set(ids))


def test_the_list_of_routes_is_the_applications(openapi: dict[str, Any]) -> None:
    shown = re.findall(r"^\| `(\w+) (\S+)` \| `(\w+)` \|", page("docs/http-api.md"), re.MULTILINE)
    assert sorted(shown) == sorted(
        (method, path, operation["operationId"]) for method, path, operation in operations(openapi)
    )


def test_every_conflict_is_documented() -> None:
    text = page("docs/http-api.md")
    codes = {
        node.args[0].value
        for path in (ROOT / "server").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Conflict"
        and isinstance(node.args[0], ast.Constant)
    }
    assert codes
    assert not [code for code in codes if f"`{code}`" not in text]


def test_every_member_of_a_problem_is_declared(openapi: dict[str, Any]) -> None:
    declared = openapi["components"]["schemas"]["ProblemDetails"]["properties"].keys()
    kinds = {kind.__name__ for kind in InboxError.__subclasses__()}
    used = {
        keyword.arg
        for path in (ROOT / "server").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds
        for keyword in node.keywords
    }
    assert {"assignee", "missed"} <= used
    assert used - declared <= {"field", "retry_after"}  # shown as ``errors`` and ``retryAfter``


# --------------------------------------------------------------------------------------------- the rest


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    [layers] = [each["layers"] for each in contracts if each["name"] == "Server layers"]
    block = page("docs/architecture.md").partition("\n```\ncli\n")[2].partition("\n```")[0]
    shown = ["cli", *(line.partition("  ")[0] for line in block.splitlines())]
    assert [set(re.findall(r"\w+", line)) for line in shown] == [
        set(re.findall(r"server\.(\w+)", layer)) for layer in layers
    ]


def test_failpoints_are_where_the_page_says() -> None:
    """Each one in the tables of steps exists in the code, and the reverse."""
    passed = {
        node.args[0].value
        for path in (ROOT / "server").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "failpoint"
        and isinstance(node.args[0], ast.Constant)
    }
    steps = re.findall(r"\*\*fp\*\* ((?:`[a-z_.]+`(?:, then )?)+)", page("docs/architecture.md"))
    named = {name for step in steps for name in re.findall(r"`([a-z_.]+)`", step)}
    assert named == passed


def test_every_table_is_on_the_page() -> None:
    from server.db.schema import metadata

    text = page("docs/architecture.md").partition("## The data")[2]
    assert not [name for name in metadata.tables if not re.search(rf"\b{name}\b", text)]


def test_every_metric_is_on_the_page() -> None:
    from server import observability

    source = Path(observability.__file__).read_text() + page("server/app.py")
    names = set(re.findall(r'"(centrala_[a-z_]+)"', source))
    text = page("docs/operations.md")
    assert names
    assert not [name for name in names if f"`{name}" not in text]


def test_every_decision_is_in_the_index_and_complete() -> None:
    index = page("docs/adr/README.md")
    for path in sorted((ROOT / "docs/adr").glob("0*.md")):
        text = path.read_text()
        assert path.name in index
        assert len(text.splitlines()) <= 60, f"{path.name}: more than a page"
        for part in (
            "- Status:",
            "- Date:",
            "## Context",
            "## Decision",
            "## Consequences",
            "## Alternatives",
        ):
            assert part in text, f"{path.name}: {part}"


def test_every_promise_is_proved_by_a_test_that_exists() -> None:
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    promises = page("README.md").partition("## The promises")[2].partition("\n## ")[0]
    named = re.findall(r"`(test_\w+)`", promises)
    assert len(named) >= 7
    assert not [name for name in named if name not in tests]
    decided = {
        name
        for path in (ROOT / "docs").rglob("*.md")
        for name in re.findall(r"`(test_\w+)`", path.read_text())
    }
    assert not decided - tests
