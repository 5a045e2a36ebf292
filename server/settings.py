"""Settings: read once from the environment (prefix GOALARC_) and the command line, handed down as values."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where this server keeps its data and how it is reached; docs/operate.md says what each is for."""

    model_config = SettingsConfigDict(env_prefix="GOALARC_", extra="ignore")

    database_url: str | None = None
    """An external PostgreSQL >= 15 as the login that owns the tables; None: the embedded one in `data_dir`."""
    broadcast_url: str | None = None
    data_dir: Path = Field(default_factory=lambda: Path.home() / ".goalarc")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    log_format: Literal["console", "json"] = "console"
    workers: int = Field(default=1, ge=1, le=64)
    """Server processes; more than one wake each other through the database."""
    worker_concurrency: int = Field(default=2, ge=0, le=64)
    """Background jobs that one server process runs at a time; 0: none, `goalarc worker` does them elsewhere."""
    rate_limits: Literal["on", "off"] = "on"
    """Whether requests to the REST routes that have a limit are counted."""

    @field_validator("database_url")
    @classmethod
    def _asyncpg(cls, url: str | None) -> str | None:
        """Takes the usual spellings of a PostgreSQL address."""
        if url is None or url == "":
            return None
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in ("postgres", "postgresql", "postgresql+asyncpg"):
            raise ValueError("must begin with postgresql://")
        return f"postgresql+asyncpg://{rest}"

    @property
    def bus_url(self) -> str | None:
        """Which bus carries wake-ups: memory for one process, None (the database itself) for several."""
        if self.broadcast_url:
            return self.broadcast_url
        return "memory://" if self.workers == 1 and self.database_url is None else None
