"""SQL over coding events: reads a query, refuses whatever is not listed, and writes it anew."""

from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    SqlPlan,
    Table,
)
from domain.insights.results import SqlResult
from domain.insights.sql_places import Given
from domain.insights.sql_reading import read, refused
from domain.insights.sql_selects import rewritten

DEFAULT_LIMIT = 100
MOST_ROWS = 10_000
NOTHING_GIVEN = Given()


def guard(text: str, given: Given = NOTHING_GIVEN, limit: int = DEFAULT_LIMIT, zone: str = "UTC") -> SqlPlan:
    """The statement to run for a query of somebody's, with at most `limit` rows where it names no number of its own
    (of which it gets `MOST_ROWS` at most). Raises InvalidQuery, which says what is refused and where.
    """
    try:
        query, columns = rewritten(read(text), given)
        rows = min(_asked(query, limit), MOST_ROWS)
        query.set("limit", exp.Limit(expression=exp.Literal.number(rows + 1)))
        statement = query.sql(dialect="postgres", comments=False, unsupported_level=ErrorLevel.RAISE)
    except RecursionError as error:
        raise refused("the query is nested too deep") from error
    except SqlglotError as error:
        raise InvalidQuery("the query is not supported", ("query",)) from error
    return SqlPlan(statement, rows, tuple(column.name for column in columns), zone)


def _asked(query: exp.Expr, otherwise: int) -> int:
    limit = query.args.get("limit")
    return int(limit.expression.name) if isinstance(limit, exp.Limit) else otherwise


def result(plan: SqlPlan, table: Table) -> SqlResult:
    return SqlResult("sql", table.columns, table.types, table.rows, table.more, plan.statement)
