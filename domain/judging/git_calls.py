"""What a call of git does, and which files or commits it takes back (domain reference, sections 5.1 and 9)."""

import re
from collections.abc import Sequence

from domain.judging.programs import CommandClass
from domain.judging.text import lexicon

_VALUE_OPTIONS = frozenset(("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"))
_ACTS = {
    "commit": CommandClass.COMMIT,
    "push": CommandClass.PUSH,
    "revert": CommandClass.REVERT,
    "reset": CommandClass.RESET,
    "checkout": CommandClass.CHECKOUT,
    "switch": CommandClass.CHECKOUT,
    "restore": CommandClass.RESTORE,
}
_READS = lexicon(
    """status log diff show branch blame annotate rev-parse rev-list ls-files ls-tree ls-remote cat-file describe
    shortlog reflog grep merge-base name-rev for-each-ref show-ref show-branch check-ignore check-attr count-objects
    fsck verify-pack verify-commit help version whatchanged cherry range-diff diff-tree diff-index diff-files var"""
)
_BRANCH_CHANGES = lexicon("-d -D -m -M -c -C -f --delete --move --copy --force -u --set-upstream-to")
_BRANCH_LISTS = lexicon("-a -r -l --all --remotes --list --contains --merged --no-merged --points-at")
_LISTS = {
    "stash": frozenset(("list", "show")),
    "remote": frozenset(("show", "get-url")),
    "worktree": frozenset(("list",)),
    "submodule": frozenset(("status", "summary")),
    "bisect": frozenset(("log", "view")),
    "notes": frozenset(("list", "show")),
    "config": lexicon("get list --get --get-all --get-regexp --list -l"),
    "tag": frozenset(("-l", "--list", "--contains", "--points-at", "--merged")),
}
_LOSING_RESETS = lexicon("--hard --keep --merge")
_BEFORE = re.compile(r"([0-9a-fA-F]{7,40})(?:\^|~[1-9]\d*|~)+")
_CONFIG_CHANGES = lexicon("unset edit --unset --unset-all --edit -e --remove-section --add")
_LISTS_WHEN_BARE = frozenset(("remote", "submodule", "tag", "notes"))


def git_class(args: Sequence[str]) -> CommandClass:
    """The class of `git` with `args`."""
    name, rest = _subcommand(args)
    if "--dry-run" in rest and name in ("commit", "push", "add", "clean"):
        return CommandClass.READ_ONLY
    if name in _ACTS:
        return _ACTS[name]
    return CommandClass.READ_ONLY if not name or _reads(name, rest) else CommandClass.SIDE_EFFECT


def restored_paths(args: Sequence[str]) -> tuple[str, ...]:
    """The paths that `git checkout` or `git restore` brings back to an older state, as written.

    `git checkout name` without `--` may mean a branch: only a name with a dot in its last part is taken for a file.
    """
    name, rest = _subcommand(args)
    if name == "restore":
        staged_only = ("--staged" in rest or "-S" in rest) and not {"--worktree", "-W"} & set(rest)
        return () if staged_only else tuple(_positional(rest, ("-s", "--source", "--pathspec-from-file")))
    if name != "checkout" or {"-b", "-B", "--orphan"} & set(rest):
        return ()
    if "--" in rest:
        return tuple(rest[rest.index("--") + 1 :])
    plain = _positional(rest, ())
    return tuple(plain[1:] if len(plain) > 1 else [path for path in plain if _looks_like_file(path)])


def undone_commits(args: Sequence[str]) -> tuple[str, ...]:
    """The commits that `git revert` or a hard `git reset` takes back, as far as they are named by their hash."""
    name, rest = _subcommand(args)
    if name == "revert":
        return tuple(_positional(rest, ("-m", "--mainline", "-X", "--strategy-option")))
    if name != "reset" or _LOSING_RESETS.isdisjoint(rest):
        return ()
    return tuple(commit for ref in _positional(rest, ()) if (commit := undone_by_reset(ref)))


def undone_by_reset(ref: str) -> str | None:
    """The commit that a reset to `ref` takes back: `abc1234^` and `abc1234~2` lose abc1234, `abc1234` keeps it."""
    before = _BEFORE.fullmatch(ref)
    return before[1] if before else None


def removed_paths(args: Sequence[str]) -> tuple[str, ...]:
    """The files that `git rm` deletes, as written."""
    name, rest = _subcommand(args)
    return () if name != "rm" or "--cached" in rest else tuple(_positional(rest, ()))


def _subcommand(args: Sequence[str]) -> tuple[str, list[str]]:
    at = 0
    while at < len(args) and args[at].startswith("-"):
        at += 2 if args[at] in _VALUE_OPTIONS else 1
    return (args[at] if at < len(args) else ""), list(args[at + 1 :])


def _reads(name: str, rest: list[str]) -> bool:
    if name == "branch":
        named = bool(_positional(rest, ())) and _BRANCH_LISTS.isdisjoint(flag.partition("=")[0] for flag in rest)
        return not named and _BRANCH_CHANGES.isdisjoint(flag.partition("=")[0] for flag in rest)
    if name == "reflog":
        return not {"expire", "delete"} & set(rest)
    if name == "config" and len(_positional(rest, ())) == 1 and _CONFIG_CHANGES.isdisjoint(rest):
        return True
    if name in _LISTS:
        bare = not _positional(rest, ()) and name in _LISTS_WHEN_BARE and not {"-d", "--delete"} & set(rest)
        return bare or not _LISTS[name].isdisjoint(rest)
    return name in _READS


def _positional(rest: list[str], value_flags: tuple[str, ...]) -> list[str]:
    kept: list[str] = []
    previous = ""
    for arg in rest:
        if not arg.startswith("-") and previous not in value_flags:
            kept.append(arg)
        previous = arg
    return kept


def _looks_like_file(path: str) -> bool:
    return path == "." or path.endswith("/") or "." in path.rpartition("/")[2].lstrip(".")
