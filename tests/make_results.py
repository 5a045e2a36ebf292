"""One result of each kind, small enough to be read."""

from datetime import UTC, datetime

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
    TimeBin,
    TrendsLine,
    TrendsResult,
)

NOW = datetime(2026, 5, 25, 12, tzinfo=UTC)
RESOLVED = Resolved(datetime(2026, 5, 18, tzinfo=UTC), NOW, "Europe/Berlin")
DAYS, LABELS = ("2026-05-24", "2026-05-25"), ("24-May-2026", "25-May-2026")
EVIL = "<img src=x onerror=1>"


def line(name: str = "Crushed", compare: str | None = None, **more: object) -> TrendsLine:
    return TrendsLine(0, "arc_crushed", name, None, "total", None, compare, DAYS, LABELS, (1.0, 4.5), 5.5, **more)


def step(order: int, count: int, breakdown: tuple[str, ...] | None = None) -> FunnelStep:
    return FunnelStep(order, "prompt", f"step {order}", None, count, 90.0 if order else None, None, breakdown)


def funnel(*groups: tuple[str, ...] | None) -> FunnelResult:
    return FunnelResult(
        "funnel", RESOLVED, tuple(FunnelSteps(one, (step(0, 8, one), step(1, 2, one))) for one in groups)
    )


def trends(*lines: TrendsLine) -> TrendsResult:
    return TrendsResult("trends", RESOLVED, lines)


_RATES = FunnelTrendLine(None, DAYS, LABELS, (2, 0), (1, 0), (50.0, None))
_COHORTS = (Cohort("2026-05-18", "Week 0", 4, (4, 1)), Cohort("2026-05-25", "Week 1", 0, (0,)))
_DORMANT = LifecycleLine(LifecycleStatus.DORMANT, "dormant", DAYS, LABELS, (0.0, -3.0), -3.0)
_STICKY = StickinessLine(0, None, "any", (1, 2), ("1 day", "2 days"), (3.0, 1.0), 4.0)
_ROWS = (("x", 1), (None, -2), ([1], 3.5))

RESULTS: dict[str, Result] = {
    "trends": trends(line(), line(compare="previous")),
    "one number": trends(line(aggregated_value=1234.0)),
    "many lines": trends(*(line(f"l{n}") for n in range(9))),
    "no lines": trends(),
    "evil names": trends(line(EVIL), line(EVIL)),
    "funnel": funnel(None),
    "funnel broken down": funnel(("codex",), (EVIL,)),
    "funnel of nobody": FunnelResult("funnel", RESOLVED, ()),
    "times": FunnelTimesResult("funnel_times", RESOLVED, (TimeBin(0, 3), TimeBin(7200, 1)), 60.0),
    "rates": FunnelTrendsResult("funnel_trends", RESOLVED, (_RATES,)),
    "retention": RetentionResult("retention", RESOLVED, _COHORTS, ("Week 0", "Week 1")),
    "paths": PathsResult("paths", RESOLVED, (PathEdge(1, "prompt", EVIL, 1200, 3.0),)),
    "lifecycle": LifecycleResult("lifecycle", RESOLVED, None, (_DORMANT,)),
    "stickiness": StickinessResult("stickiness", RESOLVED, (_STICKY,)),
    "sql": SqlResult("sql", ("a", "b"), ("String", "Int"), _ROWS, False, "select"),
    "sql without rows": SqlResult("sql", ("a",), ("String",), (), False, "select"),
}
