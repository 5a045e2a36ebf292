"""Candidates: keys made for them, and how far they are; all of it for whoever reviews them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import persistence.access
import persistence.assessments
import persistence.candidates
import persistence.job_runs
import persistence.jobs
import persistence.sessions
from domain.access import CandidateStatus, KeyKind, Scope
from domain.assessments import Assessment
from domain.candidates import (
    Candidate,
    CandidateFilter,
    Invited,
    checked,
    no_such_candidate,
    unknown_assessment,
)
from domain.jobs import Job
from domain.values import AssessmentId, KeyId, OrgId, Page, UserId, Window
from persistence.bus import JOBS
from persistence.database import Tenant, Writing
from persistence.identifiers import new_id
from resolvers import cursors
from resolvers.access import digest, new_secret
from resolvers.assessments import place, reviewing
from resolvers.context import Context, Services


@dataclass(frozen=True, slots=True)
class NewCandidate:
    """A candidate just invited, with the secret of the key: the only time it is shown."""

    candidate: Candidate
    secret: str


async def generate_keys(ctx: Context, id: AssessmentId, invited: Sequence[Invited]) -> list[NewCandidate]:
    """A key for each of 1-50 candidates, good for as long as the assessment says.

    Raises Invalid with a fault for whatever is wrong, NotFound for an unknown assessment, Forbidden for who may not
    review.
    """
    tenant, wanted = reviewing(ctx, Scope.SESSIONS_WRITE), checked(invited)
    async with ctx.services.database.write(tenant) as db:
        assessment = await persistence.assessments.find(db, tenant.org_id, id)
        if assessment is None:
            raise unknown_assessment()
        return await invite(db, assessment, wanted, ctx.now())


async def invite(db: Writing, assessment: Assessment, invited: Sequence[Invited], now: datetime) -> list[NewCandidate]:
    made = [await _new(db, assessment, one, now) for one in invited]
    rows = [(one.candidate, digest(one.secret)) for one in made]
    await persistence.candidates.save_keys(db, assessment.org_id, rows)
    return made


async def _new(db: Writing, assessment: Assessment, one: Invited, now: datetime) -> NewCandidate:
    id = KeyId(new_id())
    candidate = Candidate(
        id=id,
        org_id=assessment.org_id,
        assessment_id=assessment.id,
        user_id=await _developer(db, assessment.org_id, id, one),
        email=one.email,
        name=one.name,
        status=CandidateStatus.PENDING,
        session_id=None,
        created_at=now,
        expires_at=assessment.keys_expire_at(now),
    )
    return NewCandidate(candidate, new_secret(KeyKind.CANDIDATE))


async def _developer(db: Writing, org_id: OrgId, id: KeyId, one: Invited) -> UserId:
    """Whose work it will be. Nobody is told apart by nothing, so who has no address is somebody of their own."""
    email = one.email or f"{id}@candidate.invalid"
    return (await persistence.access.ensure_user(db, org_id, email, None)).id


async def find_candidate(ctx: Context, id: KeyId) -> Candidate | None:
    """None also for one whose key was revoked. Raises Forbidden for who may not review."""
    async with ctx.services.database.read(reviewing(ctx, Scope.SESSIONS_READ)) as db:
        [found] = await persistence.candidates.candidates_by_id(db, ctx.caller.org_id, [id])
    return None if found is None else found.as_of(ctx.now())


async def list_candidates(ctx: Context, wanted: CandidateFilter, window: Window[str]) -> Page[Candidate]:
    """Newest first, without revoked ones. Raises Forbidden for who may not review, Invalid for a forged cursor."""
    tenant, asked = reviewing(ctx, Scope.SESSIONS_READ), window.placed(lambda cursor: place(cursor, _LIST))
    now = ctx.now()
    async with ctx.services.database.read(tenant) as db:
        found = await persistence.candidates.page(db, tenant.org_id, wanted, asked, now)
    shown = [one.as_of(now) for one in found]
    return cursors.page(shown, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


_LIST = "candidates"


async def count_candidates(ctx: Context, wanted: CandidateFilter) -> int:
    """How many `list_candidates` would show in all."""
    async with ctx.services.database.read(reviewing(ctx, Scope.SESSIONS_READ)) as db:
        return await persistence.candidates.count(db, ctx.caller.org_id, wanted, ctx.now())


async def set_status(ctx: Context, id: KeyId, status: CandidateStatus) -> Candidate:
    """Says by hand how far a candidate is, such as hired.

    Raises Invalid for a key that ran out and is to be used again, NotFound, Forbidden for who may not review.
    """
    tenant = reviewing(ctx, Scope.SESSIONS_WRITE)
    async with ctx.services.database.write(tenant) as db:
        return await mark(db, tenant.org_id, id, status, ctx.now())


async def mark(db: Writing, org_id: OrgId, id: KeyId, status: CandidateStatus, now: datetime) -> Candidate:
    marked = (await _locked(db, org_id, id)).marked(status, now)
    await persistence.candidates.update(db, org_id, marked)
    return marked


async def end_timed(services: Services, job: Job) -> None:
    """The job: ends the sessions of an organisation whose candidates' time is up, and comes again for the next.

    Raises LeaseLost.
    """
    org_id, now = job.org_id, services.now()
    async with services.database.write(Tenant(org_id)) as db:
        limited = await persistence.candidates.timed(db, org_id)
        over = [one for one in limited if one.ends_at <= now]
        for one in over:
            session = await persistence.sessions.locked(db, org_id, one.session_id)
            if session is not None and session.stopped_at is None:
                await persistence.sessions.update(db, org_id, one.session_id, one.ends_at)
        await persistence.candidates.complete(db, org_id, [one.session_id for one in over], now)
        if later := [one.ends_at for one in limited if one.ends_at > now]:
            await persistence.jobs.enqueue_deadline(db, org_id, min(later))
        await persistence.job_runs.finish(db, job)
        for one in over:  # the queue of sessions comes last, as everywhere
            await persistence.jobs.enqueue(db, org_id, one.user_id, [one.session_id])
    services.bus.announce(JOBS)


async def revoke_key(ctx: Context, id: KeyId) -> None:
    """Ends a key at once and shows it no more; its session stays. Raises NotFound, Forbidden for who may not review."""
    tenant = reviewing(ctx, Scope.SESSIONS_WRITE)
    async with ctx.services.database.write(tenant) as db:
        await end(db, tenant.org_id, id, ctx.now())


async def end(db: Writing, org_id: OrgId, id: KeyId, now: datetime) -> None:
    found = await _locked(db, org_id, id)
    await persistence.candidates.update(db, org_id, replace(found, revoked_at=now))


async def _locked(db: Writing, org_id: OrgId, id: KeyId) -> Candidate:
    found = await persistence.candidates.locked(db, org_id, id)
    if found is None:
        raise no_such_candidate()
    return found
