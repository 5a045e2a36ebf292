"""Goal arcs as they change."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import strawberry

import domain.judging.records as records
import resolvers.judging
import resolvers.live
from domain.live import LiveEvent, Resync
from domain.values import JsonObject
from schema import nodes
from schema.judging import SubSession
from schema.values import Info, Json

Told = LiveEvent | Resync


@strawberry.type(
    description="Something happened to a goal arc; or, with `resync`, events are gone: read anew what you show."
)
class SubSessionEvent:
    cursor: str = strawberry.field(
        description="The place of this event: give it as `after` to go on from here. Opaque."
    )

    @strawberry.field(
        description="Whether events are lost because the cursor was too old. The other fields are null then."
    )
    @staticmethod
    def resync(parent: strawberry.Parent[Told]) -> bool:
        return isinstance(parent, Resync)

    @strawberry.field(
        description="`prism.score_v3.sub_session.` and `opened`, `updated`, `closed`, `scored`, `relabelled`, `merged`,"
        " `reworked` or `flagged`."
    )
    @staticmethod
    def name(parent: strawberry.Parent[Told]) -> str | None:
        return parent.name if isinstance(parent, LiveEvent) else None

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

    @strawberry.field(description="What the event told, as REST streams have it.", graphql_type=Json | None)
    @staticmethod
    def data(parent: strawberry.Parent[Told]) -> JsonObject | None:
        return parent.payload if isinstance(parent, LiveEvent) else None


@strawberry.type
class LiveSubscriptions:
    @strawberry.subscription(
        description="What happens to the caller's goal arcs: first what happened after the cursor, then as it happens."
        " Each event comes once.",
        graphql_type=SubSessionEvent,
    )
    @staticmethod
    async def sub_session_events(
        info: Info,
        after: Annotated[
            str | None, strawberry.argument(description="Cursor of the last event seen; from now on if left out.")
        ] = None,
    ) -> AsyncGenerator[Told]:
        async with aclosing(resolvers.live.watch_sub_sessions(info.context, after)) as events:
            async for event in events:
                yield event
