"""The most frequent values of a breakdown by name, the rest together; for kinds that count a subject for one value."""

from collections.abc import Mapping, Sequence

from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    OTHER,
    Breakdown,
    BreakdownValue,
    meant,
)
from persistence.database import Row
from persistence.insights.conditions import Binds, as_text


def values_of(breakdown: Breakdown, binds: Binds, row: str = "e") -> str:
    """A row's values of all properties, as one array: unlike rows, arrays with NULL in them are equal or not."""
    return f"ARRAY[{', '.join(as_text(property, binds, row) for property in breakdown.properties)}]::text[]"


def ranked(source: str, breakdown: Breakdown | None, binds: Binds) -> Mapping[str, str]:
    """The parts `ranked` and `named`, to stand in a WITH after `source`, which has a `value`: `named` is the same with
    the value's `place` among the most frequent ones, from 1 (the rest come after
    all), and its `label`. Without a breakdown the label is NULL."""
    if breakdown is None:
        return {"named": f"SELECT *, 1 AS place, NULL::text[] AS label FROM {source}"}
    limit, size = binds.integer(breakdown.limit), len(breakdown.properties)
    other = f"array_fill({binds.text(OTHER)}, ARRAY[{size}])"
    return {
        "ranked": (
            'SELECT value, row_number() OVER (ORDER BY count(*) DESC, value COLLATE "C") AS place'
            f" FROM {source} GROUP BY 1"
        ),
        "named": (
            f"SELECT s.*, LEAST(r.place, {limit} + 1) AS place,"
            f" CASE WHEN r.place <= {limit} THEN s.value ELSE {other} END AS label"
            f" FROM {source} s JOIN ranked r USING (value)"
        ),
    }


def written(parts: Mapping[str, str]) -> str:
    """As they stand behind WITH."""
    return ", ".join(f"{name} AS ({select})" for name, select in parts.items())


def is_labelled(told: BreakdownValue, breakdown: Breakdown | None, binds: Binds) -> str:
    """That a row of `named` is of the value that a result named so: one more rule, none without a breakdown.

    Raises InvalidQuery where it is no value of the breakdown.
    """
    if breakdown is None:
        return ""
    if len(told) != len(breakdown.properties):
        raise InvalidQuery("the breakdown has as many values as it has properties")
    return f" AND label = {binds.add(list(meant(told)), 'text[]')}"


def label_of(row: Row) -> BreakdownValue:
    """() without a breakdown."""
    return tuple(row["label"] or ())


def labels_of(rows: Sequence[Row], breakdown: Breakdown | None) -> Sequence[BreakdownValue]:
    """Each once, in the order of the rows; without a breakdown there is one, whatever was found."""
    return list(dict.fromkeys(label_of(row) for row in rows)) if breakdown else [()]
