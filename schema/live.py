"""What can be followed: goal arcs, the events of a session, scores."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated

import strawberry

import domain.judging.records as records
import domain.scores.changes
import resolvers.judging
import resolvers.live
import resolvers.score_changes
import resolvers.scoreboards
import resolvers.timeline
from domain.judging.changes import Change
from domain.live import Arrival, LiveEvent, Resync
from domain.scores.windows import WindowKind
from domain.timeline import Kind, StoredEvent
from domain.values import JsonObject
from resolvers.scoreboards import Scoreboard
from schema import nodes
from schema.judging import SubSession
from schema.scores import PILLARS, Score
from schema.timeline import Event
from schema.values import Info, Json, describe

Told = LiveEvent | Resync
Arrived = Arrival | Resync

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


@strawberry.type(
    description="An event of a session was stored; or, with `resync`, the word to read anew what you show."
)
class TimelineEvent:
    cursor: str = strawberry.field(
        description="The place of this event in the order of arrival: give it as `after` to go on from here. Opaque."
    )

    @strawberry.field(
        description="Read anew what you show, then go on: the stream begins here without a cursor, or events after the"
        " cursor are gone, as after the database was restored. `event` is null then."
    )
    @staticmethod
    def resync(parent: strawberry.Parent[Arrived]) -> bool:
        return isinstance(parent, Resync)

    @strawberry.field(description="The event; null with `resync`.", graphql_type=Event | None)
    @staticmethod
    async def event(parent: strawberry.Parent[Arrived], info: Info) -> StoredEvent | None:
        if isinstance(parent, Resync):
            return None
        return await resolvers.timeline.find_event(info.context, parent.session_id, parent.event_id)


@strawberry.type(description="The score of a developer's day, week or month is to be shown anew.")
class ScoreChange:
    cursor: str = strawberry.field(
        description="The place of this change: give it as `after` to go on from here. Opaque."
    )
    resync: bool = strawberry.field(
        description="The stream begins here without a cursor, or changes after the cursor are gone, as after a week."
        " The score is that of now all the same."
    )
    at: datetime | None = strawberry.field(
        description="When what it rests on changed, or the day began; null with `resync`."
    )

    @strawberry.field(description="The score as it is now, which may be later than the change.", graphql_type=Score)
    @staticmethod
    async def score(parent: strawberry.Parent[domain.scores.changes.ScoreChange], info: Info) -> Scoreboard:
        return await resolvers.scoreboards.get_changed_scoreboard(info.context, parent, info.asks_for(PILLARS))


After = Annotated[
    str | None,
    strawberry.argument(description="Cursor of the last event seen; from now on if left out or null."),
]


@strawberry.type
class LiveSubscriptions:
    @strawberry.subscription(
        description="What happens to the goal arcs within reach: first what happened after the cursor, then as it"
        " happens. Each event comes once. Without a cursor a `resync` comes first.",
        graphql_type=SubSessionEvent,
    )
    @staticmethod
    def sub_session_events(info: Info, after: After = None) -> AsyncGenerator[Sequence[Told]]:
        return resolvers.live.watch_sub_sessions(info.context, after)

    @strawberry.subscription(
        description="The events of a session in the order in which they arrive, those that come late too: first what"
        " arrived after the cursor, then as it arrives. Each event comes once. Without a cursor a `resync` comes first."
        " Completes when the session is deleted. NOT_FOUND for a session out of reach.",
        graphql_type=TimelineEvent,
    )
    @staticmethod
    def timeline_events(
        info: Info,
        session: Annotated[strawberry.ID, strawberry.argument(description="Its global id or the agent's own.")],
        after: After = None,
        kinds: Annotated[
            list[Kind] | None, strawberry.argument(description="Only events of these; of all kinds if left out.")
        ] = None,
    ) -> AsyncGenerator[Sequence[Arrived]]:
        return resolvers.live.watch_timeline(info.context, nodes.session_id(session), after, kinds or ())

    @strawberry.subscription(
        description="The score of the window that now lies in, in the developer's own time zone, whenever what it rests"
        " on changes and at each midnight. Changes close to each other are told once. Without a cursor it"
        " begins with the score of now and a `resync`.",
        graphql_type=ScoreChange,
    )
    @staticmethod
    def score_changed(
        info: Info,
        window: Annotated[WindowKind, strawberry.argument(description="Which calendar unit.")] = WindowKind.WEEKLY,
        developer: Annotated[
            strawberry.ID | None, strawberry.argument(description="Whose score; the caller's own if left out.")
        ] = None,
        after: After = None,
    ) -> AsyncGenerator[Sequence[domain.scores.changes.ScoreChange]]:
        user_id = None if developer is None else nodes.user_id(developer)
        return resolvers.score_changes.watch_score(info.context, window, user_id, after)
