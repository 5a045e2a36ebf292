"""Lists in pages, as Relay has them: cursors that hold a place, so that nothing is skipped or seen twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Generic, NamedTuple, TypeVar

import strawberry

import domain.values

T = TypeVar("T")
Item = TypeVar("Item")

First = Annotated[int, strawberry.argument(description="How many at most, 1-100.")]
FirstEvents = Annotated[int, strawberry.argument(description="How many at most, 1-2000.")]
After = Annotated[str | None, strawberry.argument(description="`endCursor` of the page before; the start if left out.")]


class Placed(NamedTuple):
    """An item with its cursor."""

    cursor: str
    node: object


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """A page, the cursor it began after, and how to count what the whole list holds: a Connection reads it."""

    page: domain.values.Page[Item]
    after: str | None
    count: Callable[[], Awaitable[int]]

    @property
    def edges(self) -> list[Placed]:
        return [Placed(*pair) for pair in zip(self.page.cursors, self.page.items, strict=True)]

    @property
    def nodes(self) -> list[Item]:
        return list(self.page.items)

    @property
    def page_info(self) -> "Listing[Item]":
        return self

    @property
    def has_previous_page(self) -> bool:
        return self.after is not None

    @property
    def start_cursor(self) -> str | None:
        return self.page.cursors[0] if self.page.cursors else None

    @property
    def end_cursor(self) -> str | None:
        return self.page.cursors[-1] if self.page.cursors else None


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    page__has_more: bool = strawberry.field(name="hasNextPage", description="Whether another item follows.")
    has_previous_page: bool = strawberry.field(description="Whether the page began after a cursor.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null on an empty page.")


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The place of this item, for `after`. Opaque.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")

    @strawberry.field(description="How many items the whole list has. Counted only when asked for.")
    @staticmethod
    async def total_count(parent: strawberry.Parent[object]) -> int:
        assert isinstance(parent, Listing)
        return await parent.count()
