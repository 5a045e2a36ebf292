"""What people changed by hand. It is kept beside the events and goes into every derivation, so nothing undoes it but
the person (domain reference, section 13, and `docs/judging.md`).

Labels and appeals name the fragment that they are about by its id, which follows from the fragment's first event. While
there is no such fragment the edit waits, and it counts again once there is. Cuts and joins name events, so they hold
wherever these events come to lie.

A join counts for more than what the rules of merging say, a cut for more than those and the rules of segmentation. Of a
cut and a join that contradict each other the one made last counts, so that each can be taken back in turn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.judging.arcs import Fragment, LabelEdit
from domain.values import EventId, SessionId, SubSessionId, UserId


@dataclass(frozen=True, slots=True)
class AppealEdit:
    """What a developer says of the outcome of their own arc."""

    user_id: UserId
    goal_complete: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cut:
    """Something else begins with this event. Edits of a developer are numbered in the order they were made in."""

    number: int
    event_id: EventId


Seam = tuple[EventId, EventId]
"""The last event of one arc and the first of the next, as they were when the two were joined."""


@dataclass(frozen=True, slots=True)
class Join:
    """Arcs that are one after all, from seam to seam; `session_ids` are the sessions that these events lay in."""

    number: int
    seams: tuple[Seam, ...]
    session_ids: frozenset[SessionId]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a developer wants their own work divided."""

    cuts: tuple[Cut, ...] = ()
    joins: tuple[Join, ...] = ()

    @property
    def cut_at(self) -> dict[EventId, int]:
        """The number of the last cut before each event that has one."""
        return {cut.event_id: cut.number for cut in sorted(self.cuts, key=lambda cut: cut.number)}


@dataclass(frozen=True, slots=True)
class Edits:
    """All that people changed: labels and appeals by fragment, and the shape that the developer gave to the whole."""

    labels: Mapping[SubSessionId, LabelEdit] = field(default_factory=dict[SubSessionId, LabelEdit])
    appeals: Mapping[SubSessionId, AppealEdit] = field(default_factory=dict[SubSessionId, AppealEdit])
    shape: Shape = Shape()


@dataclass(frozen=True, slots=True)
class Tie:
    """Two fragments that a join holds together, the one that starts first before the other."""

    number: int
    first: SubSessionId
    second: SubSessionId


def ties(fragments: Iterable[Fragment], joins: Sequence[Join]) -> list[Tie]:
    """What holds of these joins: seams whose events lie in different fragments that nobody has cut apart since."""
    ends = {id for join in joins for seam in join.seams for id in seam}
    holders = {event.id: one for one in fragments for event in one.events if event.id in ends} if ends else {}
    found: list[Tie] = []
    for join in joins:
        for before, after in join.seams:
            if before not in holders or after not in holders:
                continue
            first, second = sorted((holders[before], holders[after]), key=lambda one: one.place)
            if first.id != second.id and (second.cut is None or second.cut < join.number):
                found.append(Tie(join.number, first.id, second.id))
    return found


def tied(ties: Iterable[Tie]) -> dict[SubSessionId, SubSessionId]:
    """For each fragment that is tied to others, one that stands for them all."""
    groups: dict[SubSessionId, set[SubSessionId]] = {}
    for tie in ties:
        one = groups.get(tie.first, {tie.first}) | groups.get(tie.second, {tie.second})
        groups |= dict.fromkeys(one, one)
    return {id: min(group) for id, group in groups.items()}
