"""Integrity flags as lists."""

from typing import Annotated

import strawberry

import resolvers.flags
from domain.judging.filters import FlagFilter
from domain.judging.records import FlagKind
from domain.values import Page, Window
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.values import Info, TimeRangeInput, span
from schema.verdicts import Flag, FlagShown


@strawberry.input(description="Which integrity flags; all given conditions must hold.")
class FlagFilterInput:
    started_at: TimeRangeInput | None = strawberry.field(default=None, description="When its arc began.")
    developer: strawberry.ID | None = strawberry.field(default=None, description="On whose arcs: a developer's id.")
    kind: FlagKind | None = strawberry.field(default=None, description="What it points at.")

    def wanted(self) -> FlagFilter:
        """Raises Invalid."""
        user_id = None if self.developer is None else nodes.user_id(self.developer)
        return FlagFilter(span(self.started_at), user_id, kind=self.kind)


@strawberry.type
class FlagQueries:
    @strawberry.field(
        description="Integrity flags, those on the arcs that began last first.", graphql_type=Connection[Flag]
    )
    @staticmethod
    async def integrity_flags(
        info: Info,
        filter: Annotated[FlagFilterInput | None, strawberry.argument(description="Which; all if left out.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[FlagShown]:
        wanted = FlagFilter() if filter is None else filter.wanted()
        return await list_flags(info.context, wanted, window(first, after, last, before))


async def list_flags(ctx: Context, wanted: FlagFilter, asked: Window[str]) -> Listing[FlagShown]:
    """A page of them, counted if somebody asks."""
    page = await resolvers.flags.list_flags(ctx, wanted, asked)
    flags = [FlagShown(one.session_id, one.flag) for one in page.items]
    shown = Page(flags, page.cursors, page.has_next, page.has_previous)
    return Listing(shown, lambda: resolvers.flags.count_flags(ctx, wanted))


async def find_flag(ctx: Context, key: str) -> FlagShown | None:
    found = await resolvers.flags.find_flag(ctx, nodes.uuid(key))
    return None if found is None else FlagShown(*found)
