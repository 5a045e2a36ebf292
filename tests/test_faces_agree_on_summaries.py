"""Sessions summed up: what older clients read is what the graph shows to a key that reads the organisation."""

from decimal import Decimal

import pytest

from domain.judging.records import FlagKind
from domain.timeline import Tokens
from domain.values import JsonValue
from tests.history import bug_fix, ended, recorded
from tests.make import prompt, response, sub_session, time
from tests.rest_compat.house import House
from tests.rest_compat.weeks import flagged
from tests.test_faces_agree import Faces, faces, house, lower, ms

__all__ = ["house"]
ROOT = "/v1/insights"
SPAN = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
ASKED = f'within: {{from: "{SPAN["from"]}", to: "{SPAN["to"]}"}}'
SUMMARY = """session { rawId developer { email } } title text goal outcome type startedAt endedAt language
  path { subSession { rawId } title intent ending turnCount } keyTurns { turnIndex role at }"""
HIGHLIGHT = """kind value title reason startedAt session { rawId } subSession { rawId } gradePoints
  summary { text }"""


@pytest.fixture
async def both(house: House) -> Faces:
    """Two repairs, one of them dear and found fault with, and a flag; asked by who reads the organisation."""
    ada = await house.developer(time_zone="America/New_York", admin=True)
    spent = response("Done.", 25, model="opus", tokens=Tokens(900, 60, 30, 10), cost_usd=Decimal("0.42"))
    objection = prompt("it still fails: 0.135 gives 0.13", 9)
    one = recorded(*bug_fix(0)[:-1], objection, *bug_fix(20), spent, ended(30))
    await ada.worked(one, recorded(*bug_fix(60, "shop/tax.py"), ended(80)))
    await ada.has(flagged(sub_session("odd", session_id=one.id, started_at=time(40)), FlagKind.AUTO_RETRY_STORM))
    return faces(house.services, ada.key.secret)


def summary_row(told: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        "session_id": told["session"]["rawId"],
        "title": told["title"],
        "summary": told["text"],
        "goal": told["goal"],
        "outcome": lower(told["outcome"]),
        "session_type": lower(told["type"]),
        "started_at": ms(told["startedAt"]),
        "ended_at": ms(told["endedAt"]),
        "language": told["language"].lower(),
        "path": [
            {
                "sub_session_id": step["subSession"]["rawId"],
                "title": step["title"],
                "intent_class": lower(step["intent"]),
                "ending": lower(step["ending"]),
                "turn_count": step["turnCount"],
            }
            for step in told["path"]
        ],
        "key_turns": [
            {"turn_index": turn["turnIndex"], "role": lower(turn["role"]), "at": ms(turn["at"])}
            for turn in told["keyTurns"]
        ],
    }


def of_rest(row: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Times as the graph writes them; whose it is and when it was written is asked otherwise."""
    kept = {name: value for name, value in row.items() if name not in {"user_id", "created_at", "updated_at"}}
    turns = [{**turn, "at": ms(turn["at"])} for turn in row["key_turns"]]
    return {**kept, "key_turns": turns, **{name: ms(row[name]) for name in ("started_at", "ended_at")}}


async def test_summaries(both: Faces) -> None:
    rows = (await both.rest("GET", f"{ROOT}/sessions/summaries", **SPAN))["summaries"]
    shown = (await both.graph(f"{{ sessionInsights({ASKED}) {{ summaries {{ nodes {{ {SUMMARY} }} }} }} }}"))[
        "sessionInsights"
    ]
    assert [of_rest(row) for row in rows] == [summary_row(told) for told in shown["summaries"]["nodes"]]
    assert len(rows) == 2
    for row in rows:
        one = await both.rest("GET", f"{ROOT}/sessions/summary", session_id=row["session_id"])
        own = await both.graph(
            f"query ($id: ID!) {{ session(id: $id) {{ summary {{ {SUMMARY} }} }} }}", id=row["session_id"]
        )
        assert one == row
        assert summary_row(own["session"]["summary"]) == of_rest(row)


async def test_stats(both: Faces) -> None:
    rows = (await both.rest("GET", f"{ROOT}/sessions/stats", **SPAN))["stats"]
    query = """intent sessionCount share subSessionCount crushedCount crushRate turnCount averageTurns tokenCount
      costUsd unpricedCount averageDurationMs"""
    shown = (await both.graph(f"{{ sessionInsights({ASKED}) {{ sessionStats {{ {query} }} }} }}"))["sessionInsights"][
        "sessionStats"
    ]
    assert rows == [
        {
            "session_type": lower(stat["intent"]) or "unknown",
            "session_count": stat["sessionCount"],
            "share": stat["share"],
            "sub_session_count": stat["subSessionCount"],
            "crushed_count": stat["crushedCount"],
            "crush_rate": stat["crushRate"],
            "total_turns": stat["turnCount"],
            "avg_turns": stat["averageTurns"],
            "total_tokens": stat["tokenCount"],
            "total_cost_usd": stat["costUsd"],
            "unpriced_session_count": stat["unpricedCount"],
            "avg_duration_seconds": stat["averageDurationMs"] / 1000,
        }
        for stat in shown
    ]


def highlight_row(told: dict[str, JsonValue]) -> dict[str, JsonValue]:
    arc, summary = told["subSession"], told["summary"]
    return {
        "session_id": told["session"]["rawId"],
        "sub_session_id": arc and arc["rawId"],
        "highlight": lower(told["kind"]),
        "title": told["title"],
        "reason": told["reason"],
        "summary": summary and summary["text"],
        "value": told["value"],
        "score": told["gradePoints"],
        "started_at": ms(told["startedAt"]),
    }


def highlight_of_rest(row: dict[str, JsonValue]) -> dict[str, JsonValue]:
    kept = {name: value for name, value in row.items() if name not in {"user_id", "kind"}}
    return {**kept, "started_at": ms(row["started_at"])}


async def test_highlights_and_days(both: Faces) -> None:
    told = await both.rest("GET", f"{ROOT}/sessions/highlights", **SPAN)
    query = f"winRate winSessionCount sessionCount items {{ {HIGHLIGHT} }}"
    shown = (await both.graph(f"{{ sessionInsights({ASKED}) {{ highlights {{ {query} }} }} }}"))["sessionInsights"][
        "highlights"
    ]
    assert [highlight_of_rest(row) for row in told["highlights"]] == [highlight_row(one) for one in shown["items"]]
    figures = [told[name] for name in ("win_rate", "total_win_sessions", "total_sessions")]
    assert figures == [shown[name] for name in ("winRate", "winSessionCount", "sessionCount")]
    day = await both.rest("GET", f"{ROOT}/daily-summary", date="2026-03-02")
    names = {
        "date": "date", "session_count": "sessionCount", "sub_session_count": "subSessionCount",
        "qualifying_count": "qualifyingCount", "crushed_count": "crushedCount", "prism_score": "prismScore",
        "total_tokens": "tokenCount", "total_cost_usd": "costUsd", "unpriced_session_count": "unpricedCount",
        "summary": "text",
    }  # fmt: skip
    query = f"{' '.join(names.values())} sessions {{ rawId }} highlights {{ {HIGHLIGHT} }}"
    own = (await both.graph(f'{{ sessionInsights {{ dailySummary(date: "2026-03-02") {{ {query} }} }} }}'))[
        "sessionInsights"
    ]
    assert {name: day[name] for name in names} == {name: own["dailySummary"][shown] for name, shown in names.items()}
    assert [one["session_id"] for one in day["sessions"]] == [one["rawId"] for one in own["dailySummary"]["sessions"]]
    rows = [highlight_of_rest(row) for row in day["highlights"]]
    assert rows == [highlight_row(one) for one in own["dailySummary"]["highlights"]]


async def test_details(both: Faces) -> None:
    [*_, row] = (await both.rest("GET", f"{ROOT}/sessions/summaries", **SPAN))["summaries"]
    told = await both.rest("GET", f"{ROOT}/sessions/details", session_id=row["session_id"])
    query = """query ($id: ID!) { session(id: $id) { details { turns { turnIndex startedAt elapsedMs model
      tokens { input output cacheRead cacheWrite } costUsd toolCallCount toolErrorCount tools { name callCount } files
      linesAdded linesRemoved } tools { name callCount errorCount mutatingCount durationMs }
      scores { prismScore crushWeight apg crushedCount totalCount } } } }"""
    shown = (await both.graph(query, id=row["session_id"]))["session"]["details"]
    assert [{**turn, "started_at": ms(turn["started_at"])} for turn in told["turns"]] == [
        {
            "turn_index": turn["turnIndex"],
            "started_at": ms(turn["startedAt"]),
            "duration_ms": turn["elapsedMs"],
            "model": turn["model"],
            "input_tokens": turn["tokens"]["input"],
            "output_tokens": turn["tokens"]["output"],
            "cache_read_tokens": turn["tokens"]["cacheRead"],
            "cache_write_tokens": turn["tokens"]["cacheWrite"],
            "cost_usd": turn["costUsd"],
            "tool_calls": turn["toolCallCount"],
            "errors": turn["toolErrorCount"],
            "tools": [{"tool": tool["name"], "calls": tool["callCount"]} for tool in turn["tools"]],
            "files": turn["files"],
            "lines_added": turn["linesAdded"],
            "lines_removed": turn["linesRemoved"],
        }
        for turn in shown["turns"]
    ]
    assert told["tool_activity"] == [
        {
            "tool": tool["name"],
            "calls": tool["callCount"],
            "errors": tool["errorCount"],
            "mutating_calls": tool["mutatingCount"],
            "total_duration_ms": tool["durationMs"],
        }
        for tool in shown["tools"]
    ]
    names = ("prismScore", "crushWeight", "apg", "crushedCount", "totalCount")
    assert list(told["scores"].values()) == [shown["scores"][name] for name in names]
