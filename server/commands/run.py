"""`goalarc run`: serve, import, and say where to look; what `make run` calls."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.commands.data import LOCAL_ORG, LOCAL_USER
from server.commands.insights import save_ready_made
from server.commands.options import DatabaseUrl, DataDir, read_settings, run
from server.commands.serve import run_server
from server.settings import Settings


def run_all(
    transcripts: Annotated[
        list[Path] | None, typer.Argument(help="What to import.", show_default="an invented sample")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8000")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve, import transcripts, and print the URLs and a developer key. Ctrl-C ends all of it."""
    settings = read_settings(data_dir, database_url, host=host, port=port)
    run_server(settings, lambda url: _welcome(settings, transcripts or [], url))


def _welcome(settings: Settings, transcripts: list[Path], url: str) -> None:
    from server.sample import write_sample

    key = run(_developer_key(settings))
    paths = transcripts or [write_sample(settings.data_dir / "sample", datetime.now(UTC))]
    typer.echo(_TEXT.format(url=url, key=key), err=True)
    command = [sys.executable, "-m", "server", "import", *map(str, paths)]
    subprocess.run(command, check=False)  # noqa: S603 - our own program; it tells its errors itself
    run(save_ready_made(settings, LOCAL_ORG, LOCAL_USER))
    typer.echo("Ctrl-C ends the server.", err=True)


_TEXT = """
  dashboard    {url}           sign in with the key
  GraphQL      {url}/graphql   GraphiQL in a browser
  REST         {url}/docs
  key          {key}

  curl -s {url}/v1/score_v3/score -H "Authorization: Bearer {key}"
"""


async def _developer_key(settings: Settings) -> str:
    """The key of whoever works on this machine; kept in the data directory, readable by its owner alone."""
    from domain.access import KeyKind
    from domain.errors import Unauthenticated
    from resolvers.access import KeyWish, authenticate, create_key
    from server.postgres import open_urls
    from server.services import open_services

    file = settings.data_dir / "developer-key"
    async with open_urls(settings) as urls, open_services(settings, urls) as services:
        if file.exists():
            try:
                await authenticate(services, secret := file.read_text().strip())
                return secret
            except Unauthenticated:
                pass  # revoked, or of another database: make a new one
        made = await create_key(urls, KeyWish(LOCAL_ORG, LOCAL_USER, KeyKind.DEVELOPER), datetime.now(UTC))
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(made.secret + "\n")
        return made.secret
