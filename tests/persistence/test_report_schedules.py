"""Schedules as they are stored, and which of them are due."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from domain.languages import Language
from domain.report_schedules import ReportSchedule, Step
from domain.reports.records import ReportId
from domain.scores.windows import WindowKind
from domain.values import UserId, Window
from domain.webhooks import Hook
from persistence import report_schedules
from persistence.access import users
from persistence.database import Tenant, Writing
from persistence.identifiers import new_id
from resolvers.context import Context
from tests.make_context import make_context
from tests.make_schedules import at, make_schedule

NOW = at("2026-03-03 06:00")
DAY = timedelta(days=1)


@pytest.fixture
async def db(context: Context) -> AsyncGenerator[Writing]:
    async with context.services.database.write(Tenant(context.caller.org_id)) as writing:
        yield writing


async def saved(db: Writing, context: Context, **changes: object) -> ReportSchedule:
    mine = {"org_id": context.caller.org_id, "user_id": context.caller.user_id, "created_by": context.caller.user_id}
    schedule = make_schedule(**{**mine, **changes})
    await report_schedules.save(db, schedule)
    return schedule


async def test_a_schedule_comes_back_as_it_was_stored(db: Writing, context: Context) -> None:
    hook = Hook("https://example.org/?key=1", {"x-team": "a"})
    for changes in (
        {"hook": hook, "language": Language.JA, "scope": "mine", "hour": 0},
        {"user_id": None, "time_zone": "Asia/Tokyo", "follows_developer": False, "period": WindowKind.MONTHLY},
    ):
        schedule = await saved(db, context, **changes)
        assert await report_schedules.find(db, schedule.org_id, schedule.id) == schedule


async def test_it_is_in_the_zone_that_its_developer_has_now(db: Writing, context: Context) -> None:
    own = await saved(db, context)
    fixed = await saved(db, context, time_zone="Asia/Tokyo", follows_developer=False)
    moved = sa.update(users).where(users.c.id == context.caller.user_id).values(time_zone="Europe/Berlin")
    await db.execute(moved)
    found = [await report_schedules.find(db, own.org_id, one.id) for one in (own, fixed)]
    assert [one and one.time_zone for one in found] == ["Europe/Berlin", "Asia/Tokyo"]


async def test_due_is_what_has_come_and_what_cannot_be_true(db: Writing, context: Context) -> None:
    org_id = context.caller.org_id
    late = await saved(db, context, next_at=NOW - 40 * DAY)
    now = await saved(db, context, next_at=NOW)
    await saved(db, context, next_at=NOW + DAY)
    await saved(db, context, next_at=NOW + 31 * DAY, period=WindowKind.MONTHLY)
    wrong = await saved(db, context, next_at=NOW + 31 * DAY)
    assert [one.id for one in await report_schedules.due(db, org_id, NOW, 10)] == [late.id, now.id, wrong.id]
    assert [one.id for one in await report_schedules.due(db, org_id, NOW, 1)] == [late.id]
    assert await report_schedules.earliest(db, org_id) == late.next_at


async def test_what_was_done_is_noted(db: Writing, context: Context) -> None:
    first, report = await saved(db, context), ReportId(new_id())
    await report_schedules.advance(db, first, Step(None, (date(2026, 3, 2),), NOW + DAY), report)
    second = replace(first, done=(date(2026, 3, 2),), next_at=NOW + DAY, last_report_id=report)
    assert await report_schedules.find(db, first.org_id, first.id) == second
    await report_schedules.advance(db, second, Step(None, second.done, NOW + 2 * DAY), None)
    assert await report_schedules.find(db, first.org_id, first.id) == replace(second, next_at=NOW + 2 * DAY)


async def test_lists_show_ones_own_and_the_organisations(db: Writing, context: Context) -> None:
    org_id, me = context.caller.org_id, context.caller.user_id
    other = UserId(new_id())
    await db.execute(sa.insert(users).values(org_id=org_id, id=other, email=f"{other}@example.org"))
    mine = await saved(db, context)
    ours = await saved(db, context, user_id=None, follows_developer=False, created_at=mine.created_at + DAY)
    theirs = await saved(db, context, user_id=other, created_at=mine.created_at + 2 * DAY)
    for visible, shown in ((me, [ours, mine]), (other, [theirs, ours]), (None, [theirs, ours, mine])):
        assert await report_schedules.page(db, org_id, visible, Window(5)) == shown
        assert await report_schedules.count(db, org_id, visible) == len(shown)
    assert [await report_schedules.count_of(db, org_id, one) for one in (me, other, None)] == [1, 1, 1]


async def test_it_goes_with_its_developer(db: Writing, context: Context) -> None:
    mine = await saved(db, context)
    await db.execute(sa.delete(users).where(users.c.id == context.caller.user_id))
    assert await report_schedules.find(db, mine.org_id, mine.id) is None
    assert await report_schedules.earliest(db, mine.org_id) is None


async def test_another_organisation_sees_none(context: Context) -> None:
    async with context.services.database.write(Tenant(context.caller.org_id)) as db:
        mine = await saved(db, context)
    other = await make_context(context.services)
    async with context.services.database.write(Tenant(other.caller.org_id)) as db:
        assert await report_schedules.find(db, mine.org_id, mine.id) is None
        assert await report_schedules.delete(db, mine.org_id, mine.id) is False
    async with context.services.database.write(Tenant(context.caller.org_id)) as db:
        assert await report_schedules.delete(db, mine.org_id, mine.id) is True
        assert await report_schedules.delete(db, mine.org_id, mine.id) is False
