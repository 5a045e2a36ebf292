"""Candidates: keys for them, and how far they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.assessments
import domain.candidates
import domain.sessions
import resolvers.candidates
from domain.access import CandidateStatus
from domain.candidates import CandidateErrorCode, CandidateFilter, Invited
from domain.errors import DomainError, Fault, Forbidden
from domain.values import KeyId
from resolvers.candidates import NewCandidate
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.assessments import Assessment
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.sessions import Session
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, describe

describe(
    CandidateStatus,
    "How far a candidate is.",
    {
        "pending": "The key was not used yet.",
        "active": "At work: the key is tied to a session. Older clients call it redeemed.",
        "completed": "The session ended.",
        "expired": "The key ran out before the session ended.",
        "hired": "A reviewer said so.",
    },
)
describe(
    CandidateErrorCode,
    "Why keys for candidates are not made, or one is not changed.",
    {
        "out_of_range": "1-50 keys are made at once.",
        "invalid_email": "This is no e-mail address.",
        "invalid_name": "A name stands on one line and has 200 characters at most.",
        "unknown_assessment": "There is no such assessment in the organisation.",
        "past_expiry": "The key ran out; make a new one.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such candidate in the organisation, or the key was revoked.",
    },
)


@strawberry.type(
    description="Somebody who was invited to an assessment; the secret of the key is shown once, when made."
)
class Candidate(Node):
    email: str | None = strawberry.field(description="Address as told when the key was made.")
    name: str | None = strawberry.field(description="What to call them.")
    status: CandidateStatus = strawberry.field(description="How far they are by now.")
    created_at: datetime = strawberry.field(description="When the key was made.")
    expires_at: datetime | None = strawberry.field(description="When the key runs out; null: never.")
    redeemed_at: datetime | None = strawberry.field(description="When the key was used first; null until then.")
    completed_at: datetime | None = strawberry.field(description="When the session was seen to end; null until then.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[domain.candidates.Candidate]) -> str:
        return nodes.encode("Candidate", parent.id)

    @strawberry.field(description="The id of the key, as the command line prints it.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[domain.candidates.Candidate]) -> str:
        return str(parent.id)

    @strawberry.field(description="What they were invited to, also if it was taken back.", graphql_type=Assessment)
    @staticmethod
    async def assessment(
        parent: strawberry.Parent[domain.candidates.Candidate], info: Info
    ) -> domain.assessments.Assessment | None:
        return await info.context.loaders.assessment.load(parent.assessment_id)

    @strawberry.field(
        description="What they did; null before the first event, and after it was deleted.",
        graphql_type=Session | None,
    )
    @staticmethod
    async def session(
        parent: strawberry.Parent[domain.candidates.Candidate], info: Info
    ) -> domain.sessions.Session | None:
        id = parent.session_id
        return None if id is None else await info.context.loaders.session.load(id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.candidates.Candidate)


@strawberry.input(description="Which candidates; all given conditions must hold.")
class CandidateFilterInput:
    assessment: strawberry.ID | None = strawberry.field(default=None, description="Those invited to this one.")
    status: CandidateStatus | None = strawberry.field(default=None, description="Those who are so far by now.")

    def wanted(self) -> CandidateFilter:
        """Raises Invalid."""
        return CandidateFilter(None if self.assessment is None else nodes.assessment_id(self.assessment), self.status)


@strawberry.input(description="Somebody to make a key for.")
class InvitedInput:
    email: str | None = strawberry.field(
        default=None, description="Their work will be that of the developer of this address, who is made when new."
    )
    name: str | None = strawberry.field(default=None, description="At most 200 characters; metadata of the session.")

    def invited(self) -> Invited:
        return Invited(self.email, self.name)


@strawberry.input(description="Whom to make keys for.")
class GenerateCandidateKeysInput:
    assessment: strawberry.ID = strawberry.field(description="What they are invited to.")
    candidates: list[InvitedInput] = strawberry.field(
        description="1-50 of them; `{}` is somebody who is not known yet."
    )


@strawberry.input(description="How far a candidate is, as a reviewer says.")
class SetCandidateStatusInput:
    id: strawberry.ID = strawberry.field(description="The candidate.")
    status: CandidateStatus = strawberry.field(description="How far, such as `HIRED`.")


@strawberry.input(description="Whose key to end.")
class RevokeCandidateKeyInput:
    id: strawberry.ID = strawberry.field(description="The candidate.")


@strawberry.type(description="Why keys for candidates are not made, or one is not changed.")
class CandidateError(UserError):
    code: CandidateErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="A key just made.")
class NewCandidateKey:
    secret: str = strawberry.field(
        name="key", description="The secret, such as `PST-7K2M-QX4D`; it is not shown again."
    )
    candidate: Candidate = strawberry.field(description="Whose it is.")


@strawberry.type(description="What became of the wish.")
class GenerateCandidateKeysPayload:
    keys: list[NewCandidateKey] = strawberry.field(description="One for each candidate, in their order.")
    user_errors: list[CandidateError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the candidate.")
class SetCandidateStatusPayload:
    candidate: Candidate | None = strawberry.field(description="The candidate as they are now; null: not changed.")
    user_errors: list[CandidateError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the key.")
class RevokeCandidateKeyPayload:
    revoked_id: strawberry.ID | None = strawberry.field(description="Whose key has ended; null: none has.")
    user_errors: list[CandidateError] = strawberry.field(description="All that stands against it; empty if it is done.")


class Made(NamedTuple):
    keys: Sequence[NewCandidate] = ()
    user_errors: Sequence[Fault] = ()


class Marked(NamedTuple):
    candidate: domain.candidates.Candidate | None = None
    user_errors: Sequence[Fault] = ()


class Revoked(NamedTuple):
    revoked_id: str | None = None
    user_errors: Sequence[Fault] = ()


def _id(id: str) -> KeyId:
    return read_id(nodes.candidate_id, id, CandidateErrorCode.INVALID_ID, "id")


@strawberry.type
class CandidateMutations:
    @strawberry.mutation(
        description="Makes a key for each of 1-50 candidates, good for as long as the assessment says. For keys that"
        " read the whole organisation and may write sessions.",
        graphql_type=GenerateCandidateKeysPayload | None,
    )
    @staticmethod
    async def generate_candidate_keys(
        info: Info, input: Annotated[GenerateCandidateKeysInput, strawberry.argument(description="For whom.")]
    ) -> Made:
        try:
            to = read_id(nodes.assessment_id, input.assessment, CandidateErrorCode.INVALID_ID, "assessment")
            invited = [one.invited() for one in input.candidates]
            return Made(await resolvers.candidates.generate_keys(info.context, to, invited))
        except DomainError as error:
            return Made(user_errors=expected(error))

    @strawberry.mutation(
        description="Says how far a candidate is; a key that ran out does not come to life again. For keys as above.",
        graphql_type=SetCandidateStatusPayload | None,
    )
    @staticmethod
    async def set_candidate_status(
        info: Info, input: Annotated[SetCandidateStatusInput, strawberry.argument(description="Who, and how far.")]
    ) -> Marked:
        try:
            id = _id(input.id)
            return Marked(await resolvers.candidates.set_status(info.context, id, input.status))
        except DomainError as error:
            return Marked(user_errors=expected(error))

    @strawberry.mutation(
        description="Ends a candidate's key at once and lists it no more; the session stays. For keys as above.",
        graphql_type=RevokeCandidateKeyPayload | None,
    )
    @staticmethod
    async def revoke_candidate_key(
        info: Info, input: Annotated[RevokeCandidateKeyInput, strawberry.argument(description="Whose key.")]
    ) -> Revoked:
        try:
            id = _id(input.id)
            await resolvers.candidates.revoke_key(info.context, id)
            return Revoked(nodes.encode("Candidate", id))
        except DomainError as error:
            return Revoked(user_errors=expected(error))


Filter = Annotated[CandidateFilterInput | None, strawberry.argument(description="Which; all if left out.")]


@strawberry.type
class CandidateQueries:
    @strawberry.field(
        description="One candidate by the id of the key; null if there is none. For keys that read the whole"
        " organisation.",
        graphql_type=Candidate | None,
    )
    @staticmethod
    async def candidate(info: Info, id: nodes.Id) -> domain.candidates.Candidate | None:
        return await resolvers.candidates.find_candidate(info.context, nodes.candidate_id(id))

    @strawberry.field(
        description="Candidates of the organisation, newest first, without revoked keys. For keys that read the whole"
        " of it.",
        graphql_type=Connection[Candidate],
    )
    @staticmethod
    async def candidates(
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[domain.candidates.Candidate]:
        wanted = CandidateFilter() if filter is None else filter.wanted()
        page = await resolvers.candidates.list_candidates(info.context, wanted, window(first, after, last, before))
        return Listing(page, lambda: resolvers.candidates.count_candidates(info.context, wanted))


async def find_candidate(ctx: Context, key: str) -> domain.candidates.Candidate | None:
    """None also for a key that may not see any."""
    try:
        return await resolvers.candidates.find_candidate(ctx, KeyId(nodes.uuid(key)))
    except Forbidden:
        return None
