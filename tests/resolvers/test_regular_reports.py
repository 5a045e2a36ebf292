"""Scheduled reports as whoever operates the server makes, lists and ends them."""

from uuid import uuid4

import pytest

from domain.access import Org
from domain.errors import Invalid, NotFound
from domain.languages import Language
from domain.report_schedules import ScheduleId, ScheduleWish
from domain.reports.records import ReportKind
from domain.values import Window
from persistence.database import Urls
from resolvers.context import Context
from resolvers.regular_reports import list_schedules, schedule_reports, unschedule_reports
from resolvers.report_schedules import list_report_schedules
from tests.make_context import NOW, make_org, make_user
from tests.make_schedules import at
from tests.resolvers.test_report_schedules import days, run


@pytest.fixture
async def org(urls: Urls) -> Org:
    return await make_org(urls)


async def test_a_developers_and_the_organisations(urls: Urls, org: Org) -> None:
    ada = await make_user(urls, org, time_zone="Europe/Berlin")
    theirs = await schedule_reports(urls, org.slug, ada.email.upper(), ScheduleWish(language=Language.JA), NOW)
    assert (theirs.schedule.kind, theirs.schedule.time_zone) == (ReportKind.V3, "Europe/Berlin")
    assert theirs.user is not None
    assert theirs.user.id == ada.id
    assert theirs.schedule.language is Language.JA
    ours = await schedule_reports(urls, org.slug, None, ScheduleWish(time_zone="Asia/Tokyo"), NOW)
    assert (ours.schedule.kind, ours.schedule.time_zone, ours.user) == (ReportKind.V21, "Asia/Tokyo", None)
    assert {one.schedule for one in await list_schedules(urls, org.slug)} == {theirs.schedule, ours.schedule}
    await unschedule_reports(urls, theirs.schedule.id)
    assert await list_schedules(urls, org.slug) == [ours]
    with pytest.raises(NotFound):
        await unschedule_reports(urls, theirs.schedule.id)


async def test_what_the_operator_made_is_written_and_seen(urls: Urls, context: Context) -> None:
    made = (await schedule_reports(urls, f"org-{context.caller.org_id}", None, ScheduleWish(), NOW)).schedule
    assert (await list_report_schedules(context, Window(5))).items == [made]
    await run(context, at("2026-03-09 06:00"))
    assert await days(context) == ["03-02"]


async def test_what_is_not_there_or_cannot_be(urls: Urls, org: Org) -> None:
    with pytest.raises(NotFound):
        await schedule_reports(urls, "nobody", None, ScheduleWish(), NOW)
    with pytest.raises(NotFound):
        await schedule_reports(urls, org.slug, "nobody@example.org", ScheduleWish(), NOW)
    with pytest.raises(Invalid):
        await schedule_reports(urls, org.slug, None, ScheduleWish(hour=24), NOW)
    with pytest.raises(NotFound):
        await unschedule_reports(urls, ScheduleId(uuid4()))
