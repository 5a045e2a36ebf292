"""The programs that a shell script calls in the end: behind `sudo`, `npx` or `uv run`, within `bash -c "…"`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.shell import Command, simple_commands

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_WRAPPERS: dict[str, tuple[str, ...]] = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U"),
    "doas": ("-u",),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "time": (),
    "nohup": (),
    "setsid": (),
    "command": (),
    "builtin": (),
    "exec": ("-a",),
    "nice": ("-n",),
    "ionice": ("-c", "-n"),
    "stdbuf": ("-i", "-o", "-e"),
    "timeout": ("-s", "-k", "--signal", "--kill-after"),
    "gtimeout": ("-s", "-k"),
    "xargs": ("-n", "-I", "-P", "-d", "-L", "-a", "-s", "-E"),
    "npx": ("-p", "--package"),
    "bunx": (),
    "uvx": ("--with", "--from", "-p", "--python"),
    "cross-env": (),
    "dotenv": ("-e", "-f"),
    "xvfb-run": ("-s",),
    "rtk": (),
}
"""Programs that run the rest of their line as a command, with those of their flags that take a value."""

_RUNNERS = {
    "uv": ("run",),
    "poetry": ("run",),
    "pipenv": ("run",),
    "pdm": ("run",),
    "rye": ("run",),
    "pipx": ("run",),
    "bundle": ("exec",),
    "pnpm": ("exec", "dlx"),
    "yarn": ("exec", "dlx"),
    "npm": ("exec", "x"),
    "bun": ("x",),
    "mise": ("exec", "x"),
    "conda": ("run",),
}
"""Programs that do so after one of these words."""

_RUNNER_VALUES = ("--with", "--python", "-p", "--extra", "--group", "--project", "--directory", "--package", "-n")
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh", "fish", "eval"))
_INTERPRETER = re.compile(r"(python[\d.]*|py|node|php|ruby|perl)$")
_FIND_RUNS = frozenset(("-exec", "-execdir", "-ok", "-okdir"))
_MAX_UNWRAPS = 8


def calls(script: str, cwd: str | None = None) -> tuple[Command, ...]:
    """The program calls of a shell script in order, whatever wraps them; `cwd` is where the script starts.

    The script of a `bash -c` stands in its place. What `find` runs for each file stands behind it.
    """
    return tuple(call for command in simple_commands(script, cwd) for call in _in_the_end(command, _MAX_UNWRAPS))


def program(word: str) -> str:
    """The plain name of a program: `./gradlew`, `.venv/bin/pytest` and `TSC.cmd` are gradlew, pytest and tsc."""
    name = word.replace("\\", "/").rpartition("/")[2].lower()
    stem, _, suffix = name.rpartition(".")
    return stem if stem and suffix in ("exe", "cmd", "bat", "phar") else name


def _in_the_end(command: Command, depth: int) -> Iterator[Command]:
    words = _unwrapped(command.words)
    script = _script(words)
    if script is None or depth <= 0:
        yield replace(command, words=words)
        for run in _run_by_find(words) if depth > 0 else ():
            yield from _in_the_end(replace(command, words=run, writes=()), depth - 1)
        return
    for inner in simple_commands(script, command.cwd):
        yield from _in_the_end(replace(inner, certain=inner.certain and command.certain), depth - 1)
    if command.writes:
        yield replace(command, words=())


def _run_by_find(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The commands that `find` runs for each file it finds, up to the `;` or `+` that ends each."""
    if not words or program(words[0]) != "find":
        return
    start: int | None = None
    for at, word in enumerate(words):
        if start is None:
            start = at + 1 if word in _FIND_RUNS else None
        elif word in (";", "+"):
            yield words[start:at]
            start = None
    if start is not None:
        yield words[start:]


def _script(words: tuple[str, ...]) -> str | None:
    """The script that a shell is given as an argument (`bash -c "..."`)."""
    if not words or program(words[0]) not in _SHELLS:
        return None
    if words[0] == "eval":
        return " ".join(words[1:])
    for at, word in enumerate(words[1:-1], start=1):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return words[at + 1]
    return None


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """The command that is run in the end: without settings, `sudo`, `timeout 5`, `npx`, `uv run`, `python -m`."""
    for _ in range(_MAX_UNWRAPS):
        inner = _inner(words)
        if inner == words:
            break
        words = inner
    return words


def _inner(words: tuple[str, ...]) -> tuple[str, ...]:
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    if not words:
        return words
    name = program(words[0])
    if name in _WRAPPERS:
        rest = _after_flags(words[1:], _WRAPPERS[name])
        return (rest[1:] if name in ("timeout", "gtimeout") else rest) or (words if name == "env" else ())
    if name in _RUNNERS and len(words) > 1 and words[1] in _RUNNERS[name]:
        return _after_flags(words[2:], _RUNNER_VALUES)
    return _interpreted(words) if _INTERPRETER.match(name) else words


def _interpreted(words: tuple[str, ...]) -> tuple[str, ...]:
    """The program that an interpreter runs, where it is one that is known by name: a module, a tool's own script."""
    rest = words[1:]
    if "-m" in rest[:3]:
        return rest[rest.index("-m") + 1 :]
    if rest and program(rest[0]) in ("manage.py", "setup.py", "artisan"):
        return rest
    if rest and any(part in rest[0] for part in ("/bin/", "node_modules/")):
        return (program(rest[0]).removesuffix(".js"), *rest[1:])
    return words


def _after_flags(words: Sequence[str], value_flags: tuple[str, ...]) -> tuple[str, ...]:
    at = 0
    while at < len(words) and (words[at].startswith("-") or _ASSIGNMENT.match(words[at])):
        if words[at] == "--":
            return tuple(words[at + 1 :])
        at += 2 if words[at] in value_flags else 1
    return tuple(words[at:])
