"""Assessments and candidates as front ends of reviewers use them."""

import pytest

from domain.access import KeyKind
from domain.values import JsonObject, JsonValue
from resolvers.access import authenticate
from resolvers.context import Services
from schema import nodes
from tests.history import bug_fix, derive, ended, recorded, store
from tests.make_context import context_of
from tests.schema.asking import Asker, make_asker

TASK = """title role taskBrief repoUrl issueId timeLimitMinutes tokenBudgetUsd allowedTools expiresInDays createdAt
  deletedAt"""
CREATE = f"""mutation ($input: CreateAssessmentInput!) {{ createAssessment(input: $input) {{
  assessment {{ id rawId {TASK} }} userErrors {{ field code message }} }} }}"""
DELETE = """mutation ($id: ID!) { deleteAssessment(input: {id: $id}) { deletedId userErrors { field code } } }"""
ASSESSMENTS = "query ($n: Int, $after: String) { assessments(first: $n, after: $after) { totalCount nodes { id title } pageInfo { endCursor hasNextPage } } }"  # noqa: E501
CANDIDATE = "id rawId email name status expiresAt redeemedAt completedAt session { rawId } assessment { title }"
GENERATE = f"""mutation ($input: GenerateCandidateKeysInput!) {{ generateCandidateKeys(input: $input) {{
  keys {{ key candidate {{ {CANDIDATE} }} }} userErrors {{ field code }} }} }}"""
SET = f"""mutation ($id: ID!, $status: CandidateStatus!) {{ setCandidateStatus(input: {{id: $id, status: $status}}) {{
  candidate {{ {CANDIDATE} }} userErrors {{ field code }} }} }}"""
REVOKE = "mutation ($id: ID!) { revokeCandidateKey(input: {id: $id}) { revokedId userErrors { field code } } }"
CANDIDATES = "query ($f: CandidateFilterInput) { candidates(filter: $f) { totalCount nodes { id status } } }"
SESSIONS = """query ($of: ID!, $by: SessionSortKey!) {
  sessions(filter: {assessment: $of}, sort: {by: $by}) { totalCount nodes { rawId } } }"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
COMPARED = """query ($id: ID!) { session(id: $id) { cohortStats { sessionCount
  metrics { avgDurationMs avgPromptCount avgCommandFailRate avgVerifyIntensity avgManualEditRatio
    avgFirstChangeLatencyMs testPassRate }
  percentiles { durationMs promptCount commandFailRate verifyIntensity manualEditRatio firstChangeLatencyMs } } } }"""


@pytest.fixture
async def rev(judged: Services) -> Asker:
    return await make_asker(judged, kind=KeyKind.REVIEWER)


async def assessment(asker: Asker, **input: JsonValue) -> JsonObject:
    made = (await asker.data(CREATE, input={"title": "Rounding", **input}))["createAssessment"]
    assert made["userErrors"] == []
    return made["assessment"]


async def generate(asker: Asker, id: JsonValue, *candidates: JsonObject) -> JsonObject:
    wish = {"assessment": id, "candidates": list(candidates)}
    return (await asker.data(GENERATE, input=wish))["generateCandidateKeys"]


async def invited(asker: Asker, id: JsonValue, **candidate: JsonValue) -> JsonObject:
    [key] = (await generate(asker, id, candidate))["keys"]
    return key


async def test_an_assessment_is_made_listed_and_taken_back(rev: Asker) -> None:
    told = {
        "role": "Backend", "taskBrief": "Round half up.\nAdd a test.", "repoUrl": "https://example.org/shop.git",
        "issueId": "SHOP-7", "timeLimitMinutes": 90, "tokenBudgetUsd": 12.5, "allowedTools": ["CODEX"],
        "expiresInDays": 3,
    }  # fmt: skip
    plain, full = await assessment(rev), await assessment(rev, **told)
    assert {name: full[name] for name in told} == told
    assert (plain["allowedTools"], plain["expiresInDays"], plain["tokenBudgetUsd"]) == (
        ["CLAUDE", "CODEX", "CURSOR"], 7, None,
    )  # fmt: skip
    first = (await rev.data(ASSESSMENTS, n=1))["assessments"]
    assert (first["totalCount"], first["nodes"][0]["id"], first["pageInfo"]["hasNextPage"]) == (2, full["id"], True)
    rest = (await rev.data(ASSESSMENTS, n=1, after=first["pageInfo"]["endCursor"]))["assessments"]
    assert [one["id"] for one in rest["nodes"]] == [plain["id"]]
    assert (await rev.data(NODE, id=full["id"]))["node"] == {"__typename": "Assessment", "id": full["id"]}
    gone = (await rev.data(DELETE, id=full["rawId"]))["deleteAssessment"]
    assert gone == {"deletedId": full["id"], "userErrors": []}
    again = (await rev.data(DELETE, id=full["id"]))["deleteAssessment"]
    assert again == {"deletedId": None, "userErrors": [{"field": ["id"], "code": "NOT_FOUND"}]}
    assert (await rev.data(NODE, id=full["id"]))["node"] is None
    assert (await rev.data(ASSESSMENTS))["assessments"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("input", "refusal"),
    [
        ({"title": " "}, ("title", "BLANK")),
        ({"title": "a\nb"}, ("title", "NOT_PRINTABLE")),
        ({"title": "x" * 201}, ("title", "TOO_LONG")),
        ({"taskBrief": "x" * 20_001}, ("taskBrief", "TOO_LONG")),
        ({"repoUrl": "https://example.org/\x00"}, ("repoUrl", "NOT_PRINTABLE")),
        ({"timeLimitMinutes": 0}, ("timeLimitMinutes", "OUT_OF_RANGE")),
        ({"tokenBudgetUsd": 1000.01}, ("tokenBudgetUsd", "OUT_OF_RANGE")),
        ({"tokenBudgetUsd": -1}, ("tokenBudgetUsd", "OUT_OF_RANGE")),
        ({"expiresInDays": 0}, ("expiresInDays", "OUT_OF_RANGE")),
        ({"expiresInDays": 366}, ("expiresInDays", "OUT_OF_RANGE")),
        ({"allowedTools": []}, ("allowedTools", "EMPTY")),
    ],
)
async def test_what_stands_against_an_assessment_is_told(
    rev: Asker, input: JsonObject, refusal: tuple[str, str]
) -> None:
    made = (await rev.data(CREATE, input={"title": "Rounding", **input}))["createAssessment"]
    assert made["assessment"] is None
    assert [(*error["field"], error["code"]) for error in made["userErrors"]] == [refusal]


async def test_a_candidate_from_the_key_to_the_job(rev: Asker) -> None:
    task = await assessment(rev, repoUrl="https://example.org/shop.git")
    made = await invited(rev, task["id"], email=" Kim@Example.org ", name="Kim")
    one, services = made["candidate"], rev.ctx.services
    assert (one["email"], one["name"], one["status"]) == ("kim@example.org", "Kim", "PENDING")
    assert (one["session"], one["redeemedAt"], one["assessment"]) == (None, None, {"title": "Rounding"})
    told = recorded(*bug_fix(0))
    ctx = context_of(services, await authenticate(services, made["key"]))
    await store(ctx, told)
    at_work = (await rev.data(f"query ($id: ID!) {{ candidate(id: $id) {{ {CANDIDATE} }} }}", id=one["rawId"]))[
        "candidate"
    ]
    assert (at_work["status"], at_work["session"], at_work["redeemedAt"] is None) == (
        "ACTIVE",
        {"rawId": told.id},
        False,
    )
    metadata = (await rev.data("query ($id: ID!) { session(id: $id) { metadata } }", id=told.id))["session"]["metadata"]
    assert metadata == {
        "assessmentId": task["rawId"], "candidateName": "Kim", "repoUrl": "https://example.org/shop.git",
    }  # fmt: skip
    await store(ctx, recorded(ended(8), id=told.id))
    await derive(ctx, told)
    listed = (await rev.data(CANDIDATES, f={"assessment": task["id"], "status": "COMPLETED"}))["candidates"]
    assert listed == {"totalCount": 1, "nodes": [{"id": one["id"], "status": "COMPLETED"}]}
    hired = (await rev.data(SET, id=one["id"], status="HIRED"))["setCandidateStatus"]["candidate"]
    assert (hired["status"], hired["completedAt"] is None) == ("HIRED", False)
    stats = (await rev.data(COMPARED, id=told.id))["session"]["cohortStats"]
    assert (stats["sessionCount"], stats["percentiles"]) == (1, None)
    assert (stats["metrics"]["avgDurationMs"], stats["metrics"]["testPassRate"]) == (480_000, 0)


async def test_sessions_are_found_by_what_they_were_done_for(rev: Asker) -> None:
    """In every order, also before anything was derived where that does not matter."""
    services, done = rev.ctx.services, dict[str, str]()
    for task in (await assessment(rev), await assessment(rev)):
        ctx = context_of(services, await authenticate(services, (await invited(rev, task["id"]))["key"]))
        told = recorded(*bug_fix(0))
        await store(ctx, told)
        done[str(task["id"])] = told.id
        assert (await rev.data(SESSIONS, of=task["rawId"], by="START"))["sessions"]["nodes"] == [{"rawId": told.id}]
        await derive(ctx, told)
    for id, told_id in done.items():
        for by in ("START", "TOKENS"):
            listed = (await rev.data(SESSIONS, of=id, by=by))["sessions"]
            assert listed == {"totalCount": 1, "nodes": [{"rawId": told_id}]}
    assert await rev.code(SESSIONS, of=nodes.encode("Session", told_id), by="START") == "BAD_USER_INPUT"


async def test_keys_are_made_by_the_dozen(rev: Asker) -> None:
    task = await assessment(rev)
    made = await generate(rev, task["rawId"], *[{}] * 49, {"email": "kim@example.org"})
    assert len({one["key"] for one in made["keys"]}) == 50
    assert [one["candidate"]["email"] for one in made["keys"][-2:]] == [None, "kim@example.org"]
    callers = [await authenticate(rev.ctx.services, one["key"]) for one in made["keys"][:3]]
    assert len({caller.user_id for caller in callers}) == 3, "nobody sees another's work"
    assert all(len(str(one["key"])) == len("PST-XXXX-XXXX") for one in made["keys"])
    assert (await rev.data(CANDIDATES))["candidates"]["totalCount"] == 50


async def test_what_stands_against_keys_is_told(rev: Asker, eve: Asker) -> None:
    task, kim = await assessment(rev), {"email": "kim@example.org"}
    theirs = await assessment(await make_asker(rev.ctx.services, kind=KeyKind.REVIEWER))
    for id, candidates, field, code in (
        (task["id"], [], ["candidates"], "OUT_OF_RANGE"),
        (task["id"], [{}] * 51, ["candidates"], "OUT_OF_RANGE"),
        (task["id"], [kim, {"email": "kim"}], ["candidates", "1", "email"], "INVALID_EMAIL"),
        (task["id"], [{"name": "a\nb"}], ["candidates", "0", "name"], "INVALID_NAME"),
        (theirs["id"], [kim], ["assessment"], "UNKNOWN_ASSESSMENT"),
        (nodes.encode("Session", "s"), [kim], ["assessment"], "INVALID_ID"),
        ("x", [kim], ["assessment"], "INVALID_ID"),
    ):
        assert await generate(rev, id, *candidates) == {"keys": [], "userErrors": [{"field": field, "code": code}]}
    assert (await rev.data(CANDIDATES))["candidates"]["totalCount"] == 0


async def test_a_revoked_key_is_gone(rev: Asker) -> None:
    made = await invited(rev, (await assessment(rev))["id"])
    id = made["candidate"]["id"]
    assert (await rev.data(REVOKE, id=id))["revokeCandidateKey"] == {"revokedId": id, "userErrors": []}
    refused = {"userErrors": [{"field": ["id"], "code": "NOT_FOUND"}]}
    assert (await rev.data(REVOKE, id=id))["revokeCandidateKey"] == {"revokedId": None, **refused}
    assert (await rev.data(SET, id=id, status="HIRED"))["setCandidateStatus"] == {"candidate": None, **refused}
    assert (await rev.data(CANDIDATES))["candidates"]["totalCount"] == 0
    assert (await rev.data(NODE, id=id))["node"] is None


@pytest.mark.parametrize("kind", [KeyKind.DEVELOPER, KeyKind.CANDIDATE])
async def test_only_reviewers_see_any_of_it(rev: Asker, kind: KeyKind) -> None:
    task = await assessment(rev)
    one = await invited(rev, task["id"])
    wish: dict[str, object] = (
        {} if kind is KeyKind.DEVELOPER else {"assessment_id": nodes.assessment_id(str(task["id"]))}
    )
    other = await make_asker(rev.ctx.services, rev.slug, kind, **wish)
    for query in ("{ assessments { totalCount } }", "{ candidates { totalCount } }"):
        assert await other.code(query) == "FORBIDDEN"
    assert await other.code(CREATE, input={"title": "x"}) == "FORBIDDEN"
    assert await other.code(REVOKE, id=one["candidate"]["id"]) == "FORBIDDEN"
    for id in (task["id"], one["candidate"]["id"]):
        assert (await other.data(NODE, id=id))["node"] is None


async def test_a_service_reads_and_changes_nothing(rev: Asker) -> None:
    task = await assessment(rev)
    service = await make_asker(rev.ctx.services, rev.slug, KeyKind.SERVICE)
    assert (await service.data(ASSESSMENTS))["assessments"]["totalCount"] == 1
    assert await service.code(DELETE, id=task["id"]) == "FORBIDDEN"


async def test_another_organisation_finds_nothing(rev: Asker) -> None:
    task = await assessment(rev)
    one = await invited(rev, task["id"])
    other = await make_asker(rev.ctx.services, kind=KeyKind.REVIEWER)
    for id in (task["id"], one["candidate"]["id"]):
        assert (await other.data(NODE, id=id))["node"] is None
    assert (await other.data(DELETE, id=task["id"]))["deleteAssessment"]["userErrors"][0]["code"] == "NOT_FOUND"
    assert (await other.data(CANDIDATES))["candidates"]["totalCount"] == 0
