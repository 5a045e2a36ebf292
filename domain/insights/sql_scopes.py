"""What names of a query mean: sources of rows with their columns, and what a SELECT calls its own columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from domain.insights.sql_reading import refused
from domain.insights.sql_terms import name
from domain.insights.sql_views import VIEWS, SqlType, View

MOST_SOURCES = 20
"""Views, sub-queries and uses of WITH in a query."""
MOST_JOINS = 5
MOST_NODES = 20_000
"""So large may the rewritten query be, with names of columns replaced by what they stand for."""


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a SELECT: what the query calls it, and what the rewritten one does."""

    name: str
    written: str
    is_json: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Rows to select from; `alias` is what the query calls them, `written` what the rewritten one does."""

    alias: str
    written: str
    columns: tuple[Output, ...]
    view: View | None = None

    def find(self, identifier: exp.Identifier) -> Output | None:
        """As written, or without quotes in any case. Raises InvalidQuery where two columns have the name."""
        exact = [column for column in self.columns if column.name == identifier.name]
        lower = identifier.name.lower()
        loose = [] if identifier.quoted else [column for column in self.columns if column.name.lower() == lower]
        found = exact or loose
        if len(found) > 1:
            raise refused(
                f"two columns of {self.alias} are called {identifier.name}: give them names with AS", identifier
            )
        return found[0] if found else None

    def column(self, output: Output) -> exp.Column:
        return exp.Column(this=name(output.written), table=name(self.written))


def source_of_view(view: View, alias: str, written: str) -> Source:
    columns = (Output(column.name, column.name, column.type is SqlType.JSON) for column in view.columns)
    return Source(alias, written, tuple(columns), view)


@dataclass(slots=True)
class Scope:
    """What one SELECT sees: its sources, and where they have no such name those of the query around it."""

    ctes: Mapping[str, Source]
    outer: "Scope | None" = None
    sources: list[Source] = field(default_factory=list[Source])
    joined_by: set[str] = field(default_factory=set[str])
    """Columns that JOIN … USING named: any side's will do."""
    aliases: dict[str, exp.Expr] = field(default_factory=dict[str, exp.Expr])
    """The rewritten columns that SELECT names, where they may be used."""

    def add(self, source: Source, node: exp.Expr) -> None:
        if any(known.alias.lower() == source.alias.lower() for known in self.sources):
            raise refused(f"two sources are called {source.alias}: give them names with AS", node)
        self.sources.append(source)

    def source(self, identifier: exp.Identifier) -> Source | None:
        lower = identifier.name.lower()
        for source in self.sources:
            if source.alias == identifier.name or (not identifier.quoted and source.alias.lower() == lower):
                return source
        return self.outer.source(identifier) if self.outer else None

    def column(self, identifier: exp.Identifier) -> tuple[Source, Output] | None:
        """Raises InvalidQuery where several sources have it."""
        found = [(source, column) for source in self.sources if (column := source.find(identifier)) is not None]
        if len(found) > 1 and identifier.name.lower() not in self.joined_by:
            names = " and ".join(source.alias for source, _ in found)
            raise refused(f"{identifier.name} is a column of {names}: say of which", identifier)
        if found:
            return found[0]
        return self.outer.column(identifier) if self.outer else None

    def properties(self) -> tuple[Source, Output] | None:
        """The properties that stand there without a source."""
        return self.column(exp.Identifier(this="properties", quoted=False))

    def unknown(self, identifier: exp.Identifier) -> str:
        known = sorted({column.name for source in self.sources for column in source.columns})
        hint = f"; there are {', '.join(known[:40])}" if known else ""
        return f"there is no column {identifier.name}{hint}"


@dataclass(slots=True)
class Budget:
    """Counts what a query is made of, and gives what it is made of names."""

    sources: int = 0
    joins: int = 0
    nodes: int = 0

    def source(self, node: exp.Expr) -> str:
        self.sources += 1
        if self.sources > MOST_SOURCES:
            raise refused(f"a query has at most {MOST_SOURCES} sources and sub-queries", node)
        return f"s{self.sources}"

    def join(self, node: exp.Expr) -> None:
        self.joins += 1
        if self.joins > MOST_JOINS:
            raise refused(f"a query has at most {MOST_JOINS} joins", node)

    def node(self, count: int, node: exp.Expr) -> None:
        self.nodes += count
        if self.nodes > MOST_NODES:
            raise refused("the query is too large", node)


def view_or_cte(table: exp.Table, ctes: Mapping[str, Source]) -> Source | View:
    """What a name after FROM means. Raises InvalidQuery."""
    identifier = table.this
    if not isinstance(identifier, exp.Identifier):
        raise refused("functions give no rows here: select from " + ", ".join(VIEWS), table)
    called = identifier.name if identifier.quoted else identifier.name.lower()
    if (cte := ctes.get(called)) is not None:
        return cte
    if (view := VIEWS.get(called)) is not None:
        return view
    raise refused(f"there is no view {identifier.name}; there are {', '.join(VIEWS)}", identifier)


_PARTS = {
    "db": "a schema before a name", "catalog": "a database before a name", "columns": "a list of columns behind a name",
    "locks": "FOR UPDATE", "windows": "WINDOW", "method": "NATURAL or ASOF JOIN", "expressions": "BY or a list",
    "sample": "TABLESAMPLE", "pivots": "PIVOT", "recursive": "WITH RECURSIVE", "all": "GROUP BY ALL",
    "on": "DISTINCT ON", "except_": "* EXCEPT", "replace": "* REPLACE", "laterals": "LATERAL",
}  # fmt: skip
"""What people call parts of a query."""


def only(node: exp.Expr, *parts: str) -> None:
    """Raises InvalidQuery where a node has parts beyond these: each one is either looked at or refused."""
    for part, value in node.args.items():
        if value and part not in parts:
            what = _PARTS.get(part) or part.rstrip("_").replace("_", " ").upper()
            raise refused(f"{what} is not supported there", value if isinstance(value, exp.Expr) else node)


def outputs_written(names: Sequence[str], json: Sequence[bool]) -> tuple[Output, ...]:
    """Names of the rewritten query: those of the query where they are plain and its own."""
    taken = set[str]()
    found: list[Output] = []
    for number, (called, is_json) in enumerate(zip(names, json, strict=True), 1):
        plain = called.isascii() and called.isidentifier() and len(called) < 60 and called not in taken
        written = called if plain else f"column {number}"
        taken.add(written)
        found.append(Output(called, written, is_json))
    return tuple(found)
