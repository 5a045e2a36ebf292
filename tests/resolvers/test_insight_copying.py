"""What insights count is copied elsewhere: at least once, whatever happens in between, and erased there, too."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

import persistence.insights.outbox
import persistence.job_runs
import persistence.jobs
from domain.errors import Unavailable
from domain.jobs import Job, LeaseLost
from domain.values import OrgId, SessionId
from persistence.database import Tenant
from persistence.insights.outbox import insight_outbox
from resolvers.context import Services
from resolvers.insight_copying import begin_copying, copy_insights, copy_some, end_copying
from resolvers.worker import Worker
from tests.copying import FakeClickHouse, begun, claim, copied, erase, save
from tests.history import judging
from tests.make_context import make_org
from tests.make_insights import Made, history, made

A, B = SessionId("a"), SessionId("b")
EVENTS = [made("prompt", 0, session=A), made("edit", 1, session=A, lines_added=5), made("prompt", 2, session=B)]


@pytest.fixture
def fake() -> FakeClickHouse:
    return FakeClickHouse()


async def _org(services: Services) -> OrgId:
    return (await make_org(services.database.urls)).id


async def _waiting(services: Services, org_id: OrgId) -> dict[str, int]:
    async with services.database.read(Tenant(org_id)) as db:
        rows = await db.rows(sa.select(insight_outbox))
    return {row["session_id"]: row["version"] for row in rows}


async def _is_whole(services: Services, org_id: OrgId) -> bool:
    async with services.database.read(Tenant(org_id)) as db:
        return await persistence.insights.outbox.is_whole(db, org_id)


def _names(fake: FakeClickHouse) -> Counter[tuple[str, str]]:
    return Counter((row["session_id"], row["event"]) for row in fake.seen)


def _expected(events: list[Made]) -> Counter[tuple[str, str]]:
    return Counter((one.session_id, one.event) for one in events)


async def test_nothing_is_noted_where_nothing_is_copied(fresh_services: Services, fake: FakeClickHouse) -> None:
    services, org = fresh_services, await _org(fresh_services)
    await save(services, org, EVENTS)
    assert await _waiting(services, org) == {}
    services = await begun(services, fake)
    await save(services, org, [replace(EVENTS[0], event="commit"), EVENTS[2]])
    assert set(await _waiting(services, org)) == {A}
    await end_copying(services.database.urls)
    assert await _waiting(services, org) == {}
    await erase(services, org, [A, B])
    assert await _waiting(services, org) == {}
    assert await claim(services) == []


async def test_what_was_there_before_is_copied_and_then_what_changes(
    fresh_services: Services, fake: FakeClickHouse
) -> None:
    org = await _org(fresh_services)
    events = [*EVENTS, *history(5, size=40)]
    await save(fresh_services, org, events)
    services = await begun(fresh_services, fake)
    assert not await _is_whole(services, org)
    await copied(services)
    assert _names(fake) == _expected(events)
    assert await _is_whole(services, org)
    [before] = [row for row in fake.seen if row["session_id"] == A and row["event"] == "edit"]
    assert before["lines_added"] == 5
    assert before["numbers"] == {"lines_added": 5}

    later = [replace(EVENTS[0], event="commit"), EVENTS[1]]  # one has another name, and so another place
    await save(services, org, later)
    await copied(services)
    assert _names(fake) == _expected([*later, EVENTS[2], *history(5, size=40)])
    assert await _waiting(services, org) == {}
    assert await _is_whole(services, org)


async def test_the_last_change_has_the_highest_version(fresh_services: Services, fake: FakeClickHouse) -> None:
    org = await _org(fresh_services)
    services = await begun(fresh_services, fake)
    versions: list[int] = []
    for event in ("prompt", "edit", "commit"):
        await save(services, org, [made(event, session=A, id="one")])
        versions.append((await _waiting(services, org))[A])
    assert versions == sorted(set(versions))


async def test_a_feeder_that_was_killed_does_the_same_again(
    fresh_services: Services, fake: FakeClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await _org(fresh_services)
    services = await begun(fresh_services, fake)
    await copied(services)  # nothing: the organisation is new
    await save(services, org, EVENTS)
    [job] = await claim(services)
    with monkeypatch.context() as patched:
        patched.setattr("resolvers.insight_copying._settle", _killed)
        with pytest.raises(SystemError):
            await copy_some(services, fake, job)
    assert _names(fake) == _expected(EVENTS)
    assert set(await _waiting(services, org)) == {A, B}
    stored = dict(fake.stored)
    await copy_insights(services, job)
    assert fake.stored == stored
    assert await _waiting(services, org) == {}


async def _killed(*_: object) -> None:
    raise SystemError


async def test_what_changes_while_it_is_copied_stays_to_be_copied(
    fresh_services: Services, fake: FakeClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await _org(fresh_services)
    services = await begun(fresh_services, fake)
    await save(services, org, EVENTS)
    insert = fake.insert

    async def overtaken(table: str, lines: list[str]) -> None:
        monkeypatch.setattr(fake, "insert", insert)
        await save(services, org, [replace(EVENTS[2], event="commit")])
        await insert(table, lines)

    monkeypatch.setattr(fake, "insert", overtaken)
    [job] = [job for job in await claim(services) if not job.key]
    await copy_some(services, fake, job)
    assert set(await _waiting(services, org)) == {B}
    await copy_some(services, fake, job)
    assert _names(fake) == _expected([*EVENTS[:2], replace(EVENTS[2], event="commit")])


async def test_who_lost_the_lease_has_it_copied_once_more(fresh_services: Services, fake: FakeClickHouse) -> None:
    org = await _org(fresh_services)
    services = await begun(fresh_services, fake)
    await save(services, org, EVENTS)
    [job] = [job for job in await claim(services) if not job.key]
    stale = replace(job, token=job.token - 1)
    before = await _waiting(services, org)
    with pytest.raises(LeaseLost):
        await copy_some(services, fake, stale)
    after = await _waiting(services, org)
    assert all(after[id] > before[id] for id in (A, B))


async def test_what_is_erased_is_gone_there_before_the_copy_is_asked_again(
    fresh_services: Services, fake: FakeClickHouse
) -> None:
    org = await _org(fresh_services)
    services = await begun(fresh_services, fake)
    await save(services, org, EVENTS)
    await copied(services)
    assert await _is_whole(services, org)
    await erase(services, org, [A])
    assert not await _is_whole(services, org)
    await copied(services)
    assert await _is_whole(services, org)
    assert {row["session_id"] for row in fake.stored.values()} == {B}  # no tombstone is left either


async def test_while_the_copy_is_away_work_goes_on_and_waits(fresh_services: Services, fake: FakeClickHouse) -> None:
    org = await _org(fresh_services)
    services = await begun(fresh_services, fake)
    await copied(services)
    fake.away = True
    await save(services, org, EVENTS)
    [job] = await claim(services)
    await copy_insights(services, job)
    assert await claim(services) == []  # it rests
    assert set(await _waiting(services, org)) == {A, B}
    with pytest.raises(Unavailable):
        await begin_copying(services.database.urls, fake)


async def test_a_copy_that_is_not_the_known_one_begins_empty(fresh_services: Services, fake: FakeClickHouse) -> None:
    org = await _org(fresh_services)
    services = await begun(fresh_services, fake)
    await save(services, org, EVENTS)
    await copied(services)
    await begin_copying(services.database.urls, fake)
    assert _names(fake) == _expected(EVENTS)
    assert await _is_whole(services, org)
    fake.copy_id = str(uuid4())
    await begin_copying(services.database.urls, fake)
    assert fake.stored == {}
    assert not await _is_whole(services, org)
    await copied(services)
    assert _names(fake) == _expected(EVENTS)


async def test_organisations_that_went_unseen_are_purged(fresh_services: Services, fake: FakeClickHouse) -> None:
    services = await begun(fresh_services, fake)
    await fake.insert("insight_events", [_stray()])
    await begin_copying(services.database.urls, fake)
    assert fake.stored == {}


def _stray() -> str:
    return (
        f'{{"org_id": "{uuid4()}", "event": "prompt", "ts": "1.000000", "session_id": "a", "id": "{uuid4()}",'
        ' "version": 1}'
    )


async def test_a_process_that_knows_no_copy_leaves_it_to_others(fresh_services: Services, fake: FakeClickHouse) -> None:
    org = await _org(fresh_services)
    await begun(fresh_services, fake)
    jobs: list[Job] = await claim(fresh_services)
    assert [job.org_id for job in jobs] == [org]
    await copy_insights(fresh_services, jobs[0])
    async with persistence.jobs.scope(fresh_services.database) as db:
        assert (await persistence.jobs.counts(db)).scheduled == 1


async def test_workers_copy_by_themselves_also_once_the_copy_is_back(
    fresh_services: Services, fake: FakeClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.insight_copying._LOOK_S", 0.02)
    monkeypatch.setattr("resolvers.insight_copying._AWAY", timedelta(milliseconds=50))
    org = await _org(fresh_services)
    await save(fresh_services, org, EVENTS[:1])
    services, stop = replace(judging(fresh_services), clickhouse=fake), asyncio.Event()
    fake.away = True
    worker = asyncio.create_task(Worker(services, 2).run(stop))
    try:
        async with asyncio.timeout(20):
            while fake.calls < 2:
                await asyncio.sleep(0.02)
            assert fake.copy_id is None
            fake.away = False
            while not await _is_whole(services, org):
                await asyncio.sleep(0.02)
            assert _names(fake) == _expected(EVENTS[:1])
            await save(services, org, EVENTS)
            while _names(fake) != _expected(EVENTS):
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await worker
