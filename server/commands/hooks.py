"""`goalarc hooks`: have agents tell of their work while they do it."""

import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import orjson
import typer

from server.commands.options import DatabaseUrl, DataDir, Json, read_settings, stop
from server.settings import Settings

if TYPE_CHECKING:
    from server.agent_settings import AgentSettings
    from server.forwarding import Delivery, Spool

hooks = typer.Typer(no_args_is_help=True, help="Have agents tell of their work while they do it.")

AgentName = Literal["claude-code", "codex", "cursor"]
Agent = Annotated[AgentName, typer.Option(help="Whose hooks.")]
AnyAgent = Annotated[AgentName | None, typer.Option(help="Whose hooks.", show_default="all")]
InScope = Annotated[
    Literal["user", "project"], typer.Option(help="The person's own settings, or those of the current folder.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
MOST_KEY_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of a file of settings; None: there is none."""

    file: Path
    before: str | None
    after: str | None


@hooks.command("install")
def install(
    agent: Agent,
    scope: InScope = "user",
    url: Annotated[str | None, typer.Option(help="The server.", show_default="the one on this machine")] = None,
    key_file: Annotated[
        str | None,
        typer.Option(help="A file that holds the key, or - for standard input.", show_default="the key of goalarc run"),
    ] = None,
    yes: Yes = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write hooks into an agent's settings. Installing again brings them up to date."""
    from server.agent_settings import AGENT_SETTINGS, codex_warnings, with_hooks
    from server.forwarding import Target

    settings, kept = _opened(data_dir, database_url)
    chosen = AGENT_SETTINGS[agent]
    file = _file(chosen, scope)
    now = _read(file)
    events = chosen.known_events()
    target = Target(_url(url, settings), _key_file(key_file, settings, kept, agent))
    change = _Change(file, now, _edited(file, lambda: with_hooks(now or "{}\n", chosen, events, kept.script(agent))))
    if change.after == now and kept.current(agent) and kept.target(agent) == target and key_file != "-":
        typer.echo(f"{chosen.title}'s hooks are installed already, and up to date ({file})")
        return
    _agree(change, yes)
    key = _given_key() if key_file == "-" else None
    kept.set_up(agent, target)
    if key is not None:
        kept.keep_key(agent, key)
    original = _original(kept, chosen, file, now)
    backup = _write(change)
    if change.after is not None:
        kept.note(agent, file, original, change.after)
    typer.echo(f"{chosen.title} tells {target.url} of {len(events)} kinds of events ({file})")
    if backup is not None:
        typer.echo(f"what the file was before: {backup}")
    for warning in _advice(chosen, events) + (codex_warnings() if agent == "codex" else []):
        typer.echo(warning)


def _advice(settings: "AgentSettings", events: list[str]) -> list[str]:
    match settings.name:
        case "codex":
            return ["Codex runs hooks that you trust: look at them with /hooks in its next session"]
        case "claude-code" if missing := [event for event in settings.events if event not in events]:
            return [f"left out, for not every version of Claude Code knows them: {', '.join(missing)}"]
        case _:
            return []


@hooks.command("uninstall")
def uninstall(
    agent: Agent,
    scope: InScope = "user",
    yes: Yes = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take the hooks out of an agent's settings again; whatever else stands there stays as it is."""
    from server.agent_settings import AGENT_SETTINGS, without_hooks

    _, kept = _opened(data_dir, database_url)
    chosen = AGENT_SETTINGS[agent]
    file = _file(chosen, scope)
    now = _read(file)
    if now is None or (stripped := _edited(file, lambda: without_hooks(now, kept.script(agent)))) == now:
        typer.echo(f"{chosen.title}'s hooks are not installed ({file})")
        return
    untouched, before = kept.before(agent, file, now)
    change = _Change(file, now, before if untouched else stripped)
    _agree(change, yes)
    kept.deliver(patience_s=0)
    backup = _write(change)
    kept.forget(agent, file)
    if not kept.installed_in(agent):
        kept.remove(agent)
    typer.echo(f"{chosen.title}'s hooks are gone ({file})")
    if backup is not None:
        typer.echo(f"what the file was before: {backup}")


@hooks.command("status")
def status(
    agent: AnyAgent = None, data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: Json = False
) -> None:
    """Say which hooks are installed, whether the server can be reached, and how the last delivery went."""
    from server.agent_settings import AGENT_SETTINGS

    _, kept = _opened(data_dir, database_url)
    told = [_status(kept, one) for one in AGENT_SETTINGS.values() if agent in (None, one.name)]
    if as_json:
        typer.echo(orjson.dumps({"agents": [asdict(one) for one in told], "full": kept.waiting().full}).decode())
        return
    for one in told:
        typer.echo(_told(one))
    if kept.waiting().full:
        typer.echo("so much waits that new hooks are let go")


@dataclass(frozen=True, slots=True)
class _Status:
    """`installed`: by file whether it is `installed`, `outdated` (of another version, or changed by hand) or
    `unreadable`; `last` is None before the first delivery."""

    agent: str
    installed: dict[str, str]
    url: str | None
    reachable: bool | None
    waiting: int
    refused: int
    last_delivery: "Delivery | None"


def _status(kept: "Spool", settings: "AgentSettings") -> _Status:
    from server.forwarding import reachable

    files = dict.fromkeys([_file(settings, "user"), _file(settings, "project"), *kept.installed_in(settings.name)])
    states = {str(file): state for file in files if (state := _state(kept, settings, file)) is not None}
    target, waiting = kept.target(settings.name), kept.waiting(settings.name)
    return _Status(
        agent=settings.name,
        installed=states,
        url=None if target is None else target.url,
        reachable=None if target is None else reachable(target.url),
        waiting=waiting.hooks,
        refused=waiting.refused,
        last_delivery=kept.last(settings.name),
    )


def _state(kept: "Spool", settings: "AgentSettings", file: Path) -> str | None:
    from server.agent_settings import installed, with_hooks
    from server.json_text import NotJson

    try:
        now = file.read_bytes().decode() if file.exists() else "{}"
        if not installed(now, kept.script(settings.name)):
            return None
        wanted = with_hooks(now, settings, settings.known_events(), kept.script(settings.name))
    except (OSError, UnicodeDecodeError, NotJson):
        return "unreadable"
    return "installed" if wanted == now and kept.current(settings.name) else "outdated"


def _told(status: _Status) -> str:
    lines = [f"{status.agent}:", *(f"  {state}: {file}" for file, state in status.installed.items())]
    if not status.installed:
        lines.append("  not installed")
    if status.url is not None:
        answers = "answers" if status.reachable else "does not answer"
        lines.append(f"  {status.url} {answers}; {status.waiting} waiting, {status.refused} refused")
    if (last := status.last_delivery) is not None:
        taken = 200 <= last.status < 300
        outcome = "taken" if taken else f"{_OUTCOMES.get(last.status, str(last.status))} {last.reason}"
        lines.append(f"  last delivery {last.at.isoformat(timespec='seconds')}: {outcome}")
    return "\n".join(lines)


_OUTCOMES = {0: "no answer:", -1: "not set up:", 401: "the key was refused:"}


@hooks.command("deliver")
def deliver(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Send now what waits, instead of with the next hook."""
    _, kept = _opened(data_dir, database_url)
    before = kept.waiting()
    if before.hooks and not kept.deliver(patience_s=5):
        stop("a sender is at work already")
    after = kept.waiting()
    refused = after.refused - before.refused
    typer.echo(f"{before.hooks - after.hooks - refused} sent, {refused} refused, {after.hooks} still waiting")
    if after.hooks:
        raise typer.Exit(1)


def _opened(data_dir: Path | None, database_url: str | None) -> "tuple[Settings, Spool]":
    if os.name != "posix":
        stop("hooks are installed on Linux and macOS only; elsewhere point the agent's HTTP hooks at the server")
    from server.forwarding import Spool

    settings = read_settings(data_dir, database_url)
    return settings, Spool(settings.data_dir.absolute() / "hooks")


def _file(settings: "AgentSettings", scope: Literal["user", "project"]) -> Path:
    """The settings themselves, where what lies in their place leads elsewhere."""
    try:
        return settings.file(scope).resolve()
    except RuntimeError:
        stop("nobody says where your home is: set HOME")


def _read(file: Path) -> str | None:
    """None where there is no such file. Line ends stay what they are."""
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as problem:
        stop(f"{file}: {problem}; nothing was changed")


def _edited(file: Path, edit: Callable[[], str]) -> str:
    from server.json_text import NotJson

    try:
        return edit()
    except NotJson as problem:
        stop(f"{file}: {problem}; nothing was changed")


def _original(kept: "Spool", settings: "AgentSettings", file: Path, now: str | None) -> str | None:
    """What the settings were without us: as they were found the first time, if nobody touched them since."""
    from server.agent_settings import without_hooks

    if now is None:
        return None
    untouched, before = kept.before(settings.name, file, now)
    return before if untouched else without_hooks(now, kept.script(settings.name))


def _agree(change: _Change, yes: bool) -> None:
    """Shows what will change and asks. Ends the command where the file may not be written, or nobody agrees."""
    _check_writable(change.file)
    before, after = ((text or "").splitlines() for text in (change.before, change.after))
    shown = "\n".join(unified_diff(before, after, str(change.file), str(change.file), lineterm=""))
    typer.echo(shown or f"{change.file} stays as it is; the scripts behind it are written anew", err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        stop("nobody here to ask: say --yes; nothing was changed")
    if not typer.confirm("Change it?", err=True):
        stop("nothing was changed")


def _check_writable(file: Path) -> None:
    """A file that its owner made read-only is not written, though its folder would let us replace it."""
    there = file
    while not there.exists():
        there = there.parent
    if not os.access(there, os.W_OK) or (there == file and not file.stat().st_mode & 0o200):
        stop(f"{there} is read-only; nothing was changed")


def _write(change: _Change) -> Path | None:
    """Writes the settings, all or nothing, and returns where a copy of what they were lies."""
    file, backup = change.file, None
    if change.before is not None and change.after != change.before:
        backup = file.with_name(f"{file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.bak")
        _write_file(backup, change.before, file.stat().st_mode & 0o777)
    if change.after is None:
        file.unlink()
    elif change.after != change.before:
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = file.stat().st_mode & 0o777 if change.before is not None else 0o600
        written = file.with_name(f".{file.name}.{os.getpid()}")
        _write_file(written, change.after, mode)
        written.rename(file)
    return backup


def _write_file(file: Path, text: str, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(text.encode())
        stream.flush()
        os.fsync(stream.fileno())
    file.chmod(mode)


def _url(given: str | None, settings: Settings) -> str:
    if given is None:
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "", "::") else settings.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    scheme, _, rest = given.partition("://")
    if scheme not in ("http", "https") or not rest.strip("/") or "@" in rest:
        stop(f"{given} is not of the form http://host:port")
    return given.rstrip("/")


def _key_file(given: str | None, settings: Settings, kept: "Spool", agent: str) -> Path:
    """The file of the key, which nobody else may read."""
    if given == "-":
        return kept.key_file(agent)
    file = (settings.data_dir / "developer-key" if given is None else Path(given).expanduser()).absolute()
    if given is None and kept.key_file(agent).exists():
        return kept.key_file(agent)
    try:
        if file.stat().st_mode & 0o077:
            stop(f"others may read {file}: chmod 600 it")
        if not file.read_text().strip():
            stop(f"{file} is empty")
    except (OSError, UnicodeDecodeError):
        hint = "; goalarc run makes one, or say --key-file" if given is None else ""
        stop(f"no key in {file}{hint}")
    return file


def _given_key() -> str:
    key = sys.stdin.read(MOST_KEY_BYTES).strip()
    if not key or len(key.split()) != 1:
        stop("no key on standard input; nothing was changed")
    return key
