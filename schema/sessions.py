"""Recorded sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

import domain.access
import domain.cohorts
import domain.judging.records
import domain.outlines
import domain.session_parts
import domain.sessions
import resolvers.cohorts
import resolvers.judging
import resolvers.session_parts
import resolvers.sessions
import resolvers.timeline
from domain.errors import NotFound
from domain.session_parts import MOST_PARTS, FileTouched, ModelUsed, ToolUsed
from domain.sessions import SessionFilter
from domain.timeline import Kind, StoredEvent
from domain.values import Page, SessionId, Window
from resolvers.context import Context
from resolvers.cursors import window
from resolvers.session_parts import HIGHLIGHTS, MOST_HIGHLIGHTS, PARTS, Highlight
from resolvers.timeline import TimelineFilter
from schema import nodes
from schema.cohorts import CohortStats
from schema.developers import Developer
from schema.judging import SubSession
from schema.nodes import Node
from schema.outlines import TimelineOutline
from schema.pages import EVENTS, After, Before, Connection, First, FirstEvents, Last, Listing
from schema.session_filters import Filter, Sort
from schema.session_parts import Decision, SessionFile, SessionHighlight, SessionModel, SessionTool, SubAgent
from schema.summaries import InLanguage, SessionDetails, SessionSummary, Summed, summary_of
from schema.timeline import Event, Prompt, PromptShown, Tokens
from schema.values import Info, Json, TimeRangeInput, span

Kinds = Annotated[list[Kind] | None, strawberry.argument(description="Only events of these; of all kinds if left out.")]
Within = Annotated[TimeRangeInput | None, strawberry.argument(description="Only what happened then.")]
Parts = Annotated[
    int, strawberry.argument(description=f"So many from the start: 1-{MOST_PARTS}. Left out: `first: {PARTS}`.")
]
Highlights = Annotated[
    int | None,
    strawberry.argument(description=f"So many from the start: 1-{MOST_HIGHLIGHTS}. Left out: `first: {HIGHLIGHTS}`."),
]
_KEPT = f"As of the last judging; {MOST_PARTS:,} at most."


async def _timeline(
    parent: domain.sessions.Session, info: Info, asked: Window[str], wanted: TimelineFilter
) -> Listing[StoredEvent]:
    page = await resolvers.timeline.events_of_session(info.context, parent.id, asked, wanted)
    return Listing(page, lambda: resolvers.timeline.count_events_of_session(info.context, parent, wanted))


@strawberry.type(description="One run of a coding tool. It holds one goal arc or several.")
class Session(Node):
    source_service: str | None = strawberry.field(description="The tool, such as `claude-code`; null until it is told.")
    project: str | None = strawberry.field(description="Repository or working directory; null if unknown.")
    branch: str | None = strawberry.field(description="Git branch last seen; null if unknown.")
    title: str | None = strawberry.field(description="As a person called it, else the tool; null if nobody did.")
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
    api_error_count: int = strawberry.field(description="Errors of the model's service.")
    commit_count: int = strawberry.field(description="Commits made.")
    pull_request_count: int = strawberry.field(description="Pull requests opened.")
    tokens: Tokens = strawberry.field(description="Tokens of all model responses, each response counted once.")
    cost_usd: float | None = strawberry.field(
        description="US dollars, as the source said or by list price; null where any response has no price."
    )
    tokens_are_lower_bound: bool = strawberry.field(
        description="Whether its source is known to tell too few output tokens: there are at least these, and they cost"
        " at least this."
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
        kinds: Kinds = None,
        within: Within = None,
    ) -> Listing[StoredEvent]:
        wanted = TimelineFilter(tuple(dict.fromkeys(kinds or ())), span(within))
        return await _timeline(parent, info, window(first, after, last, before, EVENTS), wanted)

    @strawberry.field(
        description="Its timeline from afar: where pages begin, pauses, and what stands out.",
        graphql_type=TimelineOutline,
    )
    @staticmethod
    async def outline(
        parent: strawberry.Parent[domain.sessions.Session], info: Info, kinds: Kinds = None
    ) -> domain.outlines.Outline:
        return await resolvers.timeline.outline_of_session(info.context, parent.id, tuple(dict.fromkeys(kinds or ())))

    @strawberry.field(description="Decisions that were noted, by time.", graphql_type=Connection[Decision])
    @staticmethod
    async def decisions(
        parent: strawberry.Parent[domain.sessions.Session],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[StoredEvent]:
        wanted = TimelineFilter((Kind.DECISION_EVENT,))
        return await _timeline(parent, info, window(first, after, last, before), wanted)

    @strawberry.field(
        description=f"Files it touched, those with the most changed lines first. {_KEPT}",
        graphql_type=list[SessionFile],
    )
    @staticmethod
    async def files(
        parent: strawberry.Parent[domain.sessions.Session], info: Info, first: Parts = PARTS
    ) -> Sequence[FileTouched]:
        return await resolvers.session_parts.files_of_session(info.context, parent.id, first)

    @strawberry.field(
        description=f"Tools it used, those with the most calls first. {_KEPT}", graphql_type=list[SessionTool]
    )
    @staticmethod
    async def tools(
        parent: strawberry.Parent[domain.sessions.Session], info: Info, first: Parts = PARTS
    ) -> Sequence[ToolUsed]:
        return await resolvers.session_parts.tools_of_session(info.context, parent.id, first)

    @strawberry.field(
        description=f"Models that answered, those with the most tokens first. {_KEPT}", graphql_type=list[SessionModel]
    )
    @staticmethod
    async def models(
        parent: strawberry.Parent[domain.sessions.Session], info: Info, first: Parts = PARTS
    ) -> Sequence[ModelUsed]:
        return await resolvers.session_parts.models_of_session(info.context, parent.id, first)

    @strawberry.field(
        description=f"Assistants that worked for its own, oldest first. {_KEPT}", graphql_type=list[SubAgent]
    )
    @staticmethod
    async def sub_agents(
        parent: strawberry.Parent[domain.sessions.Session], info: Info, first: Parts = PARTS
    ) -> Sequence[domain.session_parts.SubAgent]:
        return await resolvers.session_parts.agents_of_session(info.context, parent.id, first)

    @strawberry.field(
        description="Where it meets a search: its title first, then its goal arcs, then prompts by time.",
        graphql_type=list[SessionHighlight],
    )
    @staticmethod
    async def highlights(
        parent: strawberry.Parent[domain.sessions.Session],
        info: Info,
        search: Annotated[str, strawberry.argument(description="As in `SessionFilterInput.search`.")],
        first: Highlights = None,
    ) -> Sequence[Highlight]:
        most = HIGHLIGHTS if first is None else first
        return await resolvers.session_parts.highlights_of_session(info.context, parent, search, most)

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

    @strawberry.field(
        description="How it compares with others of its assessment; null without one, and while nobody is through with"
        " it.",
        graphql_type=CohortStats | None,
    )
    @staticmethod
    async def cohort_stats(
        parent: strawberry.Parent[domain.sessions.Session], info: Info
    ) -> domain.cohorts.CohortStats | None:
        return await resolvers.cohorts.cohort_stats_of(info.context, parent.id)

    @strawberry.field(
        description="How it went, in words and goal by goal; null while it runs, and where nothing of it counts.",
        graphql_type=SessionSummary | None,
    )
    @staticmethod
    async def summary(
        parent: strawberry.Parent[domain.sessions.Session], info: Info, language: InLanguage = None
    ) -> Summed | None:
        return await summary_of(info, parent.id, language)

    @strawberry.field(description="It turn by turn, with its tools and scores.", graphql_type=SessionDetails)
    @staticmethod
    def details(parent: strawberry.Parent[domain.sessions.Session]) -> domain.sessions.Session:
        return parent

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.sessions.Session)


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
        description="Sessions, newest first unless sorted otherwise; those without a start come last.",
        graphql_type=Connection[Session],
    )
    @staticmethod
    async def sessions(
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        sort: Sort = None,
    ) -> Listing[domain.sessions.Session]:
        wanted = SessionFilter() if filter is None else filter.wanted()

        async def count() -> int:
            return await resolvers.sessions.count_sessions(info.context, wanted)

        asked = window(first, after, last, before)
        order = None if sort is None else sort.wanted()
        return Listing(await resolvers.sessions.list_sessions(info.context, wanted, asked, order), count)


async def find_session(ctx: Context, key: str) -> domain.sessions.Session | None:
    return await resolvers.sessions.find_session(ctx, SessionId(key))
