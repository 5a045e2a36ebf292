"""Mappa jobs: asking for the report of a medium, and how far it is. A job and its report are one row."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Literal, NotRequired

import orjson
from pydantic import Field, TypeAdapter, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.media
import resolvers.reports
from domain import media
from domain.errors import Invalid, NotFound
from domain.languages import choose
from domain.media import MediaId, OnMiss, ReportWish, Strategy
from domain.reports.records import Report, ReportChange, ReportKind, ReportStatus, Stage, job_name, report_name
from resolvers.context import Context
from rest_compat.dialect import Operation, Parameter
from rest_compat.event_streams import EventStream, event
from rest_compat.mappa import CLOSED, DIALECT, IDEMPOTENCY_KEY, JOB_ID, LANGUAGE, X_REQUEST_ID, Template, job_id
from rest_compat.wire import Time, milliseconds, read_body, whole_number

HEARTBEAT_S = 10.0
"""So often something is sent at least; the contract asks for 15 s."""
LEAST_MS, MOST_MS = 1_000, 300_000
_IDS = 1_000_000
"""Ids of one change apart: those between are of the heartbeats that follow it."""

Seconds = Annotated[float, Field(ge=0)]
Label = Annotated[str, Field(min_length=1, max_length=64)]
Status = Literal["queued", "running", "succeeded", "failed", "canceled"]
Share = Annotated[float, Field(ge=0, le=1)]


@with_config(CLOSED)
class MediaBody(TypedDict):
    mediaId: str


@with_config(CLOSED)
class OutputBody(TypedDict):
    template: Template
    templateParams: NotRequired[dict[str, object]]


@with_config(CLOSED)
class TimeRangeBody(TypedDict):
    start_seconds: NotRequired[Seconds | None]
    end_seconds: NotRequired[Seconds | None]


@with_config(CLOSED)
class TargetBody(TypedDict):
    """Whom the report is about: `entity_id`, `hint` or `timerange` is needed by the strategy of that name."""

    strategy: Literal["dominant", "timerange", "entity_id", "magic_hint"]
    on_miss: NotRequired[
        Annotated[Literal["fallback_dominant", "error"], Field(json_schema_extra={"default": "error"})]
    ]
    timerange: NotRequired[TimeRangeBody | None]
    hint: NotRequired[Annotated[str, Field(min_length=1, max_length=1024)] | None]
    entity_id: NotRequired[Annotated[str, Field(min_length=1, max_length=256)] | None]


@with_config(CLOSED)
class WebhookBody(TypedDict):
    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    headers: NotRequired[dict[str, str]]


@with_config(CLOSED)
class JobCreateBody(TypedDict):
    media: MediaBody
    output: OutputBody
    target: TargetBody
    label: NotRequired[Label]
    entityLabel: NotRequired[Label]
    webhook: NotRequired[WebhookBody]
    idempotencyKey: NotRequired[str]


@with_config(CLOSED)
class JobReceiptBody(TypedDict):
    jobId: str
    status: Literal["queued", "running"]
    stage: NotRequired[str]


class JobErrorBody(TypedDict):
    code: str
    message: str
    retryable: bool


class JobBody(TypedDict):
    """`reportId` is there once it succeeded, `error` once it failed."""

    id: str
    type: Literal["report.generate"]
    status: Status
    stage: Stage
    progress: Share
    createdAt: Time
    updatedAt: Time
    reportId: NotRequired[str]
    error: NotRequired[JobErrorBody]


class JobEventBody(TypedDict):
    """`data` of an event `status`, `stage` or `terminal`; that of a `heartbeat` has a `timestamp` instead."""

    job: JobBody
    status: Status
    stage: Stage
    progress: Share
    reportId: NotRequired[str]
    error: NotRequired[JobErrorBody]


CREATE: TypeAdapter[JobCreateBody] = TypeAdapter(JobCreateBody)
TIMEOUT = Parameter(
    "timeout",
    "Milliseconds after which the stream ends, moved to the nearest bound.",
    {"type": ["integer", "string"], "default": MOST_MS, "minimum": LEAST_MS, "maximum": MOST_MS},
)
LAST_EVENT_ID = Parameter("Last-Event-ID", "Go on after this `id:` of the stream.", {"type": "string"})

_STATUS: dict[ReportStatus, Status] = {
    ReportStatus.PENDING: "queued",
    ReportStatus.RUNNING: "running",
    ReportStatus.COMPLETED: "succeeded",
    ReportStatus.FAILED: "failed",
    ReportStatus.CANCELLED: "canceled",
}


async def create_job(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_body(request, CREATE)
    key = _key(request, body)
    language = choose(request.headers.get("accept-language"))
    made = await resolvers.media.request_media_report(ctx, _wish(body), key, language)
    receipt: JobReceiptBody = {"jobId": job_name(made), "status": "queued", "stage": "queued"}
    return DIALECT.answer(receipt)


def _key(request: Request, body: JobCreateBody) -> str | None:
    """Of the header or of the body; an empty one is none. Raises Invalid where they differ."""
    header, own = request.headers.get("idempotency-key") or None, body.get("idempotencyKey") or None
    if header and own and header != own:
        raise Invalid("Idempotency-Key and idempotencyKey differ", ("idempotencyKey",))
    return header or own


def _wish(body: JobCreateBody) -> ReportWish:
    webhook = body.get("webhook")
    return ReportWish(
        media_id=MediaId(body["media"]["mediaId"]),
        template=media.Template(body["output"]["template"]),
        params=body["output"].get("templateParams", {}),
        target=_target(body["target"]),
        label=body.get("label"),
        entity_label=body.get("entityLabel"),
        hook=None if webhook is None else media.HookWish(url=webhook["url"], headers=webhook.get("headers", {})),
    )


def _target(body: TargetBody) -> media.Target:
    given = body.get("timerange") or {}
    return media.Target(
        strategy=Strategy(body["strategy"]),
        on_miss=OnMiss(body.get("on_miss", OnMiss.ERROR)),
        timerange=media.TimeRange(start_s=given.get("start_seconds"), end_s=given.get("end_seconds")),
        hint=body.get("hint"),
        entity_id=body.get("entity_id"),
    )


async def get_job(request: Request) -> Response:
    ctx = DIALECT.context(request)
    return DIALECT.answer(_job(await found_job(ctx, request)))


async def cancel_job(request: Request) -> Response:
    ctx = DIALECT.context(request)
    report = await found_job(ctx, request)
    return DIALECT.answer(_job(await resolvers.reports.cancel_report(ctx, report.id, ReportKind.MEDIA)))


async def found_job(ctx: Context, request: Request) -> Report:
    """The job of the path. Raises NotFound in this system's words."""
    try:
        return await resolvers.reports.get_status(ctx, job_id(request), ReportKind.MEDIA)
    except NotFound:
        raise NotFound("Job not found") from None


def _job(report: Report, change: ReportChange | None = None) -> JobBody:
    """As it is now, or as it was after a change."""
    of = report if change is None else change
    body: JobBody = {
        "id": job_name(report.id),
        "type": "report.generate",
        "status": _STATUS[of.status],
        "stage": of.stage,
        "progress": of.progress,
        "createdAt": milliseconds(report.created_at),
        "updatedAt": milliseconds(report.updated_at if change is None else change.at),
    }
    if of.status is ReportStatus.COMPLETED:
        body["reportId"] = report_name(report.id)
    if of.status is ReportStatus.FAILED and (why := report.failure) is not None:
        body["error"] = {"code": why.code, "message": why.message, "retryable": why.retryable}
    return body


async def stream_job(request: Request) -> Response:
    ctx = DIALECT.context(request)
    report = await found_job(ctx, request)
    asked = whole_number(request.query_params.get("timeout", ""), LEAST_MS, MOST_MS)
    last = whole_number(request.headers.get("last-event-id", ""), 0, 2**53)
    return EventStream(request, _frames(ctx, report, last or 0, (MOST_MS if asked is None else asked) / 1000))


async def _frames(ctx: Context, report: Report, last: int, timeout_s: float) -> AsyncGenerator[str]:
    """Whoever comes for the first time is told how it is now, whoever comes back what they have missed."""
    clock = asyncio.get_running_loop().time
    ends_s, sent_s, began = clock() + timeout_s, clock(), False
    async with aclosing(resolvers.reports.changes_of(ctx, ctx.tenant, report.id, 0)) as pages:
        async for page in pages:
            shown = page if began else _missed(page, last)
            if shown:
                yield "".join(await _told(ctx, report, shown, begins=not began and len(shown) == 1))
                last, sent_s = shown[-1].seq * _IDS, clock()
            elif clock() - sent_s >= HEARTBEAT_S:
                last, sent_s = last + 1, clock()
                yield event(str(last), "heartbeat", _json({"timestamp": milliseconds(ctx.now())}))
            began = True
            if clock() >= ends_s:
                return


def _missed(page: Sequence[ReportChange], last: int) -> Sequence[ReportChange]:
    """Of all that happened: what came after an id of ours, and without one how it is now."""
    ours = page and _IDS <= last < (page[-1].seq + 1) * _IDS
    return [change for change in page if change.seq > last // _IDS] if ours else page[-1:]


async def _told(ctx: Context, report: Report, changes: Sequence[ReportChange], *, begins: bool) -> list[str]:
    """One frame for each change. How it ended stands in the row alone."""
    if changes[-1].status is ReportStatus.FAILED:
        report = await resolvers.reports.get_status(ctx, report.id, ReportKind.MEDIA)
    return [_frame(report, change, begins=begins) for change in changes]


def _frame(report: Report, change: ReportChange, *, begins: bool) -> str:
    """A change is one of status where work begins or ends, and otherwise one of stage or progress."""
    job = _job(report, change)
    body: JobEventBody = {"job": job, "status": job["status"], "stage": change.stage, "progress": change.progress}
    if "reportId" in job:
        body["reportId"] = job["reportId"]
    if "error" in job:
        body["error"] = job["error"]
    starts = begins or (change.stage in (Stage.QUEUED, Stage.EXTRACTING) and change.progress == 0.0)
    name = "terminal" if change.status.over else "status" if starts else "stage"
    return event(str(change.seq * _IDS), name, _json(body))


def _json(body: object) -> str:
    return orjson.dumps(body).decode()


OPERATIONS = (
    Operation(DIALECT, "POST", "/v1/reports/jobs", create_job, "Ask for a report of a file or a session",
              {200: JobReceiptBody}, (401, 403, 409, 413, 415, 422, 429), body=JobCreateBody,
              headers=(X_REQUEST_ID, IDEMPOTENCY_KEY, LANGUAGE)),
    Operation(DIALECT, "GET", "/v1/jobs/{jobId}", get_job, "How far a report is", {200: JobBody},
              (401, 403, 404, 429), path_parameters=(JOB_ID,), headers=(X_REQUEST_ID,)),
    Operation(DIALECT, "POST", "/v1/jobs/{jobId}/cancel", cancel_job, "Take back the wish for a report",
              {200: JobBody}, (401, 403, 404, 429), path_parameters=(JOB_ID,), headers=(X_REQUEST_ID,)),
    Operation(DIALECT, "GET", "/v1/jobs/{jobId}/stream", stream_job, "Follow a report (Server-Sent Events)",
              {200: JobEventBody}, (401, 403, 404, 429), path_parameters=(JOB_ID,), query=(TIMEOUT,),
              headers=(X_REQUEST_ID, LAST_EVENT_ID), streams=True),
)  # fmt: skip
