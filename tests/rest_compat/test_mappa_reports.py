"""Reports of Mappa: each rule of the contract under its name, and what a report is told with."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from jsonschema_rs import Draft202012Validator

from domain.access import KeyKind
from domain.errors import Conflict, DomainError, TooMany, Unavailable
from domain.media import Template
from persistence.database import Tenant
from persistence.reports import reports
from persistence.webhooks import webhook_deliveries
from rest_compat.dialect import Refused
from rest_compat.mappa import DIALECT
from tests.rest_compat.contract import MAPPA, endpoints
from tests.rest_compat.house import House, client_of
from tests.rest_compat.workspace import FILES, REPORTS, Workspace, endpoint, uuid_of, wish, workspace

PARAMS = {
    "roleTitle": "Engineer", "roleDescription": "Writes tests in Python.", "companyCulture": "Kind.",
    "idealProfile": "Asks for a check of totals.",
}  # fmt: skip
OPTIONAL = {"label"}
ALWAYS = {
    "id", "createdAt", "jobId", "summary", "media", "output", "entity", "markdown", "sections", "metrics", "pdfUrl",
    "reportUrl",
}  # fmt: skip


@pytest.fixture
async def here(house: House) -> Workspace:
    return await workspace(house)


async def test_get_ownership(here: Workspace, other_house: House) -> None:
    theirs = await workspace(other_house)
    _, report = await theirs.written()
    unknown = [(await here.client.get(f"{REPORTS}/{id}")) for id in (report["id"], "report_" + "0" * 32, "x", "%00")]
    assert {answer.status_code for answer in unknown} == {404}
    assert {answer.text for answer in unknown} == {'{"error":{"code":"not_found","message":"Report not found"}}'}


async def test_a_report_that_is_not_finished_is_not_there(here: Workspace) -> None:
    job = await here.asked()
    assert (await here.client.get(f"{REPORTS}/{job.replace('job_', 'report_')}")).status_code == 404


async def test_get_job(here: Workspace) -> None:
    job, report = await here.written()
    assert report["jobId"] == job
    again = (await here.client.get(f"{REPORTS}/{report['id']}")).json()
    assert {**again, "pdfUrl": "", "reportUrl": ""} == {**report, "pdfUrl": "", "reportUrl": ""}


@pytest.mark.parametrize("template", Template)
async def test_get_no_extra(here: Workspace, template: Template) -> None:
    _, report = await here.written(template=template, params=PARAMS)
    if endpoints():
        endpoint("get").check(200, report)
        for section in report["sections"]:
            for part in section["section_content"]:
                definition = {"$ref": "#/$defs/MappaContent", "$defs": endpoint("get").document["$defs"]}
                endpoint_validates(definition, part)
    assert ALWAYS <= report.keys() <= ALWAYS | OPTIONAL
    assert report["output"] == {"template": template}


def endpoint_validates(schema: dict[str, object], value: object) -> None:
    Draft202012Validator(schema).validate(value)


async def test_get_lean(here: Workspace) -> None:
    _, bare = await here.written()
    assert "label" not in bare
    assert None not in bare.values()
    _, labelled = await here.written(label="interview", entityLabel="the candidate")
    assert (labelled["label"], labelled["entity"]["label"]) == ("interview", "the candidate")


async def test_get_route_order(here: Workspace) -> None:
    assert (await here.client.get(f"{REPORTS}/jobs")).status_code == 405
    assert (await here.client.get(f"{REPORTS}/by-job/job_{'0' * 32}")).json()["error"]["message"] == "Job not found"
    assert (await here.client.get(f"{REPORTS}/by-job")).status_code == 404


async def test_get_by_job_null(here: Workspace) -> None:
    failed, canceled = await here.asked(target={"strategy": "entity_id", "entity_id": "x"}), await here.asked()
    await here.client.post(f"/v1/jobs/{canceled}/cancel")
    for _ in range(2):
        for job in (failed, canceled):
            assert (await here.client.get(f"{REPORTS}/by-job/{job}")).json() is None
        await here.write()


async def test_get_by_job_content_type(here: Workspace) -> None:
    answer = await here.client.get(f"{REPORTS}/by-job/{await here.asked()}")
    assert (answer.content, answer.headers["content-type"]) == (b"null", "application/json")


async def test_a_report_tells_what_was_asked_of_it(here: Workspace) -> None:
    _, report = await here.written(template="sales_playbook")
    assert report["media"] == {"mediaId": here.session}
    assert report["markdown"].startswith("# Playbook from")
    assert report["metrics"]["goals_reached"] == 1
    assert [section["section_title"] for section in report["sections"]][:2] == [
        "What convinced",
        "Openings that worked",
    ]
    assert datetime.fromisoformat(report["createdAt"]).microsecond % 1000 == 0
    assert report["reportUrl"].startswith("http://rest.test/shared/")


async def test_dominant_is_a_person_where_a_person_is_meant(here: Workspace) -> None:
    _, general = await here.written()
    _, hiring = await here.written(template="hiring_report", params=PARAMS)
    assert (general["entity"]["id"], hiring["entity"]) == ("developer", {"id": "developer", "label": "ada"})


async def test_the_language_is_that_of_the_request(here: Workspace) -> None:
    job = (await here.ask(headers={"Accept-Language": "de-AT"})).json()["jobId"]
    await here.write()
    async with here.house.services.database.read(Tenant(here.org_id)) as db:
        row = await db.row(sa.select(reports.c.language).where(reports.c.id == uuid_of(job)))
    assert row is not None
    assert row["language"] == "de"


async def test_completed_and_failed_are_told_and_canceled_is_not(here: Workspace) -> None:
    """Once each, in the transaction that ends the report; the hook is not kept."""
    hook = {"url": "https://a.example/hook", "headers": {"x-mine": "1"}}
    good, bad = (
        await here.asked(webhook=hook),
        await here.asked(webhook=hook, target={"strategy": "entity_id", "entity_id": "x"}),
    )
    canceled = await here.asked(webhook=hook)
    await here.client.post(f"/v1/jobs/{canceled}/cancel")
    await here.write()
    async with here.house.services.database.read(Tenant(here.org_id)) as db:
        told = [
            json.loads(row["body"])
            for row in await db.rows(
                sa.select(webhook_deliveries.c.body).where(webhook_deliveries.c.org_id == here.org_id)
            )
        ]
        left = await db.rows(
            sa.select(reports.c.id).where(reports.c.org_id == here.org_id, reports.c.hook.is_not(None))
        )
    assert left == []
    assert {(one["type"], one["data"]["jobId"]) for one in told} == {("report.completed", good), ("report.failed", bad)}
    assert next(one for one in told if one["type"] == "report.completed")["data"]["reportId"] == good.replace(
        "job_", "report_"
    )


@pytest.mark.skipif(not endpoints(), reason="the contract does not lie beside the repository")
def test_samples_of_answers_fit_or_fail_as_they_say() -> None:
    for id, one in endpoints().items():
        for example in one.examples("response", valid=True) if id.startswith("mappa") and not one.streams else ():
            one.check(example["status"], example["value"])


@pytest.mark.skipif(not endpoints(), reason="the contract does not lie beside the repository")
def test_each_rule_has_a_test_of_its_name() -> None:
    written = "".join(path.read_text() for path in Path(__file__).parent.glob("test_mappa_*.py"))
    for id in MAPPA:
        short = id.partition(".")[2].replace(".", "_")
        names = [f"async def test_{short}_{rule}(".replace("-", "_") for rule in endpoints()[id].rules]
        assert [name for name in names if name not in written] == []


ROUTES = (
    ("POST", "/v1/reports/jobs"), ("GET", "/v1/reports/x"), ("GET", "/v1/reports/by-job/x"), ("GET", "/v1/jobs/x"),
    ("POST", "/v1/jobs/x/cancel"), ("GET", "/v1/jobs/x/stream"), ("POST", "/v1/files"), ("GET", "/v1/files/x"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_only_service_keys_in_their_header_are_taken(here: Workspace, method: str, path: str) -> None:
    developer, service = here.ada.key.secret, here.key.secret
    for headers in (
        {},
        {"mappa-api-key": developer},
        {"mappa-api-key": "gas_unknown"},
        {"authorization": f"Bearer {service}"},
        {"x-api-key": service},
    ):
        answer = await client_of(here.house.services, headers).request(method, path)
        assert answer.status_code == 401, headers
        assert answer.json()["error"]["code"] == "unauthorized"
        assert answer.headers["x-request-id"].startswith("req_")


async def echoed(client: httpx2.AsyncClient, method: str, path: str, given: str | None) -> str:
    headers = {} if given is None else {"X-Request-Id": given}
    return (await client.request(method, path, headers=headers)).headers["x-request-id"]


async def test_every_answer_names_the_request(here: Workspace) -> None:
    job, report = await here.written()
    paths = [
        ("GET", f"/v1/jobs/{job}"), ("GET", f"/v1/jobs/{job}/stream"), ("GET", f"{REPORTS}/{report['id']}"),
        ("GET", f"{REPORTS}/by-job/{job}"), ("GET", f"{FILES}/{here.session}"), ("GET", "/v1/files/none"),
        ("POST", "/v1/files"), ("POST", "/v1/reports/jobs"), ("DELETE", "/v1/files/none"), ("GET", "/v1/jobs"),
        ("OPTIONS", "/v1/files"), ("HEAD", f"/v1/jobs/{job}"),
    ]  # fmt: skip
    for method, path in paths:
        assert await echoed(here.client, method, path, "req-17") == "req-17", path
        ours = [await echoed(here.client, method, path, given) for given in (None, "x" * 201, "")]
        assert len(set(ours)) == 3
        assert all(one.startswith("req_") for one in ours)


async def test_a_key_without_scopes_is_403(here: Workspace) -> None:
    key = await here.house.key(KeyKind.SERVICE, "lead@example.org", scopes=frozenset({"labels:write"}))
    client = here.house.client(key, "mappa-api-key")
    assert (await client.post("/v1/reports/jobs", json=wish(here.session))).json()["error"]["code"] == "forbidden"
    assert (await client.post(FILES, files={"file": ("a", b"x")})).status_code == 403
    assert (await client.get(f"{FILES}/{here.session}")).status_code == 403


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (TooMany("slow down", 7), 429, "rate_limited"),
        (Unavailable("away"), 503, "unavailable"),
        (Refused(500, "Internal server error"), 500, "internal"),
        (Refused(413, "large"), 413, "payload_too_large"),
        (Conflict("other"), 409, "idempotency_conflict"),
    ],
)
def test_every_error_has_a_code(error: DomainError | Refused, status: int, code: str) -> None:
    answer = DIALECT.error(error)
    assert (answer.status_code, json.loads(answer.body)) == (status, {"error": {"code": code, "message": str(error)}})
    assert answer.headers.get("retry-after") == {429: "7", 503: "1"}.get(status)


async def test_requests_are_counted(here: Workspace) -> None:
    counted = replace(here.house, services=replace(here.house.services, rate_limits=True))
    answer = await counted.client(here.key, "mappa-api-key").get(f"{FILES}/none")
    assert (answer.status_code, answer.headers["x-ratelimit-limit"]) == (404, "600")
