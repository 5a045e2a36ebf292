"""Writes values, operators and sub-queries of expressions anew."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlglot import exp

from domain.insights.sql_builders import bounded
from domain.insights.sql_expressions import Expressions, Writers, enclosed
from domain.insights.sql_reading import refused
from domain.insights.sql_scopes import Scope, only
from domain.insights.sql_terms import TYPES, call, cast, pattern, text

_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_RECKONED = (exp.Add, exp.Sub, exp.Mul, exp.Mod)
_NUMBER = re.compile(r"(?=.{1,40}\Z)[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_COUNT = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?")
_FIELDS = {
    "YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "DOW", "ISODOW", "DOY", "EPOCH", "ISOYEAR",
}  # fmt: skip
_UNITS = {"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"}


def _literal(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "is_string")
    if node.is_string:
        return text(node.name)
    if not _NUMBER.fullmatch(node.name):
        raise refused(f"{node.name[:40]} is no number of at most 40 digits", node)
    return exp.Literal.number(node.name)


def _constant(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this")
    return exp.Null() if isinstance(node, exp.Null) else exp.Boolean(this=bool(node.this))


def _today(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node)
    return exp.CurrentDate() if isinstance(node, exp.CurrentDate) else call("now")


def _paren(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this")
    return enclosed(self.write(node.this, scope))


def _prefixed(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this")
    return type(node)(this=self.operand(node.this, scope))


def _connected(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    """AND and OR, as long as the chain may be."""
    kind, parts, rest = type(node), list[exp.Expr](), node
    while isinstance(rest, kind):
        only(rest, "this", "expression")
        parts.append(rest.expression)
        rest = rest.this
    written = self.operand(rest, scope)
    for part in reversed(parts):
        written = kind(this=written, expression=self.operand(part, scope))
    return written


def _binary(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression")
    return type(node)(this=self.operand(node.this, scope), expression=self.operand(node.expression, scope))


def _divided(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    """A share of counts is no whole number, other than in PostgreSQL."""
    only(node, "this", "expression", "typed", "safe")
    numerator = cast(self.write(node.this, scope), "double precision")
    return exp.Div(this=numerator, expression=self.operand(node.expression, scope), typed=True, safe=False)


def _power(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression")
    sides = (self.write(node.this, scope), self.write(node.expression, scope))
    return call("power", *(cast(side, "double precision") for side in sides))


def _joined_text(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression", "safe")
    sides = (self.write(node.this, scope), self.write(node.expression, scope))
    return bounded(exp.DPipe(this=cast(sides[0], "text"), expression=cast(sides[1], "text")))


def _like(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression", "negate")
    if isinstance(node.expression, exp.Any | exp.All):
        raise refused("LIKE takes one pattern", node.expression)
    written = type(node)(this=self.operand(node.this, scope), expression=self.operand(node.expression, scope))
    return exp.Not(this=written) if node.args.get("negate") else written


def _regex(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression")
    found = pattern(self.write(node.expression, scope), any_case=isinstance(node, exp.RegexpILike))
    return exp.RegexpLike(this=cast(self.write(node.this, scope), "text"), expression=text(found))


def _is(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression", "negate")
    if not isinstance(node.expression, exp.Null | exp.Boolean):
        raise refused("IS is followed by NULL, TRUE or FALSE", node)
    written = exp.Is(this=self.operand(node.this, scope), expression=self.write(node.expression, scope))
    return exp.Not(this=written) if node.args.get("negate") else written


def _between(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "low", "high")
    parts = {part: self.operand(node.args[part], scope) for part in ("this", "low", "high")}
    return exp.Between(**parts)


def _in(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expressions", "query", "field")
    asked = self.operand(node.this, scope)
    if node.args.get("query"):
        return exp.In(this=asked, query=_one_column(self, node.args["query"], scope))
    among = node.args.get("field")
    if among is None:
        items = [self.write(item, scope) for item in node.expressions]
    elif isinstance(among, exp.Struct):
        found = self.write(among, scope)
        items = list(found.expressions) if isinstance(found, exp.Tuple) else [found]
    elif isinstance(among, exp.Anonymous) and among.name.lower() == "tuple":
        items = [self.write(item, scope) for item in among.expressions]
    else:
        raise refused("IN is followed by values in brackets, or a sub-query", among)
    # Among no values there is none.
    return exp.In(this=asked, expressions=items or [exp.Null()])


def _one_column(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Subquery:
    query, columns = self.query(node, scope)
    if len(columns) != 1:
        raise refused(f"a sub-query there has one column, not {len(columns)}", node)
    return exp.Subquery(this=query)


def _exists(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this")
    query, _ = self.query(node.this, scope)
    return exp.Exists(this=query)


def _cast(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "to")
    to = node.args["to"]
    named = TYPES.get(to.this) if isinstance(to, exp.DataType) else None
    if named is None or to.args.get("expressions") or to.args.get("nested"):
        shown = ", ".join(sorted(set(TYPES.values())))
        raise refused(f"values are cast to {shown}, not to {to.sql(dialect='postgres')[:40]}", node)
    only(to, "this")
    return cast(self.write(node.this, scope), named)


def _case(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "ifs", "default")
    subject, default = node.args.get("this"), node.args.get("default")
    pairs = list[exp.If]()
    for pair in node.args["ifs"]:
        only(pair, "this", "true")
        pairs.append(exp.If(this=self.write(pair.this, scope), true=self.write(pair.args["true"], scope)))
    return exp.Case(
        this=self.write(subject, scope) if subject else None,
        ifs=pairs,
        default=self.write(default, scope) if default else None,
    )


def _interval(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "unit")
    unit, count = node.args.get("unit"), node.this
    named = unit.name.upper().removesuffix("S") if isinstance(unit, exp.Var) else None
    if not (isinstance(count, exp.Literal) and named in _UNITS):
        raise refused("intervals are written as INTERVAL '7 days', with one unit of second to year", node)
    if not _COUNT.fullmatch(count.name):
        raise refused(f"{count.name[:40]} is no count of {named.lower()}s", node)
    return cast(text(f"{count.name} {named.lower()}"), "interval")


def _extract(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression")
    if not (isinstance(node.this, exp.Var) and node.this.name.upper() in _FIELDS):
        raise refused("extract takes one of " + ", ".join(sorted(_FIELDS)), node)
    moment = cast(self.write(node.expression, scope), "timestamptz")
    return exp.Extract(this=exp.Var(this=node.this.name.upper()), expression=moment)


def _at_zone(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "zone")
    zone = self.write(node.args["zone"], scope)
    if not (isinstance(zone, exp.Literal) and zone.is_string and _is_zone(zone.name)):
        raise refused("AT TIME ZONE is followed by the name of a zone, such as 'Europe/Berlin'", node)
    return exp.Paren(this=exp.AtTimeZone(this=self.operand(node.this, scope), zone=zone))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _scalar(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this")
    return _one_column(self, node, scope)


OPERATORS: Writers = {
    exp.Literal: _literal,
    exp.Boolean: _constant,
    exp.Null: _constant,
    exp.CurrentDate: _today,
    exp.CurrentTimestamp: _today,
    exp.Paren: _paren,
    exp.Neg: _prefixed,
    exp.Not: _prefixed,
    exp.And: _connected,
    exp.Or: _connected,
    **dict.fromkeys((*_COMPARED, *_RECKONED), _binary),
    exp.Div: _divided,
    exp.Pow: _power,
    exp.DPipe: _joined_text,
    exp.Like: _like,
    exp.ILike: _like,
    exp.RegexpLike: _regex,
    exp.RegexpILike: _regex,
    exp.Is: _is,
    exp.Between: _between,
    exp.In: _in,
    exp.Exists: _exists,
    exp.Cast: _cast,
    exp.Case: _case,
    exp.Interval: _interval,
    exp.Extract: _extract,
    exp.AtTimeZone: _at_zone,
    exp.Subquery: _scalar,
}
