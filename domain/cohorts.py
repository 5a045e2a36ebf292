"""How sessions of one assessment compare (domain reference, section 16.4).

A cohort is the sessions of an assessment whose candidates are through with it. It is read as sums over its members;
here they become averages, and the places of one member among the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.scores.rounding import ratio, rounded


class Metric(StrEnum):
    """What sessions are compared by. The values are the names of the fields of `CohortInputs`."""

    DURATION = "duration_ms"
    PROMPTS = "prompt_count"
    COMMAND_FAIL_RATE = "command_fail_rate"
    VERIFY_INTENSITY = "verify_intensity"
    MANUAL_EDIT_RATIO = "manual_edit_ratio"
    FIRST_CHANGE_LATENCY = "first_change_latency_ms"


HIGHER_IS_BETTER = frozenset((Metric.VERIFY_INTENSITY, Metric.MANUAL_EDIT_RATIO))
"""Of the others less is better."""


@dataclass(frozen=True, slots=True)
class CohortInputs:
    """What one session is compared by; the defaults are those of a session without events.

    `duration_ms` is None for a session that never began, `first_change_latency_ms` for one that changed no file.
    """

    duration_ms: int | None = None
    prompt_count: int = 0
    command_fail_rate: float = 0.0
    verify_intensity: float = 0.0
    manual_edit_ratio: float = 0.0
    first_change_latency_ms: int | None = None
    tests_passed: bool = False


@dataclass(frozen=True, slots=True)
class MetricSum:
    """One metric over a cohort: how many members have a value, and what these add up to.

    `beaten` is how many of them do worse than the session that asks; None where it has no value or is no member.
    """

    count: int
    total: float
    beaten: int | None


@dataclass(frozen=True, slots=True)
class CohortSums:
    """A cohort as it is read; `is_member`: whether the session that asks belongs to it."""

    session_count: int
    passed_count: int
    is_member: bool
    by_metric: Mapping[Metric, MetricSum]


@dataclass(frozen=True, slots=True)
class CohortMetrics:
    """Means over the members that have a value; None where none has. `test_pass_rate` is 0-100."""

    avg_duration_ms: int | None
    avg_prompt_count: Decimal
    avg_command_fail_rate: Decimal
    avg_verify_intensity: Decimal
    avg_manual_edit_ratio: Decimal
    avg_first_change_latency_ms: int | None
    test_pass_rate: int


@dataclass(frozen=True, slots=True)
class CohortPercentiles:
    """The share of the other members that a session beats, 0-1 with three decimals: 1 is the best, ties beat nobody.

    None where the session or every other member has no value.
    """

    duration_ms: Decimal | None
    prompt_count: Decimal | None
    command_fail_rate: Decimal | None
    verify_intensity: Decimal | None
    manual_edit_ratio: Decimal | None
    first_change_latency_ms: Decimal | None


@dataclass(frozen=True, slots=True)
class CohortStats:
    """`percentiles` is None for a session outside the cohort, and in a cohort of one."""

    session_count: int
    metrics: CohortMetrics
    percentiles: CohortPercentiles | None


def cohort_stats(sums: CohortSums) -> CohortStats | None:
    """None for an empty cohort."""
    if sums.session_count == 0:
        return None
    compared = sums.is_member and sums.session_count >= 2
    return CohortStats(sums.session_count, _metrics(sums), _percentiles(sums) if compared else None)


def _metrics(sums: CohortSums) -> CohortMetrics:
    mean = {metric: _mean(one) for metric, one in sums.by_metric.items()}
    passed = ratio(100 * sums.passed_count, sums.session_count, 0)
    return CohortMetrics(
        avg_duration_ms=_whole(mean[Metric.DURATION]),
        avg_prompt_count=rounded(mean[Metric.PROMPTS] or Fraction(), 1),
        avg_command_fail_rate=rounded(mean[Metric.COMMAND_FAIL_RATE] or Fraction(), 3),
        avg_verify_intensity=rounded(mean[Metric.VERIFY_INTENSITY] or Fraction(), 2),
        avg_manual_edit_ratio=rounded(mean[Metric.MANUAL_EDIT_RATIO] or Fraction(), 2),
        avg_first_change_latency_ms=_whole(mean[Metric.FIRST_CHANGE_LATENCY]),
        test_pass_rate=int(passed or 0),
    )


def _mean(one: MetricSum) -> Fraction | None:
    """With nine decimals: ratios are added up as floats, whose last digits depend on the order."""
    return Fraction(rounded(Fraction(one.total) / one.count, 9)) if one.count else None


def _whole(mean: Fraction | None) -> int | None:
    return None if mean is None else int(rounded(mean, 0))


def _percentiles(sums: CohortSums) -> CohortPercentiles:
    return CohortPercentiles(**{metric: _percentile(one) for metric, one in sums.by_metric.items()})


def _percentile(one: MetricSum) -> Decimal | None:
    return None if one.beaten is None else ratio(one.beaten, one.count - 1, 3)
