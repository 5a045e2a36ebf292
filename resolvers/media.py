"""Media: looking one up, and asking for a report of it; whoever may read an organisation sees all of its media."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import orjson

import persistence.idempotency
import persistence.media
import persistence.sessions
import persistence.uploads
from domain.access import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.languages import Language
from domain.media import MediaId, Medium, Processing, ReportWish, Upload, check, expiry, upload_id
from domain.reports.records import Report, ReportId, ReportKind
from domain.sessions import Session
from domain.values import SessionId
from domain.webhooks import Hook, checked
from persistence.bus import JOBS
from persistence.database import Reading, Tenant
from persistence.idempotency import OtherRequest, Purpose
from resolvers.context import Context
from resolvers.reports import enqueue, new_report

RECORDED_TYPE = "application/x-ndjson"
"""What a session that was recorded as it went on counts as."""


async def get_medium(ctx: Context, id: MediaId) -> Medium:
    """Raises NotFound, also for a medium of another organisation."""
    ctx.caller.require(Scope.SESSIONS_READ)
    async with ctx.read() as db:
        found = await _find(ctx, db, id)
    if found is None:
        raise NotFound("File not found")
    return found


async def _find(ctx: Context, db: Reading, id: MediaId) -> Medium | None:
    org_id, named = ctx.caller.org_id, upload_id(id)
    upload = None if named is None else await persistence.uploads.find(db, org_id, named)
    session_id = SessionId(id) if upload is None else upload.session_id
    session = None if session_id is None else await persistence.sessions.find(db, org_id, session_id)
    used_at = await persistence.media.last_used(db, org_id, id)
    days = ctx.caller.settings.retention_days
    if upload is not None:
        return _uploaded(upload, session, used_at, days)
    return None if session is None else _recorded(session, used_at, days)


def _recorded(session: Session, used_at: datetime | None, retention_days: int | None) -> Medium:
    return Medium(
        id=MediaId(session.id),
        session_id=session.id,
        user_id=session.user_id,
        key_id=None,
        label=session.title or session.id,
        content_type=RECORDED_TYPE,
        size=None,
        duration_s=_duration(session),
        status=Processing.COMPLETED,
        created_at=session.created_at,
        used_at=used_at,
        expires_at=expiry(session.last_activity_at or session.created_at, retention_days),
    )


def _uploaded(upload: Upload, session: Session | None, used_at: datetime | None, retention_days: int | None) -> Medium:
    active_at = None if session is None else session.last_activity_at
    return Medium(
        id=upload.media_id,
        session_id=upload.session_id,
        user_id=upload.user_id,
        key_id=upload.key_id,
        label=upload.label,
        content_type=upload.content_type,
        size=upload.size,
        duration_s=None if session is None else _duration(session),
        status=upload.status,
        created_at=upload.created_at,
        problem=upload.problem,
        used_at=used_at,
        expires_at=expiry(active_at or upload.created_at, retention_days),
    )


def _duration(session: Session) -> float | None:
    start, end = session.started_at, session.last_activity_at
    return (end - start).total_seconds() if start and end else None


async def request_media_report(ctx: Context, wish: ReportWish, key: str | None, language: Language) -> ReportId:
    """Asks for a report of a medium; under a `key` that was used for the same wish it is the report of then.

    Raises Invalid for a medium that is not there and for whatever else is wrong with the wish, Conflict where the key
    was used for another one, TooMany.
    """
    ctx.caller.require(Scope.SESSIONS_READ)
    ctx.caller.require(Scope.SCORES_READ)
    check(wish)
    hook = _hook(wish)
    try:
        before = await _made_before(ctx, wish, key)
        if before is not None:
            return before
        await _check_medium(ctx, wish.media_id)
        return await _enqueue(ctx, _report(ctx, wish, language), wish, key, hook)
    except OtherRequest:
        raise Conflict("Idempotency key reused with a different request") from None


def _hook(wish: ReportWish) -> Hook | None:
    """Raises Invalid for one that cannot be called."""
    return None if wish.hook is None else checked(Hook(wish.hook.url, wish.hook.headers))


def digest(key: str) -> bytes:
    """Of an idempotency key."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def _fingerprint(wish: ReportWish) -> bytes:
    """Equal for wishes that ask for the same."""
    told = wish.model_dump(mode="json", exclude_none=True)
    return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()


async def _made_before(ctx: Context, wish: ReportWish, key: str | None) -> ReportId | None:
    if not key:
        return None
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        found = await persistence.idempotency.find(
            db, ctx.caller.org_id, Purpose.REPORT, digest(key), _fingerprint(wish)
        )
    return None if found is None else ReportId(found)


async def _check_medium(ctx: Context, id: MediaId) -> None:
    """One that cannot be read is let through: sooner or later that is told by the job, whoever comes first."""
    async with ctx.read() as db:
        found = await _find(ctx, db, id)
    if found is None:
        raise Invalid("media.mediaId names no media", ("media.mediaId names no media",))


def _report(ctx: Context, wish: ReportWish, language: Language) -> Report:
    """Its scope is the medium, by which the reports of one are found; where to tell of it is kept apart."""
    report = new_report(ctx, ReportKind.MEDIA, wish.media_id, language, None)
    asked = wish.model_dump(mode="json", exclude={"hook"}, exclude_none=True)
    return replace(report, request=asked, label=wish.label)


async def _enqueue(ctx: Context, report: Report, wish: ReportWish, key: str | None, hook: Hook | None) -> ReportId:
    org_id = ctx.caller.org_id
    async with ctx.services.database.write(Tenant(org_id)) as db:
        if key:
            claimed = (Purpose.REPORT, digest(key), _fingerprint(wish), report.id)
            first = await persistence.idempotency.claim(db, org_id, *claimed)
            if first != report.id:
                return ReportId(first)
        await enqueue(db, report, hook)
    ctx.services.bus.announce(JOBS)
    return report.id
