"""What a result says, in plain English: how it changed, its best and its worst, and how much it is worth.

All is told from the result alone, so nothing is computed anew; few cases are said to be few.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from domain.insights.naming import subjects
from domain.insights.plans import (
    LifecycleStatus,
    in_words,
)
from domain.insights.query_models import HogQLQuery, Query, StickinessQuery
from domain.insights.results import (
    Cohort,
    FunnelResult,
    FunnelStep,
    FunnelSteps,
    FunnelTimesResult,
    FunnelTrendsResult,
    LifecycleResult,
    PathsResult,
    Result,
    RetentionResult,
    SqlResult,
    StickinessLine,
    StickinessResult,
    TrendsLine,
    TrendsResult,
)
from domain.insights.trends import name_in_words

FEW = 20
"""Below this a share of them says little."""
_MOST_LINES = 5
_EVEN = 0.05
"""Changes up to this share are none to speak of."""


def analyse(query: Query, result: Result) -> str:
    """Some sentences; '' where nothing can be said."""
    return " ".join(part for part in _sentences(query, result) if part)


def _sentences(query: Query, result: Result) -> list[str]:
    who = "rows" if isinstance(query, HogQLQuery) else subjects(query)
    match result:
        case TrendsResult():
            return _trends(result)
        case FunnelResult():
            return _funnel(who, result)
        case FunnelTimesResult():
            return _funnel_times(who, result)
        case FunnelTrendsResult():
            return _funnel_trends(who, result)
        case RetentionResult():
            return _retention(who, result)
        case PathsResult():
            return _paths(result)
        case LifecycleResult():
            return _lifecycle(who, result)
        case StickinessResult():
            told = _in_how_many if _is_cumulative(query) else _stickiness
            return [sentence for line in result.lines[:_MOST_LINES] for sentence in told(who, line)]
        case SqlResult():
            return _sql(result)


def number(value: float) -> str:
    """1,234 or 0.57"""
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.2f}"


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f}%"


def lasting(seconds: float) -> str:
    """45 seconds, 3.5 minutes, 2 hours, 4 days"""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size or unit == "second":
            amount = f"{seconds / size:.1f}".removesuffix(".0")
            return f"{amount} {unit}{'' if amount == '1' else 's'}"
    raise AssertionError


def _few(count: float, who: str) -> str:
    return f"That is only {number(count)} {who}, so it says little." if 0 < count < FEW else ""


def _trends(result: TrendsResult) -> list[str]:
    current = [line for line in result.lines if line.compare != "previous"]
    told = [sentence for line in current[:_MOST_LINES] for sentence in _line(line, result.lines)]
    return [*_largest(current), *told]


def _line(line: TrendsLine, lines: Sequence[TrendsLine]) -> list[str]:
    name = name_in_words(line)
    known = [(value, label) for value, label in zip(line.data, line.labels, strict=True) if value is not None]
    if line.aggregated_value is not None:
        return [f"{name}: {number(line.aggregated_value)}.", _compared(line, lines)]
    if not any(value for value, _ in known):
        return []
    best, worst = max(known, key=lambda one: one[0]), min(known, key=lambda one: one[0])
    extremes = f"{name}: the most was {number(best[0])} ({best[1]})"
    if worst[0] != best[0]:
        extremes += f", the least {number(worst[0])} ({worst[1]})"
    return [f"{extremes}.", _halves([value for value, _ in known]), _compared(line, lines), _small(line)]


def _small(line: TrendsLine) -> str:
    return _few(line.count, "in all") if line.math == "total" else ""


def _halves(values: Sequence[float]) -> str:
    """How the later half compares with the earlier one; the last value is left out, it may go on."""
    whole = values[:-1]
    if len(whole) < 4:
        return ""
    half = len(whole) // 2
    return _change(
        "In the later half it was", sum(whole[-half:]) / half, sum(whole[:half]) / half, "in the earlier one"
    )


def _compared(line: TrendsLine, lines: Sequence[TrendsLine]) -> str:
    for other in lines:
        if other.compare == "previous" and (other.series, other.breakdown) == (line.series, line.breakdown):
            now = line.count if line.aggregated_value is None else line.aggregated_value
            before = other.count if other.aggregated_value is None else other.aggregated_value
            return _change("All in all it is", now, before, "in the time before")
    return ""


def _change(start: str, now: float, before: float, when: str) -> str:
    """The words of a change, in shares where there is something to take a share of."""
    if before <= 0:
        return f"{start} {number(now)}, after none {when}." if now > 0 else ""
    change = now / before - 1
    if abs(change) <= _EVEN:
        return f"{start} about the same as {when}."
    much = f"{abs(change):.0%} {'more' if change > 0 else 'less'}"
    return f"{start} {much} than {when} ({number(now)} against {number(before)})."


def _largest(lines: Sequence[TrendsLine]) -> list[str]:
    """The value of a breakdown with the most, of counts that add up."""
    several = [line for line in lines if line.breakdown and line.series == lines[0].series and line.math == "total"]
    whole = sum(line.count for line in several)
    if len(several) < 2 or not whole:
        return []
    most = max(several, key=lambda line: line.count)
    return [f"{in_words(most.breakdown)} has the most: {share(most.count, whole)} of {number(whole)}."]


def _funnel(who: str, result: FunnelResult) -> list[str]:
    groups = [group for group in result.groups if group.steps and group.steps[0].count]
    if not groups:
        return []
    told = [sentence for group in groups[:_MOST_LINES] for sentence in _group(who, group)]
    return [*told, *_best_group(who, groups)]


def _group(who: str, group: FunnelSteps) -> list[str]:
    first, last = group.steps[0], group.steps[-1]
    of = f" of {in_words(group.breakdown)}" if group.breakdown else ""
    path = f"from {_step(first)} to {_step(last)}"
    reached = f"{number(last.count)} of {number(first.count)} {who}{of} ({share(last.count, first.count)}) got {path}."
    return [reached, _drop(group.steps), _slowest(group.steps), _few(first.count, who)]


def _step(step: FunnelStep) -> str:
    return step.custom_name or step.name


def _drop(steps: Sequence[FunnelStep]) -> str:
    pairs = [(early, late) for early, late in pairwise(steps) if early.count > late.count]
    if not pairs or len(steps) < 3:
        return ""
    early, late = max(pairs, key=lambda pair: pair[0].count - pair[1].count)
    lost = early.count - late.count
    return f"Most were lost between {_step(early)} and {_step(late)}: {number(lost)} of {number(early.count)}."


def _slowest(steps: Sequence[FunnelStep]) -> str:
    timed = [(step.median_conversion_s, step) for step in steps if step.median_conversion_s is not None]
    if not timed:
        return ""
    seconds, step = max(timed, key=lambda one: one[0])
    longest = ", the longest wait" if len(timed) > 1 else ""
    return f"Half of them took {lasting(seconds)} or less to {_step(step)}{longest}."


def _best_group(who: str, groups: Sequence[FunnelSteps]) -> list[str]:
    rated = [(group.steps[-1].count / group.steps[0].count, group) for group in groups if group.steps[0].count >= FEW]
    if len(rated) < 2:
        return []
    (best, high), (worst, low) = max(rated, key=lambda one: one[0]), min(rated, key=lambda one: one[0])
    if best == worst:
        return []
    names = [in_words(group.breakdown) for group in (high, low)]
    return [f"Of those with {FEW} {who} or more {names[0]} does best ({best:.0%}), {names[1]} worst ({worst:.0%})."]


def _funnel_times(who: str, result: FunnelTimesResult) -> list[str]:
    count = sum(one.count for one in result.bins)
    if not count or result.average_s is None:
        return []
    most = max(result.bins, key=lambda one: one.count)
    return [
        f"{number(count)} {who} got there, in {lasting(result.average_s)} on average.",
        f"Most often ({share(most.count, count)}) it took {lasting(most.start_s)} or somewhat more.",
        _few(count, who),
    ]


def _funnel_trends(who: str, result: FunnelTrendsResult) -> list[str]:
    told: list[str] = []
    for line in result.lines[:_MOST_LINES]:
        rated = [(rate, label) for rate, label in zip(line.rates, line.labels, strict=True) if rate is not None]
        entered = sum(line.entered)
        if not rated or not entered:
            continue
        of = f" of {in_words(line.breakdown)}" if line.breakdown else ""
        best, worst = max(rated, key=lambda one: one[0]), min(rated, key=lambda one: one[0])
        told.append(f"{share(sum(line.converted), entered)} of {number(entered)} {who}{of} got to the end.")
        if best[0] != worst[0]:
            told.append(f"Best was {best[0]:.0f}% ({best[1]}), worst {worst[0]:.0f}% ({worst[1]}).")
        told.append(_few(entered, who))
    return told


def _retention(who: str, result: RetentionResult) -> list[str]:
    cohorts = [cohort for cohort in result.cohorts if cohort.size]
    told = [_back(who, cohorts, period, result.period_labels) for period in _periods(cohorts)]
    rated = [(one.values[1] / one.size, one) for one in cohorts if len(one.values) > 1 and one.size >= FEW]
    if len(rated) > 1:
        (best, high), (worst, low) = max(rated, key=_first), min(rated, key=_first)
        if best != worst:
            told.append(
                f"The cohort of {high.label} came back most ({best:.0%}), that of {low.label} least ({worst:.0%})."
            )
    return [*told, _few(sum(cohort.size for cohort in cohorts), who)] if told else []


T = TypeVar("T")


def _first(one: tuple[float, T]) -> float:
    return one[0]


def _periods(cohorts: Sequence[Cohort]) -> list[int]:
    """The one after the first, and the last one that half of the cohorts have seen."""
    seen = sorted(len(cohort.values) - 1 for cohort in cohorts)
    late = seen[len(seen) // 2] if seen else 0
    return sorted({period for period in (1, late) if any(count >= period for count in seen) and period > 0})


def _back(who: str, cohorts: Sequence[Cohort], period: int, labels: Sequence[str]) -> str:
    there = [cohort for cohort in cohorts if len(cohort.values) > period]
    size, back = sum(cohort.size for cohort in there), sum(cohort.values[period] for cohort in there)
    label = labels[period] if period < len(labels) else f"period {period}"
    return f"{share(back, size)} of {number(size)} {who} came back in {label}."


def _paths(result: PathsResult) -> list[str]:
    if not result.edges:
        return []
    whole = sum(edge.count for edge in result.edges if edge.step == min(one.step for one in result.edges))
    most = max(result.edges, key=lambda edge: edge.count)
    slow = max(result.edges, key=lambda edge: edge.average_conversion_s)
    return [
        f"Most go from {most.source} to {most.target}: {number(most.count)} times, as step {most.step}.",
        f"The longest wait is from {slow.source} to {slow.target}: {lasting(slow.average_conversion_s)} on average.",
        _few(whole, "paths"),
    ]


def _lifecycle(who: str, result: LifecycleResult) -> list[str]:
    totals = {line.status: abs(line.count) for line in result.lines}
    came = totals.get(LifecycleStatus.NEW, 0) + totals.get(LifecycleStatus.RESURRECTING, 0)
    went, stayed = totals.get(LifecycleStatus.DORMANT, 0), totals.get(LifecycleStatus.RETURNING, 0)
    if not came + went + stayed:
        return []
    new = number(totals.get(LifecycleStatus.NEW, 0))
    verdict = "More came than went" if came > went else "More went than came" if went > came else "As many came as went"
    return [
        f"{verdict}: {number(came)} {who} came ({new} of them new) and {number(went)} went dormant.",
        f"{number(stayed)} times one of them was there twice in a row.",
        _few(came + stayed, "such cases"),
    ]


def _is_cumulative(query: Query) -> bool:
    filter = query.stickiness_filter if isinstance(query, StickinessQuery) else None
    return filter is not None and filter.computed_as == "cumulative"


def _stickiness(who: str, line: StickinessLine) -> list[str]:
    """Each subject counts once, where it belongs."""
    count = sum(line.data)
    if not count:
        return []
    mean = sum(interval * value for interval, value in zip(line.intervals, line.data, strict=True)) / count
    name, most = line.custom_name or line.label, len(line.intervals)
    return [
        f"{name}: {number(count)} {who} were active in {number(mean)} of {most} on average.",
        f"{share(line.data[0], count)} of them only once; the most active in {_most_active(line)}.",
        _few(count, who),
    ]


def _in_how_many(who: str, line: StickinessLine) -> list[str]:
    """The first number is that of all subjects."""
    if not line.data or not line.data[0]:
        return []
    name = line.custom_name or line.label
    active = f"the most active in {_most_active(line)} of {len(line.intervals)}"
    return [f"{name}: {number(line.data[0])} {who} were active, {active}.", _few(line.data[0], who)]


def _most_active(line: StickinessLine) -> int:
    return max(interval for interval, value in zip(line.intervals, line.data, strict=True) if value)


def _sql(result: SqlResult) -> list[str]:
    if not result.rows:
        return []
    if len(result.rows) == 1 and len(result.columns) == 1:
        return [f"{result.columns[0]} is {result.rows[0][0]}."]
    more = ", and there are more" if result.has_more else ""
    rows = "1 row" if len(result.rows) == 1 else f"{number(len(result.rows))} rows"
    return [f"{rows} of {len(result.columns)} columns{more}."]
