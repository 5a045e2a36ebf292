"""What a chart shows, as a table: for readers who do not see it, for markdown and for the sections of the wire."""

from collections.abc import Sequence
from typing import assert_never

from domain.languages import Phrases
from domain.reports.document import Chart, ChartKind, Flow, Picture, Shades, Table

NOTHING = "–"


def figures(picture: Picture, words: Phrases) -> Table:
    match picture:
        case Chart():
            return _of_chart(picture, words)
        case Shades():
            return _of_shades(picture, words)
        case Flow():
            return _of_flow(picture, words)
        case _:
            assert_never(picture)


def _of_shades(shades: Shades, words: Phrases) -> Table:
    rows = [[row.name, row.note, *_percents(row.values, len(shades.columns), words)] for row in shades.rows]
    numeric = [False, *(True for _ in range(len(shades.columns) + 1))]
    return Table(columns=["", shades.note, *shades.columns], rows=rows, numeric=numeric)


def _percents(values: Sequence[float | None], length: int, words: Phrases) -> list[str]:
    told = ["" if value is None else words.percent(value) for value in values[:length]]
    return told + [""] * (length - len(told))


def _of_flow(flow: Flow, words: Phrases) -> Table:
    rows = [[f"{way.column}", way.source, way.target, words.number(way.count), way.note] for way in flow.ways]
    return Table(columns=flow.headings, rows=rows, numeric=[True, False, False, True, True])


def _of_chart(chart: Chart, words: Phrases) -> Table:
    """A row for each label with one value at least, a column for each series; the unit stands in the headings."""
    unit = f" ({chart.unit})" if chart.unit else ""
    columns = ["", *(f"{series.name}{unit}" for series in chart.series)]
    digits = _digits([value for series in chart.series for value in series.values if value is not None])
    rows: list[list[str]] = []
    for place, label in enumerate(chart.labels):
        values = [series.values[place] if place < len(series.values) else None for series in chart.series]
        if any(value is not None for value in values):
            rows.append([label, *(_written(value, chart.kind, digits, words) for value in values)])
    return Table(columns=columns, rows=rows, numeric=[False, *(True for _ in chart.series)])


def _digits(values: Sequence[float]) -> int:
    """As many decimals as tell the values apart: none between whole numbers."""
    if all(value == int(value) for value in values if _is_number(value)):
        return 0
    return 2 if max(abs(value) for value in values if _is_number(value)) < 10 else 1


def _written(value: float | None, kind: ChartKind, digits: int, words: Phrases) -> str:
    if value is None or not _is_number(value):
        return NOTHING
    return words.percent(value) if kind is ChartKind.SHARES else words.number(value, digits)


def _is_number(value: float) -> bool:
    return value - value == 0
