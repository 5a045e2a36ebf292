"""The floor of the headline score: one aggregate over the days of four weeks, its words and numbers by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from starlette.requests import Request

from tests.bench.invented import NOW, TIME_ZONE

Week = asyncpg.Record | Mapping[str, Any]
"""What a week holds: `total`, `crushed`, `spent`, `spent_well`."""

_ZONE = ZoneInfo(TIME_ZONE)
_LETTERS = (
    (95, "A+"), (86, "A"), (78, "A-"), (70, "B+"), (60, "B"), (52, "B-"), (45, "C+"), (35, "C"), (20, "D"), (0, "F"),
)  # fmt: skip
_TIERS = ((90, "elite"), (70, "leading"), (50, "scaling"), (30, "building"), (0, "starting"))

_TALLIES = """
SELECT starts_at >= $4 AS w3, starts_at >= $5 AS w2, starts_at >= $6 AS w1,
    sum(qualifying)::bigint AS total, sum(crushed)::bigint AS crushed, sum(qualifying_tokens)::bigint AS spent,
    sum(crushed_tokens)::bigint AS spent_well, sum(pending)::bigint AS pending
FROM score_days WHERE org_id = $1 AND user_id = $2 AND starts_at >= $3 AND starts_at < $7 GROUP BY 1, 2, 3
"""


def mondays() -> list[datetime]:
    """The starts of the last four weeks, oldest first, and the end of the last."""
    here = NOW.astimezone(_ZONE)
    monday = here.date() - timedelta(days=here.weekday())
    return [datetime.combine(monday + timedelta(weeks=n), time.min, _ZONE) for n in range(-3, 2)]


async def _weeks(request: Request, db: asyncpg.Connection) -> tuple[list[datetime], list[asyncpg.Record | None]]:
    starts = mondays()
    first, *inner, end = starts
    asked = request.query_params
    rows = await db.fetch(_TALLIES, asked["org"], asked["user"], first, *inner, end)
    by_week = {row["w3"] + row["w2"] + row["w1"]: row for row in rows}
    return starts, [by_week.get(n) for n in range(4)]


def _percent(part: int, whole: int) -> float:
    return float((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _band(bands: tuple[tuple[int, str], ...], week: Week) -> str:
    return next(name for edge, name in bands if 100 * week["crushed"] >= edge * week["total"])


def _score(week: Week | None) -> float | None:
    return _percent(week["crushed"], week["total"]) if week and week["total"] else None


async def rest_score(request: Request, db: asyncpg.Connection) -> object:
    _, weeks = await _weeks(request, db)
    return {"window": "weekly", **numbers(weeks, "_")}


async def graphql_score(request: Request, db: asyncpg.Connection) -> object:
    starts, weeks = await _weeks(request, db)
    now = weeks[-1]
    return {
        "data": {
            "score": {
                "from": _utc(starts[3]),
                "to": _utc(starts[4]),
                **numbers(weeks, ""),
                "pendingCount": now["pending"] if now else 0,
                "interval": interval(now),
            }
        }
    }


def _utc(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def numbers(weeks: Sequence[Week | None], joint: str) -> dict[str, object]:
    """`joint` is `_` for the names of the old system and nothing for camelCase."""
    now = weeks[-1] if weeks[-1] and weeks[-1]["total"] else None
    weight = (Decimal(int(now["spent_well"])) / int(now["spent"])) if now and now["spent"] else None
    tier = _band(_TIERS, now) if now else None
    named: dict[str, object] = {
        "prism_score": _score(now),
        "letter_grade": _band(_LETTERS, now) if now else None,
        "personal_tier": tier if joint or tier is None else tier.upper(),  # an enum of the graph
        "crushed_count": now["crushed"] if now else 0,
        "total_count": now["total"] if now else 0,
        "crush_weight": None if weight is None else float(weight.quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "sparkline": [_score(week) for week in weeks],
    }
    return named if joint else {camel(name): value for name, value in named.items()}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def interval(week: Week | None) -> dict[str, float] | None:
    if not week or not week["total"]:
        return None
    z, n = 1.959963984540054, week["total"]
    share = week["crushed"] / n
    middle, half = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (100 * (middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    return {"low": round(low, 1), "high": round(high, 1)}
