"""The report routes of PRISM, over v2.1 and over v3.0 data: each rule of the contract, in both families."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest

import resolvers.report_writing
from domain.reports.records import Report, ReportFailed, Stage, Written
from resolvers.context import Services
from resolvers.report_facts import Progress
from tests.history import bug_fix, ended, recorded
from tests.reporting import write_reports, writing
from tests.rest_compat.house import Developer, House

FAMILIES = ("/v1/insights", "/v1/score_v3")
both = pytest.mark.parametrize("family", FAMILIES)
VERSION = {"/v1/insights": "v2.1", "/v1/score_v3": "v3.0"}
Write = Callable[[Services, Report, Progress], "asyncio.Future[Written]"]


async def worked(house: House) -> Developer:
    ada = await house.developer()
    await ada.worked(recorded(*bug_fix(0), ended(8)))
    return ada


async def generated(who: Developer, family: str, query: str = "", **headers: str) -> httpx2.Response:
    async with writing(who.context.services, who.context.caller.org_id):
        return await who.client.post(f"{family}/report/generate{query}", headers=headers)


async def report(who: Developer, family: str, query: str = "", **headers: str) -> dict[str, object]:
    answer = await generated(who, family, query, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


class Gate:
    """Holds the writer up after its first stage until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        self._write = resolvers.report_writing.write_prism
        monkeypatch.setattr(resolvers.report_writing, "write_prism", self)

    async def __call__(self, services: Services, report: Report, told: Progress) -> Written:
        await told(Stage.SCORING, 0.5)
        self.reached.set()
        await self.opened.wait()
        return await self._write(services, report, told)

    @asynccontextmanager
    async def held(self, who: Developer, family: str) -> AsyncGenerator[asyncio.Task[httpx2.Response]]:
        """A generation that waits at the gate; it goes on when the block ends."""
        async with writing(who.context.services, who.context.caller.org_id):
            call = asyncio.create_task(who.client.post(f"{family}/report/generate"))
            await asyncio.wait_for(self.reached.wait(), 10)
            yield call
            self.opened.set()
            await call


@both
async def test_report_generate_synchronous(house: House, family: str) -> None:
    ada = await worked(house)
    body = await report(ada, family)
    assert (body["version"], body["scope"], body["language"]) == (VERSION[family], "personal", "en")
    assert body["meta"]["totalSessions"] == 1


@both
async def test_report_generate_observable(house: House, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = await worked(house), await house.developer("bob@example.org")
    async with Gate(monkeypatch).held(ada, family):
        for who in (ada, bob):
            row = (await who.client.get(f"{family}/report/pending")).json()
            assert (row["status"], row["progress"]) == ("running", 0.5)
            status = (await who.client.get(f"{family}/report/status/{row['id']}")).json()
            assert status["status"] == "running"
    assert (await ada.client.get(f"{family}/report/status/{row['id']}")).json()["status"] == "completed"


@both
async def test_report_cancelled_by_others_the_call_ends_with_409(
    house: House, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = await worked(house), await house.developer("bob@example.org")
    async with Gate(monkeypatch).held(ada, family) as call:
        row = (await bob.client.get(f"{family}/report/pending")).json()
        cancelled = (await bob.client.post(f"{family}/report/cancel/{row['id']}")).json()
        assert cancelled["status"] == "cancelled"
        answer = await asyncio.wait_for(call, 10)  # while the writer still waits
    assert (answer.status_code, answer.json()) == (409, {"code": 409, "message": "Report generation cancelled"})
    assert (await ada.client.get(f"{family}/report/{row['id']}")).status_code == 404
    assert (await ada.client.get(f"{family}/report/pending")).status_code == 204


@both
async def test_report_generate_persisted(house: House, family: str) -> None:
    ada = await worked(house)
    await report(ada, family)
    body = await report(ada, family)
    assert (await ada.client.get(f"{family}/report")).json() == body
    history = (await ada.client.get(f"{family}/report/history")).json()["reports"]
    assert history[0]["id"] == body["id"]
    assert history[0]["status"] == "completed"


@both
@pytest.mark.parametrize("scope", ["personal", "Ünïcode 团队", "a/b?c", "x" * 64])
async def test_report_generate_scope_free(house: House, family: str, scope: str) -> None:
    ada = await worked(house)
    query = str(httpx2.QueryParams({"scope": scope}))
    assert (await report(ada, family, f"?{query}"))["scope"] == scope
    assert (await ada.client.get(f"{family}/report?{query}")).json()["scope"] == scope


@both
async def test_a_scope_is_one_to_64_characters(house: House, family: str) -> None:
    ada = await house.developer()
    for scope in ("", "%20%20", "%19", "x" * 65):
        for path in ("generate", "history", ""):
            call = ada.client.post if path == "generate" else ada.client.get
            answer = await call(f"{family}/report/{path}".rstrip("/") + f"?scope={scope}")
            assert answer.status_code == 400, (scope, path)


@both
async def test_report_generate_not_idempotent(house: House, family: str) -> None:
    ada = await worked(house)
    first, second = await report(ada, family), await report(ada, family)
    assert first["id"] != second["id"]
    assert len((await ada.client.get(f"{family}/report/history")).json()["reports"]) == 2


@both
@pytest.mark.parametrize(
    ("asked", "chosen"), [("de-CH, en;q=0.5", "de"), ("zh-TW", "zh-Hant"), ("xx", "en"), ("*", "en")]
)
async def test_report_generate_language(house: House, family: str, asked: str, chosen: str) -> None:
    ada = await worked(house)
    english = await report(ada, family)
    body = await report(ada, family, **{"accept-language": asked})
    assert body["language"] == chosen
    assert body.keys() == english.keys()


@both
async def test_report_latest_latest(house: House, family: str) -> None:
    ada = await worked(house)
    await report(ada, family, "?scope=team")
    newest = await report(ada, family, "?scope=team")
    await report(ada, family)
    assert (await ada.client.get(f"{family}/report?scope=team")).json()["id"] == newest["id"]
    missing = await ada.client.get(f"{family}/report?scope=nobody")
    assert (missing.status_code, missing.json()) == (404, {"code": 404, "message": "No report found"})


@both
async def test_report_latest_range(house: House, family: str) -> None:
    ada = await worked(house)
    march = await report(ada, family, "?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z")
    await report(ada, family, "?from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z")
    found = await ada.client.get(f"{family}/report?from=2026-03-01T12:00:00Z&to=2026-03-05T00:00:00Z")
    assert found.json()["id"] == march["id"]
    assert (await ada.client.get(f"{family}/report?from=2026-03-02T00:00:00Z")).status_code == 404  # it ends there
    for query in ("from=yesterday", "to=2026-13-01T00:00:00Z", "from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z"):
        assert (await ada.client.get(f"{family}/report?{query}")).status_code == 400
        assert (await ada.client.post(f"{family}/report/generate?{query}")).status_code == 400


@both
async def test_report_latest_versions(house: House, family: str) -> None:
    ada = await worked(house)
    [other] = set(FAMILIES) - {family}
    body = await report(ada, other)
    assert (await ada.client.get(f"{family}/report")).status_code == 404
    for method, path in (("GET", ""), ("GET", "status/"), ("POST", "cancel/"), ("DELETE", "")):
        answer = await ada.client.request(method, f"{family}/report/{path}{body['id']}")
        assert answer.status_code == 404
    assert (await ada.client.get(f"{family}/report/history")).json() == {"reports": []}


@both
async def test_report_latest_ownership(house: House, other_house: House, family: str) -> None:
    ada, eve = await worked(house), await other_house.developer()
    await report(ada, family)
    assert (await eve.client.get(f"{family}/report")).status_code == 404


@both
async def test_report_get_ownership(house: House, other_house: House, family: str) -> None:
    ada, eve = await worked(house), await other_house.developer()
    id = (await report(ada, family))["id"]
    for method, path in (("GET", ""), ("GET", "status/"), ("POST", "cancel/"), ("DELETE", "")):
        theirs = await eve.client.request(method, f"{family}/report/{path}{id}")
        missing = await eve.client.request(method, f"{family}/report/{path}{uuid4()}")
        assert (theirs.status_code, theirs.json()) == (missing.status_code, missing.json()) == (404, NOT_FOUND)
    assert (await ada.client.get(f"{family}/report/{id}")).status_code == 200


NOT_FOUND = {"code": 404, "message": "Report not found"}


async def test_of_v3_a_colleague_sees_that_it_is_made_and_not_what_it_says(house: House) -> None:
    ada, bob = await worked(house), await house.developer("bob@example.org")
    id = (await report(ada, "/v1/score_v3"))["id"]
    assert (await bob.client.get(f"/v1/score_v3/report/status/{id}")).json()["status"] == "completed"
    assert (await bob.client.get(f"/v1/score_v3/report/{id}")).status_code == 404
    assert (await bob.client.get("/v1/score_v3/report")).status_code == 404
    assert (await bob.client.delete(f"/v1/score_v3/report/{id}")).status_code == 404
    assert (await bob.client.get("/v1/score_v3/report/history")).json() == {"reports": []}


async def test_of_v21_every_developer_reads_the_organisation_s(house: House) -> None:
    ada, bob = await worked(house), await house.developer("bob@example.org")
    id = (await report(ada, "/v1/insights"))["id"]
    assert (await bob.client.get("/v1/insights/report")).json()["id"] == id
    assert (await report(bob, "/v1/insights"))["meta"]["totalSessions"] == 1  # hers
    assert (await report(bob, "/v1/score_v3"))["meta"]["totalSessions"] == 0


@both
async def test_report_get_unwrapped(house: House, family: str) -> None:
    ada = await worked(house)
    body = await report(ada, family)
    assert (await ada.client.get(f"{family}/report/{body['id']}")).json() == body


@both
async def test_report_get_of_one_that_is_not_finished_is_404(house: House, family: str) -> None:
    ada = await house.developer()
    call = asyncio.create_task(ada.client.post(f"{family}/report/generate"))
    id = await pending_id(ada, family)
    assert (await ada.client.get(f"{family}/report/{id}")).status_code == 404
    await ada.client.post(f"{family}/report/cancel/{id}")
    assert (await call).status_code == 409


async def pending_id(who: Developer, family: str) -> str:
    """Of the report that was just asked for."""
    while (answer := await who.client.get(f"{family}/report/pending")).status_code == 204:
        await asyncio.sleep(0.01)
    return answer.json()["id"]


@both
async def test_report_pending_newest(house: House, family: str) -> None:
    ada = await house.developer()
    calls = [asyncio.create_task(ada.client.post(f"{family}/report/generate"))]
    first = await pending_id(ada, family)
    later = house.at(house.services.now() + timedelta(minutes=1))
    bob = await later.developer("bob@example.org")
    calls.append(asyncio.create_task(bob.client.post(f"{family}/report/generate?scope=second")))
    while (second := await pending_id(bob, family)) == first:
        await asyncio.sleep(0.01)
    row = (await ada.client.get(f"{family}/report/pending")).json()
    assert (row["id"], row["scope"], row["status"]) == (second, "second", "pending")
    await write_reports(house.services, ada.context.caller.org_id)
    assert [(await call).status_code for call in calls] == [200, 200]


@both
async def test_report_pending_empty(house: House, family: str) -> None:
    ada = await worked(house)
    await report(ada, family)
    answer = await ada.client.get(f"{family}/report/pending")
    assert (answer.status_code, answer.content) == (204, b"")


@both
async def test_report_pending_route_order(house: House, family: str) -> None:
    """The words are routes of their own, whatever else an id might be."""
    ada = await worked(house)
    assert (await ada.client.get(f"{family}/report/history")).json() == {"reports": []}
    assert (await ada.client.get(f"{family}/report/pending")).status_code == 204
    assert (await ada.client.get(f"{family}/report/generate")).status_code == 405
    assert (await ada.client.get(f"{family}/report/status")).status_code == 404
    assert (await ada.client.get(f"{family}/report/cancel")).status_code == 404


@both
async def test_report_status_terminal(house: House, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await worked(house)
    done = str((await report(ada, family))["id"])
    monkeypatch.setattr(resolvers.report_writing, "write_prism", refuse)
    answer = await generated(ada, family)
    assert (answer.status_code, answer.json()["message"]) == (500, "Report generation failed: Nothing to say.")
    history = (await ada.client.get(f"{family}/report/history")).json()["reports"]
    assert [(row["status"], row["error"]) for row in history] == [("failed", "Nothing to say."), ("completed", None)]
    for id, status in ((done, "completed"), (history[0]["id"], "failed")):
        first = (await ada.client.get(f"{family}/report/status/{id}")).json()
        assert (await ada.client.get(f"{family}/report/status/{id}")).json() == first
        assert first["status"] == status


async def refuse(services: Services, report: Report, told: Progress) -> Written:
    raise ReportFailed("nothing", "Nothing to say.")


@both
async def test_report_cancel_finished(house: House, family: str) -> None:
    ada = await worked(house)
    body = await report(ada, family)
    before = (await ada.client.get(f"{family}/report/status/{body['id']}")).json()
    assert (await ada.client.post(f"{family}/report/cancel/{body['id']}")).json() == before
    assert (await ada.client.get(f"{family}/report/{body['id']}")).json() == body


@both
async def test_report_cancel_idempotent(house: House, family: str) -> None:
    ada = await house.developer()
    call = asyncio.create_task(ada.client.post(f"{family}/report/generate"))
    id = await pending_id(ada, family)
    answers = [(await ada.client.post(f"{family}/report/cancel/{id}")).json() for _ in range(3)]
    assert answers[0]["status"] == "cancelled"
    assert answers[1:] == answers[:1] * 2
    assert (await call).status_code == 409


async def history(who: Developer, family: str, query: str = "") -> list[str]:
    return [row["id"] for row in (await who.client.get(f"{family}/report/history{query}")).json()["reports"]]


@both
async def test_report_history_order(house: House, family: str) -> None:
    ada = await worked(house)
    made = [str((await report(ada, family))["id"]) for _ in range(3)]
    assert await history(ada, family) == made[::-1]


@both
async def test_report_history_filter(house: House, family: str) -> None:
    ada = await worked(house)
    made = [str((await report(ada, family, f"?scope={scope}"))["id"]) for scope in ("team", "personal", "team")]
    assert await history(ada, family, "?scope=team") == [made[2], made[0]]
    assert await history(ada, family) == [made[1]]


@both
async def test_report_history_count(house: House, family: str) -> None:
    ada = await worked(house)
    made = [str((await report(ada, family))["id"]) for _ in range(3)]
    assert await history(ada, family, "?limit=2") == [made[2], made[1]]
    assert await history(ada, family, "?limit=0") == [made[2]]  # moved to 1
    assert (await ada.client.get(f"{family}/report/history?limit=ten")).status_code == 400


@both
async def test_report_delete_gone(house: House, family: str) -> None:
    ada = await worked(house)
    id = (await report(ada, family))["id"]
    answer = await ada.client.delete(f"{family}/report/{id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for path in (id, f"status/{id}"):
        assert (await ada.client.get(f"{family}/report/{path}")).status_code == 404
    assert (await ada.client.get(f"{family}/report/history")).json() == {"reports": []}


@both
async def test_report_delete_repeat(house: House, family: str) -> None:
    ada = await worked(house)
    id = (await report(ada, family))["id"]
    await ada.client.delete(f"{family}/report/{id}")
    again = await ada.client.delete(f"{family}/report/{id}")
    assert (again.status_code, again.json()) == (404, NOT_FOUND)


@both
async def test_a_report_that_is_deleted_while_it_is_written_is_cancelled(
    house: House, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await worked(house)
    async with Gate(monkeypatch).held(ada, family) as call:
        id = await pending_id(ada, family)
        assert (await ada.client.delete(f"{family}/report/{id}")).status_code == 204
        assert (await asyncio.wait_for(call, 10)).status_code == 409
    assert (await ada.client.get(f"{family}/report/status/{id}")).status_code == 404


@both
async def test_an_id_that_is_none_is_not_found(house: House, family: str) -> None:
    ada = await house.developer()
    for path in ("nonsense", "status/nonsense", "00000000-0000-0000-0000-00000000000g"):
        answer = await ada.client.get(f"{family}/report/{path}")
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


async def test_report_quick_not_stored(house: House) -> None:
    ada = await worked(house)
    answer = await ada.client.post("/v1/insights/report/quick", json={}, headers={"accept-language": "de"})
    body = answer.json()
    assert (answer.status_code, body["language"], body["meta"]["totalSessions"]) == (200, "de", 1)
    assert (await ada.client.get(f"/v1/insights/report/{body['id']}")).status_code == 404
    assert (await ada.client.get("/v1/insights/report/pending")).status_code == 204
    assert (await ada.client.get("/v1/insights/report/history")).json() == {"reports": []}
    assert (await ada.client.post("/v1/insights/report/quick?from=x")).status_code == 400


@both
async def test_without_a_worker_a_report_fails_in_time(
    house: House, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.reports.WAITED_FOR", timedelta(seconds=-1))
    ada = await house.developer()
    answer = await ada.client.post(f"{family}/report/generate")
    assert answer.status_code == 500
    assert "too long" in answer.json()["message"]
    [row] = (await ada.client.get(f"{family}/report/history")).json()["reports"]
    assert row["status"] == "failed"
