"""`goalarc import` and `goalarc export`: data in, data out."""

import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import orjson
import typer

from server.commands import problems
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from persistence.database import Urls
    from resolvers.transcripts import ImportSummary

export = typer.Typer(no_args_is_help=True, help="Write verdicts out.")

LOCAL_ORG = "local"
LOCAL_USER = "developer@localhost"


def import_transcripts(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders, such as ~/.claude/projects.")],
    org: Annotated[str, typer.Option(help="Slug of the organisation.")] = LOCAL_ORG,
    user: Annotated[str, typer.Option(help="E-mail of the developer whose sessions these are.")] = LOCAL_USER,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Import transcripts of coding agents and wait until they are judged. Importing again adds nothing."""
    summary = run(_import(read_settings(data_dir, database_url), paths, org, user))
    typer.echo(orjson.dumps(_summary(summary)).decode() if as_json else _told(summary))
    if not summary.complete:
        raise typer.Exit(3)


async def _import(settings: Settings, paths: list[Path], org: str, user: str) -> "ImportSummary":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from persistence.database import Tenant
    from resolvers.access import local_caller
    from resolvers.transcripts import find_transcripts, import_transcripts, wait_until_judged
    from server.postgres import open_urls
    from server.services import open_services, working

    async with open_urls(settings) as urls, open_services(settings, urls) as services, working(services, 2):
        caller = await local_caller(urls, org, user)
        found = find_transcripts(paths)
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        with bar:
            task = bar.add_task("reading", total=sum(file.size for file in found.files))
            summary = await import_transcripts(services, caller, found, lambda size: bar.advance(task, size))
            bar.update(task, description="judging")
            await wait_until_judged(services, Tenant(caller.org_id), summary)
    return summary


def _summary(summary: "ImportSummary") -> dict[str, object]:
    return {
        "files": summary.files,
        "sessions": len(summary.sessions),
        "events": summary.events,
        "sub_sessions": summary.sub_sessions,
        "skipped": summary.skipped,
        "ignored": summary.ignored,
        "errors": problems.rows(summary.errors),
    }


def _told(summary: "ImportSummary") -> str:
    if not summary.files and not summary.errors:
        return f"no transcripts there ({summary.ignored} other files)"
    first = (
        f"{summary.files} files, {len(summary.sessions)} sessions: {summary.events} new events"
        f" ({summary.skipped} known already), {summary.sub_sessions} goal arcs"
    )
    return "\n".join([first, *problems.lines(summary.errors)])


Format = Annotated[Literal["json", "csv", "ndjson"], typer.Option(help="Shape of the output.")]
OneOrg = Annotated[str | None, typer.Option(help="Only this organisation.")]
OneDeveloper = Annotated[str | None, typer.Option(help="Only this developer, by e-mail.")]


@export.command("scores")
def export_scores(
    format: Format = "json",
    org: OneOrg = None,
    developer: OneDeveloper = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """One row per goal arc with its verdicts, oldest first; merged fragments are no rows."""
    from resolvers.exports import SCORE_COLUMNS, score_rows

    run(
        _export(
            read_settings(data_dir, database_url), format, SCORE_COLUMNS, lambda urls: score_rows(urls, org, developer)
        )
    )


@export.command("appeals")
def export_appeals(
    format: Format = "json",
    org: OneOrg = None,
    developer: OneDeveloper = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """One row per appealed verdict, oldest arc first: what the judge said beside what the developer says."""
    from resolvers.exports import APPEAL_COLUMNS, appeal_rows

    run(
        _export(
            read_settings(data_dir, database_url),
            format,
            APPEAL_COLUMNS,
            lambda urls: appeal_rows(urls, org, developer),
        )
    )


async def _export(
    settings: Settings,
    format: Literal["json", "csv", "ndjson"],
    columns: Sequence[str],
    rows_of: "Callable[[Urls], AsyncGenerator[dict[str, object]]]",
) -> None:
    from server.commands.tables import write
    from server.postgres import open_urls

    async with open_urls(settings) as urls, aclosing(rows_of(urls)) as rows:
        await write(sys.stdout, format, columns, rows)
