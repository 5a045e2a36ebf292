"""Saved insights as people read them: every kind of result is drawn, and none of them breaks the page."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.insights.query import read
from domain.insights.saved import InsightId, SavedInsight
from domain.insights.shown import document
from domain.reports.document import Table
from domain.reports.page import page
from domain.values import OrgId, UserId
from tests.make_results import NOW, RESOLVED, RESULTS


def insight(**fields: object) -> SavedInsight:
    empty = dict.fromkeys(SavedInsight.__dataclass_fields__)
    ids = {"org_id": OrgId(UUID(int=1)), "id": InsightId(1), "short_id": "abc", "created_by": UserId(UUID(int=2))}
    return SavedInsight(**{**empty, **ids, "tags": (), "filters": {}, **fields})


NOTHING = "There is nothing to show yet."
SHOWN = {
    "trends": ["4.5", "the time before", "<svg"],
    "one number": ["1,234"],
    "many lines": ["l8"],
    "no lines": [NOTHING],
    "evil names": ["&lt;img"],
    "funnel": ["25%", "step 1", "1.5 min"],
    "funnel broken down": ["codex", "&lt;img"],
    "funnel of nobody": [NOTHING],
    "times": ["2 h"],
    "rates": ["24-May-2026", "50"],
    "retention": ["25%"],
    "paths": ["1,200", "&lt;img", "3 s"],
    "lifecycle": ["dormant", "-3"],
    "stickiness": ["2 days"],
    "sql": ["[1]", "3.5"],
    "sql without rows": ["a"],
}


@pytest.mark.parametrize("name", RESULTS)
def test_every_kind_of_result_is_shown(name: str) -> None:
    text = page(document(insight(name="Mine"), None, RESULTS[name], NOW))
    assert "<h1>Mine</h1>" in text
    assert [part for part in SHOWN[name] if part not in text] == []
    assert "<img" not in text


def test_what_has_no_result_says_so() -> None:
    assert NOTHING in page(document(insight(), None, None, NOW))


def test_without_a_name_it_is_called_by_its_query() -> None:
    query = read({"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "prompt"}]}).source
    assert document(insight(), query, None, NOW).title
    assert document(insight(derived_name="By itself"), query, None, NOW).title == "By itself"


def test_days_are_told_in_the_zone_of_the_result() -> None:
    found = document(insight(name="x"), None, RESULTS["trends"], NOW)
    assert found.sections[0].title == "2026-05-18 – 2026-05-25 (Europe/Berlin)"
    assert found.generated_at.utcoffset() is not None


def test_the_last_day_told_is_the_last_one_that_counts() -> None:
    midnight = replace(RESOLVED, date_to=datetime(2026, 5, 24, 22, tzinfo=UTC))  # in Berlin
    found = document(insight(name="x"), None, replace(RESULTS["trends"], resolved=midnight), NOW)
    assert found.sections[0].title == "2026-05-18 – 2026-05-24 (Europe/Berlin)"


def test_a_funnel_names_values_only_where_it_has_some() -> None:
    columns = [
        table.columns
        for name in ("funnel", "funnel broken down")
        for table in document(insight(), None, RESULTS[name], NOW).sections[0].blocks
        if isinstance(table, Table)
    ]
    assert columns == [["Step", "Reached", "On average"], ["", "Step", "Reached", "On average"]]
