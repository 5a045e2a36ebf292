"""Appeals of verdicts: the developer's word, which counts."""

from typing import Annotated

import strawberry

import domain.judging.records as records
import resolvers.appeals
from domain.judging.appeals import AppealErrorCode
from schema.arc_changes import Changed, arc_id, changed
from schema.judging import SubSession
from schema.user_errors import UserError
from schema.values import Info, describe

describe(
    AppealErrorCode,
    "Why a verdict is not appealed.",
    {
        "blank": "The reason is nothing but blanks.",
        "too_long": "The reason has more than 1,000 characters.",
        "not_judged": "There is no verdict yet, or none will come: the arc is open, excluded or waits for its judge.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such goal arc of one's own.",
    },
)


@strawberry.input(description="What one says of the verdict on one's own work.")
class AppealVerdictInput:
    id: strawberry.ID = strawberry.field(description="The goal arc, one's own.")
    goal_complete: bool = strawberry.field(description="Whether the goal was reached.")
    reason: str = strawberry.field(description="Why, in 1-1,000 characters after trimming; folded to one line.")


@strawberry.input(description="Whose appeal to take back.")
class WithdrawAppealInput:
    id: strawberry.ID = strawberry.field(description="The goal arc, one's own.")


@strawberry.type(description="Why a verdict is not appealed.")
class AppealError(UserError):
    code: AppealErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the verdict.")
class AppealVerdictPayload:
    sub_session: SubSession | None = strawberry.field(
        description="The goal arc, with one's own word counting; null: not changed."
    )
    user_errors: list[AppealError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the verdict.")
class WithdrawAppealPayload:
    sub_session: SubSession | None = strawberry.field(
        description="The goal arc, with the judge's word counting again; null: not changed."
    )
    user_errors: list[AppealError] = strawberry.field(description="All that stands against it; empty if it is done.")


async def _appeal(info: Info, input: AppealVerdictInput) -> records.SubSession:
    id = arc_id(input.id, AppealErrorCode.INVALID_ID)
    return await resolvers.appeals.appeal_verdict(info.context, id, input.goal_complete, input.reason)


async def _withdraw(info: Info, input: WithdrawAppealInput) -> records.SubSession:
    return await resolvers.appeals.withdraw_appeal(info.context, arc_id(input.id, AppealErrorCode.INVALID_ID))


@strawberry.type
class AppealMutations:
    @strawberry.mutation(
        description="Says of one's own goal arc whether its goal was reached. That counts instead of the judge's word,"
        " which stays beside it; a second appeal takes the place of the first.",
        graphql_type=AppealVerdictPayload | None,
    )
    @staticmethod
    async def appeal_verdict(
        info: Info,
        input: Annotated[AppealVerdictInput, strawberry.argument(description="Which arc, and what to say.")],
    ) -> Changed:
        return await changed(_appeal(info, input))

    @strawberry.mutation(
        description="Takes one's own appeal back, so that the judge's word counts again.",
        graphql_type=WithdrawAppealPayload | None,
    )
    @staticmethod
    async def withdraw_appeal(
        info: Info, input: Annotated[WithdrawAppealInput, strawberry.argument(description="Which arc.")]
    ) -> Changed:
        return await changed(_withdraw(info, input))
