"""Reports: asking for one, following how it is written, reading it."""

from collections.abc import AsyncGenerator, Awaitable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

import domain.access
import domain.reports.records as records
import resolvers.report_links
import resolvers.reports
from domain.errors import DomainError, Fault
from domain.languages import Language
from domain.reports.document import Document
from domain.reports.links import Links
from domain.reports.markdown import markdown
from domain.reports.records import (
    PeriodName,
    ReportChange,
    ReportErrorCode,
    ReportId,
    ReportKind,
    ReportStatus,
    Stage,
)
from domain.values import JsonObject
from resolvers.context import Context
from resolvers.cursors import window
from resolvers.reports import Asked, Wanted
from schema import nodes
from schema.developers import Developer
from schema.nodes import Node
from schema.pages import After, Before, Connection, First, Last, Listing
from schema.report_documents import ReportDocument
from schema.user_errors import UserError, expected, read_id
from schema.values import Info, Json, TimeRangeInput, describe, plain, span

describe(
    ReportKind,
    "What a report is made of.",
    {
        "v2.1": "The organisation's sessions, by the older score.",
        "v3.0": "A developer's goal arcs, by the score of today.",
        "media": "One session, or one uploaded transcript.",
    },
)
describe(
    ReportStatus,
    "How far a report is. What is completed, failed or cancelled stays so.",
    {
        "pending": "Nothing of it has begun.",
        "running": "It is being written.",
        "completed": "It can be read.",
        "failed": "It could not be written; `failure` says why.",
        "cancelled": "It was taken back.",
    },
)
describe(
    Stage,
    "What is done for a report, in this order.",
    {
        "queued": "It waits for its turn.",
        "extracting": "What it rests on is being read.",
        "scoring": "Figures are being worked out.",
        "rendering": "It is being put into words.",
        "finalizing": "It is being stored.",
    },
    name="ReportStage",
)
describe(
    PeriodName,
    "The calendar unit that a report is of, in its time zone.",
    {
        "daily": "A day.",
        "weekly": "A week, from Monday on.",
        "monthly": "A month.",
        "custom": "Any other stretch of time; of a medium always.",
    },
    name="ReportPeriod",
)
describe(
    ReportErrorCode,
    "Why a report is not asked for, not cancelled or not deleted.",
    {
        "bad_period": "Its time would end before it begins, is longer than two years, or lies outside the calendar.",
        "bad_scope": "The tag is blank, or longer than 64 characters.",
        "unknown_time_zone": "There is no such time zone.",
        "bad_kind": "Reports of media are asked for over the REST routes.",
        "invalid_id": "The id is none, or that of another type.",
        "not_found": "There is no such report within reach.",
    },
)


@strawberry.type(description="Why there is no report.")
class ReportFailure:
    code: str = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")
    retryable: bool = strawberry.field(description="Whether asking again may help.")


@strawberry.type(description="How a report stood after one of its changes.")
class ReportProgress:
    cursor: str = strawberry.field(
        description="The place of this change: give it as `after` to go on from here. Opaque."
    )
    status: ReportStatus = strawberry.field(description="How far it was.")
    stage: Stage = strawberry.field(description="What was done for it.")
    progress: float = strawberry.field(description="Between 0 and 1; never falls.")
    at: datetime = strawberry.field(description="When it changed.")

    @strawberry.field(description="Global id of the report.", graphql_type=strawberry.ID)
    @staticmethod
    def report_id(parent: strawberry.Parent[ReportChange]) -> str:
        return nodes.encode("Report", parent.report_id)

    @strawberry.field(
        description="The report as it is now, which may be later than the change; null if it is gone.",
        graphql_type="Report | None",
    )
    @staticmethod
    async def report(parent: strawberry.Parent[ReportChange], info: Info) -> records.Report | None:
        return await resolvers.reports.find_report(info.context, parent.report_id)


@strawberry.type(
    description="Where a report is looked at without a key, for a week. They are paths of this server unless it is set"
    " how it is reached (`GOALARC_PUBLIC_URL`)."
)
class ReportLinks:
    page: str = strawberry.field(description="For a browser, on any screen.")
    pdf: str = strawberry.field(description="The same to print or to send.")


@strawberry.type(description="A report, and the job that writes it.")
class Report(Node):
    kind: ReportKind = strawberry.field(description="What it is made of.")
    scope: str = strawberry.field(description="The tag that it is kept under.")
    label: str | None = strawberry.field(description="The name it was given; null without one.")
    period: PeriodName = strawberry.field(description="The calendar unit that it is of.")
    start: datetime | None = strawberry.field(name="from", description="Where its time begins; null of a medium.")
    end: datetime | None = strawberry.field(
        name="to", description="Where its time ends, itself left out; null of a medium."
    )
    time_zone: str = strawberry.field(description="The zone whose days it speaks of, by its IANA name.")
    language: Language = strawberry.field(description="What it is written in.")
    status: ReportStatus = strawberry.field(description="How far it is.")
    stage: Stage = strawberry.field(description="What is, or was last, done for it.")
    progress: float = strawberry.field(description="Between 0 and 1; never falls.")
    failure: ReportFailure | None = strawberry.field(description="Why it has failed; null unless it has.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When it was begun; null until then.")
    finished_at: datetime | None = strawberry.field(description="When it was over; null until then.")

    @strawberry.field(description="Opaque global id.", graphql_type=strawberry.ID)
    @staticmethod
    def id(parent: strawberry.Parent[records.Report]) -> str:
        return nodes.encode("Report", parent.id)

    @strawberry.field(
        description="Whom it is about or, of an organisation's or a medium's, who asked for it; null: a schedule did,"
        " or the key may not see who.",
        graphql_type=Developer | None,
    )
    @staticmethod
    async def developer(parent: strawberry.Parent[records.Report], info: Info) -> domain.access.User | None:
        return None if parent.user_id is None else await info.context.loaders.user.load(parent.user_id)

    @strawberry.field(description="What it says; null until it is completed.", graphql_type=ReportDocument | None)
    @staticmethod
    async def document(parent: strawberry.Parent[records.Report], info: Info) -> Document | None:
        written = await info.context.loaders.report_body.load(parent.id)
        return None if written is None else written.document

    @strawberry.field(description="What it says, as Markdown; null until it is completed.")
    @staticmethod
    async def markdown(parent: strawberry.Parent[records.Report], info: Info) -> str | None:
        written = await info.context.loaders.report_body.load(parent.id)
        return None if written is None else markdown(written.document)

    @strawberry.field(
        description="Its figures and texts under the names of the REST routes; null until it is completed.",
        graphql_type=Json | None,
    )
    @staticmethod
    async def data(parent: strawberry.Parent[records.Report], info: Info) -> JsonObject | None:
        written = await info.context.loaders.report_body.load(parent.id)
        return None if written is None else written.payload

    @strawberry.field(
        description="Links for whoever is to see it; null until it is completed.", graphql_type=ReportLinks | None
    )
    @staticmethod
    async def links(parent: strawberry.Parent[records.Report], info: Info) -> Links | None:
        return await resolvers.report_links.links_of(info.context, parent)

    @classmethod
    def is_type_of(cls, obj: object, info: Info) -> bool:
        return isinstance(obj, records.Report)


@strawberry.input(description="Which report to write.")
class GenerateReportInput:
    kind: ReportKind = strawberry.field(
        default=ReportKind.V3, description="What it is made of: V21 or V3. Reports of media are asked for over REST."
    )
    scope: str = strawberry.field(default="personal", description="A tag to keep it under, of 1 to 64 characters.")
    period: PeriodName = strawberry.field(
        default=PeriodName.WEEKLY,
        description="Without `within`: the calendar unit of `within.to` or of now, or with CUSTOM the last 30 days.",
    )
    within: TimeRangeInput | None = strawberry.field(
        default=None, description="The stretch of time, of two years at most; its name follows from it."
    )
    language: Language | None = strawberry.field(
        default=None, description="What to write in; the organisation's language if left out."
    )
    time_zone: str | None = strawberry.field(
        default=None, description="The zone whose days it speaks of; the developer's own if left out."
    )


@strawberry.input(description="Which report to take back.")
class CancelReportInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")


@strawberry.input(description="Which report to delete.")
class DeleteReportInput:
    id: strawberry.ID = strawberry.field(description="Its global id.")


@strawberry.type(description="Why it is not done.")
class ReportError(UserError):
    code: ReportErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="What became of the wish.")
class GenerateReportPayload:
    report: Report | None = strawberry.field(description="The report and its job; null: none was asked for.")
    user_errors: list[ReportError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the report.")
class CancelReportPayload:
    report: Report | None = strawberry.field(description="The report, now over; null: not cancelled.")
    user_errors: list[ReportError] = strawberry.field(description="All that stands against it; empty if it is done.")


@strawberry.type(description="What became of the report.")
class DeleteReportPayload:
    report: Report | None = strawberry.field(description="The report as it was; null: not deleted.")
    user_errors: list[ReportError] = strawberry.field(description="All that stands against it; empty if it is done.")


class Done(NamedTuple):
    """What a payload shows."""

    report: records.Report | None = None
    user_errors: Sequence[Fault] = ()


async def _answered(change: Awaitable[records.Report]) -> Done:
    try:
        return Done(await change)
    except DomainError as error:
        return Done(user_errors=expected(error))


async def _generate(info: Info, input: GenerateReportInput) -> records.Report:
    within = TimeRangeInput() if input.within is None else input.within
    language = input.language or info.context.caller.settings.language
    asked = Asked(input.kind, input.scope, within.start, within.end, language, input.period, plain(input.time_zone))
    return await resolvers.reports.request_report(info.context, asked)


def _id(id: str) -> ReportId:
    return ReportId(nodes.report_key(id))


async def _cancel(info: Info, id: str) -> records.Report:
    return await resolvers.reports.cancel_report(info.context, read_id(_id, id, ReportErrorCode.INVALID_ID, "id"))


async def _delete(info: Info, id: str) -> records.Report:
    return await resolvers.reports.delete_report(info.context, read_id(_id, id, ReportErrorCode.INVALID_ID, "id"))


@strawberry.type
class ReportMutations:
    @strawberry.mutation(
        description="Has a report written in the background and answers with its job at once: follow `reportProgress`.",
        graphql_type=GenerateReportPayload | None,
    )
    @staticmethod
    async def generate_report(
        info: Info, input: Annotated[GenerateReportInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_generate(info, input))

    @strawberry.mutation(
        description="Takes back a report that is not over; one that is stays as it is.",
        graphql_type=CancelReportPayload | None,
    )
    @staticmethod
    async def cancel_report(
        info: Info, input: Annotated[CancelReportInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_cancel(info, input.id))

    @strawberry.mutation(
        description="Deletes a report for good and answers with what it was; one that is being written is cancelled.",
        graphql_type=DeleteReportPayload | None,
    )
    @staticmethod
    async def delete_report(
        info: Info, input: Annotated[DeleteReportInput, strawberry.argument(description="Which one.")]
    ) -> Done:
        return await _answered(_delete(info, input.id))


@strawberry.input(description="Which reports a list holds; what is left out does not matter.")
class ReportFilterInput:
    kinds: list[ReportKind] | None = strawberry.field(default=None, description="Made of these.")
    scope: str | None = strawberry.field(default=None, description="Kept under this tag.")
    statuses: list[ReportStatus] | None = strawberry.field(default=None, description="This far.")
    within: TimeRangeInput | None = strawberry.field(
        default=None, description="Of a time that overlaps this; never those of media."
    )

    def wanted(self) -> Wanted:
        kinds = tuple(ReportKind) if self.kinds is None else tuple(self.kinds)
        return Wanted(kinds, plain(self.scope), span(self.within), tuple(self.statuses or ()))


@strawberry.type
class ReportQueries:
    @strawberry.field(description="One report by its id; null if there is none.", graphql_type=Report | None)
    @staticmethod
    async def report(info: Info, id: nodes.Id) -> records.Report | None:
        return await resolvers.reports.find_report(info.context, _id(id))

    @strawberry.field(
        description="One's own reports, or all of the organisation for a key that reads it; newest first.",
        graphql_type=Connection[Report],
    )
    @staticmethod
    async def reports(
        info: Info,
        filter: Annotated[ReportFilterInput | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Listing[records.Report]:
        wanted = Wanted() if filter is None else filter.wanted()
        page = await resolvers.reports.list_reports(info.context, wanted, window(first, after, last, before))
        return Listing(page, lambda: resolvers.reports.count_reports(info.context, wanted))


Seen = Annotated[
    str | None,
    strawberry.argument(description="Cursor of the last change seen; from the beginning if left out or null."),
]


@strawberry.type
class ReportSubscriptions:
    @strawberry.subscription(
        description="How a report gets on: its changes after the cursor, then each as it comes, once. Completes with"
        " the last one, or when the report is deleted. NOT_FOUND for one out of reach.",
        graphql_type=ReportProgress,
    )
    @staticmethod
    def report_progress(info: Info, id: nodes.Id, after: Seen = None) -> AsyncGenerator[Sequence[ReportChange]]:
        return resolvers.reports.watch_report(info.context, _id(id), after)


async def find_report(ctx: Context, key: str) -> records.Report | None:
    return await resolvers.reports.find_report(ctx, ReportId(nodes.uuid(key)))
