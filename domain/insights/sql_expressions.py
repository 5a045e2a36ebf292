"""Writes the expressions of a query anew, each kind by its own writer: kinds without one are refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from domain.insights.sql_places import Given
from domain.insights.sql_reading import refused
from domain.insights.sql_scopes import Budget, Output, Scope

_BARE = (
    exp.Literal, exp.Column, exp.Boolean, exp.Null, exp.Paren, exp.Anonymous, exp.Cast, exp.Case, exp.Dot, exp.Subquery
)  # fmt: skip
"""What needs no brackets as part of something else."""

Query = Callable[[exp.Expr, Scope], tuple[exp.Expr, tuple[Output, ...]]]


@dataclass(slots=True)
class Expressions:
    """`query` writes a query inside an expression, with the scope around it; `writers` are all there are."""

    given: Given
    budget: Budget
    query: Query
    writers: "Writers"

    def write(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """Raises InvalidQuery for whatever is not listed."""
        self.budget.node(1, node)
        writer = self.writers.get(type(node))
        if writer is None:
            raise refused(f"{called(node)} is not supported", node)
        return writer(self, node, scope)

    def operand(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """In brackets where it needs them, so that it stays the operand it was read as."""
        return enclosed(self.write(node, scope))


def enclosed(node: exp.Expr) -> exp.Expr:
    return node if isinstance(node, _BARE) else exp.Paren(this=node)


_KINDS: Mapping[type[exp.Expr], str] = {
    exp.Parameter: "a parameter",
    exp.Placeholder: "a parameter",
    exp.ByteString: "a text as E'…'",
    exp.UnicodeString: "a text as U&'…'",
    exp.BitString: "a value as B'…'",
    exp.HexString: "a value as X'…'",
    exp.RawString: "a text as $x$…$x$",
    exp.National: "a text as N'…'",
    exp.Dot: "a part of a row as (x).y",
    exp.Tuple: "a row of values",
    exp.Array: "ARRAY",
    exp.Collate: "COLLATE",
    exp.SimilarTo: "SIMILAR TO",
    exp.Operator: "OPERATOR",
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "#",
    exp.BitwiseNot: "~",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
    exp.JSONBExtract: "#>",
    exp.JSONBExtractScalar: "#>>",
    exp.JSONBContainsTopKey: "?",
    exp.ArrayContainsAll: "@>",
    exp.MatchAgainst: "@@",
}
"""What people call kinds of expressions that are not listed."""


def called(node: exp.Expr) -> str:
    if isinstance(node, exp.Star):
        return "* outside of SELECT and count()"
    return _KINDS.get(type(node)) or type(node).__name__


Writer: TypeAlias = Callable[[Expressions, exp.Expr, Scope], exp.Expr]
Writers: TypeAlias = Mapping[type[exp.Expr], Writer]
