"""Scores under six writers and cut connections: the last word is never lost, and none comes twice."""

import asyncio
import random
import sys
from contextlib import aclosing
from dataclasses import replace

import persistence.live
from domain.access import Scope
from domain.errors import Unavailable
from domain.live import Cursor, Place
from domain.scores.changes import ScoreChange, score_news
from persistence.bus import live_channel
from persistence.database import Tenant
from resolvers.context import Context, Services
from tests.make import START, sub_session, time
from tests.make_context import make_context, make_org
from tests.make_live import SOON_S, cut, make_news
from tests.resolvers.scores_followed import begun, colleague_of, follow, log_of, tell_of

STORM_S = 2.0


async def storm(ctx: Context, name: int, until: float) -> None:
    """Short, long and failing transactions that tell of scores and of arcs."""
    dice = random.Random(name)
    tenant = Tenant(ctx.caller.org_id)
    while asyncio.get_running_loop().time() < until:
        news = [
            *score_news(None, sub_session(dice.random(), user_id=ctx.caller.user_id)),
            *[make_news(ctx.caller.user_id, number) for number in range(dice.randint(0, 2))],
        ]
        try:
            async with ctx.services.database.write(tenant) as db:
                await persistence.live.append(db, tenant.org_id, dice.sample(news, len(news)))
                await asyncio.sleep(dice.choice([0, 0, dice.uniform(0, 0.1)]))
                if dice.random() < 0.2:
                    raise ZeroDivisionError
        except (Unavailable, ZeroDivisionError):
            pass
        ctx.services.bus.announce(live_channel(tenant.org_id))
        await asyncio.sleep(dice.uniform(0, 0.02))


async def collect(ctx: Context, of: Context, cursor: Cursor, last: list[Place], resumes: bool) -> list[ScoreChange]:
    """All that is told until the place `last` was; who resumes leaves again and again."""
    seen: list[ScoreChange] = []
    while not (seen and last and seen[-1].cursor.place >= last[0]):
        left = random.Random(len(seen)).randint(1, 10) if resumes else sys.maxsize
        try:
            async with aclosing(follow(ctx.uncached(), cursor, user_id=of.caller.user_id)) as changes:
                async for told in changes:
                    seen.append(told)
                    cursor = told.cursor
                    left -= 1
                    if not left or (last and cursor.place >= last[0]):
                        break
        except Unavailable:
            await asyncio.sleep(0.05)
    return seen


async def test_under_six_writers_the_last_word_is_never_lost_and_none_comes_twice(fresh_services: Services) -> None:
    services = replace(fresh_services, now=lambda: START)
    org = await make_org(services.database.urls)
    ada, bob = await make_context(services, org=org), await make_context(services, org=org)
    lead = await colleague_of(org, services, Scope.ORG_READ)
    start, of_lead = await begun(ada), await begun(lead, user_id=ada.caller.user_id)
    last: list[Place] = []
    watchers = [
        asyncio.create_task(collect(ctx, ada, cursor, last, resumes))
        for ctx, cursor in ((ada, start), (lead, of_lead))
        for resumes in (False, True)
    ]
    until = asyncio.get_running_loop().time() + STORM_S
    writers = [asyncio.create_task(storm(ctx, name, until)) for name in range(3) for ctx in (ada, bob)]
    for name in ("goalarc-wakes", "goalarc", "goalarc-wakes"):
        await asyncio.sleep(STORM_S / 4)
        await cut(services.database, name)
    await asyncio.gather(*writers)
    await tell_of(ada, time(1))
    mine = [event.cursor.place for event in await log_of(ada) if event.user_id == ada.caller.user_id]
    last.append(mine[-1])
    await tell_of(ada, time(2))  # so that everybody looks at `last` once more
    mine.append((await log_of(ada))[-1].cursor.place)
    async with asyncio.timeout(2 * SOON_S):
        everybody = await asyncio.gather(*watchers)
    for seen in everybody:
        places = [told.cursor.place for told in seen]
        assert places == sorted(set(places))
        assert set(places) <= set(mine)
        assert not any(told.resync for told in seen)
        assert len(places) > 10
