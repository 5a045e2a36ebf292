"""The pillars of a score, their series and the arcs behind them: older clients are told the same by REST."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.judging.records import FlagKind
from domain.values import JsonValue
from tests.make import time
from tests.rest_compat.house import House
from tests.rest_compat.weeks import DAY, WEEK, crushed, excluded, flagged, graded, missed
from tests.test_faces_agree import Faces, at_work, camel, house, lower, ms

__all__ = ["house"]
SCORE = "/v1/score_v3"
DASHBOARD = """query ($window: ScoreWindow!) { score(window: $window) {
  speed { cspw deltaCspw ttcMedianSeconds sparkline }
  tokens { crushWeight tet tpt medianCostPerCrushUsd sparkline breakdown { input output cacheRead cacheWrite } }
  skill { apg deltaApg worstPillar perBoolean {
    goalExplicit scopeBounded referencesConcrete contextSufficient verificationRequested rootCauseOriented planFirst
  } }
  verdicts { totalCount gradedCount averageLetterGrade
    byIntent { intent count } byGrade { letterGrade count } byJudgeStatus { judgeStatus count } }
  integrity { byKind { kind count } }
  excluded: subSessions(which: TRIVIA, first: 100) { nodes { rawId exclusionReason title summary startedAt } }
  counted: subSessions(which: QUALIFYING, first: 100) { nodes { rawId crushed goalComplete letterGrade } }
} }"""


@pytest.fixture
async def both(house: House) -> Faces:
    """A morning of work of every sort, and weeks before it that differ in every figure."""
    ada, both = await at_work(house)
    priced = crushed("priced", 20, 900)
    await ada.has(
        replace(priced, measures=replace(priced.measures, cost_usd=Decimal("1.25"))),
        *(flagged(crushed(f"flagged {n}", 30 + n, 700), FlagKind.AUTO_RETRY_STORM) for n in range(3)),
        flagged(missed("both", 40, 50), *FlagKind),
        graded("poor", "D", 25, 50, plan_first=False, verification_requested=None),
        *(excluded(f"excluded {n}", 60 + n) for n in range(2)),
        *(crushed(f"week before {n}", n - WEEK, 1_500, 900) for n in range(4)),
        graded("month before", "A", 92, -5 * WEEK, plan_first=False),
        flagged(missed("day before", 30 - DAY, 20), FlagKind.TINY_PROMPT_BURST),
    )
    return both


def named(body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Members as the graph names them."""
    return {camel(name): named(value) if isinstance(value, dict) else value for name, value in body.items()}


def lowered(counts: Sequence[Mapping[str, JsonValue]], name: str, theirs: str | None = None) -> list[JsonValue]:
    """Counts of the graph as the older system names and writes them."""
    return [{theirs or name: lower(one[name]), "count": one["count"]} for one in counts]


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
async def test_dashboards(both: Faces, window: str) -> None:
    shown = (await both.graph(DASHBOARD, window=window.upper()))["score"]

    async def told(path: str) -> dict[str, JsonValue]:
        body = await both.rest("GET", f"{SCORE}/{path}", window=window)
        assert body.pop("window", window) == window
        return body

    assert named(await told("speed")) == shown["speed"]
    shown["tokens"]["cpcsEstimate"] = shown["tokens"].pop("medianCostPerCrushUsd")
    assert named(await told("tokens")) == shown["tokens"]
    assert shown["tokens"]["cpcsEstimate"] == 1.25
    shown["skill"]["worstPillar"] = lower(shown["skill"]["worstPillar"])
    assert named(await told("skill")) == shown["skill"]
    assert (await told("integrity"))["by_kind"] == lowered(shown["integrity"]["byKind"], "kind")
    assert len(shown["integrity"]["byKind"]) == 5


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
async def test_grades(both: Faces, window: str) -> None:
    told = await both.rest("GET", f"{SCORE}/insight/summary", window=window)
    score = (await both.graph(DASHBOARD, window=window.upper()))["score"]
    shown = score["verdicts"]
    assert (told["total"], told["graded"]) == (shown["totalCount"], shown["gradedCount"])
    assert (told["letter_grade"], told["apg"]) == (shown["averageLetterGrade"], score["skill"]["apg"])
    assert told["by_intent"] == lowered(shown["byIntent"], "intent", "intent_class")
    assert told["by_judge_status"] == lowered(shown["byJudgeStatus"], "judgeStatus", "judge_status")
    assert told["by_grade"] == [{"letter_grade": one["letterGrade"], "count": one["count"]} for one in shown["byGrade"]]


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
async def test_arcs_behind_figures(both: Faces, window: str) -> None:
    shown = (await both.graph(DASHBOARD, window=window.upper()))["score"]
    trivia = await both.rest("GET", f"{SCORE}/trivia", window=window)
    assert [
        (one["score_v3_sub_session_id"], one["reason"], one["title"], one["summary"], ms(one["created_at"]))
        for one in trivia
    ] == [
        (one["rawId"], lower(one["exclusionReason"]), one["title"], one["summary"], one["startedAt"])
        for one in shown["excluded"]["nodes"]
    ]
    counted = await both.rest("GET", f"{SCORE}/speed/sessions", window=window)
    assert len(counted) >= 6
    assert [
        (one["score_v3_sub_session_id"], one["crushed"], one["goal_complete"], one["letter_grade"]) for one in counted
    ] == [(one["rawId"], one["crushed"], one["goalComplete"], one["letterGrade"]) for one in shown["counted"]["nodes"]]


async def test_graded_arcs(both: Faces) -> None:
    query = "{ subSessions(first: 100, filter: {pastFloor: true}) { nodes { rawId judgeStatus } } }"
    shown = (await both.graph(query))["subSessions"]["nodes"]
    told = await both.rest("GET", f"{SCORE}/insight/sessions", limit=100)
    assert [(one["score_v3_sub_session_id"], one["judge_status"]) for one in told] == [
        (one["rawId"], lower(one["judgeStatus"])) for one in shown
    ]


TRENDS = """query ($period: TrendPeriod!, $within: TimeRangeInput) { trends(period: $period, within: $within) {
  tokens { from crushWeight tet tpt breakdown { input output cacheRead cacheWrite } }
  trivia { from totalCount } integrity { from totalCount byKind { kind count } } } }"""


@pytest.mark.parametrize("period", ["day", "week", "month"])
async def test_series(both: Faces, period: str) -> None:
    start = "2026-01-05T05:00:00.000Z" if period == "week" else "2026-02-01T05:00:00.000Z"
    span = {"from": start, "to": (time(0) + timedelta(days=3)).isoformat()}
    shown = (await both.graph(TRENDS, period=period.upper(), within=span))["trends"]

    async def told(pillar: str) -> list[dict[str, JsonValue]]:
        points = (await both.rest("GET", f"{SCORE}/{pillar}/trend", period=period, **span))["points"]
        return [{**point, "period_start": ms(point["period_start"])} for point in points]

    tokens = [
        {"periodStart": one.pop("from"), **one.pop("breakdown"), **one}
        for one in map(dict[str, JsonValue], shown["tokens"])
    ]
    assert [named(point) for point in await told("tokens")] == tokens
    assert any(point["crushWeight"] for point in tokens)
    assert await told("trivia") == [
        {"period_start": one["from"], "total": one["totalCount"]} for one in shown["trivia"]
    ]
    assert await told("integrity") == [
        {"period_start": one["from"], "total": one["totalCount"], "by_kind": lowered(one["byKind"], "kind")}
        for one in shown["integrity"]
    ]
