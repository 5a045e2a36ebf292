"""Writes columns, properties and places of expressions anew."""

from datetime import datetime

from sqlglot import exp

from domain.insights.catalogue import property_type
from domain.insights.filters import (
    PropertySource,
    PropertyType,
)
from domain.insights.sql_expressions import Expressions, Writers, called, enclosed
from domain.insights.sql_places import is_place, value_of
from domain.insights.sql_reading import refused
from domain.insights.sql_scopes import Output, Scope, Source, only
from domain.insights.sql_terms import call, cast, text

_COLUMNS = {
    "agent": "agent", "project": "project", "model": "model", "tool": "tool", "session_id": "session_id",
    "$session_id": "session_id", "arc_id": "arc_id",
}  # fmt: skip
"""Properties that are columns of events."""


def _column(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "table", "db")
    parts = [node.args[part] for part in ("db", "table", "this") if node.args.get(part)]
    if not all(isinstance(part, exp.Identifier) for part in parts):
        raise refused(f"{called(node.this)} is not supported", node)
    *path, last = parts
    if not path:
        return _plain(self, last, scope)
    if path[-1].name.lower() == "properties" and scope.source(path[-1]) is None:
        return _property_of(_properties(path, scope), last.name, node)
    source = scope.source(path[0]) if len(path) == 1 else None
    if source is None:
        raise refused(f"{'.'.join(part.name for part in path)} is no source of this query", node)
    column = source.find(last)
    if column is None:
        raise refused(f"{source.alias} has no column {last.name}", last)
    return source.column(column)


def _plain(self: Expressions, identifier: exp.Identifier, scope: Scope) -> exp.Expr:
    """A column of the sources; else, where that may be, what SELECT calls so."""
    if (found := scope.column(identifier)) is not None:
        return found[0].column(found[1])
    for alias, meant in scope.aliases.items():
        if alias == identifier.name or (not identifier.quoted and alias.lower() == identifier.name.lower()):
            self.budget.node(sum(1 for _ in meant.walk()), identifier)
            return enclosed(meant.copy())
    raise refused(scope.unknown(identifier), identifier)


def _properties(path: list[exp.Identifier], scope: Scope) -> tuple[Source, Output]:
    """The properties themselves, of the only source that has some or of the one that is named."""
    if len(path) == 1:
        found = scope.properties()
    else:
        source = scope.source(path[0])
        column = source.find(path[-1]) if source else None
        found = (source, column) if source and column else None
    if found is None or not found[1].is_json:
        raise refused("there are no properties there: events have some", path[-1])
    return found


def _property_of(found: tuple[Source, Output], key: str, node: exp.Expr) -> exp.Expr:
    """In the type that the property has; text where it is not known."""
    if (column := own_column(found, key, node)) is not None:
        return column
    held, wanted = found[0].column(found[1]), property_type(PropertySource.EVENT, key)
    json_type = {PropertyType.NUMBER: "number", PropertyType.BOOLEAN: "boolean"}.get(wanted) if wanted else None
    if json_type is None:
        return call("jsonb_object_field_text", held, text(key))
    inner = call("jsonb_object_field", held, text(key))
    fits = exp.EQ(this=call("jsonb_typeof", inner), expression=text(json_type))
    to = "double precision" if json_type == "number" else "boolean"
    return exp.Case(ifs=[exp.If(this=fits, true=cast(inner.copy(), to))])


def own_column(found: tuple[Source, Output], key: str, node: exp.Expr) -> exp.Expr | None:
    """What lies beside the other properties, in a column. Raises InvalidQuery where a sub-query left that out."""
    if key not in _COLUMNS:
        return None
    source = found[0]
    column = source.find(exp.Identifier(this=_COLUMNS[key], quoted=True))
    if column is None:
        raise refused(f"{key} is a column of events: have the sub-query select it", node)
    return cast(source.column(column), "text")


def _bracket(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    """properties['x'], and the nth value of a list."""
    only(node, "this", "expressions")
    [index, *more] = node.expressions
    if more:
        raise refused("there is one value in square brackets", node)
    if isinstance(index, exp.Literal) and index.is_string:
        return _property_of(held(node.this, scope), index.name, node)
    if not (isinstance(index, exp.Literal) and index.name.isdigit() and len(index.name) < 5):
        raise refused("square brackets hold the name of a property, or a number", node)
    # PostgreSQL counts from 1; the tree counts from 0, and is written so.
    return exp.Bracket(this=exp.Paren(this=self.write(node.this, scope)), expressions=[exp.Literal.number(index.name)])


def held(node: exp.Expr, scope: Scope) -> tuple[Source, Output]:
    path = (
        [node.args[part] for part in ("table", "this") if node.args.get(part)] if isinstance(node, exp.Column) else []
    )
    if not path or node.args.get("db") or not all(isinstance(part, exp.Identifier) for part in path):
        raise refused("only properties are asked so, and they are not nested", node)
    if path[-1].name.lower() != "properties":
        raise refused("only properties are asked so", node)
    return _properties(path, scope)


def _arrow(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    """properties ->> 'x' is text whatever the property is, as in PostgreSQL; properties -> 'x' is JSON."""
    only(node, "this", "expression", "only_json_types")
    found, key = held(node.this, scope), _path_key(node.expression)
    if key is None:
        raise refused("an arrow is followed by the name of a property, such as properties ->> 'model'", node)
    beside, scalar = own_column(found, key, node), isinstance(node, exp.JSONExtractScalar)
    if beside is not None:
        return beside if scalar else call("to_jsonb", beside)
    return call("jsonb_object_field_text" if scalar else "jsonb_object_field", found[0].column(found[1]), text(key))


def _path_key(path: exp.Expr) -> str | None:
    if isinstance(path, exp.Literal) and path.is_string:
        return path.name
    match path.expressions if isinstance(path, exp.JSONPath) else []:
        case [exp.JSONPathRoot(), exp.JSONPathKey() as key] if isinstance(key.this, str):
            return key.this
        case _:
            return None


def _struct(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    """{name}, {variables.name} and {filters}."""
    if not is_place(node):
        raise refused("braces hold the name of a value, as {variables.name}", node)
    if node.expressions[0].name == "filters" and not node.expressions[0].args.get("table"):
        return _within(self, node, scope)
    return value_of(node.expressions[0], self.given)


def _within(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    span = self.given.within
    if span is None:
        return exp.Boolean(this=True)
    when = scope.column(exp.Identifier(this="timestamp")) or scope.column(exp.Identifier(this="started_at"))
    if when is None:
        raise refused("{filters} is about the time of events, and there is no column timestamp there", node)
    column = when[0].column(when[1])
    sides = ((exp.GTE, span.start), (exp.LT, span.end))
    inside = [kind(this=column.copy(), expression=_moment(at)) for kind, at in sides if at is not None]
    return exp.Paren(this=exp.and_(*inside)) if inside else exp.Boolean(this=True)


def _moment(at: datetime) -> exp.Expr:
    return cast(text(at.isoformat()), "timestamptz")


COLUMNS: Writers = {
    exp.Column: _column,
    exp.Bracket: _bracket,
    exp.JSONExtract: _arrow,
    exp.JSONExtractScalar: _arrow,
    exp.Struct: _struct,
}
