"""The floor of the pillars: the kept days in one statement, added up and rounded by hand."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

import asyncpg
from starlette.requests import Request

from tests.bench.floor_scores import Week, camel, interval, mondays, numbers
from tests.bench.invented import NOW

Body = dict[str, object]
Parts = list["Part"]

_DAYS = """
SELECT starts_at, totals FROM score_days WHERE org_id = $1 AND user_id = $2 AND starts_at >= $3 AND starts_at < $4
"""
_EXCLUDED = """
SELECT id, excluded_reason, started_at, title, summary FROM sub_sessions
WHERE org_id = $1 AND user_id = $2 AND started_at >= $3 AND started_at < $4 AND state = 'excluded'
ORDER BY started_at DESC, id DESC LIMIT 1000
"""
_CLASSES = ("input", "output", "cache_read", "cache_write")
HABITS = (
    "goal_explicit", "scope_bounded", "references_concrete", "context_sufficient", "verification_requested",
    "root_cause_oriented", "plan_first",
)  # fmt: skip
_LETTERS = ("F", "D", "C", "C+", "B-", "B", "B+", "A-", "A", "A+")
_EDGES = tuple(map(Fraction, ("30", "50", "60", "65", "70", "80", "85", "90", "95")))
_RATES = ((Fraction(3), "crushing"), (Fraction(3, 2), "steady"), (Fraction(1, 2), "light"), (Fraction(0), "stalled"))
_COSTS = ((70_000, "bloated"), (35_000, "heavy"), (15_000, "healthy"), (0, "tight"))
_GRADES = ((70, "good"), (55, "fair"), (40, "weak"), (0, "poor"))
_FLAGGED = ((6, "poor"), (3, "weak"), (1, "fair"), (0, "clean"))


class Part:
    """What some days add up to."""

    def __init__(self, days: Iterable[dict[str, Any]]) -> None:
        self.qualifying = self.pending = self.graded = 0
        self.points = Decimal(0)
        self.crushes: list[tuple[int, str | None, float | None]] = []
        self.counted = {name: Counter[str]() for name in _COUNTED}
        for day in days:
            self._add(day)

    def _add(self, day: dict[str, Any]) -> None:
        self.qualifying += day["qualifying"]
        self.pending += day["pending"]
        self.graded += day["graded"]
        self.points += Decimal(day["grade_points"])
        self.crushes += day["crushes"]
        for name, counter in self.counted.items():
            for key, count in day[name].items():
                counter[key] += count

    @property
    def mean(self) -> Fraction | None:
        return Fraction(self.points) / self.graded if self.graded else None

    @property
    def tokens(self) -> Body:
        return {name: self.counted["tokens"][name] for name in _CLASSES}

    @property
    def crush_weight(self) -> float | None:
        return _ratio(sum(crush[0] for crush in self.crushes), self.counted["tokens"].total(), 2)

    @property
    def typical(self) -> Fraction | None:
        return _median([crush[0] for crush in self.crushes])


_COUNTED = ("tokens", "applicable", "shown", "letters", "intents", "judge_statuses", "trivia", "flags")


async def _parts(request: Request, db: asyncpg.Connection, edges: Sequence[datetime]) -> Parts:
    asked = request.query_params
    days: list[list[dict[str, Any]]] = [[] for _ in edges[1:]]
    for at, totals in await db.fetch(_DAYS, asked["org"], asked["user"], edges[0], edges[-1]):
        days[bisect_right(edges, at) - 1].append(totals)
    return [Part(each) for each in days]


def _ratio(part: int | Fraction, whole: int | Fraction, places: int) -> float | None:
    return _rounded(Fraction(part) / whole, places) if whole else None


def _rounded(value: Fraction, places: int) -> float:
    """Half up, of losses half down."""
    units = (2 * abs(value) * 10**places + 1) // 2
    return (units if value >= 0 else -units) / 10**places


def _median(values: Sequence[int] | Sequence[Fraction]) -> Fraction | None:
    return Fraction(median(map(Fraction, values))) if values else None


def _band(bands: Sequence[tuple[int | Fraction, str]], value: int | Fraction | None) -> str | None:
    return None if value is None else next(name for edge, name in bands if value >= edge)


def _ranked(counts: Counter[str], key: str) -> list[Body]:
    return [{key: name, "count": count} for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]


def _working_days(monday: datetime) -> int:
    last = min(NOW.astimezone(monday.tzinfo).date(), monday.date() + timedelta(days=6))
    return max(1, min(5, (last - monday.date()).days + 1))


def _speed(parts: Parts, starts: Sequence[datetime]) -> Body:
    rates = [Fraction(len(part.crushes), _working_days(monday)) for part, monday in zip(parts, starts, strict=False)]
    typical = _median([Fraction(str(seconds)) for _, _, seconds in parts[-1].crushes if seconds is not None])
    return {
        "cspw": _rounded(rates[-1], 2),
        "delta_cspw": _rounded(rates[-1] - rates[-2], 2) if parts[-2].qualifying else None,
        "ttc_median_seconds": None if typical is None else _rounded(typical, 1),
        "sparkline": [_rounded(rate, 2) for rate in rates],
        "band": _band(_RATES, rates[-1]),
    }


def _tokens(parts: Parts) -> Body:
    now = parts[-1]
    price = _median([Fraction(cost) for _, cost, _ in now.crushes if cost is not None])
    return {
        "crush_weight": now.crush_weight,
        **_spent(now, parts[-2]),
        "cpcs_estimate": None if price is None else _rounded(price, 2),
        "sparkline": [part.crush_weight for part in parts],
        "breakdown": now.tokens,
        "band": _band(_COSTS, now.typical or None),
    }


def _spent(now: Part, before: Part) -> Body:
    typical, earlier = now.typical, before.typical
    tokens = now.counted["tokens"]
    return {
        "tet": None if typical is None or not earlier else _rounded(typical / earlier, 2),
        "tpt": _ratio(tokens["input"] + tokens["output"], now.qualifying, 1),
    }


def _skill(parts: Parts) -> Body:
    now, mean, earlier = parts[-1], parts[-1].mean, parts[-2].mean
    shown, held = now.counted["shown"], now.counted["applicable"]
    return {
        "apg": _apg(mean),
        "delta_apg": None if mean is None or earlier is None else _rounded((mean - earlier) / 100, 2),
        "per_boolean": _per_boolean(now),
        "worst_pillar": min(filter(held.get, HABITS), key=lambda name: Fraction(shown[name], held[name]), default=None),
        "band": _band(_GRADES, mean),
    }


def _apg(mean: Fraction | None) -> float | None:
    return None if mean is None else _rounded(mean / 100, 2)


def _per_boolean(part: Part) -> Body:
    shown, held = part.counted["shown"], part.counted["applicable"]
    return {name: _ratio(shown[name], held[name], 2) for name in HABITS}


def _counts(part: Part) -> tuple[Body, Body]:
    """How many arcs were graded and how well, and what they were by kind."""
    statuses, letters, intents = part.counted["judge_statuses"], part.counted["letters"], part.counted["intents"]
    total, mean = statuses.total(), part.mean
    rest = total - intents.total()
    by_intent = _ranked(intents, "intent_class") + ([{"intent_class": None, "count": rest}] if rest else [])
    best_first = [{"letter_grade": one, "count": letters[one]} for one in reversed(_LETTERS) if letters[one]]
    return (
        {"total": total, "graded": part.graded},
        {
            "letter_grade": None if mean is None else _LETTERS[bisect_right(_EDGES, mean)],
            "by_intent": by_intent,
            "by_grade": best_first,
            "by_judge_status": _ranked(statuses, "judge_status"),
        },
    )


def _without(body: Body, *names: str) -> Body:
    return {name: value for name, value in body.items() if name not in names}


_WEEKLY: Body = {"window": "weekly"}


async def rest_speed(request: Request, db: asyncpg.Connection) -> object:
    edges = mondays()
    return _WEEKLY | _without(_speed(await _parts(request, db, edges), edges), "band")


async def rest_tokens(request: Request, db: asyncpg.Connection) -> object:
    return _WEEKLY | _without(_tokens(await _parts(request, db, mondays())), "band")


async def rest_skill(request: Request, db: asyncpg.Connection) -> object:
    return _WEEKLY | _without(_skill(await _parts(request, db, mondays()[2:])), "band")


async def rest_insight(request: Request, db: asyncpg.Connection) -> object:
    [now] = await _parts(request, db, mondays()[3:])
    counted, kinds = _counts(now)
    letter = {"letter_grade": kinds["letter_grade"], "per_boolean": _per_boolean(now)}
    return _WEEKLY | counted | {"apg": _apg(now.mean)} | letter | _without(kinds, "letter_grade")


async def rest_integrity(request: Request, db: asyncpg.Connection) -> object:
    [now] = await _parts(request, db, mondays()[3:])
    return {"by_kind": _ranked(now.counted["flags"], "kind")}


async def rest_trivia(request: Request, db: asyncpg.Connection) -> object:
    asked = request.query_params
    rows = await db.fetch(_EXCLUDED, asked["org"], asked["user"], *mondays()[3:])
    return [
        {
            "score_v3_sub_session_id": str(row["id"]),
            "reason": row["excluded_reason"],
            "created_at": row["started_at"].isoformat().replace("+00:00", "Z"),
            "title": row["title"],
            "summary": row["summary"],
        }
        for row in rows
    ]


async def rest_tokens_trend(request: Request, db: asyncpg.Connection) -> object:
    """A point for each of the last thirty whole days."""
    edges = last_days(31)
    before, *parts = await _parts(request, db, edges)
    points: list[Body] = []
    for start, part in zip(edges[1:], parts, strict=False):
        at = start.astimezone(NOW.tzinfo).isoformat().replace("+00:00", "Z")
        points.append({"period_start": at, "crush_weight": part.crush_weight, **_spent(part, before), **part.tokens})
        before = part
    return {"points": points}


def last_days(count: int) -> list[datetime]:
    """The starts of so many days before today, oldest first, and that of today."""
    today = NOW.astimezone(mondays()[0].tzinfo).replace(hour=0)
    return [today - timedelta(days=n) for n in range(count, -1, -1)]


async def graphql_dashboard(request: Request, db: asyncpg.Connection) -> object:
    edges = mondays()
    parts = await _parts(request, db, edges)
    now = parts[-1]
    tokens, skill = _tokens(parts), _skill(parts)
    counted, kinds = _counts(now)
    tokens["median_cost_per_crush_usd"] = tokens.pop("cpcs_estimate")
    flags, left_out = now.counted["flags"], now.counted["trivia"]
    score = {
        **_headline(parts),
        "speed": _upper(_speed(parts, edges), "band"),
        "tokens": _upper(tokens, "band"),
        "skill": _upper(skill, "band", "worst_pillar"),
        "verdicts": _verdicts(counted, kinds),
        "integrity": {"by_kind": _kinds(flags, "kind"), "band": str(_band(_FLAGGED, flags.total())).upper()},
        "trivia": {"by_reason": _kinds(left_out, "reason"), "total_count": left_out.total()},
    }
    return {"data": {"score": _camel(score)}}


def _headline(parts: Parts) -> Body:
    weeks = [_week(part) for part in parts]
    return {**numbers(weeks, ""), "pending_count": parts[-1].pending, "interval": interval(weeks[-1])}


def _week(part: Part) -> Week:
    spent_well = sum(crush[0] for crush in part.crushes)
    spent = part.counted["tokens"].total()
    return {"total": part.qualifying, "crushed": len(part.crushes), "spent": spent, "spent_well": spent_well}


def _verdicts(counted: Body, kinds: Body) -> Body:
    by_intent: Any = kinds["by_intent"]
    by_status: Any = kinds["by_judge_status"]
    return {
        "total_count": counted["total"],
        "graded_count": counted["graded"],
        "average_letter_grade": kinds["letter_grade"],
        "by_intent": [_upper({"intent": one["intent_class"], "count": one["count"]}, "intent") for one in by_intent],
        "by_grade": kinds["by_grade"],
        "by_judge_status": [_upper(one, "judge_status") for one in by_status],
    }


def _kinds(counts: Counter[str], key: str) -> list[Body]:
    return [_upper(one, key) for one in _ranked(counts, key)]


def _upper(body: Body, *names: str) -> Body:
    """Enums of the graph."""
    return {name: value.upper() if name in names and isinstance(value, str) else value for name, value in body.items()}


def _camel(value: object) -> object:
    match value:
        case dict():
            named: Body = {**value}
            return {camel(name): _camel(each) for name, each in named.items()}
        case list():
            elements: list[object] = [*value]
            return [_camel(each) for each in elements]
        case _:
            return value
