from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from domain.insights import query_filters
from domain.insights.errors import InvalidQuery
from domain.insights.filters import (
    EVERYTHING,
    AllOf,
    AnyOf,
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
    Subject,
)
from domain.insights.query_dates import Frame
from domain.insights.query_filters import breakdown_of, filter_of, matched, number_of, property_of, subject_of
from domain.insights.query_models import RetentionEntity
from domain.insights.query_parts import BreakdownFilter, EventsNode, InsightQuery, Properties

PROPERTIES: TypeAdapter[Properties] = TypeAdapter(Properties)
FRAME = Frame(datetime(2026, 5, 27, 14, 5, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
AGENT = Property(PropertySource.EVENT, "agent", PropertyType.TEXT)
COST = Property(PropertySource.EVENT, "cost_usd", PropertyType.NUMBER)
CRUSHED = Property(PropertySource.EVENT, "crushed", PropertyType.BOOLEAN)


def read(text: str) -> Filter:
    return filter_of(PROPERTIES.validate_json(text, strict=True), FRAME)


def one(property: Property, operator: Operator, *values: str | float | bool) -> Condition:
    return Condition(property, operator, values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", EVERYTHING),
        ("[]", EVERYTHING),
        ('[{"type": "empty"}]', EVERYTHING),
        ('[{"key": "agent", "value": "a"}]', one(AGENT, Operator.EXACT, "a")),
        ('[{"key": "agent", "value": ["a", 5, 1.5, true]}]', one(AGENT, Operator.EXACT, "a", "5", "1.5", "true")),
        ('[{"key": "cost_usd", "value": ["5", 1]}]', one(COST, Operator.EXACT, 5.0, 1.0)),
        ('[{"key": "crushed", "operator": "is_not", "value": ["true"]}]', one(CRUSHED, Operator.IS_NOT, True)),
        ('[{"key": "agent", "operator": "in", "value": ["a"]}]', one(AGENT, Operator.EXACT, "a")),
        ('[{"key": "agent", "operator": "icontains", "value": "A"}]', one(AGENT, Operator.ICONTAINS, "A")),
        ('[{"key": "cost_usd", "operator": "gte", "value": "0.5"}]', one(COST, Operator.GTE, 0.5)),
        ('[{"key": "agent", "operator": "is_set", "value": "is_set"}]', one(AGENT, Operator.IS_SET)),
        (
            '[{"key": "cost_usd", "operator": "between", "value": [1, 2]}]',
            AllOf((one(COST, Operator.GTE, 1.0), one(COST, Operator.LTE, 2.0))),
        ),
        (
            '[{"key": "cost_usd", "operator": "not_between", "value": [1, 2]}]',
            AnyOf((one(COST, Operator.LT, 1.0), one(COST, Operator.GT, 2.0))),
        ),
        (
            '[{"key": "agent", "value": "a"}, {"key": "cost_usd", "operator": "lt", "value": 3}]',
            AllOf((one(AGENT, Operator.EXACT, "a"), one(COST, Operator.LT, 3.0))),
        ),
        (
            '{"type": "OR", "values": [{"type": "AND", "values": [{"key": "agent", "value": "a"}]}, '
            '{"key": "crushed", "value": true}]}',
            AnyOf((one(AGENT, Operator.EXACT, "a"), one(CRUSHED, Operator.EXACT, True))),
        ),
        ('{"type": "OR", "values": []}', EVERYTHING),
        ('{"type": "OR", "values": [{"key": "agent", "value": "a"}, {"type": "empty"}]}', EVERYTHING),
    ],
)
def test_filters_become_conditions(text: str, expected: Filter) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("key", "type", "expected"),
    [
        ("agent", None, AGENT),
        ("cost_usd", "event_properties", COST),
        ("user_id", "person", Property(PropertySource.PERSON, "user_id", PropertyType.TEXT)),
        ("agent", "session", Property(PropertySource.SESSION, "agent", PropertyType.TEXT)),
        ("$session_id", "event_metadata", Property(PropertySource.EVENT, "session_id", PropertyType.TEXT)),
        ("distinct_id", "event_metadata", Property(PropertySource.PERSON, "user_id", PropertyType.TEXT)),
        ("plan", "person", Property(PropertySource.PERSON, "plan", PropertyType.TEXT)),
        ("$browser", "event", Property(PropertySource.EVENT, "$browser", PropertyType.TEXT)),
    ],
)
def test_properties_have_the_types_of_the_catalogue_and_else_are_texts(
    key: str, type: str | None, expected: Property
) -> None:
    assert property_of(key, type) == expected


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ('[{"value": 1}]', "0.key", "is missing"),
        ('[{"key": "agent"}]', "0.value", "exact needs a value"),
        ('[{"key": "agent", "value": []}]', "0.value", "exact needs a value"),
        ('[{"key": "agent", "operator": "gt", "value": 3}]', "0.operator", "“agent” is no number, so gt does not fit"),
        ('[{"key": "$x", "operator": "lte", "value": 3}]', "0.operator", "is no number"),
        ('[{"key": "cost_usd", "operator": "gt", "value": "much"}]', "0.value", "“much” is no number"),
        ('[{"key": "cost_usd", "operator": "gt", "value": true}]', "0.value", "is no number"),
        ('[{"key": "cost_usd", "operator": "gt", "value": [1, 2]}]', "0.value", "gt has one value"),
        ('[{"key": "cost_usd", "value": "nan"}]', "0.value", "is no number"),
        ('[{"key": "crushed", "value": "yes"}]', "0.value", "neither true nor false"),
        ('[{"key": "cost_usd", "operator": "between", "value": 1}]', "0.value", "two values"),
        ('[{"key": "cost_usd", "operator": "between", "value": [2, 1]}]', "0.value", "comes first"),
        ('[{"key": "agent", "operator": "regex", "value": "("}]', "0.value", "no regular expression"),
        ('[{"key": "agent", "operator": "is_date_after", "value": "-7d"}]', "0.operator", "is no time"),
        ('[{"type": "event_metadata", "key": "uuid", "value": "a"}]', "0.key", "events have no “uuid”"),
        (
            '{"type": "AND", "values": [{"type": "OR", "values": [{"key": "a", "value": 1}, {"key": "b"}]}]}',
            "values.0.values.1.value",
            "needs a value",
        ),
    ],
)
def test_what_does_not_fit_is_named(text: str, field: str, message: str) -> None:
    with pytest.raises(InvalidQuery) as raised:
        read(text)
    assert raised.value.faults[0].field == ("properties", *field.split("."))
    assert message in str(raised.value)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


TICK = timedelta.resolution


@pytest.mark.parametrize(
    ("operator", "value", "after", "earlier_than"),
    [
        ("is_date_before", "2026-05-01", None, "2026-05-01T00:00+02:00"),
        ("is_date_after", "2026-05-01", "2026-05-02T00:00+02:00", None),
        ("is_date_exact", "2026-05-01", "2026-05-01T00:00+02:00", "2026-05-02T00:00+02:00"),
        ("is_date_before", "-24h", None, "2026-05-26T14:05+00:00"),
        ("is_date_exact", "2026-05-01T10:00Z", "2026-05-01T10:00+00:00", "2026-05-01T10:00:00.000001+00:00"),
    ],
)
def test_dates_in_filters_are_whole_days_of_the_zone(
    monkeypatch: pytest.MonkeyPatch, operator: str, value: str, after: str | None, earlier_than: str | None
) -> None:
    def a_time(source: PropertySource, key: str) -> PropertyType:
        return PropertyType.TIME

    monkeypatch.setattr(query_filters, "property_type", a_time)
    found = read(f'[{{"key": "at", "operator": "{operator}", "value": "{value}"}}]')
    rules = found.parts if isinstance(found, AllOf) else (found,)
    at = Property(PropertySource.EVENT, "at", PropertyType.TIME)
    expected: list[Filter] = []
    if after:
        expected.append(Condition(at, Operator.IS_DATE_AFTER, (instant(after) - TICK,)))
    if earlier_than:
        expected.append(Condition(at, Operator.IS_DATE_BEFORE, (instant(earlier_than),)))
    assert list(rules) == expected


def test_fixed_properties_hold_beside_the_others() -> None:
    text = (
        '{"kind": "EventsNode", "event": "edit", "properties": [{"key": "agent", "value": "a"}],'
        ' "fixedProperties": [{"key": "cost_usd", "operator": "gt", "value": 1}]}'
    )
    expected = AllOf((one(AGENT, Operator.EXACT, "a"), one(COST, Operator.GT, 1.0)))
    assert matched(EventsNode.model_validate_json(text), FRAME) == Matched("edit", expected)


def test_entities_without_an_id_are_any_event() -> None:
    assert matched(RetentionEntity(), FRAME) == Matched(None)
    assert matched(None, FRAME) == Matched(None)
    assert matched(RetentionEntity(id="commit"), FRAME) == Matched("commit")


def test_numbers_are_taken_of_the_property_that_is_named() -> None:
    assert number_of(EventsNode(kind="EventsNode", math="p90", math_property="cost_usd")) == COST
    assert number_of(EventsNode(kind="EventsNode", math="dau", math_property="cost_usd")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", None),
        ('{"breakdown": "agent"}', Breakdown((AGENT,), 25)),
        ('{"breakdown": ["agent", "cost_usd"], "breakdown_limit": 3}', Breakdown((AGENT, COST), 3)),
        ('{"breakdowns": [{"property": "agent", "type": "event"}]}', Breakdown((AGENT,), 25)),
        (
            '{"breakdown": "user_id", "breakdown_type": "person"}',
            Breakdown((Property(PropertySource.PERSON, "user_id", PropertyType.TEXT),), 25),
        ),
    ],
)
def test_breakdowns(text: str, expected: Breakdown | None) -> None:
    assert breakdown_of(BreakdownFilter.model_validate_json(text)) == expected


@pytest.mark.parametrize(
    ("index", "subject"), [("null", Subject.DEVELOPER), ("0", Subject.SESSION), ("1", Subject.ARC)]
)
def test_subjects(index: str, subject: Subject) -> None:
    query = InsightQuery.model_validate_json(f'{{"aggregation_group_type_index": {index}}}')
    assert subject_of(query) is subject
