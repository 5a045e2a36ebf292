"""Writing the report of a medium: once it was read and judged, what was said and done in it becomes a document."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import persistence.access
import persistence.clusters
import persistence.jobs
import persistence.judging
import persistence.media
import persistence.session_parts
import persistence.sessions
import persistence.uploads
from domain.errors import Unavailable
from domain.languages import phrases
from domain.media import MediaId, Processing, ReportWish, upload_id
from domain.media_entities import Entity, Said, entities, find
from domain.reports.media import write
from domain.reports.media_facts import Material
from domain.reports.records import Report, ReportFailed, Stage, Written
from domain.session_parts import SessionParts
from domain.sessions import Session
from domain.values import OrgId, SessionId
from persistence.database import Reading, Tenant
from resolvers.context import Services
from resolvers.report_facts import Progress

JUDGED_WITHIN = timedelta(minutes=1)
"""So long after it was asked for a report waits for verdicts: a session that goes on may never have its last one."""


async def write_media(services: Services, report: Report, told: Progress) -> Written:
    """Raises ReportFailed where the medium or the target is not there, Unavailable as long as it is being read."""
    wish = ReportWish.model_validate(report.request)
    late = services.now() - report.created_at >= JUDGED_WITHIN
    async with services.database.read(Tenant(report.org_id)) as db:
        session_id = await _session_of(db, report.org_id, wish.media_id)
        if not late and await persistence.jobs.waiting(db, report.org_id, [session_id]):
            raise Unavailable("the session is being judged")
        session, parts, said, name = await _read(db, report.org_id, session_id)
        [arcs] = await persistence.judging.sub_sessions_by_session(db, report.org_id, [session_id])
        kin = await persistence.clusters.kin(db, report.org_id, [session_id])
    await told(Stage.SCORING, 0.4)
    present = await asyncio.to_thread(_present, session, parts, said, name)
    start = session.started_at or session.created_at
    whom = await asyncio.to_thread(find, present, wish.target, start, people=wish.template.of_people)
    called = wish.entity_label or whom.name
    await told(Stage.RENDERING, 0.7)
    material = Material(session, tuple(arcs), tuple(present), whom, called, parts, wish)
    words = phrases(report.language, ZoneInfo(report.time_zone))
    written = await asyncio.to_thread(write, material, words, services.now())
    return replace(written, sessions=written.sessions | kin)  # what is quoted may have been merged from them


async def _session_of(db: Reading, org_id: OrgId, id: MediaId) -> SessionId:
    upload = None if (named := upload_id(id)) is None else await persistence.uploads.find(db, org_id, named)
    if upload is None:
        return SessionId(id)
    if upload.status is Processing.FAILED:
        raise ReportFailed("media_unreadable", upload.problem or "the file could not be read")
    if upload.session_id is None:
        raise Unavailable("the file is being read")
    return upload.session_id


async def _read(db: Reading, org_id: OrgId, id: SessionId) -> tuple[Session, SessionParts, list[Said], str]:
    """The session, what it is made up of, what was said in it, and the name of its developer."""
    session = await persistence.sessions.find(db, org_id, id)
    if session is None:
        raise ReportFailed("media_not_found", "The media is gone")
    [files] = await persistence.session_parts.files_by_session(db, org_id, [id])
    [tools] = await persistence.session_parts.tools_by_session(db, org_id, [id])
    [models] = await persistence.session_parts.models_by_session(db, org_id, [id])
    [agents] = await persistence.session_parts.agents_by_session(db, org_id, [id])
    [user] = await persistence.access.users_by_id(db, org_id, [session.user_id])
    said = await persistence.media.said(db, org_id, id)
    return session, SessionParts(files, tools, models, agents), said, user.email if user else ""


def _present(session: Session, parts: SessionParts, said: list[Said], developer: str) -> list[Entity]:
    models = [one.name for one in parts.models if one.name]
    return entities(
        said, developer.partition("@")[0] or "developer", session.source_service or "agent", parts.agents, models
    )
