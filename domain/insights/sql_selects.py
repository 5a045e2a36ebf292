"""Writes SELECTs anew: their sources, columns, groups and order. Nothing that is not listed gets through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from domain.insights.sql_calls import CALLS, sorted_by
from domain.insights.sql_columns import COLUMNS
from domain.insights.sql_expressions import Expressions, enclosed
from domain.insights.sql_operators import OPERATORS
from domain.insights.sql_places import Given, is_place, value_of
from domain.insights.sql_reading import Reading, refused
from domain.insights.sql_scopes import Budget, Output, Scope, Source, only, outputs_written, source_of_view, view_or_cte
from domain.insights.sql_terms import SCHEMA, cast, name
from domain.insights.sql_views import VIEWS, View

_SELECT = ("expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct", "with_")
_SET = ("this", "expression", "distinct", "order", "limit", "offset", "with_")
_MOST_COLUMNS = 200
_MOST_OFFSET = 1_000_000
Written = tuple[exp.Expr, tuple[Output, ...]]


@dataclass(slots=True)
class Selects:
    """One query being written anew."""

    given: Given
    budget: Budget
    expressions: Expressions

    def query(self, node: exp.Expr, scope: Scope) -> Written:
        """A SELECT, or several put together, inside what `scope` sees. Raises InvalidQuery."""
        while isinstance(node, exp.Subquery):
            only(node, "this")
            node = node.this
        self.budget.source(node)
        if isinstance(node, exp.Select):
            return self._select(node, scope)
        if isinstance(node, exp.SetOperation):
            return self._set(node, scope)
        raise refused("a query is one SELECT", node)

    def _set(self, node: exp.SetOperation, scope: Scope) -> Written:
        only(node, *_SET)
        scope, ctes = self._with(node, scope)
        left, columns = self.query(node.this, scope)
        right, others = self.query(node.expression, scope)
        if len(columns) != len(others):
            raise refused(
                f"SELECTs that are put together have as many columns: {len(columns)}, not {len(others)}", node
            )
        written = type(node)(
            this=exp.Subquery(this=left),
            expression=exp.Subquery(this=right),
            distinct=bool(node.args.get("distinct")),
            order=self._order_of_outputs(node.args.get("order"), columns),
            with_=ctes,
            **self._cut(node, scope),
        )
        return written, tuple(replace(column, is_json=False) for column in columns)

    def _select(self, node: exp.Select, outer: Scope) -> Written:
        only(node, *_SELECT)
        outer, ctes = self._with(node, outer)
        scope = Scope(outer.ctes, outer)
        sources, joins = self._from(node, scope)
        written, names = self._columns(node, scope)
        columns = outputs_written(names, [_is_json(column, scope) for column in written])
        group = self._group(node.args.get("group"), scope, names)
        scope.aliases = self._aliases(node, written)
        where, having = (self._condition(node.args.get(part), kind, scope) for part, kind in _CONDITIONS)
        projections = [
            exp.alias_(one, column.written, quoted=True) for one, column in zip(written, columns, strict=True)
        ]
        select = exp.Select(
            expressions=projections,
            from_=sources,
            joins=joins,
            where=where,
            group=group,
            having=having,
            order=self._order(node.args.get("order"), scope, names),
            distinct=self._distinct(node.args.get("distinct")),
            with_=ctes,
            **self._cut(node, scope),
        )
        return select, columns

    def _with(self, node: exp.Expr, scope: Scope) -> tuple[Scope, exp.With | None]:
        """The scope that also sees what WITH names."""
        with_ = node.args.get("with_")
        if with_ is None:
            return scope, None
        only(with_, "expressions")
        known, ctes = Scope(dict(scope.ctes), scope.outer, scope.sources, scope.joined_by), list[exp.CTE]()
        for cte in with_.expressions:
            only(cte, "this", "alias")
            only(cte.args["alias"], "this")
            called = _name_of(cte.args["alias"].this)
            called = called if cte.args["alias"].this.quoted else called.lower()
            if called in VIEWS or called in known.ctes:
                raise refused(f"{called} is the name of something else: give what WITH names another", cte)
            query, columns = self.query(cte.this, Scope(dict(known.ctes)))
            written = f"w{self.budget.sources}"
            known.ctes = {**known.ctes, called: Source(called, written, columns)}
            ctes.append(exp.CTE(this=query, alias=exp.TableAlias(this=name(written))))
        return known, exp.With(expressions=ctes)

    def _from(self, node: exp.Select, scope: Scope) -> tuple[exp.From | None, list[exp.Join]]:
        from_ = node.args.get("from_")
        if from_ is None:
            return None, []
        only(from_, "this")
        source = self._source(from_.this, scope)
        return exp.From(this=source), [self._join(join, scope) for join in node.args.get("joins") or ()]

    def _source(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        written = self.budget.source(node)
        alias = node.args.get("alias")
        if alias is not None:
            only(alias, "this")
        called = _name_of(alias.this) if alias is not None else None
        if called is not None and called.lower() == "properties":
            raise refused("nothing but the properties of events is called properties", alias)
        if isinstance(node, exp.Subquery):
            only(node, "this", "alias")
            query, columns = self.query(node.this, Scope(scope.ctes))
            scope.add(Source(called or f"sub-query {written}", written, columns), node)
            return exp.Subquery(this=query, alias=exp.TableAlias(this=name(written)))
        if not isinstance(node, exp.Table):
            raise refused("rows come from " + ", ".join(VIEWS) + ", WITH and sub-queries", node)
        only(node, "this", "alias")
        found = view_or_cte(node, scope.ctes)
        if isinstance(found, View):
            scope.add(source_of_view(found, called or found.name, written), node)
            return exp.Subquery(this=_served(found), alias=exp.TableAlias(this=name(written)))
        scope.add(replace(found, alias=called or found.alias, written=written), node)
        return exp.Table(this=name(found.written), alias=exp.TableAlias(this=name(written)))

    def _join(self, join: exp.Expr, scope: Scope) -> exp.Join:
        only(join, "this", "on", "using", "side", "kind")
        self.budget.join(join)
        kind, side = str(join.args.get("kind") or "").upper(), str(join.args.get("side") or "").upper()
        if kind not in ("", "INNER", "OUTER") or side not in ("", "LEFT", "RIGHT", "FULL"):
            raise refused(f"{side} {kind} JOIN is not supported".strip(), join)
        source = self._source(join.this, scope)
        on = self._using(join, scope, side) if join.args.get("using") else join.args.get("on")
        if on is None:
            raise refused("each source after the first one comes with JOIN … ON", join)
        written = on if join.args.get("using") else self.expressions.write(on, scope)
        if not _connects(written, scope.sources[-1].written):
            raise refused("ON says which columns of both sides are equal", join)
        return exp.Join(this=source, on=written, side=side or None, kind=kind or None)

    def _using(self, join: exp.Expr, scope: Scope, side: str) -> exp.Expr:
        *before, joined = scope.sources
        if side in ("RIGHT", "FULL"):
            raise refused(f"{side} JOIN comes with ON", join)
        equal = list[exp.Expr]()
        for identifier in join.args["using"]:
            left = Scope({}, None, list(before), scope.joined_by).column(identifier)
            right = joined.find(identifier)
            if left is None or right is None:
                raise refused(f"{identifier.name} is no column of both sides", identifier)
            equal.append(exp.EQ(this=left[0].column(left[1]), expression=joined.column(right)))
            scope.joined_by.add(identifier.name.lower())
        return exp.and_(*equal)

    def _columns(self, node: exp.Select, scope: Scope) -> tuple[list[exp.Expr], list[str]]:
        written, names = list[exp.Expr](), list[str]()
        for column in node.expressions:
            for source in _starred(column, scope):
                written.extend(source.column(output) for output in source.columns)
                names.extend(output.name for output in source.columns)
            if not _is_star(column):
                meant = column.this if isinstance(column, exp.Alias) else column
                written.append(self.expressions.write(meant, scope))
                names.append(_name_of(column.args["alias"]) if isinstance(column, exp.Alias) else _shown(column))
        if not written or len(written) > _MOST_COLUMNS:
            raise refused(f"a SELECT has 1 to {_MOST_COLUMNS} columns", node)
        return written, names

    def _aliases(self, node: exp.Select, written: Sequence[exp.Expr]) -> dict[str, exp.Expr]:
        """Only where there are no stars before them: then each column stands where it was written."""
        if any(_is_star(column) for column in node.expressions):
            return {}
        pairs = zip(node.expressions, written, strict=True)
        return {_name_of(column.args["alias"]): one for column, one in pairs if isinstance(column, exp.Alias)}

    def _condition(
        self, node: exp.Expr | None, kind: type[exp.Where] | type[exp.Having], scope: Scope
    ) -> exp.Expr | None:
        if node is None:
            return None
        only(node, "this")
        return kind(this=self.expressions.write(node.this, scope))

    def _group(self, group: exp.Expr | None, scope: Scope, names: Sequence[str]) -> exp.Group | None:
        if group is None:
            return None
        only(group, "expressions")
        if not group.expressions:
            raise refused("GROUP BY names nothing", group)
        return exp.Group(expressions=[self._place(item, scope, names) for item in group.expressions])

    def _order(self, order: exp.Expr | None, scope: Scope, names: Sequence[str]) -> exp.Order | None:
        if order is None:
            return None
        only(order, "expressions")
        found = list[exp.Ordered]()
        for ordered in order.expressions:
            only(ordered, "this", "desc", "nulls_first")
            found.append(sorted_by(ordered, self._place(ordered.this, scope, names)))
        return exp.Order(expressions=found)

    def _place(self, item: exp.Expr, scope: Scope, names: Sequence[str]) -> exp.Expr:
        """The number of a column that SELECT names, or else an expression."""
        if isinstance(item, exp.Literal) and not item.is_string:
            if not (item.name.isdigit() and 1 <= int(item.name[:9]) <= len(names)):
                raise refused(f"there is no column number {item.name[:9]}", item)
            return exp.Literal.number(item.name)
        number = _numbered(item, names)
        return exp.Literal.number(number) if number else enclosed(self.expressions.write(item, scope))

    def _order_of_outputs(self, order: exp.Expr | None, columns: Sequence[Output]) -> exp.Order | None:
        nothing = Scope({})
        return self._order(order, nothing, [column.name for column in columns])

    def _distinct(self, node: exp.Expr | None) -> exp.Distinct | None:
        if node is None:
            return None
        only(node)
        return exp.Distinct()

    def _cut(self, node: exp.Expr, scope: Scope) -> dict[str, exp.Expr]:
        found = dict[str, exp.Expr]()
        for part, kind, most in (("limit", exp.Limit, 10**9), ("offset", exp.Offset, _MOST_OFFSET)):
            if (cut := node.args.get(part)) is not None:
                found[part] = kind(expression=exp.Literal.number(self._number(cut, part, most)))
        return found

    def _number(self, cut: exp.Expr, part: str, most: int) -> int:
        if not isinstance(cut, exp.Limit | exp.Offset):
            raise refused("write LIMIT and a number", cut)
        only(cut, "expression")
        value = cut.expression
        if is_place(value):
            value = value_of(value.expressions[0], self.given)
        written = value.name if isinstance(value, exp.Literal) and not value.is_string else ""
        if not (written.isascii() and written.isdigit() and len(written) < 12 and int(written) <= most):
            raise refused(f"{part.upper()} is a whole number up to {most}", cut)
        return int(written)


_CONDITIONS: tuple[tuple[str, type[exp.Where] | type[exp.Having]], ...] = (
    ("where", exp.Where),
    ("having", exp.Having),
)


def _served(view: View) -> exp.Select:
    """The rows of the view that are the caller's: beside the walls of the database the query says so itself."""
    organisation, developer = (exp.Parameter(this=exp.Literal.number(number)) for number in (1, 2))
    owned = exp.EQ(this=exp.Column(this=name("org_id")), expression=cast(organisation, "uuid"))
    everybody = exp.Is(this=cast(developer, "uuid"), expression=exp.Null())
    person = "id" if view.name == "persons" else "person_id"
    own = exp.EQ(this=exp.Column(this=name(person)), expression=cast(developer.copy(), "uuid"))
    select = exp.Select(
        expressions=[exp.Column(this=name(column)) for column in view.names],
        from_=exp.From(this=exp.Table(this=name(view.name), db=name(SCHEMA))),
        where=exp.Where(this=exp.And(this=owned, expression=exp.Paren(this=exp.Or(this=everybody, expression=own)))),
    )
    select.meta["of_view"] = True
    return select


def _connects(on: exp.Expr, joined: str) -> bool:
    """Whether both sides must be equal in something, so that not every row meets every other."""
    if isinstance(on, exp.And | exp.Paren):
        return any(_connects(part, joined) for part in on.iter_expressions())
    if not isinstance(on, exp.EQ):
        return False
    sides = [{column.table for column in side.find_all(exp.Column)} for side in (on.this, on.expression)]
    return any(side == {joined} and other and joined not in other for side, other in (sides, sides[::-1]))


def _is_star(column: exp.Expr) -> bool:
    return isinstance(column, exp.Star) or (isinstance(column, exp.Column) and isinstance(column.this, exp.Star))


def _starred(column: exp.Expr, scope: Scope) -> Sequence[Source]:
    """The sources whose columns `*` or `source.*` stand for."""
    if not _is_star(column):
        return ()
    if isinstance(column, exp.Star):
        only(column)
        if not scope.sources:
            raise refused("SELECT * needs FROM", column)
        return scope.sources
    only(column, "this", "table")
    only(column.this)
    source = next((one for one in scope.sources if one is scope.source(column.args["table"])), None)
    if source is None:
        raise refused(f"{column.text('table')} is no source of this query", column)
    return (source,)


def _is_json(column: exp.Expr, scope: Scope) -> bool:
    if not isinstance(column, exp.Column):
        return False
    return any(
        source.written == column.table and output.written == column.name and output.is_json
        for source in scope.sources
        for output in source.columns
    )


def _numbered(item: exp.Expr, names: Sequence[str]) -> int | None:
    """Which column of SELECT is called so; the first, where there are more."""
    if not isinstance(item, exp.Column) or item.args.get("table") or not isinstance(item.this, exp.Identifier):
        return None
    exact = [number for number, called in enumerate(names, 1) if called == item.name]
    lower = item.name.lower()
    loose = [] if item.this.quoted else [number for number, called in enumerate(names, 1) if called.lower() == lower]
    return next(iter(exact or loose), None)


def _name_of(identifier: exp.Expr) -> str:
    if not isinstance(identifier, exp.Identifier) or not identifier.name:
        raise refused("a name is missing, or is none", identifier)
    return identifier.name


def _shown(column: exp.Expr) -> str:
    """What a column without a name is called: as it was written, for a reader."""
    if isinstance(column, exp.Column) and column.text("table").lower() != "properties":
        return column.name
    if is_place(column):
        return f"{{{column.expressions[0].sql(dialect=Reading)}}}"
    return column.sql(dialect=Reading, normalize_functions=False, comments=False)[:200]


def rewritten(tree: exp.Expr, given: Given) -> Written:
    """The whole query. Raises InvalidQuery."""
    budget = Budget()
    writers = {**OPERATORS, **COLUMNS, **CALLS}
    selects = Selects(
        given, budget, Expressions(given, budget, lambda node, scope: selects.query(node, scope), writers)
    )
    ctes: Mapping[str, Source] = {}
    query, columns = selects.query(tree, Scope(ctes))
    _drop_unused(query)
    return query, columns


def _drop_unused(query: exp.Expr) -> None:
    """Columns of views that nothing asks for, for who reads the statement."""
    asked = {(column.table, column.name) for column in query.find_all(exp.Column) if column.table}
    for source in query.find_all(exp.Subquery):
        select = source.this
        if isinstance(select, exp.Select) and select.meta.get("of_view"):
            used = [column for column in select.expressions if (source.alias, column.name) in asked]
            select.set("expressions", used or select.expressions[:1])
