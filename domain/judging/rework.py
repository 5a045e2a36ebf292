"""Whether a later arc undid the work of an earlier one (domain reference, section 9).

Works on stored facts alone. Digests of lines know no white space, so a line that was only laid out anew or moved is
among the later arc's added lines too, and does not count as removed.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from domain.judging.records import TALK, FileEdits, Intent, Rework, ReworkKind, State, SubSession

WINDOW = timedelta(days=14)
REWRITTEN_SHARE_PCT = 50
LEAST_LINES = 5
"""So few lines must a rewrite remove, where the lines themselves are known."""
LEAST_COUNTED_LINES = 10
"""And so few where only their number is known."""
LEAST_SHA_CHARS = 7

_GONE = frozenset({State.MERGED})


def find_rework(arc: SubSession, later: Sequence[SubSession]) -> Rework | None:
    """The first of `later` (in any order) that reverted, rewrote or deleted what `arc` did; None if none did."""
    if arc.ended_at is None or arc.state in _GONE or not _did_work(arc):
        return None
    for other in sorted(later, key=lambda one: (one.started_at, one.id)):
        kind = _undone_by(arc, other) if _may_rework(arc, other) else None
        if kind is not None:
            return Rework(kind, other.id, other.ended_at or other.last_event_at)
    return None


def _did_work(arc: SubSession) -> bool:
    """Whether there is anything to undo: who only asked and then committed put no work of this arc into it."""
    return bool(arc.files) or (bool(arc.commit_refs) and arc.rubric.intent not in TALK)


def _may_rework(arc: SubSession, other: SubSession) -> bool:
    """Same developer and known project, begun after the end of `arc` and within the window."""
    if arc.ended_at is None or other.id == arc.id or other.state in _GONE or other.id in arc.fragment_ids:
        return False
    same = arc.user_id == other.user_id and arc.project is not None and arc.project == other.project
    return same and arc.ended_at < other.started_at <= arc.ended_at + WINDOW


def _undone_by(arc: SubSession, other: SubSession) -> ReworkKind | None:
    if _reverts(arc, other):
        return ReworkKind.REVERT
    if other.rubric.intent is not Intent.REFACTOR and _rewrites(arc, other):
        return ReworkKind.REWRITE
    return ReworkKind.DELETION if _deletes(arc, other) else None


def _reverts(arc: SubSession, other: SubSession) -> bool:
    """A commit of `arc` was reverted, or a file that it changed and never committed was brought back."""
    if any(_same_commit(made, undone) for made in arc.commit_refs for undone in other.revert_refs):
        return True
    if arc.commit_refs:
        return False
    return any(theirs.restored and _changed(ours) for ours, theirs in _shared(arc, other))


def _rewrites(arc: SubSession, other: SubSession) -> bool:
    shared = list(_shared(arc, other))
    told = [(ours, theirs) for ours, theirs in shared if _tells_lines(ours) and _tells_lines(theirs)]
    untold = [pair for pair in shared if pair not in told]
    return _rewrites_lines(arc, other, told) or _rewrites_counts(untold, other)


def _tells_lines(file: FileEdits) -> bool:
    """Whether diffs tell which lines were changed. As many gone as added and none of either left over were only laid
    out anew."""
    return bool(file.added_lines or file.removed_lines) or file.lines_added == file.lines_removed


def _rewrites_lines(arc: SubSession, other: SubSession, told: Sequence[tuple[FileEdits, FileEdits]]) -> bool:
    """Most of the lines that `arc` added, and that outlived it, are gone; lines put elsewhere are only moved."""
    kept = frozenset[int]().union(*(file.added_lines for file in other.files))
    added = sum(len(file.added_lines - file.removed_lines) for file in arc.files)
    gone = sum(len((theirs.removed_lines & (ours.added_lines - ours.removed_lines)) - kept) for ours, theirs in told)
    return gone >= LEAST_LINES and 100 * gone >= REWRITTEN_SHARE_PCT * added


def _rewrites_counts(untold: Sequence[tuple[FileEdits, FileEdits]], other: SubSession) -> bool:
    """Where no diffs were captured, only a bug fix that removes most of the added lines is taken for a rewrite."""
    added = sum(ours.lines_added for ours, _ in untold)
    removed = sum(theirs.lines_removed for _, theirs in untold)
    enough = removed >= LEAST_COUNTED_LINES and 100 * removed >= REWRITTEN_SHARE_PCT * added
    return other.rubric.intent is Intent.BUG_FIX and added > 0 and enough


def _deletes(arc: SubSession, other: SubSession) -> bool:
    """A file that `arc` created is gone, and its lines were not put into another file."""
    kept = frozenset[int]().union(*(file.added_lines for file in other.files))
    return any(
        ours.created and theirs.deleted and not _moved(ours.added_lines, kept) for ours, theirs in _shared(arc, other)
    )


def _moved(lines: frozenset[int], kept: frozenset[int]) -> bool:
    return bool(lines) and 2 * len(lines & kept) >= len(lines)


def _shared(arc: SubSession, other: SubSession) -> Iterator[tuple[FileEdits, FileEdits]]:
    theirs = {file.path: file for file in other.files}
    return ((ours, theirs[ours.path]) for ours in arc.files if ours.path in theirs)


def _changed(file: FileEdits) -> bool:
    return file.created or file.deleted or file.lines_added > 0 or file.lines_removed > 0


def _same_commit(made: str, undone: str) -> bool:
    """Whether two hashes, either of them perhaps shortened, name the same commit."""
    short, long = sorted((made.lower(), undone.lower()), key=len)
    return len(short) >= LEAST_SHA_CHARS and long.startswith(short)
