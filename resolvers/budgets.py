"""How much a key may ask of the graph in a minute of the clock, in points of cost, whichever process it asks.

Processes take a share of a key's minute at a time out of a counter that all of them share, and spend it without asking
again. Shares shrink with what is left, so that little of a minute lies in one process while another one needs it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import persistence.rate_limits
from domain.errors import Invalid, TooMany
from resolvers.context import Context
from resolvers.leases import Lease
from resolvers.rate_limits import MINUTE, digest, end_of_minute, seconds_until

_SHARE = 20
"""A process takes one part in so many of what is left, or as much as the request needs."""
_FLOOR = 10
"""A request costs at least one part in so many of what it asked for: looking costs, too, where little is found."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Of a key's minute; `remaining` is what this process knows of: others may have spent some of it."""

    limit: int
    remaining: int
    resets_at: datetime


async def charge(ctx: Context, cost: int) -> Budget | None:
    """Takes the cost of a request out of its key's minute; None where limits are switched off.

    Raises TooMany when too little is left of the minute, Invalid for a cost that no minute could bear, Unavailable.
    """
    services = ctx.services
    if not services.rate_limits:
        return None
    limit = services.graphql_budget if ctx.caller.budget is None else ctx.caller.budget
    if cost > limit:
        raise Invalid(f"a cost of {cost} is more than this key's budget of {limit} a minute: ask for less at a time")
    lease = services.leases.open(ctx.caller.key_id, end_of_minute(ctx.now()), limit)
    while lease.left < cost:
        async with lease.taking:
            if lease.left < cost:  # nobody took enough for both while this one waited
                await _take(ctx, lease, limit, cost - lease.left)
    lease.left -= cost
    return Budget(limit, lease.remaining, lease.resets_at)


def settle(ctx: Context, budget: Budget, requested: int, actual: int) -> Budget:
    """Gives back what a request was charged (`requested`) beyond what its answer cost; takes the rest of a dearer one.

    Once the minute is over that changes nothing for the next one.
    """
    back = requested - max(actual, requested // _FLOOR)
    lease = ctx.services.leases.get(ctx.caller.key_id, budget.resets_at)
    if lease is None:
        return replace(budget, remaining=max(0, budget.remaining + back))
    lease.left += back
    return replace(budget, remaining=lease.remaining)


async def _take(ctx: Context, lease: Lease, limit: int, need: int) -> None:
    """A share of the minute for this process, at least `need`. Raises TooMany, Unavailable."""
    services, taken = ctx.services, None
    if need <= lease.room:
        subject = digest("graphql", str(ctx.caller.key_id))
        amounts = sorted({need, max(need, lease.room // _SHARE)}, reverse=True)
        async with services.database.single() as db:
            taken = await persistence.rate_limits.take(db, subject, lease.resets_at, amounts, limit)
            if taken is not None and taken.is_first:
                await persistence.rate_limits.sweep(db, ctx.now() - MINUTE)
    if taken is None:
        lease.room = min(lease.room, need - 1)  # nobody gives back, so that it need not be asked again
        wait_s = seconds_until(lease.resets_at, ctx.now())
        raise TooMany(f"too little is left of this key's budget of {limit} a minute", wait_s)
    lease.left += taken.amount
    lease.room = limit - taken.spent
