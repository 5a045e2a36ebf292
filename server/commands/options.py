"""Options that every command takes, and how a command ends when it cannot do its work."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from server.settings import Settings

T = TypeVar("T")

DataDir = Annotated[
    Path | None,
    typer.Option(help="Where the embedded database and everything else is kept.", show_default="~/.goalarc"),
]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="An external PostgreSQL (15 or later) instead of the embedded one.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]


def read_settings(data_dir: Path | None, database_url: str | None, **more: str | int | None) -> Settings:
    """Settings of the environment, overridden by what the command line says; from here on logs go where they should."""
    from server.logs import set_up_logs

    given = {"data_dir": data_dir, "database_url": database_url, **more}
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # pyright: ignore[reportArgumentType] - checked by pydantic
    except ValidationError as error:
        told = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
        stop("; ".join(told).replace("Value error, ", ""))
    set_up_logs(settings.log_format)
    return settings


def run(work: Coroutine[object, object, T]) -> T:
    """Runs the work of a command; what a person can mend is told in one line, with exit code 2."""
    try:
        return asyncio.run(work)
    except Exception as error:
        if (reason := mendable(error)) is None:
            raise
        stop(reason)


def mendable(error: Exception) -> str | None:
    """What a person can mend, in one line; None for a fault of the program."""
    from asyncpg import PostgresError
    from sqlalchemy.exc import DBAPIError

    from domain.errors import DomainError
    from persistence.embedded import EmbeddedError
    from persistence.migrate import RoleMissing
    from server.postgres import NotMigrated

    match error:
        case DomainError() | EmbeddedError() | NotMigrated() | RoleMissing():
            return str(error)
        case DBAPIError():
            return _refused(error.orig)
        case PostgresError():
            return _refused(error)
        case BrokenPipeError():
            return None  # whoever read our output has gone: typer ends quietly
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}"
        case OSError():
            return f"cannot reach the database: {error or type(error).__name__}"
        case _:
            return None


_REFUSALS = ("08", "28", "3D", "53", "57P")
"""SQLSTATE of lost connections, logins, unknown databases, full servers and shutdowns."""


def _refused(error: BaseException | None) -> str | None:
    code = str(getattr(error, "sqlstate", None) or "")
    if code == "42501":  # insufficient_privilege
        return f"the database's login lacks a right: {error}; it must own the tables, see docs/operate.md"
    return f"the database refuses: {error}" if code.startswith(_REFUSALS) else None


def stop(message: str) -> NoReturn:
    typer.echo(f"goalarc: {message}", err=True)
    raise typer.Exit(2)
