"""Jobs of Mappa: each rule of the contract under its name, and how a report is followed."""

import asyncio
from datetime import timedelta

import orjson
import pytest

import resolvers.media_reports
import resolvers.reports
from domain.access import KeyKind, Scope
from domain.reports.records import ReportFailed, Stage
from resolvers.context import Services
from rest_compat import mappa_jobs
from tests.reporting import claimed
from tests.rest_compat.contract import endpoints
from tests.rest_compat.envelopes import INGEST, posted
from tests.rest_compat.house import House
from tests.rest_compat.workspace import JOBS, REPORTS, Workspace, endpoint, wish, workspace

HIRING = {"roleTitle": "Engineer", "roleDescription": "Writes tests.", "companyCulture": "Kind."}
needs_contract = pytest.mark.skipif(not endpoints(), reason="the contract does not lie beside the repository")


@pytest.fixture
async def here(house: House) -> Workspace:
    return await workspace(house)


async def refused(here: Workspace, **more: object) -> str:
    """The message of a 422."""
    answer = await here.ask(**more)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"] == "validation_error"
    return answer.json()["error"]["message"]


async def test_jobs_create_async(here: Workspace) -> None:
    job, report = await here.asked(), f"{REPORTS}/by-job"
    assert (await here.client.get(f"{report}/{job}")).content == b"null"
    await here.write()
    assert (await here.client.get(f"{report}/{job}")).json()["jobId"] == job


async def test_jobs_create_stage(here: Workspace) -> None:
    receipt = (await here.ask()).json()
    assert (receipt["status"], receipt["stage"]) == ("queued", "queued")
    assert receipt["jobId"].startswith("job_")


async def test_jobs_create_idempotent(here: Workspace) -> None:
    key = {"Idempotency-Key": "order-17"}
    first = (await here.ask(headers=key)).json()
    assert (await here.ask(headers=key)).json() == first
    assert (await here.ask(idempotencyKey="order-17")).json() == first
    assert (await here.ask(headers=key, idempotencyKey="order-17")).json() == first
    await here.write()
    assert (await here.ask(headers=key)).json() == first
    assert await claimed(here.house.services, here.org_id) == []
    explicit = await here.ask(headers=key, target={"strategy": "dominant", "on_miss": "error"})
    assert explicit.json() == first
    assert (await here.ask()).json() != first


async def test_of_many_with_one_key_at_once_one_makes_the_job(here: Workspace) -> None:
    answers = await asyncio.gather(*(here.ask(headers={"Idempotency-Key": "now"}) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["jobId"] for answer in answers}) == 1
    assert len(await claimed(here.house.services, here.org_id)) == 1


async def test_a_key_that_was_used_for_something_else_is_409(here: Workspace) -> None:
    await here.ask(idempotencyKey="k")
    for other in ({"template": "sales_playbook"}, {"label": "another"}, {"webhook": {"url": "https://a.example/"}}):
        answer = await here.ask(idempotencyKey="k", **other)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")


async def test_two_keys_that_differ_are_422(here: Workspace) -> None:
    await refused(here, headers={"Idempotency-Key": "a"}, idempotencyKey="b")


async def test_a_key_is_of_one_organisation(here: Workspace, other_house: House) -> None:
    first = await here.asked(idempotencyKey="k")
    there = await workspace(other_house)
    assert await there.asked(idempotencyKey="k") != first


async def test_jobs_create_on_miss_default(here: Workspace) -> None:
    job = await here.asked(target={"strategy": "entity_id", "entity_id": "nobody"})
    await here.write()
    assert (await here.job(job))["error"]["code"] == "target_not_found"


async def test_jobs_create_miss(here: Workspace) -> None:
    nobody = {"strategy": "magic_hint", "hint": "zebra"}
    job, none = await here.written(target={**nobody, "on_miss": "error"})
    assert (none, (await here.job(job))["status"]) == (None, "failed")
    _, report = await here.written(target={**nobody, "on_miss": "fallback_dominant"})
    _, dominant = await here.written()
    assert report["entity"] == dominant["entity"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"strategy": "entity_id"}, "entity_id"),
        ({"strategy": "entity_id", "entity_id": None}, "entity_id"),
        ({"strategy": "magic_hint"}, "hint"),
        ({"strategy": "magic_hint", "hint": "  "}, "hint"),
        ({"strategy": "timerange"}, "timerange"),
        ({"strategy": "timerange", "timerange": {}}, "timerange"),
        ({"strategy": "timerange", "timerange": {"start_seconds": 5, "end_seconds": 5}}, "before"),
    ],
)
async def test_jobs_create_strategy(here: Workspace, target: dict[str, object], message: str) -> None:
    assert message in await refused(here, target=target)
    await here.asked(target={"strategy": "timerange", "timerange": {"start_seconds": 0, "end_seconds": None}})


async def test_jobs_create_template_params(here: Workspace) -> None:
    for name in HIRING:
        given = {key: value for key, value in HIRING.items() if key != name}
        assert name in await refused(here, template="hiring_report", params=given)
    assert "idealProfile" in await refused(here, template="profile_alignment", params={"idealProfile": 3})
    await here.asked(template="hiring_report", params={**HIRING, "more": [1]})


async def test_jobs_create_closed(here: Workspace) -> None:
    dominant = {"strategy": "dominant"}
    for odd in (
        {"extra": 1},
        {"media": {"mediaId": here.session, "url": "x"}},
        {"output": {"template": "general_report", "json": True}},
        {"target": {**dominant, "who": "me"}},
        {"target": {**dominant, "timerange": {"from": 1}}},
        {"webhook": {"url": "https://a.example/", "secret": "s"}},
        {"language": "de"},
        {"label": None},
        {"label": "x" * 65},
        {"target": {**dominant, "timerange": {"start_seconds": -1}}},
    ):
        body = {**wish(here.session), **odd}
        assert (await here.client.post(JOBS, json=body)).status_code == 422, odd


async def test_unknown_media_and_broken_bodies_are_422(here: Workspace) -> None:
    for medium in ("nothing", "media_" + "0" * 32, "", "\0"):
        assert (await here.client.post(JOBS, json=wish(medium))).status_code == 422
    for body in (b"", b"{", b"[]", b"\xff"):
        answer = await here.client.post(JOBS, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422
    assert "webhook" in await refused(here, webhook={"url": "ftp://a.example/"})


async def test_media_of_another_organisation_are_unknown(here: Workspace, other_house: House) -> None:
    theirs = await workspace(other_house)
    assert (await here.client.post(JOBS, json=wish(theirs.session))).status_code == 422


@needs_contract
async def test_samples_of_the_contract_are_taken_or_refused_as_they_say(here: Workspace) -> None:
    for valid in (True, False):
        for example in endpoint("jobs.create").examples("request", valid):
            named = (
                orjson.dumps(example["value"])
                .replace(b'"media_7f3a"', b'"m"')
                .replace(b'"m"', orjson.dumps(here.session))
            )
            answer = await here.client.post(JOBS, content=named, headers={"content-type": "application/json"})
            assert (answer.status_code == 200) is valid, (example, answer.text)


async def test_jobs_get_lifecycle(here: Workspace) -> None:
    job = await here.asked()
    assert (await here.job(job))["status"] == "queued"
    await here.write()
    done = await here.job(job)
    assert done["status"] == "succeeded"
    await here.client.post(f"/v1/jobs/{job}/cancel")
    assert await here.job(job) == done


async def test_jobs_get_progress(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []

    async def write(services: Services, report: object, told: resolvers.media_reports.Progress) -> object:
        for share in (0.5, 0.2, 0.9):
            await told(Stage.SCORING, share)
            seen.append((await here.job(job))["progress"])
        raise ReportFailed("no", "no")

    monkeypatch.setattr("resolvers.report_writing.write_media", write)
    job = await here.asked()
    assert (await here.job(job))["progress"] == 0
    await here.write()
    assert seen == [0.5, 0.5, 0.9]


async def test_jobs_get_report_id(here: Workspace) -> None:
    job = await here.asked()
    assert "reportId" not in await here.job(job)
    await here.write()
    assert (await here.job(job))["reportId"] == job.replace("job_", "report_")


async def test_jobs_get_error(here: Workspace) -> None:
    job = await here.asked(target={"strategy": "entity_id", "entity_id": "nobody"})
    assert "error" not in await here.job(job)
    await here.write()
    failed = await here.job(job)
    assert (failed["status"], failed["error"]["retryable"], "reportId" in failed) == ("failed", False, False)


async def test_jobs_cancel_idempotent(here: Workspace) -> None:
    job, _ = await here.written()
    before = await here.job(job)
    for _ in range(2):
        assert (await here.client.post(f"/v1/jobs/{job}/cancel")).json() == before


async def test_jobs_cancel_effect(here: Workspace) -> None:
    job = await here.asked()
    canceled = (await here.client.post(f"/v1/jobs/{job}/cancel")).json()
    assert canceled["status"] == "canceled"
    await here.write()
    assert await here.job(job) == canceled
    assert (await here.client.get(f"{REPORTS}/by-job/{job}")).json() is None


async def test_what_is_no_job_is_404_and_so_is_anothers(here: Workspace, other_house: House) -> None:
    theirs = await workspace(other_house)
    foreign = await theirs.asked()
    for id in (foreign, "job_" + "0" * 32, "job_1", foreign.replace("job_", "report_"), "x%2Fy", "%00"):
        for method, path in (("GET", "/v1/jobs/{}"), ("POST", "/v1/jobs/{}/cancel"), ("GET", "/v1/jobs/{}/stream")):
            answer = await here.client.request(method, path.format(id))
            assert answer.status_code == 404
            assert answer.json()["error"] == {"code": "not_found", "message": "Job not found"}


async def test_a_key_that_reads_no_colleagues_follows_no_job_of_theirs(here: Workspace) -> None:
    own = (Scope.SESSIONS_READ, Scope.SCORES_READ, Scope.MEDIA_WRITE)
    key = await here.house.key(KeyKind.SERVICE, email="mallory@example.org", scopes=own)
    client, job = here.house.client(key, "mappa-api-key"), await here.asked()
    for method, path in (
        ("GET", f"/v1/jobs/{job}"),
        ("POST", f"/v1/jobs/{job}/cancel"),
        ("GET", f"/v1/jobs/{job}/stream"),
        ("GET", f"{REPORTS}/by-job/{job}"),
    ):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Job not found")
    assert (await here.job(job))["status"] == "queued"


# Streams


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams look often and end at once."""
    monkeypatch.setattr(mappa_jobs, "LEAST_MS", 1)
    monkeypatch.setattr(resolvers.reports, "_LOOK_S", 0.01)


def frames(text: str) -> list[dict[str, object]]:
    """Held against the contract, one by one."""
    found: list[dict[str, object]] = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "data" in fields:
            found.append({"event": fields["event"], "id": fields["id"], "data": orjson.loads(fields["data"])})
            if endpoints():
                endpoint("jobs.stream").check(200, found[-1])
    return found


async def stream(here: Workspace, job: str, last: str | None = None, within_ms: int = 1_000) -> list[dict[str, object]]:
    headers = {} if last is None else {"Last-Event-ID": last}
    answer = await here.client.get(f"/v1/jobs/{job}/stream", params={"timeout": within_ms}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    return frames(answer.text)


def names(told: list[dict[str, object]]) -> list[object]:
    return [one["event"] for one in told]


async def test_jobs_stream_first(here: Workspace, soon: None) -> None:
    job = await here.asked()
    [first, *_] = await stream(here, job, within_ms=1)
    assert (first["event"], first["data"]["status"]) == ("status", "queued")
    await here.write()
    assert names(await stream(here, job)) == ["terminal"]


async def test_jobs_stream_ids(here: Workspace) -> None:
    job, _ = await here.written()
    whole = await stream(here, job, last="1000000")
    ids = [int(one["id"]) for one in whole]
    assert ids == sorted(set(ids))
    assert names(whole) == ["status", "stage", "stage", "terminal"]
    for place, one in enumerate(whole):
        assert await stream(here, job, last=str(one["id"])) == whole[place + 1 :]
    for odd in ("0", "99000000", "x", "-1"):
        assert names(await stream(here, job, last=odd)) == ["terminal"]


async def test_jobs_stream_terminal(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, told_of = asyncio.Event(), mappa_jobs._told

    async def tell(*args: object, **more: object) -> list[str]:
        begun.set()
        return await told_of(*args, **more)

    monkeypatch.setattr(mappa_jobs, "_told", tell)
    job = await here.asked()
    following = asyncio.create_task(stream(here, job, within_ms=20_000))
    await begun.wait()
    await here.write()
    told = await following
    assert (names(told)[0], names(told)[-1]) == ("status", "terminal")
    assert told[-1]["data"]["reportId"] == told[-1]["data"]["job"]["reportId"]
    failed = await here.asked(target={"strategy": "entity_id", "entity_id": "nobody"})
    await here.write()
    [end] = await stream(here, failed)
    assert (end["data"]["status"], end["data"]["error"]["code"]) == ("failed", "target_not_found")


async def test_jobs_stream_heartbeat(here: Workspace, soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    beaten, event = asyncio.Event(), mappa_jobs.event

    def tell(id: str, name: str, data: str) -> str:
        if name == "heartbeat":
            beaten.set()
        return event(id, name, data)

    assert mappa_jobs.HEARTBEAT_S < 15
    monkeypatch.setattr(mappa_jobs, "HEARTBEAT_S", 0.0)
    monkeypatch.setattr(mappa_jobs, "event", tell)
    job = await here.asked()
    following = asyncio.create_task(stream(here, job, within_ms=20_000))
    await asyncio.wait_for(beaten.wait(), 20)
    await here.write()
    told = await following
    assert names(told)[:2] == ["status", "heartbeat"]
    beats = [int(one["id"]) for one in told if one["event"] == "heartbeat"]
    after = await stream(here, job, last=str(beats[-1]))
    assert int(after[0]["id"]) > beats[-1]
    assert names(after)[-1] == "terminal"


async def test_jobs_stream_timeout(here: Workspace) -> None:
    """Less than a second is a second."""
    clock = asyncio.get_running_loop().time
    job, began = await here.asked(), clock()
    assert names(await stream(here, job, within_ms=-5)) == ["status"]
    assert 1 <= clock() - began < 8


async def test_a_report_waits_until_its_session_was_judged(here: Workspace) -> None:
    """As long as a minute: a session that goes on may have its last verdict never."""
    answer = await here.ada.client.post(INGEST, json=posted(here.session, 60))
    assert answer.status_code == 201, answer.text
    job = await here.asked()
    with pytest.raises(resolvers.media_reports.Unavailable):
        await here.write()
    later = await workspace_at(here, timedelta(minutes=2))
    job = await later.asked()
    await here.house.derived(here.session)
    await later.write()
    assert (await later.job(job))["status"] == "succeeded"


async def workspace_at(here: Workspace, after: timedelta) -> Workspace:
    house = here.house.at(here.house.services.now() + after)
    return Workspace(house, here.key, house.client(here.key, "mappa-api-key"), here.ada, here.session)
