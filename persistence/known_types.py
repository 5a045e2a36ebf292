"""Connections that ask once in a process what is the same in every PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import asyncpg

_Types: TypeAlias = tuple[Sequence[asyncpg.Record], object]
"""What is known of types, and the statement that asked."""

if TYPE_CHECKING:

    class _Connection(asyncpg.Connection):
        async def _introspect_types(self, typeoids: Iterable[int], seconds: float | None) -> _Types: ...
else:
    _Connection = asyncpg.Connection


class _AskedBefore(NamedTuple):
    """In place of the statement: as if it had a name, because no nameless one was run."""

    name: str = "asked before"


_FIRST_OF_ITS_OWN = 10_000
"""Types below come with PostgreSQL, and bear the same number in all versions."""
_known: dict[frozenset[int], _Types] = {}


class KnowingTypes(_Connection):
    """The driver asks anew in each connection what an array of dates is, of numbers, of UUIDs: 5 ms of CPU each."""

    async def _introspect_types(self, typeoids: Iterable[int], seconds: float | None) -> _Types:
        asked = frozenset(typeoids)
        if asked in _known:
            return _known[asked]
        told, statement = await super()._introspect_types(asked, seconds)
        if max(asked) < _FIRST_OF_ITS_OWN:
            _known[asked] = told, _AskedBefore()
        return told, statement
