"""How a session went: in words, goal by goal, turn by turn."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple, Optional

import strawberry

import domain.judging.records
import domain.scores.session
import domain.sessions
import domain.summaries
import resolvers.judging
import resolvers.session_parts
import resolvers.sessions
import resolvers.summaries
import resolvers.timeline
from domain.languages import Phrases
from domain.session_parts import MOST_PARTS, ToolUsed
from domain.session_turns import MOST_OF_A_TURN, TurnRole, TurnTaken
from domain.summaries import Ending, SessionOutcome, Step
from domain.summary_texts import summary_text
from domain.values import EventId, SessionId
from resolvers.session_parts import PARTS
from schema.judging_enums import Intent
from schema.report_documents import Language
from schema.session_parts import SessionTool
from schema.timeline import Prompt, PromptShown, Tokens
from schema.values import Info, Long, describe

if TYPE_CHECKING:
    from schema.judging import SubSession
    from schema.sessions import Session

describe(
    Ending,
    "How the work on a goal came out.",
    {
        "reached": "It was reached, and lasted.",
        "missed": "It was not reached.",
        "undone": "It was reached, but later work undid it.",
        "pending": "Nobody has judged it yet.",
        "left_out": "Too little was done to judge it.",
        "continued": "It counts for a goal arc that began in another session.",
    },
    name="GoalEnding",
)
describe(
    SessionOutcome,
    "How a session came out, by those of its goals that were judged.",
    {
        "reached": "All were reached.",
        "partly_reached": "Some were reached.",
        "missed": "None was reached.",
        "undone": "None lasted: later work undid what was reached.",
        "pending": "None was judged yet.",
        "left_out": "Too little was done to judge any.",
        "continued": "All of it counts for a goal arc that began in another session.",
    },
)
describe(
    TurnRole,
    "Why a turn mattered.",
    {
        "goal": "It named the goal.",
        "setback": "In it the developer found fault with the work so far.",
        "largest_change": "It led to the largest change.",
        "reached": "It led to the goal.",
    },
    name="KeyTurnRole",
)

InLanguage = Annotated[
    Language | None, strawberry.argument(description="What to write in; the organisation's own if left out.")
]
Parts = Annotated[
    int, strawberry.argument(description=f"So many from the start: 1-{MOST_PARTS}. Left out: `first: {PARTS}`.")
]


async def prompt_of(info: Info, session_id: SessionId, id: EventId) -> PromptShown | None:
    stored = await resolvers.timeline.list_events(info.context, session_id, [id])
    return PromptShown(stored[0]) if stored else None


class TurnShown(NamedTuple):
    session_id: SessionId
    turn: TurnTaken


class KeyTurnShown(NamedTuple):
    session_id: SessionId
    turn: domain.summaries.KeyTurn


@strawberry.type(description="How often a tool was called in a turn.")
class TurnTool:
    name: str = strawberry.field(description="As the agent calls it.")
    call_count: int = strawberry.field(description="Its calls.")


@strawberry.type(description="What followed a prompt until the next one, by sub-agents too.")
class SessionTurn:
    turn__index: int = strawberry.field(name="turnIndex", description="Its place in the session, from 0.")
    turn__started_at: datetime = strawberry.field(name="startedAt", description="When the prompt was sent.")
    turn__ended_at: datetime = strawberry.field(name="endedAt", description="When the last of it happened.")
    turn__elapsed_ms: Long = strawberry.field(name="elapsedMs", description="Milliseconds from the one to the other.")
    turn__model: str | None = strawberry.field(
        name="model", description="The model that used most tokens; null where none is told."
    )
    turn__tokens: Tokens = strawberry.field(name="tokens", description="Tokens of its responses, each counted once.")
    turn__cost_usd: float | None = strawberry.field(
        name="costUsd", description="US dollars, as in Session; null where any response has no price."
    )
    turn__call_count: int = strawberry.field(name="toolCallCount", description="Tool calls of the assistant.")
    turn__error_count: int = strawberry.field(name="toolErrorCount", description="Tool calls that failed.")
    turn__tools: list[TurnTool] = strawberry.field(
        name="tools", description=f"Tools that were called, the busiest {MOST_OF_A_TURN} first."
    )
    turn__files: list[str] = strawberry.field(
        name="files", description=f"Paths of the files that were changed, the busiest {MOST_OF_A_TURN} first."
    )
    turn__lines_added: Long = strawberry.field(name="linesAdded", description="Lines added in all files.")
    turn__lines_removed: Long = strawberry.field(name="linesRemoved", description="Lines taken out of all files.")

    @strawberry.field(description="What the user wrote; null where the event is gone.", graphql_type=Prompt | None)
    @staticmethod
    async def prompt(parent: strawberry.Parent[TurnShown], info: Info) -> PromptShown | None:
        return await prompt_of(info, parent.session_id, parent.turn.prompt_id)


@strawberry.type(description="What the goal arcs of a session come to, by the formulas of a window.")
class SessionScores:
    prism_score: float | None = strawberry.field(
        description="100 * crushedCount / totalCount, one decimal; null where nothing qualifies."
    )
    crush_weight: float | None = strawberry.field(
        description="Share of the tokens that crushed arcs spent, 0-1 with two decimals; null without tokens."
    )
    apg: float | None = strawberry.field(
        description="The average prompt grade, 0-1 with two decimals; null where nothing was graded."
    )
    crushed_count: int = strawberry.field(description="Qualifying arcs whose goal was reached and that lasted.")
    total_count: int = strawberry.field(description="Qualifying arcs.")


Held = strawberry.Parent[domain.sessions.Session]


@strawberry.type(description=f"A session turn by turn, as last judged; {MOST_PARTS:,} turns and tools at most.")
class SessionDetails:
    @strawberry.field(description="Its turns in order.", graphql_type=list[SessionTurn])
    @staticmethod
    async def turns(parent: Held, info: Info, first: Parts = PARTS) -> list[TurnShown]:
        turns = await resolvers.summaries.turns_of_session(info.context, parent.id, first)
        return [TurnShown(parent.id, turn) for turn in turns]

    @strawberry.field(
        description="What its tools did, those with the most calls first.", graphql_type=list[SessionTool]
    )
    @staticmethod
    async def tools(parent: Held, info: Info, first: Parts = PARTS) -> Sequence[ToolUsed]:
        return await resolvers.session_parts.tools_of_session(info.context, parent.id, first)

    @strawberry.field(description="What its goal arcs come to.", graphql_type=SessionScores)
    @staticmethod
    async def scores(parent: Held, info: Info) -> domain.scores.session.SessionScores:
        return await resolvers.summaries.scores_of_session(info.context, parent.id)


@strawberry.type(description="A goal on the way through a session.")
class SessionStep:
    title: str | None = strawberry.field(description="What it was about; null where no prompt says.")
    intent: Intent | None = strawberry.field(description="What kind of goal; null where none was established.")
    ending: Ending = strawberry.field(description="How it came out.")
    started_at: datetime = strawberry.field(description="When work on it began.")
    turn_count: int = strawberry.field(description="Prompts of it, in other sessions too.")

    @strawberry.field(
        description="Its goal arc, or the fragment that counts for one; null where it changed meanwhile.",
        graphql_type=Optional[Annotated["SubSession", strawberry.lazy("schema.judging")]],  # noqa: UP045 - lazy
    )
    @staticmethod
    async def sub_session(parent: strawberry.Parent[Step], info: Info) -> domain.judging.records.SubSession | None:
        return await resolvers.judging.find_sub_session(info.context, parent.sub_session_id)


@strawberry.type(description="A turn that mattered.")
class KeyTurn:
    turn__role: TurnRole = strawberry.field(name="role", description="Why it mattered.")
    turn__index: int = strawberry.field(name="turnIndex", description="Its place in the session, from 0.")
    turn__at: datetime = strawberry.field(name="at", description="When the prompt was sent.")

    @strawberry.field(description="What the user wrote; null where the event is gone.", graphql_type=Prompt | None)
    @staticmethod
    async def prompt(parent: strawberry.Parent[KeyTurnShown], info: Info) -> PromptShown | None:
        return await prompt_of(info, parent.session_id, parent.turn.prompt_id)


class Summed(NamedTuple):
    """A summary, and how it is written."""

    told: domain.summaries.SessionSummary
    words: Phrases


@strawberry.type(
    description="How a session went that ended: what it was for, the way, the end, the turns that mattered."
)
class SessionSummary:
    told__title: str | None = strawberry.field(
        name="title",
        description="As a person called it, else the tool, else its goal; 60 characters at most. Null without any.",
    )
    told__goal: str | None = strawberry.field(
        name="goal", description="What most of it was for; null where no prompt says."
    )
    told__outcome: SessionOutcome = strawberry.field(name="outcome", description="How it came out.")
    told__session_type: Intent | None = strawberry.field(
        name="type", description="The intent of most of its goal arcs; null where none has one."
    )
    told__steps: list[SessionStep] = strawberry.field(name="path", description="Its goals, oldest first.")
    told__course__started_at: datetime = strawberry.field(name="startedAt", description="When it began.")
    told__course__ended_at: datetime = strawberry.field(name="endedAt", description="When it ended.")
    told__course__turn_count: int = strawberry.field(name="turnCount", description="Prompts, without commands.")
    told__course__file_count: int = strawberry.field(name="fileCount", description="Files it changed.")
    told__course__lines_added: Long = strawberry.field(name="linesAdded", description="Lines added in all files.")
    told__course__lines_removed: Long = strawberry.field(
        name="linesRemoved", description="Lines taken out of all files."
    )
    told__tokens: Tokens = strawberry.field(name="tokens", description="Tokens of all responses, each counted once.")
    told__cost_usd: float | None = strawberry.field(
        name="costUsd", description="US dollars, as in Session; null where any response has no price."
    )
    words__language: Language = strawberry.field(name="language", description="What it is written in.")
    told__created_at: datetime = strawberry.field(name="createdAt", description="When it was first written.")
    told__updated_at: datetime = strawberry.field(name="updatedAt", description="When anything of it last changed.")

    @strawberry.field(description="All of it in at most 240 characters.")
    @staticmethod
    def text(parent: strawberry.Parent[Summed]) -> str:
        return summary_text(parent.told, parent.words)

    @strawberry.field(
        description="Milliseconds of its longest stretch without a pause of 15 minutes or a reset of the context."
    )
    @staticmethod
    def focus_duration_ms(parent: strawberry.Parent[Summed]) -> Long:
        return Long(round(parent.told.course.focus.total_seconds() * 1000))

    @strawberry.field(description="The turns that mattered, three at most, in order.", graphql_type=list[KeyTurn])
    @staticmethod
    def key_turns(parent: strawberry.Parent[Summed]) -> list[KeyTurnShown]:
        return [KeyTurnShown(parent.told.session_id, turn) for turn in parent.told.course.key_turns]

    @strawberry.field(
        description="The session it tells of.", graphql_type=Annotated["Session", strawberry.lazy("schema.sessions")]
    )
    @staticmethod
    async def session(parent: strawberry.Parent[Summed], info: Info) -> domain.sessions.Session:
        return await resolvers.sessions.get_session(info.context, parent.told.session_id)


async def summary_of(info: Info, id: SessionId, language: Language | None) -> Summed | None:
    found = await resolvers.summaries.summary_of_session(info.context, id)
    return None if found is None else Summed(found, resolvers.summaries.words(info.context, language))
