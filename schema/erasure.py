"""Erasing a developer for good, and what was erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.erasure
import resolvers.erasure
from domain.access import Scope
from domain.erasure import AskedBy, ErasureErrorCode, ErasureId, ErasureKind, ErasureState
from domain.errors import DomainError, Fault
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, Long, describe

describe(
    ErasureKind,
    "What was erased.",
    {
        "session": "One session with all that was made of it.",
        "developer": "A developer with all that was recorded of them.",
        "organisation": "An organisation. Nobody of it is left to see this.",
        "retention": "Sessions older than the organisation keeps them.",
    },
)
describe(
    AskedBy,
    "Which way an erasure was asked for; by whom is not kept.",
    {
        "api": "Over GraphQL or REST.",
        "command_line": "By whoever operates the server.",
        "retention": "By the organisation's setting `retention_days`.",
    },
    name="ErasureWay",
)
describe(
    ErasureState,
    "How far an erasure is.",
    {"queued": "Nothing has gone yet.", "running": "Some has gone.", "done": "Nothing is left."},
)
describe(
    ErasureErrorCode,
    "Why a developer is not erased.",
    {
        "unknown_developer": "There is no such developer in the organisation; or they are erased already.",
        "yourself": "The key is that developer's own: use another administrator's.",
        "invalid_id": "The id is none, or that of another type.",
    },
)


@strawberry.type(description="Something that was erased or is being erased. It does not say who or what it was.")
class Erasure(Node):
    kind: ErasureKind = strawberry.field(description="What was erased.")
    asked_by: AskedBy = strawberry.field(description="Which way it was asked for.")
    state: ErasureState = strawberry.field(description="How far it is.")
    session_count: int = strawberry.field(
        description="Sessions there were when it was asked for; 0 with `RETENTION`, which nobody counts ahead."
    )
    sessions_erased: int = strawberry.field(name="erasedSessionCount", description="Sessions that are gone.")
    event_count: Long = strawberry.field(description="Events there were when it was asked for; 0 with `RETENTION`.")
    events_erased: Long = strawberry.field(name="erasedEventCount", description="Events that are gone.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When nothing was left; null until then.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[domain.erasure.Erasure]) -> str:
        return nodes.encode("Erasure", parent.id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.erasure.Erasure)


@strawberry.input(description="Whom to erase.")
class EraseDeveloperInput:
    developer: strawberry.ID = strawberry.field(description="Whom, by the developer's id.")


@strawberry.type(description="Why a developer is not erased.")
class ErasureError(UserError):
    code: ErasureErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class EraseDeveloperPayload:
    erasure: Erasure | None = strawberry.field(description="Follow it by its id; null: nothing is erased.")
    user_errors: list[ErasureError] = strawberry.field(description="All that stands against it; empty if it goes on.")


class Begun(NamedTuple):
    """What the payload shows."""

    erasure: domain.erasure.Erasure | None = None
    user_errors: Sequence[Fault] = ()


async def _erase(info: Info, input: EraseDeveloperInput) -> Begun:
    try:
        id = read_id(nodes.user_id, input.developer, ErasureErrorCode.INVALID_ID, "developer")
        return Begun(await resolvers.erasure.erase_developer(info.context, id))
    except DomainError as error:
        return Begun(user_errors=expected(error))


@strawberry.type
class ErasureMutations:
    @strawberry.mutation(
        description="Erases a developer for good, with all that was recorded of them: their keys end at once, the rest"
        " goes in the background. Asked for again meanwhile, it is the same erasure. For keys that may administer.",
        graphql_type=EraseDeveloperPayload | None,
    )
    @staticmethod
    async def erase_developer(
        info: Info, input: Annotated[EraseDeveloperInput, strawberry.argument(description="Whom to erase.")]
    ) -> Begun:
        return await _erase(info, input)


@strawberry.type
class ErasureQueries:
    @strawberry.field(
        description="One erasure by its id, with its progress; null if there is none. For keys that may administer.",
        graphql_type=Erasure | None,
    )
    @staticmethod
    async def erasure(info: Info, id: nodes.Id) -> domain.erasure.Erasure | None:
        return await resolvers.erasure.find_erasure(info.context, ErasureId(nodes.erasure_key(id)))

    @strawberry.field(
        description="Erasures of the organisation, newest first, those that are done as well. For keys that may"
        " administer.",
        graphql_type=Connection[Erasure],
    )
    @staticmethod
    async def erasures(
        info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Listing[domain.erasure.Erasure]:
        page = await resolvers.erasure.list_erasures(info.context, window(first, after, last, before))
        return Listing(page, lambda: resolvers.erasure.count_erasures(info.context))


async def find_erasure(ctx: Context, key: str) -> domain.erasure.Erasure | None:
    """None also for a key that may not administer."""
    if not ctx.caller.may(Scope.ADMIN):
        return None
    return await resolvers.erasure.find_erasure(ctx, ErasureId(nodes.uuid(key)))
