"""Scheduled reports by their tag on the older routes: the organisation's for everybody, others for their developer."""

from dataclasses import replace

import pytest

from domain.access import Scope
from domain.report_schedules import ScheduleWish
from domain.reports.records import PeriodName, ReportKind
from resolvers.report_schedules import create_report_schedule, run_schedules
from tests.history import bug_fix, ended, recorded
from tests.make_schedules import at
from tests.reporting import write_reports
from tests.resolvers.test_report_schedules import claimed
from tests.rest_compat.house import House


@pytest.mark.parametrize(
    ("family", "kind", "others"), [("/v1/insights", ReportKind.V21, 200), ("/v1/score_v3", ReportKind.V3, 404)]
)
async def test_a_scheduled_report_is_the_latest_of_its_tag(
    house: House, family: str, kind: ReportKind, others: int
) -> None:
    ada, bob = await house.developer(), await house.developer("bob@example.org")
    await ada.worked(recorded(*bug_fix(0), ended(8)))
    caller = replace(ada.context.caller, scopes=ada.context.caller.scopes | {Scope.ADMIN})
    ctx = replace(ada.context, caller=caller, services=replace(house.services, now=lambda: at("2026-03-02 09:00")))
    await create_report_schedule(ctx, ScheduleWish(kind, PeriodName.DAILY))
    later = replace(ctx.services, now=lambda: at("2026-03-03 06:00"))
    await run_schedules(later, await claimed(ctx))
    await write_reports(later, caller.org_id)
    body = (await ada.client.get(f"{family}/report?scope=scheduled")).json()
    assert (body["scope"], body["meta"]["totalSessions"]) == ("scheduled", 1)
    assert (await ada.client.get(f"{family}/report")).status_code == 404, "not among those that were asked for"
    for who, status in ((ada, 200), (bob, others)):
        assert (await who.client.get(f"{family}/report?scope=scheduled")).status_code == status
        assert (await who.client.get(f"{family}/report/{body['id']}")).status_code == status
        rows = (await who.client.get(f"{family}/report/history?scope=scheduled")).json()["reports"]
        assert [row["id"] for row in rows] == ([body["id"]] if status == 200 else [])
