"""How a budget looks in the headers of an answer."""

from collections.abc import Mapping
from datetime import datetime

from resolvers.budgets import Budget
from resolvers.rate_limits import MINUTE, seconds_until

_WINDOW_S = int(MINUTE.total_seconds())


def budget_headers(budget: Budget, now: datetime) -> Mapping[str, str]:
    """By the IETF draft "RateLimit header fields for HTTP" (seconds until), and as REST spells them (a Unix second)."""
    return {
        "ratelimit-policy": f'"cost";q={budget.limit};w={_WINDOW_S}',
        "ratelimit": f'"cost";r={budget.remaining};t={seconds_until(budget.resets_at, now)}',
        "x-ratelimit-limit": str(budget.limit),
        "x-ratelimit-remaining": str(budget.remaining),
        "x-ratelimit-reset": str(int(budget.resets_at.timestamp())),
    }
