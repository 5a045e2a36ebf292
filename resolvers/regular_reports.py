"""What whoever operates the server does about scheduled reports, over the owner's connection: no key is needed."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import persistence.access
import persistence.report_schedules
from domain.access import Org, User
from domain.errors import NotFound
from domain.report_schedules import ReportSchedule, ScheduleId, ScheduleWish, checked, no_such_schedule
from domain.reports.records import ReportKind
from domain.values import UserId, Window
from persistence.database import Owning, Tenant, Urls, owner_scope
from persistence.erasure_batches import NOBODY
from resolvers.access import orgs_named
from resolvers.report_schedules import Asker, save

_ALL: Window[persistence.report_schedules.Place] = Window(2**31 - 2)


class Listed(NamedTuple):
    """With the organisation and the developer it is of."""

    schedule: ReportSchedule
    org: Org
    user: User | None


async def schedule_reports(urls: Urls, slug: str, email: str | None, wish: ScheduleWish, now: datetime) -> Listed:
    """Of a developer or, without `email`, of the organisation. Raises Invalid, NotFound, Conflict."""
    wish = replace(wish, kind=ReportKind.V21 if email is None else ReportKind.V3)
    checked(wish)
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        await db.bind(Tenant(org.id))
        user = None if email is None else await _developer(db, org, email)
        asker = Asker(org.id, org.settings, NOBODY, "UTC") if user is None else _asker(org, user)
        return Listed(await save(db, asker, wish, now), org, user)


async def _developer(db: Owning, org: Org, email: str) -> User:
    found = await persistence.access.find_user_by_email(db, org.id, email.strip().lower())
    if found is None:
        raise NotFound(f"no developer {email} in {org.slug}")
    return found


def _asker(org: Org, user: User) -> Asker:
    return Asker(org.id, org.settings, user.id, user.time_zone)


async def list_schedules(urls: Urls, slug: str | None) -> list[Listed]:
    """Of one organisation or of all, newest first in each. Raises NotFound for a slug."""
    found: list[Listed] = []
    async with owner_scope(urls) as db:
        for org in await orgs_named(db, slug):
            await db.bind(Tenant(org.id))
            some = await persistence.report_schedules.page(db, org.id, None, _ALL)
            users = await _users(db, org, some)
            found += [Listed(one, org, None if one.user_id is None else users[one.user_id]) for one in some]
    return found


async def _users(db: Owning, org: Org, schedules: list[ReportSchedule]) -> dict[UserId, User]:
    ids = list({one.user_id for one in schedules if one.user_id is not None})
    return {user.id: user for user in await persistence.access.users_by_id(db, org.id, ids) if user is not None}


async def unschedule_reports(urls: Urls, id: ScheduleId) -> None:
    """What was written stays. Raises NotFound."""
    async with owner_scope(urls) as db:
        for org in await persistence.access.list_orgs(db):
            await db.bind(Tenant(org.id))
            if await persistence.report_schedules.delete(db, org.id, id):
                return
    raise no_such_schedule()
