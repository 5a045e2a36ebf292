"""Queries of SQL on real PostgreSQL, against DuckDB on the same rows, and what comes of errors and odd values."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlalchemy as sa

from domain.insights.errors import InvalidQuery, TooCostly
from domain.insights.facts import project_name
from domain.insights.plans import (
    SqlPlan,
)
from domain.insights.sql import Given, guard
from domain.insights.sql_functions import CATALOGUE
from domain.values import Span
from persistence.database import Database, Tenant, Urls, driver_of
from persistence.insights.sql import run
from persistence.sessions import sessions
from tests.make_context import make_org, make_user
from tests.make_insights import Made, developer, history, made, put_events
from tests.persistence.insights.sql_pairs import PAIRS

GUIDE = Path(__file__).parents[3] / "docs" / "insights-sql.md"


@dataclass(frozen=True, slots=True)
class Told:
    """An organisation with a history, and what DuckDB says of it."""

    tenant: Tenant
    events: Sequence[Made]
    answers: Mapping[str, Sequence[tuple[object, ...]]]


@pytest.fixture(scope="module")
async def told(urls: Urls, database: Database) -> Told:
    org, other, events = await make_org(urls), await make_org(urls), history(7, size=400)
    for one, part in ((org, events), (other, history(8, size=50))):
        async with database.write(Tenant(one.id)) as db:
            await put_events(db, one.id, part)
    return Told(Tenant(org.id), events, _answers(events))


def _answers(events: Sequence[Made]) -> Mapping[str, Sequence[tuple[object, ...]]]:
    with duckdb.connect() as oracle:
        oracle.execute(
            "create table e (id text, event text, ts timestamp, person text, session text, arc text, agent text,"
            " tool text, ms double, ok boolean, intent text)"
        )
        oracle.executemany("insert into e values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [_row(one) for one in events])
        return {name: oracle.execute(asked).fetchall() for name, (_, asked) in PAIRS.items()}


def _row(one: Made) -> list[object]:
    return [
        str(one.id), one.event, one.ts.replace(tzinfo=None), str(one.user_id), one.session_id,
        one.arc_id and str(one.arc_id), one.agent, one.tool, one.properties.get("duration_ms"),
        one.properties.get("succeeded"), one.properties.get("intent"),
    ]  # fmt: skip


def _plain(value: object) -> object:
    match value:
        case bool() | None:
            return value
        case int() | float():
            return float(f"{value:.9g}")
        case datetime():
            return value.replace(tzinfo=UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value


@pytest.mark.parametrize("name", PAIRS)
async def test_duckdb_says_the_same(database: Database, told: Told, name: str) -> None:
    text, _ = PAIRS[name]
    table = await run(database, told.tenant, guard(text, limit=10_000))
    found, wanted = ([tuple(map(_plain, row)) for row in rows] for rows in (table.rows, told.answers[name]))
    assert wanted
    if "order by" in text.rpartition(")")[2]:
        assert found == wanted
    assert Counter(found) == Counter(wanted)


async def test_days_are_those_of_the_zone(database: Database, told: Told) -> None:
    zone = ZoneInfo("America/New_York")  # its clocks are put forward on 8 March
    text = "select toStartOfDay(timestamp) as day, toDate(timestamp), count() from events group by 1, 2 order by 1"
    table = await run(database, told.tenant, guard(text, zone=zone.key))
    days = Counter(one.ts.astimezone(zone).date() for one in told.events)
    assert table.rows == tuple(
        (datetime(day.year, day.month, day.day, tzinfo=zone).isoformat(), day.isoformat(), days[day])
        for day in sorted(days)
    )
    assert {str(row[0])[-6:] for row in table.rows} == {"-05:00", "-04:00"}


async def test_every_function_of_the_catalogue_runs(database: Database, told: Told) -> None:
    """As it is shown, over an event; those of windows with OVER."""
    columns = (
        "(select 1.5 as x, 2.5 as y, 2 as n, 'a,b' as z, true as a, false as b, true as c, 1 as by,"
        " timestamp as t, properties from events) q"
    )
    texts = "(select 'a,b' as x, 'b' as y, properties, true as c from events) q"
    failed: dict[str, str] = {}
    for function in CATALOGUE:
        shown = function.shown.replace("dateDiff('day', a, b)", "dateDiff('day', t, t)").replace(
            "bool_and(x)", "bool_and(c)"
        )
        shown = shown.replace("bool_or(x)", "bool_or(c)").replace("multiIf(a, x, b, y, z)", "multiIf(a, x, b, y, 1)")
        over = " over (order by 1)" if function.group.name == "WINDOW" else ""
        shown = _WITH_VALUES.get(function.shown, shown)
        source = texts if function.group.name == "TEXT" else columns
        try:
            await run(database, told.tenant, guard(f"select {shown}{over} from {source}"))
        except InvalidQuery as error:
            failed[function.shown] = str(error)
    assert failed == {}


_WITH_VALUES = {
    "toUUID(x)": "toUUID('8f7e1f0a-0000-4000-8000-000000000000')",
    "toDate(x)": "toDate('2026-03-01')",
    "toBool(x)": "toBool('true')",
    "toDateTime(x)": "toDateTime('2026-03-01')",
    "parseDateTimeBestEffort(x)": "parseDateTimeBestEffort('2026-03-01')",
    "modulo(x, y)": "modulo(5, 3)",
    "JSONExtractBool(properties, 'x')": "JSONExtractBool(properties, 'succeeded')",
}


async def test_a_statement_of_the_contract(database: Database, told: Told) -> None:
    table = await run(database, told.tenant, guard("select event, count() from events group by event"))
    assert (table.columns, table.types, table.more) == (("event", "count()"), ("text", "integer"), False)


@pytest.mark.parametrize(("limit", "rows", "more"), [(3, 3, True), (400, 400, False), (399, 399, True), (0, 0, True)])
async def test_more_says_whether_rows_are_left(
    database: Database, told: Told, limit: int, rows: int, more: bool
) -> None:
    table = await run(database, told.tenant, guard(f"select id from events limit {limit}"))
    assert (len(table.rows), table.more) == (rows, more)


async def test_a_developer_sees_their_own(database: Database, told: Told) -> None:
    user = developer("user 1")
    tenant = Tenant(told.tenant.org_id, user)
    table = await run(database, tenant, guard("select count(), uniq(person_id) from events"))
    assert table.rows == ((sum(one.user_id == user for one in told.events), 1),)


async def test_places_are_values_whatever_they_say(database: Database, told: Told) -> None:
    odd = 'it\'s \\ "odd" $1 -- ; /* \n {x} %s :y \N{PILE OF POO}'
    given = Given({"odd": odd, "names": ["edit", odd], "least": -3.5}, {"zero": 0, "none": None, "yes": True})
    text = (
        "select {odd}, {variables.zero}, {variables.none}, {variables.yes}, countIf(event in {names}), {least} - 1"
        " from events where {filters}"
    )
    table = await run(database, told.tenant, guard(text, given))
    edits = sum(one.event == "edit" for one in told.events)
    assert table.rows == ((odd, 0, None, True, edits, -4.5),)


async def test_filters_are_the_time_that_is_asked_about(database: Database, told: Told) -> None:
    start = min(one.ts for one in told.events) + timedelta(days=2)
    span = Span(start, start + timedelta(days=3))
    table = await run(database, told.tenant, guard("select count() from events where {filters}", Given(within=span)))
    inside = sum(start <= one.ts < start + timedelta(days=3) for one in told.events)
    assert table.rows == ((inside,),)


async def test_what_has_not_happened_yet_is_not_there(urls: Urls, database: Database) -> None:
    org = await make_org(urls)
    async with database.write(Tenant(org.id)) as db:
        await put_events(db, org.id, [made("arc_held", datetime.now(UTC) + timedelta(days=7)), made("commit")])
    table = await run(database, Tenant(org.id), guard("select event from events"))
    assert table.rows == (("commit",),)


async def test_projects_are_named_as_events_name_them(urls: Urls, database: Database) -> None:
    org = await make_org(urls)
    user = await make_user(urls, org)
    projects = [
        None,
        "/home/ada/shop/",
        "C:\\work\\shop",
        "git@host:ada/shop.git",
        "shop.git/",
        "",
        "/",
        "x" * 300,
        "a.github",
    ]
    rows = [{"org_id": org.id, "id": str(n), "user_id": user.id, "project": one} for n, one in enumerate(projects)]
    async with database.write(Tenant(org.id)) as db:
        await db.execute(sa.insert(sessions), rows)
    table = await run(database, Tenant(org.id), guard("select project from sessions order by toInt(id)"))
    assert table.rows == tuple((project_name(one),) for one in projects)


@pytest.mark.parametrize("example", re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL))
async def test_an_example_of_the_guide_runs(database: Database, told: Told, example: str) -> None:
    await run(database, told.tenant, guard(example, Given({"agents": ["codex"]}, {"least": 3})))


_VALUES: list[tuple[str, object]] = [
    ("9007199254740993", "9007199254740993"),
    ("9007199254740992", 9007199254740992),
    ("-1", -1),
    ("1.50", 1.5),
    ("sum(2)", 2),
    ("99999999999999999999999999", "99999999999999999999999999"),
    ("'NaN'::float", None),
    ("'Infinity'::numeric", None),
    ("'-Infinity'::float", None),
    ("null", None),
    ("true", True),
    ("'2026-03-01'::date", "2026-03-01"),
    ("'2026-03-01 10:00:00+02'::timestamptz", "2026-03-01T03:00:00-05:00"),
    ("'2026-03-01 10:00:00'::timestamp", "2026-03-01T10:00:00"),
    ("interval 90 minute", 5400.0),
    ("'8F7E1F0A-0000-4000-8000-000000000000'::uuid", "8f7e1f0a-0000-4000-8000-000000000000"),
    ("groupArray(event)", []),
    ("splitByChar(',', 'a,b')", ["a", "b"]),
    ("'\U0001f600 é'", "\U0001f600 é"),
]


@pytest.mark.parametrize(("text", "value"), _VALUES)
async def test_a_value_as_json(database: Database, told: Told, text: str, value: object) -> None:
    source = " from (select event from events where 1 = 0) none" if "(" in text and "split" not in text else ""
    source = "" if "sum" in text else source
    table = await run(database, told.tenant, guard(f"select {text}{source}", zone="America/New_York"))
    assert table.rows == ((value,),)
    assert type(table.rows[0][0]) is type(value)


_WRONG = [
    ("select 1 / 0", "division by zero"),
    ("select 'x'::int", "invalid input syntax for type bigint"),
    ("select event::int from events", "invalid input syntax"),
    ("select event, count() from events", "column event must appear in the GROUP BY clause"),
    ("select count() from events where count() > 1", "aggregate functions are not allowed in WHERE"),
    ("select sum(event) from events", r"function sum\(text\) does not exist: toFloat"),
    ("select any('a') from events", "unknown"),
    ("select event + 1 from events", "operator does not exist|invalid input"),
    ("select 1 where event_id = 1", "no column event_id"),
    ("select 1 from events where tool", "argument of WHERE must be type boolean"),
    ("select 1 union select 'x'", "invalid input syntax|cannot be matched"),
    ("select pow(10, 1000)", "out of range"),
    ("select 9223372036854775807 + 1", "out of range"),
    ("select ln(0 * count()) from events", "logarithm of zero"),
    ("select (select event from events)", "more than one row"),
    ("select toDate('never')", "invalid input syntax"),
    ("select '294000-01-01'::timestamp", "before 1 or after 9999"),
    ("select match(event, '[') from events", "no regular expression"),
]


@pytest.mark.parametrize(("text", "said"), _WRONG)
async def test_what_cannot_be_computed_is_told(database: Database, told: Told, text: str, said: str) -> None:
    with pytest.raises(InvalidQuery, match=said) as refused:
        await run(database, told.tenant, guard(text))
    assert not isinstance(refused.value, TooCostly)
    message = str(refused.value)
    assert not [word for word in ("insights_sql", "insight_events", "sql_tenants", "$1", '"s2"') if word in message]


_PAIRED = "select count() from events e0 " + " ".join(
    f"join events e{n} on e{n}.session_id = e{n - 1}.session_id" for n in range(1, 6)
)
_COPIES = ", ".join(["x"] * 49)
_LONG = f"select concat({_COPIES}) as x from (select concat({_COPIES}) as x from (select '{'x' * 99}' as x) a) b"

_LISTS = (
    f"select length(toString(groupArray(concat({_COPIES})))) from (select concat(id, {'event, ' * 48}id) as x"
    f" from (select id, concat(event, '{'x' * 99}') as event from events) a) b"
)


@pytest.mark.parametrize(
    ("text", "timeout_s", "said"),
    [
        (_PAIRED, 0.05, "took too long"),
        (f"select {', '.join(['x'] * 11)} from ({_LONG}) c", 5, "more memory"),
        (_LISTS, 5, "more memory"),
    ],
    ids=["time", "size", "lists"],
)
async def test_what_costs_too_much_is_stopped(
    database: Database, told: Told, text: str, timeout_s: float, said: str
) -> None:
    with pytest.raises(TooCostly, match=said):
        await run(database, told.tenant, guard(text), timeout_s=timeout_s)


async def test_cancelling_reaches_postgresql(database: Database, told: Told) -> None:
    running = asyncio.create_task(run(database, told.tenant, guard(_PAIRED)))
    busy = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'active' AND query LIKE 'FETCH%'"
    )
    async with database.single() as db:
        driver = driver_of(db.connection)
        while not await driver.fetchval(busy):
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await driver.fetchval(busy) == 0


async def test_a_result_has_so_many_bytes_at_most(
    database: Database, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.insights.sql_values.MOST_BYTES", 5_000)
    with pytest.raises(TooCostly, match="larger than"):
        await run(database, told.tenant, guard("select id, event from events", limit=1_000))


async def test_a_zone_is_a_name(database: Database, told: Told) -> None:
    with pytest.raises(InvalidQuery):
        await run(database, told.tenant, SqlPlan("select 1", 1, ("a",), "'; drop table users; --"))
