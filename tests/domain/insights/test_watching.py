"""Which number of an insight an alert looks at, kind by kind."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    LifecycleStatus,
)
from domain.insights.results import (
    Cohort,
    FunnelResult,
    FunnelStep,
    FunnelSteps,
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
from domain.insights.watching import (
    WATCH,
    FunnelWatch,
    LifecycleWatch,
    NotThere,
    PathsWatch,
    Reading,
    RetentionWatch,
    SqlWatch,
    StickinessWatch,
    TrendsWatch,
    Watch,
    readings,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAYS = ("2026-03-02", "2026-03-03", "2026-03-04")


def resolved(interval: Interval | None = Interval.DAY, zone: str = "UTC") -> Resolved:
    return Resolved(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC), zone, interval)


def line(*data: float | None, series: int = 0, value: str | None = None, **more: object) -> TrendsLine:
    plain = TrendsLine(
        series, "commit", "commit", None, "total", None if value is None else (value,), None, DAYS, DAYS, data, 0.0
    )
    return replace(plain, **more)


def trends(*lines: TrendsLine, of: Resolved | None = None) -> TrendsResult:
    return TrendsResult("trends", of or resolved(), lines)


def steps(*counts: int, value: str | None = None) -> FunnelSteps:
    each = (FunnelStep(order, "e", "e", None, count, None, None) for order, count in enumerate(counts))
    return FunnelSteps(None if value is None else (value,), tuple(each))


def funnel(*groups: FunnelSteps) -> FunnelResult:
    return FunnelResult("funnel", resolved(), groups)


def cohorts(*rows: tuple[int, tuple[int, ...]], value: str | None = None) -> tuple[Cohort, ...]:
    breakdown = None if value is None else (value,)
    return tuple(Cohort(day, day, size, values, breakdown) for day, (size, values) in zip(DAYS, rows, strict=True))


def retention(*found: Cohort) -> RetentionResult:
    return RetentionResult("retention", resolved(), found, ("Day 0", "Day 1", "Day 2"))


USUAL = cohorts((10, (10, 4, 1)), (20, (20, 5)), (8, (8,)))
EDGES = (PathEdge(1, "a", "b", 3, 1.0), PathEdge(2, "a", "b", 2, 1.0), PathEdge(1, "a", "c", 9, 1.0))
PATHS = PathsResult("paths", resolved(), EDGES)
LIFECYCLE = LifecycleResult(
    "lifecycle", resolved(), "e", (LifecycleLine(LifecycleStatus.DORMANT, "Dormant", DAYS, DAYS, (-1, -4, -9), -14),)
)
STICKY = StickinessResult("stickiness", resolved(), (StickinessLine(0, "e", "e", (1, 2, 3), (), (6, 3, 1), 10),))
CUMULATIVE = StickinessResult(
    "stickiness", resolved(), (StickinessLine(0, "e", "e", (1, 2, 3), (), (10, 4, 1), 15),), cumulative=True
)
TREND = FunnelTrendsResult(
    "funnel_trends",
    resolved(),
    (FunnelTrendLine(None, DAYS, DAYS, (1, 2, 3), (1, 1, 3), (100.0, 50.0, None)),),
)
TABLE = SqlResult("sql", ("who", "n", "m"), ("text", "int", "int"), (("a", None, 7), ("b", 3, True)), False, "SELECT")
EMPTY = SqlResult("sql", ("n",), ("int",), (), False, "SELECT")

SEEN: list[tuple[str, Watch, Result, list[Reading]]] = [
    ("the last bucket that is over", TrendsWatch(), trends(line(1, 2, 9)), [Reading(2, 1)]),
    ("the one that goes on", TrendsWatch(ongoing=True), trends(line(1, 2, 9)), [Reading(9, 2)]),
    ("another series", TrendsWatch(series=1), trends(line(1, 2, 9), line(5, 6, 7, series=1)), [Reading(6, 5)]),
    ("never the time before", TrendsWatch(), trends(line(8, 8, 8, compare="previous"), line(1, 2, 9)), [Reading(2, 1)]),
    ("a mean of nothing", TrendsWatch(), trends(line(1, None, 9)), []),
    ("after a mean of nothing", TrendsWatch(), trends(line(None, 2, 9)), [Reading(2, None)]),
    ("a number for the whole time", TrendsWatch(), trends(line(1, aggregated_value=12.5)), [Reading(12.5)]),
    ("each value", TrendsWatch(), trends(line(1, 2, 9, value="x"), line(3, 4, 9, value="y")),
     [Reading(2, 1, "x"), Reading(4, 3, "y")]),
    ("one value", TrendsWatch(breakdown=("y",)), trends(line(1, 2, 9, value="x"), line(3, 4, 9, value="y")),
     [Reading(4, 3, "y")]),
    ("a value that is gone", TrendsWatch(breakdown=("z",)), trends(line(1, 2, 9, value="x")), [Reading(0, None, "z")]),
    ("no lines at all", TrendsWatch(), trends(), []),
    ("no number", TrendsWatch(), trends(line(1, math.nan, 9)), []),
    ("days of another zone", TrendsWatch(), trends(line(1, 2, 9), of=resolved(zone="Pacific/Kiritimati")),
     [Reading(9, 2)]),
    ("a day ends later further west", TrendsWatch(), trends(line(1, 2, 9), of=resolved(zone="Pacific/Honolulu")),
     [Reading(2, 1)]),
    ("hours", TrendsWatch(),
     trends(replace(line(1, 2, 9), days=("2026-03-04T09:00:00", "2026-03-04T10:00:00", "2026-03-04T11:00:00")),
            of=resolved(Interval.HOUR)), [Reading(9, 2)]),
    ("a week that goes on", TrendsWatch(),
     trends(replace(line(1, 2, 9), days=("2026-02-16", "2026-02-23", "2026-03-02")), of=resolved(Interval.WEEK)),
     [Reading(2, 1)]),
    ("a whole funnel", FunnelWatch(), funnel(steps(40, 20, 10)), [Reading(25.0)]),
    ("a step", FunnelWatch(step=2), funnel(steps(40, 20, 10)), [Reading(50.0)]),
    ("a funnel of nobody", FunnelWatch(), funnel(steps(0, 0, 0)), []),
    ("funnels by value", FunnelWatch(), funnel(steps(4, 1, value="x"), steps(2, 1, value="y")),
     [Reading(25.0, None, "x"), Reading(50.0, None, "y")]),
    ("a funnel over time", FunnelWatch(), TREND, [Reading(50.0, 100.0)]),
    ("times", FunnelWatch(), FunnelTimesResult("funnel_times", resolved(), (), 90.0), [Reading(90.0)]),
    ("times of nobody", FunnelWatch(), FunnelTimesResult("funnel_times", resolved(), (), None), []),
    ("the last cohort that had the time", RetentionWatch(period=1), retention(*USUAL), [Reading(40.0)]),
    ("in its own period", RetentionWatch(period=0), retention(*cohorts((10, (5, 4, 1)), (20, (10, 5)), (8, (8,)))),
     [Reading(50.0, 50.0)]),
    ("of all that had", RetentionWatch(period=0, average=True), retention(*USUAL), [Reading(100.0)]),
    ("no cohort had the time", RetentionWatch(period=2), retention(*USUAL), []),
    ("a cohort of nobody", RetentionWatch(period=1), retention(*cohorts((0, (0, 0, 0)), (20, (20, 5)), (8, (8,)))), []),
    ("cohorts by value", RetentionWatch(period=1),
     retention(*USUAL, *cohorts((2, (2, 2, 0)), (0, (0, 0)), (0, (0,)), value="x")),
     [Reading(40.0), Reading(100.0, None, "x")]),
    ("an edge at any step", PathsWatch("a", "b"), PATHS, [Reading(5)]),
    ("an edge at a step", PathsWatch("a", "b", step=2), PATHS, [Reading(2)]),
    ("an edge that nobody takes", PathsWatch("b", "a"), PATHS, [Reading(0)]),
    ("dormant ones above zero", LifecycleWatch(LifecycleStatus.DORMANT), LIFECYCLE, [Reading(4, 1)]),
    ("dormant ones of today", LifecycleWatch(LifecycleStatus.DORMANT, ongoing=True), LIFECYCLE, [Reading(9, 4)]),
    ("who stand otherwise", LifecycleWatch(LifecycleStatus.NEW), LIFECYCLE, []),
    ("two buckets or more", StickinessWatch(), STICKY, [Reading(40.0)]),
    ("three or more", StickinessWatch(intervals=3), STICKY, [Reading(10.0)]),
    ("cumulative ones", StickinessWatch(intervals=2), CUMULATIVE, [Reading(40.0)]),
    ("a column", SqlWatch("n"), TABLE, [Reading(3)]),
    ("the first row", SqlWatch(), TABLE, [Reading(7)]),
    ("no number in a column", SqlWatch("who"), TABLE, []),
    ("no rows", SqlWatch("n"), EMPTY, []),
]  # fmt: skip


@pytest.mark.parametrize(("watch", "result", "seen"), [one[1:] for one in SEEN], ids=[one[0] for one in SEEN])
def test_what_is_seen(watch: Watch, result: Result, seen: list[Reading]) -> None:
    assert list(readings(watch, result, NOON)) == seen


MISSED: list[tuple[Watch, Result, str]] = [
    (TrendsWatch(), PATHS, "watches trends, but the insight shows paths"),
    (FunnelWatch(step=3), funnel(steps(4, 2, 1)), "has 3 steps"),
    (FunnelWatch(step=1), TREND, "no numbers of its steps"),
    (RetentionWatch(period=3), retention(*USUAL), "3 periods"),
    (StickinessWatch(series=1), STICKY, "no series 1"),
    (SqlWatch("x"), TABLE, "no column x"),
]


@pytest.mark.parametrize(("watch", "result", "words"), MISSED)
def test_what_is_not_there_is_said(watch: Watch, result: Result, words: str) -> None:
    with pytest.raises(NotThere, match=words):
        readings(watch, result, NOON)


@pytest.mark.parametrize("watch", {type(one[1]): one[1] for one in SEEN}.values())
def test_a_watch_is_read_as_it_was_written(watch: Watch) -> None:
    assert WATCH.validate_python(WATCH.dump_python(watch, mode="json")) == watch
