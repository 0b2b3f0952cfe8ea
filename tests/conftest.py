"""Where pytest finds the shared fixtures: add a module under tests/support and name it here."""

import os

pytest_plugins = [
    "tests.support.fixtures",
    "tests.support.backend",
    "tests.support.s3",
    "tests.support.smsc",
    "tests.support.world",
    "tests.support.pace",
]

# For the processes that tests start: with it set, as in many containers, each of them compiles every module again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
