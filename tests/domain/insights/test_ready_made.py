"""Insights for a team that starts today."""

import pytest

from domain.insights.catalogue import EVENTS
from domain.insights.query import read
from domain.insights.query_models import PathsQuery
from domain.insights.ready_made import ReadyMade, ready_made

ALL = ready_made(["claude-code", "codex"])


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_each_is_a_query_that_runs_and_says_what_it_is(one: ReadyMade) -> None:
    found = read(one.query)
    assert found.source is not None
    assert found.document == one.query
    assert one.description.endswith(".")
    assert len(one.name) < 80


def test_agents_have_one_each_where_there_are_several() -> None:
    assert len(ALL) == len(ready_made([])) + 2
    assert ready_made(["codex"]) == ready_made([])


def test_what_goes_before_a_rework_is_work() -> None:
    [told] = [one for one in ALL if one.name == "What goes before a rework"]
    source = read(told.query).source
    assert isinstance(source, PathsQuery)
    left_out = set(source.paths_filter.exclude_events or ())
    assert {"tool_result", "arc_judged"} <= left_out < EVENTS.keys()
    assert not left_out & {"prompt", "edit", "test_failed", "commit", "arc_reworked"}
