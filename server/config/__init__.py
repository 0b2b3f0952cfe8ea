"""Configuration: ``config.toml``, then ``CENTRALA__SECTION__KEY`` from the environment, read once at start.

Any key ``x`` may be given as ``x_file``: the path of a file that holds the value (for secrets).
A wrong key or value raises :class:`~server.errors.ConfigError` with the key's path and what was expected.
"""

from server.config.loading import load
from server.config.sections import (
    S3,
    Bus,
    Config,
    Connectors,
    Consent,
    Data,
    Database,
    Delivery,
    Dialogs,
    Intake,
    Log,
    Media,
    Realtime,
    Retention,
    Security,
    Server,
    Widget,
    Workspace,
)

__all__ = [
    "S3",
    "Bus",
    "Config",
    "Connectors",
    "Consent",
    "Data",
    "Database",
    "Delivery",
    "Dialogs",
    "Intake",
    "Log",
    "Media",
    "Realtime",
    "Retention",
    "Security",
    "Server",
    "Widget",
    "Workspace",
    "load",
]
