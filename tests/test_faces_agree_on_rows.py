"""The rows behind a score: what older clients read of an arc, its prompts and its flags is what the graph shows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest

from domain.judging.records import Flag, FlagKind, SubSession
from domain.values import JsonValue
from tests.history import bug_fix, clear, ended, recorded
from tests.make import prompt, response, sub_session
from tests.rest_compat.house import House
from tests.rest_compat.weeks import excluded, graded, missed
from tests.test_faces_agree import Faces, faces, house, lower, ms

__all__ = ["house"]
SCORE = "/v1/score_v3"
ARC = """rawId session { rawId } title summary titleSource startedAt endedAt firstPromptAt closeReason
  measures { turnCount netLineCount } tokens { total } intent intentConfidence letterGrade judgeStatus
  substanceFloorPassed goalComplete crushed rework { kind }
  habits { habit shown applicable } verdict { goalCompletedAt judgeVersion
    evidence { part criterion quote events { rawId } } }"""
WEEK = {"from": "2026-03-02T05:00:00Z", "to": "2026-03-09T04:00:00Z"}


@pytest.fixture
async def both(house: House) -> Faces:
    """Two repairs with their evidence, and a question with a command behind it."""
    ada = await house.developer(time_zone="America/New_York")
    question = prompt("Why is the sum of totals wrong in shop/totals.py? It should be 3, but is 4.", 100)
    await ada.worked(
        recorded(*bug_fix(0), clear(20), *bug_fix(60, "shop/tax.py"), ended(80)),
        recorded(question, response("Because a coupon counts twice.", 101), prompt("/cost", 102), ended(103)),
    )
    return faces(house.services, ada.key.secret)


def labels(arc: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What every row of an arc begins with."""
    return {
        "score_v3_sub_session_id": arc["rawId"],
        "title": arc["title"],
        "summary": arc["summary"],
        "title_source": lower(arc["titleSource"]),
        "intent_class": lower(arc["intent"]),
        "letter_grade": arc["letterGrade"],
        "confidence": arc["intentConfidence"],
        "judge_status": lower(arc["judgeStatus"]),
        "goal_complete": arc["goalComplete"],
        "rework": arc["rework"] is not None,
    }


def seconds(arc: Mapping[str, JsonValue], since: str, until: JsonValue) -> float | None:
    return None if until is None else (_time(until) - _time(arc[since])).total_seconds()


def _time(text: JsonValue) -> datetime:
    assert isinstance(text, str)
    return datetime.fromisoformat(text)


def as_counted(arc: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return labels(arc) | {
        "claude_session_id": arc["session"]["rawId"],
        "started_at": arc["startedAt"],
        "ended_at": arc["endedAt"],
        "duration_seconds": seconds(arc, "startedAt", arc["endedAt"]),
        "close_reason": lower(arc["closeReason"]),
        "turn_count": arc["measures"]["turnCount"],
        "net_loc": arc["measures"]["netLineCount"],
        "total_tokens": arc["tokens"]["total"],
        "substance_floor_passed": arc["substanceFloorPassed"],
        "crushed": arc["crushed"],
        "time_to_crush_seconds": seconds(
            arc, "firstPromptAt", arc["verdict"]["goalCompletedAt"] if arc["crushed"] else None
        ),
    }


def as_graded(arc: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    evidence = [one for one in arc["verdict"]["evidence"] if one["part"] == "RUBRIC"]
    return labels(arc) | {
        **{lower(one["habit"]): one["shown"] for one in arc["habits"]},
        "applicability": {lower(one["habit"]): one["applicable"] for one in arc["habits"]},
        "created_at": arc["startedAt"],
        "judge_version": arc["verdict"]["judgeVersion"],
        "evidence": [
            {"habit": one["criterion"], "event_ids": [event["rawId"] for event in one["events"]], "quote": one["quote"]}
            for one in evidence
        ],
    }


async def test_counted_arcs(both: Faces) -> None:
    told = await both.rest("GET", f"{SCORE}/speed/sessions", window="weekly")
    shown = (await both.graph(f"{{ score {{ subSessions {{ nodes {{ {ARC} }} }} }} }}"))["score"]["subSessions"][
        "nodes"
    ]
    times = [row | {"started_at": ms(row["started_at"]), "ended_at": ms(row["ended_at"])} for row in told]
    assert times == [as_counted(arc) for arc in shown]
    assert any(row["time_to_crush_seconds"] for row in told)


async def test_graded_arcs(both: Faces) -> None:
    wanted = "filter: {pastFloor: true, startedAt: $within}"
    query = f"query ($within: TimeRangeInput) {{ subSessions({wanted}) {{ nodes {{ {ARC} }} }} }}"
    shown = [as_graded(arc) for arc in (await both.graph(query, within=WEEK))["subSessions"]["nodes"]]
    for path, asked in (("sessions", {}), ("sessions_range", WEEK)):
        told = await both.rest("GET", f"{SCORE}/insight/{path}", **asked)
        assert [row | {"created_at": ms(row["created_at"])} for row in told] == shown
    assert any(row["evidence"] for row in shown)


async def test_prompts(both: Faces) -> None:
    query = "{ subSessions { nodes { rawId prompts { ts text event { rawId } } } } }"
    arcs = (await both.graph(query))["subSessions"]["nodes"]
    for arc in arcs:
        told = await both.rest("GET", f"{SCORE}/sessions/{arc['rawId']}/prompts")
        assert [(row["prompt_id"], row["prompt_text"], ms(row["captured_at"])) for row in told] == [
            (one["event"]["rawId"], one["text"], one["ts"]) for one in arc["prompts"]
        ]
    assert sum(len(arc["prompts"]) for arc in arcs) >= 4


def _flagged(arc: SubSession, n: int) -> SubSession:
    kind, severity = list(FlagKind)[n], ("info", "warn")[n % 2]
    return replace(arc, flags=(Flag(uuid4(), kind, arc.id, arc.started_at, severity, f"why {n}"),))


async def test_flags(house: House) -> None:
    ada = await house.developer()
    arcs = [missed("a", 0), excluded("b", 10), graded("c", "A", 90, 20)]
    await ada.has(*(_flagged(arc, n) for n, arc in enumerate(arcs)))
    both = faces(house.services, ada.key.secret)
    told = await both.rest("GET", f"{SCORE}/integrity/recent", **{"from": WEEK["from"]})
    query = (
        "{ subSessions(filter: {flagged: true}) { nodes { rawId title flags { kind severity detail createdAt } } } }"
    )
    shown = (await both.graph(query))["subSessions"]["nodes"]
    names = ("score_v3_sub_session_id", "title", "kind", "severity", "detail")
    assert [(*(row[name] for name in names), ms(row["created_at"])) for row in told] == [
        (arc["rawId"], arc["title"], lower(flag["kind"]), lower(flag["severity"]), flag["detail"], flag["createdAt"])
        for arc in shown
        for flag in arc["flags"]
    ]
    assert len(told) == 3


async def test_which_score_to_show(house: House) -> None:
    both = faces(house.services, (await house.developer()).key.secret)
    for pref in ("v2", "v3", None):
        await both.rest("PUT", f"{SCORE}/toggle", {"pref": pref})
        shown = (await both.graph("{ viewer { scoreVersion { preferred } } }"))["viewer"]["scoreVersion"]
        assert await both.rest("GET", f"{SCORE}/toggle") == {"pref": lower(shown["preferred"])} == {"pref": pref}


async def test_backfills(house: House) -> None:
    boss = await house.developer(admin=True)
    await boss.has(missed("old"), sub_session("new"), excluded("none"))
    both = faces(house.services, boss.key.secret)
    told = await both.rest("POST", f"{SCORE}/insight/backfill", WEEK)
    query = "{ backfills { nodes { from to arcCount skippedCount } } }"
    [shown] = (await both.graph(query))["backfills"]["nodes"]
    assert {name: ms(told[name]) for name in ("from", "to")} == {name: shown[name] for name in ("from", "to")}
    assert (told["queued"], told["skipped"]) == (shown["arcCount"], shown["skippedCount"])
    assert told["queued"] + told["skipped"] > 0
