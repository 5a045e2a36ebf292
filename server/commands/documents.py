"""`goalarc schema` and `goalarc openapi`: what the two faces promise. `goalarc documents`: what clients may ask."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from server.commands import problems
from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from domain.documents import TrustedDocument
    from resolvers.documents import AddSummary

documents = typer.Typer(no_args_is_help=True, help="GraphQL documents that clients may ask for by an id.")


def print_schema() -> None:
    """Print the GraphQL schema (SDL)."""
    from schema.root import schema

    typer.echo(schema.as_str())


def print_openapi() -> None:
    """Print the OpenAPI 3.1 document of the REST routes."""
    from rest_compat.openapi import document

    typer.echo(document())


@documents.command("add")
def add_documents(
    paths: Annotated[
        list[Path], typer.Argument(help="GraphQL files, folders of them, or manifests of a build (.json).")
    ],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Trust the documents of a front end. Adding again changes nothing."""
    summary = run(_add(read_settings(data_dir, database_url), paths))
    typer.echo(orjson.dumps(_summary(summary)).decode() if as_json else _told(summary))
    if summary.errors:
        raise typer.Exit(3)


async def _add(settings: Settings, paths: list[Path]) -> "AddSummary":
    from resolvers.documents import add_documents
    from schema.root import schema
    from schema.trusted import operation_names
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        check = partial(operation_names, schema.graphql_schema)
        return await add_documents(urls, paths, check, datetime.now(UTC))


def _summary(summary: "AddSummary") -> dict[str, object]:
    return {
        "added": [_row(document) for document in summary.added],
        "known": summary.known,
        "ignored": summary.ignored,
        "errors": problems.rows(summary.errors),
    }


def _told(summary: "AddSummary") -> str:
    ignored = f", {summary.ignored} without an operation" if summary.ignored else ""
    first = f"{len(summary.added)} added, {summary.known} known already{ignored}"
    return "\n".join([first, *problems.lines(summary.errors)])


@documents.command("list")
def list_documents(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """List the documents that are trusted, oldest first."""
    found = run(_list(read_settings(data_dir, database_url)))
    if as_json:
        rows = [{**_row(document), "added_at": document.added_at, "text": document.text} for document in found]
        typer.echo(orjson.dumps(rows).decode())
        return
    for document in found:
        typer.echo(f"{document.sha256}  {document.added_at:%Y-%m-%d}  {_names(document)}")


async def _list(settings: Settings) -> list["TrustedDocument"]:
    from resolvers.documents import list_documents
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await list_documents(urls)


def _row(document: "TrustedDocument") -> dict[str, object]:
    return {
        "sha256": document.sha256,
        "ids": sorted(document.ids - {document.sha256}),
        "operations": [name or None for name in document.operations],
    }


def _names(document: "TrustedDocument") -> str:
    others = sorted(document.ids - {document.sha256})
    names = ", ".join(name or "(without a name)" for name in document.operations)
    return f"{names}  also as {', '.join(others)}" if others else names


@documents.command("remove")
def remove_documents(
    ids: Annotated[list[str], typer.Argument(metavar="HASH…", help="SHA-256 of a document, or another of its ids.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Trust documents no longer; running servers notice within a minute."""
    count = run(_remove(read_settings(data_dir, database_url), ids))
    typer.echo(f"removed {count}", err=True)


async def _remove(settings: Settings, ids: list[str]) -> int:
    from resolvers.documents import delete_documents
    from server.postgres import open_urls

    async with open_urls(settings) as urls:
        return await delete_documents(urls, ids)
