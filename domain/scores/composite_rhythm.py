"""The rhythm of work: active hours, Iteration Efficiency, Context Reset Rate and Flow Continuity (domain reference,
section 19).

Times are whole milliseconds since 1970 in UTC: months of work are added up at each question.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from domain.scores.composite_weights import gain

MINUTE = 60_000
HOUR = 60 * MINUTE
ACTIVE_GAP = 5 * MINUTE
"""So much of a gap between two events of a session counts as activity."""
IDLE_GAP = 15 * MINUTE
"""A longer one ends a stretch of uninterrupted work."""
FULL_FLOW = 90
USUAL_IE = 5.0
LEAST_TRAILING = 2
"""Of fewer periods with activity nothing is called usual."""
BEST_CRR = 0.15
CRR_REACH = 0.10


class Stretch(NamedTuple):
    """[start, end)."""

    start: int
    end: int


class Run(NamedTuple):
    """Events of one session that follow each other within five minutes: when the first and the last happened, and
    until when that counts as activity: five minutes more, unless the session ends with it."""

    start: int
    end: int
    active_until: int


def runs(times: Sequence[int]) -> list[Run]:
    """The runs of a session whose events happened at these times, in order."""
    found: list[Run] = []
    start = 0
    for place, (at, following) in enumerate(pairwise(times), 1):
        if following - at > ACTIVE_GAP:
            found.append(Run(times[start], at, at + ACTIVE_GAP))
            start = place
    return [*found, Run(times[start], times[-1], times[-1])] if times else found


def active_ms(runs: Iterable[Run], within: Stretch) -> int:
    """How long somebody was active: the gaps between events that follow each other in a session, five minutes of each
    at most. What several sessions did at once counts once."""
    total, reached = 0, within.start
    for run in sorted(runs):
        start, end = max(run.start, reached), min(run.active_until, within.end)
        if end > start:
            total += end - start
            reached = end
    return total


def flows(runs: Iterable[Run], resets: Iterable[int], within: Stretch) -> list[int]:
    """How long each stretch of uninterrupted work took that lies within, in milliseconds; lone events are none.

    It ends where nothing happened in any session for more than fifteen minutes, and where a context was reset.
    """
    joined: list[Stretch] = []
    for run in sorted(runs):
        if joined and run.start - joined[-1].end <= IDLE_GAP:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, run.end))
        else:
            joined.append(Stretch(run.start, run.end))
    cuts = sorted({within.start, within.end, *resets})
    return [length for stretch in joined for length in _cut(stretch, cuts, within) if length > 0]


def _cut(stretch: Stretch, cuts: Sequence[int], within: Stretch) -> list[int]:
    """The lengths of the pieces that lie within."""
    edges = [stretch.start, *(cut for cut in cuts if stretch.start < cut < stretch.end), stretch.end]
    return [end - start for start, end in pairwise(edges) if within.start <= start and end <= within.end]


def fc(lengths: Sequence[int]) -> float:
    """Flow Continuity: `min(10, 10 * median minutes / 90)`; 0.0 without a stretch."""
    return min(10.0, 10 * median(lengths) / MINUTE / FULL_FLOW) if lengths else 0.0


def prompts_per_hour(prompts: int, active: int) -> float | None:
    """None without activity."""
    return prompts * HOUR / active if active else None


def ie(rate: float | None, trailing: Iterable[float | None]) -> float:
    """Iteration Efficiency: `5 + 5 * clip(ln(usual / rate), -1, 1)`, by the median of the periods before.

    5.0 without activity, without prompts, or with fewer than two periods before that had both.
    """
    known = [before for before in trailing if before]
    deviation = gain(median(known), rate) if len(known) >= LEAST_TRAILING else None
    return USUAL_IE if deviation is None else USUAL_IE + 5 * deviation


def crr(resets: int, turns: int) -> float | None:
    """Context Reset Rate: `10 * (1 - |resets / turns - 0.15| / 0.10)`, not below 0; None without turns."""
    if not turns:
        return None
    return max(0.0, 10 * (1 - abs(resets / turns - BEST_CRR) / CRR_REACH))
