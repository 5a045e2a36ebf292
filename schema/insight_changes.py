"""Insights: making, changing, deleting, tagging them."""

from collections.abc import Awaitable, Sequence
from typing import Annotated, NamedTuple

import strawberry

import resolvers.insights
from domain.errors import DomainError, Fault
from domain.insights.saved import InsightChange, SavedInsight, Skipped, TagAction
from domain.values import UNSET, Unset
from schema import nodes
from schema.insight_errors import InsightError, faults_of, insight_number
from schema.insight_query_inputs import InsightQueryInput
from schema.insights import Insight
from schema.values import Info, describe

describe(
    TagAction,
    "What becomes of tags.",
    {
        "add": "The given ones come beside those that are there.",
        "remove": "The given ones go.",
        "set": "The given ones take the place of all.",
    },
    name="InsightTagAction",
)

_ALL = "All that stands against it; empty if it is done."
_ID = "The insight: its global id or its number."


@strawberry.input(description="An insight to keep.")
class CreateInsightInput:
    query: InsightQueryInput | None = strawberry.field(default=None, description="What it asks.")
    name: str | None = strawberry.field(default=None, description="What to call it, at most 400 characters.")
    derived_name: str | None = strawberry.field(default=None, description="What a client calls it by itself.")
    description: str | None = strawberry.field(default=None, description="What it is about.")
    tags: list[str] | None = strawberry.field(default=None, description="At most 100; case does not matter.")
    favorited: bool = strawberry.field(default=False, description="Whether it is a favourite.")
    saved: bool = strawberry.field(default=True, description="Whether it is saved, and not only looked at.")
    folder: str | None = strawberry.field(default=None, description="Where to put it.")

    def change(self) -> InsightChange:
        return InsightChange(
            name=self.name,
            derived_name=self.derived_name,
            description=UNSET if self.description is None else self.description,
            query=None if self.query is None else self.query.document(),
            tags=UNSET if self.tags is None else tuple(self.tags),
            favorited=self.favorited,
            saved=self.saved,
            folder=self.folder,
        )


@strawberry.input(description="What to change of an insight; what is left out stays, null takes it away.")
class UpdateInsightInput:
    id: strawberry.ID = strawberry.field(description=_ID)
    query: InsightQueryInput | None = strawberry.field(default=strawberry.UNSET, description="What it asks.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="What to call it.")
    derived_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="What a client calls it by itself."
    )
    description: str | None = strawberry.field(default=strawberry.UNSET, description="What it is about.")
    tags: list[str] | None = strawberry.field(default=None, description="They take the place of those there are.")
    favorited: bool | None = strawberry.field(default=None, description="Whether it is a favourite.")
    saved: bool | None = strawberry.field(default=None, description="Whether it is saved, and not only looked at.")
    folder: str | None = strawberry.field(default=strawberry.UNSET, description="Where to put it.")

    def change(self) -> InsightChange:
        query = self.query
        return InsightChange(
            name=_given(self.name),
            derived_name=_given(self.derived_name),
            description=_given(self.description),
            query=UNSET if query is strawberry.UNSET else None if query is None else query.document(),
            tags=UNSET if self.tags is None else tuple(self.tags),
            favorited=UNSET if self.favorited is None else self.favorited,
            saved=UNSET if self.saved is None else self.saved,
            folder=_given(self.folder),
        )


def _given(value: str | None) -> str | Unset | None:
    return UNSET if value is strawberry.UNSET else value


@strawberry.input(description="Which insight to delete.")
class DeleteInsightInput:
    id: strawberry.ID = strawberry.field(description=_ID)


@strawberry.input(description="Which insight to bring back.")
class RestoreInsightInput:
    id: strawberry.ID = strawberry.field(description=_ID)


@strawberry.input(description="What becomes of the tags of insights.")
class UpdateInsightTagsInput:
    ids: list[strawberry.ID] = strawberry.field(description="Global ids or numbers, at most 500.")
    action: TagAction = strawberry.field(description="What becomes of them.")
    tags: list[str] = strawberry.field(description="Which tags; case does not matter.")


@strawberry.type(description="What became of the wish.")
class CreateInsightPayload:
    insight: Insight | None = strawberry.field(description="The insight; null: none was made.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the insight.")
class UpdateInsightPayload:
    insight: Insight | None = strawberry.field(description="As it is now; null: nothing was changed.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the insight.")
class DeleteInsightPayload:
    insight: Insight | None = strawberry.field(description="As it was; null: nothing was deleted.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the insight.")
class RestoreInsightPayload:
    insight: Insight | None = strawberry.field(description="As it is again; null: nothing was brought back.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


@strawberry.type(description="An insight whose tags were left alone.")
class SkippedInsight:
    reason: str = strawberry.field(description="Why it was.")

    @strawberry.field(description="Its global id.", graphql_type=strawberry.ID)
    @staticmethod
    def insight_id(parent: strawberry.Parent[Skipped]) -> str:
        return nodes.encode("Insight", parent.id)


@strawberry.type(description="What became of the tags.")
class UpdateInsightTagsPayload:
    updated: list[Insight] = strawberry.field(name="insights", description="As they are now.")
    skipped: list[SkippedInsight] = strawberry.field(description="Those that were left alone.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


class Done(NamedTuple):
    """What a payload shows."""

    insight: SavedInsight | None = None
    user_errors: Sequence[Fault] = ()


class Tagged(NamedTuple):
    """What a payload shows."""

    updated: Sequence[SavedInsight] = ()
    skipped: Sequence[Skipped] = ()
    user_errors: Sequence[Fault] = ()


async def _answered(change: Awaitable[SavedInsight], query: InsightQueryInput | None = None) -> Done:
    try:
        return Done(await change)
    except DomainError as error:
        return Done(user_errors=faults_of(error, query))


async def _create(info: Info, input: CreateInsightInput) -> SavedInsight:
    return await resolvers.insights.create_insight(info.context, input.change())


async def _update(info: Info, input: UpdateInsightInput) -> SavedInsight:
    return await resolvers.insights.update_insight(info.context, insight_number(input.id), input.change())


async def _switch(info: Info, id: str, deleted: bool) -> SavedInsight:
    return await resolvers.insights.update_insight(info.context, insight_number(id), InsightChange(deleted=deleted))


async def _tag(info: Info, input: UpdateInsightTagsInput) -> Tagged:
    try:
        ids = [insight_number(id, "ids", str(at)) for at, id in enumerate(input.ids)]
        done = await resolvers.insights.bulk_update_tags(info.context, ids, input.action, input.tags)
    except DomainError as error:
        return Tagged(user_errors=faults_of(error))
    return Tagged(done.updated, done.skipped)


@strawberry.type
class InsightMutations:
    @strawberry.mutation(
        description="Keeps an insight; each call makes another one.", graphql_type=CreateInsightPayload | None
    )
    @staticmethod
    async def create_insight(
        info: Info, input: Annotated[CreateInsightInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_create(info, input), input.query)

    @strawberry.mutation(description="Changes an insight.", graphql_type=UpdateInsightPayload | None)
    @staticmethod
    async def update_insight(
        info: Info, input: Annotated[UpdateInsightInput, strawberry.argument(description="What to change.")]
    ) -> Done:
        return await _answered(_update(info, input), input.query or None)

    @strawberry.mutation(
        description="Hides an insight with all that belongs to it, until `restoreInsight`.",
        graphql_type=DeleteInsightPayload | None,
    )
    @staticmethod
    async def delete_insight(
        info: Info, input: Annotated[DeleteInsightInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_switch(info, input.id, deleted=True))

    @strawberry.mutation(
        description="Brings back an insight that was deleted.", graphql_type=RestoreInsightPayload | None
    )
    @staticmethod
    async def restore_insight(
        info: Info, input: Annotated[RestoreInsightInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_switch(info, input.id, deleted=False))

    @strawberry.mutation(
        description="Changes the tags of many insights; those that are not there are skipped.",
        graphql_type=UpdateInsightTagsPayload | None,
    )
    @staticmethod
    async def update_insight_tags(
        info: Info, input: Annotated[UpdateInsightTagsInput, strawberry.argument(description="Which ones, and how.")]
    ) -> Tagged:
        return await _tag(info, input)
