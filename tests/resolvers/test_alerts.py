"""Alerts at work: when they are checked, what they find, whom they tell, who sees them."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

import persistence.insights.alert_changes
import persistence.job_runs
import persistence.jobs
import persistence.webhooks
import resolvers.alert_checks
import resolvers.alerts
from domain.access import KeyKind, Org
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.insights.alert_wishes import AlertEdit, AlertWish, ThresholdEdit, ThresholdWish
from domain.insights.alerts import (
    Alert,
    AlertChange,
    AlertCondition,
    AlertErrorCode,
    AlertId,
    AlertInterval,
    AlertState,
    Bounds,
    ChangeKind,
    ThresholdId,
    ThresholdType,
)
from domain.insights.plans import (
    LifecycleStatus,
)
from domain.insights.query_models import Query
from domain.insights.results import Result
from domain.insights.saved import InsightChange, InsightId
from domain.insights.watching import (
    FunnelWatch,
    LifecycleWatch,
    PathsWatch,
    RetentionWatch,
    SqlWatch,
    StickinessWatch,
    TrendsWatch,
    Watch,
)
from domain.jobs import Job, JobKind, JobState, LeaseLost
from domain.live import Resync
from domain.values import JsonObject, UserId, Window
from domain.webhooks import Hook
from persistence.database import Tenant
from persistence.webhooks import webhook_deliveries
from resolvers.alert_checks import check_alerts
from resolvers.alerts import (
    alerts_of,
    count_alerts,
    create_alert,
    create_threshold,
    delete_alert,
    delete_threshold,
    find_alert,
    find_threshold,
    list_alerts,
    list_checks,
    snooze_alert,
    update_alert,
    update_threshold,
    watch_alerts,
)
from resolvers.context import Context, Services
from resolvers.erasing import advance
from resolvers.erasure import erase_developer
from resolvers.insights import update_insight
from resolvers.worker import Worker
from tests.forked import ended
from tests.make_alerts import ALERTING, COMMITS, ORG_WIDE, check, claimed, clocked, happened, make_alert, make_threshold
from tests.make_context import NOW, context_of, make_context, make_user
from tests.make_insights import made
from tests.resolvers import alerts_process

HOOK = Hook("https://example.org/alerts")
FIRING, CALM, ERRORED, SNOOZED = AlertState
DAY = timedelta(days=1)
YESTERDAY = NOW - DAY


@pytest.fixture
async def ctx(services: Services) -> Context:
    return await make_context(services, scopes=ORG_WIDE)


def fresh(ctx: Context) -> Context:
    """The next request of the same caller."""
    return context_of(ctx.services, ctx.caller)


async def now(ctx: Context, id: AlertId) -> Alert:
    found = await find_alert(fresh(ctx), id)
    assert found is not None
    return found


async def colleague(ctx: Context, scopes: frozenset[str] = ALERTING) -> Context:
    org = Org(ctx.caller.org_id, "", ctx.caller.environment_id, ctx.caller.settings)
    user = await make_user(ctx.services.database.urls, org)
    return context_of(ctx.services, replace(ctx.caller, user_id=user.id, scopes=scopes))


async def told(ctx: Context) -> list[str]:
    """The types of all webhooks of the organisation, oldest first."""
    table = webhook_deliveries.c
    query = sa.select(table.type).where(table.org_id == ctx.caller.org_id).order_by(table.created_at)
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        return [row["type"] for row in await db.rows(query)]


async def commits(ctx: Context, count: int, days_ago: int = 1) -> None:
    await happened(ctx, *(made("commit", NOW - days_ago * DAY, "ada", session="s1") for _ in range(count)))


async def test_an_alert_fires_once_and_is_resolved_once(ctx: Context) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx, hook=HOOK)
    assert (alert.state, alert.value, alert.next_at) == (CALM, None, NOW)
    await check(ctx, NOW)
    found = await now(ctx, alert.id)
    assert (found.state, found.value, found.reason, found.checked_at) == (FIRING, 5, "5 is above 3", NOW)
    assert NOW + timedelta(hours=15) <= found.next_at <= NOW + timedelta(hours=15, minutes=10)
    await check(ctx, NOW + timedelta(hours=3))
    assert len(await list_checks(fresh(ctx), alert, 5)) == 1
    await check(ctx, NOW + DAY)
    quiet = await now(ctx, alert.id)
    assert (quiet.state, quiet.value, quiet.reason) == (CALM, 0, None)
    await check(ctx, NOW + 2 * DAY)
    assert [(one.state, one.value) for one in await list_checks(fresh(ctx), alert, 5)] == [
        (CALM, 0),
        (CALM, 0),
        (FIRING, 5),
    ]
    assert await told(ctx) == ["alert.firing", "alert.resolved"]


async def test_a_webhook_says_what_is_wrong(ctx: Context) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx, hook=HOOK, name="Too busy")
    await check(ctx, NOW)
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        [row] = await db.rows(sa.select(webhook_deliveries).where(webhook_deliveries.c.org_id == ctx.caller.org_id))
    for word in (str(alert.id), '"name":"Too busy"', '"state":"Firing"', '"value":5.0', '"reason":"5 is above 3"'):
        assert word in row["body"]
    assert (row["url"], row["user_id"]) == (HOOK.url, None)


EVENT: JsonObject = {"kind": "EventsNode", "event": "commit"}
KINDS: list[tuple[Watch, JsonObject, float]] = [
    (TrendsWatch(ongoing=True), COMMITS, 0),
    (FunnelWatch(), {"kind": "FunnelsQuery", "series": [EVENT, {"kind": "EventsNode", "event": "prompt"}]}, 0),
    (RetentionWatch(period=0),
     {"kind": "RetentionQuery", "retentionFilter": {"targetEntity": {"id": "commit", "type": "events"},
      "returningEntity": {"id": "commit", "type": "events"}, "period": "Day", "totalIntervals": 3}}, 100),
    (PathsWatch("commit", "prompt"), {"kind": "PathsQuery", "pathsFilter": {}}, 0),
    (LifecycleWatch(LifecycleStatus.NEW), {"kind": "LifecycleQuery", "series": [EVENT]}, 1),
    (StickinessWatch(intervals=1), {"kind": "StickinessQuery", "series": [EVENT]}, 100),
    (SqlWatch("n"), {"kind": "HogQLQuery", "query": "SELECT count() AS n FROM events"}, 2),
]  # fmt: skip


@pytest.mark.parametrize(("watch", "query", "value"), KINDS, ids=[watch.kind for watch, _, _ in KINDS])
async def test_numbers_of_every_kind_are_watched(ctx: Context, watch: Watch, query: JsonObject, value: float) -> None:
    await commits(ctx, 2)
    alert = await make_alert(ctx, await make_threshold(ctx, query, upper=-1), watch=watch)
    await check(ctx, NOW)
    found = await now(ctx, alert.id)
    assert (found.state, found.value) == (FIRING, value), found.reason


async def test_a_rise_is_told_of(ctx: Context) -> None:
    await commits(ctx, 2, days_ago=2)
    await commits(ctx, 3, days_ago=1)
    threshold = await make_threshold(ctx, upper=20, type=ThresholdType.PERCENTAGE)
    alert = await make_alert(ctx, threshold, condition=AlertCondition.RELATIVE_INCREASE)
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).reason == "rose by 50 % from 2 to 3, more than 20 %"


async def test_what_knows_nothing_of_before_is_compared_with_the_last_check(ctx: Context) -> None:
    query: JsonObject = {"kind": "HogQLQuery", "query": "SELECT count() AS n FROM events"}
    alert = await make_alert(
        ctx,
        await make_threshold(ctx, query, upper=1),
        watch=SqlWatch(),
        condition=AlertCondition.RELATIVE_INCREASE,
        interval=AlertInterval.HOURLY,
    )
    for hours, count, state in ((0, 5, CALM), (2, 0, CALM), (4, 2, FIRING)):
        await commits(ctx, count, days_ago=3)
        await check(ctx, NOW + timedelta(hours=hours))
        assert (await now(ctx, alert.id)).state is state


async def test_what_cannot_be_computed_is_said(ctx: Context) -> None:
    alert = await make_alert(ctx, watch=PathsWatch("a", "b"), hook=HOOK)
    await check(ctx, NOW)
    found = await now(ctx, alert.id)
    assert found.state is ERRORED
    assert found.reason == "this alert watches paths, but the insight shows trends"
    await update_alert(ctx, alert.id, AlertEdit(watch=TrendsWatch()))
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).state is CALM
    assert await told(ctx) == ["alert.errored", "alert.resolved"]


async def test_an_alert_that_sleeps_is_not_checked(ctx: Context) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx)
    await snooze_alert(ctx, alert.id, NOW + 2 * DAY)
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).state is SNOOZED
    await check(ctx, NOW + DAY)
    assert await list_checks(fresh(ctx), alert, 5) == []
    await check(ctx, NOW + 3 * DAY)
    awake = await now(ctx, alert.id)
    assert (awake.state, awake.snoozed_until, awake.value) == (CALM, None, 0)


async def test_an_alert_that_is_woken_is_checked_at_once(ctx: Context) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx)
    await snooze_alert(ctx, alert.id, NOW + 2 * DAY)
    await check(ctx, NOW)
    await snooze_alert(ctx, alert.id, None)
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).state is FIRING
    assert (await snooze_alert(ctx, alert.id, None)).state is FIRING


async def test_an_alert_of_a_deleted_insight_rests_until_it_is_back(ctx: Context) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx)
    await update_insight(ctx, alert.insight_id, InsightChange(deleted=True))
    await check(ctx, NOW)
    assert await find_alert(fresh(ctx), alert.id) is None
    assert await find_threshold(fresh(ctx), alert.threshold_id) is None
    assert (await count_alerts(ctx), (await list_alerts(ctx, Window(5))).items) == (0, [])
    for change in (
        update_alert(ctx, alert.id, AlertEdit()),
        create_alert(ctx, AlertWish(alert.threshold_id, TrendsWatch())),
    ):
        with pytest.raises(NotFound):
            await change
    await update_insight(ctx, alert.insight_id, InsightChange(deleted=False))
    assert (await now(ctx, alert.id)).checked_at is None
    await check(ctx, NOW + DAY)
    assert (await now(ctx, alert.id)).checked_at == NOW + DAY


async def test_an_alert_that_is_switched_off_is_not_checked(ctx: Context) -> None:
    alert = await make_alert(ctx, enabled=False)
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).checked_at is None
    await update_alert(ctx, alert.id, AlertEdit(enabled=True))
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).checked_at == NOW


async def test_a_change_amid_a_check_has_it_checked_anew(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx)
    compute = resolvers.alert_checks.compute

    async def slow(services: Services, tenant: Tenant, query: Query, zone: ZoneInfo) -> Result:
        monkeypatch.undo()
        later = replace(ctx, services=clocked(ctx.services, NOW + timedelta(seconds=1)))
        await update_threshold(later, alert.threshold_id, ThresholdEdit(bounds=Bounds(upper=9)))
        return await compute(services, tenant, query, zone)

    monkeypatch.setattr(resolvers.alert_checks, "compute", slow)
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).checked_at is None
    await check(ctx, NOW + timedelta(seconds=2))
    assert (await now(ctx, alert.id)).state is CALM


async def test_a_check_that_goes_wrong_again_and_again_lets_the_others_pass(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, other = await make_alert(ctx), await make_alert(ctx, interval=AlertInterval.HOURLY)
    compute = resolvers.alert_checks.compute

    async def dies(services: Services, tenant: Tenant, query: Query, zone: ZoneInfo) -> Result:
        if (await now(ctx, poison.id)).tries:
            raise RuntimeError
        return await compute(services, tenant, query, zone)

    monkeypatch.setattr(resolvers.alert_checks, "compute", dies)
    for _ in range(resolvers.alert_checks.MOST_TRIES):
        with pytest.raises(RuntimeError):
            await check(ctx, NOW)
    await check(ctx, NOW)
    assert (await now(ctx, poison.id)).reason == "the check was interrupted several times"
    assert (await now(ctx, other.id)).checked_at == NOW
    assert (await now(ctx, poison.id)).tries == 0


async def test_what_is_interrupted_before_its_end_has_done_nothing(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx, hook=HOOK)

    async def cut(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(persistence.webhooks, "save", cut)
        with pytest.raises(RuntimeError):
            await check(ctx, NOW)
    assert (await told(ctx), await list_checks(fresh(ctx), alert, 5)) == ([], [])
    await check(ctx, NOW)
    assert (await told(ctx), len(await list_checks(fresh(ctx), alert, 5))) == (["alert.firing"], 1)


async def test_workers_that_are_killed_or_race_tell_each_firing_once(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services, scopes=ORG_WIDE)
    await commits(ctx, 5)
    alerts = [await make_alert(ctx, hook=HOOK) for _ in range(3)]
    assert await ended(alerts_process.run, fresh_services.database.urls.app, NOW) == -signal.SIGKILL
    assert await told(ctx) == []
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        stop = asyncio.Event()
        runners = {JobKind.CHECK_ALERTS: check_alerts, JobKind.DELIVER_WEBHOOK: _left}
        workers = [Worker(ctx.services, 2, timedelta(seconds=1), runners) for _ in range(2)]
        running = [asyncio.create_task(worker.run(stop)) for worker in workers]
        stack.push_async_callback(asyncio.gather, *running)
        stack.callback(stop.set)
        while len(await told(ctx)) < len(alerts) or await _pause(ctx) is None:
            await asyncio.sleep(0.05)
    assert await told(ctx) == ["alert.firing"] * len(alerts)
    assert {(await now(ctx, alert.id)).tries for alert in alerts} == {0}


async def _left(services: Services, job: Job) -> None:
    """Whatever becomes of the webhook itself."""
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.job_runs.end(db, job)


async def test_two_workers_check_it_once(ctx: Context) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx, hook=HOOK)
    services = clocked(ctx.services, NOW)
    paused, next = await claimed(ctx), await claimed(ctx)
    done = await asyncio.gather(*(check_alerts(services, job) for job in (paused, next)), return_exceptions=True)
    assert [type(one) for one in done] == [LeaseLost, type(None)]
    assert (await told(ctx), len(await list_checks(fresh(ctx), alert, 5))) == (["alert.firing"], 1)


async def test_the_job_comes_again_for_the_next_check(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.alert_checks, "AT_ONCE", 1)
    first, second = await make_alert(ctx), await make_alert(ctx)
    for waits in (False, True):
        await check(ctx, NOW)
        pause = await _pause(ctx)
        assert pause is not None
        assert (pause > timedelta(hours=14)) is waits
    for alert in (first, second):
        await delete_alert(ctx, alert.id)
    await check(ctx, NOW)
    assert await _pause(ctx) is None


async def _pause(ctx: Context) -> timedelta | None:
    jobs = persistence.jobs.jobs
    query = sa.select(jobs.c.state, (jobs.c.run_after - sa.func.now()).label("left"))
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        row = await db.row(query.where(jobs.c.org_id == ctx.caller.org_id, jobs.c.kind == JobKind.CHECK_ALERTS))
    return None if row is None or row["state"] != JobState.QUEUED else row["left"]


async def test_a_clock_that_was_wrong_does_no_lasting_harm(ctx: Context) -> None:
    alert = await make_alert(ctx)
    await check(ctx, NOW + 700 * DAY)
    await check(ctx, NOW)
    found = await now(ctx, alert.id)
    assert NOW < found.next_at < NOW + DAY


async def test_an_alert_counts_what_its_maker_may_count(ctx: Context) -> None:
    own = await colleague(ctx)
    await happened(ctx, *(made("commit", YESTERDAY, user, session=str(user)) for user in (own.caller.user_id, "ada")))
    mine, all = await make_alert(own), await make_alert(ctx)
    await check(ctx, NOW)
    assert ((await now(ctx, mine.id)).value, (await now(ctx, all.id)).value) == (1, 2)


async def test_who_sees_and_changes_which(ctx: Context) -> None:
    own, other = await colleague(ctx), await colleague(ctx)
    personal = context_of(ctx.services, replace(other.caller, kind=KeyKind.PERSONAL))
    mine = await make_alert(own)
    for one, seen in ((ctx, True), (own, True), (personal, True), (other, False)):
        assert (await find_alert(fresh(one), mine.id) is not None) is seen
        assert [found.id for found in await alerts_of(fresh(one), mine.insight_id)] == [mine.id] * seen
        assert (await count_alerts(one), len((await list_alerts(one, Window(5))).items)) == (seen, seen)
    for change in (
        update_alert(other, mine.id, AlertEdit(name="x")),
        snooze_alert(other, mine.id, None),
        delete_alert(other, mine.id),
    ):
        with pytest.raises(NotFound):
            await change
    assert (await update_alert(personal, mine.id, AlertEdit(name="x"))).name == "x"


async def test_nothing_is_known_of_another_organisation(ctx: Context, services: Services) -> None:
    alert = await make_alert(ctx)
    eve = await make_context(services, scopes=ORG_WIDE)
    assert await find_alert(eve, alert.id) is None
    assert await find_threshold(eve, alert.threshold_id) is None
    wish = AlertWish(alert.threshold_id, TrendsWatch())
    for change in (
        update_alert(eve, alert.id, AlertEdit()),
        delete_alert(eve, alert.id),
        snooze_alert(eve, alert.id, None),
        create_alert(eve, wish),
        update_threshold(eve, alert.threshold_id, ThresholdEdit()),
        delete_threshold(eve, alert.threshold_id),
        create_threshold(eve, alert.insight_id, ThresholdWish("x", bounds=Bounds(1))),
    ):
        with pytest.raises(NotFound):
            await change


async def test_scopes_are_wanted(ctx: Context) -> None:
    alert = await make_alert(ctx)
    none = context_of(ctx.services, replace(ctx.caller, scopes=frozenset()))
    for asked in (
        find_alert(none, alert.id),
        find_threshold(none, alert.threshold_id),
        list_alerts(none, Window(1)),
        list_checks(none, alert, 1),
        update_alert(none, alert.id, AlertEdit()),
        delete_alert(none, alert.id),
        snooze_alert(none, alert.id, None),
        create_alert(none, AlertWish(alert.threshold_id, TrendsWatch())),
        create_threshold(none, alert.insight_id, ThresholdWish("x", bounds=Bounds(1))),
        update_threshold(none, alert.threshold_id, ThresholdEdit()),
        delete_threshold(none, alert.threshold_id),
        anext(watch_alerts(none, None)),
    ):
        with pytest.raises(Forbidden):
            await asked


def code(error: pytest.ExceptionInfo[Invalid]) -> str:
    return error.value.faults[0].code


async def test_there_are_only_so_many_also_when_made_at_once(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.alerts, "MOST_ALERTS", 2)
    monkeypatch.setattr(resolvers.alerts, "MOST_THRESHOLDS", 2)
    threshold = await make_threshold(ctx)
    done = await asyncio.gather(*(make_alert(ctx, threshold) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Alert", "Alert", "Invalid", "Invalid"]
    wish = ThresholdWish("x", bounds=Bounds(1))
    done = await asyncio.gather(
        *(create_threshold(ctx, threshold.insight_id, wish) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Invalid", "Invalid", "Threshold"]


async def test_what_cannot_be_is_refused(ctx: Context) -> None:
    threshold = await make_threshold(ctx)
    with pytest.raises(Invalid) as caught:
        await make_alert(ctx, threshold, subscribers=(UserId(uuid4()),))
    assert code(caught) == AlertErrorCode.BAD_SUBSCRIBER
    alert = await make_alert(ctx, threshold)
    with pytest.raises(Invalid) as caught:
        await update_threshold(ctx, threshold.id, ThresholdEdit(type=ThresholdType.PERCENTAGE))
    assert code(caught) == AlertErrorCode.BAD_CONDITION
    with pytest.raises(NotFound):
        await update_alert(ctx, alert.id, AlertEdit(threshold_id=(await make_threshold(ctx)).id))
    with pytest.raises(NotFound):
        await create_threshold(ctx, InsightId(99), ThresholdWish("x", bounds=Bounds(1)))
    with pytest.raises(NotFound):
        await make_alert(ctx, replace(threshold, id=ThresholdId(uuid4())))


async def test_names_and_receivers_change_without_another_check(ctx: Context) -> None:
    friend = await colleague(ctx)
    alert = await make_alert(ctx)
    await check(ctx, NOW)
    checked = await now(ctx, alert.id)
    ids = (friend.caller.user_id,)
    changed = await update_alert(ctx, alert.id, AlertEdit(name="n", hook=HOOK, subscribers=ids))
    assert changed == replace(checked, name="n", hook=HOOK, subscribers=ids)
    assert await now(ctx, alert.id) == changed
    other = await update_alert(ctx, alert.id, AlertEdit(watch=TrendsWatch(ongoing=True)))
    assert (other.next_at, other.value) == (NOW, None)


async def test_bounds_that_change_have_their_alerts_checked_at_once(ctx: Context) -> None:
    await commits(ctx, 5)
    alert = await make_alert(ctx)
    await check(ctx, NOW)
    await update_threshold(ctx, alert.threshold_id, ThresholdEdit(bounds=Bounds(upper=9)))
    await check(ctx, NOW)
    assert (await now(ctx, alert.id)).state is CALM


async def test_bounds_take_their_alerts_along(ctx: Context) -> None:
    alert = await make_alert(ctx)
    assert (await delete_threshold(ctx, alert.threshold_id)).id == alert.threshold_id
    assert await find_alert(fresh(ctx), alert.id) is None


async def test_the_history_is_bounded(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence.insights.alert_changes, "KEPT", 3)
    alert = await make_alert(ctx, interval=AlertInterval.HOURLY)
    for hours in range(6):
        await check(ctx, NOW + timedelta(hours=2 * hours))
    assert [one.at for one in await list_checks(fresh(ctx), alert, 9)] == [
        NOW + timedelta(hours=2 * hours) for hours in (5, 4, 3)
    ]


async def seen(ctx: Context, after: str | None, count: int) -> list[AlertChange | Resync]:
    found: list[AlertChange | Resync] = []
    async with asyncio.timeout(30), aclosing(watch_alerts(ctx, after)) as pages:
        async for page in pages:
            found += page
            if len(found) >= count:
                break
    return found


def kinds(changes: Sequence[AlertChange | Resync]) -> list[object]:
    return [type(one) if isinstance(one, Resync) else (one.kind, one.state) for one in changes]


async def test_what_becomes_of_alerts_is_followed_without_a_gap(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    own = await colleague(ctx)
    [start] = await seen(ctx, None, 1)
    await commits(ctx, 5)
    alert = await make_alert(ctx)
    await make_alert(own)
    await check(ctx, NOW)
    await snooze_alert(ctx, alert.id, NOW + DAY)
    all = await seen(ctx, str(start.cursor), 5)
    assert kinds(all)[:2] == [(ChangeKind.EDITED, CALM), (ChangeKind.EDITED, CALM)]
    assert set(kinds(all)[2:4]) == {(ChangeKind.CHECKED, FIRING), (ChangeKind.CHECKED, CALM)}
    assert kinds(all)[4:] == [(ChangeKind.EDITED, SNOOZED)]
    assert await seen(ctx, str(all[2].cursor), 2) == all[3:]
    await delete_alert(ctx, alert.id)
    assert kinds(await seen(ctx, str(all[-1].cursor), 1)) == [(ChangeKind.DELETED, SNOOZED)]
    assert kinds(await seen(own, str(start.cursor), 2)) == [(ChangeKind.EDITED, CALM), (ChangeKind.CHECKED, CALM)]
    monkeypatch.setattr(persistence.insights.alert_changes, "KEPT", 1)
    other = await make_alert(ctx)
    for _ in range(3):
        await update_alert(ctx, other.id, AlertEdit(name="x"))
    assert kinds(await seen(ctx, str(start.cursor), 1)) == [Resync]
    with pytest.raises(Invalid):
        await seen(ctx, "x", 1)


async def test_a_developer_who_is_erased_takes_theirs_along(ctx: Context) -> None:
    boss = await colleague(ctx, ORG_WIDE | {"admin"})
    own = await colleague(ctx)
    mine = await make_alert(own)
    all = await make_alert(ctx, subscribers=(own.caller.user_id, ctx.caller.user_id))
    erasure = await erase_developer(boss, own.caller.user_id)
    with pytest.raises(Conflict):
        await make_alert(own)
    while not await advance(boss.services, erasure):
        pass
    assert await find_alert(fresh(ctx), mine.id) is None
    assert (await now(ctx, all.id)).subscribers == (ctx.caller.user_id,)
