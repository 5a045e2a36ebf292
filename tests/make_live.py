"""Builders of live events, and readers that collect them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar
from uuid import uuid4

import sqlalchemy as sa

import persistence.live
from domain.ingest.batch import Batch, SessionFacts
from domain.judging.changes import Change
from domain.live import LiveEvent, News, Resync
from domain.timeline import Event
from domain.values import EventId, OrgId, SessionId, SubSessionId, UserId
from persistence.database import Database, Tenant
from resolvers.context import Context
from resolvers.ingest import save_batch
from resolvers.live import watch_sub_sessions

T = TypeVar("T")

SOON_S = 30.0
"""So long a busy machine may take for what comes at once otherwise."""


def make_news(user_id: UserId, number: int = 0, name: str = Change.UPDATED.event_name) -> News:
    return News(name, SessionId("session"), SubSessionId(uuid4()), user_id, {"number": number})


async def tell(database: Database, org_id: OrgId, user_id: UserId, *numbers: int, settle: bool = True) -> None:
    """One committed transaction with an event for each number; nobody is woken.

    With `settle` it returns once the events can be read: tests of other processes write in the same cluster.
    """
    async with database.write(Tenant(org_id)) as db:
        await persistence.live.append(db, org_id, [make_news(user_id, number) for number in numbers])
    if settle:
        await settled(database)


async def arrive(ctx: Context, session_id: SessionId, *events: Event) -> list[EventId]:
    """One batch of events of a session, stored as posted ones are; their ids."""
    own = tuple(replace(one, session_id=session_id) for one in events)
    await save_batch(ctx.services, ctx.caller, Batch("test", {session_id: SessionFacts()}, own))
    return [one.id for one in own]


async def settled(database: Database) -> None:
    """Returns when every transaction that runs now has ended."""
    async with database.unbound() as db:
        latest = (await db.execute(sa.text("SELECT pg_current_xact_id()"))).scalar_one()
    async with asyncio.timeout(SOON_S), database.unbound() as db:
        while (await db.execute(sa.text("SELECT pg_snapshot_xmin(pg_current_snapshot())"))).scalar_one() <= latest:
            await asyncio.sleep(0.005)


async def cut(database: Database, name: str) -> None:
    """Cuts the connections of that application name to this database."""
    async with database.unbound() as db:
        others = "datname = current_database() AND application_name = :name AND pid <> pg_backend_pid()"
        await db.execute(
            sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"), {"name": name}
        )


def number_of(event: LiveEvent | Resync) -> object:
    """The number of `make_news`, or "resync"."""
    return event.payload["number"] if isinstance(event, LiveEvent) else "resync"


async def one_by_one(pages: AsyncGenerator[list[T]]) -> AsyncGenerator[T]:
    """The members of the pages, none of which is empty; closes with them."""
    async with aclosing(pages):
        async for page in pages:
            assert page
            for told in page:
                yield told


def follow(ctx: Context, after: str | None) -> AsyncGenerator[LiveEvent | Resync]:
    return one_by_one(watch_sub_sessions(ctx, after))


async def take(events: AsyncGenerator[T], count: int) -> list[T]:
    """The next `count`, which must come soon."""
    async with asyncio.timeout(SOON_S):
        return [await anext(events) for _ in range(count)]


async def take_numbers(events: AsyncGenerator[LiveEvent | Resync], count: int) -> list[object]:
    """The numbers of the next `count`; closes the reader."""
    async with aclosing(events):
        return [number_of(event) for event in await take(events, count)]
