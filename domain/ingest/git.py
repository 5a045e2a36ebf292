"""What a shell script did with git, judged by the script and by what it printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.ingest.shell import Command, commands, resolved

ACTIONS_PER_SCRIPT = 16
MESSAGE_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class GitAction:
    """`action` is git's own word: commit, push, revert, reset, checkout, restore; or pull_request.

    `ref` is the branch, commit or tree that was named, `commit` the hash that came out. `paths` are the files that
    checkout or restore brought back, seen from the root where the working directory is known. `mode` tells hard, soft
    or mixed for a reset, amend or fixup for a commit, force for a push.
    """

    action: str
    ref: str | None = None
    commit: str | None = None
    message: str | None = None
    paths: tuple[str, ...] = ()
    mode: str | None = None
    url: str | None = None


_COMMITTED = re.compile(r"^\[([^\]\n]{1,250}?)(?: \(root-commit\))? ([0-9a-f]{7,40})\] (.*)$", re.MULTILINE)
_PUSHED = re.compile(r"^[ *+-]*(?:[0-9a-f]{4,40}\.{2,3}[0-9a-f]{4,40}|\[new \w+\]) +(\S+) +-> +(\S+)", re.MULTILINE)
_FAILED = re.compile(
    r"^(?:fatal|error|FAILED|ERROR)\b|^ ! \[|^nothing (?:added )?to commit|^no changes added to commit"
    r"|^Everything up-to-date|^Aborting commit",
    re.MULTILINE,
)
_RESTORED = re.compile(r"^Updated \d+ paths? from ", re.MULTILINE)
_PULL_REQUEST = re.compile(r"https?://[^\s\"'<>]{1,200}/(?:pull|pull-requests|merge_requests)/\d+")
_GLOBAL_WITH_VALUE = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace"})
_VALUED = {
    "commit": frozenset(
        {"-m", "--message", "-F", "--file", "-C", "-c", "-t", "--author", "--date", "--fixup", "--squash"}
    ),
    "push": frozenset({"-o", "--push-option", "--repo"}),
    "revert": frozenset({"-m", "--mainline"}),
    "checkout": frozenset({"-b", "-B", "--orphan"}),
    "switch": frozenset({"-c", "-C", "--orphan"}),
    "restore": frozenset({"-s", "--source"}),
    "pr": frozenset(
        {"-t", "--title", "-b", "--body", "-F", "-R", "--repo", "-H", "--head", "-B", "--base", "-l", "-r"}
    ),
}
"""Options that take the next word as their value."""
_BUNDLED_MESSAGE = re.compile(r"-[a-z]+m")
"""`-am` and `-qm` hand their value to the last letter."""
_MENTION = re.compile(r"\bgit\b|\bgh\b")


def git_actions(script: str, output: str, *, succeeded: bool, cwd: str | None = None) -> list[GitAction]:
    """What `script` really did, in order. `succeeded`: it ended with exit code 0; `output` is all it printed.

    What git printed is proof, even if something after it failed: the hash of a commit, what a push moved, that paths
    were updated. A pull request counts only when its address was printed, everything else also in a script that
    succeeded, unless it stands beside `||` or the output speaks of a failure.
    """
    if not _MENTION.search(script):
        return []
    hashes = _COMMITTED.finditer(output)
    sound = succeeded and not _FAILED.search(output)
    actions: list[GitAction] = []
    for command in commands(script, cwd):
        for action in _actions(command, output):
            proven = _proven(action, hashes, output)
            if proven or (sound and command.certain and action.action != "pull_request"):
                actions.append(proven or action)
    return actions[:ACTIONS_PER_SCRIPT]


def _proven(action: GitAction, hashes: Iterator[re.Match[str]], output: str) -> GitAction | None:
    """The action with what the output tells of it; None if the output does not show that it happened."""
    if action.action in ("commit", "revert"):
        found = next(hashes, None)
        return found and replace(
            action, commit=found[2], message=action.message or found[3], ref=action.ref or found[1]
        )
    if action.action == "push":
        pushed = _PUSHED.search(output)
        return pushed and replace(action, ref=pushed[2])
    if action.action == "pull_request":
        url = _PULL_REQUEST.search(output)
        return url and replace(action, url=url[0])
    return action if action.action == "checkout" and action.paths and _RESTORED.search(output) else None


def _actions(command: Command, output: str) -> Iterator[GitAction]:
    program, *rest = command.words
    if program.rsplit("/", 1)[-1] in ("git", "git.exe"):
        cwd, words = _after_globals(rest, command.cwd)
        if words and not {"--dry-run", "--abort", "--continue", "--skip", "--quit", "--help"} & set(words):
            action = _git(words[0], _Arguments.of(words[0], words[1:]), output, cwd)
            if action:
                yield action
    elif program == "gh" and rest[:2] == ["pr", "create"]:
        yield GitAction("pull_request", message=_Arguments.of("pr", rest[2:]).value("-t", "--title"))


def _after_globals(words: list[str], cwd: str | None) -> tuple[str | None, list[str]]:
    """The working directory after `-C`, and the words from the subcommand on."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "-C" and at + 1 < len(words):
            cwd = resolved(words[at + 1], cwd)
        at += 2 if words[at] in _GLOBAL_WITH_VALUE else 1
    return cwd, words[at:]


@dataclass(frozen=True, slots=True)
class _Arguments:
    """Words of a subcommand: options with their values, what is no option, and what stands behind `--`."""

    options: tuple[tuple[str, str | None], ...]
    positional: tuple[str, ...]
    behind: tuple[str, ...]
    divided: bool

    @staticmethod
    def of(subcommand: str, words: list[str]) -> "_Arguments":
        valued = _VALUED.get(subcommand, frozenset[str]())
        options: list[tuple[str, str | None]] = []
        positional: list[str] = []
        rest = iter(words)
        for word in rest:
            if word == "--":
                return _Arguments(tuple(options), tuple(positional), tuple(rest), divided=True)
            if not word.startswith("-"):
                positional.append(word)
            elif "=" in word and word.startswith("--"):
                name, _, value = word.partition("=")
                options.append((name, value))
            else:
                name = "-m" if subcommand == "commit" and _BUNDLED_MESSAGE.fullmatch(word) else word
                options.append((name, next(rest, None) if name in valued else None))
        return _Arguments(tuple(options), tuple(positional), (), divided=False)

    def value(self, *names: str) -> str | None:
        return next((value for name, value in self.options if name in names and value), None)

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.options)


def _git(subcommand: str, arguments: _Arguments, output: str, cwd: str | None) -> GitAction | None:
    match subcommand:
        case "commit":
            message = arguments.value("-m", "--message")
            mode = next((m for m in ("amend", "fixup", "squash") if arguments.has(f"--{m}")), None)
            return GitAction("commit", message=message and message[:MESSAGE_CHARS], mode=mode)
        case "push":
            force = arguments.has("-f", "--force", "--force-with-lease")
            return GitAction("push", ref=_second(arguments.positional), mode="force" if force else None)
        case "revert":
            return GitAction("revert", ref=_first(arguments.positional))
        case "reset":
            mode = next((m for m in ("hard", "soft", "mixed", "keep", "merge") if arguments.has(f"--{m}")), None)
            return GitAction("reset", ref=_first(arguments.positional), mode=mode)
        case "checkout" | "switch":
            return _checkout(arguments, output, cwd)
        case "restore" if not arguments.has("--staged", "-S") or arguments.has("--worktree", "-W"):
            paths = (*arguments.positional, *arguments.behind)
            return GitAction("restore", ref=arguments.value("-s", "--source"), paths=_rooted(paths, cwd))
        case _:
            return None


def _checkout(arguments: _Arguments, output: str, cwd: str | None) -> GitAction:
    """Of a branch, or of files: told apart by `--`, by a second word, or by what git printed."""
    created = arguments.value("-b", "-B", "-c", "-C")
    if created:
        return GitAction("checkout", ref=created)
    words = arguments.positional
    if arguments.divided:
        return GitAction("checkout", ref=_first(words), paths=_rooted(arguments.behind, cwd))
    if len(words) > 1 and not arguments.has("--track", "-t"):
        return GitAction("checkout", ref=words[0], paths=_rooted(words[1:], cwd))
    if words and _RESTORED.search(output) and ("." in words[0] or words[0].endswith("/")):
        return GitAction("checkout", paths=_rooted(words, cwd))
    return GitAction("checkout", ref=_first(words))


def _rooted(paths: tuple[str, ...], cwd: str | None) -> tuple[str, ...]:
    return tuple(resolved(path, cwd) for path in paths)


def _first(words: tuple[str, ...]) -> str | None:
    return words[0] if words else None


def _second(words: tuple[str, ...]) -> str | None:
    return words[1] if len(words) > 1 else None
