"""A dashboard from one request: the score of a window with all its pillars."""

from datetime import timedelta

import pytest

import resolvers.pillars
import resolvers.scoreboards
from domain.access import KeyKind
from domain.judging.arcs import RULESET_VERSION
from domain.scores.board import Board
from domain.values import JsonObject
from resolvers.context import Services
from schema import nodes
from tests.history import LATER
from tests.schema.asking import Asker, make_asker, socket
from tests.schema.scored import crushed, day_of_work, has, missed
from tests.schema.test_sql_counts import statements

DASHBOARD = """query ($window: ScoreWindow! = WEEKLY, $zone: String, $developer: ID, $aligned: Boolean! = false) {
  score(window: $window, timeZone: $zone, developer: $developer, dayAligned: $aligned) { ...Everything }
}
fragment Everything on Score {
  window from to timeZone asOf comparedWith { from to } rulesetVersion developer { rawId }
  prismScore letterGrade personalTier crushedCount totalCount pendingCount crushWeight interval { low high } tooFew
  sparkline
  speed { cspw deltaCspw crushedCount workingDayCount ttcMedianSeconds timedCount band sparkline }
  tokens {
    crushWeight medianTokensPerCrush tet tpt tokensPerTurn medianCostPerCrushUsd
    totalCount crushedCount pricedCount turnCount lowerBoundCount
    breakdown { input output cacheRead cacheWrite total } band sparkline
  }
  skill {
    apg deltaApg gradedCount worstPillar band
    perBoolean {
      goalExplicit scopeBounded referencesConcrete contextSufficient verificationRequested rootCauseOriented planFirst
    }
    habits { habit share shownCount applicableCount } pillars { pillar share shownCount applicableCount }
  }
  verdicts {
    totalCount gradedCount averageLetterGrade
    byIntent { intent count } byGrade { letterGrade count } byJudgeStatus { judgeStatus count }
  }
  integrity { totalCount band byKind { kind count } }
  trivia { totalCount exclusionRate band byReason { reason count } }
}"""

TODAY = LATER - timedelta(hours=3)
"""A Tuesday, at six."""


async def dashboard(asker: Asker, **variables: object) -> JsonObject:
    return (await asker.data(DASHBOARD, **variables))["score"]


async def test_a_week_is_told_whole(ada: Asker) -> None:
    before = TODAY - timedelta(days=7)
    await has(ada.ctx, *day_of_work(TODAY), crushed(before, 40_000), missed(before + timedelta(hours=1)))
    shown = await dashboard(ada)
    assert (shown["prismScore"], shown["crushedCount"], shown["totalCount"], shown["pendingCount"]) == (75.0, 3, 4, 1)
    assert shown["speed"] == {
        "cspw": 1.5,
        "deltaCspw": 1.3,
        "crushedCount": 3,
        "workingDayCount": 2,
        "ttcMedianSeconds": 1200.0,
        "timedCount": 3,
        "band": "STEADY",
        "sparkline": [0, 0, 0.2, 1.5],
    }
    assert shown["tokens"] == {
        "crushWeight": 0.86,
        "medianTokensPerCrush": 20_000,
        "tet": 0.5,
        "tpt": 10_500,
        "tokensPerTurn": 2625,
        "medianCostPerCrushUsd": 1.5,
        "totalCount": 4,
        "crushedCount": 3,
        "pricedCount": 2,
        "turnCount": 16,
        "lowerBoundCount": 0,
        "breakdown": {"input": 35_000, "output": 7_000, "cacheRead": 14_000, "cacheWrite": 14_000, "total": 70_000},
        "band": "HEALTHY",
        "sparkline": [None, None, 0.8, 0.86],
    }


async def test_prompts_and_what_was_left_out_are_counted(ada: Asker) -> None:
    await has(ada.ctx, *day_of_work(TODAY))
    shown = await dashboard(ada)
    skill = shown["skill"]
    assert (skill["apg"], skill["deltaApg"], skill["gradedCount"], skill["band"]) == (0.68, None, 4, "FAIR")
    assert (skill["worstPillar"], skill["perBoolean"]["verificationRequested"]) == ("VERIFICATION_REQUESTED", 0.75)
    by_habit = {one["habit"]: one for one in skill["habits"]}
    assert by_habit["PLAN_FIRST"] == {"habit": "PLAN_FIRST", "share": 1, "shownCount": 3, "applicableCount": 3}
    assert [one["pillar"] for one in skill["pillars"]] == ["CLARITY", "CONTEXT", "VERIFICATION", "WORKFLOW"]
    assert shown["verdicts"] == {
        "totalCount": 6,
        "gradedCount": 4,
        "averageLetterGrade": "B-",
        "byIntent": [
            {"intent": "BUG_FIX", "count": 3},
            {"intent": "FEATURE", "count": 1},
            {"intent": None, "count": 2},
        ],
        "byGrade": [{"letterGrade": "B", "count": 3}, {"letterGrade": "C", "count": 1}],
        "byJudgeStatus": [
            {"judgeStatus": "OK", "count": 4},
            {"judgeStatus": "ERROR", "count": 1},
            {"judgeStatus": "PENDING", "count": 1},
        ],
    }
    kinds = [{"kind": "TINY_PROMPT_BURST", "count": 2}, {"kind": "AUTO_RETRY_STORM", "count": 1}]
    assert shown["integrity"] == {"totalCount": 3, "band": "WEAK", "byKind": kinds}
    assert (shown["trivia"]["totalCount"], shown["trivia"]["exclusionRate"], shown["trivia"]["band"]) == (
        4,
        0.5,
        "ELEVATED",
    )
    assert {one["reason"]: one["count"] for one in shown["trivia"]["byReason"]} == {
        "TOO_FEW_TURNS": 2,
        "NO_REAL_WORK": 1,
        "OTHER": 1,
    }


async def test_shares_by_name_are_those_of_the_list(ada: Asker) -> None:
    await has(ada.ctx, *day_of_work(TODAY))
    skill = (await dashboard(ada))["skill"]
    named = {camel(one["habit"]): one["share"] for one in skill["habits"]}
    assert skill["perBoolean"] == named
    assert len(named) == 7


def camel(habit: str) -> str:
    first, *rest = habit.lower().split("_")
    return first + "".join(word.title() for word in rest)


@pytest.mark.parametrize("zone", [None, "Asia/Kathmandu"])
async def test_nothing_is_null_or_none_and_never_a_mistake(ada: Asker, zone: str | None) -> None:
    shown = await dashboard(ada, zone=zone)
    assert (shown["prismScore"], shown["interval"], shown["tooFew"]) == (None, None, True)
    assert (shown["speed"]["cspw"], shown["speed"]["deltaCspw"], shown["speed"]["band"]) == (0, None, "STALLED")
    nothing = ("crushWeight", "medianTokensPerCrush", "tet", "tpt", "tokensPerTurn", "medianCostPerCrushUsd", "band")
    assert [shown["tokens"][name] for name in nothing] == [None] * len(nothing)
    assert shown["tokens"]["breakdown"]["total"] == 0
    assert set(shown["skill"]["perBoolean"].values()) == {None}
    assert (shown["skill"]["apg"], shown["skill"]["worstPillar"], shown["skill"]["band"]) == (None, None, None)
    assert shown["verdicts"]["byIntent"] == shown["integrity"]["byKind"] == shown["trivia"]["byReason"] == []
    assert shown["integrity"]["band"] == "CLEAN"


async def test_it_says_when_and_by_which_rules_it_was_worked_out(ada: Asker) -> None:
    shown = await dashboard(ada, window="DAILY", zone="Europe/Berlin")
    assert (shown["asOf"], shown["rulesetVersion"]) == ("2027-03-02T09:00:00.000Z", RULESET_VERSION)
    assert (shown["from"], shown["to"]) == ("2027-03-01T23:00:00.000Z", "2027-03-02T23:00:00.000Z")
    assert shown["comparedWith"] == {"from": "2027-02-28T23:00:00.000Z", "to": "2027-03-01T23:00:00.000Z"}
    assert shown["developer"]["rawId"] == str(ada.ctx.caller.user_id)


async def test_a_fair_comparison_takes_the_same_part_of_the_window_before(ada: Asker) -> None:
    early, late = TODAY - timedelta(days=7), TODAY - timedelta(days=5)
    await has(ada.ctx, crushed(TODAY, 10_000), crushed(early, 20_000), crushed(late, 40_000))
    plain, aligned = await dashboard(ada), await dashboard(ada, aligned=True)
    assert plain["comparedWith"] == {"from": "2027-02-22T00:00:00.000Z", "to": "2027-03-01T00:00:00.000Z"}
    assert aligned["comparedWith"] == {"from": "2027-02-22T00:00:00.000Z", "to": "2027-02-23T09:00:00.000Z"}
    assert (plain["tokens"]["tet"], aligned["tokens"]["tet"]) == (0.33, 0.5)
    assert (plain["speed"]["deltaCspw"], aligned["speed"]["deltaCspw"]) == (0.1, 0)
    assert plain["speed"]["sparkline"] == aligned["speed"]["sparkline"]


@pytest.mark.parametrize("window", ["DAILY", "WEEKLY", "MONTHLY"])
@pytest.mark.parametrize("zone", [None, "Asia/Kathmandu"])
async def test_the_pillars_tell_of_the_same_arcs_as_the_headline(ada: Asker, window: str, zone: str | None) -> None:
    moments = [TODAY - timedelta(hours=hours) for hours in (0, 7, 30, 200, 800)]
    await has(ada.ctx, *(arc for at in moments for arc in day_of_work(at)))
    shown = await dashboard(ada, window=window, zone=zone)
    assert shown["totalCount"] == shown["tokens"]["totalCount"] >= 4
    assert shown["crushedCount"] == shown["tokens"]["crushedCount"] == shown["speed"]["crushedCount"]
    assert shown["crushWeight"] == shown["tokens"]["crushWeight"] == shown["tokens"]["sparkline"][-1]
    assert shown["speed"]["cspw"] == shown["speed"]["sparkline"][-1]


async def test_pillars_cost_nothing_unless_asked_for(ada: Asker) -> None:
    with statements() as seen:
        await ada.data("{ score { prismScore sparkline asOf rulesetVersion comparedWith { to } } }")
    [sums] = [one for one in seen if "score_days" in one]
    assert "day.totals" not in sums


@pytest.mark.parametrize(
    "asked",
    [
        "speed { cspw }",
        "... { trivia { totalCount } }",
        "...Some } } fragment More on Score { skill { apg } } fragment Some on Score { ... on Score { ...More",
    ],
)
async def test_pillars_and_headline_are_of_one_reading(ada: Asker, asked: str) -> None:
    with statements() as seen:
        await ada.data(f"{{ score {{ prismScore {asked} }} }}")
    assert sum("score_days" in one for one in seen) == 1


async def test_another_developer_is_out_of_sight_with_all_pillars(ada: Asker, eve: Asker, judged: Services) -> None:
    await has(ada.ctx, *day_of_work(TODAY))
    hers = nodes.encode("Developer", ada.ctx.caller.user_id)
    colleague = await make_asker(judged, ada.slug)
    for stranger in (eve, colleague):
        assert await stranger.code(DASHBOARD, developer=hers) == "NOT_FOUND"
        own = await dashboard(stranger)
        assert (own["totalCount"], own["tokens"]["breakdown"]["total"], own["trivia"]["totalCount"]) == (0, 0, 0)
    lead = await make_asker(judged, ada.slug, KeyKind.SERVICE)
    assert await dashboard(lead, developer=hers) == await dashboard(ada)
    blind = await make_asker(judged, ada.slug, scopes=("sessions:read",))
    assert await blind.code("{ score { speed { cspw } } }") == "FORBIDDEN"


async def test_a_change_of_score_tells_the_pillars_too(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaders remember nothing here; the totals are read once for all pillars nevertheless."""
    readings: list[object] = []

    async def board_of(*asked: object) -> Board:
        readings.append(asked)
        return await resolvers.pillars.board_of(*asked)

    monkeypatch.setattr(resolvers.scoreboards, "board_of", board_of)
    document = "subscription { scoreChanged(window: WEEKLY) { score { ...Everything } } }"
    fragment = DASHBOARD[DASHBOARD.index("fragment") :]
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.subscribe(f"{document} {fragment}")
        assert (await ws.next())["scoreChanged"]["score"]["tokens"]["crushedCount"] == 0
        await has(ada.ctx, *day_of_work(TODAY))
        told = (await ws.next())["scoreChanged"]["score"]
    assert len(readings) == 2, "for what the stream began with, and for the change"
    assert told == await dashboard(ada)
