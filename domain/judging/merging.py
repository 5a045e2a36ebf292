"""Joining what was one goal again after a quick restart (domain reference, section 4.3).

A fragment continues another that ended with `/clear` or with its session if it starts within 10 minutes of that close
and at least half of the files of the smaller of the two are in both. Topic shifts and commits are real changes of
goal and are never joined.

Sessions may run side by side. Of each session only the latest fragment that started before may be continued, and
only once; if several can be, that of the same session goes first, then the one closed last, then the smaller id. So
unrelated sessions change nothing, and the order in which fragments are given does not matter. Fragments are joined
across sessions only where their project is known.

What developers say by hand goes before all that. Fragments that they joined are one arc, wherever they lie, and nothing
else continues any of them but the last; a fragment that they had begin continues nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from types import MappingProxyType

from domain.judging.arcs import Arc, Fragment
from domain.judging.edits import file_edits, paths_of
from domain.judging.records import CloseReason
from domain.judging.segmentation import in_order
from domain.judging.substance import measure
from domain.values import SessionId, SubSessionId

REJOIN_WITHIN = timedelta(minutes=10)
_REJOINED = frozenset((CloseReason.CLEAR, CloseReason.SESSION_END))


def arc_of(fragments: Sequence[Fragment]) -> Arc:
    """One arc of fragments in the order of their start, measured over all their events."""
    events = in_order(event for fragment in fragments for event in fragment.events)
    return Arc(tuple(fragments), events, measure(events), file_edits(events))


def touched_files(arc: Arc) -> frozenset[str]:
    """The files by which an arc is compared with what came before: those it changed, or if none, those it read."""
    changed = frozenset(file.path for file in arc.files)
    return changed or frozenset(path for event in arc.events for path in paths_of(event))


def left_files(arc: Arc) -> frozenset[str]:
    """As `touched_files`, for what comes after: a file that the arc removed is not there to be touched again.

    So a scratch file that everybody makes, runs and removes under the same name joins nothing.
    """
    return touched_files(arc) - {file.path for file in arc.files if file.deleted}


def joins(
    previous_closed_at: datetime | None,
    previous_reason: CloseReason | None,
    previous_files: Set[str] | None,
    next_started_at: datetime,
    next_files: Set[str] | None,
) -> bool:
    """Whether what started at `next_started_at` continues what was closed before.

    Files are those of `left_files` and `touched_files`; None where they are not known, which then rules nothing out.
    """
    if previous_closed_at is None or previous_reason not in _REJOINED:
        return False
    if not timedelta(0) <= next_started_at - previous_closed_at <= REJOIN_WITHIN:
        return False
    if previous_files is None or next_files is None:
        return True
    smaller = min(len(previous_files), len(next_files))
    return smaller > 0 and 2 * len(previous_files & next_files) >= smaller


def merge(fragments: Sequence[Arc], tied: Mapping[SubSessionId, SubSessionId] = MappingProxyType({})) -> list[Arc]:
    """The arcs that these fragments, each given as an arc of its own, make up; in the order of their start.

    All fragments are of one developer. A joined arc has the id of its first fragment and the close of its last; its
    files are those of all of them, so a third fragment is compared with the first two together. `tied` are the
    fragments joined by hand, as `by_hand.tied` groups them.
    """
    chains: list[Arc] = []
    latest: dict[SessionId, int] = {}  # the chain that the latest fragment of each session ends
    places: dict[SubSessionId, int] = {}  # the chain of each group of tied fragments
    to_come = Counter(tied[arc.id] for arc in fragments if arc.id in tied)
    for arc in sorted(fragments, key=lambda arc: arc.fragments[0].place):
        (fragment,) = arc.fragments
        group = tied.get(arc.id)
        latest = {session: place for session, place in latest.items() if _may_go_on(chains[place], arc)}
        place = None if group is None else places.get(group)
        if place is None:
            place = _continued(arc, chains, latest)
        latest = {session: at for session, at in latest.items() if at != place and session != fragment.session_id}
        if place is None:
            place = len(chains)
            chains.append(arc)
        else:
            chains[place] = arc_of((*chains[place].fragments, fragment))
        if group is not None:
            places[group] = place
            to_come[group] -= 1
        if group is None or not to_come[group]:
            latest[fragment.session_id] = place
    return chains


def _may_go_on(chain: Arc, arc: Arc) -> bool:
    """Whether anything that starts as late as `arc` may still continue the chain."""
    return chain.closed_at is not None and arc.started_at - chain.closed_at <= REJOIN_WITHIN


def _continued(arc: Arc, chains: Sequence[Arc], latest: dict[SessionId, int]) -> int | None:
    """The place of the chain that the fragment continues."""
    fitting = [place for place in latest.values() if _joins(chains[place], arc)]
    return min(fitting, key=lambda place: _preference(chains[place], arc), default=None)


def _joins(chain: Arc, arc: Arc) -> bool:
    last, fragment = chain.fragments[-1], arc.fragments[0]
    if fragment.cut is not None:
        return False
    same_place = last.session_id == fragment.session_id or (
        last.project is not None and last.project == fragment.project and last.user_id == fragment.user_id
    )
    return same_place and joins(
        chain.closed_at, chain.close_reason, left_files(chain), arc.started_at, touched_files(arc)
    )


def _preference(chain: Arc, arc: Arc) -> tuple[bool, timedelta, SubSessionId]:
    """Smaller is better: the same session, then the latest close, then the id."""
    rest = arc.started_at - (chain.closed_at or arc.started_at)
    return chain.fragments[-1].session_id != arc.fragments[0].session_id, rest, chain.id
