"""Backfills: having the goal arcs of a stretch of time judged again, and what that would change."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple, TypeVar

import strawberry

import domain.access
import domain.backfills
import domain.judging.records as records
import resolvers.backfills
from domain.access import Scope
from domain.backfills import BackfillErrorCode, BackfillId, BackfillState, Flip, Rehearsal, Stretch
from domain.errors import DomainError, Fault
from domain.values import UserId
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.developers import Developer
from schema.judging import SubSession
from schema.judging_enums import Intent, State
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, describe

T = TypeVar("T")

describe(
    BackfillState,
    "How far a backfill is.",
    {
        "queued": "Nothing of it has begun.",
        "running": "Some of it is done or being done.",
        "done": "All of it is judged again.",
        "cancelled": "Taken back; what had begun came to its end.",
        "failed": "It is over, but some arcs could not be judged.",
    },
)
describe(
    BackfillErrorCode,
    "Why a backfill is not started or not cancelled.",
    {
        "empty_window": "It would end before it begins, or where it begins.",
        "unknown_developer": "There is no such developer in the organisation.",
        "too_many": "A dry run would have to judge more than 200 sessions: ask for a shorter stretch of time.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such backfill in the organisation.",
        "over": "It is over already.",
    },
)


@strawberry.type(description="What the score of a stretch of time is made of.")
class BackfillCounts:
    prism_score: float | None = strawberry.field(
        description="100 * crushedCount / totalCount, one decimal; null where nothing qualifies."
    )
    crushed: int = strawberry.field(name="crushedCount", description="Qualifying arcs that are crushed.")
    qualifying: int = strawberry.field(name="totalCount", description="Arcs that qualify.")


@strawberry.type(description="Work that judges the goal arcs of a stretch of time again, by the rules in force.")
class Backfill(Node):
    stretch__start: datetime = strawberry.field(name="from", description="Arcs that started then or later.")
    stretch__end: datetime = strawberry.field(name="to", description="Only arcs that started before.")
    state: BackfillState = strawberry.field(description="How far it is.")
    total: int = strawberry.field(name="arcCount", description="Goal arcs to be judged again.")
    done: int = strawberry.field(name="doneCount", description="Those of them that were.")
    failed: int = strawberry.field(
        name="failedCount", description="Those of them that could not be: their session failed three times."
    )
    skipped: int = strawberry.field(
        name="skippedCount",
        description="Arcs of the stretch left alone: judged by these rules already, or waiting for it anyway.",
    )
    before: BackfillCounts = strawberry.field(description="The score of the stretch when it was started.")
    after: BackfillCounts | None = strawberry.field(
        description="The score of the stretch when it was over; null until then."
    )
    created_at: datetime = strawberry.field(description="When it was started.")
    finished_at: datetime | None = strawberry.field(description="When it was over; null until then.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[domain.backfills.Backfill]) -> str:
        return nodes.encode("Backfill", parent.id)

    @strawberry.field(
        description="Whose arcs alone; null for everybody's, and where the key may not see who.",
        graphql_type=Developer | None,
    )
    @staticmethod
    async def developer(parent: strawberry.Parent[domain.backfills.Backfill], info: Info) -> domain.access.User | None:
        id = parent.stretch.user_id
        return None if id is None else await info.context.loaders.user.load(id)

    @strawberry.field(description="Who started it; null where the key may not see who.", graphql_type=Developer | None)
    @staticmethod
    async def created_by(parent: strawberry.Parent[domain.backfills.Backfill], info: Info) -> domain.access.User | None:
        return await info.context.loaders.user.load(parent.created_by)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.backfills.Backfill)


@strawberry.type(description="A goal arc on one side of a backfill.")
class BackfillVerdict:
    state: State = strawberry.field(description="How far it has come.")
    qualifying: bool = strawberry.field(description="Whether it stands in the score's denominator.")
    crushed: bool = strawberry.field(description="Whether it stands in the score's numerator.")
    rubric__intent: Intent | None = strawberry.field(name="intent", description="Null if none was established.")
    outcome__goal_complete: bool | None = strawberry.field(
        name="goalComplete", description="Whether the goal was reached; null without a verdict."
    )
    outcome__rationale: str | None = strawberry.field(
        name="rationale", description="Why, in a sentence; null without a verdict."
    )
    ruleset_version: str = strawberry.field(description="The rules it was derived by.")

    @strawberry.field(description="Whether later work undid it.")
    @staticmethod
    def reworked(parent: strawberry.Parent[records.SubSession]) -> bool:
        return parent.rework is not None


@strawberry.type(description="A goal arc that is crushed on one side of a backfill alone.")
class BackfillFlip:
    before: BackfillVerdict | None = strawberry.field(description="As it is now; null for an arc that would be new.")
    after: BackfillVerdict | None = strawberry.field(description="As it would be; null for one that would be gone.")

    @strawberry.field(
        name="subSession",
        description="The arc as it is now; null for one that would be new.",
        graphql_type=SubSession | None,
    )
    @staticmethod
    def sub_session(parent: strawberry.Parent[Flip]) -> records.SubSession | None:
        return parent.before


@strawberry.type(description="What a backfill would change, told without changing it.")
class BackfillRehearsal:
    stretch__start: datetime = strawberry.field(name="from", description="Arcs that started then or later.")
    stretch__end: datetime = strawberry.field(name="to", description="Only arcs that started before.")
    sessions: int = strawberry.field(name="sessionCount", description="Sessions that would be judged: 200 at most.")
    total: int = strawberry.field(
        name="arcCount", description="Their goal arcs in the stretch that would be judged again."
    )
    skipped: int = strawberry.field(name="skippedCount", description="Arcs of the stretch that would be left alone.")
    before: BackfillCounts = strawberry.field(description="The score of the stretch as it is.")
    after: BackfillCounts = strawberry.field(description="The score of the stretch as it would be.")
    flips: list[BackfillFlip] = strawberry.field(
        description="Arcs that would become crushed or cease to be, oldest first. They may lie outside the stretch:"
        " what hangs together is judged together."
    )


@strawberry.input(description="A half-open stretch of time.")
class BackfillWindowInput:
    start: datetime = strawberry.field(name="from", description="Arcs that started then or later.")
    end: datetime = strawberry.field(name="to", description="Only arcs that started before.")


@strawberry.input(description="Which goal arcs to judge again.")
class StartBackfillInput:
    within: BackfillWindowInput = strawberry.field(description="When they started.")
    developer: strawberry.ID | None = strawberry.field(
        default=None, description="Whose arcs alone, by the developer's id; everybody's if left out."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Whether to tell what would change instead of changing it."
    )


@strawberry.input(description="Which backfill to take back.")
class CancelBackfillInput:
    id: strawberry.ID = strawberry.field(description="The backfill.")


@strawberry.type(description="Why a backfill is not started or not cancelled.")
class BackfillError(UserError):
    code: BackfillErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class StartBackfillPayload:
    backfill: Backfill | None = strawberry.field(description="What was started; null: nothing, or a dry run.")
    rehearsal: BackfillRehearsal | None = strawberry.field(description="What would change; null without a dry run.")
    user_errors: list[BackfillError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the backfill.")
class CancelBackfillPayload:
    backfill: Backfill | None = strawberry.field(description="The backfill, now over; null: not cancelled.")
    user_errors: list[BackfillError] = strawberry.field(description="All that stands against it; empty if it is done.")


class Started(NamedTuple):
    """What a payload shows."""

    backfill: domain.backfills.Backfill | None = None
    rehearsal: Rehearsal | None = None
    user_errors: Sequence[Fault] = ()


def _id(read: Callable[[str], T], id: str, field: str) -> T:
    return read_id(read, id, BackfillErrorCode.INVALID_ID, field)


async def _start(info: Info, input: StartBackfillInput) -> Started:
    user_id: UserId | None = None if input.developer is None else _id(nodes.user_id, input.developer, "developer")
    stretch = Stretch(input.within.start, input.within.end, user_id)
    if input.dry_run:
        return Started(rehearsal=await resolvers.backfills.rehearse_backfill(info.context, stretch))
    return Started(await resolvers.backfills.start_backfill(info.context, stretch))


async def _cancel(info: Info, input: CancelBackfillInput) -> Started:
    return Started(await resolvers.backfills.cancel_backfill(info.context, _id(_backfill_id, input.id, "id")))


def _backfill_id(id: str) -> BackfillId:
    return BackfillId(nodes.backfill_key(id))


async def _answered(change: Awaitable[Started]) -> Started:
    try:
        return await change
    except DomainError as error:
        return Started(user_errors=expected(error))


@strawberry.type
class BackfillMutations:
    @strawberry.mutation(
        description="Has the goal arcs of a stretch of time judged again in the background, as far as older rules or"
        " another judge judged them, or their judge failed. With `dryRun` nothing is changed: the answer tells what"
        " would be. For keys that may administer.",
        graphql_type=StartBackfillPayload | None,
    )
    @staticmethod
    async def start_backfill(
        info: Info, input: Annotated[StartBackfillInput, strawberry.argument(description="Which arcs.")]
    ) -> Started:
        return await _answered(_start(info, input))

    @strawberry.mutation(
        description="Takes back what of a backfill has not begun. For keys that may administer.",
        graphql_type=CancelBackfillPayload | None,
    )
    @staticmethod
    async def cancel_backfill(
        info: Info, input: Annotated[CancelBackfillInput, strawberry.argument(description="Which backfill.")]
    ) -> Started:
        return await _answered(_cancel(info, input))


@strawberry.type
class BackfillQueries:
    @strawberry.field(
        description="One backfill by its id, with its progress; null if there is none. For keys that may administer.",
        graphql_type=Backfill | None,
    )
    @staticmethod
    async def backfill(info: Info, id: nodes.Id) -> domain.backfills.Backfill | None:
        return await resolvers.backfills.find_backfill(info.context, _backfill_id(id))

    @strawberry.field(
        description="Backfills of the organisation, newest first. For keys that may administer.",
        graphql_type=Connection[Backfill],
    )
    @staticmethod
    async def backfills(
        info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Listing[domain.backfills.Backfill]:
        page = await resolvers.backfills.list_backfills(info.context, window(first, after, last, before))
        return Listing(page, lambda: resolvers.backfills.count_backfills(info.context))


async def find_backfill(ctx: Context, key: str) -> domain.backfills.Backfill | None:
    """None also for a key that may not administer."""
    if not ctx.caller.may(Scope.ADMIN):
        return None
    return await resolvers.backfills.find_backfill(ctx, BackfillId(nodes.uuid(key)))
