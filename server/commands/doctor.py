"""`goalarc doctor`: what is wrong with this installation, and what to do about it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import typer

from domain.errors import Unavailable
from server.commands.options import DatabaseUrl, DataDir, Json, mendable, read_settings, run
from server.settings import Settings

if TYPE_CHECKING:
    from persistence.database import Urls
    from resolvers.health import Facts

_LITTLE_DISK = 2 * 2**30
_CLOCK_OFF_S = 5.0
_LATE_S = 300.0


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    ok: bool
    says: str


def doctor(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Check configuration, database, clock, disk and queue; exit code 1 when something needs doing."""
    findings = run(_examine(read_settings(data_dir, database_url)))
    if as_json:
        typer.echo(orjson.dumps(findings).decode())
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'MEND'} {finding.check}: {finding.says}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


async def _examine(settings: Settings) -> list[Finding]:
    from server.postgres import open_urls

    where = "external database" if settings.database_url else f"embedded database in {settings.data_dir}"
    findings = [Finding("configuration", True, f"{where}, {settings.workers} server process(es)")]
    try:
        async with open_urls(settings, migrated=False) as urls:
            findings += [finding async for finding in _database(settings, urls)]
    except Exception as error:
        if (reason := mendable(error)) is None:
            raise
        findings.append(Finding("database", False, reason))
    if settings.clickhouse_url is not None:
        findings.append(await _clickhouse(settings.clickhouse_url.get_secret_value()))
    if settings.writer_model:
        findings.append(_writer(settings.writer_model))
    if settings.database_url is None and settings.data_dir.is_dir():
        findings.append(_disk(settings.data_dir))
    return findings


async def _database(settings: Settings, urls: "Urls") -> AsyncIterator[Finding]:
    from persistence.migrate import status
    from resolvers import health
    from server.services import open_services

    schema = await status(urls)
    if not schema.up_to_date:
        says = f"has schema {schema.current or 'none'}, needs {schema.newest}: run `goalarc db migrate`"
        yield Finding("database", False, says)
        return
    async with open_services(settings, urls) as services:
        facts = await health.facts(services)
        version = facts.server_version
        yield Finding("database", version >= 15, f"PostgreSQL {version}, schema {schema.newest}")
        yield _role(facts)
        off = abs((facts.now - datetime.now(UTC)).total_seconds())
        yield Finding("clock", off < _CLOCK_OFF_S, f"{off:.1f} s off the database's: keep both on NTP")
        queue = await health.queue(services)
        fine = queue["failed"] == 0 and queue["oldest_due_s"] < _LATE_S
        says = f"{queue['due']:.0f} due, {queue['running']:.0f} running, {queue['failed']:.0f} failed"
        yield Finding("queue", fine, says if fine else f"{says}: is a worker running? see docs/operate.md")


def _role(facts: "Facts") -> Finding:
    if not facts.walled:
        return Finding(
            "role", False, "the serving role passes row-level security: take SUPERUSER and BYPASSRLS from it"
        )
    if facts.mighty_login:
        return Finding("role", False, "the login is a superuser: use one that only owns the database")
    return Finding("role", True, "row-level security holds")


async def _clickhouse(url: str) -> Finding:
    """Without a word of the address, which holds a password."""
    from persistence.insights.clickhouse.client import open_server

    server = open_server(url)
    try:
        [row] = await server.rows("SELECT version() AS version", {})
    except Unavailable:
        return Finding("clickhouse", False, "does not answer, or does not know the login: PostgreSQL computes insights")
    finally:
        await server.close()
    return Finding("clickhouse", True, f"version {row['version']} computes insights")


def _writer(model: str) -> Finding:
    """Without importing it, which takes a second or two."""
    if find_spec("pydantic_ai") is None:
        return Finding(
            "writer", False, f"{model} cannot be asked: install the extra with `pip install 'goalarc[models]'`"
        )
    return Finding("writer", True, f"{model} writes reports")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding("disk", free >= _LITTLE_DISK, f"{free / 2**30:.1f} GiB free where the data lies")
