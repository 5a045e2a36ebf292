"""Where agents keep their settings, and how a hook stands in them."""

import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from domain.values import JsonObject, JsonValue
from server.json_text import Node, appended, parse, with_member, without

Scope = Literal["user", "project"]
Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """How one agent is told of hooks. `since` says which version brought an event, for agents that give up their
    settings over an event they do not know."""

    name: str
    title: str
    user_file: Callable[[], Path]
    project_file: Path
    events: Sequence[str]
    entry: Callable[[str], JsonObject]
    program: str | None = None
    since: Mapping[str, Version] = field(default_factory=dict[str, Version])
    beside: tuple[tuple[str, JsonValue], ...] = ()
    """What else the file must say."""

    def file(self, scope: Scope) -> Path:
        """Raises RuntimeError where nobody knows the person's home."""
        return self.user_file() if scope == "user" else Path.cwd() / self.project_file

    def known_events(self) -> list[str]:
        """The events that the installed version knows; of one that cannot be asked, those that all know."""
        version = _version(self.program) if self.program and self.since else ()
        return [event for event in self.events if self.since.get(event, ()) <= version]


def command(script: Path) -> str:
    """What an agent runs for each hook. A script that is gone is no error."""
    quoted = shlex.quote(str(script))
    return f"test ! -x {quoted} || {quoted}"


def installed(text: str, script: Path) -> dict[str, list[JsonValue]]:
    """The entries of ours in settings, by event."""
    found: dict[str, list[JsonValue]] = {}
    for event, entry, _, _ in _entries(parse(text), script):
        found.setdefault(event, []).append(entry.value)
    return found


def with_hooks(text: str, settings: AgentSettings, events: Sequence[str], script: Path) -> str:
    """Settings with one entry of ours for each event, and no other of ours."""
    wanted: dict[str, list[JsonValue]] = {event: [settings.entry(command(script))] for event in events}
    if installed(text, script) == wanted:
        return text
    text = without_hooks(text, script)
    for key, value in settings.beside:
        text = with_member(text, key, value)
    for event in events:
        text = appended(text, ("hooks", event), settings.entry(command(script)))
    return text


def without_hooks(text: str, script: Path) -> str:
    """Settings without any entry of ours, and without the lists and objects that held nothing else."""
    while (found := next(_entries(parse(text), script), None)) is not None:
        _, _, holders, place = found
        while len(holders) > 1 and len(holders[-1].inner) == 1:
            holders, place = holders[:-1], holders[-2].inner.index(holders[-1])
        text = without(text, holders[-1], place)
    return text


_Found = tuple[str, Node, list[Node], int]


def _entries(root: Node, script: Path) -> Iterator[_Found]:
    """Entries of ours: the event, the entry of the list, what holds our part of it from outside in, and its place in
    the last of those. Whoever added a hook of theirs to an entry of ours keeps it."""
    hooks = root.at("hooks")
    for event, entries in zip(hooks.keys or (), hooks.inner, strict=False) if hooks else ():
        for place, entry in enumerate(entries.inner if isinstance(entries.value, list) else ()):
            holders = [root, hooks, entries] if hooks else []
            if _is_ours(entry, script):
                yield event, entry, holders, place
            elif (handlers := entry.at("hooks")) is not None:
                for inner, handler in enumerate(handlers.inner):
                    if _is_ours(handler, script):
                        whole = len(handlers.inner) == 1
                        yield event, entry, holders if whole else [*holders, entry, handlers], place if whole else inner


def _is_ours(handler: Node, script: Path) -> bool:
    told = handler.at("command") if handler.keys is not None else None
    return told is not None and isinstance(told.value, str) and shlex.quote(str(script)) in told.value


def _version(program: str) -> Version:
    """() where the program is not there, or does not say."""
    try:
        asked = [program, "--version"]
        said = subprocess.run(asked, capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL).stdout  # noqa: S603 - the agent itself
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(rb"(\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()


def _folder(variable: str, usual: str) -> Path:
    return Path(os.environ[variable]) if os.environ.get(variable) else Path.home() / usual


def _group(timeout_s: int) -> Callable[[str], JsonObject]:
    return lambda command: {"hooks": [{"type": "command", "command": command, "timeout": timeout_s}]}


def codex_warnings() -> list[str]:
    """What in the person's own configuration keeps Codex from running hooks, or makes it complain."""
    try:
        told = tomllib.loads((_folder("CODEX_HOME", ".codex") / "config.toml").read_text("utf-8"))
    except (OSError, ValueError, RuntimeError):
        return []  # Codex itself will complain
    features: dict[str, object] = told.get("features") or {}
    off = features.get("hooks", features.get("codex_hooks")) is False
    warnings = ["hooks are switched off in config.toml ([features] hooks = false)"] if off else []
    if set(told.get("hooks") or ()) - {"state"}:
        warnings.append("config.toml holds hooks as well: Codex runs both and says so")
    return warnings


AGENT_SETTINGS = {
    one.name: one
    for one in (
        AgentSettings(
            "claude-code",
            "Claude Code",
            lambda: _folder("CLAUDE_CONFIG_DIR", ".claude") / "settings.json",
            Path(".claude/settings.local.json"),
            ("SessionStart", "UserPromptSubmit", "UserPromptExpansion", "PreToolUse", "PermissionDenied", "PostToolUse",
             "PostToolUseFailure", "PostToolBatch", "SubagentStop", "Stop", "StopFailure", "PreCompact", "CwdChanged",
             "SessionEnd"),
            _group(5),
            program="claude",
            since={
                "PostToolUseFailure": (2, 1, 33), "StopFailure": (2, 1, 78), "CwdChanged": (2, 1, 83),
                "PermissionDenied": (2, 1, 89), "UserPromptExpansion": (2, 1, 152), "PostToolBatch": (2, 1, 152),
            },
        ),
        AgentSettings(
            "codex",
            "Codex",
            lambda: _folder("CODEX_HOME", ".codex") / "hooks.json",
            Path(".codex/hooks.json"),
            ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PreCompact", "SubagentStop", "Stop",
             "StopFailure", "Interrupt", "SessionEnd"),
            _group(3),
        ),
        AgentSettings(
            "cursor",
            "Cursor",
            lambda: Path.home() / ".cursor" / "hooks.json",
            Path(".cursor/hooks.json"),
            ("sessionStart", "sessionEnd", "beforeSubmitPrompt", "preToolUse", "postToolUse", "postToolUseFailure",
             "afterShellExecution", "afterMCPExecution", "afterFileEdit", "afterAgentResponse", "subagentStop",
             "preCompact", "stop"),
            lambda command: {"command": command, "timeout": 5},
            beside=(("version", 1),),
        ),
    )
}  # fmt: skip
