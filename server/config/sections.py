"""The sections of ``config.toml`` and their keys, with defaults."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import msgspec
from msgspec import Meta

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
    secret_keys: str = ""


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
            return f"sqlite+aiosqlite:///{quote(str(self.data_dir / 'centrala.db'))}"
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
