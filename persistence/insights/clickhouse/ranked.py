"""Values of a breakdown: one text or array for each, ordered as PostgreSQL orders them, the most frequent by name."""

from collections.abc import Sequence

from domain.insights.plans import (
    OTHER,
    Breakdown,
    BreakdownValue,
)
from persistence.insights.clickhouse.conditions import Binds, as_text

_NONE, _SOME = "1", "0"


def value_of(breakdown: Breakdown | None, binds: Binds) -> str:
    """Of each property a text that begins with whether there is one: a missing value comes behind all others."""
    if breakdown is None:
        return "''"
    texts = [f"ifNull(concat('{_SOME}', {as_text(one, binds)}), '{_NONE}')" for one in breakdown.properties]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def ranked(source: str, breakdown: Breakdown | None, binds: Binds, weight: str = "1") -> str:
    """The rows of `source` with the `rank` of their `value`: the most frequent first, equally frequent ones in the
    order of letters' numbers, and one more than the limit for all the rest."""
    if breakdown is None:
        return f"SELECT *, 1 AS rank FROM ({source}) AS one"
    weighed = f"SELECT *, sum({weight}) OVER (PARTITION BY value) AS weight FROM ({source}) AS found"
    placed = f"SELECT *, dense_rank() OVER (ORDER BY weight DESC, value) AS at FROM ({weighed}) AS weighed"
    return f"SELECT *, least(at, {binds.integer(breakdown.limit + 1)}) AS rank FROM ({placed}) AS placed"


def named(value: str | Sequence[str], rank: int, breakdown: Breakdown | None) -> BreakdownValue:
    """A value as results have it; the rest where its rank is beyond the limit."""
    if breakdown is None:
        return ()
    if rank > breakdown.limit:
        return (OTHER,) * len(breakdown.properties)
    texts = [value] if isinstance(value, str) else value
    return tuple(None if text == _NONE else text.removeprefix(_SOME) for text in texts)
