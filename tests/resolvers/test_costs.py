"""What stored work cost: arcs and sessions are priced when they are derived, and again when prices change."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

import resolvers.derivation
import resolvers.sessions
from domain.judging.rule_judge import RuleJudge
from domain.scores.windows import Bounds
from domain.timeline import Event, Kind, Tokens
from resolvers.context import Context
from resolvers.derivation import version
from resolvers.summaries import everybody, get_daily_summary, session_stats
from tests.history import arcs, bug_fix, clear, derive, dump, ended, recorded, store
from tests.make import START, event, time

OPUS = "claude-opus-4-6"


def request(at: float, tokens: Tokens, **facts: object) -> Event:
    return event(Kind.API_REQUEST, at, **{"tokens": tokens, "model": OPUS, **facts})


async def test_arcs_and_their_session_are_priced(context: Context) -> None:
    first = [*bug_fix(0, "a.py"), request(1, Tokens(1000, 100, 10_000, 2000))]
    second = [*bug_fix(60, "b.py"), request(61, Tokens(0, 1000), data={"outputIsLowerBound": True})]
    one = recorded(*first, clear(8), *second, ended(70))
    await store(context, one)
    await derive(context, one)
    found = [arc.measures for arc in await arcs(context, one)]
    assert [(m.cost_usd, m.tokens_are_lower_bound) for m in found] == [
        (Decimal("0.025"), False),
        (Decimal("0.025"), True),
    ]
    session = await resolvers.sessions.get_session(context, one.id)
    assert (session.cost_usd, session.tokens_are_lower_bound) == (Decimal("0.05"), True)
    reach = everybody(context)
    [stat] = await session_stats(context.services, reach, Bounds(START, time(600)))
    day = await get_daily_summary(context.services, reach, START.date())
    assert stat.lower_bound_count == day.totals.lower_bound_count == 1


async def test_an_unpriced_response_leaves_its_arc_and_session_unpriced(context: Context) -> None:
    first = [*bug_fix(0, "a.py"), request(1, Tokens(1000))]
    second = [*bug_fix(60, "b.py"), request(61, Tokens(1000)), request(62, Tokens(1), model="llama-4")]
    one = recorded(*first, clear(8), *second, ended(70))
    await store(context, one)
    await derive(context, one)
    assert [arc.measures.cost_usd for arc in await arcs(context, one)] == [Decimal("0.005"), None]
    assert (await resolvers.sessions.get_session(context, one.id)).cost_usd is None


async def test_priced_work_is_written_once(context: Context) -> None:
    low = request(1, Tokens(3, 1), data={"outputIsLowerBound": True}, ts=datetime(2026, 3, 2, 9, 1, 0, 7, tzinfo=UTC))
    one = recorded(*bug_fix(0), low, ended(8))
    await store(context, one)
    await derive(context, one)
    before = await dump(context)
    await derive(context, one)
    assert await dump(context) == before


def test_other_prices_are_other_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what was derived by them is derived again when the server starts, as by older rules."""
    now = version(RuleJudge())
    monkeypatch.setattr(resolvers.derivation, "PRICES_VERSION", "earlier")
    assert version(RuleJudge()) != now
