"""How many requests a minute, or an hour, somebody may make; both are the clock's, so that everybody knows when one
ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import persistence.rate_limits
from domain.errors import TooMany
from resolvers.context import Services

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute or an hour after this request; `spent` counts it, and those that were refused."""

    limit: int
    spent: int
    asked_at: datetime
    resets_at: datetime

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.spent)

    def check(self) -> None:
        """Raises TooMany when this request was one too many."""
        if self.spent > self.limit:
            raise TooMany("Rate limit exceeded", seconds_until(self.resets_at, self.asked_at))


async def spend(services: Services, name: str, subject: str, limit: int) -> Allowance:
    """Counts one request of `subject` against the limit called `name`; counts none where limits are switched off."""
    return await _spend(services, digest(name, subject), limit, end_of_minute(services.now()))


async def spend_hourly(services: Services, name: str, subject: str, limit: int) -> Allowance:
    """As `spend`, against what there is for an hour."""
    return await _spend(services, digest(f"{name} hourly", subject), limit, end_of_hour(services.now()))


async def _spend(services: Services, counted: bytes, limit: int, resets_at: datetime) -> Allowance:
    now = services.now()
    if not services.rate_limits:
        return Allowance(limit, 0, now, resets_at)
    async with services.database.single() as db:
        spent = await persistence.rate_limits.spend(db, counted, resets_at)
        if spent == 1:
            await persistence.rate_limits.sweep(db, now - MINUTE)
    return Allowance(limit, spent, now, resets_at)


def end_of_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + MINUTE


def end_of_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds, rounded up; at least 1."""
    return max(1, -((now - moment) // timedelta(seconds=1)))


def digest(name: str, subject: str) -> bytes:
    """What stands in the table for a subject of the limit called `name`."""
    return sha256(f"{name}\n{subject}".encode()).digest()
