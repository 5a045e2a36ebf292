"""GET /v1/sessions/{id}/decisions."""

from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House

DECISION = {
    "title": "Keep payloads as JSON",
    "chosenOption": "a JSONB column",
    "context": "events differ",
    "tradeoffs": "harder to query",
    "rationale": "no migrations",
    "impactScore": 4,
    "capturedVia": "mcp",
    "missedDecision": False,
}


def path(session: str) -> str:
    return f"/v1/sessions/{session}/decisions"


async def test_decisions_order(house: House) -> None:
    """By time, those of one time by arrival."""
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    events = [posted(session, minute, "decision_event", data={"title": str(minute)}) for minute in (3, 1, 2, 1, 3)]
    for event in events:
        await ada.client.post(INGEST, json=event)
    shown = [one["id"] for one in (await rev.get(path(session))).json()["decisions"]]
    assert shown == [event["id"] for event in sorted(events, key=lambda event: event["ts"])]


async def test_decisions_filter(house: House) -> None:
    """All of them, and nothing else, each as the timeline tells it."""
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    decisions = [posted(session, n / 60, "decision_event", data={**DECISION, "n": n}) for n in range(700)]
    others = [posted(session, 5), posted(new_id(), 6, "decision_event")]
    await ada.client.post(INGEST, json=[*decisions, *others])
    shown = (await rev.get(path(session))).json()["decisions"]
    assert [one["data"] for one in shown] == [event["data"] for event in decisions]
    assert {one["kind"] for one in shown} == {"decision_event"}
    timeline = (await rev.get(f"/v1/sessions/{session}/timeline", params={"limit": 2000})).json()["events"]
    assert shown == [event for event in timeline if event["kind"] == "decision_event"]
    assert (await rev.get(f"/v1/sessions/{session}")).json()["session"]["decisionFlagCount"] == 700


async def test_decisions_empty(house: House) -> None:
    ada, rev, session = await house.developer(), await house.reviewer(), new_id()
    await ada.client.post(INGEST, json=posted(session))
    answer = await rev.get(path(session))
    assert (answer.status_code, answer.json()) == (200, {"decisions": []})


async def test_decisions_candidate_scope(house: House) -> None:
    one, two, session = await house.candidate(), await house.candidate(), new_id()
    await one.post(INGEST, json=posted(session, kind="decision_event", data=DECISION))
    assert len((await one.get(path(session))).json()["decisions"]) == 1
    for theirs in (session, new_id()):
        answer = await two.get(path(theirs))
        assert (answer.status_code, answer.json()) == (404, {"error": "Session not found"})
