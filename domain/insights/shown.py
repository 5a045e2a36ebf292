"""A saved insight as a person reads it: what it asks, drawn where it can be, and its figures as a table."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

import orjson

from domain.insights.naming import metadata
from domain.insights.plans import (
    in_words,
)
from domain.insights.query_models import Query, TrendsQuery
from domain.insights.results import (
    Cohort,
    FunnelResult,
    FunnelTimesResult,
    FunnelTrendsResult,
    LifecycleResult,
    PathsResult,
    Result,
    RetentionResult,
    SqlResult,
    StickinessResult,
    TrendsLine,
    TrendsResult,
)
from domain.insights.saved import SavedInsight
from domain.insights.trends import name_in_words
from domain.languages import Language
from domain.reports.document import (
    Block,
    Card,
    Chart,
    ChartKind,
    Document,
    Flow,
    Row,
    Section,
    Series,
    Shades,
    Table,
    Text,
    Way,
)

_BARS = {"ActionsBar", "ActionsStackedBar", "ActionsBarValue", "ActionsPie"}
_EMPTY = "There is nothing to show yet."


def document(insight: SavedInsight, query: Query | None, result: Result | None, now: datetime) -> Document:
    """Without a result it says so. Its words are English, as those of the wire are."""
    words = metadata(query)
    return Document(
        language=Language.EN,
        title=insight.name or insight.derived_name or words.name,
        subtitle=words.description if query is not None else "",
        summary=insight.description or "",
        sections=[
            Section(title=_when(result), blocks=[Text(content=_EMPTY)] if result is None else blocks(query, result))
        ],
        generated_at=_here(now, result),
    )


def _when(result: Result | None) -> str:
    if result is None or isinstance(result, SqlResult):
        return "Result"
    zone = ZoneInfo(result.resolved.time_zone)
    last = result.resolved.date_to - timedelta.resolution
    start, end = (at.astimezone(zone).date() for at in (result.resolved.date_from, last))
    return f"{start} – {end} ({result.resolved.time_zone})"


def _here(now: datetime, result: Result | None) -> datetime:
    zone = "UTC" if result is None or isinstance(result, SqlResult) else result.resolved.time_zone
    return now.astimezone(ZoneInfo(zone))


def blocks(query: Query | None, result: Result) -> list[Block]:
    """What is drawn of a result, or set as a table."""
    match result:
        case TrendsResult():
            return _trends(query, result)
        case FunnelResult():
            return _funnel(result)
        case FunnelTimesResult():
            values = [float(one.count) for one in result.bins]
            return [
                _chart(
                    ChartKind.BARS, "Time to convert", [_lasting(one.start_s) for one in result.bins], [("", values)]
                )
            ]
        case FunnelTrendsResult():
            lines = [(in_words(line.breakdown), line.rates) for line in result.lines]
            return _lines("Conversion", result.lines[0].labels if result.lines else (), lines, ChartKind.LINE, "%")
        case RetentionResult():
            return [_retention(result)]
        case PathsResult():
            return [_flow(result)] if result.edges else [Text(content=_EMPTY)]
        case LifecycleResult():
            lines = [(line.status.value, line.data) for line in result.lines]
            return _lines("Lifecycle", result.lines[0].labels if result.lines else (), lines, ChartKind.STACK)
        case StickinessResult():
            lines = [(line.label, line.data) for line in result.lines]
            return _lines("Stickiness", result.lines[0].labels if result.lines else (), lines, ChartKind.BARS)
        case SqlResult():
            rows = [[_cell(value) for value in row] for row in result.rows]
            numeric = [all(_is_number(row[place]) for row in result.rows) for place in range(len(result.columns))]
            return [_table(result.columns, rows, numeric)]
        case _:
            assert_never(result)


def _trends(query: Query | None, result: TrendsResult) -> list[Block]:
    """A number for the whole time stands alone; lines are drawn."""
    if result.lines and all(line.aggregated_value is not None for line in result.lines):
        return [Card(icon="target", title=_name(line), content=_number(line.aggregated_value)) for line in result.lines]
    display = query.trends_filter.display if isinstance(query, TrendsQuery) and query.trends_filter else None
    kind = ChartKind.BARS if display in _BARS else ChartKind.LINE
    lines = [(_name(line), line.data) for line in result.lines]
    return _lines("Over time", result.lines[0].labels if result.lines else (), lines, kind)


def _name(line: TrendsLine) -> str:
    parts = [name_in_words(line)]
    return " – ".join([*parts, "the time before"] if line.compare == "previous" else parts)


Lines = Sequence[tuple[str, Sequence[float | None]]]


def _lines(title: str, labels: Sequence[str], lines: Lines, kind: ChartKind, unit: str = "") -> list[Block]:
    """A chart of as many as can be told apart; with more of them a table of all."""
    drawn: list[Block] = [_chart(kind, title, labels, lines, unit)]
    if len(lines) <= _MOST_DRAWN:
        return drawn
    rows = [[name, *map(_number, values)] for name, values in lines]
    return [*drawn, _table(("", *labels), rows, (False, *(True for _ in labels)))]


_MOST_DRAWN = 6


def _chart(kind: ChartKind, title: str, labels: Sequence[str], lines: Lines, unit: str = "") -> Chart:
    series = [Series(name=name, values=list(values)) for name, values in lines[:_MOST_DRAWN]]
    return Chart(kind=kind, title=title, summary="", labels=list(labels), series=series, unit=unit)


def _funnel(result: FunnelResult) -> list[Block]:
    """Shares of those who began, and how many they are."""
    drawn = [group for group in result.groups if group.steps]
    if not drawn:
        return [Text(content=_EMPTY)]
    shares: Lines = [
        (in_words(group.breakdown), [step.count / (group.steps[0].count or 1) for step in group.steps])
        for group in drawn
    ]
    names = [step.custom_name or step.name for step in drawn[0].steps]
    if len(drawn) == 1:
        names = [f"{name} · {step.count:,}" for name, step in zip(names, drawn[0].steps, strict=True)]
    rows = [
        [
            in_words(group.breakdown),
            step.custom_name or step.name,
            f"{step.count:,}",
            _lasting(step.average_conversion_s),
        ]
        for group in drawn
        for step in group.steps
    ]
    first = 0 if any(group.breakdown for group in drawn) else 1
    numeric = (False, False, True, True)[first:]
    table = _table(("", "Step", "Reached", "On average")[first:], [row[first:] for row in rows], numeric)
    return [_chart(ChartKind.SHARES, "Steps", names, shares), table]


def _retention(result: RetentionResult) -> Shades:
    """The share of each cohort that came back; who looks for numbers finds the size beside it."""
    return Shades(
        title="Came back",
        summary="",
        note="Size",
        columns=list(result.period_labels),
        rows=[_cohort(cohort) for cohort in result.cohorts],
    )


def _cohort(cohort: Cohort) -> Row:
    name = f"{cohort.date.replace('T', ' ')[:16]} {in_words(cohort.breakdown)}".rstrip()
    return Row(
        name=name,
        note=f"{cohort.size:,}",
        values=[value / cohort.size if cohort.size else None for value in cohort.values],
    )


def _flow(result: PathsResult) -> Flow:
    ways = [
        Way(
            column=one.step,
            source=one.source,
            target=one.target,
            count=one.count,
            note=_lasting(one.average_conversion_s),
        )
        for one in result.edges
    ]
    return Flow(
        title="What follows what", summary="", headings=["Step", "From", "To", "Paths", "On average"], ways=ways
    )


def _table(columns: Sequence[str], rows: list[list[str]], numeric: Sequence[bool]) -> Table:
    return Table(columns=list(columns), rows=rows, numeric=list(numeric))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _lasting(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    found = next((unit for unit in _UNITS if seconds >= unit[1]), _UNITS[-1])
    return f"{seconds / found[1]:.1f}".removesuffix(".0") + f" {found[0]}"


_UNITS: Sequence[tuple[str, float]] = (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0))
