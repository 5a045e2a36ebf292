"""Goal arcs as they change."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import strawberry

import domain.judging.records as records
import resolvers.judging
import resolvers.live
from domain.judging.changes import Change
from domain.live import LiveEvent, Resync
from domain.values import JsonObject
from schema import nodes
from schema.judging import SubSession
from schema.values import Info, Json, describe

Told = LiveEvent | Resync

describe(
    Change,
    "What happened to an arc. Several may be told of one change.",
    {
        "opened": "It is new.",
        "updated": "Anything else about it changed, a label edited by hand too; or it is gone.",
        "closed": "Work on it has ended; or it was left out of the score.",
        "scored": "It was judged.",
        "relabelled": "Its title or summary changed.",
        "merged": "It was joined to an earlier arc.",
        "reworked": "A later arc undid it, or no longer does.",
        "flagged": "Its integrity flags changed.",
    },
    name="SubSessionChange",
)


@strawberry.type(
    description="Something happened to a goal arc; or, with `resync`, the word to read anew what you show."
)
class SubSessionEvent:
    cursor: str = strawberry.field(
        description="The place of this event: give it as `after` to go on from here. Opaque."
    )

    @strawberry.field(
        description="Read anew what you show, then go on: the stream begins here without a cursor, or events after the"
        " cursor are gone, as after a week. All but the cursor is null then."
    )
    @staticmethod
    def resync(parent: strawberry.Parent[Told]) -> bool:
        return isinstance(parent, Resync)

    @strawberry.field(description="What happened.")
    @staticmethod
    def change(parent: strawberry.Parent[Told]) -> Change | None:
        return Change(parent.name.rpartition(".")[2]) if isinstance(parent, LiveEvent) else None

    @strawberry.field(description="When it happened.")
    @staticmethod
    def at(parent: strawberry.Parent[Told]) -> datetime | None:
        return parent.at if isinstance(parent, LiveEvent) else None

    @strawberry.field(description="Global id of the session that the arc began in.", graphql_type=strawberry.ID | None)
    @staticmethod
    def session_id(parent: strawberry.Parent[Told]) -> str | None:
        return nodes.encode("Session", parent.session_id) if isinstance(parent, LiveEvent) else None

    @strawberry.field(description="Global id of the arc.", graphql_type=strawberry.ID | None)
    @staticmethod
    def sub_session_id(parent: strawberry.Parent[Told]) -> str | None:
        return nodes.encode("SubSession", parent.sub_session_id) if isinstance(parent, LiveEvent) else None

    @strawberry.field(
        description="The arc as it is now, which may be later than the event; null if it is gone.",
        graphql_type=SubSession | None,
    )
    @staticmethod
    async def sub_session(parent: strawberry.Parent[Told], info: Info) -> records.SubSession | None:
        if isinstance(parent, Resync):
            return None
        return await resolvers.judging.find_sub_session(info.context, parent.sub_session_id)

    @strawberry.field(
        description="Small facts of the arc as they were then, as the REST routes name them.",
        graphql_type=Json | None,
    )
    @staticmethod
    def data(parent: strawberry.Parent[Told]) -> JsonObject | None:
        return parent.payload if isinstance(parent, LiveEvent) else None


@strawberry.type
class LiveSubscriptions:
    @strawberry.subscription(
        description="What happens to the goal arcs within reach: first what happened after the cursor, then as it"
        " happens. Each event comes once. Without a cursor a `resync` comes first.",
        graphql_type=SubSessionEvent,
    )
    @staticmethod
    async def sub_session_events(
        info: Info,
        after: Annotated[
            str | None,
            strawberry.argument(description="Cursor of the last event seen; from now on if left out or null."),
        ] = None,
    ) -> AsyncGenerator[Sequence[Told]]:
        async with aclosing(resolvers.live.watch_sub_sessions(info.context, after)) as pages:
            async for page in pages:
                yield page
