"""What a shell script did with git, judged by the script and by what it printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.calls import calls
from domain.git_calls import NEW_BRANCH, Arguments, GitCall, git_call, restored_paths, unstages
from domain.shell import Command

ACTIONS_PER_SCRIPT = 16
MESSAGE_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class GitAction:
    """`action` is git's own word: commit, push, revert, reset, checkout, restore; or pull_request.

    `ref` is the branch, commit or tree that was named, `commit` the hash that came out. `paths` are the files that
    checkout or restore brought back, seen from the root where the working directory is known. `mode` tells hard, soft
    or mixed (git's default) for a reset, amend or fixup for a commit, force for a push.
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
_PULL_REQUEST_VALUES = frozenset(
    ("-t", "--title", "-b", "--body", "-F", "-R", "--repo", "-H", "--head", "-B", "--base", "-l", "-r")
)
_NO_ACTION = ("--dry-run", "--abort", "--continue", "--skip", "--quit", "--help")
_MENTION = re.compile(r"\bgit\b|\bgh\b")


def git_actions(script: str, output: str, *, succeeded: bool, cwd: str | None = None) -> list[GitAction]:
    """What `script` really did, in order. `succeeded`: it ended with exit code 0; `output` is all it printed.

    What git printed is proof, even if something after it failed: the hash of a commit, what a push moved, that paths
    were updated. A pull request counts only when its address was printed, everything else also in a script that
    succeeded, unless it stands beside `||` or within an `if`, or the output speaks of a failure.
    """
    if not _MENTION.search(script):
        return []
    hashes = _COMMITTED.finditer(output)
    sound = succeeded and not _FAILED.search(output)
    actions: list[GitAction] = []
    for command in calls(script, cwd):
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
    call = git_call(command)
    if call and not call.arguments.has(*_NO_ACTION):
        yield from _of_git(call, output)
    elif command.words[:3] == ("gh", "pr", "create"):
        title = Arguments.of(command.words[3:], _PULL_REQUEST_VALUES).value("-t", "--title")
        yield GitAction("pull_request", message=title)


def _of_git(call: GitCall, output: str) -> Iterator[GitAction]:
    given = call.arguments
    match call.name:
        case "commit":
            message = given.value("-m", "--message")
            mode = given.first_of("amend", "fixup", "squash")
            yield GitAction("commit", message=message and message[:MESSAGE_CHARS], mode=mode)
        case "push":
            force = given.has("-f", "--force", "--force-with-lease")
            yield GitAction("push", ref=given.word(1), mode="force" if force else None)
        case "revert":
            yield from (GitAction("revert", ref=ref) for ref in given.words or (None,))
        case "reset" if not unstages(call):
            mode = given.first_of("hard", "soft", "mixed", "keep", "merge") or "mixed"
            yield GitAction("reset", ref=given.word(0), mode=mode)
        case "checkout" | "switch":
            yield _checkout(call, output)
        case "restore" if paths := restored_paths(call):
            yield GitAction("restore", ref=given.value("-s", "--source"), paths=paths)
        case _:
            pass


def _checkout(call: GitCall, output: str) -> GitAction:
    """Of a branch, or of files: told apart by `--`, by a second word, or by what git printed."""
    created = call.arguments.value(*NEW_BRANCH)
    if created:
        return GitAction("checkout", ref=created)
    paths = restored_paths(call) if call.names_paths or _RESTORED.search(output) else ()
    alone = paths and not call.names_paths
    return GitAction("checkout", ref=None if alone else call.arguments.word(0), paths=paths)
