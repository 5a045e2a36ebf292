"""Values that a query leaves open: {name}, {variables.name}, {filters}."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from sqlglot import exp

from domain.insights.sql_reading import refused
from domain.insights.sql_terms import text
from domain.values import JsonValue, Span

MOST_VALUES = 1_000
MOST_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Given:
    """What the places of a query stand for: `{name}` for one of `values`, `{variables.name}` for one of `variables`,
    `{filters}` for the time of events lying `within`."""

    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    variables: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    within: Span | None = None


def is_place(node: exp.Expr) -> bool:
    match node.expressions if isinstance(node, exp.Struct) else []:
        case [exp.Column() as column]:
            parts = [column.this, column.args.get("table") or column.this]
            return all(isinstance(part, exp.Identifier) for part in parts) and not column.args.get("db")
        case _:
            return False


def value_of(column: exp.Expr, given: Given) -> exp.Expr:
    """Written out by sqlglot, so that it is a value whatever it says. Raises InvalidQuery."""
    table = column.args.get("table")
    known, called = (given.values, column.name) if table is None else (given.variables, f"variables.{column.name}")
    if table is not None and table.name != "variables":
        raise refused(
            f"there is no {{{table.name}.{column.name}}}: there are {{variables.name}}, {{name}} and {{filters}}",
            column,
        )
    if column.name not in known:
        raise refused(f"{{{called}}} was given no value", column)
    return _written(known[column.name], called, column)


def _written(value: JsonValue, called: str, node: exp.Expr) -> exp.Expr:
    match value:
        case None:
            return exp.Null()
        case bool():
            return exp.Boolean(this=value)
        case int() | float():
            return _number(value, called, node)
        case str():
            return _text(value, called, node)
        case list():
            if len(value) > MOST_VALUES or any(isinstance(item, list | dict) for item in value):
                raise refused(f"{{{called}}} is a list of at most {MOST_VALUES} plain values", node)
            return exp.Tuple(expressions=[_written(item, called, node) for item in value])
        case _:
            raise refused(f"{{{called}}} is no text, number, boolean or list of such", node)


def _number(value: float, called: str, node: exp.Expr) -> exp.Expr:
    if not isfinite(value) or abs(value) >= 10**38:
        raise refused(f"{{{called}}} is no number that a query can hold", node)
    written = exp.Literal.number(repr(abs(value)))
    return exp.Paren(this=exp.Neg(this=written)) if value < 0 else written


def _text(value: str, called: str, node: exp.Expr) -> exp.Expr:
    if len(value) > MOST_CHARS or "\0" in value or any(0xD800 <= ord(char) < 0xE000 for char in value):
        raise refused(f"{{{called}}} is a text of at most {MOST_CHARS} plain characters", node)
    return text(value)
