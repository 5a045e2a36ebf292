"""Webhooks: sending what waits to be told, reading how that went, sending it again."""

from datetime import datetime
from uuid import UUID

import persistence.job_runs
import persistence.jobs
import persistence.webhook_post
import persistence.webhooks
from domain.access import Scope
from domain.jobs import Job, LeaseLost
from domain.values import Page, Window
from domain.webhooks import (
    MOST_TRIES,
    Delivery,
    Outcome,
    Step,
    WebhookId,
    WebhookState,
    after,
    no_such_delivery,
    signed,
)
from persistence.bus import JOBS
from persistence.database import Tenant, Urls, owner_scope
from persistence.webhooks import Parcel
from resolvers import cursors
from resolvers.access import orgs_named
from resolvers.context import Context, Services


async def deliver_webhook(services: Services, job: Job) -> None:
    """The job: one try. Whoever is killed in between leaves a try without an end, and the next worker makes another
    one: the receiver may be told twice, of the same id. Raises LeaseLost.
    """
    id = WebhookId(UUID(job.key))
    if (begun := await _begin(services, job, id)) is None:
        return
    parcel, secret = begun
    headers = {**parcel.hook.headers, **signed(secret, id, parcel.body, services.now())}
    outcome = await persistence.webhook_post.send(services.webhook_allow, parcel.hook.url, headers, parcel.body)
    await _end(services, job, id, outcome)


async def _begin(services: Services, job: Job, id: WebhookId) -> tuple[Parcel, str] | None:
    """What to send, signed by what; None when nothing is left to do."""
    async with services.database.write(Tenant(job.org_id)) as db:
        parcel = await persistence.webhooks.lock(db, job.org_id, id)
        if parcel is not None and parcel.tries < MOST_TRIES:
            await persistence.webhooks.begin(db, job.org_id, id, services.now())
            return parcel, await persistence.webhooks.secret(db, job.org_id)
        if parcel is not None:  # the last try killed its worker
            await persistence.webhooks.step(db, job.org_id, id, Step(WebhookState.FAILED), services.now())
        await persistence.job_runs.end(db, job)
    return None


async def _end(services: Services, job: Job, id: WebhookId, outcome: Outcome) -> None:
    async with services.database.write(Tenant(job.org_id)) as db:
        if (parcel := await persistence.webhooks.lock(db, job.org_id, id)) is None:
            await persistence.job_runs.end(db, job)  # erased meanwhile
            return
        step = after(parcel.tries, outcome)
        await persistence.webhooks.note(db, job.org_id, id, outcome)
        await persistence.webhooks.step(db, job.org_id, id, step, services.now())
        if step.pause is None:
            await persistence.job_runs.end(db, job)
        elif not await persistence.job_runs.release(db, job, step.pause):
            raise LeaseLost(job.key)


async def forget_webhooks(services: Services, job: Job) -> None:
    """The job: deletes the deliveries of an organisation that were over long enough ago, with all they hold.

    Raises LeaseLost.
    """
    async with services.database.write(Tenant(job.org_id)) as db:
        left = await persistence.webhooks.forget(db, job.org_id, services.now())
        if left is not None:
            await persistence.jobs.enqueue_forgetting(db, job.org_id, left)
        await persistence.job_runs.finish(db, job)


async def find_delivery(ctx: Context, id: WebhookId) -> Delivery | None:
    """Of the developer's own work, or with `ORG_READ` any of the organisation. Raises Forbidden."""
    ctx.caller.require(Scope.SCORES_READ)
    async with ctx.read() as db:
        return await persistence.webhooks.find(db, ctx.caller.org_id, id)


async def list_deliveries(ctx: Context, state: WebhookState | None, window: Window[str]) -> Page[Delivery]:
    """Newest first, those that `find_delivery` finds. Raises Forbidden, and Invalid for a forged cursor."""
    ctx.caller.require(Scope.SCORES_READ)
    asked = window.placed(_place)
    async with ctx.read() as db:
        found = await persistence.webhooks.page(db, ctx.caller.org_id, state, asked)
    return cursors.page(found, window, lambda one: cursors.encode(_LIST, one.created_at, str(one.id)))


async def count_deliveries(ctx: Context, state: WebhookState | None) -> int:
    """How many `list_deliveries` would show in all."""
    ctx.caller.require(Scope.SCORES_READ)
    async with ctx.read() as db:
        return await persistence.webhooks.count(db, ctx.caller.org_id, state)


_LIST = "webhooks"


def _place(cursor: str) -> tuple[datetime, WebhookId]:
    created_at, id = cursors.time_and_id(cursor, _LIST)
    return created_at, WebhookId(id)


async def replay_webhook(ctx: Context, id: WebhookId) -> Delivery:
    """Sends an event again to whom it was for, the same id and bytes, whatever became of it before: whoever may see a
    delivery may. One that waits for its next try goes now. Raises Forbidden, NotFound.
    """
    ctx.caller.require(Scope.SCORES_READ)
    async with ctx.write() as db:
        again = await persistence.webhooks.restart(db, ctx.caller.org_id, id, ctx.now())
    if again is None:
        raise no_such_delivery()
    ctx.services.bus.announce(JOBS)
    return again


# What follows is done by whoever operates the server, over the owner's connection.


async def get_webhook_secret(urls: Urls, slug: str) -> str:
    """What signs the webhooks of an organisation, made if there is none yet. Raises NotFound."""
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        await db.bind(Tenant(org.id))
        return await persistence.webhooks.secret(db, org.id)


async def rotate_webhook_secret(urls: Urls, slug: str) -> None:
    """Another secret signs from now on, also what is tried again. Raises NotFound."""
    async with owner_scope(urls) as db:
        [org] = await orgs_named(db, slug)
        await db.bind(Tenant(org.id))
        await persistence.webhooks.rotate_secret(db, org.id)
