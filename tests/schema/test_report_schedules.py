"""Scheduled reports as front ends make, list and cancel them."""

from dataclasses import replace

import pytest

from domain.reports.records import LONGEST_SCOPE
from domain.values import JsonObject, JsonValue
from resolvers.context import Services
from resolvers.report_schedules import run_schedules
from schema import nodes
from tests.make_schedules import at
from tests.reporting import write_reports
from tests.resolvers.test_report_schedules import claimed
from tests.schema.asking import Asker, make_asker

SHOWN = """id kind period hour timeZone followingDeveloper language scope nextAt createdAt webhookUrl
  developer { id } createdBy { id } lastReport { scope status period from to document { title } }"""
CREATE = f"""mutation ($input: CreateReportScheduleInput!) {{ createReportSchedule(input: $input) {{
  reportSchedule {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
CANCEL = f"""mutation ($input: CancelReportScheduleInput!) {{ cancelReportSchedule(input: $input) {{
  reportSchedule {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
LIST = f"query ($n: Int) {{ reportSchedules(first: $n) {{ totalCount nodes {{ {SHOWN} }} }} }}"
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on ReportSchedule {{ {SHOWN} }} }} }}"
REPORTS = '{ reports(filter: { scope: "scheduled" }) { nodes { kind status developer { id } } } }'


@pytest.fixture
async def dev(services: Services) -> Asker:
    return await make_asker(services)


async def create(asker: Asker, **input: JsonValue) -> JsonObject:
    """One that was made."""
    payload = (await asker.data(CREATE, input=input))["createReportSchedule"]
    assert payload["userErrors"] == []
    return payload["reportSchedule"]


async def refused(asker: Asker, query: str, **input: JsonValue) -> list[tuple[list[str] | None, str]]:
    [payload] = (await asker.data(query, input=input)).values()
    assert payload["reportSchedule"] is None
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def run(asker: Asker, moment: str) -> None:
    services = replace(asker.ctx.services, now=lambda: at(moment))
    await run_schedules(services, await claimed(asker.ctx))
    await write_reports(services, asker.ctx.caller.org_id)


async def test_one_is_made_followed_and_cancelled(dev: Asker) -> None:
    me = {"id": nodes.encode("Developer", dev.ctx.caller.user_id)}
    made = await create(dev)
    assert {**made, "id": ""} == {
        "id": "",
        "kind": "V3",
        "period": "WEEKLY",
        "hour": 6,
        "timeZone": "UTC",
        "followingDeveloper": True,
        "language": "EN",
        "scope": "scheduled",
        "nextAt": "2026-03-09T06:00:00.000Z",
        "createdAt": "2026-03-02T09:00:00.000Z",
        "webhookUrl": None,
        "developer": me,
        "createdBy": me,
        "lastReport": None,
    }
    await run(dev, "2026-03-09 06:00")
    found = (await dev.data(NODE, id=made["id"]))["node"]
    assert found["nextAt"] == "2026-03-16T06:00:00.000Z"
    report = found["lastReport"]
    assert report["document"]["title"]
    assert report == {
        "document": report["document"],
        "scope": "scheduled",
        "status": "COMPLETED",
        "period": "WEEKLY",
        "from": "2026-03-02T00:00:00.000Z",
        "to": "2026-03-09T00:00:00.000Z",
    }
    assert (await dev.data(LIST, n=5))["reportSchedules"] == {"totalCount": 1, "nodes": [found]}
    gone = (await dev.data(CANCEL, input={"id": made["id"]}))["cancelReportSchedule"]
    assert (gone["userErrors"], gone["reportSchedule"]) == ([], found)
    assert (await dev.data(NODE, id=made["id"]))["node"] is None
    assert (await dev.data(REPORTS))["reports"]["nodes"] == [{"kind": "V3", "status": "COMPLETED", "developer": me}]
    assert await refused(dev, CANCEL, id=made["id"]) == [(["id"], "NOT_FOUND")]


async def test_all_of_it_can_be_chosen(dev: Asker) -> None:
    hook: JsonValue = {"url": "https://example.org/hook?key=secret", "headers": [{"name": "x-key", "value": "secret"}]}
    wish: dict[str, JsonValue] = {"period": "MONTHLY", "hour": 0, "timeZone": "Asia/Tokyo", "scope": " mine "}
    made = await create(dev, **wish, language="JA", webhook=hook)
    assert {name: made[name] for name in ("period", "hour", "timeZone", "followingDeveloper", "language", "scope")} == {
        "period": "MONTHLY",
        "hour": 0,
        "timeZone": "Asia/Tokyo",
        "followingDeveloper": False,
        "language": "JA",
        "scope": "mine",
    }
    assert made["nextAt"] == "2026-03-31T15:00:00.000Z"
    assert made["webhookUrl"] == "https://example.org/hook"


async def test_the_organisations_are_for_all_to_see_and_for_administrators_to_make(
    services: Services, dev: Asker
) -> None:
    boss = await make_asker(services, slug=dev.slug, admin=True)
    assert await dev.code(CREATE, input={"kind": "V21"}) == "FORBIDDEN"
    made = await create(boss, kind="V21", period="DAILY")
    assert (made["kind"], made["developer"], made["followingDeveloper"]) == ("V21", None, False)
    await run(boss, "2026-03-03 06:00")
    [seen] = (await dev.data(LIST, n=5))["reportSchedules"]["nodes"]
    assert (seen["id"], seen["createdBy"]) == (made["id"], None)
    assert await dev.code(CANCEL, input={"id": made["id"]}) == "FORBIDDEN"
    assert (await boss.data(CANCEL, input={"id": made["id"]}))["cancelReportSchedule"]["userErrors"] == []


@pytest.mark.parametrize(
    ("input", "expected"),
    [
        ({"kind": "MEDIA"}, [(["kind"], "BAD_KIND")]),
        ({"period": "CUSTOM"}, [(["period"], "BAD_PERIOD")]),
        ({"hour": 24, "timeZone": "Mars/Olympus"}, [(["hour"], "BAD_HOUR"), (["timeZone"], "UNKNOWN_TIME_ZONE")]),
        ({"scope": "x" * (LONGEST_SCOPE + 1)}, [(["scope"], "BAD_SCOPE")]),
        ({"webhook": {"url": "file:///etc/passwd"}}, [(["webhook"], "BAD_WEBHOOK")]),
        (
            {"webhook": {"url": "https://example.org", "headers": [{"name": "a", "value": "1"}] * 2}},
            [(["webhook", "headers"], "BAD_WEBHOOK")],
        ),
    ],
)
async def test_what_cannot_be_is_refused(dev: Asker, input: dict[str, JsonValue], expected: object) -> None:
    assert await refused(dev, CREATE, **input) == expected


async def test_an_eleventh_is_refused(dev: Asker) -> None:
    for _ in range(10):
        await create(dev)
    assert await refused(dev, CREATE) == [(None, "TOO_MANY")]
    assert (await dev.data(LIST, n=5))["reportSchedules"]["totalCount"] == 10


async def test_only_ones_own_id_of_a_schedule_will_do(services: Services, dev: Asker) -> None:
    made = await create(await make_asker(services, slug=dev.slug))
    assert await refused(dev, CANCEL, id=made["id"]) == [(["id"], "NOT_FOUND")]
    assert await refused(dev, CANCEL, id="x") == [(["id"], "INVALID_ID")]
    assert await refused(dev, CANCEL, id=nodes.encode("Report", made["id"])) == [(["id"], "INVALID_ID")]
    assert (await dev.data(NODE, id=made["id"]))["node"] is None
