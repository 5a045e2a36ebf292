"""Conditions of insights as ClickHouse reads them: values are bound and nothing else, and no condition is ever NULL.

Instants are whole microseconds since 1970 within statements; a row's `ts` is one, too.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.insights.catalogue import property_column
from domain.insights.filters import (
    AllOf,
    AnyOf,
    Condition,
    Filter,
    Matched,
    Operator,
    Property,
    PropertyType,
    Value,
)
from domain.insights.patterns import to_re2
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client, Row
from persistence.insights.events import NUMBERS
from persistence.insights.values import storable, typed, written

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE_ALL = -(2**63)
_LIMITS: Mapping[str, int] = {
    "max_execution_time": 30,
    "max_memory_usage": 2 * 2**30,
    "max_bytes_before_external_group_by": 2**30,
    "max_bytes_before_external_sort": 2**30,
    "max_query_size": 16 * 2**20,
    "max_ast_elements": 200_000,
    "max_expanded_ast_elements": 2_000_000,
}
_MEANING: Mapping[str, int] = {
    "do_not_merge_across_partitions_select_final": 1,
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,
    "aggregate_functions_null_for_empty": 0,
}


class Elsewhere(Exception):
    """PostgreSQL reads this in a way that ClickHouse has no like for: let it answer."""


def micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


class Binds:
    """The values of one statement. Each is added once and named with its type."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.values: dict[str, object] = {}
        self._names: dict[tuple[str, str], str] = {}

    def add(self, value: object, type: str) -> str:
        """The place of a value, such as `{p3:String}`; the same one for an equal value of the type."""
        known = (type, repr(value))
        if known not in self._names:
            name = f"p{len(self.values)}"
            self.values[name] = value
            self._names[known] = f"{{{name}:{type}}}"
        return self._names[known]

    def text(self, value: str) -> str:
        return self.add(storable(value), "String")

    def texts(self, values: Sequence[str]) -> str:
        return self.add([storable(value) for value in values], "Array(String)")

    def integer(self, value: int) -> str:
        return self.add(value, "Int64")

    def number(self, value: float) -> str:
        return self.add(value, "Float64")

    def instant(self, value: datetime) -> str:
        return self.integer(micros(value))

    def place(self, instant: str, bounds: Sequence[datetime]) -> str:
        """How many of the bounds, which never fall, are not later than the instant: PostgreSQL's width_bucket."""
        known = [micros(bound) for bound in bounds]
        steps = sorted(set(known))
        starts = self.add([_BEFORE_ALL, *steps], "Array(Int64)")
        counts = self.add([0, *(bisect_right(known, step) for step in steps)], "Array(Int32)")
        return f"transform(roundDown({instant}, {starts}), {starts}, {counts}, toInt32(0))"

    def whose(self, row: str = "e") -> str:
        """That a row is the tenant's."""
        rule = f"{row}.org_id = {self.add(str(self.tenant.org_id), 'UUID')}"
        if self.tenant.user_id is None:
            return rule
        return f"{rule} AND {row}.user_id = {self.add(str(self.tenant.user_id), 'UUID')}"

    async def rows(self, client: Client, statement: str) -> list[Row]:
        """What the statement gives with these values, within the limits of one query."""
        return await client.rows(statement, self.values, {**_LIMITS, **_MEANING})


def matches(matched: Matched, binds: Binds, row: str = "e") -> str:
    """Whether a row is one of the events that are meant."""
    where = condition(matched.where, binds, row)
    return where if matched.event is None else f"({row}.event = {binds.text(matched.event)} AND {where})"


def condition(filter: Filter, binds: Binds, row: str = "e") -> str:
    """Whether a row passes: 1 or 0, in brackets where it needs them."""
    match filter:
        case Condition():
            return _one(filter, binds, row)
        case AllOf():
            return _joined([condition(part, binds, row) for part in filter.parts], "AND", "1")
        case AnyOf():
            return _joined([condition(part, binds, row) for part in filter.parts], "OR", "0")


def _joined(parts: Sequence[str], word: str, otherwise: str) -> str:
    return f"({f' {word} '.join(parts)})" if parts else otherwise


_AS_THEY_ARE: Final = frozenset(("agent", "project", "model", "tool", "session_id", "event"))


def expression(property: Property, binds: Binds, row: str = "e") -> str:
    """The property's value in its type; NULL where it is missing or of another type, never an error."""
    column = property_column(property.source, property.key)
    if column == "ts":
        return f"toUnixTimestamp64Micro({row}.ts)"
    if column is not None:
        return f"{row}.{column}" if column in _AS_THEY_ARE else f"toString({row}.{column})"
    if property.key in NUMBERS and property.type is PropertyType.NUMBER:
        return f"{row}.{property.key}"
    key = binds.text(property.key)
    match property.type:
        case PropertyType.TEXT:
            return _of_map(f"{row}.texts", key)
        case PropertyType.NUMBER:
            return _of_map(f"{row}.numbers", key)
        case PropertyType.BOOLEAN:
            return f"multiIf({row}.texts[{key}] = 'true', 1, {row}.texts[{key}] = 'false', 0, NULL)"
        case PropertyType.TIME:
            raise Elsewhere


def _of_map(map: str, key: str) -> str:
    return f"if(mapContains({map}, {key}), {map}[{key}], NULL)"


def as_text(property: Property, binds: Binds, row: str = "e") -> str:
    """The property's value as PostgreSQL writes it; NULL where it is missing."""
    if property_column(property.source, property.key) == "ts":
        raise Elsewhere
    value = expression(property, binds, row)
    if property.type is PropertyType.BOOLEAN:
        return f"multiIf({value} = 1, 'true', {value} = 0, 'false', NULL)"
    if property.type is PropertyType.NUMBER:
        key = binds.text(property.key)
        told = f"if(mapContains({row}.written, {key}), {row}.written[{key}], {row}.texts[{key}])"
        return f"if(mapContains({row}.numbers, {key}), {told}, NULL)"
    return f"CAST({value} AS Nullable(String))"


_COMPARED: Mapping[Operator, str] = {
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.IS_DATE_BEFORE: "<",
    Operator.IS_DATE_AFTER: ">",
}
_NEGATED: Mapping[Operator, Operator] = {
    Operator.IS_NOT: Operator.EXACT,
    Operator.NOT_ICONTAINS: Operator.ICONTAINS,
    Operator.NOT_REGEX: Operator.REGEX,
}


def _one(rule: Condition, binds: Binds, row: str) -> str:
    operator = rule.operator
    if operator in _NEGATED:
        return f"NOT {_one(Condition(rule.property, _NEGATED[operator], rule.values), binds, row)}"
    value = expression(rule.property, binds, row)
    if operator is Operator.IS_SET:
        return f"isNotNull({value})"
    if operator is Operator.IS_NOT_SET:
        return f"isNull({value})"
    if not rule.values:
        return "0"
    if operator in (Operator.ICONTAINS, Operator.REGEX):
        text = as_text(rule.property, binds, row)
        search = _contains if operator is Operator.ICONTAINS else _fits
        return _joined([_told(search(text, written(one), binds)) for one in rule.values], "OR", "0")
    sign = "=" if operator is Operator.EXACT else _COMPARED[operator]
    return _joined([_told(f"{value} {sign} {_bound(rule, one, binds)}") for one in rule.values], "OR", "0")


def _told(rule: str) -> str:
    return f"ifNull({rule}, 0)"


def _bound(rule: Condition, value: Value, binds: Binds) -> str:
    type = rule.property.type
    if type is PropertyType.TEXT:
        return binds.text(written(value))
    bound = typed(value, type)
    if isinstance(bound, datetime):
        return binds.instant(bound)
    return binds.integer(int(bound)) if isinstance(bound, bool) else binds.number(bound)


def _contains(text: str, part: str, binds: Binds) -> str:
    """Case is a matter of letters from A to Z here; which others belong together, PostgreSQL's locale says."""
    if not part.isascii():
        raise Elsewhere
    return f"positionCaseInsensitive({text}, {binds.text(part)}) > 0"


def _fits(text: str, pattern: str, binds: Binds) -> str:
    if not pattern.isascii():
        raise Elsewhere
    return f"match({text}, {binds.text(to_re2(pattern))})"
