"""The older score in the graph: beside the newer one, and as a series."""

from graphql import GraphQLObjectType

from domain.access import KeyKind
from domain.values import JsonObject
from resolvers.context import Services
from schema.root import schema
from tests.history import bug_fix, derive, judging, recorded, store
from tests.make import START
from tests.schema.asking import Asker, make_asker
from tests.schema.test_sql_counts import statements
from tests.server.scoring_page import section

WEEK = 7 * 24 * 60
ALL = """
fragment All on CompositeScore {
  from to skill skillTier sse pes ie crr fc qr speedHours tokensPerHour speedPoints efficiencyPoints prism letterGrade
  promptMarks { contextLeverage informationDensity turnEconomy ambiguityCost }
  rlr firstTryRate reworkRate responseSeconds pauseSeconds activeHours
  promptCount scoredPromptCount arcCount resetCount stretchCount developerCount
}"""
SCORE = f"query ($developer: ID) {{ score(developer: $developer) {{ composite {{ ...All }} }} }}{ALL}"
TRENDS = f"""query ($within: TimeRangeInput, $zone: String) {{
  trends(period: WEEK, within: $within, timeZone: $zone) {{ composite {{ ...All }} }} }}{ALL}"""
MONTH = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-30T00:00:00Z"}


async def _worker(services: Services) -> Asker:
    """At work on four Mondays; now it is the last of them, at noon."""
    asker = await make_asker(judging(services, START.replace(day=23, hour=12)))
    told = [recorded(*bug_fix(week * WEEK), project=f"/p/{week}") for week in range(4)]
    await store(asker.ctx, *told)
    await derive(asker.ctx, *told)
    return asker


async def test_it_stands_beside_the_newer_score(services: Services) -> None:
    asker = await _worker(services)
    found: JsonObject = (await asker.data(SCORE))["score"]["composite"]
    assert (found["from"], found["to"]) == ("2026-03-23T00:00:00.000Z", "2026-03-30T00:00:00.000Z")
    figures = ("sse", "pes", "ie", "crr", "fc", "qr", "promptCount", "arcCount", "responseSeconds", "pauseSeconds")
    assert [found[name] for name in figures] == [7.5, 8.75, 5, 0, 0.78, 1, 2, 1, 300, 120]
    assert (found["skill"], found["skillTier"], found["prism"]) == (59.5, "PROFICIENT", 4.25)
    assert (found["letterGrade"], found["tokensPerHour"], found["efficiencyPoints"]) == ("D", None, None)
    assert found["promptMarks"] == {
        "contextLeverage": 5, "informationDensity": 10, "turnEconomy": 10, "ambiguityCost": 10,
    }  # fmt: skip


async def test_a_series_has_a_point_for_each_period(services: Services) -> None:
    asker = await _worker(services)
    points = (await asker.data(TRENDS, within=MONTH))["trends"]["composite"]
    assert [point["promptCount"] for point in points] == [2] * 4
    assert [point["sse"] for point in points] == [None, None, None, 7.5]
    assert points[-1] == (await asker.data(SCORE))["score"]["composite"]
    cut = (await asker.data(TRENDS, within=MONTH, zone="Asia/Tokyo"))["trends"]["composite"]
    assert [point["promptCount"] for point in cut] == [2, 2, 2, 2, 0]


async def test_a_series_takes_as_many_statements_as_a_point(services: Services) -> None:
    asker = await _worker(services)
    counts: list[int] = []
    for query, variables in (
        (SCORE, {}),
        (TRENDS, {"within": MONTH}),
        (TRENDS, {"within": MONTH, "zone": "Asia/Tokyo"}),
    ):
        with statements() as seen:
            await asker.data(query, **variables)
        counts.append(sum("session_days" in one or "FROM sub_sessions" in one for one in seen))
    assert counts == [3, 3, 3]
    with statements() as seen:
        await asker.data("{ score { prismScore } }")
    assert not any("session_days" in one for one in seen)


async def test_only_who_may_see_a_developer_sees_theirs(services: Services) -> None:
    asker = await _worker(services)
    id = str(asker.ctx.caller.user_id)
    other = await make_asker(asker.ctx.services, asker.slug)
    assert await other.code(SCORE, developer=id) == "NOT_FOUND"
    lead = await make_asker(asker.ctx.services, asker.slug, KeyKind.SERVICE)
    assert (await lead.data(SCORE, developer=id))["score"]["composite"]["promptCount"] == 2
    assert (await lead.data(SCORE))["score"]["composite"]["skill"] is None


async def test_who_reads_the_organisation_sees_all_together(services: Services) -> None:
    asker = await _worker(services)
    lead = await make_asker(asker.ctx.services, asker.slug, KeyKind.SERVICE)
    together = f"query ($zone: String) {{ organisationComposite(timeZone: $zone) {{ ...All }} }}{ALL}"
    own = (await asker.data(SCORE))["score"]["composite"]
    assert (await lead.data(together))["organisationComposite"] == own
    again = recorded(*bug_fix(3 * WEEK + 30), project="/p/other")
    await store(lead.ctx, again)
    await derive(lead.ctx, again)
    found = (await lead.data(together))["organisationComposite"]
    assert (found["developerCount"], found["promptCount"], found["pes"], found["sse"]) == (2, 4, 8.75, 7.5)
    assert await asker.code(together) == "FORBIDDEN"
    assert await lead.code(together, zone="Mars") == "BAD_USER_INPUT"


def test_the_page_on_scores_says_of_every_figure_what_it_is() -> None:
    told = section("The older score")
    for name in ("CompositeScore", "PromptMarks"):
        type = schema.graphql_schema.type_map[name]
        assert isinstance(type, GraphQLObjectType)
        assert {field for field in type.fields if f"`{field}`" not in told} - {"from", "to"} == set()
