"""How many requests a minute somebody may make; minutes are the clock's, so that everybody knows when one ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import persistence.rate_limits
from domain.errors import TooMany
from resolvers.context import Services

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute after this request; `spent` counts it, and those that were refused."""

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
    now = services.now()
    resets_at = end_of_minute(now)
    if not services.rate_limits:
        return Allowance(limit, 0, now, resets_at)
    async with services.database.single() as db:
        spent = await persistence.rate_limits.spend(db, digest(name, subject), resets_at)
        if spent == 1:
            await persistence.rate_limits.sweep(db, now - MINUTE)
    return Allowance(limit, spent, now, resets_at)


def end_of_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + MINUTE


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds, rounded up; at least 1."""
    return max(1, -((now - moment) // timedelta(seconds=1)))


def digest(name: str, subject: str) -> bytes:
    """What stands in the table for a subject of the limit called `name`."""
    return sha256(f"{name}\n{subject}".encode()).digest()
