"""What is asked: each question once of the subject and once of the floor, which must answer with the same bytes."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle, islice
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import orjson

from domain.values import JsonObject
from tests.bench import documents
from tests.bench.floor_pillars import last_days
from tests.bench.invented import BUSY, FLOOR_POSTED, NOVICE, NOW, POSTED, READ, VETERAN, Org, World, secret


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    key: str = ""
    body: bytes | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", "content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The same question, as the subject and as the floor take it."""

    subject: Call
    floor: Call


@dataclass(frozen=True, slots=True)
class Workload:
    """`pairs` never ends: reads come round again, events that are posted are new each time. `window`: asks for figures
    of a calendar window or series. `alone`: nothing bare could answer it, so it is only looked through."""

    name: str
    face: str
    pairs: Iterator[Pair]
    writes: bool = False
    window: bool = False
    alone: bool = False

    def take(self, number: int) -> list[Pair]:
        return list(islice(self.pairs, number))


@dataclass(frozen=True, slots=True)
class Questions:
    """The rows that are asked for."""

    world: World
    sessions: Sequence[str]
    """Sessions of the busiest developer with two arcs or more."""
    long: Sequence[str]
    """The longest ones."""

    @property
    def org(self) -> Org:
        return self.world.orgs[READ]

    @property
    def histories(self) -> Mapping[str, Org]:
        return {"5 years": self.world.orgs[VETERAN], "5 days": self.world.orgs[NOVICE]}


async def choose(admin: asyncpg.Connection, world: World) -> Questions:
    """Always the same rows of the same world; `admin` must pass row-level security."""
    org = world.orgs[READ]
    several = await admin.fetch(
        "SELECT session_id FROM sub_sessions WHERE org_id = $1 AND user_id = $2 AND state <> 'merged'"
        " GROUP BY session_id HAVING count(*) >= 2 ORDER BY session_id LIMIT 40",
        org.id, org.user_id(BUSY),
    )  # fmt: skip
    long = await admin.fetch(
        "SELECT id FROM sessions WHERE org_id = $1 AND user_id = $2 ORDER BY event_count > 500 DESC, id LIMIT 10",
        org.id, org.user_id(BUSY),
    )  # fmt: skip
    return Questions(world, [row["session_id"] for row in several], [row["id"] for row in long])


def workloads(asked: Questions) -> list[Workload]:
    org = asked.org
    developer, reviewer = secret(org.slug, "developer"), secret(org.slug, "reviewer")
    idle = org.developers - 1
    mine = {"user": str(org.user_id(BUSY))}
    since = (NOW - timedelta(days=60)).isoformat()

    def graphql(document: str, key: str, floor: str, asked: dict[str, str]) -> Pair:
        body = orjson.dumps({"query": document, "variables": {"id": "", **asked}})
        return Pair(Call("POST", "/graphql", key, body), _floor(floor, org, asked))

    def rest(path: str, key: str, floor: str, asked: dict[str, str]) -> Pair:
        return Pair(Call("GET", path, key), _floor(floor, org, asked))

    def read(name: str, face: str, *pairs: Pair, window: bool = False) -> Workload:
        return Workload(name, face, cycle(pairs), window=window)

    return [
        read("one session with its arcs", "GraphQL",
             *(graphql(documents.SESSION, developer, "graphql_session", {"id": id}) for id in asked.sessions)),
        read("one session", "REST",
             *(rest(f"/v1/sessions/{id}", reviewer, "rest_session", {"id": id}) for id in asked.sessions)),
        read("50 sessions with arcs and scores", "GraphQL",
             graphql(documents.SESSIONS, developer, "graphql_sessions", mine)),
        read("50 sessions, developer with few", "GraphQL",
             graphql(documents.SESSIONS, secret(org.slug, "developer", idle), "graphql_sessions",
                     {"user": str(org.user_id(idle))})),
        read("50 dearest sessions", "GraphQL", graphql(documents.DEAREST, reviewer, "graphql_sessions_by_cost", {})),
        read("20 sessions with a phrase", "GraphQL",
             *(graphql(documents.FOUND, reviewer, "graphql_sessions_found", {"words": f'"{phrase}"'})
               for phrase in ("migration lock", "parser cafe", "timeout verdict"))),
        read("50 sessions", "REST", rest("/v1/sessions?limit=50", reviewer, "rest_sessions", {})),
        read("200 arcs with scores", "REST",
             rest(f"/v1/score_v3/realtime/sub-sessions?{urlencode({'from': since})}", developer, "rest_arcs",
                  {**mine, "from": since})),
        read("headline score of the week", "GraphQL", graphql(documents.SCORE, developer, "graphql_score", mine)),
        read("headline score of the week", "REST",
             rest("/v1/score_v3/score?window=weekly", developer, "rest_score", mine), window=True),
        *(read(name, "REST", rest(f"/v1/score_v3/{path}?{urlencode(said)}", developer, floor, mine), window=True)
          for name, path, said, floor in _pillars()),
        read("dashboard of the week", "GraphQL", graphql(documents.DASHBOARD, developer, "graphql_dashboard", mine)),
        *(read(f"headline score after {name}", "REST",
               rest("/v1/score_v3/score?window=weekly", secret(other.slug, "developer"), "rest_score",
                    {"org": str(other.id), "user": str(other.user_id(BUSY))}))
          for name, other in asked.histories.items()),
        read("100 timeline events", "GraphQL",
             *(graphql(documents.TIMELINE, developer, "graphql_timeline", {"id": id}) for id in asked.long)),
        read("500 timeline events", "REST",
             *(rest(f"/v1/sessions/{id}/timeline", reviewer, "rest_timeline", {"id": id}) for id in asked.long)),
        _ingest(asked.world, "ingest, one event", "REST", 1),
        _ingest(asked.world, "ingest, 100 events", "REST", 100),
        _ingest(asked.world, "ingest, 1,000 events", "REST", 1_000),
        _ingest(asked.world, "ingest, 100 events", "GraphQL", 100),
        *_insights(asked, developer),
    ]  # fmt: skip


def _insights(asked: Questions, key: str) -> Iterator[Workload]:
    """What is written of an organisation and its sessions."""
    week = {"from": (NOW - timedelta(days=7)).isoformat(), "to": NOW.isoformat()}
    stretch, day = urlencode(week), urlencode({"date": (NOW - timedelta(days=1)).date().isoformat()})
    paths = {
        "report of the organisation's week": f"report/quick?{stretch}",
        "types of the week's sessions": f"sessions/stats?{stretch}",
        "highlights of the week": f"sessions/highlights?{stretch}",
        "50 summaries": f"sessions/summaries?{stretch}",
        "summary of a day": f"daily-summary?{day}",
        "details of a session": f"sessions/details?{urlencode({'session_id': asked.long[0]})}",
    }
    for name, path in paths.items():
        call = Call("POST" if "quick" in path else "GET", f"/v1/insights/{path}", key)
        yield Workload(name, "REST", cycle([Pair(call, call)]), alone=True)


def _pillars() -> Iterator[tuple[str, str, dict[str, str], str]]:
    """What is asked of each pillar, where, and of which function of the floor."""
    weekly = {"window": "weekly"}
    yield "speed of the week", "speed", weekly, "rest_speed"
    yield "tokens of the week", "tokens", weekly, "rest_tokens"
    yield "skill of the week", "skill", weekly, "rest_skill"
    yield "grades of the week", "insight/summary", weekly, "rest_insight"
    yield "flags of the week", "integrity", weekly, "rest_integrity"
    yield "arcs left out of the week", "trivia", weekly, "rest_trivia"
    _, first, *_, end = last_days(31)
    days = {"from": first.isoformat(), "to": end.isoformat()}
    yield "tokens of 30 days", "tokens/trend", days, "rest_tokens_trend"


def _floor(name: str, org: Org, asked: dict[str, str], method: str = "GET", body: bytes | None = None) -> Call:
    return Call(method, f"/{name}?{urlencode({'org': str(org.id), **asked})}", body=body)


_SESSIONS = 16
"""Posted events are of so many sessions in turn: hooks of several terminals."""


def _ingest(world: World, name: str, face: str, size: int) -> Workload:
    dice = random.Random(f"{name} {face}")
    batches = (_batch(dice, UUID(int=number % _SESSIONS + 1), size) for number in count())
    pair = _rest_ingest if face == "REST" else _graphql_ingest
    return Workload(name, face, (pair(world, batch) for batch in batches), writes=True)


def _rest_ingest(world: World, batch: list[JsonObject]) -> Pair:
    body = orjson.dumps(batch[0] if len(batch) == 1 else batch)
    return _posted(world, "/v1/hooks/ingest", "rest_ingest", body)


def _graphql_ingest(world: World, batch: list[JsonObject]) -> Pair:
    body = orjson.dumps({"query": documents.INGEST, "variables": {"events": [_input(event) for event in batch]}})
    return _posted(world, "/graphql", "graphql_ingest", body)


def _input(event: JsonObject) -> JsonObject:
    same = {name: event[name] for name in ("sessionId", "ts", "data")}
    source: JsonObject = {"channel": "HOOK", "integration": "claude-code"}
    return {"rawId": event["id"], **same, "kind": str(event["kind"]).upper(), "source": source}


def _posted(world: World, path: str, floor: str, body: bytes) -> Pair:
    """The floor stores the same events in an organisation of its own."""
    own, other = world.orgs[POSTED], world.orgs[FLOOR_POSTED]
    key = secret(own.slug, "developer")
    return Pair(Call("POST", path, key, body), _floor(floor, other, {"user": str(other.user_id(BUSY))}, "POST", body))


TEXT = (
    "wrote the parser, then ran the suite: 41 passed, 2 failed in test_upload.py; the fixture lacks a time zone → fix "
    'the fixture, keep the old name as an alias, naïve datetimes are refused now "as agreed"\n'
)


def _batch(dice: random.Random, session: UUID, size: int) -> list[JsonObject]:
    return [_event(dice, session, number) for number in range(size)]


def _event(dice: random.Random, session: UUID, number: int) -> JsonObject:
    text = TEXT * dice.randint(1, 4)
    kind, data = dice.choice(_KINDS)(text)
    return {
        "id": str(UUID(int=dice.getrandbits(128), version=4)),
        "sessionId": str(session),
        "ts": (NOW + timedelta(milliseconds=dice.randrange(10**9))).isoformat(),
        "kind": kind,
        "source": {"channel": "hook", "integration": "claude-code"},
        "actor": {"type": "ai"},
        "provenance": {"attribution": "unknown", "confidence": 0.5, "observability": "high"},
        "v": 1,
        "data": data,
    }


_KINDS: tuple[Callable[[str], tuple[str, JsonObject]], ...] = (
    lambda text: ("prompt", {"text": text, "tokenCount": len(text) // 4}),
    lambda text: ("ai_response", {"text": text, "model": "opus-4"}),
    lambda text: ("command", {"command": "pytest -q", "exitCode": 1, "durationMs": 5120, "stdout": text}),
    lambda text: ("file_diff", {"path": "src/parser.py", "diff": text, "linesAdded": 14, "linesRemoved": 3}),
    lambda text: ("tool_result", {"toolName": "Read", "success": True, "output": text}),
)
