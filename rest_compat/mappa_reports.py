"""Mappa reports: what was written of a medium, with links to look at it."""

from collections.abc import Mapping
from typing import NotRequired

from pydantic import with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.report_links
import resolvers.reports
from domain.errors import NotFound
from domain.media import ReportWish
from domain.reports.markdown import markdown
from domain.reports.records import ReportKind, ReportStatus, job_name, report_name
from domain.reports.sections import wire_sections
from resolvers.context import Context
from resolvers.reports import Finished
from rest_compat.dialect import Operation
from rest_compat.mappa import CLOSED, DIALECT, JOB_ID, REPORT_ID, X_REQUEST_ID, Template, report_id
from rest_compat.mappa_jobs import found_job
from rest_compat.wire import Time, milliseconds


@with_config(CLOSED)
class SourceBody(TypedDict):
    mediaId: str


@with_config(CLOSED)
class TemplateBody(TypedDict):
    template: Template


@with_config(CLOSED)
class EntityBody(TypedDict):
    """Whom it is about: `developer`, `agent`, or `agent:` and the id of a sub-agent."""

    id: str
    label: str | None


@with_config(CLOSED)
class SectionBody(TypedDict):
    section_title: str
    section_content: list[dict[str, object]]


@with_config(CLOSED)
class ReportBody(TypedDict):
    """`metrics` are what was counted; the links need no key and are good for a week at least."""

    id: str
    createdAt: Time
    jobId: str
    label: NotRequired[str]
    summary: str
    media: SourceBody
    output: TemplateBody
    entity: EntityBody
    markdown: str
    sections: list[SectionBody]
    metrics: dict[str, object]
    pdfUrl: str
    reportUrl: str


async def get_media_report(request: Request) -> Response:
    ctx = DIALECT.context(request)
    return DIALECT.answer(await _body(ctx, request, await _finished(ctx, request)))


async def get_media_report_by_job(request: Request) -> Response:
    """null until the job succeeded, and for ever where it did not."""
    ctx = DIALECT.context(request)
    job = await found_job(ctx, request)
    if job.status is not ReportStatus.COMPLETED:
        return DIALECT.answer(None)
    found = await resolvers.reports.get_finished(ctx, job.id, ReportKind.MEDIA)
    return DIALECT.answer(await _body(ctx, request, found))


async def _finished(ctx: Context, request: Request) -> Finished:
    try:
        return await resolvers.reports.get_finished(ctx, report_id(request), ReportKind.MEDIA)
    except NotFound:
        raise NotFound("Report not found") from None


async def _body(ctx: Context, request: Request, found: Finished) -> Mapping[str, object]:
    report, written = found
    wish = ReportWish.model_validate(report.request)
    links = await resolvers.report_links.links(ctx.services, report, str(request.base_url).rstrip("/"))
    return {
        "id": report_name(report.id),
        "createdAt": milliseconds(report.finished_at or report.updated_at),
        "jobId": job_name(report.id),
        **({"label": report.label} if report.label else {}),
        **written.payload,
        "media": {"mediaId": wish.media_id},
        "output": {"template": wish.template},
        "markdown": markdown(written.document),
        "sections": wire_sections(written.document),
        "pdfUrl": links.pdf,
        "reportUrl": links.page,
    }


OPERATIONS = (
    Operation(DIALECT, "GET", "/v1/reports/by-job/{jobId}", get_media_report_by_job, "The report of a job, or null",
              {200: ReportBody | None}, (401, 403, 404, 429), path_parameters=(JOB_ID,), headers=(X_REQUEST_ID,)),
    Operation(DIALECT, "GET", "/v1/reports/{reportId}", get_media_report, "A report of a file or a session",
              {200: ReportBody}, (401, 403, 404, 429), path_parameters=(REPORT_ID,), headers=(X_REQUEST_ID,)),
)  # fmt: skip
