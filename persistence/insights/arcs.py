"""The arcs behind a number: those that its events belong to."""

from collections.abc import Sequence
from uuid import UUID

from domain.insights.drill_downs import (
    DrillDown,
)
from domain.insights.errors import InvalidQuery
from domain.values import SubSessionId
from persistence.database import Reading
from persistence.insights.conditions import Binds
from persistence.insights.engine import FoundArc


async def newest(db: Reading, binds: Binds, behind: str, ask: DrillDown) -> Sequence[FoundArc]:
    """Those of the ids that the SELECT `behind` gives (any number of times, or NULL) that began last first."""
    statement = (
        f"SELECT a.id, a.started_at FROM sub_sessions a WHERE {binds.whose('a')} AND a.id IN ({behind})"
        f"{_after(binds, ask)} ORDER BY a.started_at DESC, a.id DESC LIMIT {binds.integer(ask.limit)}"
    )
    rows = await binds.rows(db, statement)
    return [FoundArc(SubSessionId(row["id"]), row["started_at"]) for row in rows]


def check_place(place: int | None, size: int, name: str) -> None:
    """Raises InvalidQuery unless there are more than `place` (from 0) of what has this name."""
    if place is not None and not 0 <= place < size:
        raise InvalidQuery(f"there is no {name} {place}: they are counted from 0 to {size - 1}")


def _after(binds: Binds, ask: DrillDown) -> str:
    if ask.after is None:
        return ""
    started_at, id = ask.after
    try:
        known = UUID(id)
    except ValueError as error:
        raise InvalidQuery(f"no arc is {id!r}") from error
    return f" AND (a.started_at, a.id) < ({binds.instant(started_at)}, {binds.add(known, 'uuid')})"
