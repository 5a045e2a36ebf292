"""Reports as front ends ask for them, follow them and read them."""

import asyncio

import pytest

from domain.access import KeyKind
from domain.values import JsonObject, JsonValue
from resolvers.access import set_settings
from resolvers.context import Services
from resolvers.report_links import open_link
from schema import nodes
from tests.history import bug_fix, ended, judging, recorded
from tests.make import time
from tests.outdated import judged
from tests.reporting import write_reports
from tests.schema.asking import Asker, make_asker, socket
from tests.schema.test_live import candidate_of
from tests.schema.test_sql_counts import statements

SHOWN = """id kind scope period from to timeZone language status stage progress createdAt startedAt finishedAt
  failure { code message retryable } developer { id } markdown data
  document { language title subtitle summary footnote generatedAt sections { title blocks { __typename
    ... on ReportText { heading content } ... on ReportItems { heading texts }
    ... on ReportGrid { columnCount cards { icon title content note tone } }
    ... on ReportEvidence { quote source remark } ... on ReportTable { heading columns rows numeric }
    ... on ReportChart { kind title summary labels unit maximum series { name values tone } } } } }"""
GENERATE = f"""mutation ($input: GenerateReportInput!) {{ generateReport(input: $input) {{
  report {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
ONE = f"query ($id: ID!) {{ report(id: $id) {{ {SHOWN} }} node(id: $id) {{ id }} }}"
LIST = """query ($filter: ReportFilterInput, $first: Int, $after: String) {
  reports(filter: $filter, first: $first, after: $after) {
    totalCount nodes { id kind scope status } pageInfo { hasNextPage endCursor } } }"""
PROGRESS = """subscription ($report: ID!, $after: String) { reportProgress(id: $report, after: $after) {
  cursor reportId status stage progress report { status } } }"""


@pytest.fixture
async def ada(services: Services) -> Asker:
    """A developer with one goal reached, on the evening of the day."""
    asker = await make_asker(judging(services, time(8 * 60)))
    await judged(asker.ctx, recorded(*bug_fix(0), ended(8)))
    return asker


async def ask_for(asker: Asker, **input: JsonValue) -> JsonObject:
    payload = (await asker.data(GENERATE, input=input))["generateReport"]
    assert payload["userErrors"] == []
    return payload["report"]


async def change(asker: Asker, what: str, id: str) -> JsonObject:
    kind = f"{what[0].upper()}{what[1:]}ReportInput"
    query = f"""mutation ($input: {kind}!) {{ {what}Report(input: $input) {{
      report {{ id status }} userErrors {{ field code message }} }} }}"""
    return (await asker.data(query, input={"id": id}))[f"{what}Report"]


async def write(asker: Asker) -> None:
    await write_reports(asker.ctx.services, asker.ctx.caller.org_id)


async def test_the_job_is_there_at_once_and_the_report_a_moment_later(ada: Asker) -> None:
    asked = await ask_for(ada)
    assert (asked["status"], asked["stage"], asked["progress"], asked["document"]) == ("PENDING", "QUEUED", 0, None)
    assert (asked["kind"], asked["period"], asked["timeZone"]) == ("V3", "WEEKLY", "UTC")
    assert (asked["from"], asked["to"]) == ("2026-03-02T00:00:00.000Z", "2026-03-09T00:00:00.000Z")
    await write(ada)
    answer = await ada.data(ONE, id=asked["id"])
    done = answer["report"]
    assert (done["status"], done["progress"], done["failure"]) == ("COMPLETED", 1, None)
    assert done["data"]["meta"]["totalSessions"] == 1
    document = done["document"]
    assert document["language"] == "EN"
    assert document["title"] in done["markdown"]
    assert {block["__typename"] for one in document["sections"] for block in one["blocks"]} >= {"ReportGrid"}
    assert answer["node"] == {"id": asked["id"]}


async def test_language_and_days_are_those_asked_for(ada: Asker) -> None:
    within = {"from": "2026-03-01T23:00:00Z", "to": "2026-03-02T23:00:00Z"}
    asked = await ask_for(ada, within=within, timeZone="Europe/Berlin", language="ZH_HANT", scope="day")
    assert (asked["period"], asked["timeZone"], asked["language"]) == ("DAILY", "Europe/Berlin", "ZH_HANT")
    await write(ada)
    assert (await ada.data(ONE, id=asked["id"]))["report"]["document"]["language"] == "ZH_HANT"


async def test_without_a_language_it_is_the_organisation_s(ada: Asker) -> None:
    await set_settings(ada.ctx.services.database.urls, ada.slug, {"language": "fr"})
    assert (await ask_for(ada))["language"] == "FR"


@pytest.mark.parametrize(
    ("input", "field", "code"),
    [
        ({"scope": "  "}, ["scope"], "BAD_SCOPE"),
        ({"scope": "x" * 65}, ["scope"], "BAD_SCOPE"),
        ({"scope": "a\x00b"}, ["scope"], "BAD_SCOPE"),
        ({"timeZone": "Mars/Olympus"}, ["timeZone"], "UNKNOWN_TIME_ZONE"),
        ({"within": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}}, ["within"], "BAD_PERIOD"),
        ({"within": {"from": "2020-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}}, ["within"], "BAD_PERIOD"),
        ({"within": {"to": "0001-01-01T00:00:00Z"}}, ["within"], "BAD_PERIOD"),
        ({"kind": "MEDIA"}, ["kind"], "BAD_KIND"),
    ],
)
async def test_what_cannot_be_is_an_error_of_its_place(
    ada: Asker, input: JsonObject, field: list[str], code: str
) -> None:
    payload = (await ada.data(GENERATE, input=input))["generateReport"]
    assert payload["report"] is None
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [(field, code)]


async def test_a_report_is_followed_to_its_end_and_on_from_a_cursor(ada: Asker) -> None:
    id = (await ask_for(ada))["id"]
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(PROGRESS, "whole", report=id)
        first = (await ws.receive())["payload"]["data"]["reportProgress"]
        assert (first["status"], first["reportId"]) == ("PENDING", id)
        await write(ada)
        seen = [first]
        while (message := await ws.receive())["type"] == "next":
            seen.append(message["payload"]["data"]["reportProgress"])
        assert message["type"] == "complete"
        assert [one["status"] for one in (seen[0], seen[1], seen[-1])] == ["PENDING", "RUNNING", "COMPLETED"]
        assert [one["progress"] for one in seen] == sorted(one["progress"] for one in seen)
        await ws.subscribe(PROGRESS, "rest", report=id, after=seen[1]["cursor"])
        rest = []
        while (message := await ws.receive())["type"] == "next":
            rest.append(message["payload"]["data"]["reportProgress"]["cursor"])
        assert rest == [one["cursor"] for one in seen[2:]]


async def test_a_cursor_of_another_report_is_refused(ada: Asker) -> None:
    one, other = (await ask_for(ada))["id"], (await ask_for(ada))["id"]
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(PROGRESS, "one", report=one)
        cursor = (await ws.receive())["payload"]["data"]["reportProgress"]["cursor"]
        for after in (cursor, "nonsense"):
            await ws.subscribe(PROGRESS, f"other {after}", report=other, after=after)
            message = await ws.receive()
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "BAD_USER_INPUT")


async def test_a_cancelled_report_stays_cancelled(ada: Asker) -> None:
    id = (await ask_for(ada))["id"]
    for _ in range(2):
        payload = await change(ada, "cancel", id)
        assert (payload["report"]["status"], payload["userErrors"]) == ("CANCELLED", [])
    await write(ada)
    assert (await ada.data(ONE, id=id))["report"]["status"] == "CANCELLED"


async def test_a_deleted_report_is_gone(ada: Asker) -> None:
    id = (await ask_for(ada))["id"]
    assert (await change(ada, "delete", id))["report"]["id"] == id
    assert await ada.data(ONE, id=id) == {"report": None, "node": None}
    again = await change(ada, "delete", id)
    assert [(error["field"], error["code"]) for error in again["userErrors"]] == [(["id"], "NOT_FOUND")]


async def test_lists_hold_one_s_own_and_an_organisation_s_reader_all(ada: Asker) -> None:
    services, slug = ada.ctx.services, ada.slug
    bob, lead = await make_asker(services, slug), await make_asker(services, slug, KeyKind.REVIEWER)
    mine = [(await ask_for(ada, scope=scope))["id"] for scope in ("a", "b", "b")]
    theirs = (await ask_for(bob))["id"]

    async def ids(who: Asker, **filter: JsonValue) -> list[str]:
        return [one["id"] for one in (await who.data(LIST, filter=filter))["reports"]["nodes"]]

    assert await ids(ada) == mine[::-1]
    assert await ids(bob) == [theirs]
    assert await ids(lead) == [theirs, *mine[::-1]]
    assert await ids(ada, scope="b", kinds=["V3"], statuses=["PENDING"]) == [mine[2], mine[1]]
    assert await ids(ada, kinds=["V21"]) == []
    assert await ids(ada, within={"from": "2026-03-09T00:00:00Z"}) == []
    page = (await ada.data(LIST, first=2))["reports"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await ada.data(LIST, first=2, after=page["pageInfo"]["endCursor"]))["reports"]
    assert [one["id"] for one in page["nodes"] + rest["nodes"]] == mine[::-1]


async def test_another_s_report_is_not_there(ada: Asker) -> None:
    services = ada.ctx.services
    id = (await ask_for(ada))["id"]
    for stranger in (await make_asker(services), await make_asker(services, ada.slug)):
        assert await stranger.data(ONE, id=id) == {"report": None, "node": None}
        for what in ("cancel", "delete"):
            payload = await change(stranger, what, id)
            assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]
        async with socket(stranger.app, stranger.headers) as ws:
            await ws.init()
            await ws.subscribe(PROGRESS, "no", report=id)
            assert (await ws.receive())["payload"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_candidate_gets_no_reports(ada: Asker) -> None:
    candidate = await candidate_of(ada)
    assert await candidate.code(LIST) == "FORBIDDEN"
    assert await candidate.code(GENERATE, input={}) == "FORBIDDEN"


async def test_ids_of_other_things_are_refused(ada: Asker) -> None:
    for id in ("nonsense", nodes.encode("Session", "x")):
        payload = await change(ada, "cancel", id)
        assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [(["id"], "INVALID_ID")]


async def test_a_list_of_bodies_is_read_at_once(ada: Asker) -> None:
    for _ in range(4):
        await ask_for(ada)
    await write(ada)
    query = """query ($first: Int) { reports(first: $first) { nodes {
      markdown document { title } developer { id } links { page pdf } } } }"""
    await ada.data(query, first=1)  # what links are signed with is made when it is first needed
    counts: list[int] = []
    for size in (1, 4):
        with statements() as told:
            found = await ada.data(query, first=size)
        assert len(found["reports"]["nodes"]) == size
        counts.append(len(told))
    assert counts[0] == counts[1]


async def test_a_finished_report_can_be_shown_to_anybody(ada: Asker) -> None:
    id = (await ask_for(ada))["id"]
    query = "query ($id: ID!) { report(id: $id) { links { page pdf } } }"
    assert (await ada.data(query, id=id))["report"] == {"links": None}
    await write(ada)
    links = (await ada.data(query, id=id))["report"]["links"]
    assert links["pdf"] == links["page"] + ".pdf"
    opened = await open_link(ada.ctx.services, links["page"].removeprefix("/shared/"))
    assert nodes.encode("Report", opened.report.id) == id


async def test_many_follow_one_report(ada: Asker) -> None:
    id = (await ask_for(ada))["id"]

    async def last() -> str:
        async with socket(ada.app, ada.headers) as ws:
            await ws.init()
            await ws.subscribe(PROGRESS, "one", report=id)
            found = ""
            while (message := await ws.receive())["type"] == "next":
                found = message["payload"]["data"]["reportProgress"]["status"]
            return found

    followers = [asyncio.create_task(last()) for _ in range(10)]
    await write(ada)
    assert await asyncio.gather(*followers) == ["COMPLETED"] * 10
