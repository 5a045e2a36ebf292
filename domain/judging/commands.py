"""What a shell command line does as a whole (domain reference, section 5.1).

A line is a chain of simple commands. It only reads if every part only reads, and it is a check if the part that
decides it is one: the last that does more than read, so `cd app && npm test 2>&1 | tail -5` is a test run.
"""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from domain import git_calls as git
from domain.calls import calls, program
from domain.judging.git_calls import git_class
from domain.judging.programs import CommandClass, class_of, fixes
from domain.shell import Command, resolved
from domain.timeline import Event

CHECKS = frozenset((CommandClass.TEST, CommandClass.LINT, CommandClass.TYPE_CHECK, CommandClass.BUILD))
_HARMLESS = CHECKS | {CommandClass.READ_ONLY}


@dataclass(frozen=True, slots=True)
class Step:
    """One simple command of a line: its class, whether it writes files besides, and its words without wrappers."""

    kind: CommandClass
    writes: bool
    words: tuple[str, ...]


def line_of(event: Event) -> str:
    """The command line of a `command` event or of a shell tool's call; "" where there is none."""
    given = event.data.get("input")
    line = given.get("command", given.get("cmd")) if isinstance(given, dict) else event.data.get("command")
    if isinstance(line, list):
        return shlex.join(word for word in line if isinstance(word, str))
    return line if isinstance(line, str) else ""


def refused_calls(events: Iterable[Event]) -> frozenset[str]:
    """The calls that never ran, because the person or a rule said no."""
    refused = (event for event in events if event.data.get("errorClass") in ("rejected", "permission"))
    return frozenset(event.call_id or str(event.id) for event in refused)


def steps(line: str) -> tuple[Step, ...]:
    """The simple commands of a command line in order. Never raises, whatever the quoting."""
    return tuple(map(_step, calls(line)))


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


def restored_paths(line: str, cwd: str | None = None) -> tuple[str, ...]:
    """The paths that the line brings back to an older state by `git checkout` or `git restore`.

    As with all paths here: seen from `cwd`, where the line starts; as written where it is not known.
    """
    return tuple(path for call in git.git_calls(line, cwd) for path in git.restored_paths(call))


def undone_commits(line: str) -> tuple[str, ...]:
    """The commits that the line takes back by `git revert` or `git reset`, as written."""
    return tuple(ref for call in git.git_calls(line) for ref in git.undone_commits(call))


def removed_paths(line: str, cwd: str | None = None) -> tuple[str, ...]:
    """The files that the line deletes by `rm`, `unlink` or `git rm`; not what lies in whole folders."""
    plain = (call for call in calls(line, cwd) if call.words and program(call.words[0]) in ("rm", "unlink"))
    removed = [resolved(word, call.cwd) for call in plain for word in call.words[1:] if not word.startswith("-")]
    return (*removed, *(path for call in git.git_calls(line, cwd) for path in git.removed_paths(call)))


def _step(call: Command) -> Step:
    of_git = git.git_call(call)
    kind = git_class(of_git) if of_git else class_of(call.words)
    return Step(kind, bool(call.writes) or _writes_besides(call.words), call.words)


def _writes_besides(words: tuple[str, ...]) -> bool:
    if not words:
        return False
    if program(words[0]) == "tee":
        return any(not word.startswith(("-", "/dev/")) for word in words[1:])
    return fixes(words)
