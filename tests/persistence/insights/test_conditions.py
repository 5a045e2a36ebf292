"""Conditions on events whatever lies in them: what is asked is bound, what is stored never makes an error."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.insights.buckets import (
    Interval,
)
from domain.insights.errors import InvalidQuery
from domain.insights.filters import (
    AllOf,
    Condition,
    Matched,
    Operator,
    Property,
    PropertySource,
    PropertyType,
    Value,
)
from domain.insights.patterns import to_postgres
from domain.insights.plans import (
    Breakdown,
    Math,
    Series,
    TrendsPlan,
)
from domain.values import OrgId
from persistence.database import Database, Tenant, driver_of
from persistence.insights.postgres import PostgresEngine
from tests.make import START
from tests.make_insights import made, put_events
from tests.persistence.insights.counted_oracle import ZoneInfo, cut

WITHIN = cut(START.replace(tzinfo=ZoneInfo("UTC")), 1, Interval.DAY)
ODD = {
    "whole": "12",
    "text": '"12"',
    "long text": '"' + "x" * 5000 + '"',
    "true": "true",
    "true text": '"true"',
    "null": "null",
    "list": "[1, 2]",
    "object": '{"a": 1}',
    "huge": "1e400",
    "tiny": "1e-400",
    "exact": "0.1",
    "nan": '"NaN"',
    "date": '"2026-02-28T10:00:00Z"',
    "no date": '"2026-02-30T10:00:00Z"',
    "word of date": '"now"',
    "empty": '""',
}


def _property(type: PropertyType, key: str = "odd") -> Property:
    return Property(PropertySource.EVENT, key, type)


@pytest.fixture(scope="module")
def engine(database: Database) -> PostgresEngine:
    return PostgresEngine(database)


@pytest.fixture(scope="module")
async def odd(database: Database) -> Tenant:
    """An event for each odd value, of the property `odd` and of one that has a column of its own beside the JSON."""
    tenant = Tenant(OrgId(uuid4()))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, [made(name, 1) for name in ODD])
        driver = driver_of(db.connection)
        for name, value in ODD.items():
            document = f'{{"odd": {value}, "duration_ms": {value}}}'
            await driver.execute(
                "UPDATE insight_events SET properties = $1::text::jsonb WHERE org_id = $2 AND event = $3",
                document,
                tenant.org_id,
                name,
            )
    return tenant


async def _found(engine: PostgresEngine, tenant: Tenant, rule: Condition) -> set[str]:
    plan = TrendsPlan(tuple(Series(Matched(name, rule)) for name in ODD), WITHIN)
    lines = await engine.trends(tenant, plan)
    return {name for name, line in zip(ODD, lines, strict=True) if line.values == (1.0,)}


T, N, B, W = PropertyType.TEXT, PropertyType.NUMBER, PropertyType.BOOLEAN, PropertyType.TIME
ALL = set(ODD)
SOME = ALL - {"null"}
WHEN = datetime(2026, 2, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type", "operator", "values", "expected"),
    [
        (N, Operator.IS_SET, (), {"whole", "exact"}),
        (N, Operator.IS_NOT_SET, (), ALL - {"whole", "exact"}),
        (N, Operator.EXACT, (12.0,), {"whole"}),
        (N, Operator.EXACT, ("12",), {"whole"}),
        (N, Operator.EXACT, (0.1, 12), {"whole", "exact"}),
        (N, Operator.IS_NOT, (12.0,), ALL - {"whole"}),
        (N, Operator.LT, (12.0,), {"exact"}),
        (N, Operator.ICONTAINS, ("1",), {"whole", "exact"}),
        (T, Operator.IS_SET, (), SOME),
        (T, Operator.EXACT, ("12",), {"whole", "text"}),
        (T, Operator.EXACT, (12.0,), {"whole", "text"}),
        (T, Operator.EXACT, (True,), {"true", "true text"}),
        (T, Operator.EXACT, ("",), {"empty"}),
        (T, Operator.EXACT, (), set[str]()),
        (T, Operator.IS_NOT, (), ALL),
        (T, Operator.IS_NOT, ("12",), ALL - {"whole", "text"}),
        (T, Operator.ICONTAINS, ("nA",), {"nan"}),
        (T, Operator.ICONTAINS, ("%",), set[str]()),
        (T, Operator.GT, ("x",), {"long text", "object"}),
        (T, Operator.REGEX, ("^x+$",), {"long text"}),
        (T, Operator.NOT_REGEX, ("",), {"null"}),
        (B, Operator.EXACT, (True,), {"true", "true text"}),
        (B, Operator.IS_SET, (), {"true", "true text"}),
        (W, Operator.IS_SET, (), {"date"}),
        (W, Operator.EXACT, (WHEN,), {"date"}),
        (W, Operator.EXACT, ("2026-02-28T11:00:00+01:00",), {"date"}),
        (W, Operator.IS_DATE_BEFORE, (WHEN,), set[str]()),
        (W, Operator.IS_DATE_AFTER, (WHEN - timedelta(seconds=1),), {"date"}),
    ],
)
async def test_values_of_another_type_are_none(
    engine: PostgresEngine,
    odd: Tenant,
    type: PropertyType,
    operator: Operator,
    values: tuple[Value, ...],
    expected: set[str],
) -> None:
    for key in ("odd", "duration_ms"):
        assert await _found(engine, odd, Condition(_property(type, key), operator, values)) == expected


@pytest.mark.parametrize("math", [Math.SUM, Math.AVG, Math.MEDIAN, Math.MAX])
async def test_maths_leave_out_what_is_no_number(engine: PostgresEngine, odd: Tenant, math: Math) -> None:
    expected = {Math.SUM: 12.1, Math.AVG: 6.05, Math.MEDIAN: 6.05, Math.MAX: 12.0}[math]
    for key in ("odd", "duration_ms"):
        plan = TrendsPlan((Series(Matched(None), math, _property(N, key)),), WITHIN)
        assert [line.values[0] for line in await engine.trends(odd, plan)] == [pytest.approx(expected)]


@pytest.mark.parametrize("type", PropertyType)
async def test_everything_can_be_broken_down_by(engine: PostgresEngine, odd: Tenant, type: PropertyType) -> None:
    plan = TrendsPlan((Series(Matched(None)),), WITHIN, breakdown=Breakdown((_property(type), _property(T)), 100))
    assert sum(line.values[0] or 0 for line in await engine.trends(odd, plan)) == len(ODD)


HOSTILE = ("'; DROP TABLE insight_events; --", "$1", "%s", "\\'", ":name", '"', "a\nb", "{}", "E'\\x00'", "😀\u202e")


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_is_asked_is_only_compared(engine: PostgresEngine, database: Database, text: str) -> None:
    tenant = Tenant(OrgId(uuid4()))
    async with database.write(tenant) as db:
        await put_events(db, tenant.org_id, [made(text, 1, **{text: text}), made("other", 1)])
    property = _property(T, text)
    rule = AllOf((Condition(property, Operator.EXACT, (text,)), Condition(property, Operator.ICONTAINS, (text,))))
    plan = TrendsPlan((Series(Matched(text, rule)),), WITHIN, breakdown=Breakdown((property,)))
    lines = await engine.trends(tenant, plan)
    assert [(line.breakdown, line.values) for line in lines] == [((text,), (1.0,))]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_what_is_no_text_is_refused(engine: PostgresEngine, odd: Tenant, text: str) -> None:
    rule = Condition(_property(T), Operator.EXACT, (text,))
    for matched in (Matched(text), Matched(None, rule)):
        with pytest.raises(InvalidQuery):
            await engine.trends(odd, TrendsPlan((Series(matched),), WITHIN))


@pytest.mark.parametrize(("type", "value"), [(N, "many"), (N, "nan"), (N, True), (B, "maybe"), (B, 1.0), (W, "soon")])
async def test_what_is_of_no_type_is_refused(
    engine: PostgresEngine, odd: Tenant, type: PropertyType, value: Value
) -> None:
    with pytest.raises(InvalidQuery):
        await _found(engine, odd, Condition(_property(type), Operator.EXACT, (value,)))


PATTERNS = (
    r"^a\d+\.[\w-]{2,3}$", r"foo|bar\b", r"\bbar", r"(?i)FOO", r"(?:a|b)c", r"(a|b)+?c", r"a.b", r"(?s)a.b",
    r"[^x]b", r"a{2", r"a}", r"a{2}", r"^$", r"\Aa", r"b\z", r"[]a]", r"[a\]b]", r"\.", r"\\", r"[\d.]+", r"\S+\s\S+",
    r"\Dx", r"x*", r"[[:alpha:]]{3}", r"\t", r"a\nb", r"é", r"É",
)  # fmt: skip
TEXTS = ("", "a12.b-c", "foo", "FOO", "bar baz", "barn", "ac", "bbc", "a\nb", "axb", "a{2", "a}", "aa", "]", ".", "\\",
         "3.14", "xx", "1x", "abc", "\t", "é", "a b", "12")  # fmt: skip


async def test_patterns_mean_in_postgres_what_they_mean_elsewhere(database: Database) -> None:
    async with database.unbound() as db:
        driver = driver_of(db.connection)
        for pattern in PATTERNS:
            found = await driver.fetchval(
                "SELECT array_agg(t ~ $1) FROM unnest($2::text[]) t", to_postgres(pattern), TEXTS
            )
            assert found == [_fits(pattern, text) for text in TEXTS], pattern


def _fits(pattern: str, text: str) -> bool:
    python = re.sub(r"(\\\\)|\\z", lambda found: found[1] or r"\Z", pattern).replace("[[:alpha:]]", "[a-zA-Z]")
    return re.search(python, text, re.ASCII if pattern.isascii() else 0) is not None


async def test_patterns_that_grow_beyond_bounds_are_refused(engine: PostgresEngine, odd: Tenant) -> None:
    rule = Condition(_property(T), Operator.REGEX, ("(((a{1,255}){1,255}){1,255}){1,255}",))
    with pytest.raises(InvalidQuery):
        await engine.trends(odd, TrendsPlan((Series(Matched(None, rule)),), WITHIN))
