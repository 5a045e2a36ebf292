"""Results as PostHog's clients read them: what is shown depends on the kind, the names are those of that system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from typing_extensions import TypedDict

from domain.insights.plans import (
    MISSING,
    OTHER,
    in_words,
)
from domain.insights.results import (
    Cohort,
    FunnelResult,
    FunnelStep,
    FunnelTimesResult,
    FunnelTrendLine,
    FunnelTrendsResult,
    LifecycleLine,
    LifecycleResult,
    PathEdge,
    PathsResult,
    Resolved,
    Result,
    RetentionResult,
    SqlResult,
    StickinessLine,
    StickinessResult,
    TrendsLine,
    TrendsResult,
)
from rest_compat.wire import Time, plain


class RangeBody(TypedDict):
    """The time that a result came to be about; `date_to` is left out of it."""

    date_from: Time
    date_to: Time


Wire: TypeAlias = "Sequence[object] | Mapping[str, object]"

_MS = 1000
"""That system tells how long paths take in milliseconds, and everything else in seconds."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says at once; `columns`, `types` (each with the name of its column) and `hogql` are those
    of SQL."""

    result: Wire
    has_more: bool | None
    columns: Sequence[str] | None = None
    types: Sequence[Sequence[str]] | None = None
    hogql: str | None = None
    resolved: RangeBody | None = None
    zone: str | None = None


def told(result: Result) -> Told:
    """The result with all that an answer says about it."""
    if isinstance(result, SqlResult):
        types = [list(pair) for pair in zip(result.columns, result.types, strict=True)]
        return Told(wire(result), result.has_more, result.columns, types, result.statement)
    more = result.has_more if isinstance(result, TrendsResult) else False
    return Told(wire(result), more, resolved=_range(result.resolved), zone=result.resolved.time_zone)


def _range(resolved: Resolved) -> RangeBody:
    return {"date_from": plain(resolved.date_from), "date_to": plain(resolved.date_to)}


def wire(result: Result) -> Wire:
    """The `result` of an insight, the `results` of a query."""
    match result:
        case TrendsResult():
            return [_trend(line) for line in result.lines]
        case FunnelResult():
            return _funnel(result)
        case FunnelTimesResult():
            bins = [[one.start_s, one.count] for one in result.bins]
            return {"bins": bins, "average_conversion_time": result.average_s}
        case FunnelTrendsResult():
            return [_rates(line) for line in result.lines]
        case RetentionResult():
            return [_cohort(cohort, result.period_labels) for cohort in result.cohorts]
        case PathsResult():
            return [_edge(edge) for edge in result.edges]
        case LifecycleResult():
            return [_lifecycle(line, result.event) for line in result.lines]
        case StickinessResult():
            return [_stickiness(line) for line in result.lines]
        case SqlResult():
            return [list(row) for row in result.rows]
        case _:
            assert_never(result)


def _number(value: float) -> float:
    """Whole ones without a point, as that system writes them."""
    return int(value) if float(value).is_integer() else value


def _numbers(values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else _number(value) for value in values]


def _action(order: int, event: str | None, **more: object) -> dict[str, object]:
    return {"id": event, "type": "events", "order": order, "name": event, **more}


def _broken_down(breakdown: tuple[str, ...] | None) -> dict[str, object]:
    """By one property its value, by several a list of them."""
    if breakdown is None:
        return {}
    values = [_MARKS.get(value, value) for value in breakdown]
    return {"breakdown_value": values[0] if len(values) == 1 else values}


_MARKS = {OTHER: "$$_posthog_breakdown_other_$$", MISSING: "$$_posthog_breakdown_null_$$"}
"""What clients of this system look for: the rest, and a value that is not there."""


def _trend(line: TrendsLine) -> dict[str, object]:
    compared = {} if line.compare is None else {"compare": True, "compare_label": line.compare}
    single = {} if line.aggregated_value is None else {"aggregated_value": _number(line.aggregated_value)}
    return {
        "action": _action(line.series, line.event, custom_name=line.custom_name, math=line.math),
        "label": line.label,
        "count": _number(line.count),
        "data": _numbers(line.data),
        "labels": line.labels,
        "days": line.days,
        **single,
        **_broken_down(line.breakdown),
        **compared,
    }


def _funnel(result: FunnelResult) -> Wire:
    """The steps; with a breakdown a list of them for each value."""
    groups = [[_step(step) for step in group.steps] for group in result.groups]
    return groups[0] if len(groups) == 1 and result.groups[0].breakdown is None else groups


def _step(step: FunnelStep) -> dict[str, object]:
    return {
        "action_id": step.event,
        "name": step.name,
        "custom_name": step.custom_name,
        "order": step.order,
        "count": step.count,
        "type": "events",
        "average_conversion_time": step.average_conversion_s,
        "median_conversion_time": step.median_conversion_s,
        **_broken_down(step.breakdown),
    }


def _rates(line: FunnelTrendLine) -> dict[str, object]:
    return {
        "count": sum(line.entered),
        "data": _numbers(line.rates),
        "days": line.days,
        "labels": line.labels,
        **_broken_down(line.breakdown),
    }


def _cohort(cohort: Cohort, labels: Sequence[str]) -> dict[str, object]:
    """The first value is how many belong to it, as that system has it; the others are those who came back."""
    counts = (cohort.size, *cohort.values[1:])
    return {
        "date": cohort.date,
        "label": cohort.label,
        "values": [{"count": count, "label": label} for count, label in zip(counts, labels, strict=False)],
        **_broken_down(cohort.breakdown),
    }


def _edge(edge: PathEdge) -> dict[str, object]:
    return {
        "source": f"{edge.step}_{edge.source}",
        "target": f"{edge.step + 1}_{edge.target}",
        "value": edge.count,
        "average_conversion_time": edge.average_conversion_s * _MS,
    }


def _lifecycle(line: LifecycleLine, event: str | None) -> dict[str, object]:
    return {
        "action": _action(0, event),
        "label": line.label,
        "count": _number(line.count),
        "data": _numbers(line.data),
        "labels": line.labels,
        "days": line.days,
        "status": line.status,
    }


def _stickiness(line: StickinessLine) -> dict[str, object]:
    return {
        "action": _action(line.series, line.event),
        "label": line.label,
        "count": _number(line.count),
        "data": _numbers(line.data),
        "labels": line.labels,
        "days": line.intervals,
    }


Rows: TypeAlias = tuple[Sequence[str], Sequence[Sequence[object]]]
"""The columns of a table, and its rows."""


def csv_table(result: Result) -> Rows:
    """A row for each line, step, cohort or edge; a column for each of its numbers."""
    match result:
        case TrendsResult() | LifecycleResult() | StickinessResult():
            return _lines([(_series(line), line.labels, line.data) for line in result.lines])
        case FunnelTrendsResult():
            return _lines([(in_words(line.breakdown), line.labels, line.rates) for line in result.lines])
        case FunnelResult():
            names = ("breakdown", "order", "name", "count", "average_conversion_time", "median_conversion_time")
            return names, [_step_row(step) for group in result.groups for step in group.steps]
        case FunnelTimesResult():
            return ("starts_at", "count"), [(one.start_s, one.count) for one in result.bins]
        case RetentionResult():
            rows = [(one.label, in_words(one.breakdown), one.size, *one.values[1:]) for one in result.cohorts]
            return ("cohort", "breakdown", *result.period_labels), rows
        case PathsResult():
            names = ("source", "target", "value", "average_conversion_time")
            return names, [tuple(_edge(edge).values()) for edge in result.edges]
        case SqlResult():
            return result.columns, result.rows
        case _:
            assert_never(result)


def _series(line: TrendsLine | LifecycleLine | StickinessLine) -> str:
    if isinstance(line, LifecycleLine):
        return line.status
    if isinstance(line, StickinessLine) or line.compare is None:
        return line.label
    return f"{line.label} ({line.compare})"


def _lines(lines: Sequence[tuple[str, Sequence[str], Sequence[float | None]]]) -> Rows:
    """Those that are compared have labels of their own: the first ones stand above."""
    labels = lines[0][1] if lines else ()
    return ("series", *labels), [(name, *_numbers(data)) for name, _, data in lines]


def _step_row(step: FunnelStep) -> Sequence[object]:
    breakdown = in_words(step.breakdown)
    return breakdown, step.order, step.name, step.count, step.average_conversion_s, step.median_conversion_s
