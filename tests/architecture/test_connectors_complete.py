"""Every connector comes with everything that a connector needs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.contract import Capabilities, ConnectorSpec
from connectors.http import HTTPClient
from tests.connectors.samples import CHANNELS, SETTINGS

ROOT = Path(__file__).resolve().parents[2]
SPECS = registry.specs()


def name_of(spec: ConnectorSpec) -> str:
    """Under which its samples and tests are kept: how tests call it, or its provider."""
    return spec.provider if spec.provider == "twilio" else settings_of(spec)


def settings_of(spec: ConnectorSpec) -> str:
    names = {channel: name for name, channel in CHANNELS.items()}
    return names.get((spec.kind, spec.provider), spec.kind)


@pytest.fixture(params=SPECS, ids=name_of)
def spec(request: pytest.FixtureRequest) -> ConnectorSpec:
    found: ConnectorSpec = request.param
    return found


def capabilities(spec: ConnectorSpec) -> Capabilities:
    return registry.open_connector(
        spec.kind, spec.provider, SETTINGS[settings_of(spec)], HTTPClient(), ""
    ).capabilities


def test_it_has_a_page_with_set_up_limits_and_checklist(spec: ConnectorSpec) -> None:
    page = (ROOT / "connectors" / spec.kind / "README.md").read_text()
    for heading in ("## Set-up", "## Limits", "## Quality checklist"):
        assert heading in page
    rows = re.findall(r"^\| .+ \| (.+) \|$", page.partition("## Quality checklist")[2], re.MULTILINE)
    assert rows
    assert all(re.match(r"done|todo|exempt: ", row) or set(row) <= set("- ") for row in rows)


def test_every_setting_is_on_its_page(spec: ConnectorSpec) -> None:
    page = (ROOT / "connectors" / spec.kind / "README.md").read_text()
    for field in spec.settings.__struct_fields__:
        assert f"| `{field}` |" in page


def test_its_secrets_are_settings_of_its_own(spec: ConnectorSpec) -> None:
    assert spec.secrets
    assert set(spec.secrets) <= set(spec.settings.__struct_fields__)


def test_it_has_recorded_payloads_and_tests(spec: ConnectorSpec) -> None:
    payloads = ROOT / "tests/connectors/payloads"
    manifest: list[dict[str, Any]] = json.loads((payloads / "manifest.json").read_text())
    assert any(
        (payloads / name_of(spec) / Path(entry["file"]).name).exists()
        for entry in manifest
        if name_of(spec) in entry["file"]
    )
    assert (ROOT / "tests/connectors" / f"test_{name_of(spec)}.py").exists()


REAL = {"smpp": "tests/support/smsc.py"}
"""Those whose provider is a real one in the tests, and so needs no fake."""


def test_it_is_simulated(spec: ConnectorSpec) -> None:
    if name_of(spec) in REAL:
        assert (ROOT / REAL[name_of(spec)]).exists()
        return
    assert (ROOT / "connectors/simulator" / f"{name_of(spec)}.py").exists()


def test_the_table_of_channels_says_what_it_can_do(spec: ConnectorSpec) -> None:
    """In docs/connectors.md, and the same rows in the README."""
    can = capabilities(spec)
    shown = f"`{spec.kind}` (`{spec.provider}`)" if spec.provider else f"`{spec.kind}`"
    row = next(
        line
        for line in (ROOT / "docs/connectors.md").read_text().splitlines()
        if line.startswith(f"| {shown} |")
    )
    cells = [cell.strip(" ¹²³⁴") for cell in row.split("|")[2:-1]]
    files = ", ".join(f"{rule.kind} {rule.bytes // 1_048_576}" for rule in can.files)
    buttons, links, reactions = can.quick_replies, can.link_buttons, can.reactions
    assert cells == [
        yes(can.receive),
        yes(can.delivered_report),
        yes(can.read_report),
        yes(can.start_dialog),
        "none" if can.reply_window_hours is None else f"{can.reply_window_hours} h",
        f"{can.text_limit}{', in parts' if can.segments else ''}",
        files or "none",
        yes(can.reply_to),
        f"{buttons.count}, of {buttons.title} characters" if buttons else "no",
        f"{links.count}, of {links.title} characters" if links else "no",
        "no" if reactions is None else f"{len(reactions.emoji)} emoji" if reactions.emoji else "any",
        yes(can.deep_link),
    ]
    assert row in (ROOT / "README.md").read_text()


def yes(value: bool) -> str:
    return "yes" if value else "no"


def test_the_console_has_words_for_its_steps_and_settings(spec: ConnectorSpec) -> None:
    texts = (ROOT / "web/src/i18n/en/channels.ts").read_text()
    # The first provider of a kind has the kind's own words.
    own = spec.kind if spec.provider in (None, "twilio") else f"{spec.kind}.{spec.provider}"
    assert f'"kind.{own}.step-1"' in texts
    assert not spec.webhook_by_hand or f'"kind.{own}.after-1"' in texts
    for key in spec.settings.__struct_encode_fields__:
        assert any(f'"field.{name}{key}"' in texts for name in (f"{own}.", f"{spec.kind}.", "")), key
