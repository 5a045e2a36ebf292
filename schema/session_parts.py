"""What a session is made up of, and where it meets a search."""

from datetime import datetime

import strawberry

import domain.session_parts
from domain.timeline import StoredEvent
from resolvers.session_parts import Highlight, TextSource
from schema import nodes
from schema.timeline import Event, Tokens
from schema.values import Long, describe

describe(
    TextSource,
    "Which text of a session meets a search.",
    {
        "title": "What it is called.",
        "arc_title": "The title of one of its goal arcs.",
        "summary": "The summary of one of its goal arcs.",
        "prompt": "What the user wrote.",
    },
    name="SessionTextSource",
)


@strawberry.type(description="A file that a session touched.")
class SessionFile:
    path: str = strawberry.field(description="As the tool named it.")
    lines_added: Long = strawberry.field(description="Lines added, over all changes.")
    lines_removed: Long = strawberry.field(description="Lines removed, over all changes.")
    edit_count: Long = strawberry.field(description="Changes that were told; 0 where a shell command did it.")
    created: bool = strawberry.field(description="The session made it, and left it there.")
    deleted: bool = strawberry.field(description="It was there before, and the session removed it.")


@strawberry.type(description="A tool that the assistant called in a session.")
class SessionTool:
    name: str = strawberry.field(description="As the agent calls it; those of MCP servers as `mcp__server__tool`.")
    call_count: Long = strawberry.field(description="Calls, those of sub-agents too.")
    error_count: Long = strawberry.field(description="Calls that failed.")
    mutating_count: Long = strawberry.field(description="Calls that changed something.")
    duration_ms: Long | None = strawberry.field(
        description="Milliseconds that the calls took together, as far as they tell; null where none does."
    )


@strawberry.type(description="A model that answered in a session.")
class SessionModel:
    name: str | None = strawberry.field(description="As the agent calls it; null where nobody named it.")
    response_count: Long = strawberry.field(description="Its responses.")
    tokens: Tokens = strawberry.field(description="Tokens of its responses, each response counted once.")
    tokens_are_lower_bound: bool = strawberry.field(description="The source told too few output tokens of some.")
    cost_usd: float | None = strawberry.field(
        description="US dollars, as the source said or by list price; null where any response has no price."
    )
    unpriced_count: Long = strawberry.field(description="Responses without a price.")

    @strawberry.field(description="Whether any response has no price, so that the cost is not known.")
    @staticmethod
    def unpriced(parent: strawberry.Parent[domain.session_parts.ModelUsed]) -> bool:
        return parent.unpriced_count > 0


@strawberry.type(description="An assistant that the assistant of a session had work for it.")
class SubAgent:
    id: str = strawberry.field(name="agentId", description="Its id in the session, as `agentId` of events has it.")
    kind: str | None = strawberry.field(name="type", description="Which one was called for; null if not known.")
    description: str | None = strawberry.field(description="What it was called for; null if not known.")
    call_count: Long | None = strawberry.field(description="Its tool calls; null where nothing was recorded of it.")
    error_count: Long | None = strawberry.field(description="Those that failed; null as above.")
    tokens: Tokens | None = strawberry.field(description="Tokens of its model responses; null as above.")
    cost_usd: float | None = strawberry.field(description="US dollars; null where any response has no price.")
    started_at: datetime = strawberry.field(description="Its first event; that of the call where none was recorded.")
    ended_at: datetime = strawberry.field(description="Its last event so far, or the answer to the call.")

    @strawberry.field(description="Milliseconds from the one to the other.")
    @staticmethod
    def duration_ms(parent: strawberry.Parent[domain.session_parts.SubAgent]) -> Long:
        return Long(round((parent.ended_at - parent.started_at).total_seconds() * 1000))


def _text(stored: StoredEvent, name: str) -> str | None:
    value = stored.event.data.get(name)
    return value if isinstance(value, str) else None


@strawberry.type(description="A decision that was noted while working. What is null was not told.")
class Decision:
    event__ts: datetime = strawberry.field(name="ts", description="When it was made.")

    @strawberry.field(description="The event of it.", graphql_type=Event)
    @staticmethod
    def event(parent: strawberry.Parent[StoredEvent]) -> StoredEvent:
        return parent

    @strawberry.field(description="What was decided.")
    @staticmethod
    def title(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "title")

    @strawberry.field(description="What was chosen.")
    @staticmethod
    def chosen_option(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "chosenOption")

    @strawberry.field(description="What made it necessary.")
    @staticmethod
    def context(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "context")

    @strawberry.field(description="What speaks against it.")
    @staticmethod
    def tradeoffs(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "tradeoffs")

    @strawberry.field(description="Why it was chosen all the same.")
    @staticmethod
    def rationale(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "rationale")

    @strawberry.field(description="From 1, minor, to 5, major.")
    @staticmethod
    def impact_score(parent: strawberry.Parent[StoredEvent]) -> float | None:
        value = parent.event.data.get("impactScore")
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @strawberry.field(description="Such as `architecture`, `dependency` or `config`.")
    @staticmethod
    def category(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "category")

    @strawberry.field(description="Such as `high`, `medium` or `low`.")
    @staticmethod
    def severity(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "severity")

    @strawberry.field(description="How it was noted, such as `mcp` or `cli`.")
    @staticmethod
    def captured_via(parent: strawberry.Parent[StoredEvent]) -> str | None:
        return _text(parent, "capturedVia")

    @strawberry.field(description="Found afterwards: whoever decided did not note it.")
    @staticmethod
    def missed(parent: strawberry.Parent[StoredEvent]) -> bool | None:
        value = parent.event.data.get("missedDecision")
        return value if isinstance(value, bool) else None


@strawberry.type(description="A stretch of a text.")
class HighlightFragment:
    text: str = strawberry.field(description="The stretch.")
    matched: bool = strawberry.field(description="It is what was looked for.")


@strawberry.type(description="Where a session meets a search.")
class SessionHighlight:
    source: TextSource = strawberry.field(description="Which text it is.")
    fragments: list[HighlightFragment] = strawberry.field(
        description="The text around the first match, up to 240 characters, in stretches that belong together."
    )
    at: datetime | None = strawberry.field(description="When the prompt was sent or the arc began; null for a title.")

    @strawberry.field(
        description="Global id of the prompt, the goal arc or the session whose text it is.", graphql_type=strawberry.ID
    )
    @staticmethod
    def node_id(parent: strawberry.Parent[Highlight]) -> str:
        if parent.event_id is not None:
            return nodes.encode("Prompt", f"{parent.event_id}:{parent.session_id}")
        if parent.sub_session_id is not None:
            return nodes.encode("SubSession", parent.sub_session_id)
        return nodes.encode("Session", parent.session_id)
