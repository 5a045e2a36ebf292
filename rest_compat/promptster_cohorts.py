"""`/v1/sessions/{id}/cohort-stats`: how a session compares with the others of its assessment."""

from typing import Annotated, NotRequired

from pydantic import Field, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.cohorts
from domain.cohorts import CohortMetrics, CohortPercentiles, CohortStats
from rest_compat.promptster import CLOSED, DIALECT, Count, session_id
from rest_compat.wire import number

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0)]


@with_config(CLOSED)
class MetricsBody(TypedDict):
    """Means over the cohort; null where no session of it has a value. `testPassRate` is a percentage."""

    avgDurationMs: Count | None
    avgPromptCount: Rate
    avgCommandFailRate: Share
    avgVerifyIntensity: Rate
    avgManualEditRatio: Share
    avgFirstChangeLatencyMs: Count | None
    testPassRate: Annotated[int, Field(ge=0, le=100)]


@with_config(CLOSED)
class PercentilesBody(TypedDict):
    """The share of the other sessions that this one beats; null where it has no value."""

    durationMs: Share | None
    promptCount: Share | None
    commandFailRate: Share | None
    verifyIntensity: Share | None
    manualEditRatio: Share | None
    firstChangeLatencyMs: Share | None


@with_config(CLOSED)
class StatsBody(TypedDict):
    """`percentiles` are left out for a session outside the cohort, and in a cohort of one."""

    sessionCount: Annotated[int, Field(ge=1)]
    metrics: MetricsBody
    percentiles: NotRequired[PercentilesBody]


@with_config(CLOSED)
class CohortStatsBody(TypedDict):
    """Null for a session without an assessment, and while nobody is through with it."""

    cohortStats: StatsBody | None


async def get_cohort_stats(request: Request) -> Response:
    ctx = DIALECT.context(request)
    stats = await resolvers.cohorts.get_cohort_stats(ctx, session_id(request))
    return DIALECT.answer({"cohortStats": None if stats is None else _stats(stats)})


def _stats(stats: CohortStats) -> StatsBody:
    body: StatsBody = {"sessionCount": stats.session_count, "metrics": _metrics(stats.metrics)}
    if stats.percentiles is not None:
        body["percentiles"] = _percentiles(stats.percentiles)
    return body


def _metrics(metrics: CohortMetrics) -> MetricsBody:
    return {
        "avgDurationMs": metrics.avg_duration_ms,
        "avgPromptCount": float(metrics.avg_prompt_count),
        "avgCommandFailRate": float(metrics.avg_command_fail_rate),
        "avgVerifyIntensity": float(metrics.avg_verify_intensity),
        "avgManualEditRatio": float(metrics.avg_manual_edit_ratio),
        "avgFirstChangeLatencyMs": metrics.avg_first_change_latency_ms,
        "testPassRate": metrics.test_pass_rate,
    }


def _percentiles(places: CohortPercentiles) -> PercentilesBody:
    return {
        "durationMs": number(places.duration_ms),
        "promptCount": number(places.prompt_count),
        "commandFailRate": number(places.command_fail_rate),
        "verifyIntensity": number(places.verify_intensity),
        "manualEditRatio": number(places.manual_edit_ratio),
        "firstChangeLatencyMs": number(places.first_change_latency_ms),
    }
