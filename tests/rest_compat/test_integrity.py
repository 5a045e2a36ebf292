"""GET /v1/score_v3/integrity, /integrity/trend and /integrity/recent."""

from datetime import UTC, datetime

import pytest

from domain.judging.records import FlagKind
from rest_compat.prism_integrity import Kind
from tests.history import ended, recorded
from tests.make import arc_id, prompt, sub_session, time
from tests.rest_compat.house import Developer, House
from tests.rest_compat.weeks import DAY, WEEK, days, flagged, only_ones_own, starts
from tests.schema.test_sql_counts import statements

PATH = "/v1/score_v3/integrity"
TREND = "/v1/score_v3/integrity/trend"
RECENT = "/v1/score_v3/integrity/recent"
STORM, TINY, MERGE, BREACH, OUTLIER = (
    FlagKind.AUTO_RETRY_STORM, FlagKind.TINY_PROMPT_BURST, FlagKind.FRAGMENTATION_MERGE,
    FlagKind.SUBSTANCE_FLOOR_BREACH, FlagKind.MEDIAN_SUBSTANCE_OUTLIER,
)  # fmt: skip


async def with_flags(house: House) -> Developer:
    ada = await house.developer()
    await ada.has(
        flagged(sub_session("a", started_at=time(1)), TINY, STORM),
        flagged(sub_session("b", started_at=time(2)), STORM, MERGE),
        flagged(sub_session("yesterday", started_at=time(-DAY)), TINY),
        flagged(sub_session("long ago", started_at=time(-8 * WEEK)), TINY),
        sub_session("clean", started_at=time(3)),
    )
    return ada


async def test_integrity_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, PATH)


async def test_integrity_open_kinds(house: House) -> None:
    """Every kind of ours is told, and the document does not close the set."""
    ada = await house.developer()
    await ada.has(flagged(sub_session("a"), *FlagKind))
    assert {one["kind"] for one in (await ada.client.get(PATH)).json()["by_kind"]} == set(FlagKind)
    document = (await ada.client.get("/openapi.json")).json()
    kind = document["components"]["schemas"]["KindCountBody"]["properties"]["kind"]
    assert (kind["type"], "enum" in kind, Kind.__origin__) == ("string", False, str)


async def test_integrity_order(house: House) -> None:
    ada = await with_flags(house)
    assert (await ada.client.get(PATH)).json() == {
        "by_kind": [
            {"kind": STORM, "count": 2},
            {"kind": MERGE, "count": 1},
            {"kind": TINY, "count": 1},
        ]
    }


async def test_without_flags_there_are_no_kinds(house: House) -> None:
    ada = await house.developer()
    assert (await ada.client.get(PATH)).json() == {"by_kind": []}
    answer = await ada.client.get(PATH, params={"window": "hourly"})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid window"})


async def test_integrity_trend_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, TREND)


async def test_integrity_trend_sum(house: House) -> None:
    ada = await with_flags(house)
    points = (await ada.client.get(TREND)).json()["points"]
    assert [point["total"] for point in points] == [sum(one["count"] for one in point["by_kind"]) for point in points]
    assert [point["total"] for point in points if point["total"]] == [1, 4]
    assert points[-1]["by_kind"] == (await ada.client.get(PATH, params={"window": "daily"})).json()["by_kind"]


async def test_integrity_trend_order(house: House) -> None:
    ada = await with_flags(house)
    asked = {"from": "2026-02-28T00:00:00Z", "to": "2026-03-03T00:00:00Z", "period": "day"}
    points = (await ada.client.get(TREND, params=asked)).json()["points"]
    assert starts(points) == days(datetime(2026, 2, 28, tzinfo=UTC), 3)
    assert [point["total"] for point in points] == [0, 1, 4]


async def test_integrity_recent_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, RECENT)


async def test_integrity_recent_array(house: House) -> None:
    ada = await house.developer()
    assert (await ada.client.get(RECENT)).json() == []
    await ada.has(flagged(sub_session("a"), STORM))
    assert isinstance((await ada.client.get(RECENT)).json(), list)


async def test_integrity_recent_order(house: House) -> None:
    """Thirty days unless told otherwise."""
    ada = await with_flags(house)
    rows = (await ada.client.get(RECENT)).json()
    assert [row["score_v3_sub_session_id"] for row in rows] == [
        str(arc_id(n)) for n in ("b", "b", "a", "a", "yesterday")
    ]
    at = [row["created_at"] for row in rows]
    assert at == sorted(at, reverse=True)
    assert rows == (await ada.client.get(RECENT)).json(), "ties have an order, too"
    assert len((await ada.client.get(RECENT, params={"from": "2020-01-01T00:00:00Z"})).json()) == 6
    week = (await ada.client.get(RECENT, params={"from": "2026-03-02T00:00:00Z"})).json()
    by_kind = (await ada.client.get(PATH)).json()["by_kind"]
    assert len(week) == sum(one["count"] for one in by_kind)


async def test_a_flag_tells_why_and_of_which_arc(house: House) -> None:
    ada = await house.developer()
    again = "Fix the wrong rounding of totals in shop/totals.py"
    one = recorded(*(prompt(again, n / 2) for n in range(3)), ended(3))
    await ada.worked(one)
    [flag] = (await ada.client.get(RECENT)).json()
    assert (flag["kind"], flag["severity"], flag["evidence"]) == (STORM, "warn", [str(e.id) for e in one.events[:3]])
    assert flag["detail"].startswith("3 prompts almost alike")
    [arc] = (await ada.client.get("/v1/score_v3/realtime/sub-sessions")).json()
    assert (flag["score_v3_sub_session_id"], flag["title"]) == (arc["id"], arc["title"])
    await ada.client.patch(f"/v1/score_v3/sub-sessions/{arc['id']}", json={"title": "Mine"})
    assert [flag["title"] for flag in (await ada.client.get(RECENT)).json()] == ["Mine"]


async def test_limits_are_moved_into_bounds(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(flagged(sub_session(str(n), started_at=time(n)), *FlagKind) for n in range(11)))
    for limit, count in ((None, 50), ("2", 2), ("0", 1), ("-5", 1), ("99999", 55)):
        rows = (await ada.client.get(RECENT, params={} if limit is None else {"limit": limit})).json()
        assert len(rows) == count, limit


@pytest.mark.parametrize(("name", "value"), [("limit", ""), ("limit", "ten"), ("from", ""), ("from", "2026-03-02")])
async def test_what_is_no_number_or_time_is_refused(house: House, name: str, value: str) -> None:
    answer = await (await house.developer()).client.get(RECENT, params={name: value})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": f"Invalid {name}"})


async def test_many_flags_cost_as_many_statements_as_one(house: House) -> None:
    ada, counts = await house.developer(), list[int]()
    for some in (range(1), range(1, 7)):
        await ada.has(*(flagged(sub_session(str(n), started_at=time(n)), STORM) for n in some))
        with statements() as seen:
            assert len((await ada.client.get(RECENT)).json()) == some[-1] + 1
        counts.append(len(seen))
        assert sum("FROM integrity_flags" in one for one in seen) == 1
    assert counts[0] == counts[1]
