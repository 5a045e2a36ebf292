"""What the graph answers about recorded work."""

from domain.access import KeyKind
from resolvers.context import Services
from schema import nodes
from tests.hiring import create_assessment
from tests.history import bug_fix, clear, derive, ended, recorded, store
from tests.make import event, prompt
from tests.schema.asking import Asker, make_asker

ARC = """
query Arc($id: ID!) {
  subSession(id: $id) {
    __typename id rawId project state closeReason startedAt endedAt lastActivityAt firstPromptAt
    measures {
      turnCount netLineCount linesAdded linesRemoved mutatingToolCallCount readOnlyToolCallCount toolErrorCount
    }
    tokens { input output cacheRead cacheWrite total } costUsd
    substanceFloorPassed exclusionReason exclusionDetail
    intent intentConfidence judgeStatus letterGrade goalComplete completionConfidence qualifying crushed
    habits { habit applicable shown }
    rework { kind at by { id } }
    title summary titleSource commitRefs revertRefs rulesetVersion
    files { path linesAdded linesRemoved created deleted restored }
    flags { id kind severity detail createdAt events { id } }
    session { id rawId }
    developer { id email timeZone }
    prompts { id ts text tokenCount event { kind } }
    timeline(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { id kind ts tool path data } }
    verdict {
      goalComplete completionConfidence explicitAcceptance goalCompletedAt rationale
      judgeStatus intent intentConfidence letterGrade gradePoints judgeVersion rulesetVersion
      habits { habit shown }
      evidence { part criterion points quote events { id kind ts session { id } } }
    }
    mergedInto { id }
    fragments { id }
  }
}
"""


async def _one_arc(asker: Asker) -> str:
    """The global id of the arc of one recorded bug fix."""
    one = recorded(*bug_fix(0), ended(8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    data = await asker.data("query ($id: ID!) { session(id: $id) { subSessions { id } } }", id=one.id)
    return data["session"]["subSessions"][0]["id"]


async def test_an_arc_tells_everything_that_was_found_out(ada: Asker) -> None:
    arc = (await ada.data(ARC, id=await _one_arc(ada)))["subSession"]
    assert arc["__typename"] == "SubSession"
    assert (arc["state"], arc["closeReason"], arc["intent"]) == ("SCORED", "SESSION_END", "BUG_FIX")
    assert (arc["goalComplete"], arc["crushed"], arc["qualifying"]) == (True, True, True)
    assert arc["startedAt"] == "2026-03-02T09:00:00.000Z"
    assert arc["measures"]["turnCount"] == 2
    assert arc["files"] == [
        {"path": "shop/totals.py", "linesAdded": 1, "linesRemoved": 0, "created": False, "deleted": False}
        | {"restored": False}
    ]
    assert [p["event"]["kind"] for p in arc["prompts"]] == ["PROMPT", "PROMPT"]
    assert arc["prompts"][1]["text"] == "thanks, works perfectly"
    assert arc["developer"]["timeZone"] == "UTC"
    assert len(arc["habits"]) == 7
    assert all(h["applicable"] == (h["shown"] is not None) for h in arc["habits"])


async def test_every_piece_of_evidence_names_events_that_are_there(ada: Asker) -> None:
    arc = (await ada.data(ARC, id=await _one_arc(ada)))["subSession"]
    assert {evidence["part"] for evidence in arc["verdict"]["evidence"]} == {"INTENT", "RUBRIC", "OUTCOME"}
    for evidence in arc["verdict"]["evidence"]:
        assert evidence["events"], evidence
        assert all(e["session"]["id"] == arc["session"]["id"] for e in evidence["events"])


async def test_an_arc_is_found_by_its_global_id_and_by_its_uuid(ada: Asker) -> None:
    id = await _one_arc(ada)
    by_id = (await ada.data(ARC, id=id))["subSession"]
    assert (await ada.data(ARC, id=by_id["rawId"]))["subSession"] == by_id


async def test_the_timeline_of_an_arc_is_read_page_by_page(ada: Asker) -> None:
    id = await _one_arc(ada)
    kinds: list[object] = []
    after, pages, more = None, 0, True
    query = """
      query ($id: ID!, $after: String) { subSession(id: $id) {
        timeline(first: 3, after: $after) { nodes { kind } totalCount pageInfo { hasNextPage endCursor } } } }
    """
    while more:
        page = (await ada.data(query, id=id, after=after))["subSession"]["timeline"]
        kinds += [node["kind"] for node in page["nodes"]]
        after, more, pages = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"], pages + 1
    whole = [*(one.kind.name for one in bug_fix(0)), "SESSION_END"]
    assert (kinds, page["totalCount"], pages) == (whole, len(whole), 3)


async def test_two_arcs_of_a_session_share_no_event(ada: Asker) -> None:
    one = recorded(*bug_fix(0, "a.py"), clear(8), *bug_fix(60, "b.py"), ended(70))
    await store(ada.ctx, one)
    await derive(ada.ctx, one)
    query = "query ($id: ID!) { session(id: $id) { subSessions { timeline { nodes { id } } } } }"
    first, second = (await ada.data(query, id=one.id))["session"]["subSessions"]
    ids = [{node["id"] for node in arc["timeline"]["nodes"]} for arc in (first, second)]
    assert [len(one) for one in ids] == [8, 8]
    assert not ids[0] & ids[1]


async def test_a_merged_fragment_leads_to_its_arc(ada: Asker) -> None:
    one = recorded(*bug_fix(0), clear(8), *bug_fix(9), ended(17))
    await store(ada.ctx, one)
    await derive(ada.ctx, one)
    query = """{ subSessions(filter: {state: MERGED}) { nodes { id fragments { id } mergedInto { id
      fragments { id state } timeline { totalCount } prompts { id } } } } }"""
    [part] = (await ada.data(query))["subSessions"]["nodes"]
    whole = part["mergedInto"]
    assert part["fragments"] == []
    assert [f["id"] for f in whole["fragments"]] == [whole["id"], part["id"]]
    assert (whole["timeline"]["totalCount"], len(whole["prompts"])) == (16, 4)
    assert (await ada.data("{ subSessions { totalCount nodes { id } } }"))["subSessions"] == {
        "totalCount": 1,
        "nodes": [{"id": whole["id"]}],
    }


async def test_a_session_tells_its_facts_and_its_prompts(ada: Asker) -> None:
    one = recorded(event("session_start", 0), prompt("one", 1), prompt("two", 2), prompt("three", 3))
    await store(ada.ctx, one)
    query = """query ($id: ID!, $after: String) { session(id: $id) { id rawId sourceService project startedAt endedAt
      eventCount metadata costUsd tokens { total } developer { email }
      prompts(first: 2, after: $after) { nodes { text } pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
    session = (await ada.data(query, id=one.id))["session"]
    assert (session["rawId"], session["sourceService"], session["eventCount"]) == (one.id, "claude-code", 4)
    assert (session["startedAt"], session["endedAt"]) == ("2026-03-02T09:00:00.000Z", None)
    assert [node["text"] for node in session["prompts"]["nodes"]] == ["one", "two"]
    assert session["prompts"]["pageInfo"]["hasNextPage"] is True
    after = session["prompts"]["pageInfo"]["endCursor"]
    rest = (await ada.data(query, id=session["id"], after=after))["session"]["prompts"]
    assert [node["text"] for node in rest["nodes"]] == ["three"]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert rest["pageInfo"]["hasPreviousPage"] is True


async def test_sessions_are_paged_newest_first_and_counted_when_asked(ada: Asker) -> None:
    told = [recorded(prompt("hello", 60 * n)) for n in range(5)]
    await store(ada.ctx, *told)
    query = """query ($after: String) { sessions(first: 2, after: $after) { totalCount
      edges { cursor node { rawId } } pageInfo { startCursor endCursor hasNextPage } } }"""
    seen: list[object] = []
    after = None
    for _ in range(3):
        page = (await ada.data(query, after=after))["sessions"]
        assert page["totalCount"] == 5
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        seen += [edge["node"]["rawId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert seen == [one.id for one in reversed(told)]


async def test_lists_are_filtered_by_time_developer_source_intent_and_state(ada: Asker) -> None:
    fix, chat = recorded(*bug_fix(0), ended(8)), recorded(prompt("hi", 600), ended(601))
    await store(ada.ctx, fix, chat)
    await derive(ada.ctx, fix, chat)
    viewer = (await ada.data("{ viewer { developer { id } } }"))["viewer"]["developer"]["id"]
    query = "query ($f: SubSessionFilterInput) { subSessions(filter: $f) { nodes { state } totalCount } }"

    async def states(**wanted: object) -> list[object]:
        found = (await ada.data(query, f=wanted))["subSessions"]
        assert found["totalCount"] == len(found["nodes"])
        return [node["state"] for node in found["nodes"]]

    assert await states() == ["EXCLUDED", "SCORED"]
    assert await states(intent="BUG_FIX") == ["SCORED"]
    assert await states(state="EXCLUDED") == ["EXCLUDED"]
    assert await states(sourceService="claude_code", developer=viewer) == ["EXCLUDED", "SCORED"]
    assert await states(sourceService="cursor") == []
    assert await states(session=fix.id) == ["SCORED"]
    assert await states(startedAt={"to": "2026-03-02T10:00:00+01:00"}) == []
    assert await states(startedAt={"from": "2026-03-02T10:00:00+01:00", "to": "2026-03-02T09:00:01Z"}) == ["SCORED"]
    query = "query ($f: SessionFilterInput) { sessions(filter: $f) { totalCount } }"
    hers = {"sourceService": "claude_code", "developer": viewer}
    assert (await ada.data(query, f=hers))["sessions"]["totalCount"] == 2
    assert (await ada.data(query, f={"startedAt": {"from": "2026-03-02T12:00:00Z"}}))["sessions"]["totalCount"] == 1


async def test_nodes_come_in_the_order_asked_for(ada: Asker) -> None:
    arc = (await ada.data(ARC, id=await _one_arc(ada)))["subSession"]
    event_id = arc["verdict"]["evidence"][0]["events"][0]["id"]
    ids = [event_id, arc["id"], arc["developer"]["id"], arc["session"]["id"], arc["id"]]
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
      ... on SubSession { state } ... on Session { eventCount } ... on Event { kind } ... on Developer { email } } }"""
    found = (await ada.data(query, ids=ids))["nodes"]
    assert [node["id"] for node in found] == ids
    assert [node["__typename"] for node in found] == ["Event", "SubSession", "Developer", "Session", "SubSession"]
    one = await ada.data("query ($id: ID!) { node(id: $id) { id } }", id=arc["id"])
    assert one["node"] == {"id": arc["id"]}


async def test_the_viewer_is_who_holds_the_key(ada: Asker) -> None:
    query = "{ viewer { id email timeZone keyKind scopes organisation { slug environmentId } developer { rawId } } }"
    viewer = (await ada.data(query))["viewer"]
    assert viewer["organisation"] == {"slug": ada.slug, "environmentId": ada.ctx.caller.environment_id}
    assert viewer["developer"]["rawId"] == str(ada.ctx.caller.user_id)
    assert viewer["keyKind"] == "DEVELOPER"
    assert viewer["scopes"] == sorted(ada.ctx.caller.scopes)


async def test_the_score_is_that_of_the_window_now_lies_in(ada: Asker) -> None:
    await _one_arc(ada)
    query = """query ($z: String) { score(window: MONTHLY, timeZone: $z) {
      window from to timeZone prismScore letterGrade personalTier crushedCount totalCount pendingCount crushWeight
      interval { low high } tooFew sparkline } }"""
    assert (await ada.data(query, z="Asia/Tokyo"))["score"] == {
        "window": "MONTHLY",
        "from": "2027-02-28T15:00:00.000Z",
        "to": "2027-03-31T15:00:00.000Z",
        "timeZone": "Asia/Tokyo",
        "prismScore": None,
        "letterGrade": None,
        "personalTier": None,
        "crushedCount": 0,
        "totalCount": 0,
        "pendingCount": 0,
        "crushWeight": None,
        "interval": None,
        "tooFew": True,
        "sparkline": [None, None, None, None],
    }
    assert await ada.code(query, z="Mars/Olympus") == "BAD_USER_INPUT"
    assert await ada.code(query, z="\x00") == "BAD_USER_INPUT"
    assert await ada.code(query, z="") == "BAD_USER_INPUT"


async def test_another_organisation_sees_nothing_of_it(ada: Asker, eve: Asker) -> None:
    arc = (await ada.data(ARC, id=await _one_arc(ada)))["subSession"]
    event_id = arc["timeline"]["nodes"][0]["id"]
    assert await eve.code(ARC, id=arc["id"]) == "NOT_FOUND"
    assert await eve.code("query ($id: ID!) { session(id: $id) { id } }", id=arc["session"]["id"]) == "NOT_FOUND"
    ids = [arc["id"], arc["session"]["id"], arc["developer"]["id"], event_id]
    assert (await eve.data("query ($i: [ID!]!) { nodes(ids: $i) { id } }", i=ids))["nodes"] == [None] * 4
    assert (await eve.data("{ sessions { totalCount } subSessions { totalCount } }")) == {
        "sessions": {"totalCount": 0},
        "subSessions": {"totalCount": 0},
    }
    query = "query ($d: ID) { score(developer: $d) { totalCount } }"
    assert await eve.code(query, d=arc["developer"]["id"]) == "NOT_FOUND"


async def test_a_colleague_sees_it_only_with_the_scope_for_the_organisation(ada: Asker, judged: Services) -> None:
    id = await _one_arc(ada)
    colleague = await make_asker(judged, ada.slug)
    assert await colleague.code(ARC, id=id) == "NOT_FOUND"
    lead = await make_asker(judged, ada.slug, admin=True)
    assert (await lead.data(ARC, id=id))["subSession"]["id"] == id


async def test_a_key_without_the_scope_is_refused_on_every_way_to_an_arc(ada: Asker, judged: Services) -> None:
    reader = await make_asker(judged, scopes=("sessions:read", "events:write"))
    one = recorded(*bug_fix(0), ended(8))
    await store(reader.ctx, one)
    await derive(reader.ctx, one)
    assert await reader.code("{ subSessions { totalCount } }") == "FORBIDDEN"
    assert await reader.code("{ score { totalCount } }") == "FORBIDDEN"
    assert await reader.code("query ($id: ID!) { session(id: $id) { subSessions { id } } }", id=one.id) == "FORBIDDEN"
    assert (await reader.data("query ($id: ID!) { session(id: $id) { eventCount } }", id=one.id))["session"]


async def test_an_arc_may_span_sessions(ada: Asker) -> None:
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(10), ended(18))
    await store(ada.ctx, one, two)
    await derive(ada.ctx, one, two)
    query = """{ subSessions { nodes { prompts { event { session { rawId } } } fragments { session { rawId } }
      timeline(first: 100) { totalCount nodes { kind session { rawId } } }
      verdict { evidence { events { session { rawId } } } } } } }"""
    [arc] = (await ada.data(query))["subSessions"]["nodes"]
    assert [part["session"]["rawId"] for part in arc["fragments"]] == [one.id, two.id]
    assert [prompt["event"]["session"]["rawId"] for prompt in arc["prompts"]] == [one.id, one.id, two.id, two.id]
    told = [node["session"]["rawId"] for node in arc["timeline"]["nodes"]]
    assert told == [one.id] * 8 + [two.id] * 8
    assert arc["timeline"]["totalCount"] == 16
    assert all(evidence["events"] for evidence in arc["verdict"]["evidence"])


async def test_a_candidate_sees_the_one_session_of_the_key(judged: Services) -> None:
    lead = await make_asker(judged, admin=True)
    assessment = await create_assessment(judged.database.urls, lead.slug, "Rounding")
    first, second = [
        await make_asker(judged, lead.slug, KeyKind.CANDIDATE, assessment_id=assessment, email="hire@example.org")
        for _ in range(2)
    ]
    own, other = recorded(*bug_fix(0)), recorded(*bug_fix(60))
    await store(first.ctx, own)
    await store(second.ctx, other)
    query = "{ sessions { totalCount nodes { rawId timeline { nodes { id } } } } }"
    assert [node["rawId"] for node in (await first.data(query))["sessions"]["nodes"]] == [own.id]
    [theirs] = (await second.data(query))["sessions"]["nodes"]
    ids = [nodes.encode("Session", other.id), theirs["timeline"]["nodes"][0]["id"]]
    assert (await first.data("query ($i: [ID!]!) { nodes(ids: $i) { id } }", i=ids))["nodes"] == [None, None]
    assert await first.code("query ($id: ID!) { session(id: $id) { id } }", id=other.id) == "NOT_FOUND"
    assert await first.code("{ subSessions { totalCount } }") == "FORBIDDEN"
