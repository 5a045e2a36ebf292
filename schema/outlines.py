"""Timelines from afar."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

import domain.outlines
import resolvers.timeline
from domain.outlines import EVERY, MOST_MARKS, Mark, MarkKind, Place
from schema import nodes
from schema.values import describe

describe(
    MarkKind,
    "What stands out in a timeline.",
    {
        "prompt": "The user wrote to the assistant.",
        "error": "A tool call, command or build failed.",
        "test_failure": "Tests ran, and some failed.",
        "api_error": "The model's service answered with an error.",
        "commit": "A commit was made.",
        "revert": "A commit was taken back.",
        "pull_request": "A pull request was opened.",
        "interruption": "The user stopped the assistant.",
        "context_clear": "The conversation was cleared.",
    },
    name="TimelineMarkKind",
)


@strawberry.type(description="An event that stands out. A call that failed is one mark, however many events tell so.")
class TimelineMark:
    kind: MarkKind = strawberry.field(description="Why it stands out.")
    index: int = strawberry.field(description="Its place in the timeline, from 0.")
    ts: datetime = strawberry.field(description="When it happened.")
    agent_id: str | None = strawberry.field(description="The sub-agent that did it; null for the main one.")

    @strawberry.field(description="Global id of the event.", graphql_type=strawberry.ID)
    @staticmethod
    def event_id(parent: strawberry.Parent[Mark]) -> str:
        return nodes.encode("Event", f"{parent.event_id}:{parent.session_id}")


@strawberry.type(description="Where a page of a timeline begins.")
class TimelinePlace:
    index: int = strawberry.field(description="The place in the timeline of the first event of the page, from 0.")

    @strawberry.field(
        description="For `after` of `timeline` with the same `kinds`: the page follows; null for the first. Opaque."
    )
    @staticmethod
    def cursor(parent: strawberry.Parent[Place]) -> str | None:
        return None if parent.after is None else resolvers.timeline.cursor_of(parent.after)


@strawberry.type(description="Time in which no event was more than five minutes after the one before.")
class TimelineStretch:
    begins: datetime = strawberry.field(name="from", description="Its first event.")
    ends: datetime = strawberry.field(name="to", description="Its last event.")


@strawberry.type(description="A timeline seen from afar, so that any part of it can be gone to at once.")
class TimelineOutline:
    event_count: int = strawberry.field(description="Events of the kinds asked for.")
    mark_count: int = strawberry.field(description="Events that stand out.")

    @strawberry.field(
        description=f"Where each page of {EVERY} events begins, in order.",
        graphql_type=list[TimelinePlace],
    )
    @staticmethod
    def places(parent: strawberry.Parent[domain.outlines.Outline]) -> Sequence[Place]:
        return parent.places

    @strawberry.field(
        description="When something happened, in order; what lies between was a pause.",
        graphql_type=list[TimelineStretch],
    )
    @staticmethod
    def stretches(parent: strawberry.Parent[domain.outlines.Outline]) -> Sequence[domain.outlines.Lasting]:
        return parent.stretches

    @strawberry.field(
        description=f"What stands out, by time: the first {MOST_MARKS:,}.", graphql_type=list[TimelineMark]
    )
    @staticmethod
    def marks(parent: strawberry.Parent[domain.outlines.Outline]) -> Sequence[Mark]:
        return parent.marks
