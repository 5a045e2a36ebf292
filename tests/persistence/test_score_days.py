"""What is kept by day equals what the arcs add up to, whatever happened to them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import persistence.clusters
import persistence.score_days
import persistence.scores
import resolvers.access
from domain.access import Org, User
from domain.judging.records import Flag, FlagKind, Measures, State, SubSession, TriviaReason
from domain.scores.headline import Tally, tally
from domain.scores.totals import Totals
from domain.scores.windows import Bounds, WindowKind, last_windows
from domain.timeline import Tokens
from persistence.database import Database, Tenant, Urls
from persistence.derivation import Update, delete_arcs, replace_flags, save_arcs
from persistence.score_days import Wanted, score_days
from persistence.scores import Stretch
from tests.make import outcome, sub_session
from tests.make_context import make_org, make_user

BASE = datetime(2026, 10, 20, 0, 0, tzinfo=UTC)
"""Clocks are set back within the weeks that follow."""
ZONES = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Pacific/Kiritimati"]


def _arc(user: User, number: int, minutes: int, state: State = State.SCORED, tokens: int = 10) -> SubSession:
    start = BASE + timedelta(minutes=minutes)
    return sub_session(
        f"{user.id}-{number}",
        user_id=user.id,
        state=state,
        started_at=start,
        last_event_at=start,
        first_prompt_at=start,
        measures=Measures(turn_count=3, tokens=Tokens(tokens, 1, 2, 3)),
        outcome=outcome(goal_complete=number % 3 > 0, goal_completed_at=start + timedelta(minutes=number)),
        excluded_reason=TriviaReason.OTHER if state is State.EXCLUDED else None,
    )


async def _write(database: Database, org: Org, user: User, *updates: Update, gone: Sequence[SubSession] = ()) -> None:
    async with database.write(Tenant(org.id)) as db:
        await persistence.clusters.lock(db, org.id, [user.id])
        await delete_arcs(db, org.id, gone)
        await save_arcs(db, org.id, updates)


async def _agrees(database: Database, org: Org, user: User, zone: str, spans: Sequence[Bounds]) -> None:
    """Kept days and a scan of all arcs say the same of each stretch."""
    own, tenant = ZoneInfo(zone), Tenant(org.id, user.id)
    [kept] = await persistence.score_days.totals_of(database, tenant, [Wanted(user.id, own, tuple(spans))])
    windows = [w for kind in WindowKind for w in last_windows(kind, BASE + timedelta(days=20), own)]
    wanted = Wanted(user.id, own, tuple(window.bounds for window in windows))
    [tallies] = await persistence.score_days.tallies_of(database, tenant, [wanted])
    async with database.read(tenant) as db:
        scanned = await persistence.scores.scan(db, org.id, [Stretch(user.id, *span) for span in spans])
        assert kept == scanned
        whole = await persistence.scores.scan(db, org.id, [Stretch(user.id, *window.bounds) for window in windows])
        assert tallies == [tally(totals) for totals in whole]


_minutes = st.integers(0, 30 * 24 * 60)
_steps = st.lists(
    st.tuples(st.integers(0, 5), _minutes, st.sampled_from(State), st.integers(0, 10**9), st.booleans()), max_size=12
)
_spans = st.lists(st.tuples(_minutes, st.integers(1, 20 * 24 * 60)), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps, spans=_spans, zone=st.sampled_from(ZONES))
async def test_it_is_exact_after_any_history(
    database: Database,
    urls: Urls,
    steps: list[tuple[int, int, State, int, bool]],
    spans: list[tuple[int, int]],
    zone: str,
) -> None:
    org = await make_org(urls)
    user = await make_user(urls, org, time_zone=zone)
    stored: dict[int, SubSession] = {}
    for number, minutes, state, tokens, vanishes in steps:
        old = stored.pop(number, None)
        if vanishes and old is not None:
            await _write(database, org, user, gone=[old])
            continue
        stored[number] = _arc(user, number, minutes, state, tokens)
        await _write(database, org, user, Update(old, stored[number]))
    begins = [BASE + timedelta(minutes=start) for start, _ in spans]
    bounds = [Bounds(at, at + timedelta(minutes=length)) for at, (_, length) in zip(begins, spans, strict=True)]
    await _agrees(database, org, user, zone, bounds)


MONTH = [Bounds(BASE, BASE + timedelta(days=31))]


async def test_flags_of_the_whole_organisation_count_on_their_days(database: Database, urls: Urls) -> None:
    org = await make_org(urls)
    user = await make_user(urls, org)
    arcs = [_arc(user, number, 60 * number) for number in range(3)]
    await _write(database, org, user, *(Update(None, arc) for arc in arcs))
    kind = FlagKind.MEDIAN_SUBSTANCE_OUTLIER
    flags = [Flag(uuid4(), kind, arc.id, arc.started_at, "info", "thin") for arc in arcs]
    for wanted in (flags, flags[:1], []):
        async with database.write(Tenant(org.id)) as db:
            await replace_flags(db, org.id, kind, wanted)
        await _agrees(database, org, user, "UTC", MONTH)


async def test_another_zone_cuts_the_days_anew(database: Database, urls: Urls) -> None:
    org = await make_org(urls)
    user = await make_user(urls, org)
    await _write(database, org, user, *(Update(None, _arc(user, number, 700 * number)) for number in range(20)))
    for zone in ("Asia/Kolkata", "America/New_York", "UTC"):
        await resolvers.access.set_time_zone(urls, org.slug, user.email, zone)
        await _agrees(database, org, user, zone, MONTH)
        async with database.read(Tenant(org.id)) as db:
            starts = [row["starts_at"] for row in await db.rows(sa.select(score_days.c.starts_at))]
        assert {start.astimezone(ZoneInfo(zone)).time() for start in starts} == {datetime.min.time()}


async def test_writers_at_once_lose_nothing(database: Database, urls: Urls) -> None:
    org = await make_org(urls)
    user = await make_user(urls, org)
    arcs = [_arc(user, number, number) for number in range(12)]
    kind = FlagKind.MEDIAN_SUBSTANCE_OUTLIER
    await _write(database, org, user, Update(None, arcs[0]))

    async def flag(number: int) -> None:
        flagged = [Flag(UUID(int=number + 1), kind, arcs[0].id, arcs[0].started_at, "info", str(number))]
        async with database.write(Tenant(org.id)) as db:
            await replace_flags(db, org.id, kind, flagged if number % 2 else [])

    await asyncio.gather(*(_write(database, org, user, Update(None, arc)) for arc in arcs[1:]), flag(1))
    await _agrees(database, org, user, "UTC", MONTH)


async def test_a_developer_reads_no_day_of_another(database: Database, urls: Urls) -> None:
    org = await make_org(urls)
    ada, bob = await make_user(urls, org), await make_user(urls, org)
    await _write(database, org, ada, Update(None, _arc(ada, 1, 10)))
    wanted = [Wanted(ada.id, ZoneInfo("UTC"), (MONTH[0],))]
    for reader, sees in ((bob, False), (ada, True), (bob, False)):
        tenant = Tenant(org.id, reader.id)
        [[found]] = await persistence.score_days.totals_of(database, tenant, wanted)
        [[counted]] = await persistence.score_days.tallies_of(database, tenant, wanted)
        assert ((found != Totals()), (counted != Tally())) == (sees, sees)


async def test_the_tenant_of_a_look_is_bound_for_that_look_alone(fresh_database: Database, fresh_urls: Urls) -> None:
    org = await make_org(fresh_urls)
    ada = await make_user(fresh_urls, org)
    await _write(fresh_database, org, ada, Update(None, _arc(ada, 1, 10)))
    wanted = [Wanted(ada.id, ZoneInfo("UTC"), (MONTH[0],))]
    for _ in range(8):  # also once the plan is one for whatever values
        [[found]] = await persistence.score_days.totals_of(fresh_database, Tenant(org.id), wanted)
        assert found != Totals()
        async with fresh_database.single() as db:
            assert (await db.row(sa.text("SELECT count(*) AS number FROM score_days")) or {})["number"] == 0
