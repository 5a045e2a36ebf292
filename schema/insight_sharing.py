"""Insights by a link that needs no key: how one is shared, and changing that."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.access
import resolvers.sharing
from domain.errors import DomainError, Fault
from domain.insights.errors import InsightFault
from domain.insights.sharing import SharePassword, SharePasswordId, Sharing, SharingChange
from domain.values import UNSET
from schema import nodes
from schema.developers import Developer
from schema.insight_errors import InsightError, faults_of, insight_number
from schema.user_errors import read_id
from schema.values import Info


@strawberry.type(description="A password that opens a link; what it is was shown once.")
class InsightPassword:
    note: str | None = strawberry.field(description="What somebody noted about it.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="What to delete it by.", graphql_type=strawberry.ID)
    @staticmethod
    def raw_id(parent: strawberry.Parent[SharePassword]) -> str:
        return str(parent.id)

    @strawberry.field(description="Who made it; null where the key may not see who.", graphql_type=Developer | None)
    @staticmethod
    async def created_by(parent: strawberry.Parent[SharePassword], info: Info) -> domain.access.User | None:
        return await info.context.loaders.author.load(parent.created_by)


@strawberry.type(description="How an insight is shared by a link.")
class InsightSharing:
    enabled: bool = strawberry.field(description="Whether the link opens anything.")
    access_token: str | None = strawberry.field(
        description="The link is `/shared/` and this; null: it was never shared."
    )
    password_required: bool = strawberry.field(name="passwordNeeded", description="Whether it asks for a password.")
    passwords: list[InsightPassword] = strawberry.field(description="Those that open it, oldest first.")
    created_at: datetime | None = strawberry.field(description="When it was first shared; null: never.")


@strawberry.input(description="How an insight is to be shared; what is left out stays as it is.")
class UpdateInsightSharingInput:
    id: strawberry.ID = strawberry.field(description="The insight: its global id or its number.")
    enabled: bool | None = strawberry.field(default=None, description="Whether the link opens anything.")
    password_needed: bool | None = strawberry.field(default=None, description="Whether it asks for a password.")


@strawberry.input(description="Which link to change.")
class RefreshInsightSharingInput:
    id: strawberry.ID = strawberry.field(description="The insight: its global id or its number.")


@strawberry.input(description="A password that is to open a link.")
class CreateInsightPasswordInput:
    id: strawberry.ID = strawberry.field(description="The insight: its global id or its number.")
    password: str | None = strawberry.field(default=None, description="8-200 characters; one is made if left out.")
    note: str | None = strawberry.field(default=None, description="To know it by later.")


@strawberry.input(description="A password that is to open a link no more.")
class DeleteInsightPasswordInput:
    id: strawberry.ID = strawberry.field(description="The insight: its global id or its number.")
    password_id: strawberry.ID = strawberry.field(description="Which password.")


class Shared(NamedTuple):
    """What a payload shows."""

    sharing: Sharing | None = None
    user_errors: Sequence[Fault] = ()
    clear: str | None = None


_ALL = "All that stands against it; empty if it is done."


@strawberry.type(description="What became of the link.")
class UpdateInsightSharingPayload:
    sharing: InsightSharing | None = strawberry.field(description="How it is shared now; null: nothing was changed.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the link.")
class RefreshInsightSharingPayload:
    sharing: InsightSharing | None = strawberry.field(description="With another token; null: nothing was changed.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the password.")
class CreateInsightPasswordPayload:
    sharing: InsightSharing | None = strawberry.field(description="How it is shared now; null: nothing was changed.")
    clear: str | None = strawberry.field(name="password", description="What it is: it is never shown again.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


@strawberry.type(description="What became of the password.")
class DeleteInsightPasswordPayload:
    sharing: InsightSharing | None = strawberry.field(description="How it is shared now; null: nothing was changed.")
    user_errors: list[InsightError] = strawberry.field(description=_ALL)


async def _answered(change: Awaitable[Shared]) -> Shared:
    try:
        return await change
    except DomainError as error:
        return Shared(user_errors=faults_of(error))


async def _update(info: Info, input: UpdateInsightSharingInput) -> Shared:
    change = SharingChange(
        enabled=UNSET if input.enabled is None else input.enabled,
        password_required=UNSET if input.password_needed is None else input.password_needed,
    )
    return Shared(await resolvers.sharing.update_sharing(info.context, insight_number(input.id), change))


async def _refresh(info: Info, input: RefreshInsightSharingInput) -> Shared:
    return Shared(await resolvers.sharing.refresh_sharing(info.context, insight_number(input.id)))


async def _create(info: Info, input: CreateInsightPasswordInput) -> Shared:
    id = insight_number(input.id)
    made = await resolvers.sharing.create_share_password(info.context, id, input.password, input.note)
    return Shared(await resolvers.sharing.changed_sharing(info.context, id), clear=made.clear)


async def _delete(info: Info, input: DeleteInsightPasswordInput) -> Shared:
    id = insight_number(input.id)
    password = SharePasswordId(read_id(nodes.uuid, input.password_id, InsightFault.INVALID_ID, "passwordId"))
    await resolvers.sharing.delete_share_password(info.context, id, password)
    return Shared(await resolvers.sharing.changed_sharing(info.context, id))


@strawberry.type
class SharingMutations:
    @strawberry.mutation(
        description="Has a link to an insight open or not, with or without a password.",
        graphql_type=UpdateInsightSharingPayload | None,
    )
    @staticmethod
    async def update_insight_sharing(
        info: Info, input: Annotated[UpdateInsightSharingInput, strawberry.argument(description="Which one, and how.")]
    ) -> Shared:
        return await _answered(_update(info, input))

    @strawberry.mutation(
        description="Gives a link another token: the one before opens nothing any more.",
        graphql_type=RefreshInsightSharingPayload | None,
    )
    @staticmethod
    async def refresh_insight_sharing(
        info: Info, input: Annotated[RefreshInsightSharingInput, strawberry.argument(description="Which one.")]
    ) -> Shared:
        return await _answered(_refresh(info, input))

    @strawberry.mutation(
        description="Makes a password that opens a link, and shows it this once.",
        graphql_type=CreateInsightPasswordPayload | None,
    )
    @staticmethod
    async def create_insight_password(
        info: Info, input: Annotated[CreateInsightPasswordInput, strawberry.argument(description="Which one.")]
    ) -> Shared:
        return await _answered(_create(info, input))

    @strawberry.mutation(
        description="Has a password open a link no more.", graphql_type=DeleteInsightPasswordPayload | None
    )
    @staticmethod
    async def delete_insight_password(
        info: Info, input: Annotated[DeleteInsightPasswordInput, strawberry.argument(description="Which one.")]
    ) -> Shared:
        return await _answered(_delete(info, input))
