"""Events in: the envelope, typed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple

import strawberry

import resolvers.ingest
from domain.errors import DomainError, Fault
from domain.ingest.faults import IngestErrorCode
from domain.timeline import StoredEvent
from domain.values import JsonObject, JsonValue
from resolvers.ingest import IngestResult, Receipt
from schema.timeline import Event
from schema.timeline_enums import ActorType, Attribution, Kind, Observability
from schema.user_errors import UserError, expected
from schema.values import Info, Json, describe

describe(
    Receipt,
    "What became of an event that was sent.",
    {
        "accepted": "Stored for the first time.",
        "skipped": "An event with this id is stored already; nothing changed.",
        "refused": "Not stored; the errors say why. Others of the batch are not affected.",
    },
    name="IngestStatus",
)


describe(
    IngestErrorCode,
    "Why an event, or the whole batch, is not stored.",
    {
        "no_events": "The batch is empty.",
        "too_many_events": "The batch has more than 1,000 events.",
        "session_forbidden": "The session is another developer's, or not the one of a candidate's key. The whole batch"
        " is refused.",
        "missing": "A member that events of this kind need is not there.",
        "too_short": "The text is empty.",
        "too_long": "The text has too many characters.",
        "out_of_range": "The number or the time is too small or too large.",
        "not_allowed": "None of the values that may be sent, such as a kind of our own importers.",
        "invalid": "Of another form: no UUID, no object, no text.",
    },
)


class Channel(StrEnum):
    HOOK = "hook"
    CLI = "cli"
    MCP = "mcp"
    API = "api"
    WORKER = "worker"
    IMPORT = "import"
    IDE_EXTENSION = "ide-extension"
    TERMINAL = "terminal"
    UNKNOWN = "unknown"


describe(
    Channel,
    "How an event came about.",
    {
        "hook": "A hook of the coding tool.",
        "cli": "A command line.",
        "mcp": "An MCP server.",
        "api": "A program that calls this API.",
        "worker": "A background worker.",
        "import": "An importer of recorded sessions.",
        "ide-extension": "An extension of an editor.",
        "terminal": "A shell that a person types into.",
        "unknown": "Nobody said.",
    },
)


@strawberry.input(description="Where an event comes from.")
class SourceInput:
    channel: Channel = strawberry.field(default=Channel.API, description="How it came about.")
    integration: str | None = strawberry.field(default=None, description="Tool family, such as `claude-code`; <= 128.")
    emitter: str | None = strawberry.field(default=None, description="What exactly sent it; <= 128 characters.")


@strawberry.input(description="Who did it.")
class ActorInput:
    type: ActorType = strawberry.field(default=ActorType.UNKNOWN, description="What sort of actor.")
    id: str | None = strawberry.field(default=None, description="Which one.")
    role: str | None = strawberry.field(default=None, description="In what role.")
    display: str | None = strawberry.field(default=None, description="What to call it.")


@strawberry.input(description="How the knowledge was come by.")
class ProvenanceInput:
    attribution: Attribution = strawberry.field(default=Attribution.UNKNOWN, description="Who it is ascribed to.")
    confidence: float = strawberry.field(default=0.5, description="How sure that is, 0-1.")
    observability: Observability = strawberry.field(default=Observability.PARTIAL, description="How much was seen.")
    methods: list[str] | None = strawberry.field(default=None, description="How it was found out.")


@strawberry.input(description="One event. What `data` must hold depends on the kind.")
class EventInput:
    raw_id: strawberry.ID = strawberry.field(description="A UUID, stable: the same id again changes nothing.")
    session_id: str = strawberry.field(description="The agent's own session id, 1-255 characters; new ones are made.")
    ts: datetime = strawberry.field(description="When it happened.")
    kind: Kind = strawberry.field(description="What it is about; those of our own importers are refused.")
    data: JsonValue = strawberry.field(graphql_type=Json, description="An object; of a prompt `{text, tokenCount}`.")
    source: SourceInput = strawberry.field(default_factory=SourceInput, description="Where it comes from.")
    actor: ActorInput = strawberry.field(default_factory=ActorInput, description="Who did it.")
    provenance: ProvenanceInput = strawberry.field(
        default_factory=ProvenanceInput, description="How the knowledge was come by."
    )


@strawberry.input(description="Events to store.")
class IngestEventsInput:
    events: list[EventInput] = strawberry.field(description="1-1,000 events, of one session or several.")


@strawberry.type(description="Why an event, or the whole batch, is not stored.")
class IngestError(UserError):
    code: IngestErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of one event.")
class IngestEventResult:
    index: int = strawberry.field(description="Its place among the events sent, from 0.")
    receipt: Receipt = strawberry.field(name="status", description="Stored, known already, or refused.")
    faults: list[IngestError] = strawberry.field(
        name="userErrors", description="Those of the payload's `userErrors` that are about this event."
    )

    @strawberry.field(description="The UUID that was sent; null if it was none.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[IngestResult]) -> str | None:
        return None if parent.id is None else str(parent.id)

    @strawberry.field(
        description="The event as it is stored, an earlier one with this id too; null if it was refused.",
        graphql_type=Event | None,
    )
    @staticmethod
    async def event(parent: strawberry.Parent[IngestResult], info: Info) -> StoredEvent | None:
        return await resolvers.ingest.event_of(info.context, parent)


class Ingested(NamedTuple):
    results: Sequence[IngestResult]
    user_errors: Sequence[Fault]


@strawberry.type(description="What became of a batch.")
class IngestEventsPayload:
    results: list[IngestEventResult] = strawberry.field(
        description="One for each event sent, in that order; empty if the batch was refused as a whole."
    )
    user_errors: list[IngestError] = strawberry.field(
        description="All that is wrong, of single events too, which leave the others alone; empty if all is well."
    )


def _without_nulls(members: dict[str, JsonValue]) -> JsonObject:
    """In the envelope an optional member may be missing but not null."""
    return {name: value for name, value in members.items() if value is not None}


def _envelope(event: EventInput) -> JsonValue:
    source, actor, provenance = event.source, event.actor, event.provenance
    methods: list[JsonValue] | None = None if provenance.methods is None else [*provenance.methods]
    return {
        "id": event.raw_id,
        "sessionId": event.session_id,
        "ts": event.ts.isoformat(),
        "kind": event.kind.value,
        "source": _without_nulls(
            {"channel": source.channel.value, "integration": source.integration, "emitter": source.emitter}
        ),
        "actor": _without_nulls(
            {"type": actor.type.value, "id": actor.id, "role": actor.role, "display": actor.display}
        ),
        "provenance": _without_nulls(
            {
                "attribution": provenance.attribution.value,
                "confidence": provenance.confidence,
                "observability": provenance.observability.value,
                "methods": methods,
            }
        ),
        "v": 1,
        "data": event.data,
    }


def _of_graph(fault: Fault) -> Fault:
    """With the name that the graph has for the envelope's `id`."""
    match fault.field:
        case ("events", index, "id"):
            return replace(fault, field=("events", index, "rawId"))
        case _:
            return fault


@strawberry.type
class IngestMutations:
    @strawberry.mutation(
        description="Stores events: idempotent, acknowledged once committed, judged soon after."
        " One bad event is refused alone.",
        graphql_type=IngestEventsPayload | None,
    )
    @staticmethod
    async def ingest_events(
        info: Info, input: Annotated[IngestEventsInput, strawberry.argument(description="The events.")]
    ) -> Ingested:
        try:
            results = await resolvers.ingest.ingest_events(info.context, [_envelope(event) for event in input.events])
        except DomainError as error:
            return Ingested((), expected(error))
        shown = [replace(result, faults=tuple(map(_of_graph, result.faults))) for result in results]
        return Ingested(shown, [fault for result in shown for fault in result.faults])
