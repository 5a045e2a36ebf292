"""Webhooks from the transaction they tell of to the receiver: at least once, always of the same id, or not at all."""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
import sqlalchemy as sa

import persistence.job_runs
import persistence.jobs
import persistence.webhooks
from domain.access import Org, Scope
from domain.errors import Forbidden, Invalid, NotFound
from domain.jobs import Job, JobKind, LeaseLost
from domain.networks import read_networks
from domain.values import UserId, Window
from domain.webhooks import KEPT, MOST_TRIES, PAUSES, Delivery, Hook, WebhookId, WebhookState
from persistence.database import Tenant
from resolvers.access import get_org, get_organisation
from resolvers.context import Context, Services
from resolvers.erasure import erase_developer
from resolvers.webhooks import (
    count_deliveries,
    deliver_webhook,
    find_delivery,
    forget_webhooks,
    get_webhook_secret,
    list_deliveries,
    replay_webhook,
    rotate_webhook_secret,
)
from resolvers.worker import Worker
from tests.domain.test_webhooks import is_genuine
from tests.forked import Forked
from tests.history import drain
from tests.make_context import DEVELOPER, NOW, context_of, make_context, make_user
from tests.receiver import Receiver, receiver
from tests.resolvers import worker_process

HERE = read_networks("127.0.0.1")
DATA = {"jobId": "job_1", "reportId": "r_1", "status": "succeeded"}
REFUSAL = b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"
LEASE = timedelta(seconds=30)


@pytest.fixture
async def ctx(fresh_services: Services) -> Context:
    return await make_context(replace(fresh_services, webhook_allow=HERE))


async def save(ctx: Context, url: str, headers: dict[str, str] | None = None, of: UserId | None = None) -> WebhookId:
    """As somebody whose work is over has it told."""
    org_id = ctx.caller.org_id
    async with ctx.services.database.write(Tenant(org_id)) as db:
        hook = Hook(url, headers or {})
        return await persistence.webhooks.save(
            db, org_id, hook, "report.completed", DATA, NOW, of or ctx.caller.user_id
        )


def url_of(told: Receiver) -> str:
    return f"http://127.0.0.1:{told.port}/in?token=s3cret"


async def claim(ctx: Context, lease: timedelta = LEASE) -> list[Job]:
    """What is to be sent, however long it was to wait."""
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(
            sa.text("UPDATE jobs SET run_after = now() WHERE kind = 'deliver_webhook' AND state = 'queued'")
        )
        return await persistence.job_runs.claim(db, 0, lease, "test", 100)


async def send_all(ctx: Context) -> int:
    """One try of each; how many."""
    claimed = await claim(ctx)
    for job in claimed:
        await deliver_webhook(ctx.services, job)
    return len(claimed)


async def found(ctx: Context, id: WebhookId) -> Delivery:
    delivery = await find_delivery(ctx, id)
    assert delivery is not None
    return delivery


async def kinds_of_jobs(ctx: Context) -> list[str]:
    async with persistence.jobs.scope(ctx.services.database) as db:
        rows = await db.rows(sa.text("SELECT kind FROM jobs WHERE kind LIKE '%webhook%' ORDER BY kind"))
    return [row["kind"] for row in rows]


async def slug_of(ctx: Context) -> str:
    return (await get_organisation(ctx)).slug


def later(ctx: Context, by: timedelta) -> Context:
    return replace(ctx, services=replace(ctx.services, now=lambda: ctx.services.now() + by))


async def test_what_is_saved_arrives_signed_and_leaves_no_job(ctx: Context) -> None:
    async with receiver() as told:
        id = await save(ctx, url_of(told), {"X-Tenant": "shop"})
        assert (await found(ctx, id)).state is WebhookState.PENDING
        assert await send_all(ctx) == 1
    [body], [head] = told.bodies, told.heads
    headers = dict(line.split(": ", 1) for line in head.strip().splitlines()[1:])
    secret = await get_webhook_secret(ctx.services.database.urls, await slug_of(ctx))
    assert is_genuine(body, headers["conduit-signature"], secret, NOW)
    assert headers["webhook-id"] == orjson.loads(body)["id"] == f"evt_{id.hex}"
    assert (headers["x-tenant"], headers["content-type"]) == ("shop", "application/json")
    assert orjson.loads(body)["data"] == DATA
    delivery = await found(ctx, id)
    assert (delivery.state, delivery.finished_at, delivery.next_at) == (WebhookState.DELIVERED, NOW, None)
    [attempt] = delivery.attempts
    assert (attempt.status, attempt.error, attempt.started_at) == (200, None, NOW)
    assert (delivery.url.endswith("/in"), delivery.header_names) == (True, ("X-Tenant",))
    assert await kinds_of_jobs(ctx) == [JobKind.FORGET_WEBHOOKS], "jobs of what is over do not pile up"
    assert await send_all(ctx) == 0


async def test_a_transaction_that_is_rolled_back_tells_nobody(ctx: Context) -> None:
    org_id = ctx.caller.org_id
    async with receiver() as told:
        with suppress(ZeroDivisionError):
            async with ctx.services.database.write(Tenant(org_id)) as db:
                await persistence.webhooks.save(db, org_id, Hook(url_of(told)), "report.completed", DATA, NOW)
                raise ZeroDivisionError
        assert await send_all(ctx) == 0
    assert told.connections == 0


async def test_a_hook_that_cannot_be_called_is_not_saved(ctx: Context) -> None:
    with pytest.raises(Invalid):
        await save(ctx, "file:///etc/passwd")
    assert await kinds_of_jobs(ctx) == []


async def test_what_fails_is_tried_six_times_with_one_id_and_the_same_bytes(ctx: Context) -> None:
    async with receiver(REFUSAL) as told:
        id = await save(ctx, url_of(told))
        for number in range(1, MOST_TRIES):
            assert await send_all(ctx) == 1
            delivery = await found(ctx, id)
            assert (delivery.state, delivery.next_at) == (WebhookState.PENDING, NOW + PAUSES[number - 1])
            assert await waits(ctx) == PAUSES[number - 1]
        assert await send_all(ctx) == 1
        assert await send_all(ctx) == 0
    delivery = await found(ctx, id)
    assert (delivery.state, delivery.next_at) == (WebhookState.FAILED, None)
    assert [(one.status, one.error) for one in delivery.attempts] == [(500, "answered 500")] * MOST_TRIES
    assert (len(told.bodies), len(set(told.bodies))) == (MOST_TRIES, 1)
    assert await kinds_of_jobs(ctx) == [JobKind.FORGET_WEBHOOKS]


async def waits(ctx: Context) -> timedelta:
    """How long the job of the one delivery rests, to the second."""
    async with persistence.jobs.scope(ctx.services.database) as db:
        query = sa.text("SELECT run_after - changed_at AS pause FROM jobs WHERE kind = 'deliver_webhook'")
        [row] = await db.rows(query)
    return row["pause"]


async def test_an_address_inside_is_not_tried_again(ctx: Context) -> None:
    async with receiver() as told:
        id = await save(ctx, f"http://127.0.0.1:{told.port}/")
        walled = replace(ctx, services=replace(ctx.services, webhook_allow=()))
        await send_all(walled)
    delivery = await found(ctx, id)
    assert (told.connections, delivery.state) == (0, WebhookState.FAILED)
    assert [one.error for one in delivery.attempts] == ["the address is not on the public Internet"]


async def test_whoever_is_killed_while_sending_is_followed_by_the_same_id(ctx: Context) -> None:
    """A receiver that kills the worker once it has got everything: nobody knows whether it arrived."""
    killed: list[int] = []

    async def kill(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if killed:
            writer.write(b"HTTP/1.1 204 Yes\r\n\r\n")
        else:
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)

    async with receiver(kill) as told:
        id = await save(ctx, url_of(told))
        process = Forked(worker_process.run, (ctx.services.database.urls.app, "send"))
        assert await asyncio.to_thread(process.wait, 60) == -signal.SIGKILL
        assert (await found(ctx, id)).attempts[0].error is None, "for all that is known it goes on"
        async with persistence.jobs.scope(ctx.services.database) as db:
            await db.execute(sa.text("UPDATE jobs SET lease_until = now() - interval '1 s' WHERE state = 'running'"))
            await persistence.job_runs.reap(db)
        assert await send_all(ctx) == 1
    delivery = await found(ctx, id)
    assert delivery.state is WebhookState.DELIVERED
    assert [(one.status, one.error) for one in delivery.attempts] == [
        (None, "interrupted: the worker was stopped"),
        (204, None),
    ]
    assert (len(told.bodies), len(set(told.bodies))) == (2, 1)


async def test_a_receiver_that_kills_every_worker_is_given_up(ctx: Context) -> None:
    async with receiver() as told:
        id = await save(ctx, url_of(told))
        for _ in range(MOST_TRIES):
            [job] = await claim(ctx)
            async with ctx.services.database.write(Tenant(job.org_id)) as db:
                await persistence.webhooks.begin(db, job.org_id, id, NOW)  # and that was all
            async with persistence.jobs.scope(ctx.services.database) as db:
                await persistence.job_runs.release(db, job)
        assert await send_all(ctx) == 1
    assert ((await found(ctx, id)).state, told.connections) == (WebhookState.FAILED, 0)
    assert await kinds_of_jobs(ctx) == [JobKind.FORGET_WEBHOOKS]


async def test_a_late_worker_changes_nothing_any_more(ctx: Context) -> None:
    async with receiver() as told:
        id = await save(ctx, url_of(told))
        [late] = await claim(ctx, timedelta(seconds=-1))
        async with persistence.jobs.scope(ctx.services.database) as db:
            await persistence.job_runs.reap(db)
        await send_all(ctx)
        with pytest.raises(LeaseLost):
            await deliver_webhook(ctx.services, late)
    assert (len((await found(ctx, id)).attempts), told.connections) == (1, 1)


async def test_it_is_sent_again_when_somebody_asks(ctx: Context) -> None:
    async with receiver() as told:
        id = await save(ctx, url_of(told), {"Authorization": "Bearer x"})
        await send_all(ctx)
        again = await replay_webhook(ctx, id)
        assert (again.state, again.next_at, again.finished_at) == (WebhookState.PENDING, NOW, None)
        assert await send_all(ctx) == 1
    assert (told.bodies[0], len(told.bodies)) == (told.bodies[1], 2)
    assert "authorization: bearer x" in told.heads[1]
    assert [one.status for one in (await found(ctx, id)).attempts] == [200, 200]
    for _ in range(30):
        await replay_webhook(ctx, id)
        async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
            await persistence.webhooks.begin(db, ctx.caller.org_id, id, NOW)
    assert len((await found(ctx, id)).attempts) == 25, "the log stays short"


async def test_what_waits_or_has_failed_gets_all_its_tries_again(ctx: Context) -> None:
    async with receiver(REFUSAL) as told:
        id = await save(ctx, url_of(told))
        for _ in range(MOST_TRIES):
            await send_all(ctx)
        await replay_webhook(ctx, id)
        await send_all(ctx)
        assert (await found(ctx, id)).next_at == NOW + PAUSES[0]
        [job] = await claim(ctx)
        await replay_webhook(ctx, id)  # while it is tried
        await deliver_webhook(ctx.services, job)
        delivery = await found(ctx, id)
    assert (delivery.state, len(delivery.attempts)) == (WebhookState.PENDING, MOST_TRIES + 2)


async def test_a_developer_sees_and_repeats_only_their_own(ctx: Context) -> None:
    org = Org(ctx.caller.org_id, "", 0, ctx.caller.settings)
    colleague = await make_user(ctx.services.database.urls, org)
    other = await make_context(ctx.services)
    mine = await save(ctx, "https://a.example/")
    theirs = await save(ctx, "https://b.example/", of=colleague.id)
    await save(other, "https://c.example/")
    reader = context_of(ctx.services, replace(ctx.caller, scopes=DEVELOPER | {Scope.ORG_READ}))
    for who, expected in [(ctx, [mine]), (reader, [theirs, mine])]:
        listed = await list_deliveries(who, None, Window(10))
        assert [one.id for one in listed.items] == expected
        assert await count_deliveries(who, None) == len(expected)
    for who, id in [(ctx, theirs), (other, mine), (other, theirs)]:
        assert await find_delivery(who, id) is None
        with pytest.raises(NotFound):
            await replay_webhook(who, id)
    assert (await replay_webhook(reader, theirs)).id == theirs
    assert await count_deliveries(reader, WebhookState.DELIVERED) == 0
    first = await list_deliveries(reader, WebhookState.PENDING, Window(1))
    rest = await list_deliveries(reader, WebhookState.PENDING, Window(1, after=first.end_cursor))
    assert [one.id for one in (*first.items, *rest.items)] == [theirs, mine]
    blind = context_of(ctx.services, replace(ctx.caller, scopes=frozenset({Scope.SESSIONS_READ})))
    for asked in (find_delivery(blind, mine), replay_webhook(blind, mine), count_deliveries(blind, None)):
        with pytest.raises(Forbidden):
            await asked


async def test_a_secret_is_the_organisation_s_and_becomes_another_one_at_once(ctx: Context) -> None:
    urls = ctx.services.database.urls
    slug, other = await slug_of(ctx), await slug_of(await make_context(ctx.services))
    secret = await get_webhook_secret(urls, slug)
    assert secret.startswith("whsec_")
    assert secret == await get_webhook_secret(urls, slug) != await get_webhook_secret(urls, other)
    async with ctx.services.database.read(Tenant(ctx.caller.org_id, ctx.caller.user_id)) as db:
        assert await db.rows(sa.select(persistence.webhooks.webhook_secrets)) == []
    await rotate_webhook_secret(urls, slug)
    assert await get_webhook_secret(urls, slug) != secret
    with pytest.raises(NotFound):
        await get_webhook_secret(urls, "nobody")
    assert "whsec" not in repr(await get_org(urls, slug))


async def test_what_was_over_a_week_ago_is_forgotten(ctx: Context) -> None:
    async with receiver() as told:
        old = await save(ctx, url_of(told))
        await send_all(ctx)
        new = await save(ctx, url_of(told))
        await send_all(later(ctx, timedelta(days=1)))
        waiting = await save(ctx, url_of(told))
    await forget(later(ctx, KEPT))
    assert [await find_delivery(ctx, id) is not None for id in (old, new, waiting)] == [False, True, True]
    await forget(later(ctx, KEPT + timedelta(days=1)))
    assert [await find_delivery(ctx, id) is not None for id in (new, waiting)] == [False, True]


async def forget(ctx: Context) -> None:
    """Runs the job that forgets, which is there as long as there is something to forget."""
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(
            sa.text("UPDATE jobs SET run_after = now() WHERE kind = 'forget_webhooks' AND state = 'queued'")
        )
        [job] = await persistence.job_runs.claim(db, 1, LEASE, "test")
    await forget_webhooks(ctx.services, job)


async def test_whoever_is_erased_is_told_of_no_more(ctx: Context) -> None:
    boss = context_of(ctx.services, replace(ctx.caller, scopes=DEVELOPER | {Scope.ADMIN, Scope.ORG_READ}))
    org = Org(ctx.caller.org_id, "", 0, ctx.caller.settings)
    leaving = await make_user(ctx.services.database.urls, org)
    async with receiver() as told:
        gone = await save(ctx, url_of(told), of=leaving.id)
        kept = await save(ctx, url_of(told))
        jobs = await claim(ctx)
        await erase_developer(boss, leaving.id)
        await drain(ctx.services)
        for job in jobs:
            with suppress(LeaseLost):
                await deliver_webhook(ctx.services, job)
    assert await find_delivery(boss, gone) is None
    assert ((await found(boss, kept)).state, told.connections) == (WebhookState.DELIVERED, 1)


async def test_a_worker_sends_beside_its_other_work(ctx: Context) -> None:
    arrived = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        if len(told.bodies) == 20:
            arrived.set()

    stop = asyncio.Event()
    async with receiver(answer) as told:
        ids = [await save(ctx, url_of(told)) for _ in range(20)]
        workers = [asyncio.create_task(Worker(ctx.services, 0, LEASE).run(stop)) for _ in range(2)]
        async with asyncio.timeout(30):
            await arrived.wait()
        stop.set()
        await asyncio.gather(*workers)
    assert {(await found(ctx, id)).state for id in ids} == {WebhookState.DELIVERED}
    assert len({orjson.loads(body)["id"] for body in told.bodies}) == len(told.bodies) == 20
