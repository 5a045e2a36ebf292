"""GET /v1/insights/sessions/stats, /sessions/highlights and /daily-summary."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

import persistence.session_figures
from domain.access import Scope
from domain.judging.records import FlagKind, Intent, Measures, Rework, ReworkKind, SubSession
from domain.timeline import Tokens
from domain.values import JsonObject
from persistence.database import Tenant
from persistence.session_figures import session_figures
from tests.history import Recorded, bug_fix, ended, recorded, store
from tests.make import arc_id, outcome, prompt, response, rubric, sub_session, time
from tests.rest_compat.house import Developer, House
from tests.rest_compat.weeks import DAY, flagged
from tests.schema.test_sql_counts import statements

STATS = "/v1/insights/sessions/stats"
HIGHLIGHTS = "/v1/insights/sessions/highlights"
DAILY = "/v1/insights/daily-summary"


def repair(at: float = 0, tokens: int = 0, usd: str | None = None, path: str = "shop/totals.py") -> Recorded:
    """A repair of eight minutes that reached its goal, with one response that used so many tokens."""
    spent = response("Done.", at + 6, tokens=Tokens(tokens), cost_usd=None if usd is None else Decimal(usd))
    return recorded(*bug_fix(at, path), *([spent] if tokens else []), ended(at + 8))


def question(at: float = 0) -> Recorded:
    asked = prompt("Why is the sum of totals wrong in shop/totals.py? It should be 3, but is 4.", at)
    answer = response("Because a coupon counts twice: it is added per line. " * 6, at + 1)
    more = [prompt("And where is the coupon read in shop/totals.py?", at + 2), response("In the loop. " * 20, at + 3)]
    return recorded(asked, answer, *more, prompt("thanks, that explains it", at + 4), ended(at + 5))


async def body(who: Developer, path: str, **params: str) -> JsonObject:
    answer = await who.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_sessions_stats_envelope(house: House) -> None:
    ada = await house.developer()
    assert await body(ada, STATS) == {"stats": []}
    await ada.worked(repair())
    assert list(await body(ada, STATS)) == ["stats"]


async def test_sessions_stats_order(house: House) -> None:
    """By count, then by name; a session without an intent is of the type unknown."""
    ada = await house.developer()
    hello = recorded(prompt("hello", 60), response("Hello!", 61), ended(62))
    await ada.worked(repair(0), repair(20), question(40), hello)
    stats = (await body(ada, STATS))["stats"]
    assert [(one["session_type"], one["session_count"]) for one in stats] == [
        ("bug_fix", 2), ("question", 1), ("unknown", 1),
    ]  # fmt: skip
    assert [one["share"] for one in stats] == [0.5, 0.25, 0.25]


async def test_a_type_adds_up_what_its_sessions_took(house: House) -> None:
    ada = await house.developer()
    await ada.worked(repair(0, 900, "0.30"), repair(20, 100), repair(40, 500, "0.10"))
    [stat] = (await body(ada, STATS))["stats"]
    assert stat == {
        "session_type": "bug_fix", "session_count": 3, "share": 1.0, "sub_session_count": 3, "crushed_count": 3,
        "crush_rate": 1.0, "total_turns": 6, "avg_turns": 2.0, "total_tokens": 1500, "total_cost_usd": 0.4,
        "unpriced_session_count": 1, "avg_duration_seconds": 480.0,
    }  # fmt: skip


async def test_everybody_counts_for_every_developer_of_the_organisation(house: House, other_house: House) -> None:
    ada, bob, eve = await house.developer(), await house.developer("bob@example.org"), await other_house.developer()
    await ada.worked(repair(0))
    await bob.worked(repair(20))
    await eve.worked(question(40))
    for path in (STATS, HIGHLIGHTS, DAILY):
        told = [await body(who, path) for who in (ada, bob)]
        assert told[0] == told[1], path
    assert (await body(ada, STATS))["stats"][0]["session_count"] == 2
    assert (await body(eve, STATS))["stats"][0]["session_type"] == "question"


@pytest.mark.parametrize("path", [STATS, HIGHLIGHTS, DAILY, "/v1/insights/sessions/details?session_id=x"])
@pytest.mark.parametrize("scope", [Scope.SESSIONS_READ, Scope.SCORES_READ])
async def test_a_key_must_read_sessions_and_scores(house: House, path: str, scope: Scope) -> None:
    ada = await house.developer(scopes=frozenset({scope}))
    assert (await ada.client.get(path)).status_code == 403


def hours(**sides: int) -> dict[str, str]:
    """Sides of a stretch as hours of the first day: "from" has no place among Python's names."""
    names = {"since": "from", "until": "to"}
    return {names[side]: f"2026-03-02T{hour:02}:00:00Z" for side, hour in sides.items()}


async def test_a_stretch_is_half_open_and_thirty_days_unless_told(house: House) -> None:
    ada = await house.developer()
    await ada.worked(repair(0), repair(60), repair(-29 * DAY), repair(-31 * DAY))

    async def count(**asked: str) -> int:
        stats = (await body(ada, STATS, **asked))["stats"]
        return sum(one["session_count"] for one in stats)

    assert await count() == 3
    assert await count(**hours(since=9, until=10)) == 1
    assert await count(**hours(since=10)) == 1
    assert await count(to="2026-02-02T00:00:00Z") == 2, "thirty days before its end"
    assert await count(**{"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}) == 4


@pytest.mark.parametrize("path", [STATS, HIGHLIGHTS, "/v1/insights/sessions/summaries"])
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"from": ""}, "Invalid from"),
        ({"to": "2026-03-03"}, "Invalid to"),
        (hours(since=10, until=9), "from must lie before to"),
        (hours(since=9, until=9), "from must lie before to"),
        ({"from": "2026-03-02T17:00:00.000001Z"}, "from must lie before to"),
        ({"to": "0001-01-02T00:00:00Z"}, "to lies too early"),
    ],
)
async def test_a_stretch_that_is_none_is_refused(house: House, path: str, asked: dict[str, str], message: str) -> None:
    answer = await (await house.developer()).client.get(path, params=asked)
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": message})


async def test_sessions_highlights_unwrapped(house: House) -> None:
    ada = await house.developer()
    told = await body(ada, HIGHLIGHTS, **hours(since=9, until=12))
    assert told == {
        "from": "2026-03-02T09:00:00Z", "to": "2026-03-02T12:00:00Z", "total_sessions": 0, "total_win_sessions": 0,
        "win_rate": None, "highlights": [],
    }  # fmt: skip


def standing_out(ada: Developer) -> list[SubSession]:
    """Three goals reached in a row, one undone, one flagged; the second is the largest and the best written."""
    lines = (10, 500, 20, 30)
    arcs = [
        sub_session(
            f"{n}", session_id=f"{ada.key.org.id} {n}", started_at=time(n), first_prompt_at=time(n),
            measures=Measures(turn_count=3, lines_added=added), rubric=rubric(grade_points=60.0 + 10 * (n == 1)),
            outcome=outcome(goal_completed_at=time(n + 5 - n)),
        )
        for n, added in enumerate(lines)
    ]  # fmt: skip
    undone = replace(arcs[3], rework=Rework(ReworkKind.REVERT, arc_id("0"), time(9)))
    return [arcs[0], arcs[1], flagged(arcs[2], FlagKind.AUTO_RETRY_STORM, FlagKind.TINY_PROMPT_BURST), undone]


def named(told: JsonObject) -> Mapping[str, list[tuple[str, float]]]:
    """By kind: the number of each session and its value."""
    found: dict[str, list[tuple[str, float]]] = {}
    for item in told["highlights"]:
        found.setdefault(item["highlight"], []).append((item["session_id"][-1], item["value"]))
    return found


async def test_each_kind_shows_the_most_remarkable(house: House) -> None:
    """Two of them if there is much to choose from."""
    ada = await house.developer()
    await ada.has(*standing_out(ada))
    told = await body(ada, HIGHLIGHTS)
    assert named(told) == {
        "best_score": [("1", 70.0)],
        "fastest_crush": [("2", 180.0)],
        "most_reworked": [("3", 1.0)],
        "biggest_change": [("1", 500.0), ("3", 30.0)],
        "integrity": [("2", 2.0)],
        "streak": [("2", 3.0)],
    }
    assert (told["win_rate"], told["total_win_sessions"]) == (0.75, 3)
    sorts = {item["highlight"]: item["kind"] for item in told["highlights"]}
    assert sorts == {
        "best_score": "score", "fastest_crush": "score", "streak": "score", "biggest_change": "pattern",
        "most_reworked": "anomaly", "integrity": "anomaly",
    }  # fmt: skip
    best = told["highlights"][0]
    assert (best["score"], best["sub_session_id"]) == (70.0, str(arc_id("1")))
    assert best["reason"] == "Its prompts were graded 70 of 100 (3 goals compared)."


async def test_a_streak_is_of_one_developer_and_ends_with_a_miss(house: House) -> None:
    ada, bob = await house.developer(), await house.developer("bob@example.org")
    for who, at in ((ada, 0), (bob, 1), (ada, 2), (bob, 3)):
        await who.has(sub_session(f"{at}", session_id=f"{ada.key.org.id} {at}", started_at=time(at)))
    assert "streak" not in named(await body(ada, HIGHLIGHTS))
    missed = outcome(goal_complete=False)
    await ada.has(sub_session("miss", session_id="x", started_at=time(4), outcome=missed))
    await ada.has(*(sub_session(f"{at}", session_id=f"{ada.key.org.id} {at}", started_at=time(at)) for at in (5, 6, 7)))
    assert named(await body(ada, HIGHLIGHTS))["streak"] == [("7", 3.0)]


async def test_cost_and_focus_are_those_of_sessions(house: House) -> None:
    ada = await house.developer()
    long, dear = recorded(*bug_fix(0), *bug_fix(20), ended(30)), repair(60, 900, "1.25")
    await ada.worked(long, dear)
    told = await body(ada, HIGHLIGHTS)
    items = {item["highlight"]: item for item in reversed(told["highlights"])}
    assert (items["most_expensive"]["session_id"], items["most_expensive"]["value"]) == (dear.id, 1.25)
    assert items["most_expensive"]["reason"] == "It cost $1.25 (1 session compared)."
    assert items["longest_focus"]["session_id"] == long.id
    assert items["longest_focus"]["summary"].startswith("The goal was reached")


async def test_daily_summary_empty_day(house: House) -> None:
    ada = await house.developer()
    await ada.worked(repair(0))
    told = await body(ada, DAILY, date="2026-03-01")
    counts = ("session_count", "sub_session_count", "qualifying_count", "crushed_count", "total_tokens")
    assert [told[name] for name in counts] == [0] * len(counts)
    assert (told["date"], told["summary"], told["total_cost_usd"]) == ("2026-03-01", None, 0)
    assert (told["sessions"], told["highlights"], told["prism_score"]) == ([], [], None)


async def test_a_day_tells_what_began_on_it(house: House) -> None:
    ada = await house.developer()
    one, running = repair(0, 1_200, "0.42"), recorded(*bug_fix(470))
    await ada.worked(one)
    await ada.has(sub_session("missed", session_id="x", started_at=time(5), outcome=outcome(goal_complete=False)))
    await store(ada.context, running)
    await house.derived(running.id)
    told = await body(ada, DAILY)
    assert (told["date"], told["session_count"], told["sub_session_count"]) == ("2026-03-02", 2, 3)
    assert (told["crushed_count"], told["qualifying_count"], told["prism_score"]) == (1, 2, 50.0)
    assert (told["total_tokens"], told["total_cost_usd"]) == (1_200, 0.42)
    assert told["summary"].startswith(
        "2 sessions began. 1 of 2 judged goals were reached. It took 1.2K tokens and cost $0.42."
    )
    assert [session["session_id"] for session in told["sessions"]] == [running.id, one.id]
    assert told["sessions"][0]["summary"] is None
    assert told["sessions"][1]["summary"].startswith("The goal was reached")


async def test_a_day_is_that_of_the_developer_who_asks(house: House) -> None:
    ada = await house.developer(time_zone="America/New_York")
    bob = await house.developer("bob@example.org", time_zone="Asia/Tokyo")
    await ada.worked(repair(15.5 * 60))  # 00:30 in UTC of the next day, 19:30 in New York, 09:30 in Tokyo
    for who, day in ((ada, "2026-03-02"), (bob, "2026-03-03")):
        assert (await body(who, DAILY, date=day))["session_count"] == 1
        assert (await body(who, DAILY))["date"] == ("2026-03-02" if who is ada else "2026-03-03")


async def test_a_day_of_another_length_is_whole(house: House) -> None:
    """Clocks went forward in Berlin on 29 March 2026: the day had 23 hours."""
    ada = await house.developer(time_zone="Europe/Berlin")
    first = (datetime(2026, 3, 28, 23, 0, tzinfo=UTC) - time(0)).total_seconds() / 60
    await ada.worked(repair(first), repair(first + 22.5 * 60), repair(first + 23 * 60))
    assert (await body(ada, DAILY, date="2026-03-29"))["session_count"] == 2
    assert (await body(ada, DAILY, date="2026-03-30"))["session_count"] == 1


@pytest.mark.parametrize("day", ["", "today", "2026-3-2", "20260302", "2026-02-30", "2026-03-02T00:00:00Z"])
async def test_a_date_that_is_none_is_refused(house: House, day: str) -> None:
    answer = await (await house.developer()).client.get(DAILY, params={"date": day})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid date"})


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_edges_of_the_calendar_break_nothing(house: House, day: str) -> None:
    answer = await (await house.developer()).client.get(DAILY, params={"date": day})
    assert answer.status_code in (200, 400)


async def test_a_cost_that_is_not_known_is_left_out(house: House) -> None:
    ada = await house.developer()
    await ada.worked(repair(0, 500))
    told = await body(ada, DAILY)
    assert "total_cost_usd" not in told
    assert told["unpriced_session_count"] == 1


async def test_texts_come_in_the_language_asked_for(house: House) -> None:
    ada = await house.developer()
    await ada.worked(repair(0))
    answer = await ada.client.get(DAILY, headers={"accept-language": "zh-TW, de;q=0.5"})
    assert answer.json()["language"] == "zh-Hant"
    assert (await body(ada, DAILY))["language"] == "en"


@pytest.mark.parametrize("path", [STATS, HIGHLIGHTS, DAILY])
async def test_many_sessions_cost_as_many_statements_as_one(house: House, path: str) -> None:
    ada, counts = await house.developer(), list[int]()
    for some in (range(1), range(1, 5)):
        await ada.worked(*(repair(20 * n) for n in some))
        with statements() as seen:
            await body(ada, path)
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def test_types_are_counted_by_what_the_database_and_a_summary_call_dominant(house: House) -> None:
    """Of as many goals of either sort, that which took more."""
    ada = await house.developer()
    told = repair(0)
    await ada.worked(told)
    more = [
        sub_session(name, session_id=told.id, started_at=time(20), rubric=rubric(intent=intent), measures=spent)
        for name, intent, spent in (
            ("a", Intent.PLAN, Measures(tokens=Tokens(10))),
            ("b", Intent.REVIEW, Measures(tokens=Tokens(30))),
        )
    ]
    await ada.has(*more)
    org_id = ada.context.caller.org_id
    async with ada.context.services.database.write(Tenant(org_id)) as db:
        await persistence.session_figures.refresh(db, org_id, [told.id])
        row = await db.row(sa.select(session_figures.c.intent).where(session_figures.c.session_id == told.id))
    assert row == {"intent": "review"}
    summary = await body(ada, "/v1/insights/sessions/summary", session_id=told.id)
    assert summary["session_type"] == "review"
