"""SQL over coding events: reads a query, refuses whatever is not listed, and writes it anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.insights.plans import SqlPlan, Table
from domain.insights.results import SqlResult
from domain.values import JsonValue, Span

DEFAULT_LIMIT = 100
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Given:
    """What the places of a query stand for: `{name}` for one of `values`, `{variables.name}` for one of `variables`,
    `{filters}` for the time of events lying `within`."""

    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    variables: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    within: Span | None = None


def guard(text: str, given: Given = Given(), limit: int = DEFAULT_LIMIT, zone: str = "UTC") -> SqlPlan:
    """The statement to run for a query of somebody's, with at most `limit` rows where it names no number of its own
    (of which it gets `MOST_ROWS` at most). Raises InvalidQuery, which says what is refused and where.
    """
    raise NotImplementedError


def result(plan: SqlPlan, table: Table) -> SqlResult:
    return SqlResult("sql", table.columns, table.types, table.rows, table.more, plan.statement)
