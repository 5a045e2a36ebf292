"""What developers may cut and join of their own work by hand, and why something cannot be.

A cut may lie before any event of an arc but its first. Arcs may be joined that follow on each other: each starts at or
after the close of the one before, in a session that they share or in the same known project, and no other arc of that
session has begun in between. Automatic merging joins no others (see `merging`), only within limits of time and files.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise

from domain.errors import Fault, Invalid, NotFound
from domain.judging.arcs import Fragment
from domain.judging.by_hand import Join, Seam, ties
from domain.values import EventId, SubSessionId

MOST_ARCS = 20


class SubSessionEditErrorCode(StrEnum):
    """Why a goal arc is not cut or joined, or that is not taken back."""

    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"
    NOT_IN_ARC = "not_in_arc"
    NOTHING_BEFORE = "nothing_before"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    OTHER_PROJECT = "other_project"
    NOT_ADJACENT = "not_adjacent"
    NOT_SPLIT = "not_split"
    NOT_MERGED = "not_merged"


Code = SubSessionEditErrorCode


def refused(code: SubSessionEditErrorCode, message: str, *field: str) -> Invalid:
    return Invalid(message, field, (Fault(code, message, field or None),))


def no_such_arc(*field: str) -> NotFound:
    """The arc is not there, or not this caller's: the two must not be told apart."""
    message = "Sub-session not found"
    return NotFound(message, Fault(Code.NOT_FOUND, message, field))


def holder(arc: Sequence[Fragment], at: EventId) -> Fragment:
    """The fragment of an arc, given as its fragments by start, that can be cut before the event `at`.

    Raises Invalid where the arc has no such event, or nothing before it.
    """
    for fragment in arc:
        if any(event.id == at for event in fragment.events):
            if arc[0].events[0].id == at:
                raise refused(
                    Code.NOTHING_BEFORE, "the arc begins with this event: there is nothing before it", "eventId"
                )
            return fragment
    raise not_in_arc()


def not_in_arc() -> Invalid:
    return refused(Code.NOT_IN_ARC, "this is no event of the arc", "eventId")


def seams(arcs: Sequence[Sequence[Fragment]], around: Iterable[Fragment]) -> list[Seam]:
    """Where arcs, each given as its fragments by start, would be joined; `around` are all fragments of their sessions.

    Raises Invalid for arcs that do not follow on each other.
    """
    in_order = sorted(arcs, key=lambda arc: arc[0].place)
    chosen = {fragment.id for arc in arcs for fragment in arc}
    others = [fragment for fragment in around if fragment.id not in chosen]
    found: list[Seam] = []
    for arc, following in pairwise(in_order):
        last, first = arc[-1], following[0]
        if last.session_id != first.session_id and (last.project is None or last.project != first.project):
            message = "these arcs are of different projects, or of sessions whose project is unknown"
            raise refused(Code.OTHER_PROJECT, message, "ids")
        if not _follows(first, arc) or any(_between(last, other, first) for other in others):
            raise refused(Code.NOT_ADJACENT, "these arcs do not follow on each other", "ids")
        found.append((last.events[-1].id, first.events[0].id))
    return found


def _follows(first: Fragment, arc: Sequence[Fragment]) -> bool:
    return all(one.closed_at is not None and one.closed_at <= first.started_at for one in arc)


def _between(last: Fragment, other: Fragment, first: Fragment) -> bool:
    return other.session_id == last.session_id and last.place < other.place < first.place


def last_cut(arc: Sequence[Fragment]) -> int:
    """The number of the cut that an arc begins with. Raises Invalid where it begins with none."""
    if not arc or arc[0].cut is None:
        raise refused(Code.NOT_SPLIT, "the arc does not begin where somebody cut", "id")
    return arc[0].cut


def last_join(arc: Sequence[Fragment], joins: Sequence[Join]) -> int:
    """The number of the last join that holds in an arc. Raises Invalid where none does."""
    holding = ties(arc, joins)
    if not holding:
        raise refused(Code.NOT_MERGED, "nobody joined anything in this arc", "id")
    return max(tie.number for tie in holding)


def different(arcs: Iterable[SubSessionId]) -> list[SubSessionId]:
    """The arcs to be joined, each once. Raises Invalid for fewer than two or more than 20."""
    once = list(dict.fromkeys(arcs))
    if len(once) < 2:
        raise refused(Code.TOO_FEW, "name at least two different goal arcs", "ids")
    if len(once) > MOST_ARCS:
        raise refused(Code.TOO_MANY, f"name at most {MOST_ARCS} goal arcs", "ids")
    return once
