"""What happened: events, prompts, tokens."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import strawberry

import domain.sessions
import resolvers.sessions
import resolvers.timeline
from domain.judging.prompts import JudgedPrompt
from domain.timeline import StoredEvent
from domain.values import SubSessionId
from resolvers.context import Context
from schema import nodes
from schema.judging_enums import Habit
from schema.nodes import Node
from schema.timeline_enums import ActorType, Attribution, Kind, Observability
from schema.values import Info, Json, Long

if TYPE_CHECKING:
    from schema.sessions import Session


@strawberry.type(description="The four token classes of one or many model responses.")
class Tokens:
    input: Long = strawberry.field(description="Tokens sent and not cached.")
    output: Long = strawberry.field(description="Tokens the model wrote.")
    cache_read: Long = strawberry.field(description="Tokens taken from the provider's cache.")
    cache_write: Long = strawberry.field(description="Tokens put into the provider's cache.")
    total: Long = strawberry.field(description="The sum of the four.")


@strawberry.type(description="Where the knowledge of an event comes from.")
class Provenance:
    attribution: Attribution = strawberry.field(description="Who the change is ascribed to.")
    confidence: float = strawberry.field(description="How sure that is, 0-1; 0.5 unless the source said.")
    observability: Observability = strawberry.field(description="How well the source could see.")


@strawberry.type(description="One thing that happened. The log is append-only: an event never changes.")
class Event(Node):
    event__kind: Kind = strawberry.field(name="kind", description="What it is about.")
    event__ts: datetime = strawberry.field(name="ts", description="When it happened, by the clock of its source.")
    created_at: datetime = strawberry.field(name="receivedAt", description="When this server stored it.")
    event__actor: ActorType = strawberry.field(name="actor", description="Who did it.")
    event__tool: str | None = strawberry.field(name="tool", description="Name of the tool called, if any.")
    event__path: str | None = strawberry.field(name="path", description="The file it is about, if any.")
    event__exit_code: Long | None = strawberry.field(name="exitCode", description="Of a command that ended.")
    event__succeeded: bool | None = strawberry.field(name="succeeded", description="Null where nobody said.")
    event__duration_ms: Long | None = strawberry.field(name="durationMs", description="Milliseconds it took.")
    event__model: str | None = strawberry.field(name="model", description="The model asked, if any.")
    event__cost_usd: float | None = strawberry.field(name="costUsd", description="US dollars, as the source said.")
    event__lines_added: Long | None = strawberry.field(name="linesAdded", description="Lines added to the file.")
    event__lines_removed: Long | None = strawberry.field(name="linesRemoved", description="Lines taken out of it.")
    event__agent_id: str | None = strawberry.field(
        name="agentId", description="The sub-agent that did it; null for the main one."
    )
    event__call_id: str | None = strawberry.field(
        name="callId", description="Joins a tool call to its results and changes."
    )
    event__request_id: str | None = strawberry.field(
        name="requestId",
        description="Names the response that `tokens` belong to: of several events with one id the largest counts.",
    )
    event__data: Json = strawberry.field(
        name="data", description="The rest of the payload; `redacted: true` where secrets were taken out."
    )
    event__source: Json = strawberry.field(name="source", description="Channel, integration and emitter.")
    event__tokens: Tokens | None = strawberry.field(
        name="tokens", description="Tokens of the response; null where the event tells of none."
    )
    event__provenance: Provenance = strawberry.field(name="provenance", description="Where the knowledge comes from.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[StoredEvent]) -> str:
        return nodes.encode("Event", nodes.event_key(parent.event))

    @strawberry.field(description="The id it was sent with, a UUID.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[StoredEvent]) -> str:
        return str(parent.event.id)

    @strawberry.field(
        description="The session it happened in.",
        graphql_type=Annotated["Session", strawberry.lazy("schema.sessions")],
    )
    @staticmethod
    async def session(parent: strawberry.Parent[StoredEvent], info: Info) -> domain.sessions.Session:
        return await resolvers.sessions.get_session(info.context, parent.event.session_id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, StoredEvent)


class PromptShown(NamedTuple):
    """An event shown as what the user wrote in it, in an arc where it is shown in one."""

    stored: StoredEvent
    arc_id: SubSessionId | None = None


class PromptHabitShown(NamedTuple):
    habit: Habit
    shown: bool | None


@strawberry.type(description="One habit in one prompt.")
class PromptHabit:
    habit: Habit = strawberry.field(description="Which habit.")
    shown: bool | None = strawberry.field(
        description="Whether the prompt shows it; null where it does not apply to the arc, and for what is looked for"
        " in the first two turns alone in those that follow."
    )


@strawberry.type(description="What the user wrote in one turn.")
class Prompt(Node):
    stored__event__ts: datetime = strawberry.field(name="ts", description="When it was sent.")
    stored: Event = strawberry.field(name="event", description="The event of this prompt.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[PromptShown]) -> str:
        return nodes.encode("Prompt", nodes.event_key(parent.stored.event))

    @strawberry.field(description="The text, after redaction; null where the source kept it to itself.")
    @staticmethod
    def text(parent: strawberry.Parent[PromptShown]) -> str | None:
        text = parent.stored.event.data.get("text")
        return text if isinstance(text, str) else None

    @strawberry.field(description="Tokens of the text; a quarter of its characters where the source did not count.")
    @staticmethod
    def token_count(parent: strawberry.Parent[PromptShown]) -> Long | None:
        count = parent.stored.event.data.get("tokenCount")
        return Long(int(count)) if isinstance(count, int | float) and abs(count) < 2**63 else None

    @strawberry.field(
        description="Its place among the turns of its goal arc, from 0; null for commands and outside of arcs."
    )
    @staticmethod
    async def turn_index(parent: strawberry.Parent[PromptShown], info: Info) -> int | None:
        judged = await _judged(parent, info)
        return None if judged is None else judged.turn_index

    @strawberry.field(
        description="The seven prompt habits; none for commands, and in an arc that nobody judged. Arcs have a grade,"
        " prompts have none.",
        graphql_type=list[PromptHabit],
    )
    @staticmethod
    async def habits(parent: strawberry.Parent[PromptShown], info: Info) -> list[PromptHabitShown]:
        judged = await _judged(parent, info)
        if judged is None or judged.habits is None:
            return []
        return [PromptHabitShown(habit, shown) for habit, shown in judged.habits.items()]

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, PromptShown)


async def _judged(prompt: PromptShown, info: Info) -> JudgedPrompt | None:
    return await resolvers.timeline.judged_prompt(info.context, prompt.stored.event, prompt.arc_id)


async def find_event(ctx: Context, key: str) -> StoredEvent | None:
    return await resolvers.timeline.find_event(ctx, *nodes.event_place(key))


async def find_prompt(ctx: Context, key: str) -> PromptShown | None:
    stored = await find_event(ctx, key)
    return PromptShown(stored) if stored is not None and stored.event.kind is Kind.PROMPT else None
