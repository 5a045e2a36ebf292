"""Conditions of insights on rows of insight_events, as PostgreSQL reads them: values are bound and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, cast

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
from domain.insights.patterns import to_postgres
from persistence.database import Reading, Row, Tenant, driver_of, fetch
from persistence.insights.events import NUMBERS
from persistence.insights.values import storable, typed, written


class Binds:
    """The values of one statement, in the order of their places. Each is added once and named with its type."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.values: list[object] = []
        self._names: dict[tuple[str, object], str] = {}

    def add(self, value: object, type: str) -> str:
        """The place of a value, such as `$3::text[]`; the same one for an equal value of the type."""
        known = (type, _hashable(value))
        if known not in self._names:
            self.values.append(value)
            self._names[known] = f"${len(self.values)}::{type}"
        return self._names[known]

    def text(self, value: str) -> str:
        return self.add(storable(value), "text")

    def texts(self, values: Sequence[str]) -> str:
        return self.add([storable(value) for value in values], "text[]")

    def integer(self, value: int) -> str:
        return self.add(value, "integer")

    def instant(self, value: datetime) -> str:
        return self.add(value, "timestamptz")

    def instants(self, values: Sequence[datetime]) -> str:
        return self.add(list(values), "timestamptz[]")

    def whose(self, row: str = "e") -> str:
        """That a row is the tenant's, told beside row-level security."""
        rule = f"{row}.org_id = {self.add(self.tenant.org_id, 'uuid')}"
        if self.tenant.user_id is None:
            return rule
        return f"{rule} AND {row}.user_id = {self.add(self.tenant.user_id, 'uuid')}"

    async def rows(self, db: Reading, statement: str) -> Sequence[Row]:
        """What the statement gives with these values."""
        return await fetch(driver_of(db.connection), statement, self.values)


def _hashable(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def matches(matched: Matched, binds: Binds, row: str = "e") -> str:
    """Whether a row is one of the events that are meant."""
    where = condition(matched.where, binds, row)
    return where if matched.event is None else f"{row}.event = {binds.text(matched.event)} AND {where}"


def condition(filter: Filter, binds: Binds, row: str = "e") -> str:
    """Whether a row passes: true or false, in brackets where it needs them."""
    match filter:
        case Condition():
            return _one(filter, binds, row)
        case AllOf():
            return _joined([condition(part, binds, row) for part in filter.parts], "AND", "TRUE")
        case AnyOf():
            return _joined([condition(part, binds, row) for part in filter.parts], "OR", "FALSE")


def _joined(parts: Sequence[str], word: str, otherwise: str) -> str:
    return f"({f' {word} '.join(parts)})" if parts else otherwise


def expression(property: Property, binds: Binds, row: str = "e") -> str:
    """The property's value in its type; NULL where it is missing or of another type, never an error."""
    column = property_column(property.source, property.key)
    if column is not None:
        return f"{row}.{column}" if column in _AS_THEY_ARE else f"{row}.{column}::text"
    if property.key in NUMBERS and property.type is PropertyType.NUMBER:
        return f"{row}.{property.key}"
    return _FROM_JSON[property.type](f"{row}.properties", binds.text(property.key))


_AS_THEY_ARE: Final = frozenset(("agent", "project", "model", "tool", "session_id", "event", "ts"))


def as_text(property: Property, binds: Binds, row: str = "e") -> str:
    """The property's value as a breakdown names it; NULL where it is missing."""
    value = expression(property, binds, row)
    return value if property.type is PropertyType.TEXT else f"({value})::text"


def _text(json: str, key: str) -> str:
    return f"({json} ->> {key})"


def _number(json: str, key: str) -> str:
    """Numbers of more digits than a double has room for are none: casting them could be out of its range."""
    is_number = f"jsonb_typeof({json} -> {key}) = 'number' AND length({json} ->> {key}) < 300"
    return f"(CASE WHEN {is_number} THEN ({json} -> {key})::float8 END)"


def _boolean(json: str, key: str) -> str:
    return f"(CASE {json} ->> {key} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END)"


def _time(json: str, key: str) -> str:
    return f"(CASE WHEN {json} ->> {key} ~ '{_ISO_TIME}' THEN ({json} ->> {key})::timestamptz END)"


_LEAP_YEAR = "([12][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|2[048])00)"
_DAY = (
    "([12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?"
_ISO_TIME = f"^{_DAY}([T ]{_CLOCK})?$"
"""Instants that surely can be read: casting another text would be an error."""

_FROM_JSON: Mapping[PropertyType, Callable[[str, str], str]] = {
    PropertyType.TEXT: _text,
    PropertyType.NUMBER: _number,
    PropertyType.BOOLEAN: _boolean,
    PropertyType.TIME: _time,
}
_TYPES: Mapping[PropertyType, str] = {
    PropertyType.TEXT: "text",
    PropertyType.NUMBER: "float8",
    PropertyType.BOOLEAN: "boolean",
    PropertyType.TIME: "timestamptz",
}
_COMPARED: Mapping[Operator, str] = {
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.IS_DATE_BEFORE: "<",
    Operator.IS_DATE_AFTER: ">",
}


def _one(rule: Condition, binds: Binds, row: str) -> str:
    operator = rule.operator
    if not rule.values and operator not in (Operator.IS_SET, Operator.IS_NOT_SET):
        return "TRUE" if operator in _NEGATED else "FALSE"
    value = expression(rule.property, binds, row)
    if operator is Operator.IS_SET:
        return f"{value} IS NOT NULL"
    if operator is Operator.IS_NOT_SET:
        return f"{value} IS NULL"
    if operator in _NEGATED:
        positive = Condition(rule.property, _NEGATED[operator], rule.values)
        return f"({_one(positive, binds, row)}) IS NOT TRUE"
    if operator is Operator.EXACT:
        return f"{value} = ANY ({_among(rule, binds)})"
    if operator in _COMPARED:
        return _joined([_compared(rule, one, value, binds) for one in rule.values], "OR", "FALSE")
    text = as_text(rule.property, binds, row)
    search = _contains if operator is Operator.ICONTAINS else _fits
    return _joined([search(text, written(one), binds) for one in rule.values], "OR", "FALSE")


_NEGATED: Mapping[Operator, Operator] = {
    Operator.IS_NOT: Operator.EXACT,
    Operator.NOT_ICONTAINS: Operator.ICONTAINS,
    Operator.NOT_REGEX: Operator.REGEX,
}


def _among(rule: Condition, binds: Binds) -> str:
    type = rule.property.type
    if type is PropertyType.TEXT:
        return binds.texts([written(one) for one in rule.values])
    return binds.add([typed(one, type) for one in rule.values], f"{_TYPES[type]}[]")


def _compared(rule: Condition, bound: Value, value: str, binds: Binds) -> str:
    """Numbers, instants and texts as they are; texts are compared letter by letter."""
    type = rule.property.type
    place = binds.text(written(bound)) if type is PropertyType.TEXT else binds.add(typed(bound, type), _TYPES[type])
    order = ' COLLATE "C"' if type is PropertyType.TEXT else ""
    return f"{value}{order} {_COMPARED[rule.operator]} {place}"


def _contains(text: str, part: str, binds: Binds) -> str:
    return f"position(lower({binds.text(part)}) IN lower({text})) > 0"


def _fits(text: str, pattern: str, binds: Binds) -> str:
    return f"{text} ~ {binds.text(to_postgres(pattern))}"
