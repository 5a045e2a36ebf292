"""What was found out about a goal arc: measures, habits, evidence, flags, the verdict."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple, Optional

import strawberry

import domain.judging.records as records
import resolvers.judging
import resolvers.timeline
from domain.timeline import StoredEvent
from domain.values import SessionId
from schema import nodes
from schema.judging_enums import FlagKind, Habit, Intent, JudgeStatus, ReworkKind, Severity, VerdictPart
from schema.nodes import Node
from schema.timeline import Event
from schema.values import Info, Long

if TYPE_CHECKING:
    from schema.judging import SubSession


@strawberry.type(description="What was counted in an arc.")
class Measures:
    turn_count: int = strawberry.field(description="Prompts, without slash commands and shell passthrough.")
    net_loc: Long = strawberry.field(
        name="netLineCount", description="Net lines changed, without sign: |added - removed|."
    )
    lines_added: Long = strawberry.field(description="Lines added in all files.")
    lines_removed: Long = strawberry.field(description="Lines taken out of all files.")
    mutating_tool_calls: int = strawberry.field(
        name="mutatingToolCallCount", description="Calls by the assistant that change something."
    )
    read_only_tool_calls: int = strawberry.field(
        name="readOnlyToolCallCount", description="Calls by the assistant that only look."
    )
    tool_errors: int = strawberry.field(name="toolErrorCount", description="Tool calls that failed.")


class HabitShown(NamedTuple):
    habit: Habit
    shown: bool | None


@strawberry.type(description="One habit in one arc.")
class HabitVerdict:
    habit: Habit = strawberry.field(description="Which habit.")
    shown: bool | None = strawberry.field(description="Whether the prompts show it; null where it does not apply.")

    @strawberry.field(description="Whether the habit counts for this arc's intent.")
    @staticmethod
    def applicable(parent: strawberry.Parent[HabitShown]) -> bool:
        return parent.shown is not None


@strawberry.type(description="What an arc did to one file.")
class FileEdits:
    path: str = strawberry.field(description="The file, as the source named it.")
    lines_added: Long = strawberry.field(description="Lines added to this file.")
    lines_removed: Long = strawberry.field(description="Lines taken out.")
    created: bool = strawberry.field(description="The arc made it.")
    deleted: bool = strawberry.field(description="The arc deleted it.")
    restored: bool = strawberry.field(description="The arc brought it back to an older state.")


class EvidenceShown(NamedTuple):
    """An observation with the session that its events are first looked for in."""

    session_id: SessionId
    evidence: records.Evidence


class FlagShown(NamedTuple):
    session_id: SessionId
    flag: records.Flag


@strawberry.type(description="One observation that a verdict rests on.")
class Evidence:
    evidence__verdict: VerdictPart = strawberry.field(name="part", description="Which part of the verdict.")
    evidence__criterion: str = strawberry.field(name="criterion", description="The rule that it speaks to.")
    evidence__points: int = strawberry.field(
        name="points", description="Hundredths of confidence it adds or takes; 0 where nothing is counted in points."
    )
    evidence__quote: str | None = strawberry.field(name="quote", description="A few words from the events.")

    @strawberry.field(description="The events that show it.", graphql_type=list[Event])
    @staticmethod
    async def events(parent: strawberry.Parent[EvidenceShown], info: Info) -> list[StoredEvent]:
        return await resolvers.timeline.list_events(info.context, parent.session_id, parent.evidence.event_ids)


@strawberry.type(description="An integrity flag: it informs and never changes a score.")
class Flag(Node):
    flag__kind: FlagKind = strawberry.field(name="kind", description="What it points at. One per arc and kind.")
    flag__severity: Severity = strawberry.field(name="severity", description="How much it should worry.")
    flag__detail: str = strawberry.field(name="detail", description="A sentence with the numbers.")
    flag__created_at: datetime = strawberry.field(name="createdAt", description="The start of the arc.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[FlagShown]) -> str:
        return nodes.encode("Flag", parent.flag.id)

    @strawberry.field(description="The events that show it.", graphql_type=list[Event])
    @staticmethod
    async def events(parent: strawberry.Parent[FlagShown], info: Info) -> list[StoredEvent]:
        return await resolvers.timeline.list_events(info.context, parent.session_id, parent.flag.event_ids)

    @strawberry.field(
        description="The arc that bears it.",
        graphql_type=Annotated["SubSession", strawberry.lazy("schema.judging")],
    )
    @staticmethod
    async def sub_session(parent: strawberry.Parent[FlagShown], info: Info) -> records.SubSession:
        return await resolvers.judging.get_sub_session(info.context, parent.flag.sub_session_id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, FlagShown)


@strawberry.type(description="A later arc undid this one, so it does not count as crushed.")
class Rework:
    kind: ReworkKind = strawberry.field(description="How it was undone.")
    detected_at: datetime = strawberry.field(name="at", description="When that was found.")

    @strawberry.field(
        name="by",
        description="The later arc; null if it is out of the key's reach.",
        graphql_type=Optional[Annotated["SubSession", strawberry.lazy("schema.judging")]],  # noqa: UP045 - lazy
    )
    @staticmethod
    async def later(parent: strawberry.Parent[records.Rework], info: Info) -> records.SubSession | None:
        return await resolvers.judging.find_sub_session(info.context, parent.by)


@strawberry.type(description="What its developer says of a verdict; it counts instead of the judge's word.")
class Appeal:
    goal_complete: bool = strawberry.field(description="Whether the goal was reached, by the developer.")
    judged_goal_complete: bool = strawberry.field(description="What the judge had said.")
    reason: str = strawberry.field(description="Why, on one line of at most 1,000 characters.")
    at: datetime = strawberry.field(description="When it was said.")


@strawberry.type(description="What the judge said of an arc, and why.")
class Verdict:
    outcome__goal_complete: bool | None = strawberry.field(
        name="goalComplete",
        description="Whether the goal was reached: the developer's word if they appealed, else the judge's; null until"
        " judged.",
    )
    judged_goal_complete: bool | None = strawberry.field(
        description="What the judge said, appealed or not; null until judged."
    )
    appeal: Appeal | None = strawberry.field(description="The developer's word; null unless they appealed.")
    outcome__completion_confidence: float | None = strawberry.field(
        name="completionConfidence", description="0-1; compared with the floor of the intent. Null until judged."
    )
    outcome__explicit_acceptance: bool = strawberry.field(
        name="explicitAcceptance", description="The user said that it is good, and did not object later."
    )
    outcome__goal_completed_at: datetime | None = strawberry.field(
        name="goalCompletedAt", description="Time of the evidence that carried it over the floor; null if not reached."
    )
    outcome__rationale: str | None = strawberry.field(name="rationale", description="Why, in a sentence.")
    rubric__judge_status: JudgeStatus = strawberry.field(name="judgeStatus", description="Whether there is a verdict.")
    rubric__intent: Intent | None = strawberry.field(name="intent", description="Null if none was established.")
    rubric__confidence: float | None = strawberry.field(name="intentConfidence", description="Of the intent, 0-1.")
    rubric__letter_grade: str | None = strawberry.field(name="letterGrade", description="Of the prompts, F to A+.")
    rubric__grade_points: float | None = strawberry.field(name="gradePoints", description="The grade on 0-100.")
    judge_version: str = strawberry.field(description="Which judge.")
    ruleset_version: str = strawberry.field(description="Which rules.")

    @strawberry.field(description="The seven prompt habits.", graphql_type=list[HabitVerdict])
    @staticmethod
    def habits(parent: strawberry.Parent[records.SubSession]) -> list[HabitShown]:
        return habits(parent)

    @strawberry.field(description="The observations it rests on.", graphql_type=list[Evidence])
    @staticmethod
    def evidence(parent: strawberry.Parent[records.SubSession]) -> list[EvidenceShown]:
        return [EvidenceShown(parent.session_id, one) for one in parent.evidence]


def habits(arc: records.SubSession) -> list[HabitShown]:
    return [HabitShown(habit, shown) for habit, shown in arc.rubric.habits.items()]
