"""Charts as SVG: the same text for a page, for a PDF and for a file of its own.

Nothing in it runs, nothing is loaded, no element has an id, and the same chart gives the same text. Colours stand in
attributes, which a page's style may pass over by class. They read on white as on black; series differ in more than
colour: lines in their dashes, bars and stacks in their order, which is that of the legend.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import assert_never

from domain.languages import Phrases
from domain.reports.axes import TEXT, Scale, scale, shortened, shown_labels, text_width, tick_text
from domain.reports.document import Chart, ChartKind, Series
from domain.reports.markup import line
from domain.reports.shapes import COLOURS, RULE, box, element, lettering, number, rule

SHEET, WIDE, NARROW = 680, 520, 360
"""Widths at which charts are drawn, for paper and for screens: letters keep their size, so that a narrow place has a
drawing of its own."""

_DASHES = ("", "6 4", "2 3", "9 3 2 3", "12 4", "1 4")
_PLOT = 200.0
_ROW, _BAR = 34.0, 10.0
_DOTS = 40
"""With more points than these only those that stand alone are drawn."""

Values = Sequence[float | None]


def svg(chart: Chart, phrases: Phrases, width: int = WIDE) -> str:
    """The chart as an SVG element of this width and the height it needs."""
    rows = [_values(series, len(chart.labels)) for series in chart.series[: len(COLOURS)]]
    names = [line(series.name) for series in chart.series[: len(COLOURS)]]
    labels = [line(label) for label in chart.labels]
    if not any(value is not None for row in rows for value in row):
        return element(chart.title, chart.summary, width, 72.0, [lettering(width / 2, 40, _nothing(phrases), "middle")])
    legend, top = _legend(names, width) if len(names) > 1 else ([], 0.0)
    if chart.kind is ChartKind.SHARES:
        return element(
            chart.title,
            chart.summary,
            width,
            top + _ROW * len(labels),
            [*legend, *_shares(labels, rows, phrases, width, top)],
        )
    drawn = list(_Plot(chart, labels, rows, phrases, width, top).draw())
    return element(chart.title, chart.summary, width, top + _PLOT, [*legend, *drawn])


def _nothing(phrases: Phrases) -> str:
    return phrases.say("There is nothing to show yet.")


def _values(series: Series, length: int) -> list[float | None]:
    """One for each label; None for what is no finite number."""
    values = [value if value is not None and math.isfinite(value) else None for value in series.values[:length]]
    return values + [None] * (length - len(values))


def _legend(names: Sequence[str], width: int) -> tuple[list[str], float]:
    """The series by name, in as many rows as they need, and the height of these."""
    parts: list[str] = []
    x, y = 0.0, 12.0
    for place, name in enumerate(names):
        shown = shortened(name, width - 20)
        needed = 18 + text_width(shown)
        if x and x + needed > width:
            x, y = 0.0, y + 20
        parts += [box(x, y - 9, 12, 10, place), lettering(x + 18, y, shown)]
        x += needed + 18
    return parts, y + 14


def _shares(labels: Sequence[str], rows: Sequence[Values], phrases: Phrases, width: int, top: float) -> Iterator[str]:
    """A row for each label: its name and share above its bars."""
    height = _BAR / len(rows)
    for place, label in enumerate(labels):
        y = top + place * _ROW
        told = " / ".join("–" if row[place] is None else phrases.percent(row[place] or 0.0) for row in rows)
        yield lettering(0, y + TEXT, shortened(label, width - text_width(told) - 12))
        yield lettering(width, y + TEXT, told, "end")
        yield (
            f'<rect class="track" x="0" y="{number(y + 18)}" width="{width}" height="{number(_BAR)}" rx="2"'
            f' fill="{RULE}" fill-opacity="0.2"/>'
        )
        for series, row in enumerate(rows):
            share = min(1.0, max(0.0, row[place] or 0.0))
            if share > 0:
                yield box(0, y + 18 + series * height, max(2.0, width * share), height, series)


class _Plot:
    """Where things stand in a chart with two axes."""

    def __init__(
        self, chart: Chart, labels: Sequence[str], rows: Sequence[Values], phrases: Phrases, width: int, top: float
    ) -> None:
        self._chart, self._labels, self._rows, self._width = chart, labels, rows, width
        self._scale: Scale = scale(_heights(chart.kind, rows), chart.maximum)
        self._ticks = [(tick, tick_text(tick, self._scale.step, phrases)) for tick in self._scale.ticks]
        unit = line(chart.unit)
        self._unit = unit
        self._left = max(text_width(text) for _, text in self._ticks) + 10
        self._top = top + (26 if unit else 10)
        self._bottom = top + _PLOT - 26
        self._room = width - self._left - 8

    def draw(self) -> Iterator[str]:
        yield from self._grid()
        match self._chart.kind:
            case ChartKind.LINE:
                for place, row in enumerate(self._rows):
                    yield from self._curve(place, row)
            case ChartKind.BARS:
                yield from self._bars()
            case ChartKind.STACK:
                yield from self._stacks()
            case ChartKind.SHARES:
                raise AssertionError("shares have no axes")
            case _:
                assert_never(self._chart.kind)

    def _grid(self) -> Iterator[str]:
        if self._unit:
            yield lettering(0, self._top - 14, shortened(self._unit, self._width))
        for tick, text in self._ticks:
            y = self._y(tick)
            yield rule(self._left, y, self._width, y, "0.7" if tick == 0 else "0.28")
            yield lettering(self._left - 8, y + 4, text, "end")
        for place in shown_labels([shortened(label, self._room) for label in self._labels], self._room):
            text = shortened(self._labels[place], self._room)
            yield lettering(*self._under(place, text), text, "middle")

    def _under(self, place: int, text: str) -> tuple[float, float]:
        """Below its point, but within the picture."""
        half = text_width(text) / 2
        return min(max(self._x(place), half), max(half, self._width - half)), self._bottom + 19

    def _x(self, place: int) -> float:
        """The middle of the place; a single one stands in the middle of all."""
        return self._left + self._room * (place + 0.5) / len(self._labels) + 4

    def _y(self, value: float) -> float:
        return self._bottom - (self._bottom - self._top) * self._scale.share(value)

    def _curve(self, series: int, row: Values) -> Iterator[str]:
        """A line with a gap wherever there is no value; a value between two gaps is a dot."""
        colour = COLOURS[series]
        dashes = f' stroke-dasharray="{_DASHES[series]}"' if _DASHES[series] else ""
        for stretch in _stretches(row):
            points = [(self._x(place), self._y(value)) for place, value in stretch]
            if len(points) > 1:
                path = "L".join(f"{number(x)} {number(y)}" for x, y in points)
                yield (
                    f'<path class="l{series + 1}" d="M{path}" fill="none" stroke="{colour}" stroke-width="2.2"'
                    f' stroke-linejoin="round" stroke-linecap="round"{dashes}/>'
                )
            if len(points) == 1 or len(self._labels) <= _DOTS:
                for x, y in points:
                    yield f'<circle class="s{series + 1}" cx="{number(x)}" cy="{number(y)}" r="3" fill="{colour}"/>'

    def _bars(self) -> Iterator[str]:
        slot = self._room / len(self._labels)
        each = min(40.0, slot * 0.72 / len(self._rows))
        for place in range(len(self._labels)):
            left = self._x(place) - each * len(self._rows) / 2
            for series, row in enumerate(self._rows):
                value = row[place]
                if value:
                    high, low = self._y(max(value, 0.0)), self._y(min(value, 0.0))
                    yield box(left + each * series, high, each - (1 if each > 4 else 0), max(low - high, 1.0), series)

    def _stacks(self) -> Iterator[str]:
        """What is below nothing hangs from the line, so that what came and what went are told apart."""
        each = min(44.0, self._room / len(self._labels) * 0.72)
        for place in range(len(self._labels)):
            above = below = 0.0
            for series, row in enumerate(self._rows):
                value = row[place] or 0.0
                start = above if value > 0 else below
                if value:
                    high, low = self._y(max(start, start + value)), self._y(min(start, start + value))
                    gap = 1.0 if low - high > 3 else 0.0
                    yield box(self._x(place) - each / 2, high, each, low - high - gap, series, 1.5)
                above, below = above + max(value, 0.0), below + min(value, 0.0)


def _heights(kind: ChartKind, rows: Sequence[Values]) -> list[float]:
    if kind is ChartKind.STACK:
        columns = [[value or 0.0 for value in column] for column in zip(*rows, strict=True)]
        return [sum(side(value, 0.0) for value in column) for column in columns for side in (max, min)]
    return [value for row in rows for value in row if value is not None]


def _stretches(row: Values) -> Iterator[list[tuple[int, float]]]:
    """Values that stand side by side, each with its place."""
    for there, stretch in groupby(enumerate(row), lambda one: one[1] is not None):
        if there:
            yield [(place, value) for place, value in stretch if value is not None]
