"""Properties of every kind: ClickHouse reads, compares and names them as PostgreSQL does, or leaves it to that."""

from itertools import product

import pytest

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    AllOf,
    Condition,
    Filter,
    Matched,
    Operator,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    Breakdown,
    Math,
    Series,
    TrendsPlan,
)
from domain.values import JsonValue
from persistence.database import Database, Tenant
from persistence.insights.clickhouse import trends
from persistence.insights.clickhouse.client import Client
from persistence.insights.clickhouse.conditions import Elsewhere
from persistence.insights.postgres import PostgresEngine
from tests.clickhouse.conftest import Put
from tests.make import START, time
from tests.make_insights import made

VALUES: tuple[JsonValue, ...] = (
    None,
    True,
    False,
    "true",
    "",
    'Grüße, it\'s \\ \n\t"x" 🎉',
    "a\nb",
    "bug_fix",
    "BUG",
    "5",
    "2026-03-02",
    "2026-03-02T09:00:00Z",
    0,
    -0.0,
    5,
    5.0,
    0.1,
    1 / 3,
    -17.25,
    123456789012345678,
    1e15,
    1e16,
    1.5e20,
    1e299,
    1e-5,
    1.25e-7,
    10**299,
    10**400,
    [1, "a"],
    {"b": [True, None], "a": 1.50},
)
KEYS = ("some", "duration_ms", "it's \\ a key")
WITHIN = Buckets((START, time(60)), time(120), Interval.HOUR)


@pytest.fixture(scope="module")
async def told(put: Put) -> Tenant:
    events = [
        made("prompt", number, f"user {number % 4}", id=("property", key, number), **{key: value})
        for key in KEYS
        for number, value in enumerate(VALUES * 2)
    ]
    return await put(events)


def _property(key: str, type: PropertyType) -> Property:
    return Property(PropertySource.EVENT, key, type)


def _plan(where: Filter, breakdown: Breakdown | None = None, series: Series | None = None) -> TrendsPlan:
    return TrendsPlan((series or Series(Matched("prompt")),), WITHIN, where, breakdown)


TYPES = (PropertyType.TEXT, PropertyType.NUMBER, PropertyType.BOOLEAN)
CONDITIONS = (
    *((PropertyType.TEXT, operator, "b") for operator in (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)),
    *(
        (PropertyType.TEXT, Operator.EXACT, value)
        for value in ("5", "true", 'Grüße, it\'s \\ \n\t"x" 🎉', "", True, 5.0)
    ),
    *((PropertyType.TEXT, Operator.ICONTAINS, value) for value in ("bug", "BUG", "5", "%", "_")),
    *(
        (PropertyType.TEXT, Operator.REGEX, value)
        for value in ("^bug", "(?i)^bug", "a.b", "(?s)a.b", r"^\d+$", r"\s", "x|5$")
    ),
    *(
        (PropertyType.NUMBER, operator, 5.0)
        for operator in (Operator.EXACT, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)
    ),
    (PropertyType.NUMBER, Operator.EXACT, "0.1"),
    (PropertyType.NUMBER, Operator.REGEX, r"^\d+$"),
    (PropertyType.NUMBER, Operator.ICONTAINS, "e+"),
    (PropertyType.BOOLEAN, Operator.EXACT, True),
    (PropertyType.BOOLEAN, Operator.EXACT, "false"),
    (PropertyType.BOOLEAN, Operator.ICONTAINS, "TR"),
    *((type, operator, None) for type, operator in product(TYPES, (Operator.IS_SET, Operator.IS_NOT_SET))),
)
_NOT = {
    Operator.EXACT: Operator.IS_NOT,
    Operator.ICONTAINS: Operator.NOT_ICONTAINS,
    Operator.REGEX: Operator.NOT_REGEX,
}


async def _same(database: Database, clickhouse: Client, tenant: Tenant, plan: TrendsPlan) -> None:
    found, expected = await trends.trends(clickhouse, tenant, plan), await PostgresEngine(database).trends(tenant, plan)
    assert [line.breakdown for line in found] == [line.breakdown for line in expected], plan
    for one, other in zip(found, expected, strict=True):
        assert one.values == pytest.approx(other.values), plan


@pytest.mark.parametrize("key", KEYS)
async def test_conditions_hold_for_the_same_events(
    database: Database, clickhouse: Client, told: Tenant, key: str
) -> None:
    for type, operator, value in CONDITIONS:
        values = () if value is None else (value,)
        for each in (operator, _NOT.get(operator)):
            if each is not None:
                rule = Condition(_property(key, type), each, values)
                await _same(database, clickhouse, told, _plan(AllOf((rule,))))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("type", TYPES)
async def test_values_have_the_same_names(
    database: Database, clickhouse: Client, told: Tenant, key: str, type: PropertyType
) -> None:
    agent = _property("agent", PropertyType.TEXT)
    for properties, limit in product([(_property(key, type),), (agent, _property(key, type))], [3, 100]):
        await _same(database, clickhouse, told, _plan(AllOf(), Breakdown(properties, limit)))


@pytest.mark.parametrize("math", [Math.MIN, Math.MAX, Math.MEDIAN, Math.AVG])
async def test_numbers_are_the_same(database: Database, clickhouse: Client, told: Tenant, math: Math) -> None:
    for key in KEYS:
        series = Series(Matched("prompt"), math, _property(key, PropertyType.NUMBER))
        await _same(database, clickhouse, told, _plan(AllOf(), series=series))


@pytest.mark.parametrize(
    "rule",
    [
        Condition(_property("some", PropertyType.TEXT), Operator.ICONTAINS, ("GRÜSSE",)),
        Condition(_property("some", PropertyType.TEXT), Operator.REGEX, ("[ä-ü]",)),
        Condition(_property("some", PropertyType.TIME), Operator.IS_DATE_AFTER, ("2026-01-01",)),
        Condition(_property("timestamp", PropertyType.TIME), Operator.ICONTAINS, ("2026",)),
    ],
)
async def test_what_only_postgresql_knows_is_left_to_it(clickhouse: Client, told: Tenant, rule: Condition) -> None:
    with pytest.raises(Elsewhere):
        await trends.trends(clickhouse, told, _plan(AllOf((rule,))))


async def test_times_of_events_are_compared(database: Database, clickhouse: Client, told: Tenant) -> None:
    for operator in (Operator.IS_DATE_BEFORE, Operator.IS_DATE_AFTER):
        rule = Condition(_property("timestamp", PropertyType.TIME), operator, (time(7),))
        await _same(database, clickhouse, told, _plan(AllOf((rule,))))
