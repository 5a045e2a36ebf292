"""The commits that an arc made, and those it took back (domain reference, section 9)."""

from collections.abc import Mapping, Sequence

from domain.git_calls import undone_by_reset
from domain.judging.commands import line_of, undone_commits
from domain.timeline import Event, Kind
from domain.values import EventId

KEEPING_RESETS = ("soft", "mixed")


def made(events: Sequence[Event]) -> tuple[str, ...]:
    """The hashes of commits, also of those that revert another, each once, in order."""
    return _each_once([_new_commit(event) for event in events])


def taken_back(events: Sequence[Event], from_head: Mapping[EventId, Sequence[str]]) -> tuple[str, ...]:
    """The commits that were reverted or lost by a reset, each once, in order; as they were named.

    `from_head` holds those that were named from HEAD, see `heads`. A reset to a commit keeps that commit: only
    `abc1234^` and the like name what is lost. A shell command is read where no git action of the same call tells of it.
    """
    told = {event.call_id for event in events if event.kind is Kind.GIT_ACTION and event.call_id is not None}
    found: list[str | None] = []
    for event in events:
        if event.kind is Kind.GIT_ACTION:
            found += from_head.get(event.id) or [_undone(event)]
        elif event.kind is Kind.COMMAND and event.call_id not in told and event.exit_code == 0:
            found += undone_commits(line_of(event))
    return _each_once(found)


def _new_commit(event: Event) -> str | None:
    """A revert that names what it reverts gives the hash of the new commit beside it."""
    if event.git_action == "revert":
        return event.text("commit") if event.text("ref") else None
    return event.text("commit") or event.text("ref") if event.git_action == "commit" else None


def _undone(event: Event) -> str | None:
    ref, commit = event.text("ref"), event.text("commit")
    if event.git_action == "revert":
        return ref or commit
    if event.git_action != "reset" or event.text("mode") in KEEPING_RESETS:
        return None
    return (undone_by_reset(ref) if ref else None) or commit


def _each_once(refs: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref for ref in refs if ref))
