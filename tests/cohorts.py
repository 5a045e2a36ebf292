"""Sums over a cohort, added up one by one: what the database must say, too."""

from collections.abc import Sequence

from domain.cohorts import HIGHER_IS_BETTER, CohortInputs, CohortSums, Metric, MetricSum


def sums_of(members: Sequence[CohortInputs], mine: CohortInputs | None = None) -> CohortSums:
    """`mine` is a member, or None for a session outside."""
    by_metric = {metric: _sum(metric, members, mine) for metric in Metric}
    return CohortSums(len(members), sum(one.tests_passed for one in members), mine is not None, by_metric)


def _sum(metric: Metric, members: Sequence[CohortInputs], mine: CohortInputs | None) -> MetricSum:
    values = [value for one in members if (value := getattr(one, metric)) is not None]
    own = None if mine is None else getattr(mine, metric)
    worse = [value < own if metric in HIGHER_IS_BETTER else value > own for value in values if own is not None]
    return MetricSum(len(values), float(sum(values)), None if own is None else sum(worse))
