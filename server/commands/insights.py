"""`goalarc insights`: what operators do about insights."""

from typing import TYPE_CHECKING, Annotated, Literal

import orjson
import typer

from server.commands.data import LOCAL_ORG, LOCAL_USER
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from domain.insights.saved import SavedInsight

insights = typer.Typer(no_args_is_help=True, help="Insights: saved questions about what happened.")


@insights.command("ready-made")
def ready_made(
    org: Annotated[str, typer.Option(help="Slug of the organisation.")] = LOCAL_ORG,
    user: Annotated[str, typer.Option(help="E-mail of whoever saves them.")] = LOCAL_USER,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Save insights for a team that starts today; those that are there already are left alone."""
    made = run(save_ready_made(read_settings(data_dir, database_url), org, user))
    if as_json:
        shown = [{"id": one.id, "short_id": one.short_id, "name": one.name} for one in made]
        typer.echo(orjson.dumps(shown).decode())
        return
    for one in made:
        typer.echo(f"{one.short_id}  {one.name}")


@insights.command("copy")
def copy(
    switch: Annotated[Literal["off"], typer.Argument(help="`off` ends what a server with a ClickHouse begins.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Copy what insights count nowhere any more. Take GOALARC_CLICKHOUSE_URL from every process first."""
    run(_end_copying(read_settings(data_dir, database_url)))
    typer.echo("nothing is copied any more; PostgreSQL computes insights")


async def _end_copying(settings: Settings) -> None:
    from resolvers.insight_copying import end_copying
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        await end_copying(urls)


async def save_ready_made(settings: Settings, org: str, user: str) -> "list[SavedInsight]":
    from dataclasses import replace

    from domain.access import Scope
    from persistence.database import Tenant
    from resolvers.access import local_caller
    from resolvers.context import Context
    from resolvers.loaders import Loaders
    from resolvers.ready_made import create_ready_made
    from server.postgres import open_urls
    from server.services import open_services

    async with open_urls(settings) as urls, open_services(settings, urls) as services:
        caller = await local_caller(urls, org, user)
        whole = replace(caller, scopes=caller.scopes | {Scope.ORG_READ})
        return await create_ready_made(Context(services, whole, Loaders(services.database, Tenant(caller.org_id))))
