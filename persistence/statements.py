"""Statements that are built once, as the driver takes them: the way through SQLAlchemy costs five times as much."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.base import Executable

Processor = Callable[[Any], Any]

_DIALECT = PGDialect_asyncpg()


@dataclass(frozen=True, slots=True)
class _Place:
    """A numbered parameter: its value if none of its name is given, and how a value is brought to the wire."""

    name: str
    otherwise: object
    processor: Processor | None

    def value(self, given: Mapping[str, object]) -> object:
        value = given.get(self.name, self.otherwise)
        return value if self.processor is None else self.processor(value)


@dataclass(frozen=True, slots=True)
class Ready:
    """SQL with `$1` and so on. The driver's own types are those of the rows, so nothing is done to these."""

    sql: str
    places: tuple[_Place, ...]

    def values(self, given: Mapping[str, object]) -> list[object]:
        return [place.value(given) for place in self.places]


_made: WeakKeyDictionary[Executable, Ready] = WeakKeyDictionary()


def ready(statement: Executable) -> Ready:
    """Of a statement that lives on, which is compiled the first time. Raises TypeError where SQLAlchemy is needed: it
    writes lists of `in_()` out for their values, and turns results of some types into other ones."""
    found = _made.get(statement)
    if found is None:
        found = _made[statement] = _compiled(statement)
    return found


def _compiled(statement: Executable) -> Ready:
    if not isinstance(statement, sa.ClauseElement):
        raise TypeError(f"{statement!r} cannot be compiled")
    compiled = statement.compile(dialect=_DIALECT)
    if not isinstance(compiled, sa.sql.compiler.SQLCompiler) or compiled.post_compile_params:
        raise TypeError(f"write lists as arrays: {compiled}")
    for column in _columns(statement):
        if _is_converted(column.type):
            raise TypeError(f"{column.name} would have to be converted: {compiled}")
    return Ready(str(compiled), tuple(_place(compiled.binds[name]) for name in compiled.positiontup or ()))


def _columns(statement: Executable) -> list[sa.ColumnElement[Any]]:
    """Those of the result; text says nothing of its own, so it gives what the driver does."""
    return list(statement.exported_columns) if isinstance(statement, sa.SelectBase | sa.UpdateBase) else []


def _place(bind: sa.BindParameter[Any]) -> _Place:
    impl = bind.type.dialect_impl(_DIALECT)
    return _Place(bind.key, bind.effective_value, impl.bind_processor(_DIALECT))


_FLOAT8, _NUMERIC = 701, 1700
"""OIDs, as the driver tells them of a result."""


def _is_converted(type: sa.types.TypeEngine[Any]) -> bool:
    """Whether SQLAlchemy would make something else of what the driver read; lists stay what their elements are."""
    if isinstance(type, sa.ARRAY):
        return _is_converted(cast(sa.types.TypeEngine[Any], vars(type)["item_type"]))
    oid = _FLOAT8 if isinstance(type, sa.Float) else _NUMERIC if isinstance(type, sa.Numeric) else None
    return type.dialect_impl(_DIALECT).result_processor(_DIALECT, oid) is not None
