"""Builders of live events, and readers that collect them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import uuid4

import persistence.live
from domain.live import LiveEvent, News, Resync
from domain.values import OrgId, SessionId, SubSessionId, UserId
from persistence.database import Database, Tenant

SOON_S = 5.0


def make_news(user_id: UserId, number: int = 0, name: str = "updated") -> News:
    return News(name, SessionId("session"), SubSessionId(uuid4()), user_id, {"number": number})


async def tell(database: Database, org_id: OrgId, user_id: UserId, *numbers: int) -> None:
    """One committed transaction with an event for each number; nobody is woken."""
    async with database.write(Tenant(org_id)) as db:
        await persistence.live.append(db, org_id, [make_news(user_id, number) for number in numbers])


def number_of(event: LiveEvent | Resync) -> object:
    """The number of `make_news`, or "resync"."""
    return event.payload["number"] if isinstance(event, LiveEvent) else "resync"


async def take(events: AsyncGenerator[LiveEvent | Resync], count: int) -> list[LiveEvent | Resync]:
    """The next `count`, which must come soon."""
    async with asyncio.timeout(SOON_S):
        return [await anext(events) for _ in range(count)]


async def take_numbers(events: AsyncGenerator[LiveEvent | Resync], count: int) -> list[object]:
    """The numbers of the next `count`; closes the reader."""
    async with aclosing(events):
        return [number_of(event) for event in await take(events, count)]
