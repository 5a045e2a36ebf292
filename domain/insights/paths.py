"""Paths: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence

from domain.insights.plans import Edge, PathsPlan
from domain.insights.query_dates import Frame
from domain.insights.query_models import PathsQuery
from domain.insights.results import PathsResult


def plan(query: PathsQuery, frame: Frame) -> PathsPlan:
    raise NotImplementedError


def result(plan: PathsPlan, found: Sequence[Edge]) -> PathsResult:
    raise NotImplementedError
