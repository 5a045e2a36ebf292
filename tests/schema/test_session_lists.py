"""Sessions as the graph lists them: searched, filtered, sorted, in pages of both ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

import resolvers.ingest
import resolvers.sessions
from domain.access import KeyKind, Scope
from domain.ingest.batch import Batch, SessionFacts
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonValue, SessionId
from resolvers.context import Services
from tests.history import Recorded, bug_fix, derive, ended, recorded
from tests.make import event, prompt
from tests.schema.asking import Asker, make_asker


@dataclass(frozen=True)
class Told:
    """One session of the lists below."""

    name: str
    events: Sequence[Event]
    facts: SessionFacts = field(default_factory=SessionFacts)


def spent(at: float, tokens: int, usd: str | None) -> Event:
    cost = None if usd is None else Decimal(usd)
    return event(Kind.API_REQUEST, at, model="m-1", tokens=Tokens(tokens), cost_usd=cost)


def git(at: float, action: str) -> Event:
    return event(Kind.GIT_ACTION, at, data={"action": action})


SESSIONS = [
    Told(
        "crushed",
        [*bug_fix(0), spent(3, 100, "2.5"), git(6, "commit"), git(6, "pull_request"), ended(8)],
        SessionFacts("claude_code", "/shop", "main", "Totals", {"repoUrl": "https://git.example/shop.git"}),
    ),
    Told(
        "missed",
        [
            prompt("Please make getUserName return the café's name, rounded half up", 60),
            spent(61, 5000, "0.5"),
            *(event(Kind.TOOL_RESULT, 62, tool="Bash", call_id=f"c{n}", succeeded=False) for n in range(3)),
            event(Kind.FILE_DIFF, 63, path="a.py", lines_added=40, lines_removed=0, actor="ai"),
            ended(200),
        ],
        SessionFacts("codex", "/users", "fix/names", "Names"),
    ),
    Told("unpriced", [prompt("What is a monad?", 120), spent(121, 900, None), event(Kind.API_ERROR, 122)]),
]


@pytest.fixture(scope="module")
async def asker(services: Services) -> Asker:
    """Somebody with the sessions above, derived, and one that has no event yet."""
    asker = await make_asker(services)
    for one in SESSIONS:
        told = recorded(*one.events, id=SessionId(f"{asker.slug}-{one.name}"))
        batch = Batch("test", {told.id: one.facts}, told.events)
        await resolvers.ingest.save_batch(asker.ctx.services, asker.ctx.caller, batch)
        await derive(asker.ctx, told)
    await resolvers.sessions.create_session(asker.ctx, SessionId(f"{asker.slug}-empty"), "codex", {})
    return asker


LIST = """
query ($filter: SessionFilterInput, $sort: SessionSortInput, $first: Int, $after: String, $last: Int, $before: String) {
  sessions(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { rawId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def listed(asker: Asker, **variables: JsonValue) -> list[str]:
    page = (await asker.data(LIST, **variables))["sessions"]
    return [node["rawId"].removeprefix(f"{asker.slug}-") for node in page["nodes"]]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({}, "unpriced missed crushed empty"),
        ({"sourceService": "claude-code"}, "crushed"),
        ({"project": "/users"}, "missed"),
        ({"branch": "main"}, "crushed"),
        ({"repository": "https://git.example/shop"}, "crushed"),
        ({"repository": "https://git.example/shop.git/"}, "crushed"),
        ({"lastActivityAt": {"from": "2026-03-02T12:00:00Z"}}, "missed"),
        ({"startedAt": {"to": "2026-03-02T10:00:00Z"}, "tokens": {"min": 0}}, "crushed"),
        ({"tokens": {"min": 900, "max": 900}}, "unpriced"),
        ({"tokens": {"max": 100}}, "crushed empty"),
        ({"costUsd": {"min": 0.5, "max": 2.5}}, "missed crushed"),
        ({"costUsd": {"min": 0.6}}, "crushed"),
        ({"toolErrors": {"min": 3}}, "missed"),
        ({"apiErrors": {"min": 1}}, "unpriced"),
        ({"hasCommits": True}, "crushed"),
        ({"hasCommits": False}, "unpriced missed empty"),
        ({"hasPullRequest": True, "branch": "main"}, "crushed"),
        ({"outcome": {"any": ["CRUSHED"]}}, "crushed"),
        ({"outcome": {"any": ["MISSED"]}}, "missed"),
        ({"outcome": {"any": ["CRUSHED", "MISSED"]}}, "missed crushed"),
        ({"outcome": {"any": []}}, "unpriced missed crushed empty"),
        ({"outcome": {"any": ["PENDING"]}}, ""),
        ({"outcome": {"crushedShare": {"min": 0.5}}}, "crushed"),
        ({"outcome": {"crushedShare": {"max": 0}}}, "missed"),
        ({"search": "getusername"}, "missed"),
        ({"search": "getUserName cafe"}, "missed"),
        ({"search": "user name"}, "missed"),
        ({"search": '"half up"'}, "missed"),
        ({"search": '"up half"'}, ""),
        ({"search": "round*"}, "missed crushed"),
        ({"search": "rounding or monad"}, "unpriced crushed"),
        ({"search": "-monad"}, "missed crushed"),
        ({"search": "-totals -names"}, "unpriced"),
        ({"search": "names"}, "missed"),
        ({"search": "totals", "hasCommits": False}, ""),
        ({"search": "it's a \\ 'quoted' :* & word | ( ! <->"}, ""),
    ],
)
async def test_filters_find(asker: Asker, filter: dict[str, JsonValue], found: str) -> None:
    variables = {"filter": filter, "sort": {"by": "START"}}
    assert await listed(asker, **variables) == found.split()
    assert (await asker.data(LIST, **variables))["sessions"]["totalCount"] == len(found.split())


@pytest.mark.parametrize(
    ("by", "falling"),
    [
        ("START", "unpriced missed crushed empty"),
        ("ACTIVITY", "missed unpriced crushed empty"),
        ("DURATION", "missed crushed unpriced empty"),
        ("TOKENS", "missed unpriced crushed empty"),
        ("COST", "crushed missed"),
        ("ERRORS", "missed unpriced"),
    ],
)
async def test_lists_run_either_way_in_pages_of_both_directions(asker: Asker, by: str, falling: str) -> None:
    rest = {"crushed", "missed", "unpriced", "empty"} - set(falling.split())
    for direction in ("DESC", "ASC"):
        sort: JsonValue = {"by": by, "direction": direction}
        forth = await _walk(asker, sort, "first", "after", "hasNextPage", "endCursor")
        back = await _walk(asker, sort, "last", "before", "hasPreviousPage", "startCursor")
        assert forth == back[::-1] == await listed(asker, sort=sort)
        known = [name for name in forth if name not in rest]
        valued = [name for name in falling.split() if name != "empty" or by == "TOKENS"]
        expected = valued if direction == "DESC" else valued[::-1]
        assert [name for name in known if name in valued] == expected
        if by not in ("TOKENS", "ERRORS"):
            assert set(forth[len(expected) :]) == {*rest, "empty"}, "without a value last, either way"


async def _walk(asker: Asker, sort: JsonValue, size: str, place: str, more: str, cursor: str) -> list[str]:
    """Page by page, one at a time."""
    found: list[str] = []
    at: JsonValue = None
    while True:
        page = (await asker.data(LIST, sort=sort, **{size: 1, place: at}))["sessions"]
        found += [node["rawId"].removeprefix(f"{asker.slug}-") for node in page["nodes"]]
        if not page["pageInfo"][more]:
            return found
        at = page["pageInfo"][cursor]


async def test_the_most_relevant_comes_first(asker: Asker) -> None:
    assert (await listed(asker, filter={"search": "totals or what"}))[0] == "crushed", "a title weighs more"
    rising = {"by": "RELEVANCE", "direction": "ASC"}
    assert (await listed(asker, filter={"search": "totals or what"}, sort=rising))[-1] == "crushed"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"sort": {"by": "RELEVANCE"}}, "filter.search"),
        ({"filter": {"search": " -- "}}, "word"),
        ({"filter": {"tokens": {"min": 2, "max": 1}}}, "min"),
        ({"filter": {"project": "a\x00"}}, "NUL"),
        ({"sort": {"by": "TOKENS"}, "after": "WyJzZXNzaW9ucyIsbnVsbCwiYSJd"}, "another list"),
        ({"sort": {"by": "TOKENS"}, "after": "WyJzZXNzaW9ucyBieSB0b2tlbnMiLDEuNSwiYSJd"}, "server"),
    ],
)
async def test_what_makes_no_sense_is_refused(asker: Asker, variables: dict[str, JsonValue], message: str) -> None:
    [error] = (await asker.ask(LIST, **variables))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert message in error["message"]


async def test_nobody_finds_what_is_out_of_reach(asker: Asker, services: Services) -> None:
    """Another developer, another organisation, a key that may not read goal arcs."""
    summary = (await asker.data("{ subSessions { nodes { summary } } }"))["subSessions"]["nodes"]
    only_there = '"goal reached"'
    assert any("goal reached" in (one["summary"] or "") for one in summary)
    assert await listed(asker, filter={"search": only_there}) == ["crushed"]
    for stranger in (await make_asker(services, asker.slug), await make_asker(services)):
        for sort in ("START", "TOKENS"):
            assert await listed(stranger, filter={"search": "round*"}, sort={"by": sort}) == []
            assert await listed(stranger, sort={"by": sort}) == []
    lead = await make_asker(services, asker.slug, KeyKind.SERVICE)
    assert await listed(lead, filter={"search": only_there}) == ["crushed"]
    narrow = await make_asker(
        services, asker.slug, KeyKind.SERVICE, scopes=frozenset({Scope.SESSIONS_READ, Scope.ORG_READ})
    )
    assert await listed(narrow, filter={"search": only_there}) == []
    assert await listed(narrow, filter={"search": "getusername or totals"}) != []


HIGHLIGHTS = """
query ($id: ID!, $search: String!, $first: Int) {
  session(id: $id) { highlights(search: $search, first: $first) { source nodeId at fragments { text matched } } }
}
"""


async def _highlights(asker: Asker, name: str, search: str, first: JsonValue = None) -> list[tuple[str, list[str]]]:
    data = await asker.data(HIGHLIGHTS, id=f"{asker.slug}-{name}", search=search, first=first)
    return [
        (one["source"], [part["text"] for part in one["fragments"] if part["matched"]])
        for one in data["session"]["highlights"]
    ]


async def test_highlights_show_what_was_met(asker: Asker) -> None:
    found = await _highlights(asker, "missed", "names getusername", 20)
    assert found[0] == ("TITLE", ["Names"])
    assert found[-1] == ("PROMPT", ["getUserName"])
    assert {source for source, _ in found[1:-1]} <= {"ARC_TITLE", "SUMMARY"}
    assert ("PROMPT", ["thanks, works"]) in await _highlights(asker, "crushed", '"thanks, works"')
    assert len(await _highlights(asker, "crushed", "totals", 1)) == 1
    assert await _highlights(asker, "crushed", "monad") == []
    for first in (0, 21):
        assert await asker.code(HIGHLIGHTS, id=f"{asker.slug}-crushed", search="x", first=first) == "BAD_USER_INPUT"


async def test_highlights_lead_to_what_they_are_of(asker: Asker) -> None:
    data = await asker.data(HIGHLIGHTS, id=f"{asker.slug}-crushed", search="totals", first=20)
    ids = [one["nodeId"] for one in data["session"]["highlights"]]
    nodes = (await asker.data("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", ids=ids))["nodes"]
    named = {"TITLE": "Session", "ARC_TITLE": "SubSession", "SUMMARY": "SubSession", "PROMPT": "Prompt"}
    sources = [one["source"] for one in data["session"]["highlights"]]
    assert [node["__typename"] for node in nodes] == [named[source] for source in sources]
    assert {"TITLE", "PROMPT"} <= set(sources)


async def test_a_renamed_arc_is_found_by_its_new_title(services: Services) -> None:
    asker = await make_asker(services)
    told = recorded(*bug_fix(0), ended(8))
    await _store(asker, told)
    [arc] = (await asker.data("{ subSessions { nodes { id } } }"))["subSessions"]["nodes"]
    await asker.data(
        'mutation ($id: ID!) { renameSubSession(input: {id: $id, title: "Zebra crossing"}) { userErrors { code } } }',
        id=arc["id"],
    )
    assert len(await listed(asker, filter={"search": "zebra"})) == 1
    assert len(await listed(asker, filter={"search": '"thanks, works"'})) == 1, "the words of prompts stay"
    await derive(asker.ctx, told)
    assert len(await listed(asker, filter={"search": "zebra -nothing"})) == 1


async def _store(asker: Asker, told: Recorded) -> None:
    batch = Batch("test", {told.id: SessionFacts(project=told.project)}, told.events)
    await resolvers.ingest.save_batch(asker.ctx.services, asker.ctx.caller, batch)
    await derive(asker.ctx, told)


TIMELINE = """
query ($id: ID!, $kinds: [EventKind!], $within: TimeRangeInput, $first: Int, $after: String) {
  session(id: $id) {
    timeline(kinds: $kinds, within: $within, first: $first, after: $after) {
      totalCount nodes { kind ts } pageInfo { endCursor hasNextPage }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ({"kinds": ["PROMPT"]}, "PROMPT PROMPT"),
        ({"kinds": ["PROMPT", "GIT_ACTION", "PROMPT"]}, "PROMPT GIT_ACTION GIT_ACTION PROMPT"),
        ({"kinds": ["MCP_CALL"]}, ""),
        ({"within": {"from": "2026-03-02T09:06:00Z", "to": "2026-03-02T09:07:00Z"}}, "GIT_ACTION GIT_ACTION"),
        ({"within": {"from": "2026-03-02T09:07:00Z"}, "kinds": ["PROMPT"]}, "PROMPT"),
        ({"kinds": ["PROMPT"], "within": {"to": "2026-03-02T09:07:00Z"}}, "PROMPT"),
    ],
)
async def test_a_timeline_shows_kinds_and_a_stretch_of_time(
    asker: Asker, wanted: dict[str, JsonValue], kinds: str
) -> None:
    id = f"{asker.slug}-crushed"
    page = (await asker.data(TIMELINE, id=id, **wanted))["session"]["timeline"]
    assert [node["kind"] for node in page["nodes"]] == kinds.split()
    assert page["totalCount"] == len(kinds.split())
    walked: list[str] = []
    after, more = None, True
    while more:
        page = (await asker.data(TIMELINE, id=id, first=1, after=after, **wanted))["session"]["timeline"]
        walked += [node["kind"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert walked == kinds.split()


async def test_the_parts_of_a_session(asker: Asker) -> None:
    query = """query ($id: ID!) { session(id: $id) {
      files { path linesAdded editCount created deleted } tools(first: 1) { name callCount errorCount durationMs }
      models { name responseCount tokens { total } costUsd unpriced unpricedCount } subAgents { agentId }
      toolErrorCount apiErrorCount commitCount pullRequestCount } }"""
    crushed, unpriced = [
        (await asker.data(query, id=f"{asker.slug}-{name}"))["session"] for name in ("crushed", "unpriced")
    ]
    assert crushed["files"] == [
        {"path": "shop/totals.py", "linesAdded": 1, "editCount": 1, "created": False, "deleted": False}
    ]
    assert crushed["tools"] == [{"name": "Edit", "callCount": 1, "errorCount": 0, "durationMs": None}]
    assert (crushed["commitCount"], crushed["pullRequestCount"], crushed["subAgents"]) == (1, 1, [])
    model = {"name": "m-1", "responseCount": 1}
    assert crushed["models"] == [
        model | {"tokens": {"total": 100}, "costUsd": 2.5, "unpriced": False, "unpricedCount": 0}
    ]
    assert unpriced["models"] == [
        model | {"tokens": {"total": 900}, "costUsd": None, "unpriced": True, "unpricedCount": 1}
    ]
    assert unpriced["apiErrorCount"] == 1
    too_many = "query ($id: ID!) { session(id: $id) { files(first: 1001) { path } } }"
    assert await asker.code(too_many, id=f"{asker.slug}-crushed") == "BAD_USER_INPUT"


async def test_decisions_are_told_with_what_is_known_of_them(services: Services) -> None:
    asker = await make_asker(services)
    data: dict[str, JsonValue] = {
        "title": "JSONB",
        "chosenOption": "one column",
        "impactScore": 4,
        "missedDecision": True,
    }
    odd: dict[str, JsonValue] = {"title": 7, "impactScore": True, "missedDecision": "no"}
    told = recorded(prompt("go", 0), event(Kind.DECISION_EVENT, 2, data=odd), event(Kind.DECISION_EVENT, 1, data=data))
    await _store(asker, replace(told))
    query = """query ($id: ID!) { session(id: $id) { decisions { totalCount nodes {
      title chosenOption context impactScore missed event { kind rawId } } } } }"""
    found = (await asker.data(query, id=told.id))["session"]["decisions"]
    assert found["totalCount"] == 2
    first, second = found["nodes"]
    assert first["event"] == {"kind": "DECISION_EVENT", "rawId": str(told.events[2].id)}
    assert {name: first[name] for name in ("title", "chosenOption", "context", "impactScore", "missed")} == {
        "title": "JSONB", "chosenOption": "one column", "context": None, "impactScore": 4.0, "missed": True,
    }  # fmt: skip
    assert (second["title"], second["impactScore"], second["missed"]) == (None, None, None)
