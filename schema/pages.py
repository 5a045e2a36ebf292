"""Lists in pages, as Relay's cursor connections: forwards or backwards, and nothing is skipped or seen twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Generic, NamedTuple, TypeVar

import strawberry

import domain.values
from resolvers.cursors import MOST

T = TypeVar("T")
Item = TypeVar("Item")

EVENTS = 100
"""So many events or prompts stand on a page that nobody gave a size."""

_FIRST = f"So many from the start, or after `after`: 1-{MOST}. Neither `first` nor `last`: `first: {{}}`."

First = Annotated[int | None, strawberry.argument(description=_FIRST.format(20))]
FirstEvents = Annotated[int | None, strawberry.argument(description=_FIRST.format(EVENTS))]
After = Annotated[str | None, strawberry.argument(description="A cursor: only what follows it.")]
Last = Annotated[
    int | None,
    strawberry.argument(description=f"So many from the end, or before `before`: 1-{MOST}, in the same order."),
]
Before = Annotated[str | None, strawberry.argument(description="A cursor: only what precedes it.")]


class Placed(NamedTuple):
    """An item with its cursor."""

    cursor: str
    node: object


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """A page, and how to count what the whole list holds: a Connection reads it."""

    page: domain.values.Page[Item]
    count: Callable[[], Awaitable[int]]

    @property
    def edges(self) -> list[Placed]:
        return [Placed(*pair) for pair in zip(self.page.cursors, self.page.items, strict=True)]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next: bool = strawberry.field(
        name="hasNextPage", description="Whether more items follow; with `last`, whether `before` was given."
    )
    has_previous: bool = strawberry.field(
        name="hasPreviousPage", description="With `last`, whether more items precede; else whether `after` was given."
    )
    start_cursor: str | None = strawberry.field(description="Cursor of the first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null on an empty page.")


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The place of this item, for `after` and `before`. Opaque.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    page__items: list[T] = strawberry.field(name="nodes", description="The items alone.")
    page: PageInfo = strawberry.field(name="pageInfo", description="Where this page stands.")

    @strawberry.field(description="How many items the whole list has. Counted only when asked for.")
    @staticmethod
    async def total_count(parent: strawberry.Parent[object]) -> int:
        assert isinstance(parent, Listing)
        return await parent.count()
