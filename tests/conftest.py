"""Where pytest finds the shared fixtures: add a module under tests/support and name it here."""

pytest_plugins = ["tests.support.fixtures", "tests.support.backend", "tests.support.world"]
