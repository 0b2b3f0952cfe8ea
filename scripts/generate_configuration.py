"""Write docs/configuration.md from config.toml; with --check only say whether it is current."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "config.toml"
TARGET = ROOT / "docs/configuration.md"

HEAD = """\
# Configuration

<!-- Made from config.toml by scripts/generate_configuration.py; change that file instead. -->

`centrala` reads `config.toml` in the folder where it is started (or `--config PATH`), then the environment:
`CENTRALA__SECTION__KEY` overrides a key, with commas between the items of a list. Instead of a key `x` there can be
`x_file`, the path of a file that holds the value; use it for secrets. A wrong key or value stops the start and names
the key and what was expected; `centrala check-config` tells it without starting anything.

Settings of channels (tokens and the like) do not stand here: `centrala channel add KIND --set key=value`, or
`--set-file key=path`. They are kept in the database and never shown again.

Who sees which channel: a new channel is granted to every agent there is, and a new agent gets every channel there is,
so that a small team works at once. `centrala agent add --channel ID` (repeatable) grants only those,
`centrala channel add --no-grants` grants to nobody, and administrators change grants of agents over
`PATCH /api/v1/agents/{id}`. Administrators see everything. All of it takes effect in a running server within a second.
"""


def comments(text: str) -> dict[tuple[str, str], str]:
    """The comment above each key, by section and key."""
    found: dict[tuple[str, str], str] = {}
    section = comment = ""
    for line in text.splitlines():
        if line.startswith("["):
            section, comment = line.strip("[]"), ""
        elif line.startswith("#"):
            comment = line.lstrip("# ")
        elif "=" in line:
            found[section, line.partition("=")[0].strip()], comment = comment, ""
    return found


def page(text: str) -> str:
    """The whole page, one table per section."""
    said = comments(text)
    parts = [HEAD]
    for section, keys in tomllib.loads(text).items():
        parts += [f"## {section}", "", "| key | default | |", "|---|---|---|"]
        parts += [f"| `{key}` | `{shown(value)}` | {said[section, key]} |" for key, value in keys.items()]
        parts.append("")
    return "\n".join(parts)


def shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def main() -> int:
    wanted = page(SOURCE.read_text(encoding="utf-8"))
    if "--check" in sys.argv:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == wanted
        if not current:
            print(
                "docs/configuration.md is out of date: run scripts/generate_configuration.py", file=sys.stderr
            )
        return 0 if current else 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
