"""Writes reports of periods: gathers the facts, has the prose written, and brings both into the shape of a version."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

import persistence.access
from domain.languages import Phrases, phrases
from domain.reports import prism_v3, prism_v21, story, writer
from domain.reports.document import Document
from domain.reports.facts import Facts
from domain.reports.prose import Prose, WriterFailed
from domain.reports.records import Report, ReportFailed, ReportKind, ReportPeriod, Stage, Written
from domain.scores.windows import zone_named
from domain.values import JsonObject, OrgId
from persistence.database import Tenant
from resolvers.context import Services
from resolvers.report_facts import Progress, Whose, gather

_BUILT_IN = "built-in"

_PAYLOADS: Mapping[ReportKind, Callable[[Facts, Prose, Document, Phrases, JsonObject], JsonObject]] = {
    ReportKind.V21: prism_v21.payload,
    ReportKind.V3: prism_v3.payload,
}

_log = structlog.get_logger("goalarc.reports")


class _Told(NamedTuple):
    """The prose, and who wrote it: a model by its name, or None; `instead_of` says why no model did that could have."""

    prose: Prose
    model: str | None = None
    instead_of: str | None = None

    @property
    def written_by(self) -> JsonObject:
        writer = _BUILT_IN if self.model is None else "model"
        return {"writer": writer, "model": self.model, "fallbackReason": self.instead_of}


async def write_prism(services: Services, report: Report, told: Progress) -> Written:
    """The report of a developer's or an organisation's period. Raises ReportFailed, and what `told` raises."""
    facts = await _facts(services, report, told)
    await told(Stage.RENDERING, 0.6)
    say = phrases(report.language, facts.period.zone)
    written = _written(facts, await _prose(services, report, facts, say), say)
    await told(Stage.FINALIZING, 0.95)
    return written


async def write_quick(services: Services, report: Report) -> Written:
    """As `write_prism`, at once: no model is asked, and nobody follows it."""
    facts = await _facts(services, report, _untold)
    say = phrases(report.language, facts.period.zone)
    return _written(facts, _Told(story.prose(facts, say)), say)


async def _untold(stage: Stage, progress: float) -> None:
    """Nobody follows it."""


async def _facts(services: Services, report: Report, told: Progress) -> Facts:
    assert report.start is not None
    assert report.end is not None
    user_id = report.user_id if report.kind is ReportKind.V3 else None
    if user_id is None and report.kind is ReportKind.V3:  # it would be about everybody
        raise ReportFailed("subject_gone", "Whom the report is about is not here any more.")
    of = ReportPeriod(report.period, report.start, report.end, zone_named(report.time_zone))
    return await gather(services, Whose(report.org_id, user_id), of, told)


async def _prose(services: Services, report: Report, facts: Facts, say: Phrases) -> _Told:
    """By the model where there is one and the organisation allows it, else, and if that fails, by rule."""
    by_rule = story.prose(facts, say)
    model = services.writer
    if model is None or facts.now.qualifying == 0:
        return _Told(by_rule)
    if not await _allowed(services, report.org_id):
        return _Told(by_rule, instead_of="not_allowed")
    try:
        return _Told(await model.write(facts, say), model.name)
    except WriterFailed as failed:
        _log.warning("a model did not write a report", model=model.name, reason=failed.reason)
        return _Told(by_rule, instead_of=failed.reason)


async def _allowed(services: Services, org_id: OrgId) -> bool:
    async with services.database.read(Tenant(org_id)) as db:
        org = await persistence.access.find_org_by_id(db, org_id)
    return org is not None and org.settings.ai_processing


def _written(facts: Facts, told: _Told, say: Phrases) -> Written:
    document = writer.document(facts, told.prose, say, by_model=told.model is not None)
    payload = _PAYLOADS[facts.version](facts, told.prose, document, say, told.written_by)
    return Written(payload, document, facts.sessions)
