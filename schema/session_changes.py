"""Sessions made, changed and deleted."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple, cast

import strawberry

import domain.sessions
import resolvers.erasure
import resolvers.sessions
from domain.errors import Conflict, DomainError, Fault, Invalid, NotFound
from domain.sessions import SessionErrorCode as Code
from domain.values import UNSET, JsonObject, SessionId, Unset
from schema import nodes
from schema.sessions import Session
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, Json, describe

describe(
    Code,
    "Why a session is not made, changed or deleted.",
    {
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such session within reach.",
        "already_exists": "The id is taken.",
        "invalid_metadata": "The metadata is no JSON object.",
        "blank": "Nothing but blanks; a title is taken back with null.",
        "too_long": f"More than {domain.sessions.TITLE_CHARS} characters of a title, or 128 of a tool's name.",
        "nothing_to_change": "Neither a title nor an end nor metadata is given.",
    },
)


@strawberry.input(description="A session to register before its first event.")
class CreateSessionInput:
    raw_id: str | None = strawberry.field(
        default=None, description="The agent's own id, a UUID; events name their session by it. Left out: a new one."
    )
    source_service: str | None = strawberry.field(
        default=None, description="The tool, such as `claude-code`: 1-128 characters."
    )
    metadata: Json | None = strawberry.field(default=None, description="What is to be told of it: a JSON object.")


@strawberry.input(description="What is to change; what is left out stays.")
class UpdateSessionInput:
    id: strawberry.ID = strawberry.field(description="The session: its global id or the agent's own.")
    title: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="1-200 characters after trimming; null: as the tool calls it."
    )
    ended_at: strawberry.Maybe[datetime | None] = strawberry.field(
        default=None, description="When it ended; null: it goes on. Another end has it judged again."
    )
    metadata: Json | None = strawberry.field(
        default=None, description="Takes the place of the whole object; null: kept."
    )


@strawberry.input(description="What is to be added to the metadata of a session.")
class MergeSessionMetadataInput:
    id: strawberry.ID = strawberry.field(description="The session: its global id or the agent's own.")
    metadata: Json = strawberry.field(description="A JSON object: its keys overwrite, also with null; others stay.")


@strawberry.input(description="Which session to delete.")
class DeleteSessionInput:
    id: strawberry.ID = strawberry.field(description="The session: its global id or the agent's own.")


@strawberry.type(description="Why a session is not made, changed or deleted.")
class SessionError(UserError):
    code: Code = strawberry.field(description="What is wrong, for programs.")


class Changed(NamedTuple):
    """What a payload shows; without a session nothing was changed."""

    session: domain.sessions.Session | None = None
    user_errors: Sequence[Fault] = ()
    deleted: SessionId | None = None


@strawberry.type(description="What became of the session.")
class CreateSessionPayload:
    session: Session | None = strawberry.field(description="The session, without events; null: not made.")
    user_errors: list[SessionError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the session.")
class UpdateSessionPayload:
    session: Session | None = strawberry.field(description="The session as it is now; null: not changed.")
    user_errors: list[SessionError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the session.")
class MergeSessionMetadataPayload:
    session: Session | None = strawberry.field(description="The session as it is now; null: not changed.")
    user_errors: list[SessionError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the session.")
class DeleteSessionPayload:
    user_errors: list[SessionError] = strawberry.field(description="All that stands against it; empty if it is done.")

    @strawberry.field(
        description="Global id of what is gone, for caches; null: not deleted.", graphql_type=strawberry.ID | None
    )
    @staticmethod
    def deleted_session_id(parent: strawberry.Parent[Changed]) -> str | None:
        return None if parent.deleted is None else nodes.encode("Session", parent.deleted)


def _wrong(code: Code, message: str, *field: str) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, field or None),))


def _session_id(id: str) -> SessionId:
    return read_id(nodes.session_id, id, Code.INVALID_ID, "id")


def _metadata(given: object) -> JsonObject:
    if not isinstance(given, dict):
        raise _wrong(Code.INVALID_METADATA, "metadata must be a JSON object", "metadata")
    return cast(JsonObject, given)


def _new_id(given: str | None) -> SessionId | None:
    """Spelled as usual, in either case; it stays as it is spelled."""
    if given is None:
        return None
    try:
        usual = str(nodes.uuid(given)) == given.lower()
    except Invalid:
        usual = False
    if not usual:
        raise _wrong(Code.INVALID_ID, "rawId must be a UUID", "rawId")
    return SessionId(given)


def _service(given: str | None) -> str | None:
    if given == "":
        raise _wrong(Code.BLANK, "sourceService must not be empty", "sourceService")
    if given is not None and len(given) > 128:
        raise _wrong(Code.TOO_LONG, "sourceService must have at most 128 characters", "sourceService")
    return given


async def _create(info: Info, input: CreateSessionInput) -> domain.sessions.Session:
    id, service = _new_id(input.raw_id), _service(input.source_service)
    metadata = {} if input.metadata is None else _metadata(input.metadata)
    try:
        return await resolvers.sessions.create_session(info.context, id, service, metadata)
    except Conflict as error:
        raise _wrong(Code.ALREADY_EXISTS, str(error), "rawId") from None


async def _update(info: Info, input: UpdateSessionInput) -> domain.sessions.Session:
    title = UNSET if input.title is None else input.title.value
    ended_at = UNSET if input.ended_at is None else input.ended_at.value
    metadata = UNSET if input.metadata is None else _metadata(input.metadata)
    if all(isinstance(one, Unset) for one in (title, ended_at, metadata)):
        raise _wrong(Code.NOTHING_TO_CHANGE, "give a title, an end or metadata")
    id = _session_id(input.id)
    return await resolvers.sessions.update_session(info.context, id, ended_at=ended_at, metadata=metadata, title=title)


async def _merge(info: Info, input: MergeSessionMetadataInput) -> domain.sessions.Session:
    metadata = _metadata(input.metadata)
    return await resolvers.sessions.merge_metadata(info.context, _session_id(input.id), metadata)


async def _changed(change: Awaitable[domain.sessions.Session]) -> Changed:
    try:
        return Changed(await change)
    except DomainError as error:
        return Changed(user_errors=_faults(error))


def _faults(error: DomainError) -> Sequence[Fault]:
    if isinstance(error, NotFound):
        return (Fault(Code.NOT_FOUND, str(error), ("id",)),)
    return expected(error)


async def _delete(info: Info, input: DeleteSessionInput) -> Changed:
    try:
        id = _session_id(input.id)
        await resolvers.erasure.delete_session(info.context, id)
    except DomainError as error:
        return Changed(user_errors=_faults(error))
    return Changed(deleted=id)


@strawberry.type
class SessionMutations:
    @strawberry.mutation(
        description="Registers a session before its first event. Events make theirs by themselves.",
        graphql_type=CreateSessionPayload | None,
    )
    @staticmethod
    async def create_session(
        info: Info, input: Annotated[CreateSessionInput, strawberry.argument(description="What is known of it.")]
    ) -> Changed:
        return await _changed(_create(info, input))

    @strawberry.mutation(
        description="Gives a session a title or an end, or replaces its metadata.",
        graphql_type=UpdateSessionPayload | None,
    )
    @staticmethod
    async def update_session(
        info: Info, input: Annotated[UpdateSessionInput, strawberry.argument(description="Which session, and what.")]
    ) -> Changed:
        return await _changed(_update(info, input))

    @strawberry.mutation(
        description="Adds to the metadata of a session.", graphql_type=MergeSessionMetadataPayload | None
    )
    @staticmethod
    async def merge_session_metadata(
        info: Info,
        input: Annotated[MergeSessionMetadataInput, strawberry.argument(description="Which session, and what.")],
    ) -> Changed:
        return await _changed(_merge(info, input))

    @strawberry.mutation(
        description="Deletes a session with everything that was made of it, for good. The key of a candidate stays"
        " without its session. FORBIDDEN without the scope `sessions:delete`.",
        graphql_type=DeleteSessionPayload | None,
    )
    @staticmethod
    async def delete_session(
        info: Info, input: Annotated[DeleteSessionInput, strawberry.argument(description="Which session.")]
    ) -> Changed:
        return await _delete(info, input)
