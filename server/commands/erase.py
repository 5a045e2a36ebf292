"""`goalarc erase`: sessions, developers and organisations, for good."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from domain.erasure import Erasure, ErasureKind, ErasureState
from server.commands.data import LOCAL_ORG
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run, stop
from server.settings import Settings

if TYPE_CHECKING:
    from resolvers.context import Services

erase = typer.Typer(no_args_is_help=True, help="Erase what was recorded, for good. Nothing brings it back.")

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
OrgOption = Annotated[str, typer.Option(help="Slug of the organisation.")]
_LOOK_S = 0.2


@erase.command("session")
def erase_session(
    id: Annotated[str, typer.Argument(help="The agent's own id of the session.")],
    org: OrgOption = LOCAL_ORG,
    yes: Yes = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Erase a session with all that was made of it."""
    _ask(f"Erase the session {id} of {org} for good?", yes)
    _tell(run(_erase(read_settings(data_dir, database_url), org, ErasureKind.SESSION, id)), as_json)


@erase.command("user")
def erase_user(
    email: Annotated[str, typer.Argument(help="E-mail of the developer.")],
    org: OrgOption = LOCAL_ORG,
    yes: Yes = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Erase a developer with all that was recorded of them. Their keys end at once."""
    _ask(f"Erase the developer {email} of {org} and all their sessions for good?", yes)
    _tell(run(_erase(read_settings(data_dir, database_url), org, ErasureKind.DEVELOPER, email)), as_json)


@erase.command("org")
def erase_org(
    slug: Annotated[str, typer.Argument(help="Slug of the organisation.")],
    yes: Yes = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Erase an organisation with everybody and everything in it. All its keys end at once."""
    _ask(f"Erase the organisation {slug} with everybody and everything in it for good?", yes)
    _tell(run(_erase(read_settings(data_dir, database_url), slug, ErasureKind.ORGANISATION, slug)), as_json)


def _ask(question: str, yes: bool) -> None:
    """On standard error alone: the answer on standard output may be read by a machine."""
    if yes:
        return
    typer.echo(f"{question} [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        stop("nothing was erased")


async def _erase(settings: Settings, slug: str, kind: ErasureKind, name: str) -> Erasure:
    from resolvers.erasure import begin_erasure, find_target
    from server.postgres import open_urls
    from server.services import open_services, working

    async with open_urls(settings) as urls:
        org, target = await find_target(urls, slug, kind, name)
        async with open_services(settings, urls) as services, working(services, 2):
            return await _followed(services, await begin_erasure(services, org.id, kind, target))


async def _followed(services: "Services", erasure: Erasure) -> Erasure:
    """Waits until it is done, by whichever worker."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from resolvers.erasure import look_at

    columns = (TextColumn("erasing"), BarColumn(), MofNCompleteColumn(), TextColumn("events"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=erasure.event_count)
        while (erasure := await look_at(services, erasure)).state is not ErasureState.DONE:
            bar.update(task, completed=erasure.events_erased)
            await asyncio.sleep(_LOOK_S)
    return erasure


def _tell(done: Erasure, as_json: bool) -> None:
    counts = {"sessions": done.sessions_erased, "events": done.events_erased}
    if as_json:
        facts = {"id": str(done.id), "kind": done.kind, "state": done.state, **counts, "finished_at": done.finished_at}
        typer.echo(orjson.dumps(facts).decode())
    else:
        typer.echo(f"erased {done.sessions_erased} sessions with {done.events_erased} events ({done.id})")
