"""How many points a series has, told from what is asked for."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import cast

from domain.scores.periods import MOST_PERIODS
from resolvers.pillars import USUAL_STRETCH

_DAY = timedelta(days=1)
_SHORTEST = {"DAY": _DAY, "WEEK": timedelta(weeks=1), "MONTH": timedelta(days=28)}


def most_points(period: object, within: object) -> int:
    """No fewer than there will be, and few more. What is no period or no stretch of time is refused later; it counts
    as the shortest period, and as all points that there may be."""
    length = _length(within)
    if length is None:
        return MOST_PERIODS
    cut_on_both_sides = 2
    return min(max(ceil(length / _SHORTEST.get(str(period), _DAY)), 0) + cut_on_both_sides, MOST_PERIODS)


def _length(within: object) -> timedelta | None:
    if within is None:
        return USUAL_STRETCH
    if not isinstance(within, Mapping):
        return None
    sides = cast(Mapping[str, object], within)
    if sides.get("from") is None:
        return USUAL_STRETCH
    start, end = _moment(sides["from"]), _moment(sides.get("to"))
    return None if start is None or end is None else end - start


def _moment(text: object) -> datetime | None:
    """Now where nothing is said."""
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text.upper()) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
