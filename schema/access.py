"""Who asks: the viewer and the organisation."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import strawberry

import domain.access
import domain.api_keys
import domain.score_versions
import resolvers.access
import resolvers.score_versions
from domain.errors import DomainError, Fault
from domain.score_versions import unchanged
from domain.values import UserId
from resolvers.context import Context
from schema import nodes
from schema.access_rules import KeyKind, KeyReach
from schema.developers import Developer
from schema.nodes import Node
from schema.organisations import Organisation
from schema.score_versions import ScoreVersionChoice, ScoreVersionError, SetScoreVersionInput
from schema.user_errors import expected
from schema.values import Info


class ViewerShown(NamedTuple):
    """A developer shown as who asks."""

    user: domain.access.User


@strawberry.type(description="Who asks, as told by the API key.")
class Viewer(Node):
    user__email: str = strawberry.field(name="email", description="Address of the developer behind the key.")
    user__time_zone: str = strawberry.field(name="timeZone", description="IANA name of the developer's zone.")
    user: Developer = strawberry.field(name="developer", description="The developer behind the key.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[ViewerShown]) -> str:
        return nodes.encode("Viewer", parent.user.id)

    @strawberry.field(description="The organisation of the key.", graphql_type=Organisation)
    @staticmethod
    async def organisation(info: Info) -> domain.access.Org:
        return await resolvers.access.get_organisation(info.context)

    @strawberry.field(description="What the key is for.")
    @staticmethod
    def key_kind(info: Info) -> KeyKind:
        return info.context.caller.kind

    @strawberry.field(description="Whose work the key may see, as far as its scopes let it see any.")
    @staticmethod
    def reach(info: Info) -> KeyReach:
        caller = info.context.caller
        return domain.api_keys.reach(caller.kind, caller.scopes)

    @strawberry.field(description="What the key may do, such as `sessions:read`; `*` is everything.")
    @staticmethod
    def scopes(info: Info) -> list[str]:
        return sorted(info.context.caller.scopes)

    @strawberry.field(description="Which version of the score to show first.", graphql_type=ScoreVersionChoice)
    @staticmethod
    async def score_version(info: Info) -> domain.score_versions.ScoreVersionChoice:
        return await resolvers.score_versions.get_score_version(info.context)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, ViewerShown)


@strawberry.type
class AccessQueries:
    @strawberry.field(description="Who asks.", graphql_type=Viewer)
    @staticmethod
    async def viewer(info: Info) -> ViewerShown:
        return await _viewer(info.context)


@strawberry.type(description="What became of the preference.")
class SetScoreVersionPayload:
    viewer: Viewer | None = strawberry.field(description="Who asks, with the new preference; null: not changed.")
    user_errors: list[ScoreVersionError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


class Changed(NamedTuple):
    viewer: ViewerShown | None
    user_errors: Sequence[Fault] = ()


async def _set_score_version(info: Info, input: SetScoreVersionInput) -> ViewerShown:
    if input.version is None:
        raise unchanged()
    await resolvers.score_versions.set_score_version(info.context, input.version.value)
    return await _viewer(info.context)


@strawberry.type
class AccessMutations:
    @strawberry.mutation(
        description="Keeps which version of the score one likes to be shown. It changes no number.",
        graphql_type=SetScoreVersionPayload | None,
    )
    @staticmethod
    async def set_score_version(
        info: Info, input: Annotated[SetScoreVersionInput, strawberry.argument(description="Which one.")]
    ) -> Changed:
        try:
            return Changed(await _set_score_version(info, input))
        except DomainError as error:
            return Changed(None, expected(error))


async def _viewer(ctx: Context) -> ViewerShown:
    return ViewerShown(await resolvers.access.get_viewer(ctx))


async def find_viewer(ctx: Context, key: str) -> ViewerShown | None:
    """Nobody but the caller."""
    own = UserId(nodes.uuid(key)) == ctx.caller.user_id
    return await _viewer(ctx) if own else None
