"""What whoever operates the server does for reviewers, over the owner's connection: no key is needed."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

import persistence.access
import persistence.assessments
import persistence.candidates
from domain.access import CandidateStatus, Org
from domain.assessments import Assessment, Task, checked, no_such_assessment
from domain.candidates import Candidate, CandidateFilter, Invited, no_such_candidate
from domain.candidates import checked as checked_candidates
from domain.values import AssessmentId, KeyId, OrgId, Window
from persistence.database import Owning, Tenant, Urls, owner_scope
from resolvers.access import check_slug, orgs_named
from resolvers.assessments import store, withdraw
from resolvers.candidates import NewCandidate, end, invite, mark

_ALL: Window[persistence.assessments.Place] = Window(2**31 - 2)


class Listed(NamedTuple):
    """With the organisation it is of."""

    org: Org
    assessment: Assessment


class Invitee(NamedTuple):
    """With the organisation they were invited to."""

    org: Org
    candidate: Candidate


async def create_assessment(urls: Urls, slug: str, task: Task, now: datetime) -> Assessment:
    """In an organisation that is made when new. Raises Invalid."""
    check_slug(slug)
    kept = checked(task)
    async with owner_scope(urls) as db:
        org = await persistence.access.ensure_org(db, slug)
        await db.bind(Tenant(org.id))
        return await store(db, org.id, kept, now)


async def list_assessments(urls: Urls, slug: str | None) -> list[Listed]:
    """Of one organisation or of all, newest first in each. Raises NotFound for a slug."""
    found: list[Listed] = []
    async with owner_scope(urls) as db:
        for org in await orgs_named(db, slug):
            await db.bind(Tenant(org.id))
            found += [Listed(org, one) for one in await persistence.assessments.page(db, org.id, _ALL)]
    return found


async def get_assessment(urls: Urls, id: AssessmentId) -> Listed:
    """Raises NotFound."""
    async with owner_scope(urls) as db:
        return await _assessment(db, id)


async def delete_assessment(urls: Urls, id: AssessmentId, now: datetime) -> None:
    """As reviewers do. Raises NotFound."""
    async with owner_scope(urls) as db:
        await withdraw(db, (await _assessment(db, id)).org.id, id, now)


async def generate_keys(urls: Urls, id: AssessmentId, invited: Sequence[Invited], now: datetime) -> list[NewCandidate]:
    """As reviewers do. Raises Invalid, NotFound."""
    wanted = checked_candidates(invited)
    async with owner_scope(urls) as db:
        return await invite(db, (await _assessment(db, id)).assessment, wanted, now)


async def list_candidates(urls: Urls, slug: str | None, wanted: CandidateFilter, now: datetime) -> list[Invitee]:
    """Of one organisation or of all, newest first in each. Raises NotFound for a slug."""
    found: list[Invitee] = []
    async with owner_scope(urls) as db:
        for org in await orgs_named(db, slug):
            await db.bind(Tenant(org.id))
            some = await persistence.candidates.page(db, org.id, wanted, _ALL, now)
            found += [Invitee(org, one.as_of(now)) for one in some]
    return found


async def set_status(urls: Urls, id: KeyId, status: CandidateStatus, now: datetime) -> Candidate:
    """As reviewers do. Raises Invalid, NotFound."""
    async with _organisation_of(urls, id) as (db, org_id):
        return await mark(db, org_id, id, status, now)


async def revoke_key(urls: Urls, id: KeyId, now: datetime) -> None:
    """As reviewers do. Raises NotFound."""
    async with _organisation_of(urls, id) as (db, org_id):
        await end(db, org_id, id, now)


async def _assessment(db: Owning, id: AssessmentId) -> Listed:
    """Looked for in every organisation; the scope is bound to the one that it is of."""
    for org in await persistence.access.list_orgs(db):
        await db.bind(Tenant(org.id))
        found = await persistence.assessments.find(db, org.id, id)
        if found is not None:
            return Listed(org, found)
    raise no_such_assessment()


@asynccontextmanager
async def _organisation_of(urls: Urls, id: KeyId) -> AsyncGenerator[tuple[Owning, OrgId]]:
    async with owner_scope(urls) as db:
        for org in await persistence.access.list_orgs(db):
            await db.bind(Tenant(org.id))
            if (await persistence.candidates.candidates_by_id(db, org.id, [id]))[0] is not None:
                yield db, org.id
                return
    raise no_such_candidate()
