"""Answers that are kept: the same question again costs a look at the key, and what changed shows at once."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

import resolvers.access
from domain.judging.records import FlagKind, SubSession
from domain.scores.windows import WindowKind
from persistence.access import find_key
from persistence.database import Database, Tenant, Writing, owner_scope
from persistence.derivation import Update, delete_arcs, replace_flags, save_arcs
from persistence.judging import sub_sessions
from persistence.score_days import score_days, score_revisions
from resolvers.access import digest
from resolvers.answers import Answer, Answers
from resolvers.appeals import appeal_verdict
from resolvers.figures import Figures
from resolvers.judging import rename_sub_session
from resolvers.loaders import Loaders
from resolvers.scores import kept_answer
from tests.history import arcs, bug_fix, ended, recorded
from tests.make import prompt
from tests.make_context import end_key
from tests.rest_compat.house import Developer, House
from tests.rest_compat.weeks import crushed, flagged, missed, sort_of_everything
from tests.sent import telling

_DAYS = "from=2026-02-23T00:00:00Z&to=2026-03-03T00:00:00Z"
KEPT = (
    "score", "speed", "tokens", "skill", "insight/summary", "integrity", "trivia", f"tokens/trend?{_DAYS}",
    f"trivia/trend?{_DAYS}", f"integrity/trend?{_DAYS}",
)  # fmt: skip


async def ask(ada: Developer, path: str) -> Any:
    response = await ada.client.get(f"/v1/score_v3/{path}")
    assert response.status_code == 200, response.text
    return response.json()


async def sent(work: Awaitable[object]) -> list[str]:
    told: list[str] = []
    with telling(lambda _, sql, __: told.append(sql)):
        await work
    return told


async def revision(house: House, ada: Developer) -> UUID:
    found = await find_key(house.services.database, digest(ada.key.secret))
    assert found is not None
    return found.revision


@pytest.mark.parametrize("path", KEPT)
async def test_asked_again_an_answer_costs_a_look_at_the_key(house: House, path: str) -> None:
    ada = await house.developer()
    await ada.has(*sort_of_everything("ada", 2))
    first = await ask(ada, path)
    [statement] = await sent(ask(ada, path))
    assert "find_api_key" in statement
    assert await ask(ada, path) == first


@pytest.mark.parametrize("path", KEPT)
async def test_what_changes_shows_in_the_next_answer(house: House, other_house: House, path: str) -> None:
    """Two developers of one organisation and one of another, asked before and after each of them has more."""
    houses = (house, house, other_house)
    ones = [await each.developer(f"{n}@example.org") for n, each in enumerate(houses)]
    shown: list[object] = []
    for count, one in enumerate(ones, 1):
        assert len(await sent(ask(one, path))) > 1
        await one.has(*sort_of_everything(str(count), count))
        shown.append(await ask(one, path))
    assert [await ask(one, path) for one in ones] == shown
    assert all(shown.count(one) == 1 for one in shown)


async def test_a_title_a_flag_and_an_arc_that_goes_show_at_once(house: House) -> None:
    ada = await house.developer()
    org = ada.context.caller.org_id
    big, told = flagged(crushed("big"), FlagKind.MEDIAN_SUBSTANCE_OUTLIER), recorded(prompt("hello", 0), ended(2))
    await ada.has(big)
    await ada.worked(told)
    [small] = await arcs(ada.context, told)
    assert [row["title"] for row in await ask(ada, "trivia")] == [small.label.title]
    await rename_sub_session(ada.context, small.id, "A better name", None)
    assert [row["title"] for row in await ask(ada, "trivia")] == ["A better name"]
    assert len((await ask(ada, "integrity"))["by_kind"]) == 1
    async with house.services.database.write(Tenant(org)) as db:
        await replace_flags(db, org, FlagKind.MEDIAN_SUBSTANCE_OUTLIER, [])
    assert await ask(ada, "integrity") == {"by_kind": []}
    assert (await ask(ada, "score"))["total_count"] == 1
    mine = replace(big, user_id=ada.context.caller.user_id)
    async with house.services.database.write(Tenant(org)) as db:
        await delete_arcs(db, org, [mine])
    assert (await ask(ada, "score"))["total_count"] == 0


async def test_an_appeal_shows_at_once(house: House) -> None:
    ada, told = await house.developer(), recorded(*bug_fix(0), ended(8))
    await ada.worked(told)
    assert (await ask(ada, "score"))["crushed_count"] == 1
    [arc] = await arcs(ada.context, told)
    await appeal_verdict(ada.context, arc.id, False, "It came back the next day.")
    assert (await ask(ada, "score"))["crushed_count"] == 0


async def test_another_zone_shows_at_once(house: House) -> None:
    """Sunday evening in UTC is Monday in Tokyo."""
    ada = await house.developer()
    await ada.has(crushed("on sunday", -12 * 60))
    assert (await ask(ada, "score"))["total_count"] == 0
    await resolvers.access.set_time_zone(house.services.database.urls, house.slug, "ada@example.org", "Asia/Tokyo")
    assert (await ask(ada, "score"))["total_count"] == 1


async def test_a_day_ends_at_midnight_of_the_developer(house: House) -> None:
    """At 15 o'clock in UTC the next day begins in Tokyo. Nothing was stored in between."""
    told = []
    for now in (datetime(2026, 3, 2, 14, 59, 59, tzinfo=UTC), datetime(2026, 3, 2, 15, tzinfo=UTC)):
        ada = await house.at(now).developer(time_zone="Asia/Tokyo")
        if not told:
            await ada.has(crushed("today"))
        told.append((await ask(ada, "score?window=daily"), await ask(ada, "speed")))
    (today, monday), (tomorrow, tuesday) = told
    assert (today["total_count"], tomorrow["total_count"]) == (1, 0)
    assert (monday["cspw"], tuesday["cspw"]) == (1.0, 0.5)


async def test_a_key_ends_at_once(house: House) -> None:
    ada = await house.developer()
    await ask(ada, "score")
    await end_key(house.services.database.urls, ada.key.key.org_id, ada.key.key.id, house.services.now())
    assert (await ada.client.get("/v1/score_v3/score")).status_code == 401


async def test_figures_that_were_read_make_other_answers(house: House) -> None:
    """Of all windows of the speed, those of the other pillars; of the change after it, none."""
    no_answers = replace(house.services, answers=Answers(most_bytes=0))
    ada = await replace(house, services=no_answers).developer()
    await ada.has(*sort_of_everything("ada", 2))
    shown = {path: await ask(ada, path) for path in KEPT[1:6]}
    assert [len(await sent(ask(ada, path))) for path in KEPT[1:6]] == [1] * 5
    assert {path: await ask(ada, path) for path in KEPT[1:6]} == shown
    await ada.has(crushed("more"))
    assert [len(await sent(ask(ada, path))) for path in KEPT[1:6]] == [2, 1, 1, 1, 1]
    assert (await ask(ada, "insight/summary"))["total"] == shown["insight/summary"]["total"] + 1


async def test_a_series_up_to_now_is_made_each_time(house: House) -> None:
    nothing_kept = replace(house.services, totals=Figures(lambda totals: 1, most_bytes=0))
    ada = await replace(house, services=nothing_kept).developer()
    await ada.has(crushed("a"))
    for _ in range(2):
        assert len(await sent(ask(ada, "tokens/trend?from=2026-02-23T00:00:00Z"))) > 1


async def test_what_is_not_committed_shows_to_nobody(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("a"))
    before, was = await ask(ada, "score"), await revision(house, ada)
    with suppress(ZeroDivisionError):
        async with house.services.database.write(Tenant(ada.context.caller.org_id)) as db:
            await save(db, ada, missed("b"))
            assert await ask(ada, "score") == before
            raise ZeroDivisionError
    assert await revision(house, ada) == was
    assert len(await sent(ask(ada, "score"))) == 1
    async with house.services.database.write(Tenant(ada.context.caller.org_id)) as db:
        await save(db, ada, missed("b"))
        assert await ask(ada, "score") == before
    assert (await ask(ada, "score"))["total_count"] == 2


async def save(db: Writing, ada: Developer, arc: SubSession) -> None:
    caller = ada.context.caller
    await save_arcs(db, caller.org_id, [Update(None, replace(arc, user_id=caller.user_id))])


async def test_an_answer_that_was_overtaken_is_not_given_again(house: House) -> None:
    """What changes while an answer is made is in it or not; either way the next one is made anew."""
    ada = await house.developer()
    await ada.has(crushed("a"))
    found = await find_key(house.services.database, digest(ada.key.secret))
    late = replace(ada.context, loaders=Loaders(house.services.database, ada.context.tenant, revision=found.revision))

    async def make() -> bytes:
        await ada.has(missed("b"))
        return b"old"

    assert await kept_answer(late, ("score", WindowKind.WEEKLY), make) == b"old"
    assert (await ask(ada, "score"))["total_count"] == 2


async def test_who_changes_something_is_given_nothing_kept_afterwards(house: House) -> None:
    ada = await house.developer()
    ctx = replace(ada.context, loaders=Loaders(house.services.database, ada.context.tenant, revision=uuid4()))
    texts = iter((b"first", b"second"))

    async def make() -> bytes:
        return next(texts)

    assert [await kept_answer(ctx, "x", make) for _ in range(2)] == [b"first"] * 2
    ctx.loaders.forget()
    assert await kept_answer(ctx, "x", make) == b"second"


async def test_an_arc_that_moves_changes_both_developers(house: House) -> None:
    ada, bob, eve = [await house.developer(f"{name}@example.org") for name in ("ada", "bob", "eve")]
    await ada.has(crushed("a"))
    before = [await revision(house, one) for one in (ada, bob, eve)]
    org, to = ada.context.caller.org_id, bob.context.caller.user_id
    async with house.services.database.write(Tenant(org)) as db:
        await db.execute(sa.update(sub_sessions).where(sub_sessions.c.org_id == org).values(user_id=to))
        bound = await db.row(sa.text("SELECT current_setting('app.user_id') AS bound"))
    assert bound == {"bound": "*"}
    after = [await revision(house, one) for one in (ada, bob, eve)]
    assert [was == is_now for was, is_now in zip(before, after, strict=True)] == [False, False, True]


async def test_the_owner_may_change_several_organisations_in_one_transaction(house: House, other_house: House) -> None:
    ones = [await house.developer(), await other_house.developer()]
    for one in ones:
        await one.has(crushed("a"))
    before = [await revision(house, one) for one in ones]
    async with owner_scope(house.services.database.urls) as db:
        for one in ones:
            await db.bind(Tenant(one.context.caller.org_id))
            await db.execute(sa.update(score_days).values(pending=3))
    assert not {*before} & {await revision(house, one) for one in ones}


def test_little_is_kept_and_the_oldest_goes_first() -> None:
    answers, of, now = Answers(most_bytes=5_000), uuid4(), datetime(2026, 3, 2, tzinfo=UTC)
    later = now + timedelta(days=1)
    for n in range(5):
        answers.put(n, Answer(of, now, later, b"x" * 500))
    assert [n for n in range(5) if answers.get(n, of, now)] == [2, 3, 4]
    answers.put("large", Answer(of, now, later, b"x" * 5_000))
    assert answers.get("large", of, now) is None
    assert answers.get(4, uuid4(), now) is None
    assert [answers.get(4, of, at) is None for at in (now - timedelta.resolution, now, later)] == [True, False, True]


async def test_nobody_stays_bound_after_a_look_at_their_key_whenever_it_is_given_up(house: House) -> None:
    ada = await house.developer()
    secret, database = digest(ada.key.secret), Database(house.services.database.urls, pool_size=1)
    assert await find_key(database, secret)
    for turns in range(12):  # more than a look takes
        task = asyncio.create_task(find_key(database, secret))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        async with database.single() as db:
            assert await db.rows(sa.select(score_revisions)) == []
            assert await db.row(sa.text("SELECT current_setting('app.org_id', true) AS org")) in (
                {"org": ""},
                {"org": None},
            )
    assert await find_key(database, secret)
    await database.close()
