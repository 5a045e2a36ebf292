"""What a call of git does: reads, acts on commits, or has other side effects (domain reference, section 5.1)."""

from domain.git_calls import Arguments, GitCall
from domain.judging.programs import CommandClass
from domain.judging.text import lexicon

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
_CONFIG_CHANGES = lexicon("unset edit --unset --unset-all --edit -e --remove-section --add")
_LISTS_WHEN_BARE = frozenset(("remote", "submodule", "tag", "notes"))


def git_class(call: GitCall) -> CommandClass:
    """The class of a call of git."""
    if call.arguments.has("--dry-run") and call.name in ("commit", "push", "add", "clean"):
        return CommandClass.READ_ONLY
    if call.name in _ACTS:
        return _ACTS[call.name]
    return CommandClass.READ_ONLY if not call.name or _reads(call.name, call.arguments) else CommandClass.SIDE_EFFECT


def _reads(name: str, given: Arguments) -> bool:
    if name == "branch":
        named = bool(given.words) and not given.has(*_BRANCH_LISTS)
        return not named and not given.has(*_BRANCH_CHANGES)
    if name == "reflog":
        return not {"expire", "delete"} & set(given.words)
    said = {*given.words, *(option for option, _ in given.options)}
    if name == "config" and len(given.words) == 1 and _CONFIG_CHANGES.isdisjoint(said):
        return True
    if name in _LISTS:
        bare = not given.words and name in _LISTS_WHEN_BARE and not given.has("-d", "--delete")
        return bare or not _LISTS[name].isdisjoint(said)
    return name in _READS
