"""Goal arcs (sub-sessions) and their labels."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

import domain.access
import domain.judging.records as records
import domain.sessions
import resolvers.judging
import resolvers.sessions
import resolvers.timeline
from domain import search
from domain.errors import Invalid, NotFound
from domain.judging.filters import SubSessionFilter
from domain.session_parts import ToolCount
from domain.timeline import StoredEvent
from domain.values import SessionId, SubSessionId, Window
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.developers import Developer
from schema.judging_enums import CloseReason, FlagKind, Habit, Intent, JudgeStatus, State, TitleSource, TriviaReason
from schema.nodes import Node
from schema.pages import EVENTS, After, Before, Connection, First, FirstEvents, Last, Listing
from schema.timeline import Event, Prompt, PromptShown, Tokens
from schema.values import Info, Long, TimeRangeInput, plain, span
from schema.verdicts import (
    FileEdits,
    Flag,
    FlagShown,
    HabitShown,
    HabitVerdict,
    Measures,
    Rework,
    Verdict,
    habits,
)

if TYPE_CHECKING:
    from schema.sessions import Session


@strawberry.type(description="A tool that the assistant called in a goal arc.")
class ArcTool:
    name: str = strawberry.field(description="As the agent calls it; those of MCP servers as `mcp__server__tool`.")
    call_count: Long = strawberry.field(description="Calls, those of sub-agents too.")
    error_count: Long = strawberry.field(description="Calls that failed.")


@strawberry.type(description="A goal arc: a stretch of work that pursues one goal. The unit that is scored.")
class SubSession(Node):
    project: str | None = strawberry.field(description="Repository or working directory; null if unknown.")
    started_at: datetime = strawberry.field(description="Time of the first event; lists order by it.")
    ended_at: datetime | None = strawberry.field(description="When it closed; null while it is open.")
    last_event_at: datetime = strawberry.field(name="lastActivityAt", description="Time of the latest event.")
    first_prompt_at: datetime | None = strawberry.field(description="Null for an arc without a prompt.")
    state: State = strawberry.field(description="How far it has come.")
    close_reason: CloseReason | None = strawberry.field(description="What closed it; null while it is open.")
    time_to_crush_seconds: float | None = strawberry.field(
        description="From its first prompt until its goal was reached, by the clock; null where either is unknown."
    )
    measures: Measures = strawberry.field(description="What was counted.")
    measures__tokens: Tokens = strawberry.field(name="tokens", description="Tokens of all responses in it.")
    measures__cost_usd: float | None = strawberry.field(
        name="costUsd",
        description="US dollars, as the source said or by list price; null where any response has no price.",
    )
    measures__tokens_are_lower_bound: bool = strawberry.field(
        name="tokensAreLowerBound",
        description="Whether its source is known to tell too few output tokens: there are at least these, and they cost"
        " at least this.",
    )
    substance_floor_passed: bool | None = strawberry.field(
        description="Whether any real work was done: three turns, ten net lines or one mutating call. Null while open."
    )
    excluded_reason: TriviaReason | None = strawberry.field(
        name="exclusionReason", description="Why it is not scored; null if it is."
    )
    excluded_detail: str | None = strawberry.field(name="exclusionDetail", description="The same in a few words.")
    rubric__intent: Intent | None = strawberry.field(name="intent", description="Null if none was established.")
    rubric__confidence: float | None = strawberry.field(
        name="intentConfidence", description="Of the intent, 0-1; committed from 0.5. Null without an intent."
    )
    rubric__judge_status: JudgeStatus = strawberry.field(name="judgeStatus", description="Whether there is a verdict.")
    rubric__letter_grade: str | None = strawberry.field(
        name="letterGrade",
        description="Of the prompts, A+ to F, by the share of applicable habits. A preview while open.",
    )
    outcome__goal_complete: bool | None = strawberry.field(
        name="goalComplete",
        description="Whether the goal was reached: the developer's word if they appealed, else the judge's; null until"
        " judged.",
    )
    outcome__completion_confidence: float | None = strawberry.field(
        name="completionConfidence", description="0-1; null until judged."
    )
    qualifying: bool = strawberry.field(
        description="Whether it stands in the score's denominator: scored, with an intent and an outcome."
    )
    crushed: bool = strawberry.field(description="Qualifying, goal reached, not reworked: the score's numerator.")
    rework: Rework | None = strawberry.field(description="The later arc that undid this one; null if none did.")
    label__title: str | None = strawberry.field(name="title", description="At most 60 characters.")
    label__summary: str | None = strawberry.field(
        name="summary", description="A sentence or two, at most 240 characters."
    )
    label__title_source: TitleSource = strawberry.field(name="titleSource", description="Who wrote title and summary.")
    split_by_hand: bool = strawberry.field(
        description="Whether it begins where its developer cut; `undoSubSessionSplit` takes that back."
    )
    merged_by_hand: bool = strawberry.field(
        description="Whether its developer joined some of its fragments; `undoSubSessionMerge` takes that back."
    )
    commit_refs: list[str] = strawberry.field(description="Commits made in it.")
    revert_refs: list[str] = strawberry.field(description="Commits taken back in it.")
    ruleset_version: str = strawberry.field(description="The rules it was derived by.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[records.SubSession]) -> str:
        return nodes.encode("SubSession", parent.id)

    @strawberry.field(description="The id as REST routes and exports print it, a UUID.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[records.SubSession]) -> str:
        return str(parent.id)

    @strawberry.field(description="The seven prompt habits.", graphql_type=list[HabitVerdict])
    @staticmethod
    def habits(parent: strawberry.Parent[records.SubSession]) -> list[HabitShown]:
        return habits(parent)

    @strawberry.field(description="What the judge said, and why.", graphql_type=Verdict)
    @staticmethod
    def verdict(parent: strawberry.Parent[records.SubSession]) -> records.SubSession:
        return parent

    @strawberry.field(description="The files it changed, by path.", graphql_type=list[FileEdits])
    @staticmethod
    async def files(parent: strawberry.Parent[records.SubSession], info: Info) -> list[records.FileEdits]:
        return await info.context.loaders.files_by_sub_session.load(parent.id)

    @strawberry.field(description="Integrity flags, by kind.", graphql_type=list[Flag])
    @staticmethod
    async def flags(parent: strawberry.Parent[records.SubSession], info: Info) -> list[FlagShown]:
        found = await info.context.loaders.flags_by_sub_session.load(parent.id)
        return [FlagShown(parent.session_id, flag) for flag in found]

    @strawberry.field(
        description="The session it began in.", graphql_type=Annotated["Session", strawberry.lazy("schema.sessions")]
    )
    @staticmethod
    async def session(parent: strawberry.Parent[records.SubSession], info: Info) -> domain.sessions.Session:
        return await resolvers.sessions.get_session(info.context, parent.session_id)

    @strawberry.field(description="Who worked.", graphql_type=Developer)
    @staticmethod
    async def developer(parent: strawberry.Parent[records.SubSession], info: Info) -> domain.access.User:
        user = await info.context.loaders.user.load(parent.user_id)
        if user is None:
            raise NotFound("no such developer")
        return user

    @strawberry.field(description="What the user wrote in it, by time.", graphql_type=list[Prompt])
    @staticmethod
    async def prompts(parent: strawberry.Parent[records.SubSession], info: Info) -> list[PromptShown]:
        found = await resolvers.timeline.list_events(info.context, parent.session_id, parent.prompt_ids)
        return [PromptShown(stored, parent.id) for stored in found]

    @strawberry.field(description="What happened in it, by time.", graphql_type=Connection[Event])
    @staticmethod
    async def timeline(
        parent: strawberry.Parent[records.SubSession],
        info: Info,
        first: FirstEvents = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[StoredEvent]:
        asked = window(first, after, last, before, EVENTS)
        page = await resolvers.timeline.events_of_arc(info.context, parent, asked)
        return Listing(page, lambda: resolvers.timeline.count_events_of_arc(info.context, parent))

    @strawberry.field(
        description="The arc that this fragment was joined to; null unless it is merged.",
        graphql_type=Optional[Annotated["SubSession", strawberry.lazy("schema.judging")]],  # noqa: UP045 - lazy
    )
    @staticmethod
    async def merged_into(parent: strawberry.Parent[records.SubSession], info: Info) -> records.SubSession | None:
        id = parent.merged_into_id
        return None if id is None else await resolvers.judging.find_sub_session(info.context, id)

    @strawberry.field(
        description="The fragments joined in it, itself included; empty for a fragment.",
        graphql_type=list[Annotated["SubSession", strawberry.lazy("schema.judging")]],
    )
    @staticmethod
    async def fragments(parent: strawberry.Parent[records.SubSession], info: Info) -> list[records.SubSession]:
        return await resolvers.judging.fragments_of(info.context, parent)

    @strawberry.field(
        description="The earlier arcs that it undid, newest first: those whose `rework` names it.",
        graphql_type=list[Annotated["SubSession", strawberry.lazy("schema.judging")]],
    )
    @staticmethod
    async def reworked(parent: strawberry.Parent[records.SubSession], info: Info) -> list[records.SubSession]:
        return await resolvers.judging.reworked_by(info.context, parent)

    @strawberry.field(
        description="The tools called in it, those with the most calls first.", graphql_type=list[ArcTool]
    )
    @staticmethod
    async def tools(parent: strawberry.Parent[records.SubSession], info: Info) -> list[ToolCount]:
        return await resolvers.timeline.tools_of_arc(info.context, parent)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, records.SubSession)


@strawberry.input(description="Which of the arcs behind a figure; all given conditions must hold.")
class FigureFilterInput:
    intent: Intent | None = strawberry.field(default=None, description="What the user was after.")
    flag: FlagKind | None = strawberry.field(default=None, description="A kind of integrity flag that it bears.")
    exclusion_reason: TriviaReason | None = strawberry.field(default=None, description="Why it is not scored.")
    judge_status: JudgeStatus | None = strawberry.field(default=None, description="Whether there is a verdict.")
    letter_grade: str | None = strawberry.field(
        default=None, description="Of the prompts, A+ to F; a preview while it is open."
    )
    habit: Habit | None = strawberry.field(default=None, description="A prompt habit that it was asked for.")
    habit_shown: bool | None = strawberry.field(
        default=None, description="Whether that habit showed. Only together with `habit`."
    )

    def narrowed(self, wanted: SubSessionFilter) -> SubSessionFilter:
        """Raises Invalid."""
        if self.habit is None and self.habit_shown is not None:
            raise Invalid("habitShown needs a habit")
        return replace(
            wanted,
            intent=self.intent,
            flag=self.flag,
            excluded_reason=self.exclusion_reason,
            judge_status=self.judge_status,
            letter_grade=plain(self.letter_grade),
            habit=self.habit,
            habit_shown=self.habit_shown,
        )


@strawberry.input(description="Which goal arcs; all given conditions must hold.")
class SubSessionFilterInput(FigureFilterInput):
    search: str | None = strawberry.field(
        default=None,
        description="What stands in its title, its summary or the prompts in it, as `SessionFilterInput.search` reads"
        " it.",
    )
    started_at: TimeRangeInput | None = strawberry.field(default=None, description="When the arc began.")
    developer: strawberry.ID | None = strawberry.field(default=None, description="Whose arcs: a developer's id.")
    session: strawberry.ID | None = strawberry.field(default=None, description="The session it began in, by its id.")
    source_service: str | None = strawberry.field(
        default=None, description="The tool, such as `claude-code`; `-` and `_` are the same."
    )
    state: State | None = strawberry.field(
        default=None, description="How far it has come. Merged fragments are shown only when asked for here."
    )
    qualifying: bool | None = strawberry.field(
        default=None, description="Whether it stands in the score's denominator: `totalCount`."
    )
    crushed: bool | None = strawberry.field(
        default=None, description="Whether it stands in the score's numerator: `crushedCount`."
    )
    past_floor: bool | None = strawberry.field(
        default=None, description="Whether it is closed and past the substance floor, graded or not."
    )
    graded: bool | None = strawberry.field(
        default=None, description="Whether it is closed, past the substance floor and has a grade: `gradedCount`."
    )
    flagged: bool | None = strawberry.field(default=None, description="Whether it bears an integrity flag.")

    def wanted(self) -> SubSessionFilter:
        """Raises Invalid."""
        session = None if self.session is None else plain(nodes.session_id(self.session))
        wanted = SubSessionFilter(
            within=span(self.started_at),
            user_id=None if self.developer is None else nodes.user_id(self.developer),
            session_id=None if session is None else SessionId(session),
            source_service=plain(self.source_service),
            state=self.state,
            qualifying=self.qualifying,
            crushed=self.crushed,
            past_floor=self.past_floor,
            graded=self.graded,
            flagged=self.flagged,
            search=None if self.search is None else search.read(self.search),
        )
        return self.narrowed(wanted)


Filter = Annotated[SubSessionFilterInput | None, strawberry.argument(description="Which; all if left out.")]


@strawberry.type
class JudgingQueries:
    @strawberry.field(
        description="One goal arc by its global id or its UUID. NOT_FOUND for one out of reach.",
        graphql_type=SubSession | None,
    )
    @staticmethod
    async def sub_session(
        info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id or its UUID.")]
    ) -> records.SubSession:
        return await resolvers.judging.get_sub_session(info.context, nodes.sub_session_id(id))

    @strawberry.field(description="Goal arcs, newest first.", graphql_type=Connection[SubSession])
    @staticmethod
    async def sub_sessions(
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[records.SubSession]:
        wanted = SubSessionFilter() if filter is None else filter.wanted()
        return await list_arcs(info.context, wanted, window(first, after, last, before))


async def list_arcs(ctx: Context, wanted: SubSessionFilter, asked: Window[str]) -> Listing[records.SubSession]:
    """A page of them, counted if somebody asks."""
    page = await resolvers.judging.list_sub_sessions(ctx, wanted, asked)
    return Listing(page, lambda: resolvers.judging.count_sub_sessions(ctx, wanted))


async def find_sub_session(ctx: Context, key: str) -> records.SubSession | None:
    return await resolvers.judging.find_sub_session(ctx, SubSessionId(nodes.uuid(key)))
