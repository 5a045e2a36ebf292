"""Calls of git as a script writes them, and which files and commits they name as taken back or deleted."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from domain.calls import calls, program
from domain.shell import Command, moved, resolved

_GLOBAL_WITH_VALUE = frozenset(("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"))
_WITH_VALUE = {
    "commit": frozenset(
        ("-m", "--message", "-F", "--file", "-C", "-c", "-t", "--author", "--date", "--fixup", "--squash")
    ),
    "push": frozenset(("-o", "--push-option", "--repo")),
    "revert": frozenset(("-m", "--mainline", "-X", "--strategy-option")),
    "checkout": frozenset(("-b", "-B", "--orphan")),
    "switch": frozenset(("-c", "-C", "--orphan")),
    "restore": frozenset(("-s", "--source", "--pathspec-from-file")),
}
"""Options of subcommands that take the next word as their value."""
_BUNDLED_MESSAGE = re.compile(r"-[a-z]+m")
"""`-am` and `-qm` hand their value to the last letter."""
NEW_BRANCH = ("-b", "-B", "-c", "-C", "--orphan", "-t", "--track")
"""Options of checkout and switch that make a branch, most with its name as their value."""
_LOSING_RESETS = ("--hard", "--keep", "--merge")
_BEFORE = re.compile(r"([0-9a-fA-F]{7,40})(?:\^|~[1-9]\d*|~)+")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands behind a subcommand: options with their values, other words, those behind `--` if there is one."""

    options: tuple[tuple[str, str | None], ...]
    words: tuple[str, ...]
    behind: tuple[str, ...] | None = None

    @staticmethod
    def of(given: Sequence[str], with_value: Set[str] = frozenset()) -> "Arguments":
        """`with_value` are the options whose value is the next word."""
        options: list[tuple[str, str | None]] = []
        words: list[str] = []
        rest = iter(given)
        for word in rest:
            if word == "--":
                return Arguments(tuple(options), tuple(words), tuple(rest))
            if not word.startswith("-"):
                words.append(word)
            elif word.startswith("--") and "=" in word:
                name, _, value = word.partition("=")
                options.append((name, value))
            else:
                name = "-m" if "-m" in with_value and _BUNDLED_MESSAGE.fullmatch(word) else word
                options.append((name, next(rest, None) if name in with_value else None))
        return Arguments(tuple(options), tuple(words))

    def value(self, *names: str) -> str | None:
        """The value of the first of these options."""
        return next((value for name, value in self.options if name in names and value), None)

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.options)

    def word(self, at: int) -> str | None:
        return self.words[at] if at < len(self.words) else None

    def first_of(self, *names: str) -> str | None:
        """The first of `names` that is given as a long option."""
        return next((name for name in names if self.has(f"--{name}")), None)


@dataclass(frozen=True, slots=True)
class GitCall:
    """One call of git. `name` is the subcommand, "" without one; `cwd` and `certain` are those of the command."""

    name: str
    arguments: Arguments
    cwd: str | None = None
    certain: bool = True

    @property
    def names_paths(self) -> bool:
        """Whether a checkout surely names files: behind `--` or behind a tree."""
        given = self.arguments
        return given.behind is not None or (len(given.words) > 1 and not given.has(*NEW_BRANCH))


def unstages(call: GitCall) -> bool:
    """Whether it is a reset of files, which moves no branch."""
    given = call.arguments
    return call.name == "reset" and (given.behind is not None or len(given.words) > 1)


def git_calls(script: str, cwd: str | None = None) -> Iterator[GitCall]:
    """The calls of git in a shell script, in order; `cwd` is where it starts."""
    found = (git_call(command) for command in calls(script, cwd))
    return (call for call in found if call is not None)


def git_call(command: Command) -> GitCall | None:
    """The call of git that a command is, None if it is none."""
    if not command.words or program(command.words[0]) != "git":
        return None
    words, cwd, at = command.words, command.cwd, 1
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "-C" and at + 1 < len(words):
            cwd = moved(words[at + 1], cwd)
        at += 2 if words[at] in _GLOBAL_WITH_VALUE else 1
    name = words[at] if at < len(words) else ""
    arguments = Arguments.of(words[at + 1 :], _WITH_VALUE.get(name, frozenset()))
    return GitCall(name, arguments, cwd, command.certain)


def restored_paths(call: GitCall) -> tuple[str, ...]:
    """The paths that `git checkout` or `git restore` brings back to an older state, seen from where it ran.

    `git checkout name` may mean a branch: only a name that looks like a file is taken for one.
    """
    given = call.arguments
    if call.name == "restore" and (not given.has("--staged", "-S") or given.has("--worktree", "-W")):
        return _located(call, (*given.words, *(given.behind or ())))
    if call.name != "checkout" or given.has(*NEW_BRANCH):
        return ()
    if given.behind is not None:
        return _located(call, given.behind)
    return _located(call, given.words[1:] if call.names_paths else tuple(filter(_looks_like_file, given.words)))


def removed_paths(call: GitCall) -> tuple[str, ...]:
    """The paths that `git rm` deletes, seen from where it ran."""
    given = call.arguments
    if call.name != "rm" or given.has("--cached"):
        return ()
    return _located(call, (*given.words, *(given.behind or ())))


def undone_commits(call: GitCall) -> tuple[str, ...]:
    """The commits that `git revert` or a hard `git reset` takes back, as far as they are named by their hash."""
    if call.name == "revert":
        return call.arguments.words
    if call.name != "reset" or not call.arguments.has(*_LOSING_RESETS):
        return ()
    return tuple(commit for ref in call.arguments.words if (commit := undone_by_reset(ref)))


def undone_by_reset(ref: str) -> str | None:
    """The commit that a reset to `ref` takes back: `abc1234^` and `abc1234~2` lose abc1234, `abc1234` keeps it."""
    before = _BEFORE.fullmatch(ref)
    return before[1] if before else None


def _located(call: GitCall, paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(resolved(path, call.cwd) for path in paths)


def _looks_like_file(path: str) -> bool:
    """No branch begins with a dot or ends with a slash."""
    return path.startswith(".") or path.endswith("/") or "." in path.rpartition("/")[2]
