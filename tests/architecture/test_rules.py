"""Rules about the code that no type checker knows: where transactions, tasks and imports may stand."""

import ast
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

BEGINS = {
    "server/db/engine.py": "every read and write goes through here",
    "server/db/migrate.py": "the schema changes before anything else runs",
    "server/db/word_index.py": "the search index of SQLite is a file of its own",
}
WRITES = {
    "server/unit_of_work.py": "the one way to change anything",
    "server/dialogs/search_index.py": "the search index can be made anew and tells no events",
}
TASKS = {
    "server/supervisor.py": "owns every task of the server",
    "connectors/host.py": "knows no server: ends its own tasks when it is stopped",
    "connectors/sms/smpp/connector.py": "ends its own tasks when the host releases it",
    "connectors/sms/smpp/link.py": "ends its own tasks when the host releases it",
    "connectors/sms/smpp/session.py": "ends its own tasks with its connection",
    "connectors/simulator/phone_actions.py": "not part of the product's server",
    "connectors/simulator/phones.py": "not part of the product's server",
    "connectors/simulator/webhooks.py": "not part of the product's server",
}

LONGEST_MODULE = 300
MADE = {"web/src/api/schema.d.ts"}


@cache
def sources() -> list[tuple[str, ast.Module]]:
    paths = [path for package in ("server", "connectors") for path in sorted((ROOT / package).rglob("*.py"))]
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in paths
    ]


@cache
def method_calls(tree: ast.Module) -> list[tuple[ast.Attribute, int]]:
    return [
        (node.func, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def calls(tree: ast.Module, *methods: str) -> list[tuple[str, int]]:
    """What a method of these names is called on, and where."""
    found = method_calls(tree)
    return [(ast.unparse(method.value), line) for method, line in found if method.attr in methods]


def texts(tree: ast.Module, beginning: str) -> list[str]:
    """Texts that begin like this."""
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [value for value in found if isinstance(value, str) and value.startswith(beginning)]


def test_nobody_commits_by_hand() -> None:
    found = [f"{name}:{line}" for name, tree in sources() for _, line in calls(tree, "commit")]
    assert not found, "a transaction is committed by leaving it, in server/db/engine.py"


def test_transactions_begin_in_one_place() -> None:
    found = {name for name, tree in sources() if calls(tree, "begin", "begin_nested") or texts(tree, "BEGIN")}
    assert found == set(BEGINS)


def test_only_the_unit_of_work_writes() -> None:
    found = {
        name
        for name, tree in sources()
        if any(owner.lower().endswith(("database", "words")) for owner, _ in calls(tree, "write"))
    }
    assert found == set(WRITES)


def test_tasks_have_an_owner() -> None:
    found = {name for name, tree in sources() if calls(tree, "create_task", "ensure_future")}
    assert found == set(TASKS)


def test_api_modules_keep_their_annotations() -> None:
    """Litestar reads them at run time; with this import they are only text."""
    found = [
        name
        for name, tree in sources()
        if name.endswith("api.py")
        and any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in ast.walk(tree))
    ]
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    found = [
        name
        for name, tree in sources()
        if tree.body and ast.get_docstring(tree) is None and "/versions/" not in name
    ]
    assert not found


def test_modules_stay_short_enough_to_be_read_at_once() -> None:
    """Longer ones are split by what belongs together."""
    folders = ("server", "connectors", "scripts", "tests")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    paths = [path for path in paths if "node_modules" not in path.parts]
    paths += [path for end in ("*.ts", "*.tsx") for path in (ROOT / "web/src").rglob(end)]
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_bytes().splitlines()) for path in paths}
    assert len(lengths) > 600
    longer = {name for name, length in lengths.items() if length > LONGEST_MODULE} - MADE
    assert longer == set()


def test_import_directions_are_still_checked() -> None:
    """scripts/check runs import-linter; this is that nobody took a contract out of it."""
    contracts = {contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
    assert set(contracts) >= {
        "The connectors know nothing of the server",
        "Server layers",
        "The server uses the connectors by their public face",
        "Channels are independent of one another",
        "Models are pure",
        "Litestar stays at the edge",
        "SQL stays in queries",
        "Redis has one door",
    }
    layers = " ".join(contracts["Server layers"]["layers"])
    # Named anywhere in the layers, or a package of that has no rule at all.
    loose = {
        path.name
        for path in (ROOT / "server").iterdir()
        if path.is_dir() and (path / "__init__.py").exists() and f"server.{path.name}" not in layers
    }
    assert not loose, "a package without a place in the layers of pyproject.toml"
    assert '"imports"' in (ROOT / "scripts/checks.py").read_text()


def test_generated_types_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/generate_types.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_nothing_of_a_machine_is_committed() -> None:
    """No path of somebody's checkout and no address of somebody's package mirror."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    traces = [
        str(ROOT),
        "/home/" + "runner",
        "://" + "localhost:4873",
        "index" + "-url =",
        "_auth" + "Token",
    ]
    found = []
    for name in filter(None, listed):
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".jpg", ".ico", ".woff2"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {trace}" for trace in traces if trace in text]
    assert not found


def test_locks_name_no_registry() -> None:
    """Whoever installs uses the registry of their own machine."""
    for lock in ("web/package-lock.json", "tests/browser/package-lock.json"):
        assert '"resolved": "http' not in (ROOT / lock).read_text(), lock
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        assert "--index-url" not in lock.read_text(), lock.name
