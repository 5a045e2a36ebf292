"""How queries are read: their names, bounds and conveniences. What they come to is tested on PostgreSQL."""

import re
from datetime import UTC, datetime

import pytest

from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    Table,
)
from domain.insights.results import SqlResult
from domain.insights.sql import DEFAULT_LIMIT, MOST_ROWS, Given, guard, result
from domain.values import JsonValue, Span


@pytest.mark.parametrize(
    ("text", "limit", "written"),
    [
        ("select 1", DEFAULT_LIMIT, "LIMIT 101"),
        ("select 1 limit 7", 7, "LIMIT 8"),
        ("select 1 limit 7 offset 3", 7, "LIMIT 8 OFFSET 3"),
        ("select 1 limit 3, 7", 7, "LIMIT 8 OFFSET 3"),
        ("select 1 limit 500000", MOST_ROWS, "LIMIT 10001"),
        ("select 1 union all select 2 limit 7", 7, "LIMIT 8"),
        ("(select 1 limit 7)", 7, "LIMIT 8"),
        ("select x from (select 1 as x limit 7) q", DEFAULT_LIMIT, "LIMIT 101"),
        ("select 1 limit {variables.most}", 5, "LIMIT 6"),
        ("select 1;", DEFAULT_LIMIT, "LIMIT 101"),
        ("SELECT /* all */ 1 -- of it", DEFAULT_LIMIT, "LIMIT 101"),
    ],
)
def test_a_query_asks_for_one_row_more_than_it_gives(text: str, limit: int, written: str) -> None:
    plan = guard(text, Given(variables={"most": 5}))
    assert plan.limit == limit
    assert plan.statement.endswith(written)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("select event, count() from events group by event", ("event", "count()")),
        ('select e.event as Name, "event" `my event` from events e', ("Name", "my event")),
        ("select properties.model, properties['x'] from events", ("properties.model", "properties['x']")),
        ("select countIf(event = 'a') + 1, {variables.v} from events", ("countIf(event = 'a') + 1", "{variables.v}")),
        ("select event, event from events", ("event", "event")),
        ("select p.*, 1 as one from persons p", ("id", "distinct_id", "time_zone", "created_at", "one")),
        ("with a as (select 1 as x, 2 as y) select * from a", ("x", "y")),
        ("select tool as a from events union select model from events", ("a",)),
    ],
)
def test_columns_are_called_as_they_were_written(text: str, columns: tuple[str, ...]) -> None:
    assert guard(text, Given(variables={"v": 1})).columns == columns


def _columns(statement: str) -> str:
    """What is selected, without where from."""
    return re.sub(r' AS "column \d+"', "", statement.removeprefix("SELECT ").partition(" FROM (")[0])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("countIf(event = 'a')", "COUNT(*) FILTER(WHERE \"s2\".\"event\" = 'a')"),
        ("sumIf(properties.cost_usd, tool is null)", 'FILTER(WHERE "s2"."tool" IS NULL)'),
        ("uniq(person_id)", 'COUNT(DISTINCT "s2"."person_id")'),
        ("COUNT(DISTINCT person_id)", 'COUNT(DISTINCT "s2"."person_id")'),
        ("sum(1) filter (where tool = 'x')", "SUM(1) FILTER(WHERE \"s2\".\"tool\" = 'x')"),
        ("toStartOfDay(timestamp)", "DATE_TRUNC('day', CAST(\"s2\".\"timestamp\" AS TIMESTAMPTZ))"),
        ("now() - interval 7 day", "NOW() - CAST('7 day' AS INTERVAL)"),
        ("now() - interval '7 days'", "NOW() - CAST('7 day' AS INTERVAL)"),
        ("now() - toIntervalDay(7)", "NOW() - ((7) * CAST('1 day' AS INTERVAL))"),
        ("current_timestamp", "NOW()"),
        ("today()", "CURRENT_DATE"),
        ("properties.model", 'CAST("s2"."model" AS TEXT)'),
        ('properties."$session_id"', 'CAST("s2"."session_id" AS TEXT)'),
        ("properties['intent']", "JSONB_OBJECT_FIELD_TEXT(\"s2\".\"properties\", 'intent')"),
        ("properties ->> 'duration_ms'", "JSONB_OBJECT_FIELD_TEXT(\"s2\".\"properties\", 'duration_ms')"),
        ("JSONExtractString(properties, 'intent')", "JSONB_EXTRACT_PATH_TEXT(\"s2\".\"properties\", 'intent')"),
        ("properties.nobody_knows", "JSONB_OBJECT_FIELD_TEXT(\"s2\".\"properties\", 'nobody_knows')"),
        ("1 / 2", "CAST(1 AS DOUBLE PRECISION) / 2"),
        ("event || tool", 'LEFT(CAST("s2"."event" AS TEXT) || CAST("s2"."tool" AS TEXT), 100000)'),
        ("not event in ('a')", "NOT (\"s2\".\"event\" IN ('a'))"),
        ("event not like 'a%'", "NOT \"s2\".\"event\" LIKE 'a%'"),
        ("event == 'a'", "\"s2\".\"event\" = 'a'"),
        ("event is distinct from 'a'", "\"s2\".\"event\" IS DISTINCT FROM 'a'"),
        ("event in tuple('a', 'b')", "\"s2\".\"event\" IN ('a', 'b')"),
        ("timestamp at time zone 'Europe/Berlin'", "(\"s2\".\"timestamp\" AT TIME ZONE 'Europe/Berlin')"),
        ("event::varchar", 'CAST("s2"."event" AS TEXT)'),
        ("1::int", "CAST(1 AS BIGINT)"),
        ("ISNULL(tool)", '("s2"."tool") IS NULL'),
        ("(1 + 2) * 3 - -4", "((1 + 2) * 3) - (-4)"),
        ("-(-(1))", "-(-1)"),
        ("'it''s \\ ;--'", "'it''s \\ ;--'"),
    ],
)  # fmt: skip
def test_a_convenience_is_written_for_postgresql(text: str, written: str) -> None:
    assert written in _columns(guard(f"select {text} from events").statement)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("select toDate(timestamp) as day, count() as n from events group by day order by n", "GROUP BY 1 ORDER BY 2"),
        ("select lower(event) as event, count() from events group by event", "GROUP BY 1"),
        ("select event, count() as n from events group by 1 having n > 3", "HAVING COUNT(*) > 3"),
        ("select properties.cost_usd as c from events where c > 1", "END) > 1 LIMIT"),
        ("select event as Name from events order by name", 'AS "Name"'),
        ("select event as a from events order by length(a)", 'ORDER BY LENGTH("s2"."event")'),
        ("select event from events where event = 'x' order by event", "WHERE \"s2\".\"event\" = 'x' ORDER BY 1"),
    ],
)  # fmt: skip
def test_names_of_columns_may_be_used_again(text: str, written: str) -> None:
    assert written.replace("END)", "END") in guard(text).statement.replace("END)", "END")


def test_the_statement_asks_only_for_columns_that_are_used() -> None:
    statement = guard("select count() from events where tool = 'x'").statement
    wall = 'WHERE "org_id" = CAST($1 AS UUID) AND (CAST($2 AS UUID) IS NULL OR "person_id" = CAST($2 AS UUID))'
    source = f'(SELECT "tool" FROM "insights_sql"."events" {wall}) AS "s2"'
    assert statement == f'SELECT COUNT(*) AS "column 1" FROM {source} WHERE "s2"."tool" = \'x\' LIMIT 101'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("it's; --", "'it''s; --'"),
        (3, "3"),
        (-3.5, "(-3.5)"),
        (True, "TRUE"),
        (None, "NULL"),
        (1e-7, "1e-07"),
    ],
)
def test_a_place_holds_a_value(value: JsonValue, written: str) -> None:
    assert f"SELECT {written} AS" in guard("select {x}", Given(values={"x": value})).statement


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**40, {"a": 1}, [[1]], "a\0b", "\ud800", "x" * 20_000])
def test_a_place_refuses_what_is_no_value(value: JsonValue) -> None:
    with pytest.raises(InvalidQuery, match=r"\{x\} is"):
        guard("select {x}", Given(values={"x": value}))


def test_among_no_values_there_is_none() -> None:
    assert "IN (NULL)" in guard("select 1 from events where event in {x}", Given(values={"x": []})).statement


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (None, "WHERE TRUE"),
        (Span(), "WHERE TRUE"),
        (Span(datetime(2026, 1, 1, tzinfo=UTC)), ">= CAST('2026-01-01T00:00:00+00:00' AS TIMESTAMPTZ))"),
        (Span(None, datetime(2026, 1, 1, tzinfo=UTC)), "\"timestamp\" < CAST('2026-01-01T00:00:00+00:00'"),
    ],
)
def test_filters_are_the_time_that_is_asked_about(span: Span | None, written: str) -> None:
    assert written in guard("select 1 from events where {filters}", Given(within=span)).statement


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("select\n  pg_sleep(1)", "(line 2, column 3)"),
        ("select event,\n       emial from events", "(line 2, column 8)"),
        ("select 1 from events e\njoin users u on true", "(line 2, column 6)"),
        ("select 1 +", "cannot be read"),
        ("select 1 fro events x", "column"),
        ("select 1; drop table x", "(line 1, column 9)"),
    ],
)
def test_a_refusal_says_where(text: str, place: str) -> None:
    with pytest.raises(InvalidQuery, match=re.escape(place)):
        guard(text)


def test_a_sub_query_keeps_what_lies_beside_the_properties() -> None:
    assert '"s2"."model"' in guard("select properties.model from (select * from events) q").statement
    with pytest.raises(InvalidQuery, match="have the sub-query select it"):
        guard("select properties.model from (select properties from events) q")


def test_a_result_says_what_was_run() -> None:
    plan = guard("select 1 as one")
    found = result(plan, Table(("one",), ("integer",), ((1,),), more=False))
    assert found == SqlResult("sql", ("one",), ("integer",), ((1,),), False, plan.statement)
