"""The arcs behind the numbers of funnels, retention and paths are those of the events that made them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.drill_downs import (
    DrillDown,
    FunnelPoint,
    PathsPoint,
    Plan,
    Point,
    RetentionPoint,
)
from domain.insights.errors import InvalidQuery
from domain.insights.filters import (
    Condition,
    Matched,
    Operator,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    Attribution,
    Breakdown,
    FunnelOrder,
    FunnelPlan,
    PathsPlan,
    RetentionKind,
    RetentionPlan,
    Subject,
    named,
)
from domain.values import SubSessionId
from persistence.arc_rows import sub_session_row
from persistence.database import Database, Tenant, Urls
from persistence.insights.drill_down import arcs
from persistence.insights.engine import FoundArc
from persistence.judging import sub_sessions
from tests.make import START, arc_id, sub_session
from tests.make_context import make_org, make_user
from tests.make_insights import Made, made, put_events
from tests.persistence.insights import funnel_oracle, paths_oracle, retention_oracle

AGENT = Property(PropertySource.EVENT, "agent", PropertyType.TEXT)
HOUR = timedelta(hours=1)
WITHIN = Buckets(tuple(START + 6 * HOUR * number for number in range(4)), START + 24 * HOUR, Interval.HOUR)
LATER = replace(WITHIN, starts=WITHIN.starts[1:])
IS_CODEX = Condition(AGENT, Operator.EXACT, ("codex",))
FUNNEL = FunnelPlan(tuple(Matched(name) for name in "abc"), WITHIN, window=6 * HOUR)
RETENTION = RetentionPlan(Matched("a"), Matched("b"), WITHIN)


@dataclass(frozen=True)
class Told:
    tenant: Tenant
    events: list[Made]
    began: dict[SubSessionId, FoundArc]

    def newest(self, events: Sequence[Made]) -> list[FoundArc]:
        """The arcs of the events, those that began last first."""
        found = {self.began[one.arc_id] for one in events if one.arc_id is not None}
        return sorted(found, key=lambda arc: (arc.started_at, arc.id.int), reverse=True)


@pytest.fixture(scope="module")
async def told(database: Database, urls: Urls) -> Told:
    org = await make_org(urls)
    users = [await make_user(urls, org) for _ in range(12)]
    random, events = Random(5), list[Made]()
    for number in range(300):
        user = random.choice(users)
        arc = random.choice((None, f"{user.id} 1", f"{user.id} 2", f"{user.id} 3"))
        at, agent = 15 * random.randrange(4 * 26), random.choice(("codex", "claude-code", None))
        events.append(made(random.choice("aabbcd"), at, user.id, arc=arc, ordinal=number, id=number, agent=agent))
    rows, began = list[dict[str, object]](), dict[SubSessionId, FoundArc]()
    for user in users:
        for place, name in enumerate(f"{user.id} {number}" for number in (1, 2, 3)):
            began[arc_id(name)] = FoundArc(arc_id(name), START + place * HOUR)  # some at the same time
            rows.append(sub_session_row(org.id, sub_session(name, user_id=user.id, started_at=START + place * HOUR)))
    tenant = Tenant(org.id)
    async with database.write(tenant) as db:
        await db.execute(sa.insert(sub_sessions), rows)
        await put_events(db, org.id, events)
    return Told(tenant, events, began)


async def _arcs(database: Database, told: Told, plan: Plan, point: Point, limit: int = 100) -> list[FoundArc]:
    async with database.read(told.tenant) as db:
        return list(await arcs(db, told.tenant, DrillDown(plan, point, limit)))


@pytest.mark.parametrize("order", FunnelOrder)
@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("attribution", [None, Attribution.LAST_TOUCH, Attribution.ALL_EVENTS])
async def test_behind_a_step_are_the_arcs_it_happened_in(
    database: Database, told: Told, order: FunnelOrder, subject: Subject, attribution: Attribution | None
) -> None:
    plan = replace(FUNNEL, order=order, subject=subject)
    if attribution is not None:
        plan = replace(plan, breakdown=Breakdown((AGENT,)), attribution=attribution)
    attempts = funnel_oracle.labelled(plan, told.events)
    for value in dict.fromkeys(value for value, _ in attempts):
        own = [attempt.turns for label, attempt in attempts if label == value]
        for step in range(3):
            reached = [turns[step] for turns in own if len(turns) > step]
            dropped = [turns[-1] for turns in own if step and len(turns) == step]
            point = FunnelPoint(step, breakdown=named(value) or ())
            assert await _arcs(database, told, plan, point) == told.newest(reached)
            assert await _arcs(database, told, plan, replace(point, dropped=True)) == told.newest(dropped)


@pytest.mark.parametrize("order", FunnelOrder)
async def test_behind_a_bucket_of_a_funnel_are_the_arcs_of_those_who_began_in_it(
    database: Database, told: Told, order: FunnelOrder
) -> None:
    plan = replace(FUNNEL, order=order)
    attempts = list(funnel_oracle.in_buckets(plan, told.events))
    for place in range(len(WITHIN.starts)):
        own = [attempt.turns for bucket, attempt in attempts if bucket == place]
        for step in range(3):
            reached = [turns[step] for turns in own if len(turns) > step]
            dropped = [turns[-1] for turns in own if step and len(turns) == step]
            point = FunnelPoint(step, bucket=place)
            assert await _arcs(database, told, plan, point) == told.newest(reached)
            assert await _arcs(database, told, plan, replace(point, dropped=True)) == told.newest(dropped)


@pytest.mark.parametrize("entered", [0, 1])
async def test_behind_a_bin_are_the_arcs_of_those_who_took_so_long(
    database: Database, told: Told, entered: int
) -> None:
    plan = replace(FUNNEL, entered=entered)
    took = [
        ((turns[2].ts - turns[entered].ts).total_seconds(), turns[2])
        for _, attempt in funnel_oracle.labelled(plan, told.events)
        if len(turns := attempt.turns) > 2
    ]
    middle = sorted(seconds for seconds, _ in took)[len(took) // 2]
    slow, quick = FunnelPoint(2, least_s=middle), FunnelPoint(2, below_s=middle)
    assert await _arcs(database, told, plan, slow) == told.newest([one for s, one in took if s >= middle])
    assert await _arcs(database, told, plan, quick) == told.newest([one for s, one in took if s < middle])
    assert {s >= middle for s, _ in took} == {True, False}


@pytest.mark.parametrize("plan", [
    RETENTION,
    replace(RETENTION, cumulative=True),
    replace(RETENTION, kind=RetentionKind.FIRST_TIME, subject=Subject.SESSION),
    replace(RETENTION, target=Matched("a", IS_CODEX), kind=RetentionKind.FIRST_TIME, within=LATER),
    replace(RETENTION, target=Matched("a", IS_CODEX), kind=RetentionKind.FIRST_EVER, subject=Subject.ARC),
    replace(RETENTION, breakdown=Breakdown((AGENT,))),
])  # fmt: skip
async def test_behind_a_period_are_the_arcs_of_those_who_came_back(
    database: Database, told: Told, plan: RetentionPlan
) -> None:
    for cohort, period, value, events in retention_oracle.behind(plan, told.events):
        found = await _arcs(database, told, plan, RetentionPoint(cohort, period, named(value) or ()))
        assert found == told.newest(events)


@pytest.mark.parametrize("plan", [PathsPlan(WITHIN), PathsPlan(WITHIN, end="c", subject=Subject.ARC)])
async def test_behind_an_edge_are_the_arcs_it_leads_to(database: Database, told: Told, plan: PathsPlan) -> None:
    steps = list(paths_oracle.steps(plan, told.events))
    for edge in paths_oracle.edges(plan, told.events):
        point = PathsPoint(edge.step, edge.source, edge.target)
        events = [to for step, (source, _), (target, to) in steps if PathsPoint(step, source, target) == point]
        assert await _arcs(database, told, plan, point) == told.newest(events)


async def test_pages_go_on_where_the_last_one_ended(database: Database, told: Told) -> None:
    point = FunnelPoint(0)
    all, pages, after = await _arcs(database, told, FUNNEL, point), list[FoundArc](), None
    while True:
        async with database.read(told.tenant) as db:
            page = await arcs(db, told.tenant, DrillDown(FUNNEL, point, 2, after))
        if not page:
            break
        pages += page
        after = (page[-1].started_at, str(page[-1].id))
    assert pages == all
    assert len(all) > 4


@pytest.mark.parametrize(("plan", "point"), [
    (FUNNEL, FunnelPoint(3)),
    (FUNNEL, FunnelPoint(0, bucket=4)),
    (RETENTION, RetentionPoint(4)),
    (RETENTION, RetentionPoint(2, 2)),
    (RETENTION, FunnelPoint(0)),
    (replace(FUNNEL, breakdown=Breakdown((AGENT,))), FunnelPoint(0)),
    (replace(RETENTION, breakdown=Breakdown((AGENT,))), RetentionPoint(0, breakdown=("codex", "bug_fix"))),
])  # fmt: skip
async def test_a_number_that_is_not_there_is_refused(database: Database, told: Told, plan: Plan, point: Point) -> None:
    with pytest.raises(InvalidQuery):
        await _arcs(database, told, plan, point)
