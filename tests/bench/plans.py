"""How PostgreSQL answers the statements of the workloads, as the application role under row-level security.

Each is planned twice: for its values, and for any values, because a prepared statement may come to be run so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg
import orjson

from domain.values import JsonObject
from tests.bench.recorded import Statement

BIG = frozenset(
    {"events", "sessions", "sub_sessions", "sub_session_files", "integrity_flags", "label_edits", "live_events",
     "raw_payloads", "session_ids", "jobs", "score_days", "session_figures", "session_texts", "session_parts",
     "session_summaries", "arc_texts"}
)  # fmt: skip
"""Tables that grow with use: none of them may be read from end to end."""

_WASTE = 1_000
"""So many rows read in vain, and ten times as many as were wanted, are a missing index."""

_LIST = re.compile(r"(\$\d+(::[\w ()]+)?)(, \$\d+(::[\w ()]+)?)+")

Node = JsonObject


@dataclass(frozen=True, slots=True)
class Plan:
    sql: str
    mode: str
    faults: tuple[str, ...]
    text: str


def shape_of(statement: Statement) -> str:
    """The same for statements that differ only in how many values a list holds."""
    return _LIST.sub("$...", statement.sql)


async def explain(
    connection: asyncpg.Connection,
    transactions: Sequence[Sequence[Statement]],
    seqscan: bool = True,
    modes: Sequence[str] = ("custom", "generic"),
) -> list[Plan]:
    """The plans of the different statements of these transactions, each run in its place; nothing stays changed.

    `connection` is the application role's. With `seqscan` off PostgreSQL reads from end to end only where it cannot
    do otherwise: for tables too small to tell a missing index from a sensible plan.
    """
    plans: dict[str, list[Plan]] = {}
    for statements in transactions:
        transaction = connection.transaction()
        await transaction.start()
        try:
            if not seqscan:
                await connection.execute("SET LOCAL enable_seqscan = off")
            for statement in statements:
                if statement.sql.startswith("SELECT set_config("):  # binds the tenant
                    await connection.execute(_inlined(statement))
                elif (shape := shape_of(statement)) not in plans:
                    plans[shape] = [await _plan(connection, statement, mode) for mode in modes]
        finally:
            await transaction.rollback()
    return [plan for of_modes in plans.values() for plan in of_modes]


async def _plan(connection: asyncpg.Connection, statement: Statement, mode: str) -> Plan:
    await connection.execute(f"SET LOCAL plan_cache_mode = force_{mode}_plan")
    await connection.execute(f"PREPARE explained AS {statement.sql}")
    given = ", ".join(map(literal, statement.values))
    execute = f"EXECUTE explained{f'({given})' if given else ''}"
    try:
        async with connection.transaction():
            text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {execute}")
    except asyncpg.IntegrityConstraintViolationError:  # a row that is there since the statement was recorded
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {execute}")
    [root] = orjson.loads(text)
    await connection.execute("DEALLOCATE explained")
    steps = list(_walk(root["Plan"], 0))
    faults = tuple(fault for _, node in steps if (fault := _fault(node)))
    return Plan(statement.sql, mode, faults, "\n".join(_line(depth, node) for depth, node in steps))


def _walk(node: Node, depth: int) -> Iterator[tuple[int, Node]]:
    yield depth, node
    for child in _children(node):
        yield from _walk(child, depth + 1)


def _children(node: Node) -> list[Node]:
    children = node.get("Plans", [])
    assert isinstance(children, list)
    return [child for child in children if isinstance(child, dict)]


def _number(node: Node, name: str) -> float:
    value = node.get(name, 0)
    assert isinstance(value, int | float)
    return value


def _all(node: Node, name: str) -> float:
    """A number that PostgreSQL tells for each loop, over all of them."""
    return _number(node, name) * _number(node, "Actual Loops")


def _fault(node: Node) -> str | None:
    """What is wrong with a step of a plan, if anything is."""
    table = node.get("Relation Name")
    if node["Node Type"] == "Seq Scan" and table in BIG:
        return f"sequential scan of {table}"
    wanted = _all(node, "Actual Rows")
    vain = sum(_all(node, f"Rows Removed by {by}") for by in ("Filter", "Index Recheck", "Join Filter"))
    if node["Node Type"] == "Sort":  # of what it is given, a limit above lets it keep the first
        fed = [child for child in _children(node) if child.get("Parent Relationship") == "Outer"]
        vain = sum(_all(child, "Actual Rows") for child in fed) - wanted
    if vain > _WASTE and vain > 10 * wanted:
        return f"{vain:,.0f} rows read in vain for {wanted:,.0f} wanted ({table or node['Node Type']})"
    return None


def _line(depth: int, node: Node) -> str:
    """A step as people read it."""
    where = " ".join(str(node[name]) for name in ("Index Name", "Relation Name", "CTE Name") if name in node)
    rules = [f"{name}: {node[name]}" for name in ("Index Cond", "Recheck Cond", "Filter", "Sort Key") if name in node]
    rows = f"rows={_number(node, 'Actual Rows'):g} loops={_number(node, 'Actual Loops'):g}"
    removed = _number(node, "Rows Removed by Filter")
    vain = f" removed={removed:g}" if removed else ""
    time = f"{_number(node, 'Actual Total Time'):.2f} ms"
    return f"{'  ' * depth}{node['Node Type']} {where} {rows}{vain} {time} {'; '.join(rules)}".rstrip()


def _inlined(statement: Statement) -> str:
    return re.sub(r"\$(\d+)", lambda match: literal(statement.values[int(match[1]) - 1]), statement.sql)


def literal(value: object) -> str:
    """A value as SQL text whose type the place decides. Raises TypeError for a kind that no statement uses."""
    match value:
        case None:
            return "NULL"
        case bool() | int() | float() | Decimal():
            return f"'{value}'"
        case bytes():
            return f"'\\x{value.hex()}'"
        case timedelta():
            return f"'{value.total_seconds()} seconds'"
        case date() | UUID() | str():  # a datetime is a date
            return _quoted(str(value))
        case list():
            elements: list[object] = [*value]
            return _quoted("{" + ",".join(map(_element, elements)) + "}")
        case _:
            raise TypeError(f"no literal for {type(value).__name__}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
