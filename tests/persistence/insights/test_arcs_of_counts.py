"""The arcs behind the numbers of trends, lifecycle and stickiness are those of the events that are counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
import sqlalchemy as sa

from domain.insights.buckets import (
    Interval,
)
from domain.insights.drill_downs import (
    DrillDown,
    LifecyclePoint,
    Plan,
    Point,
    StickinessPoint,
    TrendsPoint,
)
from domain.insights.errors import InvalidQuery
from domain.insights.filters import (
    Matched,
)
from domain.insights.plans import (
    OTHER,
    Breakdown,
    LifecyclePlan,
    LifecycleStatus,
    Math,
    Series,
    StickinessPlan,
    Subject,
    TrendsPlan,
    named,
)
from domain.values import SubSessionId, UserId
from persistence.arc_rows import sub_session_row
from persistence.database import Database, Tenant, Urls
from persistence.insights.engine import FoundArc
from persistence.insights.postgres import PostgresEngine
from persistence.judging import sub_sessions
from tests.make import START, arc_id, sub_session
from tests.make_context import make_org, make_user
from tests.make_insights import Made, made, put_events
from tests.persistence.insights import counted_oracle as oracle
from tests.persistence.insights.counted_plans import AGENT, DURATION, TOOL, USER

DAY = timedelta(days=1)
MONDAY = START.replace(hour=0)
WITHIN = oracle.cut(MONDAY.replace(tzinfo=oracle.ZoneInfo("UTC")), 6, Interval.DAY)


@dataclass(frozen=True)
class Told:
    tenant: Tenant
    users: list[UserId]
    events: list[Made]
    began: dict[SubSessionId, FoundArc]

    def newest(self, events: Sequence[Made]) -> list[FoundArc]:
        found = {self.began[one.arc_id] for one in events if one.arc_id is not None}
        return sorted(found, key=lambda arc: (arc.started_at, arc.id.int), reverse=True)


@pytest.fixture(scope="module")
def engine(database: Database) -> PostgresEngine:
    return PostgresEngine(database)


@pytest.fixture(scope="module")
async def told(database: Database, urls: Urls) -> Told:
    org = await make_org(urls)
    users = [await make_user(urls, org) for _ in range(5)]
    random, events = Random(3), list[Made]()
    for number in range(250):
        user = random.choice(users)
        facts = {"agent": random.choice(("codex", "claude-code", "aider", None)), "tool": random.choice(("Edit", None))}
        at = MONDAY - 2 * DAY + timedelta(hours=random.randrange(24 * 9))
        arc, duration = random.choice((None, f"{user.id} 1", f"{user.id} 2")), random.choice((None, 5, 70))
        events.append(made(random.choice("aab"), at, user.id, arc=arc, ordinal=number, duration_ms=duration, **facts))
    began, rows = dict[SubSessionId, FoundArc](), list[dict[str, object]]()
    for user in users:
        for place, name in enumerate(f"{user.id} {number}" for number in (1, 2)):
            began[arc_id(name)] = FoundArc(arc_id(name), START + place * DAY)  # many at the same time
            rows.append(sub_session_row(org.id, sub_session(name, user_id=user.id, started_at=START + place * DAY)))
    tenant = Tenant(org.id)
    async with database.write(tenant) as db:
        await db.execute(sa.insert(sub_sessions), rows)
        await put_events(db, org.id, events)
    return Told(tenant, [user.id for user in users], events, began)


def _between(events: Sequence[Made], start: datetime, end: datetime) -> list[Made]:
    return [one for one in events if start <= one.ts < end]


A = Matched("a")
BY_AGENT = Breakdown((AGENT,), 2)


@pytest.mark.parametrize("bucket", [None, 0, 3, 5])
@pytest.mark.parametrize("math", [Math.TOTAL, Math.DAU, Math.UNIQUE_SESSION, Math.WEEKLY_ACTIVE, Math.P90])
async def test_behind_a_number_are_the_arcs_of_what_it_counts(
    engine: PostgresEngine, told: Told, math: Math, bucket: int | None
) -> None:
    of = DURATION if math is Math.P90 else None
    plan = TrendsPlan((Series(Matched("b")), Series(A, math, of)), WITHIN)
    week = math is Math.WEEKLY_ACTIVE
    first, last = (0, 5) if bucket is None else (bucket, bucket)
    start = WITHIN.bounds[last + 1] - 7 * DAY if week and bucket is not None else WITHIN.bounds[first]
    counted = [one for one in told.events if one.event == "a" and (of is None or one.told("duration_ms") is not None)]
    if week and bucket is None:
        start = WITHIN.bounds[1] - 7 * DAY
    behind = _between(counted, start, WITHIN.bounds[last + 1])
    found = await engine.arcs(told.tenant, DrillDown(plan, TrendsPoint(1, bucket)))
    assert list(found) == told.newest(behind)


@pytest.mark.parametrize("math", [Math.TOTAL, Math.DAU])
async def test_behind_a_running_sum_are_the_arcs_until_then(engine: PostgresEngine, told: Told, math: Math) -> None:
    plan = TrendsPlan((Series(A, math),), WITHIN, only_first=True)
    behind = _between([one for one in told.events if one.event == "a"], WITHIN.starts[0], WITHIN.starts[3])
    assert list(await engine.arcs(told.tenant, DrillDown(plan, TrendsPoint(0, 2)))) == told.newest(behind)


async def test_behind_a_first_time_is_the_arc_of_the_first_event(engine: PostgresEngine, told: Told) -> None:
    early = replace(WITHIN, starts=(MONDAY - 9 * DAY, MONDAY - 2 * DAY + timedelta(hours=6)))
    plan = TrendsPlan((Series(A, Math.FIRST_TIME_FOR_USER),), early)
    firsts = {}
    for one in sorted(told.events, key=lambda one: (one.ts, one.ordinal)):
        if one.event == "a":
            firsts.setdefault(one.user_id, one)
    assert {one.ts < early.starts[1] for one in firsts.values()} == {True, False}
    for bucket in (0, 1):
        found = await engine.arcs(told.tenant, DrillDown(plan, TrendsPoint(0, bucket)))
        assert list(found) == told.newest(_between(list(firsts.values()), *early.bounds[bucket : bucket + 2]))


@pytest.mark.parametrize("breakdown", [BY_AGENT, Breakdown((AGENT, TOOL), 3), Breakdown((USER,), 2)])
async def test_behind_a_value_are_the_arcs_of_its_events(
    engine: PostgresEngine, told: Told, breakdown: Breakdown
) -> None:
    plan = TrendsPlan((Series(A),), WITHIN, breakdown=breakdown)
    lines = await engine.trends(told.tenant, plan)
    assert any(OTHER in line.breakdown for line in lines)
    values = [line.breakdown for line in lines]
    for line in lines:
        behind = [
            one for one in told.events if one.event == "a" and _stands_for(one, breakdown, values) == line.breakdown
        ]
        for value in (line.breakdown, named(line.breakdown) or ()):
            found = await engine.arcs(told.tenant, DrillDown(plan, TrendsPoint(0, None, value)))
            assert list(found) == told.newest(_between(behind, WITHIN.starts[0], WITHIN.end)), value


def _stands_for(one: Made, breakdown: Breakdown, values: Sequence[object]) -> object:
    value = tuple(oracle.value_of(one, property) for property in breakdown.properties)
    return value if value in values else (OTHER,) * len(value)


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("status", LifecycleStatus)
async def test_behind_a_status_are_the_arcs_of_those_who_have_it(
    engine: PostgresEngine, told: Told, status: LifecycleStatus, subject: Subject
) -> None:
    plan = LifecyclePlan(A, WITHIN, MONDAY - DAY, subject=subject)
    bounds = (MONDAY - 9 * DAY, plan.before, *WITHIN.bounds)
    seen = [one for one in told.events if one.event == "a"]
    active = [{oracle.subject(one, subject) for one in _between(seen, start, end)} for start, end in pairwise(bounds)]
    for bucket in range(len(WITHIN.starts)):
        now, before, ever = active[bucket + 2], active[bucket + 1], set().union(*active[: bucket + 2])
        mine = {
            LifecycleStatus.NEW: now - ever,
            LifecycleStatus.RETURNING: now & before,
            LifecycleStatus.RESURRECTING: now & ever - before,
            LifecycleStatus.DORMANT: before - now,
        }[status]
        place = bucket + (1 if status is LifecycleStatus.DORMANT else 2)
        behind = [one for one in _between(seen, *bounds[place : place + 2]) if oracle.subject(one, subject) in mine]
        found = await engine.arcs(told.tenant, DrillDown(plan, LifecyclePoint(status, bucket)))
        assert list(found) == told.newest(behind), bucket


@pytest.mark.parametrize("cumulative", [False, True])
async def test_behind_a_number_of_days_are_the_arcs_of_those_who_were_there_so_often(
    engine: PostgresEngine, told: Told, cumulative: bool
) -> None:
    plan = StickinessPlan((Matched("b"), A), WITHIN, cumulative=cumulative)
    seen = _between([one for one in told.events if one.event == "a"], WITHIN.starts[0], WITHIN.end)
    days = {user: len({one.ts.date() for one in seen if one.user_id == user}) for user in told.users}
    for number in range(1, 7):
        mine = {user for user, count in days.items() if (count >= number if cumulative else count == number)}
        found = await engine.arcs(told.tenant, DrillDown(plan, StickinessPoint(1, number)))
        assert list(found) == told.newest([one for one in seen if one.user_id in mine])


async def test_pages_go_on_where_the_last_one_ended(engine: PostgresEngine, told: Told) -> None:
    ask = DrillDown(TrendsPlan((Series(A),), WITHIN), TrendsPoint(0), 3)
    found = list[FoundArc]()
    while page := await engine.arcs(told.tenant, ask):
        found += page
        ask = replace(ask, after=(page[-1].started_at, str(page[-1].id)))
    assert found == list(await engine.arcs(told.tenant, replace(ask, limit=100, after=None)))
    assert len(found) > 6


async def test_a_developer_has_own_arcs_only(engine: PostgresEngine, told: Told) -> None:
    user = told.users[0]
    found = await engine.arcs(
        replace(told.tenant, user_id=user), DrillDown(TrendsPlan((Series(A),), WITHIN), TrendsPoint(0))
    )
    assert {one.id for one in found} <= {arc_id(f"{user} 1"), arc_id(f"{user} 2")}
    assert found


_TRENDS = TrendsPlan((Series(A),), WITHIN)
_LIFECYCLE = LifecyclePlan(A, WITHIN, MONDAY - DAY)


@pytest.mark.parametrize(
    ("plan", "point"),
    [
        (_TRENDS, TrendsPoint(1)),
        (_TRENDS, TrendsPoint(-1)),
        (_TRENDS, TrendsPoint(0, 6)),
        (replace(_TRENDS, breakdown=BY_AGENT), TrendsPoint(0, 0, ("codex", "Edit"))),
        (_LIFECYCLE, LifecyclePoint(LifecycleStatus.NEW, 6)),
        (_LIFECYCLE, TrendsPoint(0)),
        (StickinessPlan((A,), WITHIN), StickinessPoint(1, 1)),
    ],
)
async def test_a_number_that_is_not_there_is_refused(
    engine: PostgresEngine, told: Told, plan: Plan, point: Point
) -> None:
    with pytest.raises(InvalidQuery):
        await engine.arcs(told.tenant, DrillDown(plan, point))


async def test_a_place_that_is_none_is_refused(engine: PostgresEngine, told: Told) -> None:
    ask = DrillDown(_TRENDS, TrendsPoint(0), after=(datetime(2026, 3, 2, tzinfo=UTC), "no id"))
    with pytest.raises(InvalidQuery, match="no id"):
        await engine.arcs(told.tenant, ask)
