"""Windows and series of a developer, whoever asks in whatever zone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import persistence.clusters
from domain.access import Scope
from domain.errors import Forbidden, Invalid, NotFound
from domain.judging.records import Measures
from domain.scores.periods import PeriodKind
from domain.scores.windows import WindowKind
from domain.timeline import Tokens
from persistence.database import Tenant
from persistence.derivation import Update, save_arcs
from resolvers.context import Context, Services
from resolvers.pillars import Series, get_board, get_integrity_trend, get_tokens_trend, get_trivia_trend
from resolvers.scores import get_score
from tests.make import outcome, sub_session
from tests.make_context import DEVELOPER, make_context

NOW = datetime(2026, 10, 28, 12, 0, tzinfo=UTC)
"""A Wednesday; clocks were set back in Europe on the Sunday before."""


async def _context(services: Services, scopes: frozenset[str] = DEVELOPER) -> Context:
    return await make_context(replace(services, now=lambda: NOW), scopes=scopes)


async def _work(ctx: Context, *hours_ago: int) -> None:
    """An arc begun so many hours ago each, crushed but for every third."""
    user_id = ctx.caller.user_id
    arcs = [
        sub_session(
            f"{user_id}-{hours}",
            user_id=user_id,
            started_at=NOW - timedelta(hours=hours),
            first_prompt_at=NOW - timedelta(hours=hours),
            measures=Measures(turn_count=3, tokens=Tokens(100 * hours, 10, 5, 1)),
            outcome=outcome(goal_complete=number % 3 < 2, goal_completed_at=NOW - timedelta(hours=hours, minutes=-30)),
        )
        for number, hours in enumerate(hours_ago)
    ]
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.clusters.lock(db, ctx.caller.org_id, [user_id])
        await save_arcs(db, ctx.caller.org_id, [Update(None, arc) for arc in arcs])


async def test_all_pillars_tell_of_the_same_window(services: Services) -> None:
    ctx = await _context(services)
    await _work(ctx, 1, 2, 3, 30, 24 * 8, 24 * 9)
    board = await get_board(ctx, WindowKind.WEEKLY)
    assert (board.headline.crushed_count, board.headline.total_count) == (3, 4)
    assert board.headline == await get_score(ctx, WindowKind.WEEKLY)
    assert board.speed.crushed_count == board.tokens.crushed_count == 3
    assert board.tokens.crush_weight == board.headline.crush_weight
    assert board.speed.ttc_median_seconds == 1_800
    assert board.skill.graded_count == board.summary.graded_count == 4
    assert (board.as_of, board.user_id) == (NOW, ctx.caller.user_id)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York", "Europe/Berlin"])
async def test_another_zone_cuts_windows_elsewhere_but_loses_nothing(services: Services, zone: str) -> None:
    ctx = await _context(services)
    await _work(ctx, *range(1, 24 * 12, 7))
    for kind in WindowKind:
        board = await get_board(ctx, kind, zone)
        assert board.headline == await get_score(ctx, kind, zone)
        window = board.window
        expected = [h for h in range(1, 24 * 12, 7) if window.start <= NOW - timedelta(hours=h) < window.end]
        assert board.now.qualifying == len(expected)


async def test_a_running_window_may_be_compared_with_as_much_of_the_one_before(services: Services) -> None:
    ctx = await _context(services)
    await _work(ctx, 1, 2, 24 * 7 + 1, 24 * 4, 24 * 3 + 20)
    plain, aligned = await get_board(ctx, WindowKind.WEEKLY), await get_board(ctx, WindowKind.WEEKLY, day_aligned=True)
    assert aligned.before is not None
    assert aligned.before[0].end == NOW - timedelta(days=7)
    assert (plain.parts[-2].qualifying, aligned.before[1].qualifying) == (3, 1)
    assert plain.headline == aligned.headline
    assert plain.speed.delta_cspw != aligned.speed.delta_cspw


async def test_series_have_no_gaps_and_add_up(services: Services) -> None:
    ctx = await _context(services)
    await _work(ctx, 1, 30, 100, 500)
    points = await get_tokens_trend(ctx, Series())
    assert (points[0].period.start, points[-1].period.end) == (NOW - timedelta(days=30), NOW)
    assert sum(point.total_count for point in points) == 4
    assert sum(point.breakdown.input for point in points) == 63_100
    weeks = await get_tokens_trend(ctx, Series(PeriodKind.WEEK, NOW - timedelta(days=29)))
    assert sum(point.total_count for point in weeks) == 4
    assert all(point.total == 0 for point in await get_trivia_trend(ctx, Series()))
    assert len(await get_integrity_trend(ctx, Series(PeriodKind.MONTH))) == 2


async def test_what_cannot_be_is_refused(services: Services) -> None:
    ctx = await _context(services)
    for series in (Series(start=NOW, end=NOW), Series(end=datetime.min.replace(tzinfo=UTC)), Series(time_zone="Mars")):
        with pytest.raises(Invalid):
            await get_tokens_trend(ctx, series)
    with pytest.raises(Invalid):
        await get_board(ctx, WindowKind.DAILY, "Mars")
    other = await _context(services)
    with pytest.raises(NotFound):
        await get_board(ctx, WindowKind.DAILY, user_id=other.caller.user_id)
    with pytest.raises(Forbidden):
        await get_board(await _context(services, frozenset({Scope.SESSIONS_READ})), WindowKind.DAILY)
