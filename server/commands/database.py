"""`goalarc db`: the schema of the database."""

from typing import TYPE_CHECKING

import orjson
import typer

from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from persistence.migrate import SchemaStatus

db = typer.Typer(no_args_is_help=True, help="The database's schema.")


@db.command("migrate")
def migrate_schema(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Bring the database to the newest schema; does nothing when it is there."""
    _tell(run(_migrate(read_settings(data_dir, database_url))), as_json)


@db.command("status")
def schema_status(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Say which schema the database has; exit code 1 when it is not the newest."""
    found = run(_status(read_settings(data_dir, database_url)))
    _tell(found, as_json)
    if not found.up_to_date:
        raise typer.Exit(1)


async def _migrate(settings: Settings) -> "SchemaStatus":
    from persistence.migrate import migrate
    from server.postgres import open_urls

    async with open_urls(settings, migrated=False) as urls:
        return await migrate(urls)


async def _status(settings: Settings) -> "SchemaStatus":
    from persistence.migrate import status
    from server.postgres import open_urls

    async with open_urls(settings, migrated=False) as urls:
        return await status(urls)


def _tell(found: "SchemaStatus", as_json: bool) -> None:
    facts = {"current": found.current, "newest": found.newest, "up_to_date": found.up_to_date}
    state = "up to date" if found.up_to_date else f"behind {found.newest}: run `goalarc db migrate`"
    typer.echo(orjson.dumps(facts).decode() if as_json else f"schema {found.current or 'none'}, {state}")
