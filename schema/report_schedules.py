"""Reports that are written again and again: having one, seeing which there are, cancelling one."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.access
import domain.report_schedules as schedules
import domain.reports.records as records
import resolvers.report_schedules
from domain.access import Scope
from domain.errors import DomainError, Fault
from domain.languages import Language
from domain.report_schedules import USUAL_HOUR, USUAL_SCOPE, ScheduleErrorCode, ScheduleId, ScheduleWish
from domain.reports.records import PeriodName, ReportKind
from domain.webhooks import Hook, shown
from resolvers.context import Context
from resolvers.cursors import window
from schema import nodes, webhook_headers
from schema.developers import Developer
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.reports import Report
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, describe
from schema.webhook_headers import WebhookHeaderInput

describe(
    ScheduleErrorCode,
    "Why a schedule is not made or not cancelled.",
    {
        "bad_kind": "Reports of media are not made regularly.",
        "bad_period": "Only days, weeks and months end regularly.",
        "bad_hour": "The hour is none from 0 to 23.",
        "bad_scope": "The tag is blank, or longer than 64 characters.",
        "unknown_time_zone": "There is no such time zone.",
        "bad_webhook": "The webhook's address or headers cannot be.",
        "too_many": "There are ten already.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such schedule within reach.",
    },
    name="ReportScheduleErrorCode",
)


@strawberry.type(description="A report that is written whenever its day, week or month is over.")
class ReportSchedule(Node):
    hour: int = strawberry.field(
        description="At which hour of the day after it is written, 0 to 23; where clocks skip it a little later."
    )
    time_zone: str = strawberry.field(description="Whose days and hours these are, by its IANA name.")
    follows_developer: bool = strawberry.field(
        name="followingDeveloper", description="Whether that is the developer's zone, also where it becomes another."
    )
    language: Language = strawberry.field(description="What it is written in.")
    scope: str = strawberry.field(description="The tag that its reports are kept under.")
    next_at: datetime = strawberry.field(description="When the next one is due.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[schedules.ReportSchedule]) -> str:
        return nodes.encode("ReportSchedule", parent.id)

    @strawberry.field(description="What its reports are made of: V3 of a developer's, V21 of the organisation's work.")
    @staticmethod
    def kind(parent: strawberry.Parent[schedules.ReportSchedule]) -> ReportKind:
        return parent.kind

    @strawberry.field(description="DAILY, WEEKLY or MONTHLY.")
    @staticmethod
    def period(parent: strawberry.Parent[schedules.ReportSchedule]) -> PeriodName:
        return PeriodName(parent.period)

    @strawberry.field(
        description="Whom its reports are about; null: they are the organisation's.", graphql_type=Developer | None
    )
    @staticmethod
    async def developer(parent: strawberry.Parent[schedules.ReportSchedule], info: Info) -> domain.access.User | None:
        return None if parent.user_id is None else await info.context.loaders.user.load(parent.user_id)

    @strawberry.field(description="Who made it; null where the key may not see who.", graphql_type=Developer | None)
    @staticmethod
    async def created_by(parent: strawberry.Parent[schedules.ReportSchedule], info: Info) -> domain.access.User | None:
        return await info.context.loaders.user.load(parent.created_by)

    @strawberry.field(
        description="The latest one, however far it is; null before the first, and if it was deleted or is not for this"
        " key.",
        graphql_type=Report | None,
    )
    @staticmethod
    async def last_report(parent: strawberry.Parent[schedules.ReportSchedule], info: Info) -> records.Report | None:
        id = parent.last_report_id
        return None if id is None else await info.context.loaders.report.load(id)

    @strawberry.field(
        description="Where it is told of each that is over, without the query, which may hold a secret; null: nowhere."
    )
    @staticmethod
    def webhook_url(parent: strawberry.Parent[schedules.ReportSchedule]) -> str | None:
        return None if parent.hook is None else shown(parent.hook.url)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, schedules.ReportSchedule)


@strawberry.input(description="A server elsewhere that is told of each report when it is over.")
class ReportWebhookInput:
    url: str = strawberry.field(description="An address that begins with http:// or https://.")
    headers: list[WebhookHeaderInput] | None = strawberry.field(
        default=None, description="What goes with it, at most 20; each name once."
    )

    def hook(self) -> Hook:
        """Raises Invalid for a header that stands there twice."""
        return webhook_headers.hook(self.url, self.headers, ScheduleErrorCode.BAD_WEBHOOK)


@strawberry.input(description="Which report to have written regularly.")
class CreateReportScheduleInput:
    kind: ReportKind = strawberry.field(
        default=ReportKind.V3, description="V3: of the developer's own work. V21: of the organisation's."
    )
    period: PeriodName = strawberry.field(default=PeriodName.WEEKLY, description="DAILY, WEEKLY or MONTHLY.")
    hour: int = strawberry.field(default=USUAL_HOUR, description="At which hour of the day after to write it, 0 to 23.")
    time_zone: str | None = strawberry.field(
        default=None, description="Whose days and hours these are, by its IANA name; the developer's if left out."
    )
    language: Language | None = strawberry.field(
        default=None, description="What to write in; what the organisation chose if left out."
    )
    scope: str = strawberry.field(default=USUAL_SCOPE, description="A tag to keep them under, of 1 to 64 characters.")
    webhook: ReportWebhookInput | None = strawberry.field(
        default=None, description="Whom to tell of each; nobody if left out."
    )


@strawberry.input(description="Which schedule to cancel.")
class CancelReportScheduleInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")


@strawberry.type(description="Why a schedule is not made or not cancelled.")
class ReportScheduleError(UserError):
    code: ScheduleErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class CreateReportSchedulePayload:
    report_schedule: ReportSchedule | None = strawberry.field(description="The schedule; null: none was made.")
    user_errors: list[ReportScheduleError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


@strawberry.type(description="What became of the schedule.")
class CancelReportSchedulePayload:
    report_schedule: ReportSchedule | None = strawberry.field(description="As it was; null: nothing was cancelled.")
    user_errors: list[ReportScheduleError] = strawberry.field(
        description="All that stands against it; empty if it is done."
    )


class Done(NamedTuple):
    """What a payload shows."""

    report_schedule: schedules.ReportSchedule | None = None
    user_errors: Sequence[Fault] = ()


async def _answered(change: Awaitable[schedules.ReportSchedule]) -> Done:
    try:
        return Done(await change)
    except DomainError as error:
        return Done(user_errors=expected(error))


async def _create(info: Info, input: CreateReportScheduleInput) -> schedules.ReportSchedule:
    hook = None if input.webhook is None else input.webhook.hook()
    wish = ScheduleWish(input.kind, input.period, input.hour, input.time_zone, input.language, input.scope, hook)
    return await resolvers.report_schedules.create_report_schedule(info.context, wish)


async def _cancel(info: Info, input: CancelReportScheduleInput) -> schedules.ReportSchedule:
    id = read_id(_schedule_id, input.id, ScheduleErrorCode.INVALID_ID, "id")
    return await resolvers.report_schedules.cancel_report_schedule(info.context, id)


def _schedule_id(id: str) -> ScheduleId:
    return ScheduleId(nodes.report_schedule_key(id))


@strawberry.type
class ReportScheduleMutations:
    @strawberry.mutation(
        description="Has a report written whenever its day, week or month is over, beginning with the one that goes on."
        " Ten for each developer; those of the organisation, ten again, are for keys that may administer.",
        graphql_type=CreateReportSchedulePayload | None,
    )
    @staticmethod
    async def create_report_schedule(
        info: Info, input: Annotated[CreateReportScheduleInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_create(info, input))

    @strawberry.mutation(
        description="Has a report written no more; those that were written stay. One's own, or with a key that may"
        " administer any that it sees.",
        graphql_type=CancelReportSchedulePayload | None,
    )
    @staticmethod
    async def cancel_report_schedule(
        info: Info, input: Annotated[CancelReportScheduleInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_cancel(info, input))


@strawberry.type
class ReportScheduleQueries:
    @strawberry.field(
        description="Which reports are written regularly, newest first: one's own and the organisation's, or all for a"
        " key that reads the organisation.",
        graphql_type=Connection[ReportSchedule],
    )
    @staticmethod
    async def report_schedules(
        info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Listing[schedules.ReportSchedule]:
        asked = window(first, after, last, before)
        page = await resolvers.report_schedules.list_report_schedules(info.context, asked)
        return Listing(page, lambda: resolvers.report_schedules.count_report_schedules(info.context))


async def find_report_schedule(ctx: Context, key: str) -> schedules.ReportSchedule | None:
    """None also for a key that may not read scores."""
    if not ctx.caller.may(Scope.SCORES_READ):
        return None
    return await resolvers.report_schedules.find_report_schedule(ctx, ScheduleId(nodes.uuid(key)))
