"""Writes calls of functions anew, also over windows and with FILTER."""

from collections.abc import Sequence

from sqlglot import exp

from domain.insights.sql_columns import held, own_column
from domain.insights.sql_expressions import Expressions, Writers
from domain.insights.sql_functions import FUNCTIONS, Function, Group
from domain.insights.sql_reading import refused
from domain.insights.sql_scopes import Scope, only
from domain.insights.sql_terms import call, text


def _function(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    function = _known(node)
    if function.group is Group.WINDOW:
        raise refused(f"{node.name} is followed by OVER (…)", node)
    return _call(self, function, node, scope)


def _known(node: exp.Expr) -> Function:
    only(node, "this", "expressions")
    called = node.this
    function = FUNCTIONS.get(called.lower()) if isinstance(called, str) else None
    if function is None:
        raise refused(f"there is no function {node.name[:60]} here", node)
    return function


def _call(self: Expressions, function: Function, node: exp.Expr, scope: Scope) -> exp.Expr:
    args, condition = list(node.expressions), None
    if function.shown == "count()" and len(args) == 1 and isinstance(args[0], exp.Star):
        only(args[0])
        args = []
    if not function.least <= len(args) <= function.most:
        raise refused(f"{node.name} has not {len(args)} arguments: it is called as {function.shown}", node)
    if function.last_is_condition:
        condition = self.write(args.pop(), scope)
    written = [_argument(self, arg, function, scope) for arg in args]
    if function.group is Group.JSON:
        written[:1] = [_json_argument(args, scope)]
    called = function.build(written)
    return called if condition is None else _filtered(called, condition)


def _json_argument(args: Sequence[exp.Expr], scope: Scope) -> exp.Expr:
    """The properties; where the first name is that of a column, nothing but that."""
    found, key = held(args[0], scope), args[1]
    beside = own_column(found, key.name, key) if isinstance(key, exp.Literal) and key.is_string else None
    return found[0].column(found[1]) if beside is None else call("jsonb_build_object", text(key.name), beside)


def _argument(self: Expressions, node: exp.Expr, function: Function, scope: Scope) -> exp.Expr:
    if not isinstance(node, exp.Distinct):
        return self.write(node, scope)
    only(node, "expressions")
    if not (function.is_aggregate and function.most == 1 and len(node.expressions) == 1):
        raise refused("DISTINCT stands before the one argument of an aggregate", node)
    return exp.Distinct(expressions=[self.write(node.expressions[0], scope)])


def _filtered(aggregate: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Also where the aggregate lies inside a call that PostgreSQL has for it."""
    if isinstance(aggregate, exp.Bracket):
        inner = aggregate.this.this
        inner.replace(exp.Filter(this=inner.copy(), expression=exp.Where(this=condition)))
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition))


def _filter(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "expression")
    only(node.expression, "this")
    if not (isinstance(node.this, exp.Anonymous) and _known(node.this).is_aggregate):
        raise refused("FILTER stands behind an aggregate", node)
    if _known(node.this).last_is_condition or node.this.name.lower() == "string_agg":
        raise refused(f"{node.this.name} takes no FILTER", node)
    return _filtered(_call(self, _known(node.this), node.this, scope), self.write(node.expression.this, scope))


def _window(self: Expressions, node: exp.Expr, scope: Scope) -> exp.Expr:
    only(node, "this", "partition_by", "order", "spec", "over")
    if not isinstance(node.this, exp.Anonymous) or _known(node.this).group not in (Group.WINDOW, Group.AGGREGATE):
        raise refused("OVER stands behind an aggregate or a function of windows", node)
    called = _call(self, _known(node.this), node.this, scope)
    if not isinstance(called, exp.Anonymous | exp.Filter | exp.Dot):
        raise refused(f"{node.this.name} has no OVER", node)
    order, spec = node.args.get("order"), node.args.get("spec")
    return exp.Window(
        this=called,
        partition_by=[self.write(part, scope) for part in node.args.get("partition_by") or ()],
        order=_window_order(self, order, scope) if order else None,
        spec=_frame(spec) if spec else None,
        over="OVER",
    )


def _window_order(self: Expressions, order: exp.Expr, scope: Scope) -> exp.Order:
    only(order, "expressions")
    found = list[exp.Ordered]()
    for ordered in order.expressions:
        only(ordered, "this", "desc", "nulls_first")
        found.append(sorted_by(ordered, self.write(ordered.this, scope)))
    return exp.Order(expressions=found)


def sorted_by(ordered: exp.Expr, by: exp.Expr) -> exp.Ordered:
    """In the direction, and with nulls where they were asked to be."""
    return exp.Ordered(this=by, desc=bool(ordered.args.get("desc")), nulls_first=bool(ordered.args.get("nulls_first")))


def _frame(spec: exp.Expr) -> exp.WindowSpec:
    only(spec, "kind", "start", "start_side", "end", "end_side")
    parts = dict[str, object]()
    for part, value in spec.args.items():
        if isinstance(value, exp.Expr):
            if not (isinstance(value, exp.Literal) and value.name.isdigit() and len(value.name) < 8):
                raise refused("frames of windows are told in whole numbers", spec)
            parts[part] = exp.Literal.number(value.name)
        elif value:
            parts[part] = _frame_word(str(value), spec)
    return exp.WindowSpec(**parts)


def _frame_word(word: str, spec: exp.Expr) -> str:
    if word.upper() not in {"ROWS", "RANGE", "UNBOUNDED", "CURRENT ROW", "PRECEDING", "FOLLOWING"}:
        raise refused(f"{word} is not supported there", spec)
    return word.upper()


CALLS: Writers = {exp.Anonymous: _function, exp.Filter: _filter, exp.Window: _window}
