"""Sessions summed up over GraphQL: what a key may read, in words and goal by goal."""

from datetime import timedelta

import pytest

from domain.access import KeyKind, Scope
from resolvers.context import Services
from resolvers.derivation import derive_now
from tests.hiring import create_assessment
from tests.history import Recorded, bug_fix, ended, judging, recorded, store
from tests.make import prompt, time
from tests.schema.asking import Asker, make_asker
from tests.schema.test_sql_counts import THAT_YEAR, statements

WRITTEN = """title goal outcome type text language turnCount fileCount linesAdded linesRemoved focusDurationMs costUsd
  path { title intent ending turnCount subSession { rawId crushed } } keyTurns { role turnIndex at prompt { text } }"""


async def worked(services: Services, asker: Asker, *told: Recorded) -> None:
    await store(asker.ctx, *told)
    for one in told:
        await derive_now(judging(services), asker.ctx.caller.org_id, one.id)


def repair(at: float = 0) -> Recorded:
    return recorded(*bug_fix(at), ended(at + 8))


async def ids(asker: Asker, asked: str = "", where: str = THAT_YEAR) -> list[str]:
    paged = f"({asked})" if asked else ""
    query = f"{{ sessionInsights({where}) {{ summaries{paged} {{ nodes {{ session {{ rawId }} }} }} }} }}"
    return [node["session"]["rawId"] for node in (await asker.data(query))["sessionInsights"]["summaries"]["nodes"]]


async def test_a_session_tells_how_it_went(services: Services) -> None:
    ada = await make_asker(services)
    told = recorded(*bug_fix(0)[:-1], prompt("it still fails: 0.135 gives 0.13", 9), *bug_fix(10), ended(20))
    await worked(services, ada, told)
    query = f'{{ session(id: "{told.id}") {{ summary {{ {WRITTEN} }} }} }}'
    found = (await ada.data(query))["session"]["summary"]
    assert (found["outcome"], found["type"], found["language"]) == ("REACHED", "BUG_FIX", "EN")
    assert (found["turnCount"], found["fileCount"], found["linesAdded"]) == (4, 1, 2)
    assert found["focusDurationMs"] == timedelta(minutes=20) / timedelta(milliseconds=1)
    [step] = found["path"]
    assert (step["ending"], step["subSession"]["crushed"]) == ("REACHED", True)
    turns = [(turn["role"], turn["turnIndex"], turn["prompt"]["text"]) for turn in found["keyTurns"]]
    assert [turn[:2] for turn in turns] == [("GOAL", 0), ("SETBACK", 1), ("REACHED", 3)]
    assert turns[1][2] == "it still fails: 0.135 gives 0.13"


async def test_a_session_that_runs_has_none(services: Services) -> None:
    ada = await make_asker(judging(services, time(10)))
    await store(ada.ctx, running := recorded(*bug_fix(0)))
    await derive_now(ada.ctx.services, ada.ctx.caller.org_id, running.id)
    query = f'{{ session(id: "{running.id}") {{ summary {{ text }} details {{ turns {{ turnIndex }} }} }} }}'
    found = (await ada.data(query))["session"]
    assert found == {"summary": None, "details": {"turns": [{"turnIndex": 0}, {"turnIndex": 1}]}}


async def test_details_are_shown_from_the_start(services: Services) -> None:
    ada = await make_asker(services)
    await worked(services, ada, told := repair())
    query = """query ($id: ID!, $first: Int!) { session(id: $id) { details { turns(first: $first) { prompt { text }
      tools { name callCount } files elapsedMs } tools { name mutatingCount } scores { prismScore apg } } } }"""
    found = (await ada.data(query, id=told.id, first=1))["session"]["details"]
    [turn] = found["turns"]
    assert turn["prompt"]["text"].startswith("Fix the wrong rounding")
    assert (turn["tools"], turn["files"]) == ([{"name": "Edit", "callCount": 1}], ["shop/totals.py"])
    assert (found["tools"], found["scores"]["prismScore"]) == ([{"name": "Edit", "mutatingCount": 1}], 100.0)
    for first in (0, 1_001):
        assert await ada.code(query, id=told.id, first=first) == "BAD_USER_INPUT"


async def test_summaries_are_paged_both_ways(services: Services) -> None:
    ada = await make_asker(services)
    await worked(services, ada, *(repair(20 * (n // 2)) for n in range(5)))
    whole = await ids(ada)
    assert len(set(whole)) == 5
    query = f"""query ($first: Int, $after: String, $last: Int, $before: String) {{ sessionInsights({THAT_YEAR}) {{
      summaries(first: $first, after: $after, last: $last, before: $before) {{ totalCount
      nodes {{ session {{ rawId }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"""

    async def walk(size: str, cursor: str, end: str) -> list[list[str]]:
        found, place = list[list[str]](), None
        while True:
            page = (await ada.data(query, **{size: 2, cursor: place}))["sessionInsights"]["summaries"]
            assert page["totalCount"] == 5
            found.append([node["session"]["rawId"] for node in page["nodes"]])
            place = page["pageInfo"][end]
            if not page["pageInfo"]["hasNextPage" if size == "first" else "hasPreviousPage"]:
                return found

    assert [id for page in await walk("first", "after", "endCursor") for id in page] == whole
    assert [id for page in reversed(await walk("last", "before", "startCursor")) for id in page] == whole
    for cursor in ("", "x", "WyJzdW1tYXJpZXMiLDEsMl0"):
        assert await ada.code(query, first=2, after=cursor) == "BAD_USER_INPUT"


async def test_a_key_sees_its_own_unless_it_reads_the_organisation(services: Services) -> None:
    ada = await make_asker(services)
    bob, boss = await make_asker(services, ada.slug), await make_asker(services, ada.slug, KeyKind.SERVICE)
    own, his = repair(0), repair(20)
    await worked(services, ada, own)
    await worked(services, bob, his)
    assert [await ids(who) for who in (ada, bob, boss)] == [[own.id], [his.id], [his.id, own.id]]
    developer = f'{THAT_YEAR}, developer: "{ada.ctx.caller.user_id}"'
    assert await ids(boss, where=developer) == await ids(ada, where=developer) == [own.id]
    assert await bob.code(f"{{ sessionInsights({developer}) {{ sessionStats {{ share }} }} }}") == "NOT_FOUND"
    day = 'dailySummary(date: "2026-03-02") { sessionCount }'
    counts = f"sessionStats {{ sessionCount }} highlights {{ sessionCount }} {day}"
    for who, n in ((ada, 1), (boss, 2)):
        found = (await who.data(f"{{ sessionInsights({THAT_YEAR}) {{ {counts} }} }}"))["sessionInsights"]
        told = [found["sessionStats"][0], found["highlights"], found["dailySummary"]]
        assert [one["sessionCount"] for one in told] == [n, n, n]


async def test_candidates_and_keys_without_scores_get_none(services: Services) -> None:
    ada = await make_asker(services)
    blind = await make_asker(services, ada.slug, scopes=frozenset({Scope.SESSIONS_READ}))
    task = await create_assessment(services.database.urls, ada.slug, "task")
    both = frozenset({Scope.SESSIONS_READ, Scope.SCORES_READ})
    kim = await make_asker(services, ada.slug, KeyKind.CANDIDATE, assessment_id=task, scopes=both)
    for asker in (blind, kim):
        assert await asker.code("{ sessionInsights { sessionStats { share } } }") == "FORBIDDEN"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (
            'sessionInsights(within: {from: "2026-03-02T00:00:00Z", to: "2026-03-02T00:00:00Z"}) { from }',
            "BAD_USER_INPUT",
        ),
        ('sessionInsights(timeZone: "Mars/Olympus") { from }', "BAD_USER_INPUT"),
        ('sessionInsights { dailySummary(date: "0001-01-01") { text } }', None),
        ('sessionInsights { dailySummary(date: "9999-12-31") { text } }', "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_is_refused(services: Services, asked: str, code: str | None) -> None:
    answer = await (await make_asker(services)).ask(f"{{ {asked} }}")
    assert [error["extensions"]["code"] for error in answer.get("errors", [])] == ([code] if code else [])


@pytest.mark.parametrize("day", ["2026-3-2", "2026-02-30", "20260302", ""])
async def test_a_date_is_a_date(services: Services, day: str) -> None:
    answer = await (await make_asker(services)).ask(
        f'{{ sessionInsights {{ dailySummary(date: "{day}") {{ text }} }} }}'
    )
    assert "such as 2026-03-02" in answer["errors"][0]["message"]


async def test_a_day_is_cut_in_the_zone_asked_for_and_written_in_the_language(services: Services) -> None:
    ada = await make_asker(services)
    await worked(services, ada, repair(15.5 * 60))  # 00:30 in UTC of the next day
    query = """query ($zone: String, $language: Language) { sessionInsights(timeZone: $zone, language: $language) {
      dailySummary(date: "2026-03-03") { date from text language prismScore costUsd sessions { rawId }
        highlights { kind value reason title session { rawId } subSession { rawId } summary { text } } } } }"""
    found = (await ada.data(query, zone="America/New_York", language="FR"))["sessionInsights"]["dailySummary"]
    assert (found["text"], found["from"], found["language"]) == (None, "2026-03-03T05:00:00.000Z", "FR")
    found = (await ada.data(query, zone="Asia/Tokyo"))["sessionInsights"]["dailySummary"]
    assert found["text"].startswith("1 session began.")
    assert (found["prismScore"], len(found["sessions"])) == (100.0, 1)
    assert {one["kind"] for one in found["highlights"]} >= {"BEST_SCORE", "FASTEST_CRUSH"}
    assert all(one["session"]["rawId"] for one in found["highlights"])


async def test_many_days_and_lists_in_one_request_cost_what_each_costs(services: Services) -> None:
    """Sessions of a day are read together, however many there are."""
    counts: list[int] = []
    for n in (1, 4):
        ada = await make_asker(services)
        await worked(services, ada, *(repair(20 * one) for one in range(n)))
        query = f"""{{ sessionInsights({THAT_YEAR}) {{ dailySummary(date: "2026-03-02") {{ sessions {{ rawId }}
          sessions {{ summary {{ text }} }} highlights {{ session {{ rawId }} subSession {{ rawId }} }} }} }} }}"""
        with statements() as seen:
            assert len((await ada.data(query))["sessionInsights"]["dailySummary"]["sessions"]) == n
        counts.append(len(seen))
    assert counts[0] == counts[1]
