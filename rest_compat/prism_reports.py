"""PRISM reports: one family of routes, twice, over the data of v2.1 and of v3.0."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal, NotRequired
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.reports
from domain.errors import NotFound
from domain.languages import Language, choose
from domain.reports.records import LONGEST_SCOPE, Report, ReportId, ReportKind, ReportStatus
from domain.values import JsonObject, Span
from resolvers.context import Context
from resolvers.reports import Asked, Finished
from rest_compat import prism_asked, prism_score
from rest_compat.dialect import Dialect, Operation, Parameter, Refused
from rest_compat.wire import Time, plain, uuid

INSIGHTS = replace(prism_score.DIALECT, title="PRISM Insights & Reports")

Count = Annotated[int, Field(ge=0)]
Version = Literal["v2.1", "v3.0"]
Part = dict[str, object] | None

Ignored = object
"""A body that clients send and nobody reads."""

_USUAL, _MOST = 20, 100


class MetaBody(TypedDict):
    """The stretch of time and how much happened in it."""

    periodStart: Time
    periodEnd: Time
    totalSessions: Count


class PrismReportBody(TypedDict):
    """A report. Names do not change with the language; a part is left out, or null, where there is nothing to say.

    Reports of v3.0 also hold `headline`, `speed`, `tokens`, `skill`, `integrity`, `trivia`, `wins`, `misses`,
    `habits` and `narrative`.
    """

    id: str
    version: Version
    scope: str
    language: str
    createdAt: Time
    meta: MetaBody
    skillSnapshot: NotRequired[Part]
    skillTrend: NotRequired[list[dict[str, object]]]
    sseSeries: NotRequired[list[object]]
    metricSparklines: NotRequired[Part]
    pesRubricSnapshot: NotRequired[Part]
    prismProfile: NotRequired[Part]
    atAGlance: NotRequired[Part]
    activity: NotRequired[Part]
    howYouUseCc: NotRequired[Part]
    impressiveThings: NotRequired[Part]
    whereThingsGoWrong: NotRequired[Part]
    costOptimization: NotRequired[Part]
    worstPrompts: NotRequired[list[dict[str, object]]]
    trends: NotRequired[Part]
    narrative: NotRequired[object]


class ReportRecordBody(TypedDict):
    """A report and how far it is, without what it says."""

    id: str
    version: Version
    scope: str
    status: ReportStatus
    language: Language
    period: str
    progress: Annotated[float, Field(ge=0, le=1)]
    created_at: Time
    started_at: Time | None
    completed_at: Time | None
    error: str | None


# Its name is no identifier.
_Bounds = TypedDict("_Bounds", {"from": Time | None, "to": Time | None})


class ReportRowBody(ReportRecordBody, _Bounds):
    """As above, with the stretch of time that it is of."""


class ReportStatusBody(TypedDict):
    """How far a report is; `completed`, `failed` and `cancelled` are for good."""

    id: str
    status: ReportStatus
    error: str | None
    created_at: Time
    completed_at: Time | None


class ReportHistoryBody(TypedDict):
    reports: list[ReportRowBody]


ID = Parameter("id", "Id of the report.", {"type": "string", "minLength": 1})
SCOPE = Parameter(
    "scope",
    "A tag of your own that the report is kept under.",
    {
        "type": "string",
        "default": "personal",
        "minLength": 1,
        "maxLength": LONGEST_SCOPE,
        "pattern": prism_score.VISIBLE,
    },
)
LANGUAGE = Parameter(
    "Accept-Language", "The language of the prose, looked up as RFC 4647 says.", {"type": "string", "default": "en"}
)
LIMIT = prism_asked.at_most(_USUAL, _MOST)
_FROM = Parameter("from", "Where its time begins; without it, 30 days before `to`.", prism_asked.TIME)
_TO = Parameter("to", "Where its time ends, itself left out; without it, now.", prism_asked.TIME)
_OVERLAP = (
    Parameter("from", "Only reports of a time that ends later.", prism_asked.TIME),
    Parameter("to", "Only reports of a time that begins earlier.", prism_asked.TIME),
)


def _report_id(request: Request) -> ReportId:
    """Raises NotFound for what is no id at all."""
    found: UUID | None = uuid(request.path_params["id"])
    if found is None:
        raise NotFound("Report not found")
    return ReportId(found)


def _scope(request: Request) -> str:
    return prism_asked.text(request, "scope") or ("" if "scope" in request.query_params else "personal")


def _within(request: Request) -> Span:
    return Span(prism_asked.time(request, "from"), prism_asked.time(request, "to"))


def _language(request: Request) -> Language:
    return choose(request.headers.get("accept-language"))


@dataclass(frozen=True, slots=True)
class Family:
    """The eight routes of one kind of report."""

    kind: ReportKind
    dialect: Dialect

    async def get_latest(self, request: Request) -> Response:
        ctx = self.dialect.context(request)
        found = await resolvers.reports.get_latest(ctx, self.kind, _scope(request), _within(request))
        return self.dialect.answer(_body(found))

    async def generate(self, request: Request) -> Response:
        ctx, within = self.dialect.context(request), _within(request)
        asked = Asked(self.kind, _scope(request), within.start, within.end, _language(request))
        report = await resolvers.reports.generate_report(ctx, asked)
        return self.dialect.answer(_body(await self._finished(ctx, report)))

    async def _finished(self, ctx: Context, report: Report) -> Finished:
        if report.status is ReportStatus.CANCELLED:
            raise Refused(409, "Report generation cancelled")
        if report.failure is not None:
            raise Refused(500, f"Report generation failed: {report.failure.message}")
        return await resolvers.reports.get_finished(ctx, report.id, self.kind)

    async def get_pending(self, request: Request) -> Response:
        report = await resolvers.reports.find_pending(self.dialect.context(request), self.kind)
        return Response(status_code=204) if report is None else self.dialect.answer(_record(report))

    async def get_status(self, request: Request) -> Response:
        ctx, id = self.dialect.context(request), _report_id(request)
        return self.dialect.answer(_status(await resolvers.reports.get_status(ctx, id, self.kind)))

    async def cancel(self, request: Request) -> Response:
        ctx, id = self.dialect.context(request), _report_id(request)
        return self.dialect.answer(_status(await resolvers.reports.cancel_report(ctx, id, self.kind)))

    async def list_history(self, request: Request) -> Response:
        ctx, limit = self.dialect.context(request), prism_asked.limit(request, _USUAL, _MOST)
        found = await resolvers.reports.list_history(ctx, self.kind, _scope(request), limit)
        return self.dialect.answer({"reports": [_record(report) for report in found]})

    async def get(self, request: Request) -> Response:
        ctx, id = self.dialect.context(request), _report_id(request)
        return self.dialect.answer(_body(await resolvers.reports.get_finished(ctx, id, self.kind)))

    async def delete(self, request: Request) -> Response:
        await resolvers.reports.delete_report(self.dialect.context(request), _report_id(request), self.kind)
        return Response(status_code=204)


async def quick(request: Request) -> Response:
    """Of v2.1, at once; nothing of it is kept, and its id finds nothing."""
    ctx, within = INSIGHTS.context(request), _within(request)
    asked = Asked(ReportKind.V21, start=within.start, end=within.end, language=_language(request))
    found = await resolvers.reports.quick_report(ctx, asked)
    return INSIGHTS.answer(_body(found))


def _body(found: Finished) -> JsonObject:
    report = found.report
    head: JsonObject = {
        "id": str(report.id),
        "version": str(report.kind),
        "scope": report.scope,
        "language": str(report.language),
        "createdAt": plain(report.finished_at or report.created_at),
    }
    return {**head, **{name: part for name, part in found.written.payload.items() if name not in head}}


def _record(report: Report) -> JsonObject:
    return {
        "id": str(report.id),
        "version": str(report.kind),
        "scope": report.scope,
        "status": str(report.status),
        "language": str(report.language),
        "period": str(report.period),
        "progress": report.progress,
        "from": None if report.start is None else plain(report.start),
        "to": None if report.end is None else plain(report.end),
        "created_at": plain(report.created_at),
        "started_at": None if report.started_at is None else plain(report.started_at),
        "completed_at": None if report.finished_at is None else plain(report.finished_at),
        "error": None if report.failure is None else report.failure.message,
    }


def _status(report: Report) -> JsonObject:
    record = _record(report)
    return {name: record[name] for name in ("id", "status", "error", "created_at", "completed_at")}


def _family(name: str, prefix: str, kind: ReportKind, dialect: Dialect) -> tuple[Operation, ...]:
    of, data = Family(kind, dialect), f"over {kind} data"
    return tuple(
        replace(one, path=f"{prefix}{one.path}", summary=f"{one.summary} {data}", id=f"{one.handler.__name__}_{name}")
        for one in (
            Operation(dialect, "GET", "/report", of.get_latest, "The latest report", {200: PrismReportBody},
                      (400, 401, 403, 404), query=(SCOPE, *_OVERLAP)),
            Operation(dialect, "POST", "/report/generate", of.generate, "Write a report and wait for it",
                      {200: PrismReportBody}, (400, 401, 403, 409, 429), body=Ignored, body_needed=False,
                      query=(SCOPE, _FROM, _TO), headers=(LANGUAGE,)),
            Operation(dialect, "GET", "/report/pending", of.get_pending, "The newest report that is being written",
                      {200: ReportRowBody, 204: None}, (401, 403)),
            Operation(dialect, "GET", "/report/status/{id}", of.get_status, "How far a report is",
                      {200: ReportStatusBody}, (401, 403, 404), path_parameters=(ID,)),
            Operation(dialect, "POST", "/report/cancel/{id}", of.cancel, "Stop writing a report",
                      {200: ReportStatusBody}, (401, 403, 404), path_parameters=(ID,)),
            Operation(dialect, "GET", "/report/history", of.list_history, "Reports, newest first",
                      {200: ReportHistoryBody}, (400, 401, 403), query=(SCOPE, LIMIT)),
            Operation(dialect, "GET", "/report/{id}", of.get, "One report", {200: PrismReportBody}, (401, 403, 404),
                      path_parameters=(ID,)),
            Operation(dialect, "DELETE", "/report/{id}", of.delete, "Delete a report", {204: None}, (401, 403, 404),
                      path_parameters=(ID,)),
        )
    )  # fmt: skip


OPERATIONS: tuple[Operation, ...] = (
    Operation(INSIGHTS, "POST", "/v1/insights/report/quick", quick, "Write a report that is not kept",
              {200: PrismReportBody}, (400, 401, 403), body=Ignored, body_needed=False, query=(_FROM, _TO),
              headers=(LANGUAGE,)),
    *_family("report", "/v1/insights", ReportKind.V21, INSIGHTS),
    *_family("report_v3", "/v1/score_v3", ReportKind.V3, prism_score.DIALECT),
)  # fmt: skip
