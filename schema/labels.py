"""Titles and summaries of goal arcs: what people may change."""

from typing import Annotated, NamedTuple

import strawberry

import domain.judging.records as records
import resolvers.judging
from resolvers.judging import UNSET
from schema import nodes
from schema.judging import SubSession
from schema.values import Info


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


class Changed(NamedTuple):
    sub_session: records.SubSession


@strawberry.type(description="What became of the label.")
class RenameSubSessionPayload:
    sub_session: SubSession = strawberry.field(description="The goal arc, now `USER_EDITED`.")


@strawberry.type(description="What became of the label.")
class ResetSubSessionLabelPayload:
    sub_session: SubSession = strawberry.field(description="The goal arc with the label that follows from its events.")


@strawberry.type
class LabelMutations:
    @strawberry.mutation(
        description="Gives one's own goal arc a title, a summary or both, and locks them against rewriting."
        " NOT_FOUND for another developer's arc.",
        graphql_type=RenameSubSessionPayload | None,
    )
    @staticmethod
    async def rename_sub_session(
        info: Info,
        input: Annotated[RenameSubSessionInput, strawberry.argument(description="Which arc, and its label.")],
    ) -> Changed:
        summary = UNSET if input.summary is None else input.summary.value
        id = nodes.sub_session_id(input.id)
        arc = await resolvers.judging.rename_sub_session(info.context, id, input.title, summary)
        info.context.loaders.forget()
        return Changed(arc)

    @strawberry.mutation(
        description="Takes one's own edit of a label back and lets the judge write it again.",
        graphql_type=ResetSubSessionLabelPayload | None,
    )
    @staticmethod
    async def reset_sub_session_label(
        info: Info, input: Annotated[ResetSubSessionLabelInput, strawberry.argument(description="Which arc.")]
    ) -> Changed:
        arc = await resolvers.judging.reset_sub_session_label(info.context, nodes.sub_session_id(input.id))
        info.context.loaders.forget()
        return Changed(arc)
