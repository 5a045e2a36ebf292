"""Figures as series: a point for each period, read once, and priced by how many points there are."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from graphql import OperationDefinitionNode, parse

from domain.access import KeyKind
from domain.values import JsonObject
from resolvers.context import Services
from schema import nodes
from schema.costs import actual_cost, costs_of
from schema.root import schema
from schema.shapes import shapes_of
from tests.history import LATER
from tests.schema.asking import Asker, make_asker
from tests.schema.scored import crushed, day_of_work, has
from tests.schema.test_scores import TODAY, dashboard
from tests.schema.test_sql_counts import statements

TRENDS = """query ($period: TrendPeriod! = DAY, $within: TimeRangeInput, $zone: String, $developer: ID) {
  trends(period: $period, within: $within, timeZone: $zone, developer: $developer) {
    scores { from to whole prismScore crushedCount totalCount }
    tokens { from to whole crushWeight medianTokensPerCrush tet tpt crushedCount totalCount
      breakdown { input output cacheRead cacheWrite total } }
    trivia { from to whole totalCount exclusionRate byReason { reason count } }
    integrity { from to whole totalCount byKind { kind count } }
  }
}"""
SHAPES = shapes_of(schema.graphql_schema)


async def trends(asker: Asker, **variables: object) -> JsonObject:
    return (await asker.data(TRENDS, **variables))["trends"]


async def test_a_month_of_days_without_gaps(ada: Asker) -> None:
    await has(ada.ctx, *day_of_work(TODAY), crushed(TODAY - timedelta(days=3), 40_000))
    told = await trends(ada)
    for points in told.values():
        assert len(points) == 31
        assert all(one["to"] == next["from"] for one, next in pairwise(points))
        assert [one["whole"] for one in points] == [False, *[True] * 29, False]
        assert (points[0]["from"], points[-1]["to"]) == ("2027-01-31T09:00:00.000Z", "2027-03-02T09:00:00.000Z")
    assert [one["prismScore"] for one in told["scores"][-4:]] == [100, None, None, 75]
    assert told["scores"][-1] | {"crushedCount": 3, "totalCount": 4} == told["scores"][-1]
    assert [one["tet"] for one in told["tokens"][-4:]] == [None] * 4
    assert told["trivia"][-1]["byReason"][0] == {"reason": "TOO_FEW_TURNS", "count": 2}
    assert [one["totalCount"] for one in told["integrity"][-2:]] == [0, 3]


async def test_points_are_compared_with_those_before_them(ada: Asker) -> None:
    weeks = {"from": "2027-02-15T00:00:00Z", "to": "2027-03-08T00:00:00Z"}
    for days, tokens in ((0, 10_000), (7, 20_000), (14, 40_000), (21, 10_000)):
        await has(ada.ctx, crushed(TODAY - timedelta(days=days), tokens))
    told = (await trends(ada, period="WEEK", within=weeks))["tokens"]
    assert [one["tet"] for one in told] == [4, 0.5, 0.5]
    assert [one["breakdown"]["total"] for one in told] == [40_000, 20_000, 10_000]


@pytest.mark.parametrize("zone", [None, "Asia/Kathmandu"])
async def test_the_point_of_this_week_is_this_weeks_score(ada: Asker, zone: str | None) -> None:
    for days in (0, 1, 2, 8):
        await has(ada.ctx, *day_of_work(TODAY - timedelta(days=days)))
    shown = await dashboard(ada, zone=zone)
    told = await trends(ada, period="WEEK", within={"from": shown["from"], "to": shown["to"]}, zone=zone)
    [score], [tokens], [trivia], [integrity] = (told[name] for name in ("scores", "tokens", "trivia", "integrity"))
    assert score | {name: shown[name] for name in ("prismScore", "crushedCount", "totalCount", "from", "to")} == score
    assert tokens | {name: shown["tokens"][name] for name in ("tpt", "crushWeight", "breakdown")} == tokens
    assert trivia | {name: shown["trivia"][name] for name in ("totalCount", "exclusionRate", "byReason")} == trivia
    assert integrity | {name: shown["integrity"][name] for name in ("totalCount", "byKind")} == integrity


async def test_all_series_are_read_at_once(ada: Asker) -> None:
    await has(ada.ctx, *day_of_work(TODAY))
    with statements() as seen:
        await ada.data("{ trends { scores { prismScore } } }")
    alone = len(seen)
    with statements() as seen:
        await trends(ada)
    assert len(seen) == alone
    assert sum("day.totals" in one for one in seen) == 1


async def test_a_thousand_points_and_not_one_more(ada: Asker) -> None:
    end = datetime(2027, 3, 2, tzinfo=UTC)
    within = {"from": (end - timedelta(days=1_000)).isoformat(), "to": end.isoformat()}
    query = """query ($within: TimeRangeInput) { trends(within: $within) { trivia { totalCount } } }"""
    answer = await ada.ask(query, within=within)
    assert len(answer["data"]["trends"]["trivia"]) == 1_000
    assert answer["extensions"]["cost"] | {"requested": 1_002, "actual": 1_002} == answer["extensions"]["cost"]
    within["from"] = (end - timedelta(days=1_001)).isoformat()
    assert await ada.code(query, within=within) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "variables",
    [
        {"within": {"from": "2027-03-02T00:00:00Z", "to": "2027-03-02T00:00:00Z"}},
        {"within": {"from": "2027-03-02T12:00:00Z"}},
        {"within": {"to": "0001-01-02T00:00:00Z"}},
        {"within": {"from": "0001-01-01T00:00:00Z", "to": "0001-01-02T00:00:00Z"}},
        {"within": {"from": "9999-12-30T00:00:00Z", "to": "9999-12-31T23:59:59Z"}},
        {"zone": "Mars/Olympus"},
        {"zone": ""},
        {"period": "YEAR"},
    ],
)
async def test_a_series_that_cannot_be_is_refused(ada: Asker, variables: Mapping[str, object]) -> None:
    assert await ada.code(TRENDS, **variables) == "BAD_USER_INPUT"


async def test_series_of_others_are_out_of_sight(ada: Asker, eve: Asker, judged: Services) -> None:
    await has(ada.ctx, *day_of_work(TODAY))
    hers = nodes.encode("Developer", ada.ctx.caller.user_id)
    for stranger in (eve, await make_asker(judged, ada.slug)):
        assert await stranger.code(TRENDS, developer=hers) == "NOT_FOUND"
        assert not any(one["totalCount"] for points in (await trends(stranger)).values() for one in points)
    lead = await make_asker(judged, ada.slug, KeyKind.SERVICE)
    assert await trends(lead, developer=hers) == await trends(ada)
    blind = await make_asker(judged, ada.slug, scopes=("sessions:read",))
    assert await blind.code(TRENDS) == "FORBIDDEN"


def cost(query: str, **variables: object) -> int:
    document = parse(query)
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return costs_of(document).requested(SHAPES, operation, variables)


@pytest.mark.parametrize(
    ("arguments", "points"),
    [
        ("", 32),
        ("(period: WEEK)", 7),
        ("(period: MONTH)", 4),
        ("(within: null)", 32),
        ('(within: {to: "2027-03-02T00:00:00Z"})', 32),
        ('(within: {from: "2027-03-01T00:00:00Z", to: "2027-03-02T00:00:00Z"})', 3),
        ('(within: {from: "2027-03-01t00:00:00z", to: "2027-03-15T00:00:00+02:00"}, period: WEEK)', 4),
        ('(within: {from: "2020-01-01T00:00:00Z", to: "2027-03-02T00:00:00Z"})', 1_000),
        ('(within: {from: "2020-01-01T00:00:00Z"})', 1_000),
        ("(period: YEAR)", 32),
        ('(within: {from: "2027-03-02T00:00:00Z", to: "2020-03-01T00:00:00Z"})', 2),
        ('(within: {from: "soon", to: "2027-03-02T00:00:00Z"})', 1_000),
        ('(within: {from: "2027-03-01T00:00:00", to: "2027-03-02T00:00:00Z"})', 1_000),
    ],
)
def test_a_series_costs_its_points(arguments: str, points: int) -> None:
    assert cost(f"{{ trends{arguments} {{ trivia {{ to totalCount }} }} }}") == 2 + points * 2


@pytest.mark.parametrize("odd", ["soon", 7, [], True, {"from": 7, "to": []}, {"from": ""}])
def test_odd_variables_make_no_series_cheap(odd: object) -> None:
    query = "query ($w: TimeRangeInput, $p: TrendPeriod! = DAY) { trends(period: $p, within: $w) { scores { to } } }"
    assert cost(query, w=odd) == 1_002
    assert cost(query, p=odd) == cost(query) == 2 + 32
    assert cost(query, p="MONTH", w={"from": "2027-01-01T00:00:00Z", "to": "2027-03-01T00:00:00Z"}) == 2 + 5


def test_what_goes_on_until_now_costs_the_days_since() -> None:
    since = (datetime.now(UTC) - timedelta(days=10, minutes=5)).isoformat()
    assert cost("query ($t: DateTime) { trends(within: {from: $t}) { scores { to } } }", t=since) == 2 + 13


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
@pytest.mark.parametrize("period", ["DAY", "WEEK", "MONTH"])
async def test_no_series_costs_more_than_was_asked_for(ada: Asker, zone: str, period: str) -> None:
    """Also where clocks are changed, and a day is left out as on Samoa at the end of 2011."""
    query = """query ($period: TrendPeriod!, $within: TimeRangeInput, $zone: String) {
      trends(period: $period, within: $within, timeZone: $zone) { scores { to } } }"""
    starts = (datetime(2011, 12, 1, tzinfo=UTC), datetime(2026, 3, 8, 4, 59, tzinfo=UTC), LATER - timedelta(days=150))
    for start in starts:
        for length in (timedelta(seconds=1), timedelta(days=1), timedelta(days=30), timedelta(days=400, hours=1)):
            within = {"from": start.isoformat(), "to": (start + length).isoformat()}
            answer = await ada.ask(query, period=period, within=within, zone=zone)
            assert answer["extensions"]["cost"]["actual"] == actual_cost(answer["data"], parse(query))
            assert answer["extensions"]["cost"]["actual"] <= answer["extensions"]["cost"]["requested"]
