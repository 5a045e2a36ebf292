"""Recorded sessions."""

from datetime import datetime
from typing import Annotated

import strawberry

import domain.access
import domain.judging.records
import domain.sessions
import resolvers.judging
import resolvers.sessions
import resolvers.timeline
from domain.errors import NotFound
from domain.sessions import SessionFilter
from domain.timeline import StoredEvent
from domain.values import Page, SessionId
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.access import Developer
from schema.judging import SubSession
from schema.nodes import Node
from schema.pages import EVENTS, After, Before, Connection, First, FirstEvents, Last, Listing
from schema.timeline import Event, Prompt, PromptShown, Tokens
from schema.values import Info, Json, TimeRangeInput, plain, span


@strawberry.type(description="One run of a coding tool. It holds one goal arc or several.")
class Session(Node):
    source_service: str | None = strawberry.field(description="The tool, such as `claude-code`; null until it is told.")
    project: str | None = strawberry.field(description="Repository or working directory; null if unknown.")
    branch: str | None = strawberry.field(description="Git branch last seen; null if unknown.")
    title: str | None = strawberry.field(description="What the tool called the session; null if it did not.")
    started_at: datetime | None = strawberry.field(description="Time of the first event; null without events.")
    ended_at: datetime | None = strawberry.field(
        description="When it was ended, or since when it rests after an hour without activity; null while it runs."
    )
    last_activity_at: datetime | None = strawberry.field(description="Time of the latest event; null without events.")
    event_count: int = strawberry.field(description="Events stored.")
    prompt_count: int = strawberry.field(description="Prompts of the user, commands of the tool left out.")
    decision_count: int = strawberry.field(description="Events of kind `DECISION_EVENT`.")
    tool_call_count: int = strawberry.field(description="Tool calls of the assistant.")
    tool_error_count: int = strawberry.field(description="Tool calls that failed.")
    tokens: Tokens = strawberry.field(description="Tokens of all model responses, each response counted once.")
    cost_usd: float | None = strawberry.field(
        description="US dollars, as the source said or by list price; null where any response has no price."
    )
    ai_attribution_pct: float | None = strawberry.field(
        description="Share of changed lines ascribed to the assistant, 0-100; null without changes that say."
    )
    metadata: Json = strawberry.field(description="What was told of it, such as `assessmentId` or `repoUrl`.")
    created_at: datetime = strawberry.field(description="When this server first heard of it.")
    updated_at: datetime = strawberry.field(description="When anything of it last changed.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[domain.sessions.Session]) -> str:
        return nodes.encode("Session", parent.id)

    @strawberry.field(description="The agent's own id, as REST routes and exports print it; mostly a UUID.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[domain.sessions.Session]) -> str:
        return parent.id

    @strawberry.field(description="Who worked.", graphql_type=Developer)
    @staticmethod
    async def developer(parent: strawberry.Parent[domain.sessions.Session], info: Info) -> domain.access.User:
        user = await info.context.loaders.user.load(parent.user_id)
        if user is None:
            raise NotFound("no such developer")
        return user

    @strawberry.field(
        description="The goal arcs that began here, oldest first; merged fragments are left out.",
        graphql_type=list[SubSession],
    )
    @staticmethod
    async def sub_sessions(
        parent: strawberry.Parent[domain.sessions.Session], info: Info
    ) -> list[domain.judging.records.SubSession]:
        return await resolvers.judging.sub_sessions_of(info.context, parent.id)

    @strawberry.field(description="What happened, by time.", graphql_type=Connection[Event])
    @staticmethod
    async def timeline(
        parent: strawberry.Parent[domain.sessions.Session],
        info: Info,
        first: FirstEvents = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[StoredEvent]:
        async def count() -> int:
            return parent.event_count

        asked = window(first, after, last, before, EVENTS)
        return Listing(await resolvers.timeline.events_of_session(info.context, parent.id, asked), count)

    @strawberry.field(description="What the user wrote, by time.", graphql_type=Connection[Prompt])
    @staticmethod
    async def prompts(
        parent: strawberry.Parent[domain.sessions.Session],
        info: Info,
        first: FirstEvents = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[PromptShown]:
        asked = window(first, after, last, before, EVENTS)
        page = await resolvers.timeline.prompts_of_session(info.context, parent.id, asked)
        shown = [PromptShown(stored) for stored in page.items]
        return Listing(
            Page(shown, page.cursors, page.has_next, page.has_previous),
            lambda: resolvers.timeline.count_prompts_of_session(info.context, parent.id),
        )

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.sessions.Session)


@strawberry.input(description="Which sessions; all given conditions must hold.")
class SessionFilterInput:
    started_at: TimeRangeInput | None = strawberry.field(default=None, description="When the session began.")
    developer: strawberry.ID | None = strawberry.field(default=None, description="Whose sessions: a developer's id.")
    source_service: str | None = strawberry.field(
        default=None, description="The tool, such as `claude-code`; `-` and `_` are the same."
    )

    def wanted(self) -> SessionFilter:
        """Raises Invalid."""
        return SessionFilter(
            within=span(self.started_at),
            user_id=None if self.developer is None else nodes.user_id(self.developer),
            source_service=plain(self.source_service),
        )


Filter = Annotated[SessionFilterInput | None, strawberry.argument(description="Which; all if left out.")]


@strawberry.type
class SessionQueries:
    @strawberry.field(
        description="One session by its global id or by the agent's own. NOT_FOUND for one out of reach.",
        graphql_type=Session | None,
    )
    @staticmethod
    async def session(
        info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id or the agent's own.")]
    ) -> domain.sessions.Session:
        return await resolvers.sessions.get_session(info.context, nodes.session_id(id))

    @strawberry.field(
        description="Sessions, newest first; those without a start come last.", graphql_type=Connection[Session]
    )
    @staticmethod
    async def sessions(
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[domain.sessions.Session]:
        wanted = SessionFilter() if filter is None else filter.wanted()

        async def count() -> int:
            return await resolvers.sessions.count_sessions(info.context, wanted)

        asked = window(first, after, last, before)
        return Listing(await resolvers.sessions.list_sessions(info.context, wanted, asked), count)


async def find_session(ctx: Context, key: str) -> domain.sessions.Session | None:
    return await resolvers.sessions.find_session(ctx, SessionId(key))
