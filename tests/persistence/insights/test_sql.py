"""Queries of SQL on real PostgreSQL, against DuckDB on the same rows, and what comes of errors and odd values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from domain.insights.errors import InvalidQuery, TooCostly
from domain.insights.plans import SqlPlan
from domain.insights.sql import Given, guard
from domain.insights.sql_functions import CATALOGUE
from domain.values import Span
from persistence.database import Database, Tenant, Urls
from persistence.insights.sql import run
from tests.make_context import make_org
from tests.make_insights import Made, developer, history, made, put_events

# What is asked here, and how DuckDB is asked for the same; rows are compared in any order where none is asked for.
_PAIRS = {
    "names": (
        "select event, count() from events group by event",
        "select event, count(*) from e group by 1",
    ),
    "days": (
        "select toStartOfDay(timestamp) as day, uniq(person_id) from events group by day order by day",
        "select date_trunc('day', ts), count(distinct person) from e group by 1 order by 1",
    ),
    "weeks": (
        "select toStartOfWeek(timestamp) as w, count() from events where event = 'commit' group by w order by w",
        "select date_trunc('week', ts)::date, count(*) from e where event = 'commit' group by 1 order by 1",
    ),
    "shares": (
        "select tool, countIf(event = 'test_passed') / count() as share from events group by tool having share < 1",
        "select tool, (count(*) filter (event = 'test_passed')) / count(*) s from e group by 1 having s < 1",
    ),
    "numbers of a property": (
        "select agent, sum(properties.duration_ms), avg(properties.duration_ms), min(properties.duration_ms),"
        " max(properties['duration_ms']), stddevPop(properties.duration_ms) from events group by agent",
        "select agent, sum(ms), avg(ms), min(ms), max(ms), stddev_pop(ms) from e group by 1",
    ),
    "quantiles": (
        "select event, median(properties.duration_ms), quantile(0.9)(properties.duration_ms),"
        " quantileIf(0.25)(properties.duration_ms, properties.succeeded) from events group by event",
        "select event, quantile_cont(ms, 0.5), quantile_cont(ms, 0.9), quantile_cont(ms, 0.25) filter (ok)"
        " from e group by 1",
    ),
    "conditions": (
        "select countIf(properties.succeeded), uniqIf(session_id, tool is null), sumIf(properties.duration_ms, event in"
        " ('edit', 'commit')), avgIf(properties.duration_ms, not properties.succeeded), count(distinct arc_id)"
        " from events",
        "select count(*) filter (ok), count(distinct session) filter (tool is null), sum(ms) filter (event in"
        " ('edit', 'commit')), avg(ms) filter (not ok), count(distinct arc) from e",
    ),
    "typed properties": (
        "select id from events where properties.duration_ms >= 40.5 and properties.succeeded = true"
        " and properties.intent = 'bug_fix' and properties.tool = 'Bash'",
        "select id from e where ms >= 40.5 and ok and intent = 'bug_fix' and tool = 'Bash'",
    ),
    "choices": (
        "select if(event = 'edit', 'e', 'o') as a, multiIf(properties.duration_ms > 1000, 3, "
        "properties.duration_ms > 5, 2, 1) as b, ifNull(tool, 'none') as c, count() from events group by a, b, c",
        "select if(event = 'edit', 'e', 'o') a, case when ms > 1000 then 3 when ms > 5 then 2 else 1 end b,"
        " coalesce(tool, 'none') c, count(*) from e group by 1, 2, 3",
    ),
    "with and join": (
        "with busy as (select person_id, count() as n from events group by person_id having n > 5) select e.event,"
        " count() as c from events e join busy b on b.person_id = e.person_id where b.n < 1000 group by e.event",
        "with busy as (select person, count(*) n from e group by 1 having n > 5) select e.event, count(*) from e"
        " join busy b on b.person = e.person where b.n < 1000 group by 1",
    ),
    "left join": (
        "select a.event, count(b.id) from events a left join events b on a.arc_id = b.arc_id and b.event = 'commit'"
        " group by a.event",
        "select a.event, count(b.id) from e a left join e b on a.arc = b.arc and b.event = 'commit' group by 1",
    ),
    "sub-queries": (
        "select event, (select count() from events i where i.event = o.event) as n from events o where person_id in"
        " (select person_id from events where event = 'commit') and not exists (select 1 from events x where"
        " x.id = o.id and x.tool = 'Bash') and event not in (select 'edit')",
        "select event, (select count(*) from e i where i.event = o.event) from e o where person in (select person"
        " from e where event = 'commit') and (tool is null or tool <> 'Bash') and event <> 'edit'",
    ),
    "union": (
        "select event as x, count() as n from events group by x union all select tool, count() from events group by 1"
        " order by n desc, x limit 4",
        "select event x, count(*) n from e group by 1 union all select tool, count(*) from e group by 1"
        " order by n desc, x nulls last limit 4",
    ),
    "windows": (
        "select id, row_number() over (partition by person_id order by timestamp, id) as r, sum(properties.duration_ms)"
        " over (order by id rows between 2 preceding and current row) from events",
        "select id, row_number() over (partition by person order by ts, id), sum(ms) over (order by id rows between"
        " 2 preceding and current row) from e",
    ),
    "first and last": (
        "select person_id, argMax(event, id), argMin(event, id), max(timestamp) from events group by person_id",
        "select person, arg_max(event, id), arg_min(event, id), max(ts) from e group by 1",
    ),
    "texts": (
        "select distinct upper(event), length(event), substring(event, 1, 3), concat(event, '-', tool), event || '!',"
        " startsWith(event, 'te'), position(event, 't'), replaceAll(event, 't', 'T'), split_part(event, '_', 1),"
        " match(event, '^t.*d$'), event like 'c%', event ilike 'C%', empty(tool), left(event, 2) from events",
        "select distinct upper(event), length(event), event[1:3], concat(event, '-', tool), event || '!',"
        " starts_with(event, 'te'), instr(event, 't'), replace(event, 't', 'T'), split_part(event, '_', 1),"
        " regexp_matches(event, '^t.*d$'), event like 'c%', event ilike 'C%', tool is null, event[1:2] from e",
    ),
    "reckoning": (
        "select distinct d, round(d / 7, 2), floor(d / 7), intDiv(d, 7), toInt(d) % 7, pow(d, 2), -d, abs(1 - d),"
        " d * 2 + 1 from (select properties.duration_ms as d from events) q where d between 1 and 2000",
        "select distinct ms, round(ms / 7, 2), floor(ms / 7), floor(ms / 7)::int, floor(ms)::int % 7, ms * ms, -ms,"
        " abs(1 - ms), ms * 2 + 1 from e where ms between 1 and 2000",
    ),
    "times": (
        "select id, toHour(timestamp), toDayOfWeek(timestamp), toDate(timestamp), dateDiff('day', timestamp,"
        " toDateTime('2026-03-09 00:00:00+00')), toUnixTimestamp(timestamp), timestamp + interval 2 hour,"
        " toStartOfFifteenMinutes(timestamp), addDays(timestamp, 3), extract(month from timestamp) from events",
        "select id, hour(ts), isodow(ts), ts::date, datediff('day', ts, timestamp '2026-03-09'), epoch(ts)::bigint,"
        " ts + interval 2 hour, time_bucket(interval '15 minutes', ts), ts + interval 3 day, month(ts) from e",
    ),
    "order": (
        "select event, id from events order by event desc, id limit 7 offset 3",
        "select event, id from e order by event desc, id limit 7 offset 3",
    ),
}  # fmt: skip


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
        return {name: oracle.execute(asked).fetchall() for name, (_, asked) in _PAIRS.items()}


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


@pytest.mark.parametrize("name", _PAIRS)
async def test_duckdb_says_the_same(database: Database, told: Told, name: str) -> None:
    text, _ = _PAIRS[name]
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
    ("select sum(event) from events", "function pg_catalog.sum|function sum"),
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


@pytest.mark.parametrize(
    ("text", "timeout_s", "said"),
    [(_PAIRED, 0.05, "took too long"), (f"select {', '.join(['x'] * 11)} from ({_LONG}) c", 5, "more memory")],
    ids=["time", "size"],
)
async def test_what_costs_too_much_is_stopped(
    database: Database, told: Told, text: str, timeout_s: float, said: str
) -> None:
    with pytest.raises(TooCostly, match=said):
        await run(database, told.tenant, guard(text), timeout_s=timeout_s)


async def test_a_result_has_so_many_bytes_at_most(
    database: Database, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.insights.sql_values.MOST_BYTES", 5_000)
    with pytest.raises(TooCostly, match="larger than"):
        await run(database, told.tenant, guard("select id, event from events", limit=1_000))


async def test_a_zone_is_a_name(database: Database, told: Told) -> None:
    with pytest.raises(InvalidQuery):
        await run(database, told.tenant, SqlPlan("select 1", 1, ("a",), "'; drop table users; --"))
