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
    """Settings of the environment, overridden by what the command line says."""
    given = {"data_dir": data_dir, "database_url": database_url, **more}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # pyright: ignore[reportArgumentType] - checked by pydantic
    except ValidationError as error:
        stop("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)))


def run(work: Coroutine[object, object, T]) -> T:
    """Runs the work of a command; what a person can mend is told in one line, with exit code 2."""
    from domain.errors import DomainError
    from persistence.embedded import EmbeddedError
    from server.postgres import NotMigrated

    try:
        return asyncio.run(work)
    except (DomainError, EmbeddedError, NotMigrated) as error:
        stop(str(error))
    except OSError as error:
        stop(f"cannot reach the database: {error}")


def stop(message: str) -> NoReturn:
    typer.echo(f"goalarc: {message}", err=True)
    raise typer.Exit(2)
