"""Following a developer's score: told when what it rests on changes and when its window is over, to who may see it."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

import persistence.live
import resolvers.score_changes
from domain.access import KeyKind, Org, Scope
from domain.errors import Forbidden, Invalid, NotFound
from domain.live import LiveEvent, Place
from domain.scores.changes import ScoreChange
from domain.scores.windows import WindowKind
from domain.timeline import Kind
from domain.times import rfc3339
from resolvers.context import Context, Services
from resolvers.live import watch_sub_sessions
from resolvers.score_changes import watch_score
from resolvers.scoreboards import get_changed_scoreboard
from resolvers.scores import get_score
from tests.history import bug_fix, derive, ended, recorded, session_id, store
from tests.make import START, event, time
from tests.make_context import DEVELOPER, context_of, make_context, make_org
from tests.make_live import SOON_S, make_news, one_by_one, settled, take
from tests.resolvers.scores_followed import Changes, begun, colleague_of, follow, log_of, tell_of

SILENCE_S = 0.15


@dataclass
class Clock:
    """Stands still until it is set."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that is looked at all the time, because nobody else moves it."""
    monkeypatch.setattr(resolvers.score_changes, "LOOK_S", 0.02)
    return Clock()


@pytest.fixture
async def timed(services: Services, clock: Clock) -> Services:
    return replace(services, now=clock)


@pytest.fixture
async def org(services: Services) -> Org:
    return await make_org(services.database.urls)


@pytest.fixture
async def ada(timed: Services, org: Org) -> Context:
    return await make_context(timed, org=org)


async def is_silent(changes: Changes) -> bool:
    """Nothing comes; closes the reader."""
    try:
        async with asyncio.timeout(SILENCE_S):
            await anext(changes)
    except TimeoutError:
        return True
    finally:
        await changes.aclose()
    return False


def day(*date: int) -> datetime:
    return datetime(*date, tzinfo=UTC)


# Who may


async def test_a_key_without_the_scope_and_a_candidate_are_refused(services: Services, ada: Context) -> None:
    for caller in (
        replace(ada.caller, scopes=DEVELOPER - {Scope.SCORES_READ}),
        replace(ada.caller, kind=KeyKind.CANDIDATE, session_id=session_id()),
    ):
        with pytest.raises(Forbidden):
            await anext(follow(context_of(services, caller), None))


async def test_somebody_else_s_score_is_there_for_who_reads_the_organisation(
    timed: Services, org: Org, ada: Context
) -> None:
    lead = await colleague_of(org, timed, Scope.ORG_READ)
    colleague, stranger = await colleague_of(org, timed), await make_context(timed)
    for ctx, whose in ((colleague, ada), (stranger, ada), (lead, stranger)):
        with pytest.raises(NotFound):
            await anext(follow(ctx, None, user_id=whose.caller.user_id))
    start = await begun(lead, user_id=ada.caller.user_id)
    await tell_of(colleague, START)
    await tell_of(lead, START)
    await tell_of(ada, START)
    changes = follow(lead, start, user_id=ada.caller.user_id)
    [told] = await take(changes, 1)
    assert (told.user_id, told.resync) == (ada.caller.user_id, False)
    assert await is_silent(changes)


async def test_a_cursor_of_another_stream_is_refused(timed: Services, org: Org, ada: Context) -> None:
    lead = await colleague_of(org, timed, Scope.ORG_READ)
    [[of_arcs]] = [await anext(watch_sub_sessions(ada, None))]
    for cursor in (
        of_arcs.cursor,
        await begun(ada, WindowKind.WEEKLY),
        await begun(lead),
        await begun(await make_context(timed)),
        "",
    ):
        with pytest.raises(Invalid):
            await anext(follow(ada, cursor))
    with pytest.raises(Invalid):
        await anext(watch_sub_sessions(ada, str(await begun(ada))))


# What is told


async def test_without_a_cursor_it_begins_with_the_score_of_now(ada: Context) -> None:
    changes = follow(ada, None)
    [first] = await take(changes, 1)
    assert (first.resync, first.at, first.user_id) == (True, None, ada.caller.user_id)
    assert (first.windows[-1].start, first.windows[-1].end) == (day(2026, 3, 2), day(2026, 3, 3))
    await tell_of(ada, START)
    [told] = await take(changes, 1)
    assert not told.resync
    assert told.at == (await log_of(ada))[-1].at
    assert await is_silent(changes)
    assert [one.cursor for one in await take(follow(ada, first.cursor), 1)] == [told.cursor]
    assert await is_silent(follow(ada, told.cursor))


async def test_it_is_told_of_what_derivation_makes_of_recorded_work(ada: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    changes = follow(ada, await begun(ada))
    await store(ada, one)
    await derive(ada, one)
    [told] = await take(changes, 1)
    for whole in (False, True):
        score = (await get_changed_scoreboard(ada, told, whole)).headline
        assert score == await get_score(ada, WindowKind.DAILY)
    assert (score.total_count, score.crushed_count) == (1, 1)
    await derive(ada, one)
    assert await is_silent(changes)


async def test_it_is_told_when_an_arc_is_gone(ada: Context) -> None:
    """An arc is named for its first event, so a late one puts another arc in its place."""
    one = recorded(*bug_fix(0), ended(8))
    await store(ada, one)
    await derive(ada, one)
    await settled(ada.services.database)
    start = await begun(ada)
    await store(ada, recorded(event(Kind.SESSION_START, -1), id=one.id))
    await derive(ada, one)
    await settled(ada.services.database)
    gone, new = [event for event in await log_of(ada) if event.cursor.place > start.place]
    assert [gone.payload["starts"], new.payload["starts"]] == [[rfc3339(time(0))], [rfc3339(time(-1))]]
    changes = follow(ada, start)
    [told] = await take(changes, 1)
    assert (await get_changed_scoreboard(ada, told)).headline.total_count == 1
    assert await is_silent(changes)


async def test_scores_and_arcs_are_told_apart(ada: Context) -> None:
    arcs, scores = one_by_one(watch_sub_sessions(ada, None)), follow(ada, None)
    await take(arcs, 1)
    await take(scores, 1)
    await tell_of(ada, START)
    news = make_news(ada.caller.user_id, 7)
    async with ada.write() as db:
        await persistence.live.append(db, ada.caller.org_id, [news])
    await settled(ada.services.database)
    [told] = await take(arcs, 1)
    assert isinstance(told, LiveEvent)
    assert told.payload == news.payload
    assert len(await take(scores, 1)) == 1
    assert await is_silent(scores)
    await arcs.aclose()


async def test_several_changes_at_once_are_told_once(ada: Context) -> None:
    changes = follow(ada, await begun(ada))
    await tell_of(ada, *[START] * 5)
    [told] = await take(changes, 1)
    assert told.cursor.place == (await log_of(ada))[-1].cursor.place
    assert await is_silent(changes)


@pytest.mark.parametrize(
    ("kind", "start", "matters"),
    [
        (WindowKind.DAILY, day(2026, 3, 2), True),
        (WindowKind.DAILY, day(2026, 3, 3), False),  # tomorrow, by a clock that is fast: told of when it has come
        (WindowKind.DAILY, day(2026, 2, 27), True),  # the first of the four days that a score shows
        (WindowKind.DAILY, day(2026, 2, 26, 23, 59), False),
        (WindowKind.WEEKLY, day(2026, 2, 26, 23, 59), True),
        (WindowKind.WEEKLY, day(2026, 2, 8, 23, 59), False),
        (WindowKind.MONTHLY, day(2025, 12, 1), True),
        (WindowKind.MONTHLY, day(2025, 11, 30, 23, 59), False),
    ],
)
async def test_only_what_the_score_shows_is_told(
    ada: Context, kind: WindowKind, start: datetime, matters: bool
) -> None:
    changes = follow(ada, await begun(ada, kind), kind)
    await tell_of(ada, start)
    if matters:
        assert len(await take(changes, 1)) == 1
    assert await is_silent(changes)


async def test_every_cursor_is_a_place_to_go_on_from(ada: Context) -> None:
    changes = follow(ada, await begun(ada))
    seen: list[ScoreChange] = []
    for _ in range(4):
        await tell_of(ada, START)
        seen += await take(changes, 1)
    await changes.aclose()
    for before in seen[:-1]:
        [told] = await take(again := follow(ada, before.cursor), 1)
        assert told.cursor == seen[-1].cursor  # what came meanwhile is told once
        await again.aclose()


@pytest.mark.parametrize("change", ["epoch", "place"])
async def test_a_cursor_from_before_a_restored_backup_is_told_so(ada: Context, change: str) -> None:
    here = await begun(ada)
    elsewhere = replace(here, epoch=here.epoch + 1) if change == "epoch" else replace(here, place=Place(2**60, 1))
    changes = follow(ada, elsewhere)
    [told] = await take(changes, 1)
    assert (told.resync, told.cursor) == (True, here)
    await tell_of(ada, START)
    [told] = await take(changes, 1)
    assert not told.resync
    await changes.aclose()


# When a window is over


async def test_the_score_of_the_next_day_is_told_at_midnight(ada: Context, clock: Clock) -> None:
    changes = follow(ada, None)
    [first] = await take(changes, 1)
    clock.now = day(2026, 3, 3) - timedelta(milliseconds=1)
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(SILENCE_S)
    assert not waiting.done()
    clock.now = day(2026, 3, 3)
    async with asyncio.timeout(SOON_S):
        told = await waiting
    assert (told.at, told.resync, told.windows[-1].start) == (day(2026, 3, 3), False, day(2026, 3, 3))
    assert told.cursor != first.cursor
    assert str(told.cursor) != str(first.cursor)
    assert await is_silent(changes)
    assert await is_silent(follow(ada, told.cursor))


async def test_who_was_away_at_midnight_is_told_on_coming_back(ada: Context, clock: Clock) -> None:
    start = await begun(ada)
    clock.now += timedelta(days=3)
    changes = follow(ada, start)
    [told] = await take(changes, 1)
    assert told.windows[-1].start == day(2026, 3, 5)
    assert await is_silent(changes)


@pytest.mark.parametrize("kind", [WindowKind.WEEKLY, WindowKind.MONTHLY])
async def test_a_week_that_goes_on_is_told_anew_each_day(ada: Context, clock: Clock, kind: WindowKind) -> None:
    """It holds one working day more, so its speed is another one."""
    changes = follow(ada, None, kind)
    [first] = await take(changes, 1)
    clock.now += timedelta(days=1)
    [told] = await take(changes, 1)
    assert (told.at, told.resync, told.windows) == (day(2026, 3, 3), False, first.windows)
    assert await is_silent(changes)


async def test_who_was_away_is_told_of_changes_and_of_the_new_day_together(ada: Context, clock: Clock) -> None:
    start = await begun(ada)
    await tell_of(ada, START)
    clock.now += timedelta(days=1)
    changes = follow(ada, start)
    [told] = await take(changes, 1)
    assert (told.windows[-1].start, told.cursor.place) == (day(2026, 3, 3), (await log_of(ada))[-1].cursor.place)
    assert await is_silent(changes)


async def test_after_midnight_changes_of_the_new_day_are_told(ada: Context, clock: Clock) -> None:
    changes = follow(ada, await begun(ada))
    clock.now += timedelta(days=1)
    await take(changes, 1)
    await tell_of(ada, day(2026, 3, 3, 8))
    [told] = await take(changes, 1)
    assert told.windows[-1].start == day(2026, 3, 3)
    await tell_of(ada, day(2026, 2, 27))  # it was shown yesterday
    assert await is_silent(changes)


@pytest.mark.parametrize(
    ("zone", "before", "midnight", "hours"),
    [
        ("Europe/Berlin", day(2026, 3, 28, 23, 30), day(2026, 3, 29, 22), 23),
        ("Europe/Berlin", day(2026, 10, 24, 22, 30), day(2026, 10, 25, 23), 25),
        ("Pacific/Auckland", day(2026, 4, 4, 12), day(2026, 4, 5, 12), 25),
        ("Africa/Cairo", day(2026, 4, 23, 22, 30), day(2026, 4, 24, 21), 23),  # a day that begins at one o'clock
        ("America/Havana", day(2026, 10, 31, 5), day(2026, 11, 1, 4), 24),  # its first hour comes twice on the next one
    ],
)
async def test_a_day_is_as_long_as_it_is_in_the_developer_s_zone(
    timed: Services, org: Org, clock: Clock, zone: str, before: datetime, midnight: datetime, hours: int
) -> None:
    ctx, clock.now = await colleague_of(org, timed, time_zone=zone), before
    changes = follow(ctx, None)
    [first] = await take(changes, 1)
    window = first.windows[-1]
    assert (window.end, window.end - window.start) == (midnight, timedelta(hours=hours))
    clock.now = midnight - timedelta(seconds=1)
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(SILENCE_S)
    assert not waiting.done()
    clock.now = midnight
    async with asyncio.timeout(SOON_S):
        assert (await waiting).windows[-1].start == midnight
    await changes.aclose()


async def test_somebody_else_s_day_is_cut_in_their_zone(timed: Services, org: Org) -> None:
    ada = await colleague_of(org, timed, time_zone="Pacific/Auckland")
    lead = await colleague_of(org, timed, Scope.ORG_READ, time_zone="America/New_York")
    for ctx, user_id in ((ada, None), (lead, ada.caller.user_id)):
        [first] = await anext(watch_score(ctx, WindowKind.DAILY, user_id, None))
        assert first.windows[-1].start == day(2026, 3, 1, 11)
        score = await get_score(ctx, WindowKind.DAILY, user_id=user_id)
        assert score.window == first.windows[-1]
