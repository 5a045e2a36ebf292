"""Assessments: the tasks that candidates are given."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, NamedTuple

import strawberry

import domain.assessments
import resolvers.assessments
from domain.assessments import AllowedTool, AssessmentErrorCode, Task
from domain.errors import DomainError, Fault, Forbidden
from domain.values import AssessmentId
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, describe

describe(
    AllowedTool,
    "An agent that a candidate may work with.",
    {"claude": "Claude Code, Anthropic's.", "codex": "OpenAI's in the terminal.", "cursor": "The agent of the editor."},
)
describe(
    AssessmentErrorCode,
    "Why an assessment is not made or not deleted.",
    {
        "blank": "A title is missing.",
        "too_long": "A text has more characters than fit.",
        "not_printable": "A text that stands on one line holds a line break or a control character.",
        "out_of_range": "A number is too small or too large.",
        "empty": "No tool is allowed at all.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such assessment in the organisation.",
    },
)


@strawberry.type(description="A task for candidates. Sessions of its keys are compared with one another.")
class Assessment(Node):
    task__title: str = strawberry.field(name="title", description="What the task is called.")
    task__role: str | None = strawberry.field(name="role", description="The position that it is for.")
    task__task_brief: str | None = strawberry.field(name="taskBrief", description="What the candidate is told to do.")
    task__repo_url: str | None = strawberry.field(name="repoUrl", description="The repository to work in.")
    task__issue_id: str | None = strawberry.field(name="issueId", description="The issue to solve.")
    task__time_limit_minutes: int | None = strawberry.field(
        name="timeLimitMinutes",
        description="When so many have passed since a key was first used, its session ends; null: no limit.",
    )
    task__token_budget_usd: float | None = strawberry.field(
        name="tokenBudgetUsd", description="Dollars to spend on models; null: no limit."
    )
    task__allowed_tools: list[AllowedTool] = strawberry.field(
        name="allowedTools", description="The agents that may be used."
    )
    task__expires_in_days: int = strawberry.field(
        name="expiresInDays", description="How many days a key for it is good."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    deleted_at: datetime | None = strawberry.field(description="When it was taken back; null: it was not.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[domain.assessments.Assessment]) -> str:
        return nodes.encode("Assessment", parent.id)

    @strawberry.field(description="The id as REST routes and the command line print it.")
    @staticmethod
    def raw_id(parent: strawberry.Parent[domain.assessments.Assessment]) -> str:
        return str(parent.id)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, domain.assessments.Assessment)


@strawberry.input(description="A task for candidates.")
class CreateAssessmentInput:
    title: str = strawberry.field(description="1-200 characters on one line.")
    role: str | None = strawberry.field(default=None, description="The position that it is for, <= 200 characters.")
    task_brief: str | None = strawberry.field(default=None, description="What to do, <= 20,000 characters.")
    repo_url: str | None = strawberry.field(
        default=None, description="The repository to work in, <= 2,000 characters; it becomes metadata of sessions."
    )
    issue_id: str | None = strawberry.field(default=None, description="The issue to solve, <= 200 characters.")
    time_limit_minutes: int | None = strawberry.field(default=None, description="1-43,200; left out: no limit.")
    token_budget_usd: float | None = strawberry.field(default=None, description="0-1,000; left out: no limit.")
    allowed_tools: list[AllowedTool] | None = strawberry.field(default=None, description="All of them if left out.")
    expires_in_days: int = strawberry.field(
        default=domain.assessments.DEFAULT_DAYS, description="How many days keys are good: 1-365."
    )

    def task(self) -> Task:
        budget = self.token_budget_usd
        return Task(
            title=self.title,
            role=self.role,
            task_brief=self.task_brief,
            repo_url=self.repo_url,
            issue_id=self.issue_id,
            time_limit_minutes=self.time_limit_minutes,
            token_budget_usd=None if budget is None else Decimal(str(budget)),
            allowed_tools=tuple(AllowedTool if self.allowed_tools is None else self.allowed_tools),
            expires_in_days=self.expires_in_days,
        )


@strawberry.input(description="Which assessment to take back.")
class DeleteAssessmentInput:
    id: strawberry.ID = strawberry.field(description="The assessment.")


@strawberry.type(description="Why an assessment is not made or not deleted.")
class AssessmentError(UserError):
    code: AssessmentErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class CreateAssessmentPayload:
    assessment: Assessment | None = strawberry.field(description="The new one; null: none was made.")
    user_errors: list[AssessmentError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


@strawberry.type(description="What became of the assessment.")
class DeleteAssessmentPayload:
    deleted_id: strawberry.ID | None = strawberry.field(description="Which one is gone; null: none is.")
    user_errors: list[AssessmentError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


class Made(NamedTuple):
    assessment: domain.assessments.Assessment | None = None
    user_errors: Sequence[Fault] = ()


class Deleted(NamedTuple):
    deleted_id: str | None = None
    user_errors: Sequence[Fault] = ()


@strawberry.type
class AssessmentMutations:
    @strawberry.mutation(
        description="Makes an assessment. For keys that read the whole organisation and may write sessions.",
        graphql_type=CreateAssessmentPayload | None,
    )
    @staticmethod
    async def create_assessment(
        info: Info, input: Annotated[CreateAssessmentInput, strawberry.argument(description="What it asks for.")]
    ) -> Made:
        try:
            return Made(await resolvers.assessments.create_assessment(info.context, input.task()))
        except DomainError as error:
            return Made(user_errors=expected(error))

    @strawberry.mutation(
        description="Takes an assessment back: it is listed no more and its unused keys end. Sessions that were done"
        " for it stay, and are compared with one another as before. For keys as above.",
        graphql_type=DeleteAssessmentPayload | None,
    )
    @staticmethod
    async def delete_assessment(
        info: Info, input: Annotated[DeleteAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> Deleted:
        try:
            id = read_id(nodes.assessment_id, input.id, AssessmentErrorCode.INVALID_ID, "id")
            await resolvers.assessments.delete_assessment(info.context, id)
            return Deleted(nodes.encode("Assessment", id))
        except DomainError as error:
            return Deleted(user_errors=expected(error))


@strawberry.type
class AssessmentQueries:
    @strawberry.field(
        description="One assessment by its id; null if there is none. For keys that read the whole organisation.",
        graphql_type=Assessment | None,
    )
    @staticmethod
    async def assessment(info: Info, id: nodes.Id) -> domain.assessments.Assessment | None:
        return await resolvers.assessments.find_assessment(info.context, nodes.assessment_id(id))

    @strawberry.field(
        description="Assessments of the organisation, newest first. For keys that read the whole of it.",
        graphql_type=Connection[Assessment],
    )
    @staticmethod
    async def assessments(
        info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Listing[domain.assessments.Assessment]:
        page = await resolvers.assessments.list_assessments(info.context, window(first, after, last, before))
        return Listing(page, lambda: resolvers.assessments.count_assessments(info.context))


async def find_assessment(ctx: Context, key: str) -> domain.assessments.Assessment | None:
    """None also for a key that may not see any."""
    try:
        return await resolvers.assessments.find_assessment(ctx, AssessmentId(nodes.uuid(key)))
    except Forbidden:
        return None
