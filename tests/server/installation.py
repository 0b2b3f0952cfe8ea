"""``centrala`` as operators and scripts run it: real processes and a data folder of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp

from tests.support import forks
from tests.support.process import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"


class Installation:
    """A data folder and the environment that names it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CENTRALA__")},
            "PYTHONPATH": str(ROOT),
            "CENTRALA__DATA__DIR": str(folder / "data"),
            "CENTRALA__SERVER__PORT": str(self.port),
        }

    def run(self, *arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """A process of its own, forked; by :meth:`run_anew` where it matters how Python starts."""
        if "PYTHONPATH" in environ:
            return self.run_anew(*arguments, stdin=stdin, **environ)
        return forks.run(
            arguments, cwd=self.folder, environment={**self.environ, **environ}, given=stdin, timeout=90
        )

    def run_anew(self, *arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            cwd=self.folder,
            env={**self.environ, **environ},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def done(self, *arguments: str, stdin: str = "") -> Any:
        """The JSON of a command that must succeed."""
        found = self.run(*arguments, "--json", stdin=stdin)
        assert (found.returncode, found.stderr) == (0, ""), found
        return json.loads(found.stdout)

    def refused(self, *arguments: str, stdin: str = "", **environ: str) -> str:
        """The one sentence of a command that must fail."""
        found = self.run(*arguments, stdin=stdin, **environ)
        assert (found.returncode, found.stdout) == (1, ""), found
        assert "Traceback" not in found.stderr
        [line] = found.stderr.splitlines()
        return line.removeprefix("centrala: ")

    def add_agent(self, email: str = "ala@example.com", role: str = "agent", *more: str) -> Any:
        return self.done(
            "agent", "add", "--email", email, "--name", "Ala", "--role", role, "--password-stdin", *more,
            stdin=PASSWORD + "\n",
        )  # fmt: skip


async def call(
    installation: Installation, method: str, path: str, token: str | None = None, body: Any = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as http,
        http.request(
            method, f"http://127.0.0.1:{installation.port}{path}", json=body, headers=headers
        ) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if "json" in answer.content_type else text


def add_telegram(installation: Installation) -> Any:
    secret = installation.folder / "token"
    secret.write_text("123:canary-of-the-token\n")
    return installation.done(
        "channel", "add", "telegram", "--name", "Bot", "--set-file", f"token={secret}",
        "--set", "secret_token=canary-of-the-secret", "--set", "api_base=http://127.0.0.1:9",
    )  # fmt: skip
