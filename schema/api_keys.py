"""API keys: those of an organisation, making and revoking them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.access
import resolvers.api_keys
from domain.access import Scope
from domain.api_keys import ApiKeyErrorCode, KeyFilter, KeyRequest, KeyState, reach, state_of
from domain.errors import DomainError, Fault
from domain.values import KeyId
from resolvers.api_keys import MadeKey
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.access_rules import KeyKind, KeyReach
from schema.developers import Developer
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, describe

describe(
    KeyState,
    "Whether a key still opens anything.",
    {
        "active": "It does.",
        "expired": "Its time is up.",
        "revoked": "Somebody ended it, or its developer is erased.",
    },
    name="ApiKeyState",
)
describe(
    ApiKeyErrorCode,
    "Why a key is not made or not revoked.",
    {
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such key in the organisation.",
        "invalid_email": "This is no e-mail address.",
        "invalid_time_zone": "This is no IANA time zone.",
        "invalid_expiry": "The key would have expired already.",
        "invalid_scope": "This is written as no scope is, or there are more than 50.",
        "scope_not_held": "Nobody grants what their own key may not do.",
        "candidate": "Keys for candidates come from `generateCandidateKeys`.",
        "being_erased": "The developer is being erased.",
        "last_administrator": "It is the last key that may administer the organisation.",
    },
)


@strawberry.type(description="A key of the organisation. Its secret is stored nowhere and shown never again.")
class ApiKey(Node):
    kind: KeyKind = strawberry.field(description="What it is for.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When its time is up; null: never.")
    revoked_at: datetime | None = strawberry.field(description="When somebody ended it; null: nobody has.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute; null: never yet."
    )

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[domain.access.ApiKey]) -> str:
        return nodes.encode("ApiKey", parent.id)

    @strawberry.field(description="The id as the command line prints it.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[domain.access.ApiKey]) -> str:
        return str(parent.id)

    @strawberry.field(description="What it may do, such as `sessions:read`; `*` is everything.")
    @staticmethod
    def scopes(parent: strawberry.Parent[domain.access.ApiKey]) -> list[str]:
        return sorted(parent.scopes)

    @strawberry.field(description="Whose work it may see, as far as its scopes let it see any.")
    @staticmethod
    def reach(parent: strawberry.Parent[domain.access.ApiKey]) -> KeyReach:
        return reach(parent.kind, parent.scopes)

    @strawberry.field(description="Whether it still opens anything.")
    @staticmethod
    def state(info: Info, parent: strawberry.Parent[domain.access.ApiKey]) -> KeyState:
        return state_of(parent, info.context.now())

    @strawberry.field(description="Whether it is the key that asks.")
    @staticmethod
    def current(info: Info, parent: strawberry.Parent[domain.access.ApiKey]) -> bool:
        return parent.id == info.context.caller.key_id

    @strawberry.field(
        description="Whose it is; null for a moment while the developer is erased.", graphql_type=Developer | None
    )
    @staticmethod
    async def developer(info: Info, parent: strawberry.Parent[domain.access.ApiKey]) -> domain.access.User | None:
        return await info.context.loaders.author.load(parent.user_id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.access.ApiKey)


@strawberry.input(description="Which keys; all given conditions must hold.")
class ApiKeyFilterInput:
    developer: strawberry.ID | None = strawberry.field(default=None, description="Whose: a developer's id.")
    kind: KeyKind | None = strawberry.field(default=None, description="What they are for.")
    state: KeyState | None = strawberry.field(default=None, description="Whether they still open anything.")

    def wanted(self) -> KeyFilter:
        """Raises Invalid."""
        user_id = None if self.developer is None else nodes.user_id(self.developer)
        return KeyFilter(user_id, self.kind, self.state)


@strawberry.input(description="A key to make.")
class CreateApiKeyInput:
    email: str = strawberry.field(description="Whose it is: the developer of this address, who is made when new.")
    kind: KeyKind = strawberry.field(description="What it is for; candidates are invited instead.")
    scopes: list[str] = strawberry.field(
        default_factory=list, description="What it may do; empty: what is usual for its kind. At most 50."
    )
    admin: bool = strawberry.field(default=False, description="Whether it may administer, and see everybody, besides.")
    time_zone: str | None = strawberry.field(
        default=None, description="IANA name, for a developer who is new; UTC if left out."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="When its time is up; null: never.")

    def wish(self) -> KeyRequest:
        return KeyRequest(self.email, self.kind, tuple(self.scopes), self.admin, self.time_zone, self.expires_at)


@strawberry.input(description="Which key to end.")
class RevokeApiKeyInput:
    id: strawberry.ID = strawberry.field(description="The key.")


@strawberry.type(description="Why a key is not made or not revoked.")
class ApiKeyError(UserError):
    code: ApiKeyErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class CreateApiKeyPayload:
    secret: str | None = strawberry.field(description="What to send with requests; it is not shown again.")
    key: ApiKey | None = strawberry.field(name="apiKey", description="The key; null: none is made.")
    user_errors: list[ApiKeyError] = strawberry.field(description="All that stands against it; empty if it is made.")


@strawberry.type(description="What became of the key.")
class RevokeApiKeyPayload:
    key: ApiKey | None = strawberry.field(name="apiKey", description="The key, which has ended; null: it has not.")
    user_errors: list[ApiKeyError] = strawberry.field(description="All that stands against it; empty if it has ended.")


class Made(NamedTuple):
    secret: str | None = None
    key: domain.access.ApiKey | None = None
    user_errors: Sequence[Fault] = ()


class Revoked(NamedTuple):
    key: domain.access.ApiKey | None = None
    user_errors: Sequence[Fault] = ()


async def _create(ctx: Context, wish: KeyRequest) -> Made:
    try:
        made: MadeKey = await resolvers.api_keys.create_key(ctx, wish)
        return Made(made.secret, made.key)
    except DomainError as error:
        return Made(user_errors=expected(error))


async def _revoke(ctx: Context, id: str) -> Revoked:
    try:
        key_id = read_id(nodes.key_id, id, ApiKeyErrorCode.INVALID_ID, "id")
        return Revoked(await resolvers.api_keys.revoke_key(ctx, key_id))
    except DomainError as error:
        return Revoked(user_errors=expected(error))


@strawberry.type
class ApiKeyMutations:
    @strawberry.mutation(
        description="Makes a key for a developer, with no scope that one's own key lacks. For keys that may administer"
        " and read the whole organisation.",
        graphql_type=CreateApiKeyPayload | None,
    )
    @staticmethod
    async def create_api_key(
        info: Info, input: Annotated[CreateApiKeyInput, strawberry.argument(description="For whom, and what for.")]
    ) -> Made:
        return await _create(info.context, input.wish())

    @strawberry.mutation(
        description="Ends a key at once; what was recorded with it stays. The last key that may administer stays, too."
        " For keys that may administer.",
        graphql_type=RevokeApiKeyPayload | None,
    )
    @staticmethod
    async def revoke_api_key(
        info: Info, input: Annotated[RevokeApiKeyInput, strawberry.argument(description="Which key.")]
    ) -> Revoked:
        return await _revoke(info.context, input.id)


@strawberry.type
class ApiKeyQueries:
    @strawberry.field(
        description="Keys of the organisation, newest first, those that have ended as well. For keys that may"
        " administer.",
        graphql_type=Connection[ApiKey],
    )
    @staticmethod
    async def api_keys(
        info: Info,
        filter: Annotated[ApiKeyFilterInput | None, strawberry.argument(description="Which; all if left out.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[domain.access.ApiKey]:
        wanted = KeyFilter() if filter is None else filter.wanted()
        page = await resolvers.api_keys.list_keys(info.context, wanted, window(first, after, last, before))
        return Listing(page, lambda: resolvers.api_keys.count_keys(info.context, wanted))


async def find_api_key(ctx: Context, key: str) -> domain.access.ApiKey | None:
    """None also for a key that may not administer."""
    if not ctx.caller.may(Scope.ADMIN):
        return None
    return await resolvers.api_keys.find_key(ctx, KeyId(nodes.uuid(key)))
