"""What a shell command line does as a whole (domain reference, section 5.1).

A line is a chain of simple commands. It only reads if every part only reads, and it is a check if the part that
decides it is one: the last that does more than read, so `cd app && npm test 2>&1 | tail -5` is a test run.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from domain.judging import git_calls
from domain.judging.programs import CommandClass, class_of, fixes, program
from domain.shell import Simple, simple_commands
from domain.timeline import Event

CHECKS = frozenset((CommandClass.TEST, CommandClass.LINT, CommandClass.TYPE_CHECK, CommandClass.BUILD))
_HARMLESS = CHECKS | {CommandClass.READ_ONLY}

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


@dataclass(frozen=True, slots=True)
class Step:
    """One simple command of a line: its class, whether it writes files besides, and its words without wrappers."""

    kind: CommandClass
    writes: bool
    words: tuple[str, ...]


def line_of(event: Event) -> str:
    """The command line of a `command` event or of a shell tool's call; "" where there is none."""
    given = event.data.get("input")
    line = given.get("command") if isinstance(given, dict) else event.data.get("command")
    if isinstance(line, list):
        return shlex.join(word for word in line if isinstance(word, str))
    return line if isinstance(line, str) else ""


def steps(line: str) -> tuple[Step, ...]:
    """The simple commands of a command line in order. Never raises, whatever the quoting."""
    return tuple(_steps(line, _MAX_UNWRAPS))


def classify(line: str) -> CommandClass:
    """The class of the whole line: that of its last part that does more than read."""
    found = steps(line)
    kinds = [step.kind for step in found if step.kind is not CommandClass.READ_ONLY]
    if kinds:
        return kinds[-1]
    return CommandClass.SIDE_EFFECT if any(step.writes for step in found) else CommandClass.READ_ONLY


def has_side_effects(line: str) -> bool:
    """Whether any part of the line may change something: a file, a repository, a machine."""
    return any(step.writes or step.kind not in _HARMLESS for step in steps(line))


def is_check(line: str) -> bool:
    """Whether the line tells if the code is well: a test, lint, type-check or build run."""
    return classify(line) in CHECKS


def restored_paths(line: str) -> tuple[str, ...]:
    """The paths that the line brings back to an older state by `git checkout` or `git restore`, as written."""
    return tuple(path for args in _git_args(line) for path in git_calls.restored_paths(args))


def undone_commits(line: str) -> tuple[str, ...]:
    """The commits that the line takes back by `git revert` or `git reset`, as written."""
    return tuple(ref for args in _git_args(line) for ref in git_calls.undone_commits(args))


def removed_paths(line: str) -> tuple[str, ...]:
    """The files that the line deletes by `rm`, `unlink` or `git rm`, as written; not what lies in whole folders."""
    plain = (step.words for step in steps(line) if step.words and program(step.words[0]) in ("rm", "unlink"))
    removed = [word for words in plain for word in words[1:] if not word.startswith("-")]
    return tuple(removed) + tuple(path for args in _git_args(line) for path in git_calls.removed_paths(args))


def _git_args(line: str) -> list[tuple[str, ...]]:
    return [step.words[1:] for step in steps(line) if step.words and program(step.words[0]) == "git"]


def _steps(line: str, depth: int) -> list[Step]:
    return [step for simple in simple_commands(line) for step in _of_simple(simple, depth)]


def _of_simple(simple: Simple, depth: int) -> list[Step]:
    words = unwrapped(simple.words)
    script = _script(words)
    if script is not None and depth > 0:
        return [*_steps(script, depth - 1), *_redirections(simple)]
    step = Step(_kind(words), bool(simple.writes) or _writes_besides(words), words)
    return [step, *_run_by_find(words, depth)]


def _kind(words: tuple[str, ...]) -> CommandClass:
    return git_calls.git_class(words[1:]) if words and program(words[0]) == "git" else class_of(words)


def _redirections(simple: Simple) -> list[Step]:
    return [Step(CommandClass.READ_ONLY, True, ())] if simple.writes else []


def _writes_besides(words: tuple[str, ...]) -> bool:
    if not words:
        return False
    if program(words[0]) == "tee":
        return any(not word.startswith(("-", "/dev/")) for word in words[1:])
    return fixes(words)


def _run_by_find(words: tuple[str, ...], depth: int) -> list[Step]:
    """The commands that `find` runs for each file it finds."""
    if not words or program(words[0]) != "find" or depth <= 0:
        return []
    starts = [at for at, word in enumerate(words) if word in _FIND_RUNS]
    return [step for at in starts for step in _of_simple(Simple(words[at + 1 :]), depth - 1)]


def _script(words: tuple[str, ...]) -> str | None:
    """The command line that a shell is given as an argument (`bash -c "..."`)."""
    if not words or program(words[0]) not in _SHELLS:
        return None
    if words[0] == "eval":
        return " ".join(words[1:])
    for at, word in enumerate(words[1:-1], start=1):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return words[at + 1]
    return None


def unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
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
