from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.insights.analysis import analyse, lasting, number
from domain.insights.plans import (
    MISSING,
    LifecycleStatus,
)
from domain.insights.query import read
from domain.insights.query_models import Query
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
    TimeBin,
    TrendsLine,
    TrendsResult,
)
from domain.values import JsonObject

RESOLVED = Resolved(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 8, tzinfo=UTC), "UTC")
DAYS = tuple(f"2026-05-0{day}" for day in range(1, 8))
LABELS = tuple(f"{day}-May-2026" for day in range(1, 8))


def query(**fields: object) -> Query:
    document: JsonObject = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode"}]}
    source = read(document).source
    assert source is not None
    return source.model_copy(update=fields)


def line(*data: float | None, **fields: object) -> TrendsLine:
    values = (*data, *[0.0] * (7 - len(data)))
    count = sum(value or 0 for value in values)
    made = TrendsLine(0, "edit", "edit", None, "total", None, None, DAYS, LABELS, values, count)
    return replace(made, **fields)


def steps(*counts: int, breakdown: tuple[str, ...] | None = None, median: float | None = None) -> FunnelSteps:
    names = ("prompt", "edit", "commit")
    made = [
        FunnelStep(place, names[place], names[place], None, count, median, median if place else None)
        for place, count in enumerate(counts)
    ]
    return FunnelSteps(breakdown, tuple(made))


def trends(*lines: TrendsLine) -> TrendsResult:
    return TrendsResult("trends", RESOLVED, lines)


def funnel(*groups: FunnelSteps) -> FunnelResult:
    return FunnelResult("funnel", RESOLVED, groups)


def lifecycle(new: float, returning: float, resurrecting: float, dormant: float) -> LifecycleResult:
    counts = dict(zip(LifecycleStatus, (new, returning, resurrecting, -dormant), strict=True))
    lines = [LifecycleLine(status, status, (), (), (), count) for status, count in counts.items()]
    return LifecycleResult("lifecycle", RESOLVED, "edit", tuple(lines))


def sticky(*data: float) -> StickinessResult:
    intervals = tuple(range(1, len(data) + 1))
    made = StickinessLine(0, "edit", "edit", intervals, tuple(map(str, intervals)), data, sum(data))
    return StickinessResult("stickiness", RESOLVED, (made,))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            trends(line(10, 10, 10, 20, 20, 20, 5)),
            "edit: the most was 20 (4-May-2026), the least 5 (7-May-2026). In the later half it was 100% more than in"
            " the earlier one (20 against 10).",
        ),
        (
            trends(line(50, 50), line(100, 100, compare="previous")),
            "edit: the most was 50 (1-May-2026), the least 0 (3-May-2026). In the later half it was 100% less than in"
            " the earlier one (0 against 33.33). All in all it is 50% less than in the time before (100 against 200).",
        ),
        (
            trends(line(3, None)),
            "edit: the most was 3 (1-May-2026), the least 0 (3-May-2026). In the later half it was 100% less than in"
            " the earlier one (0 against 1.50). That is only 3 in all, so it says little.",
        ),
        (
            trends(line(data=(), days=(), labels=(), aggregated_value=1234.5)),
            "edit: 1,234.",
        ),
        (
            trends(
                line(data=(60.0,), days=DAYS[:1], labels=LABELS[:1], count=60, breakdown=("a",), label="edit - a"),
                line(data=(20.0,), days=DAYS[:1], labels=LABELS[:1], count=20, breakdown=(MISSING,), label=MISSING),
            ),
            "a has the most: 75% of 80. edit - a: the most was 60 (1-May-2026). none: the most was 20 (1-May-2026).",
        ),
        (trends(), ""),
        (trends(line()), ""),
        (
            funnel(steps(100, 60, 30, median=90.0)),
            "30 of 100 developers (30%) got from prompt to commit. Most were lost between prompt and edit: 40 of 100."
            " Half of them took 1.5 minutes or less to edit, the longest wait.",
        ),
        (
            funnel(steps(4, 4)),
            "4 of 4 developers (100%) got from prompt to edit. That is only 4 developers, so it says little.",
        ),
        (
            funnel(steps(40, 10, breakdown=("a",)), steps(20, 10, breakdown=("b",)), steps(0, 0, breakdown=("c",))),
            "10 of 40 developers of a (25%) got from prompt to edit. 10 of 20 developers of b (50%) got from prompt to"
            " edit. Of those with 20 developers or more b does best (50%), a worst (25%).",
        ),
        (funnel(steps(0, 0)), ""),
        (
            FunnelTimesResult("funnel_times", RESOLVED, (TimeBin(0, 30), TimeBin(3600, 10)), 1800.0),
            "40 developers got there, in 30 minutes on average. Most often (75%) it took 0 seconds or somewhat more.",
        ),
        (FunnelTimesResult("funnel_times", RESOLVED, (), None), ""),
        (
            FunnelTrendsResult(
                "funnel_trends",
                RESOLVED,
                (FunnelTrendLine(None, DAYS[:3], LABELS[:3], (20, 20, 0), (10, 5, 0), (50.0, 25.0, None)),),
            ),
            "38% of 40 developers got to the end. Best was 50% (1-May-2026), worst 25% (2-May-2026).",
        ),
        (
            RetentionResult(
                "retention",
                RESOLVED,
                (
                    Cohort(DAYS[0], LABELS[0], 40, (40, 20, 10)),
                    Cohort(DAYS[1], LABELS[1], 20, (20, 5)),
                    Cohort(DAYS[2], LABELS[2], 0, (0,)),
                ),
                ("Day 0", "Day 1", "Day 2"),
            ),
            "42% of 60 developers came back in Day 1. 25% of 40 developers came back in Day 2. The cohort of 1-May-2026"
            " came back most (50%), that of 2-May-2026 least (25%).",
        ),
        (RetentionResult("retention", RESOLVED, (Cohort(DAYS[0], LABELS[0], 40, (40,)),), ("Day 0",)), ""),
        (RetentionResult("retention", RESOLVED, (), ()), ""),
        (
            PathsResult(
                "paths", RESOLVED, (PathEdge(1, "prompt", "edit", 30, 60), PathEdge(2, "edit", "commit", 9, 7200))
            ),
            "Most go from prompt to edit: 30 times, as step 1. The longest wait is from edit to commit: 2 hours on"
            " average.",
        ),
        (PathsResult("paths", RESOLVED, ()), ""),
        (
            lifecycle(10, 30, 5, 20),
            "More went than came: 15 developers came (10 of them new) and 20 went dormant. 30 times one of them was"
            " there twice in a row.",
        ),
        (lifecycle(0, 0, 0, 0), ""),
        (
            sticky(10, 0, 10, 0),
            "edit: 20 developers were active in 2 of 4 on average. 50% of them only once; the most active in 3.",
        ),
        (sticky(0, 0), ""),
        (SqlResult("sql", ("count",), ("bigint",), ((5,),), False, ""), "count is 5."),
        (
            SqlResult("sql", ("a", "b"), ("", ""), ((1, 2), (3, 4)), True, ""),
            "2 rows of 2 columns, and there are more.",
        ),
        (SqlResult("sql", ("a",), ("",), (), False, ""), ""),
    ],
)
def test_results_are_told(result: Result, expected: str) -> None:
    assert analyse(query(), result) == expected


def test_subjects_are_those_of_the_query() -> None:
    told = analyse(query(aggregation_group_type_index=1), funnel(steps(100, 60)))
    assert told == "60 of 100 goal arcs (60%) got from prompt to edit."


def test_cumulative_stickiness_begins_with_all() -> None:
    document: JsonObject = {
        "kind": "StickinessQuery",
        "series": [{"kind": "EventsNode"}],
        "stickinessFilter": {"computedAs": "cumulative"},
    }
    source = read(document).source
    assert source is not None
    assert analyse(source, sticky(30, 20, 5, 0)) == "edit: 30 developers were active, the most active in 3 of 4."


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 seconds"), (1, "1 second"), (90, "1.5 minutes"), (3_600, "1 hour"), (200_000, "2.3 days")],
)
def test_times_are_told_in_their_unit(seconds: float, expected: str) -> None:
    assert lasting(seconds) == expected


@pytest.mark.parametrize(("value", "expected"), [(1234.0, "1,234"), (0.567, "0.57"), (1234.5, "1,234"), (0.0, "0")])
def test_numbers_have_as_many_places_as_they_need(value: float, expected: str) -> None:
    assert number(value) == expected
