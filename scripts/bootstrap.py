"""Prepare a checkout: Python packages, the web console, and for the tests a browser and an SMSC.

Only the standard library, because it runs before anything is installed. Every step remembers a hash of what it was
made from and does nothing while that stays the same. The steps run side by side: each waits for the network
most of its time.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import node

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin/python"
REQUIREMENTS = ROOT / "requirements"
WEB = ROOT / "web"
CONSOLE = ROOT / "server/static"
BROWSER = ROOT / "tests/browser"
SMSC = ROOT / "tests/smsc"

# A browser of the machine is preferred (tests/support/browser.py looks in the same order).
SYSTEM_BROWSERS = ("chromium", "chromium-headless-shell", "google-chrome", "chromium-browser")
# Several steps want it, and one has to install it.
NODE_LOCK = threading.Lock()
NPM_CI = ("ci", "--no-audit", "--no-fund", "--loglevel=error")


class StepFailedError(Exception):
    """A command did not succeed; the message is for a person."""


def run(
    command: Sequence[str | Path], cwd: Path = ROOT, env: dict[str, str] | None = None, hint: str = ""
) -> None:
    """Run a command quietly; show what it printed only when it fails, and the hint when a module is missing."""
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        shown = " ".join(str(part) for part in command)
        missing = hint if "No module named" in done.stdout or "ensurepip" in done.stdout else ""
        raise StepFailedError("\n".join(filter(None, [f"failed: {shown}", done.stdout.strip(), missing])))


def digest(paths: Iterable[Path], *also: str) -> str:
    """Hash the names and contents of files, and any further facts."""
    hashed = hashlib.sha256("\0".join(also).encode())
    for path in sorted(paths):
        hashed.update(f"\0{path.relative_to(ROOT)}\0".encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


@contextmanager
def step(name: str, inputs: str, *outputs: Path) -> Iterator[bool]:
    """Yield whether the step has to be done, and remember its inputs once it was."""
    stamp = CACHE / "stamps" / name
    if stamp.exists() and stamp.read_text() == inputs and all(path.exists() for path in outputs):
        yield False
        return
    stamp.unlink(missing_ok=True)
    started = time.monotonic()
    print(f"{name} …", file=sys.stderr, flush=True)
    yield True
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs)
    print(f"{name}: done in {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)


# Python ----------------------------------------------------------------------------------------------------


def pip_settings() -> dict[str, str]:
    """Read where pip of this machine is told to find packages (files and PIP_* alike)."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings: dict[str, str] = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition("=")
        # ":env:" comes last in pip's list and wins, as it does in pip.
        settings[key.rpartition(".")[2]] = value.strip("'\"")
    return settings


def uv_environment() -> dict[str, str]:
    """Let uv use pip's index and the machine's certificates; the user's own UV_* settings win."""
    env = {"UV_SYSTEM_CERTS": "1"}
    settings = pip_settings()
    for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("extra-index-url", "UV_INDEX")):
        if option in settings:
            env[variable] = settings[option].replace("\\n", " ").strip()
    if "trusted-host" in settings:
        env["UV_INSECURE_HOST"] = settings["trusted-host"].replace("\\n", " ").strip()
    # A virtual environment that happens to be active is not ours to change.
    return {**env, **os.environ, "VIRTUAL_ENV": str(VENV)}


def pip_install(*arguments: str | Path) -> None:
    """Install with pip, whatever environment `arguments` name (--target or --python)."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    # --python belongs to pip itself and must stand before the command.
    own, rest = (arguments[:2], arguments[2:]) if arguments[0] == "--python" else ((), arguments)
    run(
        [*command, *own, "install", "--require-hashes", *rest],
        hint="pip for this Python is needed (Debian: apt install python3-pip python3-venv)",
    )


def uv() -> Path:
    """Return a pinned uv in a folder of its own, so that the environment holds only what we declared."""
    home = CACHE / "uv"
    lock = REQUIREMENTS / "uv.txt"
    with step("uv", digest([lock]), home / "bin/uv") as todo:
        if todo:
            shutil.rmtree(home, ignore_errors=True)
            # --target works on Debian, whose pip refuses to install outside an environment (PEP 668).
            pip_install("--target", home, "-r", lock)
    return home / "bin/uv"


def make_environment() -> None:
    """Create .venv, unless a usable one is there."""
    if VENV_PYTHON.exists():
        version = [str(VENV_PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if subprocess.run(version, capture_output=True, check=False).returncode == 0:
            return
    shutil.rmtree(VENV, ignore_errors=True)
    # Without pip it takes 0.1 s instead of 4 s; our pip can install into it from outside.
    run([sys.executable, "-m", "venv", "--without-pip", VENV], hint="Debian: apt install python3-venv")


def install_python(groups: Sequence[str]) -> None:
    """Install the locked packages of each group (runtime, test, build) into .venv."""
    for group in groups:
        lock = REQUIREMENTS / f"{group}.txt"
        inputs = digest([lock], sys.base_prefix, sys.version)
        with step(f"python-{group}", inputs, VENV_PYTHON) as todo:
            if todo:
                install_locked(lock)
    write_command()


def install_locked(lock: Path) -> None:
    make_environment()
    try:
        install = ("pip", "install", "--no-config", "--quiet", "--require-hashes", "--compile-bytecode")
        run([uv(), *install, "--python", VENV_PYTHON, "-r", lock], env=uv_environment())
    except StepFailedError as failure:
        print(f"{failure}\nuv could not; trying plain pip", file=sys.stderr)
        pip_install("--python", VENV_PYTHON, "-r", lock)


def write_command() -> None:
    """Write .venv/bin/centrala, which an installed wheel has as well; it works in any folder."""
    [packages] = VENV.glob("lib/python3*/site-packages")
    # So that a process of this environment finds our packages wherever it is started, the writer process too.
    (packages / "centrala-checkout.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin/centrala"
    command.write_text(f"#!{VENV_PYTHON}\nimport sys\n\nfrom server.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)


# Web -------------------------------------------------------------------------------------------------------


def npm() -> list[str]:
    """Return an npm that works here, installing Node from the Python index where there is none."""
    command = node.system_npm()
    if command is not None:
        return command
    command = node.fallback_npm()
    lock = REQUIREMENTS / "node.txt"
    with NODE_LOCK, step("node", digest([lock]), Path(command[0])) as todo:
        if todo:
            shutil.rmtree(node.FALLBACK, ignore_errors=True)
            pip_install("--target", node.FALLBACK, "-r", lock)
    return command


def npm_ci(folder: Path, name: str, command: list[str], *arguments: str) -> None:
    """Install exactly what the folder's lock says."""
    files = [folder / part for part in ("package.json", "package-lock.json", ".npmrc")]
    inputs = digest((path for path in files if path.exists()), *command, *arguments)
    with step(name, inputs, folder / "node_modules") as todo:
        if todo:
            run([*command, *NPM_CI, *arguments], cwd=folder, env=node.environment(command))


def web_sources() -> Iterator[Path]:
    for folder, names, files in os.walk(WEB):
        names[:] = [name for name in names if name not in ("node_modules", "dist", ".vite")]
        yield from (Path(folder) / name for name in files if not name.endswith(".tsbuildinfo"))


def build_console() -> None:
    """Build web/, console and site widget, into server/static."""
    if not (WEB / "package.json").exists():
        print("web/package.json is missing: no console is built", file=sys.stderr)
        return
    command = npm()
    npm_ci(WEB, "web-packages", command)
    with step("console", digest(web_sources()), CONSOLE / "widget.js") as todo:
        if todo:
            run([*command, "run", "build"], cwd=WEB, env=node.environment(command))


def prepare_browser() -> None:
    """Unpack a browser for the tests, unless the machine has one, and the fonts it draws with."""
    own = os.environ.get("CENTRALA_TEST_CHROMIUM") or next(
        filter(None, map(shutil.which, SYSTEM_BROWSERS)), None
    )
    command = npm()
    # The browser is an development dependency of that package, the fonts are not.
    npm_ci(BROWSER, "browser-packages", command, *(["--omit=dev"] if own else []))
    target = CACHE / "chromium"
    inputs = digest([BROWSER / "package-lock.json", BROWSER / "unpack.mjs"])
    if not own:
        with step("browser", inputs, target / "chromium") as todo:
            if todo:
                shutil.rmtree(target, ignore_errors=True)
                executable = command[0] if len(command) > 1 else shutil.which("node") or "node"
                run([executable, BROWSER / "unpack.mjs", target])


def prepare_smsc() -> None:
    """Install the SMPP server that the tests of that connector talk to."""
    npm_ci(SMSC, "smsc-packages", npm())


# ------------------------------------------------------------------------------------------------------------


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--console", action="store_true", help="build the web console")
    parser.add_argument("--tests", action="store_true", help="also what the tests need from Python")
    parser.add_argument("--build", action="store_true", help="also what building a wheel needs")
    parser.add_argument("--browser", action="store_true", help="also a Chromium for the tests")
    parser.add_argument("--smsc", action="store_true", help="also an SMPP server for the tests")
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    # The test lock contains the runtime lock's versions, so one install serves both.
    groups = ["test" if chosen.tests else "runtime", *(["build"] if chosen.build else [])]
    steps: list[Callable[[], None]] = [lambda: install_python(groups)]
    if chosen.console:
        steps.append(build_console)
    if chosen.browser:
        steps.append(prepare_browser)
    if chosen.smsc:
        steps.append(prepare_smsc)
    CACHE.mkdir(exist_ok=True)
    # Two scripts started at once in one checkout must not install over each other.
    with (CACHE / "lock").open("w") as lock, ThreadPoolExecutor() as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        results = [pool.submit(one) for one in steps]
        failures = [failure for result in results if (failure := result.exception())]
    for failure in failures:
        if not isinstance(failure, StepFailedError):
            raise failure
        print(f"\n{failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
