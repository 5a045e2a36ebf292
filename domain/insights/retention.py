"""Retention: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence

from domain.insights.plans import RetentionCounts, RetentionPlan
from domain.insights.query_dates import Frame
from domain.insights.query_models import RetentionQuery
from domain.insights.results import RetentionResult


def plan(query: RetentionQuery, frame: Frame) -> RetentionPlan:
    raise NotImplementedError


def result(query: RetentionQuery, plan: RetentionPlan, found: Sequence[RetentionCounts]) -> RetentionResult:
    """Cohorts in the order of time, those of the most frequent value of a breakdown first."""
    raise NotImplementedError
