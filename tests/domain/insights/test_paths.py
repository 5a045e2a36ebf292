from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.errors import InvalidQuery
from domain.insights.filters import (
    AllOf,
    AnyOf,
)
from domain.insights.paths import plan, result
from domain.insights.plans import (
    Cleaning,
    Edge,
    Subject,
)
from domain.insights.query import read
from domain.insights.query_dates import Frame
from domain.insights.query_models import PathsQuery
from domain.insights.results import PathEdge
from domain.values import JsonValue

NOW = datetime(2026, 10, 28, 12, 5, tzinfo=UTC)
FRAME = Frame(NOW, ZoneInfo("UTC"))


def query(filter: dict[str, JsonValue] | None = None, **more: JsonValue) -> PathsQuery:
    found = read({"kind": "PathsQuery", "pathsFilter": filter or {}, **more}).source
    assert isinstance(found, PathsQuery)
    return found


def test_paths_have_five_steps_of_all_events_if_nothing_is_said() -> None:
    found = plan(query(), FRAME)
    assert found.within == Buckets((datetime(2026, 10, 21, tzinfo=UTC),), NOW, Interval.DAY)
    assert (found.step_limit, found.edge_limit, found.min_edge, found.max_edge) == (5, 50, None, None)
    assert (found.start, found.end, found.events, found.excluded, found.cleaning) == (None, None, (), (), ())
    assert found.where == AllOf((AllOf(), AllOf()))


def test_what_is_said_of_paths_counts() -> None:
    filter: dict[str, JsonValue] = {
        "startPoint": "prompt",
        "endPoint": "arc_reworked",
        "excludeEvents": ["command"],
        "stepLimit": 7,
        "edgeLimit": 20,
        "minEdgeWeight": 2,
        "maxEdgeWeight": 9,
        "localPathCleaningFilters": [{"regex": "^test_", "alias": "test"}],
    }
    found = plan(query(filter, aggregation_group_type_index=1), FRAME)
    assert (found.start, found.end, found.excluded) == ("prompt", "arc_reworked", ("command",))
    assert (found.step_limit, found.edge_limit, found.min_edge, found.max_edge) == (7, 20, 2, 9)
    assert (found.cleaning, found.subject) == ((Cleaning("^test_", "test"),), Subject.ARC)


@pytest.mark.parametrize(("types", "all"), [(["custom_event", "$pageview"], True), (["$pageview"], False), ([], True)])
def test_events_are_custom_ones(types: list[JsonValue], all: bool) -> None:
    where = plan(query({"includeEventTypes": types}), FRAME).where
    assert isinstance(where, AllOf)
    assert (AnyOf(()) in where.parts) is not all


@pytest.mark.parametrize("regex", ["(a", "(?=a)", r"(a)\1", "a" * 401])
def test_names_are_cleaned_by_expressions_that_every_engine_reads(regex: str) -> None:
    with pytest.raises(InvalidQuery):
        query({"localPathCleaningFilters": [{"regex": regex, "alias": "x"}]})


def test_edges_are_told_by_bare_names() -> None:
    found = result(query(), FRAME, [Edge(1, "prompt", "edit", 4, 12.5)])
    assert found.edges == (PathEdge(1, "prompt", "edit", 4, 12.5),)
    assert found.resolved.date_to == datetime(2026, 10, 29, tzinfo=UTC)
