"""Goal arcs divided by hand: split, merge, and undo of each."""

from collections.abc import Awaitable, Sequence
from typing import Annotated, NamedTuple

import strawberry

import domain.judging.records as records
import resolvers.arc_edits
from domain.errors import DomainError, Fault
from domain.judging.arc_edits import SubSessionEditErrorCode
from domain.values import SubSessionId
from schema import nodes
from schema.judging import SubSession
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, describe

describe(
    SubSessionEditErrorCode,
    "Why a goal arc is not split or merged, or that is not undone.",
    {
        "invalid_id": "An id is none, or that of another type.",
        "not_found": "There is no such goal arc of one's own.",
        "not_in_arc": "The event did not happen in this arc.",
        "nothing_before": "The arc begins with this event.",
        "too_few": "Fewer than two different arcs are named.",
        "too_many": "More than 20 arcs are named.",
        "other_project": "The arcs are of different projects, or of sessions whose project is unknown.",
        "not_adjacent": "One arc begins before another has closed, or a third lies between them in their session.",
        "not_split": "The arc does not begin where its developer cut.",
        "not_merged": "Its developer joined nothing in this arc.",
    },
)


@strawberry.input(description="Where to cut.")
class SplitSubSessionInput:
    id: strawberry.ID = strawberry.field(description="The goal arc, one's own.")
    event_id: strawberry.ID = strawberry.field(
        description="The event or prompt that the second part begins with: its id or its raw id."
    )


@strawberry.input(description="What to join.")
class MergeSubSessionsInput:
    ids: list[strawberry.ID] = strawberry.field(
        description="2-20 goal arcs, one's own, in any order. Each must follow on the one before: begin after that one"
        " closed, in its session or project, with no other arc of that session between them."
    )


@strawberry.input(description="Which cut to take back.")
class UndoSubSessionSplitInput:
    id: strawberry.ID = strawberry.field(description="The goal arc that begins with the cut: one with `splitByHand`.")


@strawberry.input(description="Which join to take back.")
class UndoSubSessionMergeInput:
    id: strawberry.ID = strawberry.field(description="The joined goal arc: one with `mergedByHand`.")


@strawberry.type(description="Why a goal arc is not split or merged, or that is not undone.")
class SubSessionEditError(UserError):
    code: SubSessionEditErrorCode = strawberry.field(description="What is wrong, for programs.")


class Changed(NamedTuple):
    sub_sessions: Sequence[records.SubSession]
    user_errors: Sequence[Fault] = ()

    @property
    def sub_session(self) -> records.SubSession | None:
        return self.sub_sessions[0] if self.sub_sessions else None


@strawberry.type(description="What became of the goal arc.")
class SplitSubSessionPayload:
    sub_sessions: list[SubSession] = strawberry.field(
        description="The two parts, by start; the first keeps the id. Empty: not changed."
    )
    user_errors: list[SubSessionEditError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


@strawberry.type(description="What became of the goal arcs.")
class MergeSubSessionsPayload:
    sub_session: SubSession | None = strawberry.field(
        description="The one arc that they are now, with the id of the first; null: not changed."
    )
    user_errors: list[SubSessionEditError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


@strawberry.type(description="What became of the goal arc.")
class UndoSubSessionSplitPayload:
    sub_sessions: list[SubSession] = strawberry.field(
        description="What the two parts are now, by start: one arc, unless the rules divide them as well. Empty: not"
        " changed."
    )
    user_errors: list[SubSessionEditError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


@strawberry.type(description="What became of the goal arc.")
class UndoSubSessionMergePayload:
    sub_sessions: list[SubSession] = strawberry.field(
        description="The arcs that its fragments belong to now, by start. Empty: not changed."
    )
    user_errors: list[SubSessionEditError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


def _arc_id(id: str, *field: str) -> SubSessionId:
    return read_id(nodes.sub_session_id, id, SubSessionEditErrorCode.INVALID_ID, *field)


async def _split(info: Info, input: SplitSubSessionInput) -> Sequence[records.SubSession]:
    id = _arc_id(input.id, "id")
    at = read_id(nodes.event_id, input.event_id, SubSessionEditErrorCode.INVALID_ID, "eventId")
    return await resolvers.arc_edits.split_sub_session(info.context, id, at)


async def _merge(info: Info, input: MergeSubSessionsInput) -> Sequence[records.SubSession]:
    ids = [_arc_id(id, "ids", str(place)) for place, id in enumerate(input.ids)]
    return [await resolvers.arc_edits.merge_sub_sessions(info.context, ids)]


async def _undo_split(info: Info, input: UndoSubSessionSplitInput) -> Sequence[records.SubSession]:
    return await resolvers.arc_edits.undo_sub_session_split(info.context, _arc_id(input.id, "id"))


async def _undo_merge(info: Info, input: UndoSubSessionMergeInput) -> Sequence[records.SubSession]:
    return await resolvers.arc_edits.undo_sub_session_merge(info.context, _arc_id(input.id, "id"))


async def _changed(info: Info, change: Awaitable[Sequence[records.SubSession]]) -> Changed:
    try:
        arcs = await change
    except DomainError as error:
        return Changed((), expected(error))
    info.context.loaders.forget()
    return Changed(arcs)


@strawberry.type
class ArcEditMutations:
    @strawberry.mutation(
        description="Cuts one's own goal arc in two before an event. No rule joins the parts again.",
        graphql_type=SplitSubSessionPayload | None,
    )
    @staticmethod
    async def split_sub_session(
        info: Info, input: Annotated[SplitSubSessionInput, strawberry.argument(description="Which arc, and where.")]
    ) -> Changed:
        return await _changed(info, _split(info, input))

    @strawberry.mutation(
        description="Joins one's own goal arcs into one. No rule takes them apart again.",
        graphql_type=MergeSubSessionsPayload | None,
    )
    @staticmethod
    async def merge_sub_sessions(
        info: Info, input: Annotated[MergeSubSessionsInput, strawberry.argument(description="Which arcs.")]
    ) -> Changed:
        return await _changed(info, _merge(info, input))

    @strawberry.mutation(
        description="Takes back the cut that one's own goal arc begins with.",
        graphql_type=UndoSubSessionSplitPayload | None,
    )
    @staticmethod
    async def undo_sub_session_split(
        info: Info, input: Annotated[UndoSubSessionSplitInput, strawberry.argument(description="Which arc.")]
    ) -> Changed:
        return await _changed(info, _undo_split(info, input))

    @strawberry.mutation(
        description="Takes back the last join that holds in one's own goal arc.",
        graphql_type=UndoSubSessionMergePayload | None,
    )
    @staticmethod
    async def undo_sub_session_merge(
        info: Info, input: Annotated[UndoSubSessionMergeInput, strawberry.argument(description="Which arc.")]
    ) -> Changed:
        return await _changed(info, _undo_merge(info, input))
