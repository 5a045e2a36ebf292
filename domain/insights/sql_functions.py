"""The functions that SQL may call: those that users of HogQL know, and PostgreSQL's own, as PostgreSQL runs them.

None of them makes much out of little: texts and lists they build are bounded where they grow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlglot import exp

from domain.insights import sql_builders as made
from domain.insights.sql_builders import Build
from domain.insights.sql_terms import own

_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
_STEPS = ("minute", "hour", "day", "week", "month")


class Group(StrEnum):
    AGGREGATE = "Aggregates"
    WINDOW = "Over windows"
    CHOICE = "Choices"
    TIME = "Times"
    NUMBER = "Numbers"
    TEXT = "Texts"
    KIND = "Conversions"
    JSON = "Properties"


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` arguments. `last_is_condition`: the last one says which rows count (countIf and so on)."""

    group: Group
    shown: str
    says: str
    build: Build
    least: int = 1
    most: int = 1
    last_is_condition: bool = False

    @property
    def is_aggregate(self) -> bool:
        return self.group is Group.AGGREGATE


_A, _T, _N, _X, _K, _C, _J, _W = (
    Group.AGGREGATE, Group.TIME, Group.NUMBER, Group.TEXT, Group.KIND, Group.CHOICE, Group.JSON, Group.WINDOW
)  # fmt: skip
_FUNCTIONS = (
    Function(_A, "count()", "Rows; with an argument those where it is not null.", made.count_, 0),
    Function(_A, "uniq(x)", "Different values.", made.count_distinct),
    Function(_A, "uniqExact(x)", "Different values.", made.count_distinct),
    Function(_A, "countDistinct(x)", "Different values.", made.count_distinct),
    Function(_A, "sum(x)", "The sum.", made.same("sum")),
    Function(_A, "avg(x)", "The mean.", made.same("avg")),
    Function(_A, "min(x)", "The least.", made.same("min")),
    Function(_A, "max(x)", "The greatest.", made.same("max")),
    Function(_A, "any(x)", "Some value that is not null.", lambda args: own("first_of", args[0])),
    Function(_A, "argMax(x, by)", "x where `by` is greatest.", made.by_(descending=True), 2, 2),
    Function(_A, "argMin(x, by)", "x where `by` is least.", made.by_(descending=False), 2, 2),
    Function(_A, "median(x)", "The middle value, between two of them their mean.", made.median),
    Function(_A, "quantile(0.9)(x)", "The value that so large a share lies below.", made.quantile, 2, 2),
    Function(_A, "stddevPop(x)", "Standard deviation of all.", made.same("stddev_pop")),
    Function(_A, "stddevSamp(x)", "Standard deviation of a sample.", made.same("stddev_samp")),
    Function(_A, "varPop(x)", "Variance of all.", made.same("var_pop")),
    Function(_A, "varSamp(x)", "Variance of a sample.", made.same("var_samp")),
    Function(_A, "groupArray(x)", "The first thousand values as a list; groupArray(3)(x): three.", made.few, 1, 2),
    Function(_A, "groupUniqArray(x)", "A thousand different values as a list.", made.few_different, 1, 2),
    Function(_A, "string_agg(x, ', ')", "The first thousand values as a text.", made.string_agg, 2, 2),
    Function(_A, "bool_and(x)", "Whether all hold.", made.same("bool_and")),
    Function(_A, "bool_or(x)", "Whether one holds.", made.same("bool_or")),
    Function(_W, "row_number()", "The number of the row.", made.same("row_number"), 0, 0),
    Function(_W, "rank()", "The rank, with gaps after equal rows.", made.same("rank"), 0, 0),
    Function(_W, "dense_rank()", "The rank, without gaps.", made.same("dense_rank"), 0, 0),
    Function(_W, "lag(x)", "x of the row before.", made.same("lag")),
    Function(_W, "lead(x)", "x of the row after.", made.same("lead")),
    Function(_W, "first_value(x)", "x of the first row.", made.same("first_value")),
    Function(_W, "last_value(x)", "x of the last row.", made.same("last_value")),
    Function(_C, "if(a, x, y)", "x where a holds, else y.", made.if_, 3, 3),
    Function(_C, "multiIf(a, x, b, y, z)", "x where a holds, y where b holds, else z.", made.if_, 3, 51),
    Function(_C, "ifNull(x, y)", "x, or y where x is null.", made.same("coalesce"), 2, 2),
    Function(_C, "coalesce(x, y)", "The first that is not null.", made.same("coalesce"), 1, 50),
    Function(_C, "nullIf(x, y)", "Null where x = y, else x.", made.same("nullif"), 2, 2),
    Function(_C, "greatest(x, y)", "The greatest.", made.same("greatest"), 1, 50),
    Function(_C, "least(x, y)", "The least.", made.same("least"), 1, 50),
    Function(_C, "isNull(x)", "Whether x is null.", made.is_(null=True)),
    Function(_C, "isNotNull(x)", "Whether x is not null.", made.is_(null=False)),
    Function(_T, "now()", "The time at which the query began.", made.same("now"), 0, 0),
    Function(_T, "today()", "The day it is.", lambda args: exp.CurrentDate(), 0, 0),
    Function(_T, "yesterday()", "The day before.",
             lambda args: exp.Paren(this=exp.Sub(this=exp.CurrentDate(), expression=made.integer_of(1))), 0, 0),
    Function(_T, "toStartOfMinute(t)", "The start of its minute.", made.truncated("minute")),
    Function(_T, "toStartOfFiveMinutes(t)", "The start of its five minutes.", made.minutes(5)),
    Function(_T, "toStartOfFifteenMinutes(t)", "The start of its quarter of an hour.", made.minutes(15)),
    Function(_T, "toStartOfHour(t)", "The start of its hour.", made.truncated("hour")),
    Function(_T, "toStartOfDay(t)", "The start of its day.", made.truncated("day")),
    Function(_T, "toStartOfWeek(t)", "The Monday of its week.", made.truncated("week", "date")),
    Function(_T, "toMonday(t)", "The Monday of its week.", made.truncated("week", "date")),
    Function(_T, "toStartOfMonth(t)", "The first day of its month.", made.truncated("month", "date")),
    Function(_T, "toStartOfQuarter(t)", "The first day of its quarter.", made.truncated("quarter", "date")),
    Function(_T, "toStartOfYear(t)", "The first day of its year.", made.truncated("year", "date")),
    Function(_T, "date_trunc('day', t)", "The start of its day, hour and so on.", made.trunc, 2, 2),
    Function(_T, "dateTrunc('day', t)", "The start of its day, hour and so on.", made.trunc, 2, 2),
    Function(_T, "dateDiff('day', a, b)", "How many days (hours, …) begin after a up to b.", made.date_diff, 3, 3),
    Function(_T, "dateAdd('day', 1, t)", "So many days (hours, …) later.", made.moved(exp.Add), 3, 3),
    Function(_T, "dateSub('day', 1, t)", "So many days (hours, …) earlier.", made.moved(exp.Sub), 3, 3),
    Function(_T, "date_part('hour', t)", "A part of a time, as extract(hour from t).", made.date_part, 2, 2),
    Function(_T, "toYear(t)", "Its year.", made.part("year")),
    Function(_T, "toMonth(t)", "Its month, 1 to 12.", made.part("month")),
    Function(_T, "toDayOfMonth(t)", "Its day, 1 to 31.", made.part("day")),
    Function(_T, "toDayOfWeek(t)", "Its day of the week, Monday is 1.", made.part("isodow")),
    Function(_T, "toISOWeek(t)", "Its week of the year.", made.part("week")),
    Function(_T, "toHour(t)", "Its hour.", made.part("hour")),
    Function(_T, "toMinute(t)", "Its minute.", made.part("minute")),
    Function(_T, "toUnixTimestamp(t)", "Seconds since 1970.", made.unix),
    Function(_T, "fromUnixTimestamp(n)", "The time so many seconds after 1970.", made.floats("to_timestamp")),
    Function(_T, "to_char(t, 'YYYY-MM-DD')", "As text, by a format of PostgreSQL.", made.to_char, 2, 2),
    *(Function(_T, f"toInterval{unit.capitalize()}(n)", f"So many {unit}s.", made.interval(unit))
      for unit in _UNITS),
    *(Function(_T, f"add{unit.capitalize()}s(t, n)", f"n {unit}s later.", made.shifted(unit, exp.Add), 2, 2)
      for unit in _STEPS),
    *(Function(_T, f"subtract{unit.capitalize()}s(t, n)", f"n {unit}s earlier.", made.shifted(unit, exp.Sub), 2, 2)
      for unit in _STEPS),
    Function(_N, "round(x, 2)", "Rounded, to so many digits.", made.round_, 1, 2),
    Function(_N, "floor(x)", "Rounded down.", made.same("floor")),
    Function(_N, "ceil(x)", "Rounded up.", made.same("ceil")),
    Function(_N, "abs(x)", "Without its sign.", made.same("abs")),
    Function(_N, "sign(x)", "-1, 0 or 1.", made.same("sign")),
    Function(_N, "sqrt(x)", "The square root.", made.floats("sqrt")),
    Function(_N, "exp(x)", "e to the power of x.", made.floats("exp")),
    Function(_N, "ln(x)", "The natural logarithm.", made.floats("ln")),
    Function(_N, "log10(x)", "The logarithm to the base of 10.", made.floats("log10")),
    Function(_N, "pow(x, y)", "x to the power of y.", made.floats("power"), 2, 2),
    Function(_N, "intDiv(x, y)", "x / y without the rest.", made.div_, 2, 2),
    Function(_N, "modulo(x, y)", "The rest.", made.same("mod"), 2, 2),
    Function(_X, "lower(x)", "In lower case.", made.same("lower")),
    Function(_X, "upper(x)", "In upper case.", made.same("upper")),
    Function(_X, "length(x)", "Characters.", made.same("length")),
    Function(_X, "trim(x)", "Without spaces around it.", made.same("btrim")),
    Function(_X, "substring(x, 1, 3)", "So many characters from one on.", made.same("substr"), 2, 3),
    Function(_X, "left(x, 3)", "So many characters from the left.", made.same("left"), 2, 2),
    Function(_X, "right(x, 3)", "So many characters from the right.", made.same("right"), 2, 2),
    Function(_X, "concat(x, y)", "Put together; null counts as nothing.", made.concat, 1, 50),
    Function(_X, "replace(x, 'a', 'b')", "With each a replaced.", made.replace_, 3, 3),
    Function(_X, "replaceAll(x, 'a', 'b')", "With each a replaced.", made.replace_, 3, 3),
    Function(_X, "startsWith(x, y)", "Whether x begins with y.", made.starts(reverse=False), 2, 2),
    Function(_X, "endsWith(x, y)", "Whether x ends with y.", made.starts(reverse=True), 2, 2),
    Function(_X, "position(x, y)", "Where y stands in x, from 1; else 0.", made.position(lower=False), 2, 2),
    Function(_X, "positionCaseInsensitive(x, y)", "The same, whatever the case.", made.position(lower=True), 2, 2),
    Function(_X, "match(x, 'regex')", "Whether the regular expression is found in x.", made.match_, 2, 2),
    Function(_X, "splitByChar(',', x)", "The parts as a list.", made.split, 2, 2),
    Function(_X, "split_part(x, ',', 1)", "One of the parts.", made.same("split_part"), 3, 3),
    Function(_X, "empty(x)", "Whether x is null or without characters.", made.empty(wanted=True)),
    Function(_X, "notEmpty(x)", "Whether x has characters.", made.empty(wanted=False)),
    Function(_K, "toString(x)", "As text.", made.to_("text")),
    Function(_K, "toInt(x)", "As a whole number; null where it is none.", made.read_number("to_int")),
    Function(_K, "toInt32(x)", "As a whole number; null where it is none.", made.read_number("to_int")),
    Function(_K, "toInt64(x)", "As a whole number; null where it is none.", made.read_number("to_int")),
    Function(_K, "toFloat(x)", "As a number; null where it is none.", made.read_number("to_float")),
    Function(_K, "toFloat64(x)", "As a number; null where it is none.", made.read_number("to_float")),
    Function(_K, "toBool(x)", "As a boolean.", made.to_("boolean")),
    Function(_K, "toUUID(x)", "As a UUID.", made.to_("uuid")),
    Function(_K, "toDate(x)", "Its day.", made.to_("date")),
    Function(_K, "toDateTime(x)", "As a time.", made.to_("timestamptz")),
    Function(_K, "parseDateTimeBestEffort(x)", "As a time.", made.to_("timestamptz")),
    Function(_J, "JSONExtractString(properties, 'x')", "A property as text.", made.json_(None), 2, 5),
    Function(_J, "JSONExtractInt(properties, 'x')", "A property as a whole number.", made.json_("to_int"), 2, 5),
    Function(_J, "JSONExtractFloat(properties, 'x')", "A property as a number.", made.json_("to_float"), 2, 5),
    Function(_J, "JSONExtractBool(properties, 'x')", "A property as a boolean.", made.json_(None, "boolean"), 2, 5),
    Function(_J, "JSONExtractRaw(properties, 'x')", "A property as JSON.", made.json_raw, 2, 5),
    Function(_J, "JSONHas(properties, 'x')", "Whether there is such a property.", made.json_has, 2, 2),
)  # fmt: skip
_WITH_CONDITION = (
    "count", "uniq", "uniqExact", "sum", "avg", "min", "max", "any", "median", "quantile", "groupArray"
)  # fmt: skip


def _named(function: Function) -> str:
    return function.shown.partition("(")[0]


def _conditional(function: Function) -> Function:
    """countIf(c) for count(), sumIf(x, c) for sum(x), quantileIf(0.9)(x, c) for quantile(0.9)(x)."""
    name, inside = _named(function), function.shown.removesuffix(")").rpartition("(")
    comma = "" if inside[2] == "" else ", "
    shown = f"{name}If{inside[0].removeprefix(name)}({inside[2]}{comma}c)"
    return replace(
        function,
        shown=shown,
        says=f"{name} of the rows where c holds.",
        least=function.least + 1,
        most=function.most + 1,
        last_is_condition=True,
    )


_BY_NAME = {_named(function): function for function in _FUNCTIONS}
CATALOGUE: tuple[Function, ...] = (*_FUNCTIONS, *(_conditional(_BY_NAME[name]) for name in _WITH_CONDITION))
"""All, as the guide shows them."""

_OTHER_NAMES = {
    "ceiling": "ceil", "power": "pow", "mod": "modulo", "btrim": "trim", "substr": "substring",
    "array_agg": "groupArray",
    "stddev_pop": "stddevPop", "stddev_samp": "stddevSamp", "var_pop": "varPop", "var_samp": "varSamp",
    "any_value": "any", "starts_with": "startsWith", "strpos": "position",
}  # fmt: skip
FUNCTIONS: Mapping[str, Function] = {
    **{_named(function).lower(): function for function in CATALOGUE},
    **{other: _BY_NAME[name] for other, name in _OTHER_NAMES.items()},
}
"""By name in lower case, and by the names that PostgreSQL has for the same."""
