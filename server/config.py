"""Configuration: ``config.toml``, then ``CENTRALA__SECTION__KEY`` from the environment, read once at start.

Any key ``x`` may be given as ``x_file``: the path of a file that holds the value (for secrets).
A wrong key or value raises :class:`~server.errors.ConfigError` with the key's path and what was expected.
"""

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta

from server.errors import ConfigError

PREFIX = "CENTRALA__"

Port = Annotated[int, Meta(ge=0, le=65535)]
Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all sections: an unknown key is an error, not a silent nothing."""


class Server(Section, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    webhook_max_bytes: Positive = 1_048_576
    webhook_read_seconds: Positive = 10
    stop_seconds: Positive = 3


class Database(Section, frozen=True, kw_only=True):
    url: str = ""
    pool_size: Positive = 10


class Bus(Section, frozen=True, kw_only=True):
    url: str = "memory://"


class Data(Section, frozen=True, kw_only=True):
    dir: str = "data"


class Workspace(Section, frozen=True, kw_only=True):
    name: str = "Centrala"
    time_zone: str = "Europe/Warsaw"
    region: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "PL"


class Dialogs(Section, frozen=True, kw_only=True):
    reopen_within_hours: NotNegative = 24
    agents_see: Literal["own", "team"] = "own"


Words = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=50)]


class Consent(Section, frozen=True, kw_only=True):
    stop_words_en: Words = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE")
    stop_words_pl: Words = ("WYPISZ", "WYPISZ MNIE", "REZYGNUJĘ", "NIE")
    stop_words_uk: Words = ("СТОП", "ВІДПИСАТИСЯ", "ВІДПИСКА")
    start_words_en: Words = ("START", "UNSTOP")
    start_words_pl: Words = ("ZAPISZ", "ZAPISZ MNIE")
    start_words_uk: Words = ("СТАРТ", "ПІДПИСАТИСЯ")


class Intake(Section, frozen=True, kw_only=True):
    batch_items: Positive = 256
    queue_bytes: Positive = 67_108_864
    writer_process: bool = True


class Connectors(Section, frozen=True, kw_only=True):
    leave_out: tuple[str, ...] = ()
    ask_seconds: Positive = 300


class Delivery(Section, frozen=True, kw_only=True):
    lease_seconds: Positive = 30
    call_seconds: Positive = 15
    max_attempts: Positive = 8
    retry_first_seconds: Positive = 2
    retry_max_seconds: Positive = 600
    concurrency: Positive = 16


class Realtime(Section, frozen=True, kw_only=True):
    recent_events: Positive = 10_000
    socket_buffer_bytes: Positive = 1_048_576
    keep_events: Positive = 1_000_000
    sockets_per_agent: Positive = 50


class Media(Section, frozen=True, kw_only=True):
    store: Literal["local", "s3"] = "local"
    max_bytes: Positive = 20_971_520
    fetch_seconds: Positive = 30
    link_hours: Positive = 24


class S3(Section, frozen=True, kw_only=True):
    endpoint: str = ""
    region: str = "us-east-1"
    bucket: str = ""
    prefix: str = ""
    access_key: str = ""
    secret_key: str = ""
    path_style: bool = True
    timeout_seconds: Positive = 15


class Security(Section, frozen=True, kw_only=True):
    session_idle_hours: Positive = 12
    session_days: Positive = 14
    login_attempts: Positive = 10
    login_window_minutes: Positive = 15


class Widget(Section, frozen=True, kw_only=True):
    enabled: bool = True
    channels: tuple[str, ...] = ()
    title: Annotated[str, Meta(max_length=60)] = ""
    greeting: Annotated[str, Meta(max_length=300)] = ""
    visits_per_address: Positive = 30
    visits_in_all: Positive = 600
    call_back_channel: Annotated[str, Meta(pattern="^(any|[0-9]{0,19})$")] = ""
    call_backs_per_address: Positive = 5


class Retention(Section, frozen=True, kw_only=True):
    quarantine_days: Positive = 30
    visits_days: Positive = 30


class Log(Section, frozen=True, kw_only=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Config(Section, frozen=True, kw_only=True):
    server: Server = Server()
    database: Database = Database()
    bus: Bus = Bus()
    data: Data = Data()
    workspace: Workspace = Workspace()
    dialogs: Dialogs = Dialogs()
    consent: Consent = Consent()
    intake: Intake = Intake()
    connectors: Connectors = Connectors()
    delivery: Delivery = Delivery()
    realtime: Realtime = Realtime()
    media: Media = Media()
    s3: S3 = S3()
    security: Security = Security()
    widget: Widget = Widget()
    retention: Retention = Retention()
    log: Log = Log()

    @property
    def data_dir(self) -> Path:
        return Path(self.data.dir)

    @property
    def database_url(self) -> str:
        """The SQLAlchemy address; without one, an SQLite file in the data folder."""
        url = self.database.url
        if not url:
            return f"sqlite+aiosqlite:///{self.data_dir / 'centrala.db'}"
        for prefix, driver in (
            ("postgresql://", "postgresql+asyncpg://"),
            ("postgres://", "postgresql+asyncpg://"),
            ("sqlite://", "sqlite+aiosqlite://"),
        ):
            if url.startswith(prefix):
                return driver + url.removeprefix(prefix)
        return url

    @property
    def public_url(self) -> str:
        """Where providers and browsers reach us, without a trailing slash."""
        url = self.server.public_url or f"http://{self.server.host}:{self.server.port}"
        return url.rstrip("/")


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration of this process.

    ``path`` must exist when given; without it ``config.toml`` in the working directory is read if it is there.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = _read(path)
    _override(values, environ)
    _read_files(values)
    try:
        config = msgspec.convert(values, Config, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error))) from None
    _check(config)
    return config


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        path = Path("config.toml")
        if not path.exists():
            return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _override(values: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, text in environ.items():
        if not name.startswith(PREFIX):
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        section_type = _section_type(section)
        if section_type is None or not key:
            raise ConfigError(
                f"{name}: there is no such section or key; sections are {', '.join(_sections())}"
            )
        table = values.setdefault(section, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{section}: expected a table")
        table[key] = _typed(text, section_type, key)


def _typed(text: str, section: Any, key: str) -> Any:
    """Environment values are text; numbers, true and false, and lists are recognised by the type of the key they are for."""
    expected = _types(section).get(key)
    if expected in (Port, Positive, NotNegative):
        return int(text) if text.strip().lstrip("-").isdecimal() and text.isascii() else text
    if expected is bool:
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    if expected == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _types(section: Any) -> dict[str, Any]:
    """The keys of a section with their types; none for a section that there is not."""
    return {} if section is None else {f.name: f.type for f in msgspec.structs.fields(section)}


def _section_type(name: str) -> Any:
    return _types(Config).get(name)


def _read_files(values: dict[str, Any]) -> None:
    for section, table in values.items():
        if not isinstance(table, dict):
            continue
        for key in [k for k in table if k.endswith("_file")]:
            file = Path(str(table.pop(key)))
            try:
                text = file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{section}.{key}: can't read {file}: {error.strerror}") from None
            except UnicodeDecodeError:
                raise ConfigError(f"{section}.{key}: {file} is not UTF-8 text") from None
            name = key.removesuffix("_file")
            table[name] = _typed(text, _section_type(section), name)


def _sections() -> list[str]:
    return list(_types(Config))


def _explain(message: str) -> str:
    """Msgspec's own sentence, with the path first: ``server.port: expected `int`, got `str```.

    Where msgspec only says what is wrong, what was expected is added.
    """
    text, _, where = message.partition(" - at `$")
    path = where.rstrip("`").lstrip(".")
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", text)
    if unknown is not None:
        known = _types(_section_type(path)) if path else _types(Config)
        what = "keys are" if path else "sections are"
        full = f"{path}.{unknown[1]}" if path else unknown[1]
        return f"{full}: there is no such key; {what} {', '.join(known)}"
    section, _, key = path.partition(".")
    expected = _types(_section_type(section)).get(key)
    if get_origin(expected) is Literal:
        choices = ", ".join(repr(choice) for choice in get_args(expected))
        return f"{path}: expected one of {choices}"
    return f"{path or 'config'}: {text[0].lower()}{text[1:]}"


def _check(config: Config) -> None:
    if config.workspace.time_zone not in available_timezones():
        raise ConfigError(
            f"workspace.time_zone: expected an IANA zone such as Europe/Warsaw, got {config.workspace.time_zone!r}"
        )
    for proxy in config.server.trusted_proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            raise ConfigError(
                f"server.trusted_proxies: expected addresses or networks such as 10.0.0.0/8, got {proxy!r}"
            ) from None
    if config.delivery.call_seconds >= config.delivery.lease_seconds:
        raise ConfigError("delivery.call_seconds: expected less than delivery.lease_seconds")
    if config.media.store == "s3":
        _check_s3(config.s3)
    for path, url, schemes in (
        ("database.url", config.database_url, ("sqlite+aiosqlite://", "postgresql+asyncpg://")),
        ("bus.url", config.bus.url, ("memory://", "redis://", "rediss://", "unix://")),
        ("server.public_url", config.public_url, ("http://", "https://")),
    ):
        if not url.startswith(schemes):
            raise ConfigError(f"{path}: expected an address that begins with one of {', '.join(schemes)}")


def _check_s3(s3: S3) -> None:
    for key in ("endpoint", "region", "bucket", "access_key", "secret_key"):
        if not getattr(s3, key):
            raise ConfigError(f"s3.{key}: expected a value, as media.store is s3")
    if not s3.endpoint.startswith(("https://", "http://")):
        raise ConfigError("s3.endpoint: expected an address that begins with https:// or http://")
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", s3.bucket) is None:
        raise ConfigError("s3.bucket: expected 3 to 63 small letters, digits, dots and hyphens")
    if re.fullmatch(r"[A-Za-z0-9._/-]*", s3.prefix) is None:
        raise ConfigError("s3.prefix: expected letters, digits, dots, hyphens and slashes")
