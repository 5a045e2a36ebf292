"""Settings: read once from the environment (prefix GOALARC_) and the command line, handed down as values."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.networks import Network, read_networks


class Settings(BaseSettings):
    """Where this server keeps its data and how it is reached; docs/operate.md says what each is for."""

    model_config = SettingsConfigDict(env_prefix="GOALARC_", extra="ignore")

    database_url: str | None = None
    """An external PostgreSQL >= 15 as the login that owns the tables; None: the embedded one in `data_dir`."""
    broadcast_url: str | None = None
    data_dir: Path = Field(default_factory=lambda: Path.home() / ".goalarc")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    log_format: Literal["console", "json"] = "console"
    workers: int = Field(default=1, ge=1, le=64)
    """Server processes; more than one wake each other through the database."""
    worker_concurrency: int = Field(default=2, ge=0, le=64)
    """Background jobs that one server process runs at a time; 0: none, `goalarc worker` does them elsewhere."""
    rate_limits: Literal["on", "off"] = "on"
    """Whether requests to the REST routes that have a limit, and the costs of the graph, are counted."""
    graphql_budget: int = Field(default=1_000_000, ge=1, le=10**12)
    """Points of cost that a key may ask of the graph in a minute, unless it was made with a budget of its own."""
    clickhouse_url: SecretStr | None = None
    """Where ClickHouse is, which computes insights from a copy of their events; None: PostgreSQL does."""
    insight_cache_mb: int = Field(default=64, ge=8, le=65_536)
    """MiB of results of insights that are kept for each organisation."""
    introspection: Literal["on", "off"] = "on"
    """Whether clients may ask the graph for its schema."""
    suggestions: Literal["on", "off"] = "on"
    """Whether an error names fields of the graph that come close to a misspelt one."""
    documents: Literal["any", "trusted"] = "any"
    """Which documents the graph answers: any, or only those that `goalarc documents add` registered."""

    writer_model: str | None = None
    """The language model that writes the text of reports, by the name that its server knows; None: none does."""
    writer_base_url: str | None = None
    """Where that model is, in OpenAI's protocol; None: at OpenAI."""
    writer_api_key: SecretStr | None = None
    writer_timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds that a report may wait for the model before it is written without."""
    writer_report_tokens: int = Field(default=20_000, ge=1)
    """Tokens that one report may take, asking and answering."""
    writer_day_tokens: int = Field(default=2_000_000, ge=0)
    """Tokens that a process may spend on reports in a UTC day."""

    allow_origins: str = ""
    """Origins of web pages elsewhere that may call this server, separated by commas; `*` for all. None by default."""

    webhook_allow: str = ""
    """Networks that webhooks may reach although they are private, such as `10.0.0.0/8`, separated by commas."""

    @field_validator("clickhouse_url")
    @classmethod
    def _clickhouse(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value():
            return None
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be of the form https://user:password@host:port/database")
        if find_spec("clickhouse_connect") is None:
            raise ValueError("needs more: install the extra with `pip install 'goalarc[clickhouse]'`")
        return url

    @property
    def webhook_networks(self) -> tuple[Network, ...]:
        return read_networks(self.webhook_allow)

    @field_validator("webhook_allow")
    @classmethod
    def _networks(cls, text: str) -> str:
        try:
            read_networks(text)
        except ValueError:
            raise ValueError("must name networks such as 10.0.0.0/8, separated by commas") from None
        return text

    public_url: str | None = None
    """The address at which people reach this server, for links to reports; None: that of the request."""
    fonts_dir: Path | None = None
    """A folder with fonts for PDFs, beside those of the system and those in `fonts` below the data directory."""

    @property
    def font_dirs(self) -> list[Path]:
        own = self.data_dir / "fonts"
        return [own] if self.fonts_dir is None else [self.fonts_dir, own]

    @field_validator("fonts_dir", mode="before")
    @classmethod
    def _named(cls, folder: Path | str | None) -> Path | str | None:
        """Nothing names no folder, not the one that the server runs in."""
        return folder or None

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if not url:
            return None
        parts = urlsplit(url)
        plain = not (parts.query or parts.fragment or parts.username)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
            raise ValueError("must be an address such as https://goalarc.example.org")
        return url.rstrip("/")

    @property
    def origins(self) -> list[str]:
        return [origin.strip().rstrip("/") for origin in self.allow_origins.split(",") if origin.strip()]

    @field_validator("data_dir", "fonts_dir")
    @classmethod
    def _home(cls, folder: Path | None) -> Path | None:
        return None if folder is None else folder.expanduser()

    @field_validator("database_url")
    @classmethod
    def _asyncpg(cls, url: str | None) -> str | None:
        """Takes the usual spellings of a PostgreSQL address, also libpq's `sslmode`."""
        if not url:
            return None
        return _postgres_url(url)

    @field_validator("broadcast_url")
    @classmethod
    def _known_bus(cls, url: str | None) -> str | None:
        if url and url.partition(":")[0] not in ("memory", "postgresql", "redis", "rediss", "unix"):
            raise ValueError("must begin with memory://, postgresql:// or redis://")
        return url

    @property
    def bus_url(self) -> str | None:
        """Which bus carries wake-ups: memory for one process, None (the database itself) for several."""
        if self.broadcast_url:
            return self.broadcast_url
        return "memory://" if self.workers == 1 and self.database_url is None else None


_PARAMETERS = {"host", "port", "ssl"}


def _postgres_url(url: str) -> str:
    from sqlalchemy.engine import make_url  # costs every command a tenth of a second
    from sqlalchemy.exc import ArgumentError

    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+asyncpg"):
        raise ValueError("must begin with postgresql://")
    try:
        address = make_url(f"postgresql+asyncpg://{rest}")
    except (ArgumentError, ValueError):
        raise ValueError("is not of the form postgresql://login:password@host:port/database") from None
    if not 0 < (address.port or 5432) < 65536:
        raise ValueError("has a port outside 1-65535")
    query = {"ssl" if name == "sslmode" else name: value for name, value in address.query.items()}
    if unknown := sorted(query.keys() - _PARAMETERS):
        raise ValueError(f"has a parameter that is not known here: {', '.join(unknown)}")
    return address.set(query=query).render_as_string(hide_password=False)
