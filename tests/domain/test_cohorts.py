"""How sessions of one assessment compare, by the figures of the old system's own examples."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cohorts import (
    HIGHER_IS_BETTER,
    CohortInputs,
    CohortMetrics,
    CohortPercentiles,
    CohortStats,
    Metric,
    cohort_stats,
)
from tests.cohorts import sums_of


def stats(members: Sequence[CohortInputs], mine: CohortInputs | None = None) -> CohortStats:
    found = cohort_stats(sums_of(members, mine))
    assert found is not None
    return found


def test_an_empty_cohort_has_no_statistics() -> None:
    assert cohort_stats(sums_of([])) is None


@pytest.mark.parametrize(
    ("others", "beaten", "rank"),
    [
        (11, 8, "0.727"), (11, 5, "0.455"), (11, 9, "0.818"), (11, 7, "0.636"), (11, 4, "0.364"),
        (7, 5, "0.714"), (4, 3, "0.750"), (1, 1, "1.000"), (1, 0, "0.000"), (9_999, 5_000, "0.500"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("metric", Metric)
def test_the_rank_is_the_share_of_the_others_that_are_beaten(
    metric: Metric, others: int, beaten: int, rank: str
) -> None:
    """The percentiles of the examples are elevenths, of a cohort of twelve."""
    better, worse = (2, 0) if metric in HIGHER_IS_BETTER else (0, 2)
    mine = replace(CohortInputs(1, 1, 1, 1, 1, 1), **{metric: 1})
    values = [worse] * beaten + [better] * (others - beaten)
    members = [mine, *(replace(mine, **{metric: value}) for value in values)]
    percentiles = stats(members, mine).percentiles
    assert percentiles is not None
    assert getattr(percentiles, metric) == Decimal(rank)
    assert {getattr(percentiles, other) for other in Metric if other is not metric} == {0}, "ties beat nobody"


def test_a_whole_example() -> None:
    """Twelve sessions, nine with passing tests, made so that every figure of the old system's example comes out."""
    mine = CohortInputs(4_000_000, 40, 0.1, 0.7, 0.5, 200_000, True)
    beaten = {Metric.DURATION: 8, Metric.PROMPTS: 5, Metric.COMMAND_FAIL_RATE: 9, Metric.VERIFY_INTENSITY: 7,
              Metric.MANUAL_EDIT_RATIO: 8, Metric.FIRST_CHANGE_LATENCY: 4}  # fmt: skip
    means = {Metric.DURATION: 4_320_000, Metric.PROMPTS: 38.5, Metric.COMMAND_FAIL_RATE: 0.142,
             Metric.VERIFY_INTENSITY: 0.61, Metric.MANUAL_EDIT_RATIO: 0.33,
             Metric.FIRST_CHANGE_LATENCY: 180_000}  # fmt: skip
    columns = {metric: _around(metric, getattr(mine, metric), means[metric], beaten[metric]) for metric in Metric}
    others = [CohortInputs(**{metric: columns[metric][n] for metric in Metric}, tests_passed=n < 8) for n in range(11)]
    assert stats([mine, *others], mine) == CohortStats(
        12,
        CohortMetrics(4_320_000, Decimal("38.5"), Decimal("0.142"), Decimal("0.61"), Decimal("0.33"), 180_000, 75),
        CohortPercentiles(*(Decimal(rank) for rank in ("0.727", "0.455", "0.818", "0.636", "0.727", "0.364"))),
    )


def _around(metric: Metric, mine: float, mean: float, beaten: int) -> list[float]:
    """Eleven values with which twelve have that mean, so many of them worse than `mine`."""
    lower_is_worse = metric in HIGHER_IS_BETTER
    below = beaten if lower_is_worse else 11 - beaten
    missing = 12 * mean - mine - 11 * mine
    step = mine / 100
    values = [mine - step] * below + [mine + step] * (11 - below)
    rest = (missing - step * (11 - 2 * below)) / (below if missing < 0 else 11 - below)
    return [value + (rest if (value < mine) == (missing < 0) else 0) for value in values]


def test_one_session_has_means_and_no_percentiles() -> None:
    alone = CohortInputs(60_000, 3, 0.25, 2.1, 0.5, None, True)
    assert stats([alone], alone) == CohortStats(
        1, CohortMetrics(60_000, Decimal("3.0"), Decimal("0.250"), Decimal("2.10"), Decimal("0.50"), None, 100), None
    )


def test_a_session_outside_has_means_and_no_percentiles() -> None:
    found = stats([CohortInputs(), CohortInputs()])
    assert (found.session_count, found.percentiles) == (2, None)


def test_what_has_no_value_is_left_out_of_its_metric_alone() -> None:
    none, fast, slow = CohortInputs(), CohortInputs(100, 1, first_change_latency_ms=10), CohortInputs(301, 1)
    members = [none, fast, slow]
    metrics = stats(members).metrics
    assert (metrics.avg_duration_ms, metrics.avg_first_change_latency_ms) == (201, 10)
    assert metrics.avg_prompt_count == Decimal("0.7")
    [of_none, of_fast, of_slow] = [stats(members, one).percentiles for one in members]
    assert None not in (of_none, of_fast, of_slow)
    assert (of_none.duration_ms, of_fast.duration_ms, of_slow.duration_ms) == (None, 1, 0)
    assert (of_fast.first_change_latency_ms, of_slow.first_change_latency_ms) == (None, None), "nobody to compare with"
    assert (of_none.prompt_count, of_fast.prompt_count) == (1, 0)


@pytest.mark.parametrize(
    ("values", "mean"), [((0.1425,), "0.143"), ((1 / 12, 1 / 6 + 0.0005), "0.125"), ((0.1, 0.2, 0.1265), "0.142")]
)
def test_means_are_rounded_half_up_whatever_floats_make_of_them(values: tuple[float, ...], mean: str) -> None:
    for order in (values, values[::-1]):
        members = [CohortInputs(command_fail_rate=value) for value in order]
        assert stats(members).metrics.avg_command_fail_rate == Decimal(mean)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30))
def test_no_two_sessions_beat_one_another(values: list[int]) -> None:
    members = [CohortInputs(prompt_count=value) for value in values]
    beaten = [sums_of(members, one).by_metric[Metric.PROMPTS].beaten or 0 for one in members]
    pairs = len(values) * (len(values) - 1) // 2
    assert sum(beaten) == pairs - sum(a == b for i, a in enumerate(values) for b in values[:i])
