"""A list costs as many statements as one item: no edge is loaded item by item."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
import sqlalchemy as sa
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

import persistence.session_parts
import persistence.summaries
import resolvers.ingest
from domain.access import KeyKind
from domain.ingest.batch import Batch, SessionFacts
from domain.judging.arcs import SessionLog
from domain.judging.records import Appeal, Evidence, FileEdits, Flag, FlagKind, Rework, ReworkKind, State, SubSession
from domain.judging.rule_judge import RuleJudge
from domain.session_parts import ModelUsed, SessionParts, SubAgent, session_parts
from domain.summaries import Course, course
from domain.timeline import Event, Kind, Tokens
from domain.values import SubSessionId, UserId
from persistence.cohorts import candidate_sessions
from persistence.database import Tenant
from persistence.derivation import Update, save_arcs
from resolvers.context import Services
from tests.history import Recorded, bug_fix, recorded
from tests.make import event, sub_session
from tests.schema.asking import Asker, make_asker
from tests.schema.graph import GRAPH
from tests.sent import telling

MANY = 30


ARGUMENTS = {"first": "first: 2", "search": 'search: "totals"'}


class Root(NamedTuple):
    """A list of items of a type; from it so many edges are followed one after the other."""

    type: str
    query: str
    deep: int


THAT_YEAR = 'within: {from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z"}'
ROOTS = {
    "sessions": Root("Session", "{ sessions(first: 5) { nodes { %s } } }", 2),
    "subSessions": Root("SubSession", "{ subSessions(first: 10) { nodes { %s } } }", 3),
    "turns": Root("SessionTurn", "{ sessions(first: 5) { nodes { details { turns(first: 2) { %s } } } } }", 1),
    "summaries": Root(
        "SessionSummary", f"{{ sessionInsights({THAT_YEAR}) {{ summaries(first: 5) {{ nodes {{ %s }} }} }} }}", 2
    ),
    "merged": Root("SubSession", "{ subSessions(first: 5, filter: {state: MERGED}) { nodes { %s } } }", 1),
}


class Way(NamedTuple):
    """From an item over some edges, of which the last is `edge`, to all the leaves that stand there."""

    name: str
    edge: str
    selection: str


def _ways(name: str, deep: int, edge: str = "", passed: frozenset[str] = frozenset()) -> Iterator[Way]:
    """Those from an object of a type, which go over no edge twice."""
    type = GRAPH.type_map[name]
    assert isinstance(type, GraphQLObjectType)
    leaves = [field for field, told in type.fields.items() if is_leaf_type(get_named_type(told.type))]
    yield Way("", edge, " ".join(leaves) or "__typename")
    for field, told in type.fields.items():
        below, next = get_named_type(told.type), f"{name}.{field}"
        if is_leaf_type(below) or next in passed or deep == 0:
            continue
        # Edges of a connection lead to the same items as its nodes: one step is enough.
        further = 1 if field == "edges" else deep if name.endswith("Connection") else deep - 1
        given = ", ".join(ARGUMENTS[argument] for argument in told.args if argument in ARGUMENTS)
        paged = f"({given})" if given else ""
        for way in _ways(below.name, further, next, passed | {next}):
            yield Way(f"{field}.{way.name}".rstrip("."), way.edge, f"{field}{paged} {{ {way.selection} }}")


@contextmanager
def statements() -> Generator[list[str]]:
    """Every statement that any engine of this process sends, without the budgets of keys, written now and then."""
    seen: list[str] = []

    def note(_connection: object, sql: str, _values: object) -> None:
        if "rate_limits" not in sql:
            seen.append(sql)

    with telling(note):
        yield seen


def _arcs(told: Recorded, asker: Asker) -> list[SubSession]:
    """An arc with everything a list can show, a fragment merged into it, and a later arc that undid it."""
    own, part, later = (SubSessionId(uuid4()) for _ in range(3))
    ids = tuple(event.id for event in told.events)
    begun = told.events[0].ts
    whole = sub_session(
        id=own,
        session_id=told.id,
        user_id=asker.ctx.caller.user_id,
        started_at=begun,
        ended_at=told.events[-1].ts,
        last_event_at=told.events[-1].ts,
        fragment_ids=(own, part),
        prompt_ids=ids[:2],
        judge_version=RuleJudge.version,
        files=(FileEdits("a.py", 1, 0), FileEdits("b.py", 2, 1)),
        flags=(Flag(uuid4(), FlagKind.TINY_PROMPT_BURST, own, begun, "info", "many", ids[2:4]),),
        evidence=(Evidence("outcome", "accepted", 20, ids[4:6]), Evidence("outcome", "checked", 25, ids[6:])),
        rework=Rework(ReworkKind.REVERT, later, begun),
        appeal=Appeal(goal_complete=True, reason="it works", at=begun, judged_goal_complete=False),
    )
    bare = replace(whole, files=(), flags=(), evidence=(), rework=None)
    merged = replace(bare, id=part, state=State.MERGED, merged_into_id=own, fragment_ids=())
    return [whole, merged, replace(bare, id=later, fragment_ids=(later,))]


def _decision(told: Recorded) -> Event:
    return replace(event(Kind.DECISION_EVENT, told.events[-1].ts + timedelta(minutes=1)), session_id=told.id)


def _parts(told: Recorded) -> SessionParts:
    """Those of the session, and a sub-agent."""
    whole = session_parts(told.events)
    began = told.events[0].ts
    agent = SubAgent("a1", "Explore", None, 1, 0, Tokens(1, 2, 3, 4), None, began, began)
    return replace(
        whole, models=(ModelUsed("m", 1, Tokens(1), None, 1, tokens_are_lower_bound=False),), agents=(agent,)
    )


async def _fill(asker: Asker, count: int) -> None:
    """Recorded sessions with the arcs above."""
    ctx = asker.ctx
    works = [bug_fix(60 * number) for number in range(count)]
    told = [recorded(replace(work[0], tokens=Tokens(1, 2, 3, 4)), *work[1:]) for work in works]
    facts = {one.id: SessionFacts(source_service="claude-code", title="Totals") for one in told}
    events = tuple(event for one in told for event in (*one.events, _decision(one)))
    await resolvers.ingest.save_batch(ctx.services, ctx.caller, Batch("test", facts, events))
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await save_arcs(db, ctx.caller.org_id, [Update(None, arc) for one in told for arc in _arcs(one, asker)])
        parts = {one.id: (ctx.caller.user_id, _parts(one)) for one in told}
        await persistence.session_parts.save(db, ctx.caller.org_id, parts)
        courses = {one.id: (ctx.caller.user_id, _course(one)) for one in told}
        await persistence.summaries.save(db, ctx.caller.org_id, courses)
        await db.execute(sa.insert(candidate_sessions), [_compared(one, asker) for one in told])


def _course(told: Recorded) -> Course:
    log = SessionLog(told.id, UserId(uuid4()), None, told.events[-1].ts, told.events)
    found = course(log, session_parts(told.events), [sub_session(session_id=told.id)])
    assert found is not None
    return found


def _compared(told: Recorded, asker: Asker) -> dict[str, object]:
    """A session in a cohort."""
    org_id, user_id = asker.ctx.caller.org_id, asker.ctx.caller.user_id
    key = {"key_id": user_id, "assessment_id": user_id, "user_id": user_id}
    return {"org_id": org_id, "session_id": told.id, "counts_from": asker.ctx.now(), **key}


@pytest.fixture(scope="module")
async def askers(services: Services) -> tuple[Asker, Asker]:
    """Somebody with one session, and somebody with many."""
    few, many = await make_asker(services), await make_asker(services)
    await _fill(few, 1)
    await _fill(many, MANY)
    return few, many


def _edges(name: str) -> set[str]:
    """All that can be reached from a type."""
    found, waiting = set[str](), [name]
    while waiting:
        type = GRAPH.type_map[waiting.pop()]
        assert isinstance(type, GraphQLObjectType)
        below = {f"{type.name}.{field}": get_named_type(told.type) for field, told in type.fields.items()}
        new = {edge: type for edge, type in below.items() if not is_leaf_type(type) and edge not in found}
        found |= set(new)
        waiting += [type.name for type in new.values()]
    return found


def _told(data: object) -> bool:
    """Whether an answer holds anything."""
    if isinstance(data, dict):
        return any(map(_told, data.values()))
    return any(map(_told, data)) if isinstance(data, list) else data is not None


async def test_five_items_cost_as_many_statements_as_one_on_every_way_through_the_graph(
    askers: tuple[Asker, Asker],
) -> None:
    dear: list[str] = []
    edges, reached = set[str](), set[str]()
    for name, root in ROOTS.items():
        for way in _ways(root.type, root.deep):
            counts: list[int] = []
            for asker in askers:
                with statements() as seen:
                    data = await asker.data(root.query % way.selection)
                counts.append(len(seen))
            dear += [f"{name}.{way.name}: {counts}"] if counts[0] != counts[1] else []
            edges.add(way.edge)
            reached |= {way.edge} if _told(data) else set()
    assert dear == []
    assert edges == {"", *_edges("Session")}, "some edge lies deeper"
    assert reached == edges, "nothing stands there, which costs nothing"


async def test_objects_asked_for_one_by_one_are_read_together(askers: tuple[Asker, Asker]) -> None:
    _, many = askers
    nodes = (await many.data("{ subSessions(first: 40) { nodes { id session { id } } } }"))["subSessions"]["nodes"]
    ids = [node["id"] for node in nodes] + [node["session"]["id"] for node in nodes]
    counts: list[int] = []
    for some in (ids[:1] + ids[-1:], ids):
        with statements() as seen:
            await many.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=some)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    several = " ".join(f's{n}: session(id: "{id}") {{ id }}' for n, id in enumerate(ids[-20:]))
    with statements() as seen:
        await many.data("{ " + several + " }")
    assert sum("FROM sessions" in one for one in seen) == 1


async def test_scores_of_several_windows_and_developers_are_read_together(askers: tuple[Asker, Asker]) -> None:
    services, slug = askers[0].ctx.services, askers[0].slug
    lead = await make_asker(services, slug, KeyKind.SERVICE)
    own, others = (asker.ctx.caller.user_id for asker in (lead, askers[0]))
    zones = ("UTC", "Asia/Tokyo", "America/Lima")
    wanted = [(id, window, zone) for id in (own, others) for window in ("DAILY", "WEEKLY", "MONTHLY") for zone in zones]
    fields = [
        f's{n}: score(developer: "{id}", window: {window}, timeZone: "{zone}") {{ totalCount pendingCount from }}'
        for n, (id, window, zone) in enumerate(wanted)
    ]
    with statements() as seen:
        together = await lead.data("{ " + " ".join(fields) + " }")
    assert sum("FROM sub_sessions" in one for one in seen) == 2, "the own ones need not wait for a developer"
    apart = [(await lead.data("{ " + field + " }"))[f"s{n}"] for n, field in enumerate(fields)]
    assert list(together.values()) == apart


async def test_pillars_of_several_windows_and_developers_are_read_together(askers: tuple[Asker, Asker]) -> None:
    """Whole days for all pillars, and for the headlines above them, in one statement."""
    services, slug = askers[0].ctx.services, askers[0].slug
    lead = await make_asker(services, slug, KeyKind.SERVICE)
    hers = askers[0].ctx.caller.user_id
    pillars = """totalCount asOf speed { cspw } tokens { tpt breakdown { total } } skill { apg habits { share } }
      verdicts { totalCount } integrity { totalCount } trivia { totalCount }"""
    counts: list[int] = []
    for some in (("WEEKLY",), ("DAILY", "WEEKLY", "MONTHLY")):
        fields = [
            f'w{n}: score(developer: "{hers}", window: {window}, dayAligned: {aligned}) {{ {pillars} }}'
            for n, (window, aligned) in enumerate((one, aligned) for one in some for aligned in ("false", "true"))
        ]
        with statements() as seen:
            await lead.data("{ " + " ".join(fields) + " }")
        assert sum("score_days" in one and "day.totals" in one for one in seen) == 1
        assert not any("sum(day." in one for one in seen)
        counts.append(len(seen))
    # What had passed of a window before ends within a day, whose arcs are scanned.
    assert counts[0] == counts[1]


async def test_windows_of_one_list_are_read_in_one_statement_for_each_way_of_paging(
    askers: tuple[Asker, Asker],
) -> None:
    forth = "a: timeline(first: 1) { nodes { id } } b: timeline(first: 3) { nodes { id } } c: prompts { nodes { id } }"
    back = "d: timeline(last: 2) { nodes { id } } e: prompts(last: 1) { totalCount nodes { id } }"
    for asker in askers:
        with statements() as seen:
            page = (await asker.data(f"{{ sessions(first: 5) {{ nodes {{ {forth} {back} }} }} }}"))["sessions"]
        assert sum("FROM events" in one for one in seen) == 3, "forth, back, and the count"
        for node in page["nodes"]:
            lengths = [len(node[name]["nodes"]) for name in "abcde"]
            assert (lengths, node["e"]["totalCount"]) == ([1, 3, 2, 2, 1], 2)


async def test_what_is_not_asked_for_is_not_counted(askers: tuple[Asker, Asker]) -> None:
    with statements() as seen:
        await askers[0].data("{ sessions { nodes { id } } subSessions { nodes { id } } }")
    assert not [one for one in seen if "count(" in one]


async def test_every_item_of_a_batch_gets_its_own(askers: tuple[Asker, Asker]) -> None:
    """Batches answer by key, not by place."""
    query = """{ subSessions(first: 100) { nodes { rawId startedAt lastActivityAt
      session { rawId prompts { nodes { ts } } timeline(first: 2) { nodes { session { rawId } } } }
      timeline(first: 3) { totalCount nodes { ts session { rawId } } } prompts { ts } files { path } } } }"""
    for node in (await askers[1].data(query))["subSessions"]["nodes"]:
        own = node["session"]["rawId"]
        assert [e["session"]["rawId"] for e in node["session"]["timeline"]["nodes"]] == [own, own]
        assert [e["session"]["rawId"] for e in node["timeline"]["nodes"]] == [own] * 3
        assert node["timeline"]["totalCount"] == 7
        assert node["timeline"]["nodes"][0]["ts"] == node["startedAt"]
        prompts = node["session"]["prompts"]["nodes"]
        assert all(node["startedAt"] <= one["ts"] <= node["lastActivityAt"] for one in prompts)
