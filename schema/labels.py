"""Titles and summaries of goal arcs: what people may change."""

from typing import Annotated

import strawberry

import domain.judging.records as records
import resolvers.judging
from domain.judging.labels import LabelErrorCode
from domain.values import UNSET
from schema.arc_changes import Changed, arc_id, changed
from schema.judging import SubSession
from schema.user_errors import UserError
from schema.values import Info, describe

describe(
    LabelErrorCode,
    "Why a label is not changed.",
    {
        "blank": "Nothing but blanks; a summary is cleared with null.",
        "too_long": "More than 60 characters of a title, or 240 of a summary.",
        "nothing_to_change": "Neither a title nor a summary is given.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such goal arc of one's own.",
    },
)


@strawberry.input(description="A new label: a title, a summary, or both.")
class RenameSubSessionInput:
    id: strawberry.ID = strawberry.field(description="The goal arc, one's own.")
    title: str | None = strawberry.field(default=None, description="1-60 characters after trimming; left out: kept.")
    summary: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="1-240 characters after trimming; null: cleared; left out: kept."
    )


@strawberry.input(description="Whose label to hand back to the judge.")
class ResetSubSessionLabelInput:
    id: strawberry.ID = strawberry.field(description="The goal arc, one's own.")


@strawberry.type(description="Why a label is not changed.")
class LabelError(UserError):
    code: LabelErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the label.")
class RenameSubSessionPayload:
    sub_session: SubSession | None = strawberry.field(description="The goal arc, now `USER_EDITED`; null: not changed.")
    user_errors: list[LabelError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the label.")
class ResetSubSessionLabelPayload:
    sub_session: SubSession | None = strawberry.field(
        description="The goal arc with the label that follows from its events; null: not changed."
    )
    user_errors: list[LabelError] = strawberry.field(description="All that stands against it; empty if it is done.")


async def _rename(info: Info, input: RenameSubSessionInput) -> records.SubSession:
    summary = UNSET if input.summary is None else input.summary.value
    return await resolvers.judging.rename_sub_session(
        info.context, arc_id(input.id, LabelErrorCode.INVALID_ID), input.title, summary
    )


async def _reset(info: Info, input: ResetSubSessionLabelInput) -> records.SubSession:
    return await resolvers.judging.reset_sub_session_label(info.context, arc_id(input.id, LabelErrorCode.INVALID_ID))


@strawberry.type
class LabelMutations:
    @strawberry.mutation(
        description="Gives one's own goal arc a title, a summary or both, and locks them against rewriting.",
        graphql_type=RenameSubSessionPayload | None,
    )
    @staticmethod
    async def rename_sub_session(
        info: Info,
        input: Annotated[RenameSubSessionInput, strawberry.argument(description="Which arc, and its label.")],
    ) -> Changed:
        return await changed(_rename(info, input))

    @strawberry.mutation(
        description="Takes one's own edit of a label back and lets the judge write it again.",
        graphql_type=ResetSubSessionLabelPayload | None,
    )
    @staticmethod
    async def reset_sub_session_label(
        info: Info, input: Annotated[ResetSubSessionLabelInput, strawberry.argument(description="Which arc.")]
    ) -> Changed:
        return await changed(_reset(info, input))
