"""The same question asked of both faces, with the same key, has the same answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from domain.access import KeyKind
from domain.judging.records import State
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonValue
from resolvers.context import Services
from rest_compat.routes import ROUTES
from server.auth import Authenticate
from tests.history import bug_fix, clear, ended, recorded
from tests.make import command, event, outcome, prompt, response, sub_session, time
from tests.rest_compat.envelopes import INGEST, posted
from tests.rest_compat.house import Developer, House, house_of
from tests.schema.asking import make_endpoint

REALTIME = "/v1/score_v3/realtime/sub-sessions"


@dataclass(frozen=True)
class Faces:
    """Both faces of one server, asked with one key."""

    http: httpx2.AsyncClient

    async def rest(self, method: str, path: str, body: JsonValue = None, **params: object) -> JsonValue:
        answer = await self.http.request(method, path, json=body, params=params)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def graph(self, query: str, **variables: JsonValue) -> dict[str, JsonValue]:
        answer = (await self.http.post("/graphql", json={"query": query, "variables": variables})).json()
        assert "errors" not in answer, answer
        return answer["data"]


def faces(services: Services, secret: str) -> Faces:
    routes = [Route("/graphql", make_endpoint()), *ROUTES]
    server = Starlette(routes=routes, middleware=[Middleware(Authenticate)])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await server({**scope, "state": {"services": services}}, receive, send)

    headers = {"authorization": f"Bearer {secret}"}
    return Faces(httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://both.test", headers=headers))


@pytest.fixture
def house(services: Services) -> House:
    return house_of(services, time(8 * 60))


async def at_work(house: House) -> tuple[Developer, Faces]:
    """A developer with a morning of work of every sort, and both faces with her key."""
    ada = await house.developer(time_zone="America/New_York")
    await ada.worked(
        recorded(*bug_fix(0), spent(3), clear(20), *bug_fix(60, "shop/tax.py"), ended(80)),
        recorded(prompt("hello", 90), response("Hello!", 91), ended(92)),
        recorded(prompt("Why is the sum of totals wrong in shop/totals.py?", 100), command("cat shop/totals.py", 101)),
    )
    await ada.has(
        sub_session("missed", outcome=outcome(goal_complete=False), started_at=time(-60 * 24)),
        sub_session(
            "at work", state=State.OPEN, ended_at=None, started_at=time(8), outcome=outcome(goal_complete=None)
        ),
        sub_session("unjudged", state=State.CLOSED, outcome=outcome(goal_complete=None), started_at=time(5)),
    )
    return ada, faces(house.services, ada.key.secret)


def spent(at: float) -> Event:
    """A response of the model that cost something."""
    return event(Kind.API_REQUEST, at, request_id=str(uuid4()), tokens=Tokens(1200, 300, 40, 7))


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def lower(value: JsonValue) -> JsonValue:
    """An enum of the graph as the older systems write it."""
    return value.lower() if isinstance(value, str) else value


def ms(text: str | None) -> str | None:
    """A time of PRISM, which shows what there is of the second, with milliseconds."""
    return None if text is None else re.sub(r"(?:\.(\d{3})\d*)?Z$", lambda found: f".{found[1] or '000'}Z", text)


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
async def test_scores(house: House, window: str) -> None:
    _, both = await at_work(house)
    told = await both.rest("GET", "/v1/score_v3/score", window=window)
    members = " ".join(camel(name) for name in told)
    shown = (await both.graph(f"{{ score(window: {window.upper()}) {{ {members} }} }}"))["score"]
    assert told["total_count"] >= 2
    assert {name: shown[camel(name)] for name in told} == told | {
        "window": window.upper(),
        "personal_tier": told["personal_tier"].upper(),
    }


ARCS = """query ($since: DateTime) {
  subSessions(first: 100, filter: {startedAt: {from: $since}}) { nodes {
    rawId title summary titleSource startedAt endedAt state substanceFloorPassed intent letterGrade goalComplete
    qualifying crushed measures { turnCount } tokens { total } rework { kind } session { rawId }
  } }
}"""


def as_realtime(arc: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A row of the snapshot, put together from what the graph says of the arc."""
    status = {"OPEN": "open", "SCORED": "scored"}.get(arc["state"], "closed")
    return {
        "id": arc["rawId"],
        "sub_session_id": arc["rawId"],
        "title": arc["title"],
        "summary": arc["summary"],
        "title_source": lower(arc["titleSource"]),
        "started_at": arc["startedAt"],
        "ended_at": arc["endedAt"],
        "status": status,
        "turns": arc["measures"]["turnCount"],
        "total_tokens": arc["tokens"]["total"],
        "crushed": arc["crushed"] if arc["qualifying"] else None,
        "is_preview": status == "open" and arc["letterGrade"] is not None,
        "substance_floor_passed": arc["substanceFloorPassed"],
        "intent_class": lower(arc["intent"]),
        "letter_grade": arc["letterGrade"] if status == "open" else None,
        "prompt_grade": arc["letterGrade"] if status == "scored" else None,
        "goal_complete": arc["goalComplete"],
        "rework": arc["rework"] is not None,
    }


async def test_arcs(house: House) -> None:
    _, both = await at_work(house)
    rows = await both.rest("GET", REALTIME)
    arcs = (await both.graph(ARCS.replace("session { rawId }", ""), since="2026-03-01T17:00:00Z"))["subSessions"][
        "nodes"
    ]
    assert {row["status"] for row in rows} == {"open", "closed", "scored"}
    assert [
        {name: value for name, value in row.items() if name != "claude_session_id"}
        | {"started_at": ms(row["started_at"]), "ended_at": ms(row["ended_at"])}
        for row in rows
    ] == [as_realtime(arc) for arc in arcs]


async def test_arcs_name_their_session(house: House) -> None:
    ada = await house.developer()
    await ada.worked(recorded(*bug_fix(0), clear(20), *bug_fix(60, "shop/tax.py"), ended(80)))
    both = faces(house.services, ada.key.secret)
    rows = await both.rest("GET", REALTIME)
    arcs = (await both.graph("{ subSessions { nodes { rawId session { rawId } } } }"))["subSessions"]["nodes"]
    assert [(row["id"], row["claude_session_id"]) for row in rows] == [
        (arc["rawId"], arc["session"]["rawId"]) for arc in arcs
    ]


SESSION = """rawId sourceService startedAt endedAt lastActivityAt eventCount decisionCount aiAttributionPct metadata
  costUsd createdAt updatedAt"""


def as_session(shown: Mapping[str, JsonValue], told: Mapping[str, JsonValue], org_id: object) -> dict[str, JsonValue]:
    """What REST should have told. It knows no end by rest."""
    same = ("sourceService", "startedAt", "lastActivityAt", "eventCount", "aiAttributionPct", "metadata")
    return {name: shown[name] for name in (*same, "createdAt", "updatedAt")} | {
        "id": shown["rawId"],
        "orgId": str(org_id),
        "endedAt": told["endedAt"] and shown["endedAt"],
        "decisionFlagCount": shown["decisionCount"],
        "totalCostUsd": shown["costUsd"] or 0,
    }


async def with_reviewer(house: House) -> tuple[Developer, Faces, object]:
    ada, _ = await at_work(house)
    start = posted(
        "of both faces", 0, "session_start", data={"repoUrl": "https://example.org/r", "candidateName": "Kim"}
    )
    events = [start, posted("of both faces", 1, "decision_event"), posted("of both faces", 1.0000001)]
    await ada.client.post(INGEST, json=events)
    key = await house.key(KeyKind.REVIEWER, "rev@example.org")
    both = faces(house.services, key.secret)
    await both.rest("POST", "/v1/sessions", {"metadata": {"big": 2**60, "odd": [None, "ü"]}})
    return ada, both, key.org.id


async def test_sessions(house: House) -> None:
    _, both, org_id = await with_reviewer(house)
    told = await both.rest("GET", "/v1/sessions", limit=100)
    page = (await both.graph(f"{{ sessions(first: 100) {{ totalCount nodes {{ {SESSION} }} }} }}"))["sessions"]
    assert told["total"] == page["totalCount"] == len(page["nodes"])
    assert {one["endedAt"] is None for one in told["sessions"]} == {True, False}
    for session, shown in zip(told["sessions"], page["nodes"], strict=True):
        assert session == as_session(shown, session, org_id)
        assert await both.rest("GET", f"/v1/sessions/{session['id']}") == {"session": session}
        query = f"query ($id: ID!) {{ session(id: $id) {{ {SESSION} }} }}"
        assert (await both.graph(query, id=session["id"]))["session"] == shown


COHORT = """{ sessionCount
  metrics { avgDurationMs avgPromptCount avgCommandFailRate avgVerifyIntensity avgManualEditRatio
    avgFirstChangeLatencyMs testPassRate }
  percentiles { durationMs promptCount commandFailRate verifyIntensity manualEditRatio firstChangeLatencyMs } }"""


async def test_cohorts(house: House) -> None:
    _, both, _ = await with_reviewer(house)
    task = await house.assessment()
    for minutes, session in enumerate(("first", "second", "third"), 1):
        cand = await house.candidate(assessment_id=task)
        changed = [posted(session, 0.5, "file_diff", data={"path": "a.py"})] if minutes > 1 else []
        await cand.post(INGEST, json=[posted(session), *changed, posted(session, minutes, "session_end")])
    await house.derived("first", "second", "third")
    query = f"query ($id: ID!) {{ session(id: $id) {{ cohortStats {COHORT} }} }}"
    for session in ("first", "second", "third", "of both faces"):
        told = await both.rest("GET", f"/v1/sessions/{session}/cohort-stats")
        assert told == (await both.graph(query, id=session))["session"]
    listed = await both.graph(f"{{ sessions(first: 100) {{ nodes {{ rawId cohortStats {COHORT} }} }} }}")
    stats = {one["rawId"]: one["cohortStats"] for one in listed["sessions"]["nodes"]}
    assert [stats[id]["percentiles"]["durationMs"] for id in ("first", "second", "third")] == [1, 0.5, 0]
    assert stats["of both faces"] is None


async def test_sessions_of_one_tool(house: House) -> None:
    _, both, _ = await with_reviewer(house)
    query = "query ($source: String) { sessions(filter: {sourceService: $source}) { nodes { rawId } } }"
    for source in ("claude-code", "claude_code", "cursor", "nobody"):
        told = await both.rest("GET", "/v1/sessions", sourceService=source)
        shown = (await both.graph(query, source=source))["sessions"]["nodes"]
        assert [one["id"] for one in told["sessions"]] == [one["rawId"] for one in shown]


TIMELINE = """query ($id: ID!, $after: String) { session(id: $id) { timeline(first: 4, after: $after) {
  pageInfo { hasNextPage endCursor }
  nodes { rawId kind ts receivedAt data provenance { attribution confidence observability } }
} } }"""


def as_event(shown: Mapping[str, JsonValue], session_id: str) -> dict[str, JsonValue]:
    provenance = shown["provenance"]
    return {
        "id": shown["rawId"],
        "sessionId": session_id,
        "kind": lower(shown["kind"]),
        "ts": shown["ts"],
        "data": shown["data"],
        "provenance": {name: lower(value) for name, value in provenance.items()},
        "createdAt": shown["receivedAt"],
    }


async def test_timelines_page_by_page(house: House) -> None:
    _, both, _ = await with_reviewer(house)
    for session in (await both.rest("GET", "/v1/sessions"))["sessions"]:
        after: dict[str, object] = {}
        cursor: JsonValue = None
        more = True
        while more:
            told = await both.rest("GET", f"/v1/sessions/{session['id']}/timeline", limit=4, **after)
            page = (await both.graph(TIMELINE, id=session["id"], after=cursor))["session"]["timeline"]
            assert told["events"] == [as_event(one, session["id"]) for one in page["nodes"]]
            assert told["hasMore"] is page["pageInfo"]["hasNextPage"]
            more, cursor = told["hasMore"], page["pageInfo"]["endCursor"]
            after = {"after": told["events"][-1]["id"]} if told["events"] else {}


RENAME = """mutation ($id: ID!, $title: String, $summary: String) {
  renameSubSession(input: {id: $id, title: $title, summary: $summary}) { subSession { title summary } }
}"""


async def test_a_rename_on_one_face_shows_on_the_other(house: House) -> None:
    _, both = await at_work(house)
    id = (await both.rest("GET", REALTIME))[0]["id"]
    query = "query ($id: ID!) { subSession(id: $id) { title summary titleSource } }"
    told = await both.rest("PATCH", f"/v1/score_v3/sub-sessions/{id}", {"title": " Half\nup ", "summary": "By REST."})
    shown = (await both.graph(query, id=id))["subSession"]
    assert shown == {"title": told["title"], "summary": told["summary"], "titleSource": "USER_EDITED"}
    renamed = (await both.graph(RENAME, id=id, title="By graph", summary=None))["renameSubSession"]["subSession"]
    row = (await both.rest("GET", REALTIME))[0]
    assert (row["title"], row["summary"], row["title_source"]) == ("By graph", None, "user_edited")
    assert (renamed["title"], renamed["summary"]) == (row["title"], row["summary"])


async def test_an_event_taken_in_by_one_face_is_known_to_the_other(house: House) -> None:
    ada = await house.developer()
    both = faces(house.services, ada.key.secret)
    session = str(uuid4())
    first, second = posted(session, 0), posted(session, 1)
    mutation = "mutation ($events: [EventInput!]!) { ingestEvents(input: {events: $events}) { results { status } } }"

    def as_input(sent: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {name: sent[name] for name in ("sessionId", "ts", "data")} | {"rawId": sent["id"], "kind": "PLANNING"}

    await both.rest("POST", INGEST, first)
    results = (await both.graph(mutation, events=[as_input(first), as_input(second)]))["ingestEvents"]["results"]
    assert [result["status"] for result in results] == ["SKIPPED", "ACCEPTED"]
    assert await both.rest("POST", INGEST, second) == {"ok": True, "skipped": True}


async def test_what_is_out_of_reach_is_so_on_both_faces(house: House, services: Services) -> None:
    other = house_of(services, time(480))
    eve = await other.developer()
    await eve.worked(one := recorded(*bug_fix(0), ended(10)))
    arc = (await eve.client.get(REALTIME)).json()[0]["id"]
    ada, rev = await house.developer(), await house.key(KeyKind.REVIEWER)
    for secret, path, query, id in (
        (rev.secret, f"/v1/sessions/{one.id}", "query ($id: ID!) { session(id: $id) { rawId } }", one.id),
        (ada.key.secret, None, "query ($id: ID!) { subSession(id: $id) { rawId } }", arc),
    ):
        both = faces(house.services, secret)
        answer = (await both.http.post("/graphql", json={"query": query, "variables": {"id": id}})).json()
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        told = await (
            both.http.get(path) if path else both.http.patch(f"/v1/score_v3/sub-sessions/{id}", json={"title": "x"})
        )
        assert told.status_code == 404
