"""Run every static check at once and show what each of them has to say."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv/bin"
PYTHON = str(BIN / "python")
NPM = [PYTHON, "scripts/node.py"]

CHECKS: dict[str, list[str]] = {
    "types": [str(BIN / "mypy")],
    "lint": [str(BIN / "ruff"), "check", "--quiet"],
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet"],
    "imports": [str(BIN / "lint-imports")],
    "generated types": [str(ROOT / "scripts/generate-types"), "--check"],
}
WEB_CHECKS: dict[str, list[str]] = {
    "web types": [*NPM, "run", "--silent", "typecheck"],
    "web lint": [*NPM, "run", "--silent", "lint"],
    "web format": [*NPM, "run", "--silent", "format:check"],
}


def check(name: str, command: list[str]) -> bool:
    """Run one check; its output goes out in one piece, as others run at the same time."""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    shown = "" if done.returncode == 0 else f"{done.stdout.rstrip()}\n"
    sys.stdout.write(f"{name}: {verdict} ({time.monotonic() - started:.1f} s)\n{shown}")
    sys.stdout.flush()
    return done.returncode == 0


def main() -> int:
    checks = dict(CHECKS)
    if (ROOT / "web/package.json").exists():
        checks |= WEB_CHECKS
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(check, checks, checks.values()))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
