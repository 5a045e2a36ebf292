"""Behind every figure stand arcs, one field away: as many as it counts, and no others."""

from datetime import timedelta

import pytest

from domain.values import JsonObject
from resolvers.context import Services
from schema import nodes
from tests.schema.asking import Asker, make_asker
from tests.schema.scored import crushed, day_of_work, has
from tests.schema.test_scores import TODAY, dashboard

BEHIND = """query ($which: ScoreArcs! = QUALIFYING, $zone: String, $developer: ID) {
  score(timeZone: $zone, developer: $developer) { subSessions(which: $which, first: 100) {
    totalCount nodes { rawId startedAt state qualifying crushed flags { kind } habits { shown } }
  } }
}"""
PART = """query ($which: ScoreArcs!, $of: FigureFilterInput!) {
  score { subSessions(which: $which, of: $of, first: 100) { totalCount nodes { rawId } } } }"""
SHOWN = """query ($f: SubSessionFilterInput) { subSessions(filter: $f, first: 100) {
  totalCount nodes { rawId qualifying crushed letterGrade intent exclusionReason judgeStatus flags { kind } } } }"""


async def behind(asker: Asker, which: str, **variables: object) -> JsonObject:
    found = (await asker.data(BEHIND, which=which, **variables))["score"]["subSessions"]
    assert found["totalCount"] == len(found["nodes"])
    assert found["nodes"] == sorted(found["nodes"], key=lambda node: node["startedAt"], reverse=True)
    return found


@pytest.fixture
async def busy(ada: Asker) -> Asker:
    """This week's work, and that of weeks around it which must not show."""
    for days in (0, 8, 20):
        await has(ada.ctx, *day_of_work(TODAY - timedelta(days=days)))
    await has(ada.ctx, crushed(TODAY + timedelta(days=7)))
    return ada


@pytest.mark.parametrize("zone", [None, "Asia/Kathmandu"])
async def test_each_figure_leads_to_as_many_arcs_as_it_counts(busy: Asker, zone: str | None) -> None:
    shown = await dashboard(busy, zone=zone)
    figures = {
        "QUALIFYING": shown["totalCount"],
        "CRUSHED": shown["crushedCount"],
        "MISSED": shown["totalCount"] - shown["crushedCount"],
        "PENDING": shown["pendingCount"],
        "PAST_FLOOR": shown["verdicts"]["totalCount"],
        "GRADED": shown["skill"]["gradedCount"],
        "TRIVIA": shown["trivia"]["totalCount"],
    }
    assert all(figures.values())
    for which, count in figures.items():
        assert (which, (await behind(busy, which, zone=zone))["totalCount"]) == (which, count)
    flagged = await behind(busy, "FLAGGED", zone=zone)
    assert sum(len(node["flags"]) for node in flagged["nodes"]) == shown["integrity"]["totalCount"] == 3
    assert all(node["flags"] for node in flagged["nodes"])


async def test_a_set_of_arcs_holds_what_its_name_says(busy: Asker) -> None:
    found = {which: (await behind(busy, which))["nodes"] for which in ("CRUSHED", "MISSED", "PENDING", "TRIVIA")}
    assert {node["crushed"] for node in found["CRUSHED"]} == {True}
    assert {(node["qualifying"], node["crushed"]) for node in found["MISSED"]} == {(True, False)}
    assert {node["state"] for node in found["PENDING"]} == {"CLOSED"}
    assert {node["state"] for node in found["TRIVIA"]} == {"EXCLUDED"}


async def test_arcs_are_paged_with_cursors_that_the_whole_list_takes(busy: Asker) -> None:
    query = """query ($after: String) { score { from to subSessions(first: 3, after: $after) {
      nodes { rawId } pageInfo { hasNextPage endCursor } } } }"""
    first = (await busy.data(query))["score"]
    page = first["subSessions"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (3, True)
    after = page["pageInfo"]["endCursor"]
    second = (await busy.data(query, after=after))["score"]["subSessions"]
    assert (len(second["nodes"]), second["pageInfo"]["hasNextPage"]) == (1, False)
    whole = """query ($f: SubSessionFilterInput, $after: String) { subSessions(filter: $f, after: $after) {
      nodes { rawId } } }"""
    wanted = {"qualifying": True, "startedAt": {"from": first["from"], "to": first["to"]}}
    assert (await busy.data(whole, f=wanted, after=after))["subSessions"]["nodes"] == second["nodes"]


async def test_each_part_of_a_count_is_a_filter_of_the_list(busy: Asker) -> None:
    shown = await dashboard(busy)
    week = {"startedAt": {"from": shown["from"], "to": shown["to"]}}

    async def count(**wanted: object) -> int:
        found = (await busy.data(SHOWN, f={**week, **wanted}))["subSessions"]
        assert found["totalCount"] == len(found["nodes"])
        return found["totalCount"]

    verdicts = shown["verdicts"]
    for one in verdicts["byGrade"]:
        assert await count(graded=True, letterGrade=one["letterGrade"]) == one["count"]
    for one in verdicts["byJudgeStatus"]:
        assert await count(pastFloor=True, judgeStatus=one["judgeStatus"]) == one["count"]
    for one in (one for one in verdicts["byIntent"] if one["intent"]):
        assert await count(pastFloor=True, intent=one["intent"]) == one["count"]
    for one in shown["integrity"]["byKind"]:
        assert await count(flag=one["kind"]) == one["count"]
    for one in shown["trivia"]["byReason"]:
        assert await count(exclusionReason=one["reason"]) == one["count"]


async def test_each_part_of_a_count_is_one_field_away(busy: Asker) -> None:
    shown = await dashboard(busy)

    async def count(which: str, **of: object) -> int:
        found = (await busy.data(PART, which=which, of=of))["score"]["subSessions"]
        assert found["totalCount"] == len(found["nodes"])
        return found["totalCount"]

    verdicts = shown["verdicts"]
    assert {
        **{grade: await count("GRADED", letterGrade=grade) for grade in ("B", "C")},
        **{intent: await count("PAST_FLOOR", intent=intent) for intent in ("BUG_FIX", "FEATURE")},
        **{status: await count("PAST_FLOOR", judgeStatus=status) for status in ("OK", "ERROR", "PENDING")},
        **{kind: await count("FLAGGED", flag=kind) for kind in ("TINY_PROMPT_BURST", "AUTO_RETRY_STORM")},
        **{why: await count("TRIVIA", exclusionReason=why) for why in ("NO_REAL_WORK", "TOO_FEW_TURNS", "OTHER")},
    } == {
        **{one["letterGrade"]: one["count"] for one in verdicts["byGrade"]},
        **{one["intent"]: one["count"] for one in verdicts["byIntent"] if one["intent"]},
        **{one["judgeStatus"]: one["count"] for one in verdicts["byJudgeStatus"]},
        **{one["kind"]: one["count"] for one in shown["integrity"]["byKind"]},
        **{one["reason"]: one["count"] for one in shown["trivia"]["byReason"]},
    }
    assert any(one["applicableCount"] > one["shownCount"] > 0 for one in shown["skill"]["habits"])
    for one in shown["skill"]["habits"]:
        asked, yes, no = [await count("GRADED", habit=one["habit"], habitShown=side) for side in (None, True, False)]
        assert (asked, yes, yes + no) == (one["applicableCount"], one["shownCount"], asked)


async def test_whether_a_habit_showed_needs_the_habit(ada: Asker) -> None:
    assert await ada.code(PART, which="GRADED", of={"habitShown": True}) == "BAD_USER_INPUT"


FLAGS = """query ($f: FlagFilterInput, $kind: FlagKind, $first: Int, $after: String, $last: Int, $before: String) {
  score { flags(kind: $kind, first: 100) { totalCount nodes { id kind subSession { rawId } } } }
  integrityFlags(filter: $f, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id kind createdAt subSession { rawId flags { id } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def test_flags_of_the_window_are_those_that_are_counted(busy: Asker) -> None:
    shown = (await dashboard(busy))["integrity"]
    for kind, count in [(None, shown["totalCount"]), *((one["kind"], one["count"]) for one in shown["byKind"])]:
        found = (await busy.data(FLAGS, kind=kind))["score"]["flags"]
        assert (found["totalCount"], len(found["nodes"])) == (count, count)


async def test_flags_are_paged_both_ways_without_gaps(busy: Asker, eve: Asker) -> None:
    """Several flags of an arc share its time, so pages are cut between them."""
    whole = (await busy.data(FLAGS, first=100))["integrityFlags"]
    assert whole["totalCount"] == len(whole["nodes"]) == 9
    assert all(flag["id"] in [one["id"] for one in flag["subSession"]["flags"]] for flag in whole["nodes"])
    for step, since, edge in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
        pages, cursor = [], None
        for _ in range(5):
            page = (await busy.data(FLAGS, **{step: 2, since: cursor}))["integrityFlags"]
            pages.append(page["nodes"])
            cursor = page["pageInfo"][edge]
        joined = [flag for page in (pages if step == "first" else pages[::-1]) for flag in page]
        assert joined == whole["nodes"]
    assert (await eve.data(FLAGS))["integrityFlags"]["totalCount"] == 0


async def test_flags_are_found_by_kind_time_and_developer(busy: Asker, eve: Asker, judged: Services) -> None:
    shown = await dashboard(busy)
    lead = await make_asker(judged, busy.slug, admin=True)
    mine = nodes.encode("Developer", busy.ctx.caller.user_id)
    week = {"startedAt": {"from": shown["from"], "to": shown["to"]}}
    for asker, wanted, count in (
        (busy, {"kind": "TINY_PROMPT_BURST"}, 6),
        (busy, week, 3),
        (lead, {**week, "developer": mine}, 3),
        (lead, {"developer": nodes.encode("Developer", lead.ctx.caller.user_id)}, 0),
        (eve, {"developer": mine}, 0),
    ):
        assert (await asker.data(FLAGS, f=wanted))["integrityFlags"]["totalCount"] == count
    assert await busy.code(FLAGS, after="bm9uZQ") == "BAD_USER_INPUT"


@pytest.mark.parametrize("name", ["qualifying", "crushed", "pastFloor", "graded", "flagged"])
async def test_yes_and_no_part_the_list_in_two(busy: Asker, name: str) -> None:
    sides = [(await busy.data(SHOWN, f={name: side}))["subSessions"]["nodes"] for side in (True, False)]
    whole = (await busy.data(SHOWN, f={name: None}))["subSessions"]["nodes"]
    ids = [{node["rawId"] for node in nodes} for nodes in (*sides, whole)]
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]
    assert ids[0] | ids[1] == ids[2]


async def test_arcs_behind_a_figure_are_nobody_elses(busy: Asker, eve: Asker, judged: Services) -> None:
    lead = await make_asker(judged, busy.slug, admin=True)
    await has(lead.ctx, crushed(TODAY))
    hers = nodes.encode("Developer", busy.ctx.caller.user_id)
    assert (await behind(lead, "CRUSHED"))["totalCount"] == 1
    assert (await behind(lead, "CRUSHED", developer=hers)) == await behind(busy, "CRUSHED")
    assert await eve.code(BEHIND, developer=hers) == "NOT_FOUND"
    for which in ("QUALIFYING", "FLAGGED", "TRIVIA"):
        assert (await behind(eve, which))["totalCount"] == 0
    assert (await eve.data(SHOWN, f={"flagged": True}))["subSessions"]["totalCount"] == 0


async def test_text_that_no_grade_holds_is_refused_or_finds_nothing(ada: Asker) -> None:
    assert await ada.code(SHOWN, f={"letterGrade": "\x00"}) == "BAD_USER_INPUT"
    assert (await ada.data(SHOWN, f={"letterGrade": "Z"}))["subSessions"]["totalCount"] == 0
