"""From the filters, series and breakdowns of the wire to those of plans."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from domain.insights import patterns
from domain.insights.buckets import (
    Interval,
)
from domain.insights.catalogue import property_type
from domain.insights.errors import InsightFault, InvalidQuery
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
    Value,
)
from domain.insights.plans import (
    Breakdown,
    Math,
    Subject,
)
from domain.insights.query_calendar import FORMS, following, told
from domain.insights.query_dates import ANY_FRAME, Frame
from domain.insights.query_errors import Place, invalid, quoted
from domain.insights.query_models import RetentionEntity
from domain.insights.query_parts import (
    BreakdownFilter,
    EventsNode,
    InsightQuery,
    Properties,
    PropertyFilter,
    PropertyGroup,
    Scalar,
)

_COUNTED = frozenset(
    {Math.TOTAL, Math.DAU, Math.WEEKLY_ACTIVE, Math.MONTHLY_ACTIVE, Math.UNIQUE_SESSION, Math.FIRST_TIME_FOR_USER}
)
"""Maths without a property."""
_SOURCES: Mapping[str, PropertySource] = {
    "event": PropertySource.EVENT,
    "person": PropertySource.PERSON,
    "session": PropertySource.SESSION,
    "event_properties": PropertySource.EVENT,
    "numerical_event_properties": PropertySource.EVENT,
    "person_properties": PropertySource.PERSON,
    "session_properties": PropertySource.SESSION,
}
_METADATA: Mapping[str, tuple[PropertySource, str]] = {
    "timestamp": (PropertySource.EVENT, "timestamp"),
    "event": (PropertySource.EVENT, "event"),
    "session_id": (PropertySource.EVENT, "session_id"),
    "$session_id": (PropertySource.EVENT, "session_id"),
    "distinct_id": (PropertySource.PERSON, "user_id"),
    "person_id": (PropertySource.PERSON, "user_id"),
}
"""Keys of the type event_metadata, as far as the catalogue has them."""
_IN_ORDER = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE})
_DATES = frozenset({"is_date_exact", "is_date_before", "is_date_after"})
_NO_VALUE = frozenset({Operator.IS_SET, Operator.IS_NOT_SET})
_PATTERNS = frozenset({Operator.REGEX, Operator.NOT_REGEX})
_TOLD_OTHERWISE: Mapping[str, Operator] = {"in": Operator.EXACT, "not_in": Operator.IS_NOT}


def property_of(key: str, type: str | None = None, place: Place = ()) -> Property:
    """The property that a filter, breakdown or math means; unknown ones are texts that no event has.

    `type` is that of a filter or breakdown, or the `math_property_type`. Raises InvalidQuery for metadata of events
    that there is not.
    """
    if type == "event_metadata":
        known = {name for name, (source, key) in _METADATA.items() if property_type(source, key)}
        if key not in known:
            raise invalid(f"events have no {quoted(key)}; there are {', '.join(sorted(known))}", place)
        source, key = _METADATA[key]
    else:
        source = _SOURCES[type or "event"]
    return Property(source, key, property_type(source, key) or PropertyType.TEXT)


def filter_of(properties: Properties, frame: Frame, place: Place = ("properties",)) -> Filter:
    """All conditions together. Raises InvalidQuery, naming the place of the wrong one."""
    if properties is None:
        return EVERYTHING
    if isinstance(properties, PropertyGroup):
        return _part(properties, frame, place)
    parts = [_part(one, frame, (*place, str(position))) for position, one in enumerate(properties)]
    return _all_of(parts)


def check_filters(properties: Properties, place: Place) -> None:
    """Raises InvalidQuery as `filter_of`."""
    filter_of(properties, ANY_FRAME, place)


def _all_of(parts: Sequence[Filter]) -> Filter:
    kept = tuple(part for part in parts if part != EVERYTHING)
    return kept[0] if len(kept) == 1 else AllOf(kept)


def _part(part: PropertyFilter | PropertyGroup, frame: Frame, place: Place) -> Filter:
    if isinstance(part, PropertyFilter):
        return _condition(part, frame, place)
    parts = [_part(one, frame, (*place, "values", str(position))) for position, one in enumerate(part.values)]
    if part.type == "AND" or not parts:
        return _all_of(parts)
    return EVERYTHING if EVERYTHING in parts else AnyOf(tuple(parts))


def _condition(filter: PropertyFilter, frame: Frame, place: Place) -> Filter:
    if filter.type == "empty":
        return EVERYTHING
    if filter.key is None:
        raise invalid("is missing", (*place, "key"))
    property = property_of(filter.key, filter.type, (*place, "key"))
    operator = filter.operator or "exact"
    values = filter.value if isinstance(filter.value, tuple) else () if filter.value is None else (filter.value,)
    if operator in _DATES:
        return _on_date(property, operator, values, frame, (*place, "value"))
    if operator in ("between", "not_between"):
        return _between(property, operator, values, (*place, "value"))
    meant = _TOLD_OTHERWISE.get(operator) or Operator(operator)
    return Condition(property, meant, _values(property, meant, values, place))


def _values(property: Property, operator: Operator, values: Sequence[Scalar], place: Place) -> tuple[Value, ...]:
    if operator in _NO_VALUE:
        return ()
    here = (*place, "value")
    if not values:
        raise invalid(f"{operator} needs a value", here)
    if operator in _PATTERNS:
        for pattern in values:
            check_pattern(str(pattern), here)
    if operator in _IN_ORDER:
        if len(values) > 1:
            raise invalid(f"{operator} has one value", here)
        return (_number(property, operator, values[0], place),)
    as_text = operator not in (Operator.EXACT, Operator.IS_NOT)
    return tuple(_text(one) if as_text else _fitting(property, one, here) for one in values)


def check_pattern(pattern: str, place: Place) -> None:
    """Raises InvalidQuery where the text is no regular expression of those that all engines read."""
    try:
        patterns.check(pattern)
    except InvalidQuery as error:
        raise invalid(str(error), place) from error


def _number(property: Property, operator: Operator, value: Scalar, place: Place) -> float:
    """Raises InvalidQuery where either side has no order of numbers."""
    if property.type is not PropertyType.NUMBER:
        raise invalid(f"{quoted(property.key)} is no number, so {operator} does not fit", (*place, "operator"))
    return _read_number(value, (*place, "value"))


def _read_number(value: Scalar, place: Place) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise invalid(f"{quoted(value)} is no number", place)
    return number


def _fitting(property: Property, value: Scalar, place: Place) -> Value:
    """The value in the property's type, so that 5 is found by "5" and true by "true"."""
    match property.type:
        case PropertyType.NUMBER:
            return _read_number(value, place)
        case PropertyType.BOOLEAN:
            return _read_boolean(value, place)
        case PropertyType.TEXT:
            return _text(value)
        case PropertyType.TIME:
            raise invalid(
                f"{quoted(property.key)} is a time: use is_date_exact, is_date_before or is_date_after", place
            )


def _read_boolean(value: Scalar, place: Place) -> bool:
    known = {"true": True, "false": False}
    if _text(value) not in known:
        raise invalid(f"{quoted(value)} is neither true nor false", place)
    return known[_text(value)]


def _text(value: Scalar) -> str:
    """As JSON writes it, so that 5.0 is the text 5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _between(property: Property, operator: str, values: Sequence[Scalar], place: Place) -> Filter:
    if len(values) != 2:
        raise invalid(f"{operator} has two values, the least and the greatest", place)
    low, high = (_number(property, Operator.GTE, one, place[:-1]) for one in values)
    if low > high:
        raise invalid("the least value comes first", place)
    if operator == "between":
        return AllOf((Condition(property, Operator.GTE, (low,)), Condition(property, Operator.LTE, (high,))))
    return AnyOf((Condition(property, Operator.LT, (low,)), Condition(property, Operator.GT, (high,))))


def _on_date(property: Property, operator: str, values: Sequence[Scalar], frame: Frame, place: Place) -> Filter:
    """Days are meant whole: after one is after its end, exactly one is at any time of it."""
    if property.type is not PropertyType.TIME:
        message = f"{quoted(property.key)} is no time, so {operator} does not fit"
        raise invalid(message, (*place[:-1], "operator"))
    if len(values) != 1 or not isinstance(values[0], str):
        raise invalid(f"{operator} has one date", place)
    try:
        found = told(values[0], frame.now, frame.zone)
    except ValueError as error:
        raise invalid(f"{quoted(values[0])} is no date; write it like one of {FORMS}", place) from error
    start = found.at
    end = following(start, Interval.DAY, frame.zone) if found.whole_day else start + timedelta.resolution
    early = Condition(property, Operator.IS_DATE_BEFORE, (start,))
    late = Condition(property, Operator.IS_DATE_AFTER, (end - timedelta.resolution,))
    if operator != "is_date_exact":
        return early if operator == "is_date_before" else late
    return AllOf(
        (
            Condition(property, Operator.IS_DATE_AFTER, (start - timedelta.resolution,)),
            Condition(property, Operator.IS_DATE_BEFORE, (end,)),
        )
    )


def matched(node: EventsNode | RetentionEntity | None, frame: Frame, place: Place = ()) -> Matched:
    """The events that a series, a step, an exclusion or an entity means. None means any event."""
    if node is None:
        return Matched(None)
    properties = filter_of(node.properties, frame, (*place, "properties"))
    if isinstance(node, RetentionEntity):
        return Matched(None if node.id is None else str(node.id), properties)
    fixed = filter_of(node.fixed_properties, frame, (*place, "fixedProperties"))
    return Matched(node.event, _all_of((properties, fixed)))


def number_of(node: EventsNode, place: Place = ()) -> Property | None:
    """What `sum` to `p99` are taken of; None for maths that count.

    Raises InvalidQuery where it is missing or no number.
    """
    if node.counted in _COUNTED:
        return None
    here = (*place, "math_property")
    if not node.math_property:
        raise invalid(f"{node.counted} needs a math_property", here)
    property = property_of(node.math_property, node.math_property_type)
    if property.type is not PropertyType.NUMBER:
        raise invalid(f"{quoted(property.key)} is no number, so there is no {node.counted} of it", here)
    return property


def breakdown_of(filter: BreakdownFilter | None, place: Place = ("breakdownFilter",)) -> Breakdown | None:
    """None where there is none. Raises InvalidQuery where it is told in both ways."""
    if filter is None or not (filter.breakdowns or filter.breakdown):
        return None
    if filter.breakdowns and filter.breakdown:
        raise invalid("say either breakdown or breakdowns", (*place, "breakdown"), InsightFault.INVALID_QUERY)
    if filter.breakdowns:
        told = [(one.property, one.type or filter.breakdown_type) for one in filter.breakdowns]
    else:
        keys = filter.breakdown if isinstance(filter.breakdown, tuple) else (filter.breakdown or "",)
        told = [(key, filter.breakdown_type) for key in keys]
    return Breakdown(tuple(property_of(key, type, place) for key, type in told), filter.breakdown_limit or 25)


def subject_of(query: InsightQuery) -> Subject:
    """Developers if nothing is said."""
    index = query.aggregation_group_type_index
    return Subject.DEVELOPER if index is None else (Subject.SESSION, Subject.ARC)[index]
