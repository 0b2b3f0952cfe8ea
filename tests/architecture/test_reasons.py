"""Whatever the server can tell a person has a text in both of the console's languages, by its stable code."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from server import reasons

ROOT = Path(__file__).resolve().parents[2]
_ENTRY = re.compile(r'^  "([a-z]+[.-][^"]+)":\s+("(?:[^"\\]|\\.)*")', re.MULTILINE)
_HOLE = re.compile(r"\{(\w+)\}")
_REFUSALS = {
    "NotFound",
    "Forbidden",
    "Unauthorized",
    "Throttled",
    "Conflict",
    "Invalid",
    "Malformed",
    "Unavailable",
}
# The command line's own words, and what a browser's console never asks for.
_PLAIN = ("server/commands", "server/cli.py")


def catalogue(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in (ROOT / "web/src/i18n" / language).glob("*.ts"):
        found |= {key: json.loads(text) for key, text in _ENTRY.findall(file.read_text())}
    return found


EN, PL = catalogue("en"), catalogue("pl")


@cache
def sources(*folders: str) -> list[tuple[str, ast.AST]]:
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    named = [(str(file.relative_to(ROOT)), file) for file in files]
    return [
        (name, ast.parse(file.read_text()))
        for name, file in named
        if "simulator" not in name and not name.startswith(_PLAIN)
    ]


@cache
def calls_by_name(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    return [
        (node.func.id, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    return (call for name, call in calls_by_name(tree) if name in names)


@cache
def codes(name: str) -> set[str]:
    """The constant codes given to a struct, and those of the tables in the modules of failures."""
    found: set[str] = set()
    for file, tree in sources("connectors", "server"):
        for call in calls(tree, {name}):
            for keyword in call.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and keyword.value.value:
                    found.add(keyword.value.value)
        if name == "Failure" and file.endswith("failures.py"):
            found |= set(_of_tables(tree))
    return found


def _of_tables(tree: ast.AST) -> Iterator[str]:
    """Of ``(code, sentence)`` anywhere in a tuple."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Tuple):
            continue
        for code, text in zip(node.elts, node.elts[1:], strict=False):
            said = (
                text.value
                if isinstance(text, ast.Constant)
                else ""
                if isinstance(text, ast.JoinedStr)
                else None
            )
            if not isinstance(said, str) or (said and " " not in said):
                continue
            if isinstance(code, ast.Constant) and re.fullmatch("[a-z_]+", str(code.value)):
                yield str(code.value)


def test_every_reason_of_a_refusal_is_said_in_both_languages() -> None:
    own = [each for each in vars(reasons).values() if isinstance(each, reasons.Reason)]
    own += reasons.QUARANTINED.values()
    assert len(own) > 90
    assert len({each.code for each in own}) == len({each.text for each in own}) == len(own), (
        "one code, one sentence"
    )
    raised = {
        node.attr
        for file, tree in sources("server")
        if file != "server/reasons.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "reasons"
    }
    named = {name for name, each in vars(reasons).items() if isinstance(each, reasons.Reason)}
    assert named - raised == set(), "nothing is refused with them"
    for each in own:
        key = f"reason.{each.code}"
        assert EN.get(key) == each.text, key
        assert key in PL, key
        assert set(_HOLE.findall(PL[key])) <= set(_HOLE.findall(each.text)), key
    known_codes = {each.code for each in own} | set(of_settings())
    known = {f"reason.{code}" for code in known_codes}
    assert {key for key in EN if key.startswith("reason.")} == known, "texts of reasons that are gone"


@cache
def of_settings() -> dict[str, str | None]:
    """What connectors say of settings, by code; None: a sentence that is put together."""
    found: dict[str, str | None] = {"smpp_address": None, "smpp_certificates": None}
    for _, tree in sources("connectors"):
        for call in calls(tree, {"BadTemplate"}):
            code, text = call.args[:2]
            assert isinstance(code, ast.Constant)
            if code.value != reasons.SETTING_REQUIRED.code:
                found[code.value] = text.value if isinstance(text, ast.Constant) else None
    return found


def test_what_is_wrong_with_a_setting_is_said_in_both_languages() -> None:
    assert len(of_settings()) > 20
    for code, text in of_settings().items():
        key = f"reason.{code}"
        assert key in PL, key
        assert text in (None, EN.get(key)), key


def test_nothing_is_refused_in_words_without_a_code() -> None:
    plain = []
    for file, tree in sources("server"):
        for call in calls(tree, _REFUSALS):
            detail = call.args[1 if isinstance(call.func, ast.Name) and call.func.id == "Conflict" else 0]
            if isinstance(detail, ast.Constant | ast.JoinedStr):
                plain.append(f"{file}:{call.lineno}")
    assert plain == [], "give them a Reason of server/reasons.py, and its text in web/src/i18n/*/reasons.ts"


def test_every_failure_is_said_in_both_languages() -> None:
    """Of a message, where its code is all that a Polish agent reads; and of a channel."""
    found = codes("Failure")
    assert {"blocked", "rejected", "expired", "no_credit", "not_started", "webhook_missing"} <= found
    missing = [
        code
        for code in sorted(found | codes("Condition"))
        for texts in (EN, PL)
        if f"failure.{code}" not in texts and f"channel-error.{code}" not in texts
    ]
    assert missing == []


def test_every_answer_of_a_check_and_of_a_registration_is_said_in_both_languages() -> None:
    checks, registrations = codes("Trouble"), codes("Registration")
    assert {"webhook_failing", "other_page"} <= checks
    assert "callback_missing" in registrations
    for texts in (EN, PL):
        by_key = {key.rpartition(".")[2] for key in texts if key.startswith("check.")}
        unsaid = [
            code
            for code in checks
            # Said of the setting that is wrong, by the key of it.
            if code != "not_authorised"
            if code.replace("_", "-") not in by_key and f"failure.{code}" not in texts
        ]
        assert unsaid == []
        assert [code for code in registrations if f"register.{code}" not in texts] == []


def test_every_reason_of_the_quarantine_has_its_sentence() -> None:
    words = set()
    for _, tree in sources("connectors", "server"):
        for call in calls(tree, {"Unknown", "Kept"}):
            given = [each.value for each in call.keywords if each.arg == "why"] + call.args[1:2]
            for why in given:
                text = why.values[0] if isinstance(why, ast.JoinedStr) else why
                if isinstance(text, ast.Constant):
                    words.add(text.value.partition(": ")[0])
    assert {"unreadable", "unknown_kind", "no_sender", "not_stored"} <= words
    assert words <= set(reasons.QUARANTINED)
