"""Developers: whose work it is, how much of it there is, and the list of them."""

from datetime import datetime
from typing import Annotated

import strawberry

import domain.access
import domain.developers
import resolvers.developers
from domain.developers import DeveloperFilter
from domain.values import UserId
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.values import Info, TimeRangeInput, plain, span


@strawberry.type(description="How much of a developer's work there is: counts, and when they last worked.")
class DeveloperActivity:
    session_count: int = strawberry.field(description="Sessions that began in the stretch of time.")
    sub_session_count: int = strawberry.field(description="Goal arcs that began in it, without merged fragments.")
    flag_count: int = strawberry.field(description="Integrity flags on arcs that began in it.")
    last_active_at: datetime | None = strawberry.field(
        description="When any session of theirs was last active, in the stretch or not; null without sessions."
    )


@strawberry.type(description="Somebody whose sessions are recorded.")
class Developer(Node):
    email: str = strawberry.field(description="Address, unique within the organisation.")
    time_zone: str = strawberry.field(description="IANA name; days, weeks and months are cut in it.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[domain.access.User]) -> str:
        return nodes.encode("Developer", parent.id)

    @strawberry.field(description="The id as REST routes and exports print it.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[domain.access.User]) -> str:
        return str(parent.id)

    @strawberry.field(
        description="How much of their work there is; null for a key that may not read both sessions and scores of"
        " theirs.",
        graphql_type=DeveloperActivity | None,
    )
    @staticmethod
    async def activity(
        info: Info,
        parent: strawberry.Parent[domain.access.User],
        within: Annotated[
            TimeRangeInput | None, strawberry.argument(description="Which stretch; the last 30 days if left out.")
        ] = None,
    ) -> domain.developers.DeveloperActivity | None:
        stretch = None if within is None else span(within)
        return await resolvers.developers.find_activity(info.context, parent.id, stretch)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.access.User)


@strawberry.input(description="Which developers; all given conditions must hold.")
class DeveloperFilterInput:
    search: str | None = strawberry.field(default=None, description="Part of the address, in any case.")
    candidates: bool | None = strawberry.field(
        default=None, description="True: those known by candidates' keys alone; false: all others; null: everybody."
    )

    def wanted(self) -> DeveloperFilter:
        """Raises Invalid."""
        return DeveloperFilter(plain(self.search), self.candidates)


@strawberry.type
class DeveloperQueries:
    @strawberry.field(
        description="Developers by address: for keys that read the whole organisation all of it, for others the one"
        " whose key it is.",
        graphql_type=Connection[Developer],
    )
    @staticmethod
    async def developers(
        info: Info,
        filter: Annotated[
            DeveloperFilterInput | None, strawberry.argument(description="Which; all if left out.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[domain.access.User]:
        wanted = DeveloperFilter() if filter is None else filter.wanted()
        page = await resolvers.developers.list_developers(info.context, wanted, window(first, after, last, before))
        return Listing(page, lambda: resolvers.developers.count_developers(info.context, wanted))


async def find_developer(ctx: Context, key: str) -> domain.access.User | None:
    return await ctx.loaders.user.load(UserId(nodes.uuid(key)))
