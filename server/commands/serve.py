"""`goalarc serve` and `goalarc worker`: the long-running processes."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import Annotated

import typer
from pydantic import SecretStr

from server.commands.options import DatabaseUrl, DataDir, read_settings, run, stop
from server.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8000")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Server processes.", show_default="1")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve GraphQL, REST and live events, and do the background work."""
    run_server(read_settings(data_dir, database_url, host=host, port=port, workers=workers))


def run_server(settings: Settings, then: Callable[[str], None] | None = None) -> None:
    """Serves until a signal ends it; once it is ready it says so, and calls `then` with its URL on another thread."""
    import uvicorn

    from server.connections import Connection

    _check_port(settings.host, settings.port)
    _hand_down(settings)
    with _prepared(settings):
        threading.Thread(target=_when_ready, args=(settings.host, settings.port, then), daemon=True).start()
        uvicorn.run(
            "server.app:from_environment",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            access_log=False,
            log_config=None,
            server_header=False,
            # Anybody on this machine could claim an address otherwise; a proxy is named in uvicorn's own variable.
            proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
            timeout_graceful_shutdown=15,
            ws_max_size=1_048_576,
            http=Connection,
        )


@contextmanager
def _prepared(settings: Settings) -> Generator[None]:
    """Does once what each server process will do, so that what is in its way is told in one line.

    Meanwhile, and for as long as the block runs, the embedded database stays up.
    """
    from server.postgres import join

    with ExitStack() as stack:
        if settings.database_url is None:
            stack.enter_context(run(join(settings.data_dir)))
        run(_try_services(settings))
        yield


async def _try_services(settings: Settings) -> None:
    from server.postgres import open_urls
    from server.services import open_services

    async with open_urls(settings) as urls, open_services(settings, urls):
        pass


def _check_port(host: str, port: int) -> None:
    """Ends the command when somebody else listens there: whoever asks would take the other one for us."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            stop(f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port or GOALARC_PORT")


def _hand_down(settings: Settings) -> None:
    """Server processes read their settings from the environment."""
    for name, value in settings.model_dump().items():
        if value is not None:
            os.environ[f"GOALARC_{name.upper()}"] = (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )


def _when_ready(host: str, port: int, then: Callable[[str], None] | None) -> None:
    url = _wait_until_ready(host, port)
    typer.echo(f"ready {url}", err=True)
    if then is not None:
        with suppress(typer.Exit):  # it has told why; the server goes on
            then(url)


def _wait_until_ready(host: str, port: int) -> str:
    """The URL of the server, once it is ready."""
    address = "127.0.0.1" if host in ("0.0.0.0", "") else "::1" if host == "::" else host  # noqa: S104
    while not _ready(address, port):
        time.sleep(0.1)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _ready(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def work(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs at a time.")] = 2,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Do background work alone, beside servers on this or other machines."""
    settings = read_settings(data_dir, database_url)
    if settings.database_url is None and settings.workers == 1:
        settings = settings.model_copy(update={"workers": 2})  # this process and the server
    try:
        run(_work(settings, concurrency))
    except KeyboardInterrupt:
        stop("interrupted")


async def _work(settings: Settings, concurrency: int) -> None:
    from server.postgres import open_urls
    from server.services import open_services, working

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with open_urls(settings) as urls, open_services(settings, urls) as services, working(services, concurrency):
        typer.echo("working", err=True)
        await ended.wait()
