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


def called(node: exp.Expr) -> str:
    if isinstance(node, exp.Star):
        return "* outside of SELECT and count()"
    if isinstance(node, exp.Parameter | exp.Placeholder):
        return "a parameter"
    return type(node).__name__


Writer: TypeAlias = Callable[[Expressions, exp.Expr, Scope], exp.Expr]
Writers: TypeAlias = Mapping[type[exp.Expr], Writer]
