"""Trends: from the query to the plans, and from what an engine found to the result."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, TypeAlias

from domain.insights.buckets import (
    Buckets,
)
from domain.insights.errors import TooCostly
from domain.insights.formulas import Formula, read
from domain.insights.plans import (
    MEANS,
    OTHER,
    BreakdownValue,
    Line,
    Math,
    Series,
    TrendsPlan,
    in_words,
    named,
)
from domain.insights.query_dates import Frame, before, buckets, days, labels, span
from domain.insights.query_errors import Place
from domain.insights.query_filters import breakdown_of, filter_of, matched, number_of, subject_of
from domain.insights.query_models import AGGREGATED, FormulaNode, TrendsQuery
from domain.insights.results import Resolved, TrendsLine, TrendsResult

FORMULA = "formula"
"""What stands for the math of a formula's line."""

_CUMULATIVE = "ActionsLineGraphCumulative"
_Compared: TypeAlias = Literal["current", "previous"] | None


def plans(query: TrendsQuery, frame: Frame) -> tuple[TrendsPlan, ...]:
    """One for the time that is asked of, and a second one for the time it is compared with, if it is.

    Displays of one number have one bucket. Raises InvalidQuery.
    """
    current = TrendsPlan(
        series=tuple(
            Series(matched(node, frame, ("series", str(place))), node.counted, number_of(node, ("series", str(place))))
            for place, node in enumerate(query.series)
        ),
        within=_times(query, frame)[0],
        where=filter_of(query.properties, frame),
        breakdown=breakdown_of(query.breakdown_filter),
        subject=subject_of(query),
        only_first=_display(query) == _CUMULATIVE,
    )
    formulas(query)
    _bound(current)
    return tuple(replace(current, within=within.until(frame.now)) for within in _times(query, frame))


MOST_NUMBERS = 1_000_000


def _bound(plan: TrendsPlan) -> None:
    """Raises TooCostly where the result could be too large to be held and sent."""
    values = 1 if plan.breakdown is None else plan.breakdown.limit + 1
    if len(plan.series) * values * len(plan.within.starts) > MOST_NUMBERS:
        raise TooCostly(
            f"the result could have more than {MOST_NUMBERS:,} numbers: ask for a longer interval,"
            " a shorter range, fewer values of the breakdown or fewer series"
        )


def _display(query: TrendsQuery) -> str | None:
    return query.trends_filter and query.trends_filter.display


def _is_aggregated(query: TrendsQuery) -> bool:
    return _display(query) in AGGREGATED


def _times(query: TrendsQuery, frame: Frame) -> tuple[Buckets, ...]:
    """The whole buckets, those to come too, and those before them."""
    asked = buckets(query.date_range, query.interval, frame)
    earlier = before(asked, query.compare_filter)
    if not _is_aggregated(query):
        return (asked,) if earlier is None else (asked, earlier)
    within = span(query.date_range, frame, interval=query.interval)
    assert within.start is not None
    whole = replace(asked, starts=(within.start,))
    if earlier is None:
        return (whole,)
    # As far into the first bucket as the time that is asked of.
    return (whole, replace(earlier, starts=(earlier.starts[0] + (within.start - asked.starts[0]),)))


def result(query: TrendsQuery, frame: Frame, found: Sequence[Sequence[Line]]) -> TrendsResult:
    """Of the lines that an engine found for each of the `plans`."""
    times = _times(query, frame)
    compared: tuple[_Compared, ...] = (None,) if len(times) == 1 else ("current", "previous")
    shown = [
        _Shown(query, within, which, days(within), labels(within))
        for within, which in zip(times, compared, strict=True)
    ]
    lines = tuple(line for part, some in zip(shown, found, strict=True) for line in part.lines(some))
    hides = query.breakdown_filter is not None and query.breakdown_filter.breakdown_hide_other_aggregation
    kept = tuple(line for line in lines if not (hides and line.breakdown and OTHER in line.breakdown))
    rest = any(line.breakdown is not None and OTHER in line.breakdown for line in lines)
    whole = times[0]
    resolved = Resolved(whole.starts[0], whole.end, whole.zone, whole.interval)
    return TrendsResult("trends", resolved, kept, rest)


def label_in_words(line: TrendsLine) -> str:
    """Its label for people: with words for a value that is missing, and for the rest."""
    if not line.breakdown:
        return line.label
    return line.label.removesuffix("::".join(line.breakdown)) + in_words(line.breakdown, "::")


def name_in_words(line: TrendsLine) -> str:
    """What it is called, for people: as somebody called it, and by its value of the breakdown."""
    if line.custom_name is None:
        return label_in_words(line)
    return f"{line.custom_name} - {in_words(line.breakdown, '::')}" if line.breakdown else line.custom_name


def formulas(query: TrendsQuery, place: Place = ()) -> list[tuple[FormulaNode, Formula]]:
    """Those that are shown instead of the series, and what they compute. Raises InvalidQuery."""
    nodes = query.trends_filter.all_formulas if query.trends_filter else ()
    here = (*place, "trendsFilter", "formula")
    return [(node, read(node.formula, len(query.series), here)) for node in nodes]


@dataclass(frozen=True, slots=True)
class _Shown:
    """How lines are told of one of the times that are compared."""

    query: TrendsQuery
    within: Buckets
    compared: _Compared
    days: tuple[str, ...]
    labels: tuple[str, ...]

    def lines(self, found: Sequence[Line]) -> Iterator[TrendsLine]:
        computing = formulas(self.query)
        if not computing:
            yield from (self._of_series(line) for line in found)
        for place, (node, compute) in enumerate(computing):
            for value, numbers in _by_value(found, len(self.query.series), len(self.within.starts)).items():
                computed = [compute(column) for column in zip(*numbers, strict=True)]
                name = node.custom_name
                yield self._line(place, value, computed, None, f"Formula ({node.formula})", name, FORMULA)

    def _of_series(self, line: Line) -> TrendsLine:
        node = self.query.series[line.series]
        label = node.event or "All events"
        values = _padded(line.values, len(self.within.starts), node.counted)
        return self._line(line.series, line.breakdown, values, node.event, label, node.custom_name, node.counted)

    def _line(
        self,
        place: int,
        value: BreakdownValue,
        values: Sequence[float | None],
        event: str | None,
        label: str,
        name: str | None,
        math: str,
    ) -> TrendsLine:
        breakdown = named(value)
        if breakdown is not None:
            told = "::".join(breakdown)
            label = told if len(self.query.series) == 1 else f"{label} - {told}"
        aggregated = values[0] or 0.0 if _is_aggregated(self.query) else None
        if aggregated is not None:
            return TrendsLine(
                place, event, label, name, math, breakdown, self.compared, (), (), (), aggregated, aggregated
            )
        if _display(self.query) == _CUMULATIVE:
            values = list(accumulate(number or 0.0 for number in values))
        count = (values[-1] or 0.0) if _display(self.query) == _CUMULATIVE else sum(number or 0.0 for number in values)
        return TrendsLine(
            place, event, label, name, math, breakdown, self.compared, self.days, self.labels, tuple(values), count
        )


def _padded(values: Sequence[float | None], size: int, math: Math) -> Sequence[float | None]:
    """With what is told of the buckets that are yet to come."""
    return [*values, *[None if math in MEANS else 0.0] * (size - len(values))]


def _by_value(found: Sequence[Line], series: int, size: int) -> Mapping[BreakdownValue, list[Sequence[float | None]]]:
    """For each value of the breakdown the numbers of all series, 0 of those that have none; the rest comes last."""
    nothing: Sequence[float | None] = [0.0] * size
    numbers: dict[BreakdownValue, list[Sequence[float | None]]] = {}
    for line in sorted(found, key=lambda line: OTHER in line.breakdown):
        of_value = numbers.setdefault(line.breakdown, [nothing] * series)
        of_value[line.series] = [*line.values, *nothing[len(line.values) :]]
    return numbers
