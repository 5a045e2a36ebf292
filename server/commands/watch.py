"""`goalarc watch`: follow the transcripts of this machine and send what is new to a server."""

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from server.commands import problems
from server.commands.options import DataDir, Json, read_settings, stop
from server.settings import Settings

if TYPE_CHECKING:
    from domain.ingest.summary import ImportProblem, ImportSummary
    from persistence.parcel_post import Address, ParcelPost, Receipt
    from resolvers.watching import Watcher

_LEAST_PAUSE_S = 0.5
_SHARE = 20
"""A pause is so many times as long as the look around before it, which takes a twentieth of a core at most."""
_MOST_TRIES_ONCE = 6
_TOLD_EVERY_S = 10.0
_MOST_TOLD = 20


def watch(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders.", show_default="those of all known agents")
    ] = None,
    url: Annotated[str, typer.Option(envvar="GOALARC_URL", help="The server.")] = "http://127.0.0.1:8000",
    key_file: Annotated[
        Path | None,
        typer.Option(help="Where the developer's key stands.", show_default="GOALARC_KEY, or that of goalarc run"),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Send what is there, and end.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Follow transcripts of coding agents and send what is new, redacted, to a server that may be elsewhere."""
    settings = read_settings(data_dir, None)
    named = [path.expanduser().absolute() for path in paths or ()]
    roots = named or [path.absolute() for path in known_folders(Path.home(), os.environ)]
    address = _address(url)
    summary = _watch(settings, roots, address, _key(settings, key_file, address), once)
    if once:
        summary.errors += [problem for path in named for problem in _absent(path)]
    typer.echo(orjson.dumps(_summary(summary)).decode() if as_json else _told(summary))
    if not summary.complete:
        raise typer.Exit(3)


def _absent(path: Path) -> "Iterator[ImportProblem]":
    from domain.ingest.summary import ImportProblem
    from persistence.transcripts import why

    try:
        path.stat()
    except OSError as error:
        yield ImportProblem(str(path), 0, why(error))


def known_folders(home: Path, environment: Mapping[str, str]) -> list[Path]:
    """Where agents keep their transcripts; one that is not there yet may come."""
    claude = Path(environment.get("CLAUDE_CONFIG_DIR") or home / ".claude")
    codex = Path(environment.get("CODEX_HOME") or home / ".codex")
    return [
        claude / "projects",
        codex / "sessions",
        codex / "archived_sessions",
        home / ".gemini" / "tmp",
        home / ".copilot" / "session-state",
        home / ".cursor" / "projects",
    ]


def _key(settings: Settings, file: Path | None, address: "Address") -> str:
    """Never from the command line, which everybody can see; that of `goalarc run` is for this machine only."""
    given, local = os.environ.get("GOALARC_KEY", ""), settings.data_dir / "developer-key"
    if file is None and not given and address.here and local.exists():
        file = local
    try:
        key = (given if file is None else file.read_text()).strip()
    except (OSError, UnicodeDecodeError) as error:
        stop(f"cannot read the key: {error}")
    if not key:
        stop("no key: name its file with --key-file, or set GOALARC_KEY")
    if not (key.isascii() and key.isprintable() and " " not in key):
        stop("that is no key: it should be one line of plain characters")
    return key


def _watch(settings: Settings, roots: list[Path], address: "Address", key: str, once: bool) -> "ImportSummary":
    from persistence.parcel_post import ParcelPost, SenderRefused
    from persistence.places import Busy, open_places
    from resolvers.watching import Watcher

    post = ParcelPost(address, key)
    known = hashlib.sha256(repr(address).encode()).hexdigest()[:16]
    try:
        with open_places(settings.data_dir / "watch" / f"{known}.json") as places:
            watcher = Watcher(roots, places, _patient(post, _MOST_TRIES_ONCE if once else None), _teller())
            if once:
                watcher.send_all(_progress())
            else:
                _follow(watcher, roots)
            return watcher.summary
    except (Busy, SenderRefused) as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.filename or settings.data_dir}: {error.strerror or error}")
    finally:
        post.close()


def _address(url: str) -> "Address":
    from persistence.parcel_post import address_of

    try:
        address = address_of(url)
    except ValueError as error:
        stop(str(error))
    if address.in_the_open:
        _tell("without https others on the way can read the key and the transcripts")
    return address


def _patient(post: "ParcelPost", most_tries: int | None) -> "Callable[[bytes], Receipt]":
    """Sends until the server has it; while it is away nothing else is read, and what comes meanwhile waits on disk."""
    from domain.waiting import wait_s
    from persistence.parcel_post import Away

    def send(parcel: bytes) -> "Receipt":
        failures = 0
        while True:
            try:
                receipt = post.send(parcel)
            except Away as away:
                failures += 1
                if failures == most_tries:
                    stop(f"the server is away: {away}")
                if failures == 1:
                    _tell(f"the server is away, trying again: {away}")
                time.sleep(wait_s(failures, random.random(), away.retry_after_s))  # noqa: S311 - nobody gains by guessing
                continue
            if failures:
                _tell("the server is back")
            return receipt

    return send


def _follow(watcher: "Watcher", roots: list[Path]) -> None:
    """Until a signal ends it; whatever was not acknowledged then is sent the next time."""
    _tell(f"watching {', '.join(map(str, roots))}")
    progress, behind = _progress(), True
    try:
        while True:
            watcher.turn()
            if watcher.backlog:
                progress(watcher.backlog)
                continue
            if behind:
                _tell(f"up to date: {_told(watcher.summary)}")
                behind = False
            time.sleep(max(_LEAST_PAUSE_S, _SHARE * watcher.look_s))
    except KeyboardInterrupt:
        return


def _progress() -> Callable[[int], None]:
    told_at = time.monotonic()

    def progress(left: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TOLD_EVERY_S:
            told_at = time.monotonic()
            _tell(f"{left} files to go")

    return progress


def _tell(text: str) -> None:
    typer.echo(f"goalarc: {text}", err=True)


def _teller() -> "Callable[[ImportProblem], None]":
    """Tells the first problems of each file."""
    told: Counter[str] = Counter()

    def tell(problem: "ImportProblem") -> None:
        told[problem.file] += 1
        if told[problem.file] <= _MOST_TOLD:
            typer.echo("\n".join(problems.lines([problem])), err=True)
        if told[problem.file] == _MOST_TOLD:
            typer.echo("  what else is wrong with this file is not told", err=True)

    return tell


def _summary(summary: "ImportSummary") -> dict[str, object]:
    return {
        "files": summary.files,
        "sessions": len(summary.sessions),
        "events": summary.events,
        "skipped": summary.skipped,
        "ignored": summary.ignored,
        "errors": problems.rows(summary.errors),
    }


def _told(summary: "ImportSummary") -> str:
    first = (
        f"{summary.files} files, {len(summary.sessions)} sessions: {summary.events} new events"
        f" ({summary.skipped} known already)"
    )
    return "\n".join([first, *problems.lines(summary.errors)])
