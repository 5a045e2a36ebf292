"""What a goal arc adds to the scores of its developer, and what is told when that changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.judging.changes import ANY_ARC, NO_SESSION
from domain.judging.records import SubSession
from domain.live import Cursor, LiveEvent, News
from domain.scores.totals import Totals, totals
from domain.scores.windows import Window
from domain.times import rfc3339
from domain.values import JsonValue, Span, UserId

SCORE_CHANGED = "score.changed"
"""The name of these events in an organisation's log of changes."""


class _Share(NamedTuple):
    """What one arc adds, and whose and when it is."""

    user_id: UserId
    started_at: datetime
    totals: Totals


def _share(arc: SubSession | None) -> _Share | None:
    """None for an arc that no score rests on."""
    added = Totals() if arc is None else totals([arc])
    return None if arc is None or added == Totals() else _Share(arc.user_id, arc.started_at, added)


def score_news(old: SubSession | None, new: SubSession | None) -> list[News]:
    """What to tell when an arc changes; `old` is None for one that is new, `new` for one that is gone.

    Empty unless a score rests on what changed. The payload says in which moments the arc counted and counts, so that
    readers know which windows are concerned.
    """
    arc = new or old
    before, after = _share(old), _share(new)
    if arc is None or before == after:
        return []
    starts: dict[UserId, list[JsonValue]] = {}
    for share in (before, after):
        if share is not None and rfc3339(share.started_at) not in starts.setdefault(share.user_id, []):
            starts[share.user_id].append(rfc3339(share.started_at))
    return [
        News(SCORE_CHANGED, arc.session_id, arc.id, user_id, {"event": SCORE_CHANGED, "starts": moments})
        for user_id, moments in starts.items()
    ]


def erased_scores(user_id: UserId, starts: Iterable[datetime]) -> News:
    """What to tell when arcs were erased; `starts` lie in the days concerned and need not be when the arcs began."""
    moments: list[JsonValue] = [rfc3339(start) for start in starts]
    return News(SCORE_CHANGED, NO_SESSION, ANY_ARC, user_id, {"event": SCORE_CHANGED, "starts": moments})


def concerns(event: LiveEvent, span: Span) -> bool:
    """Whether a score over `span` rests on what such an event tells of."""
    starts = event.payload["starts"]
    assert isinstance(starts, list)
    return any(_lies_in(datetime.fromisoformat(str(start)), span) for start in starts)


def _lies_in(moment: datetime, span: Span) -> bool:
    return (span.start is None or span.start <= moment) and (span.end is None or moment < span.end)


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """The score of a developer's window is another one, since `at`.

    `windows` are those that its headline shows, the current one last. The cursor notes when the day of that ends.
    """

    cursor: Cursor
    at: datetime | None
    user_id: UserId
    windows: tuple[Window, ...]

    @property
    def resync(self) -> bool:
        return isinstance(self, ScoreResync)


class ScoreResync(ScoreChange):
    """The word to show it anew, as changes may have gone untold. A type of its own: what is told is known by type and
    cursor."""
