"""One answer of each route, whole, as it was written down; `UPDATE_GOLDEN=1` writes them anew."""

import json
import os
import re
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from domain.judging.records import Evidence, Flag, FlagKind, Measures, State
from domain.timeline import Tokens
from rest_compat.routes import OPERATIONS
from tests.history import Recorded, bug_fix, ended, recorded
from tests.make import arc_id, event_id, outcome, prompt, response, sub_session, time
from tests.reporting import writing
from tests.rest_compat import exports
from tests.rest_compat.envelopes import INGEST, posted
from tests.rest_compat.house import House
from tests.rest_compat.listening import listening
from tests.rest_compat.weeks import excluded

FOLDER = Path(__file__).parent / "golden"
_NOW = re.compile(r'"(createdAt|updatedAt|(?:created|updated|started|completed)_at)": "20(?!26-03)[^"]+"')
"""Times that the database's clock gives."""


class Told:
    """Answers of one house, with what differs from run to run replaced by words."""

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words

    def agrees(self, name: str, answer: httpx2.Response) -> None:
        self.says(name, answer.status_code, answer.json() if answer.content else None)

    def says(self, name: str, status: int, body: object) -> None:
        text = json.dumps({"status": status, "body": body}, indent=2, ensure_ascii=False)
        for value, word in self._words.items():
            text = text.replace(value, word)
        text = _NOW.sub(r'"\1": "NOW"', text) + "\n"
        file = FOLDER / f"{name}.json"
        if os.environ.get("UPDATE_GOLDEN"):
            file.write_text(text)
        assert text == file.read_text()


def test_each_route_has_its_answer_written_down() -> None:
    named = {operation.id or operation.handler.__name__ for operation in OPERATIONS}
    assert {file.stem for file in FOLDER.glob("*.json")} == named


async def test_scores_and_arcs(house: House) -> None:
    ada = await house.developer()
    spent = Measures(turn_count=4, tokens=Tokens(900, 60, 30, 10))
    await ada.has(
        sub_session("reached", measures=spent, started_at=time(0)),
        sub_session("missed", measures=spent, started_at=time(1), outcome=outcome(goal_complete=False)),
        sub_session(
            "at work", started_at=time(2), ended_at=None, state=State.OPEN, outcome=outcome(goal_complete=None)
        ),
        sub_session("last week", started_at=time(-7 * 24 * 60)),
    )
    told = Told({})
    told.agrees("list_realtime", await ada.client.get("/v1/score_v3/realtime/sub-sessions"))
    told.agrees("get_score", await ada.client.get("/v1/score_v3/score"))
    path = f"/v1/score_v3/sub-sessions/{arc_id('reached')}"
    told.agrees("rename_sub_session", await ada.client.patch(path, json={"title": "Tax", "summary": "Half up."}))
    told.agrees("get_toggle", await ada.client.get("/v1/score_v3/toggle"))
    told.agrees("put_toggle", await ada.client.put("/v1/score_v3/toggle", json={"pref": "v2"}))


async def test_a_backfill(house: House) -> None:
    boss = await house.developer(admin=True)
    body = {"from": "2026-03-02T02:00:00+02:00", "to": "2026-03-03T00:00:00Z", "developer_id": None}
    Told({}).agrees("start_backfill", await boss.client.post("/v1/score_v3/insight/backfill", json=body))


async def test_a_stream(house: House) -> None:
    ada = await house.developer()
    async with listening(ada) as stream:
        await stream.begun()
        await ada.has(sub_session("reached"))
        lines = (await stream.text()).split("\n")
    words = {line: "id: PLACE" for line in lines if line.startswith("id: ")}
    [ts] = {json.loads(line.removeprefix("data: "))["ts"] for line in lines if line.startswith("data: ")}
    told = Told({str(ada.context.caller.user_id): "ADA", ts: "NOW", **words})
    told.says("watch_realtime", stream.status, lines)


async def test_pillars_and_their_rows(house: House) -> None:
    ada = await house.developer()
    spent = Measures(turn_count=4, net_loc=12, tokens=Tokens(900, 60, 30, 10), cost_usd=Decimal("0.42"))
    why = Flag(arc_id("flag"), FlagKind.AUTO_RETRY_STORM, arc_id("reached"), time(0), "warn", "why", (event_id("one"),))
    shown = Evidence("rubric", "goal_explicit", 0, (event_id("one"),), "Fix the totals")
    await ada.has(
        sub_session("reached", measures=spent, evidence=(shown,), judge_version="rules-2", flags=(why,)),
        sub_session("missed", measures=spent, started_at=time(1), outcome=outcome(goal_complete=False)),
        excluded("left out", 2),
        sub_session("last week", measures=spent, started_at=time(-7 * 24 * 60)),
    )
    told, root = Told({}), "/v1/score_v3"
    span = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    told.agrees("get_speed", await ada.client.get(f"{root}/speed"))
    told.agrees("list_speed_sessions", await ada.client.get(f"{root}/speed/sessions"))
    told.agrees("get_tokens", await ada.client.get(f"{root}/tokens"))
    told.agrees("get_tokens_trend", await ada.client.get(f"{root}/tokens/trend", params=span))
    told.agrees("get_skill", await ada.client.get(f"{root}/skill"))
    told.agrees("list_insight_sessions", await ada.client.get(f"{root}/insight/sessions", params={"limit": 1}))
    told.agrees("get_insight_summary", await ada.client.get(f"{root}/insight/summary"))
    told.agrees("list_insight_range", await ada.client.get(f"{root}/insight/sessions_range", params=span))
    told.agrees("list_trivia", await ada.client.get(f"{root}/trivia"))
    told.agrees("get_trivia_trend", await ada.client.get(f"{root}/trivia/trend", params=span))
    told.agrees("get_integrity", await ada.client.get(f"{root}/integrity"))
    told.agrees("get_integrity_trend", await ada.client.get(f"{root}/integrity/trend", params=span))
    told.agrees("list_integrity_flags", await ada.client.get(f"{root}/integrity/recent"))


async def test_insights(house: House) -> None:
    ada = await house.developer()
    spent = response("Done.", 6, model="opus", tokens=Tokens(900, 60, 30, 10), cost_usd=Decimal("0.42"))
    one = recorded(*bug_fix(0), spent, ended(8))
    await ada.worked(one)
    [arc] = (await ada.client.get("/v1/score_v3/realtime/sub-sessions")).json()
    told, root = Told({one.id: "SESSION", arc["id"]: "ARC", str(ada.context.caller.user_id): "ADA"}), "/v1/insights"
    span = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    asked = {"session_id": one.id}
    told.agrees("get_session_stats", await ada.client.get(f"{root}/sessions/stats", params=span))
    told.agrees("get_session_highlights", await ada.client.get(f"{root}/sessions/highlights", params=span))
    told.agrees("get_session_summary", await ada.client.get(f"{root}/sessions/summary", params=asked))
    told.agrees("list_session_summaries", await ada.client.get(f"{root}/sessions/summaries", params=span))
    told.agrees("get_session_details", await ada.client.get(f"{root}/sessions/details", params=asked))
    told.agrees("get_daily_summary", await ada.client.get(f"{root}/daily-summary", params={"date": "2026-03-02"}))


@pytest.mark.parametrize(("family", "name"), [("/v1/insights", "report"), ("/v1/score_v3", "report_v3")])
async def test_reports(house: House, family: str, name: str) -> None:
    ada, root = await house.developer(), f"{family}/report"
    one = recorded(*bug_fix(0), ended(8))
    await ada.worked(one)
    [arc] = (await ada.client.get("/v1/score_v3/realtime/sub-sessions")).json()
    span = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    async with writing(house.services, ada.context.caller.org_id):
        made = await ada.client.post(f"{root}/generate", params=span)
    id = made.json()["id"]
    told = Told({id: "REPORT", one.id: "SESSION", arc["id"]: "ARC", house.slug: "ORG"} | events(one))
    told.agrees(f"generate_{name}", made)
    told.agrees(f"get_latest_{name}", await ada.client.get(root))
    told.agrees(f"get_{name}", await ada.client.get(f"{root}/{id}"))
    told.agrees(f"get_pending_{name}", await ada.client.get(f"{root}/pending"))
    told.agrees(f"get_status_{name}", await ada.client.get(f"{root}/status/{id}"))
    told.agrees(f"cancel_{name}", await ada.client.post(f"{root}/cancel/{id}"))
    told.agrees(f"list_history_{name}", await ada.client.get(f"{root}/history"))
    told.agrees(f"delete_{name}", await ada.client.delete(f"{root}/{id}"))
    if name == "report":
        quick = await ada.client.post(f"{root}/quick", params=span)
        told = Told(
            {quick.json()["id"]: "REPORT", one.id: "SESSION", arc["id"]: "ARC", house.slug: "ORG"} | events(one)
        )
        told.agrees("quick", quick)


def events(told: Recorded) -> dict[str, str]:
    """Words for the ids of events, which are made anew each time."""
    return {str(event.id): f"EVENT {n}" for n, event in enumerate(told.events)}


async def test_prompts(house: House) -> None:
    ada = await house.developer()
    texts = (
        "Fix the wrong rounding in shop/totals.py. Run the tests.", "/compact", "Only the totals.", "Why half down?",
    )  # fmt: skip
    await ada.worked(recorded(*(prompt(text, n, id=event_id(text)) for n, text in enumerate(texts)), ended(9)))
    [arc] = (await ada.client.get("/v1/score_v3/realtime/sub-sessions")).json()
    Told({}).agrees("list_prompts", await ada.client.get(f"/v1/score_v3/sessions/{arc['id']}/prompts"))


async def test_sessions_and_events(house: House) -> None:
    key, session, other = await house.key(), "5b0f6d4e-0f5e-4a55-9a3e-" + house.slug[-12:], f"later {house.slug}"
    ada, rev = house.client(key), await house.reviewer()
    told = Told({session: "SESSION", other: "OTHER", str(key.org.id): "ORG"})
    body = {"id": session, "sourceService": "claude-code", "metadata": {"k": [1, None]}}
    told.agrees("create_session", await rev.post("/v1/sessions", json=body))
    events = [
        posted(other, 0, "session_start", id=str(event_id("start")), data={"cwd": "/w", "candidateName": "Kim"}),
        posted(other, 1, "command", id=str(event_id("run")), data={"command": "pnpm test", "exitCode": 0}),
        posted(other, 2, "command", id=str(event_id("bad"))),
        posted(other, 3, "decision_event", id=str(event_id("decision")), data={"title": "Round", "impactScore": 4}),
    ]
    told.agrees("ingest", await ada.post(INGEST, json=events))
    told.agrees("list_sessions", await rev.get("/v1/sessions"))
    told.agrees("get_session", await rev.get(f"/v1/sessions/{other.replace(' ', '%20')}"))
    told.agrees("list_timeline", await rev.get(f"/v1/sessions/{other.replace(' ', '%20')}/timeline"))
    told.agrees("list_decisions", await rev.get(f"/v1/sessions/{other.replace(' ', '%20')}/decisions"))
    ended = {"endedAt": "2026-03-02T10:00:00Z", "metadata": {"k": 2}}
    told.agrees("update_session", await rev.patch(f"/v1/sessions/{session}", json=ended))
    merged = {"metadata": {"candidateName": "Kim"}}
    told.agrees("merge_metadata", await rev.patch(f"/v1/sessions/{session}/metadata", json=merged))
    told.agrees("get_cohort_stats", await _compared(house))
    told.agrees("delete_session", await rev.delete(f"/v1/sessions/{session}"))


async def test_hooks_of_agents(house: House) -> None:
    developer, told = (await house.developer()).client, Told({})
    for agent in ("claude_code", "codex", "cursor"):
        named = "conversation_id" if agent == "cursor" else "session_id"
        hook = {named: f"{agent} {house.slug}", "hook_event_name": "Stop"}
        path = f"/v1/hooks/{agent.replace('_', '-')}"
        told.agrees(f"ingest_{agent}", await developer.post(path, json=hook))


async def test_telemetry(house: House) -> None:
    ada, told, id = (await house.developer()).client, Told({}), f"told {house.slug}"
    homeless: exports.Told = {"name": "tool", "event.name": "auth"}
    logs = exports.logs_in_json(exports.request(id), homeless)
    told.agrees("ingest_logs", await ada.post(exports.LOGS, content=logs, headers=exports.JSON))
    points = exports.metrics_in_json(id, 2, token__usage=7)
    told.agrees("ingest_metrics", await ada.post(exports.METRICS, content=points, headers=exports.JSON))
    spans = exports.spans_in_json(homeless)
    told.agrees("ingest_traces", await ada.post(exports.TRACES, content=spans, headers=exports.JSON))


async def _compared(house: House) -> httpx2.Response:
    """Of two candidates, one of whom took less time."""
    task, sessions = await house.assessment(), [f"{name} {house.slug}" for name in ("quick", "slow")]
    for minutes, session in enumerate(sessions, 5):
        cand = await house.candidate(assessment_id=task)
        edited = posted(session, 1, "file_diff", data={"path": "a.py"}, provenance={"attribution": "mixed"})
        asked = posted(session, 0, "prompt", data={"text": "Fix the rounding"})
        await cand.post(INGEST, json=[asked, edited, posted(session, minutes, "session_end")])
    await house.derived(*sessions)
    return await (await house.reviewer()).get(f"/v1/sessions/quick%20{house.slug}/cohort-stats")


async def test_a_transcript_read_elsewhere(house: House) -> None:
    event = {"id": str(event_id("said")), "ts": "2026-03-02T09:00:00Z", "kind": "prompt", "data": {"text": "Hi"}}
    session = {"source_service": "codex", "events": [event | {"source": {"channel": "import"}}]}
    body = {"format": "codex-rollout-jsonl", "sessions": {f"elsewhere {house.slug}": session}}
    ada = house.client(await house.key())
    Told({}).agrees("ingest_transcript", await ada.post("/v1/transcripts", json=body))
