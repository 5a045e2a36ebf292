"""How much PostHog's insights leave to kept results: each mode, of one insight and of a list."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.make import time
from tests.make_insights import made
from tests.rest_compat.house import House
from tests.rest_compat.posthog import TRENDS, Project, project

NOW = time(8 * 60)
STALE = NOW + timedelta(minutes=20)
"""Results by days are fresh for a quarter of an hour, and tolerable for half a day."""

See = Callable[[Project, str], Awaitable[dict[str, object]]]


async def in_list(mine: Project, refresh: str) -> dict[str, object]:
    [one] = (await mine.read(refresh=refresh))["results"]
    return one


async def by_itself(mine: Project, refresh: str) -> dict[str, object]:
    return await mine.read("/1", refresh=refresh)


async def staged(house: House, see: See | None = None) -> Project:
    """With one insight, and two goals that were reached; with `see` its result is kept, and one more was reached."""
    mine = await project(house)
    await mine.counted([made("arc_crushed", 0), made("arc_crushed", 1)])
    await mine.made(query=TRENDS)
    if see is not None:
        assert total(await see(mine, "blocking")) == 2
        await mine.counted([made("arc_crushed", 2)])
    return mine


def total(insight: dict[str, object]) -> object:
    """How many its result counts; None without one."""
    return None if insight["result"] is None else insight["result"][0]["count"]


def runs(insight: dict[str, object]) -> bool:
    status = insight["query_status"]
    return status is not None and status["complete"] is False and status["query_async"] is True


async def force_cache(house: House, see: See) -> None:
    mine = await staged(house)
    for mode in ("force_cache", "", "no such mode", "true"):
        one = await see(mine, mode)
        assert (total(one), one["query_status"], one["last_refresh"]) == (None, None, None)
    assert total(await see(mine, "blocking")) == 2
    much_later = mine.at(NOW + timedelta(days=3))
    one = await see(much_later, "force_cache")
    assert (total(one), one["is_cached"], one["query_status"]) == (2, True, None)


async def blocking(house: House, see: See) -> None:
    mine = await staged(house, see)
    one = await see(mine, "blocking")
    assert (total(one), one["is_cached"]) == (2, True)
    one = await see(mine.at(STALE), "blocking")
    assert (total(one), one["is_cached"]) == (3, False)


async def force_blocking(house: House, see: See) -> None:
    mine = await staged(house, see)
    before = (await see(mine, "force_cache"))["last_refresh"]
    one = await see(mine.at(NOW + timedelta(seconds=5)), "force_blocking")
    assert (total(one), one["is_cached"]) == (3, False)
    assert one["last_refresh"] > before


async def in_background(house: House, see: See) -> None:
    mine = await staged(house)
    one = await see(mine, "async")
    assert (total(one), runs(one)) == (None, True)
    other = await staged_anew(mine, see)
    one = await see(other, "async")
    assert (total(one), one["is_cached"], one["query_status"]) == (2, True, None)
    one = await see(other.at(STALE), "async")
    assert (total(one), runs(one)) == (2, True)


async def staged_anew(mine: Project, see: See) -> Project:
    assert total(await see(mine, "force_blocking")) == 2
    return mine


async def lazy(house: House, see: See) -> None:
    mine = await staged(house, see)
    one = await see(mine.at(STALE), "lazy_async")
    assert (total(one), one["query_status"]) == (2, None), "async would have had it computed"
    one = await see(mine.at(NOW + timedelta(days=2)), "lazy_async")
    assert (total(one), runs(one)) == (2, True)


async def forced_in_background(house: House, see: See) -> None:
    mine = await staged(house, see)
    assert runs(await see(mine, "force_async"))


async def unless_nothing_is_kept(house: House, see: See) -> None:
    mine = await staged(house)
    one = await see(mine, "async_except_on_cache_miss")
    assert (total(one), one["is_cached"]) == (2, False)
    one = await see(mine.at(STALE), "async_except_on_cache_miss")
    assert (total(one), runs(one)) == (2, True)


async def test_list_refresh_force_cache(house: House) -> None:
    await force_cache(house, in_list)


async def test_retrieve_refresh_force_cache(house: House) -> None:
    await force_cache(house, by_itself)


async def test_list_refresh_blocking(house: House) -> None:
    await blocking(house, in_list)


async def test_retrieve_refresh_blocking(house: House) -> None:
    await blocking(house, by_itself)


async def test_list_refresh_force_blocking(house: House) -> None:
    await force_blocking(house, in_list)


async def test_retrieve_refresh_force_blocking(house: House) -> None:
    await force_blocking(house, by_itself)


async def test_list_refresh_async(house: House) -> None:
    await in_background(house, in_list)


async def test_retrieve_refresh_async(house: House) -> None:
    await in_background(house, by_itself)


async def test_list_refresh_lazy_async(house: House) -> None:
    await lazy(house, in_list)


async def test_retrieve_refresh_lazy_async(house: House) -> None:
    await lazy(house, by_itself)


async def test_list_refresh_force_async(house: House) -> None:
    await forced_in_background(house, in_list)


async def test_retrieve_refresh_force_async(house: House) -> None:
    await forced_in_background(house, by_itself)


async def test_list_refresh_async_except_on_cache_miss(house: House) -> None:
    await unless_nothing_is_kept(house, in_list)


async def test_retrieve_refresh_async_except_on_cache_miss(house: House) -> None:
    await unless_nothing_is_kept(house, by_itself)


async def test_an_insight_that_cannot_be_computed_leaves_the_rest_of_a_list_as_it_is(house: House) -> None:
    mine = await staged(house)
    await mine.made(query={"kind": "HogQuery", "code": "return 1"})
    await mine.made(query={"kind": "HogQLQuery", "query": "select no_such_column from events"})
    await mine.made()
    found = (await mine.read(refresh="blocking"))["results"]
    assert [one["result"] is None for one in found] == [False, True, True, True]
    answer = await mine.client.get(f"{mine.insights}/3?refresh=blocking")
    assert answer.status_code == 400
    assert answer.json()["attr"] == "query"


async def test_a_list_does_not_compute_for_ever(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = await staged(house, by_itself)
    await mine.made(query={**TRENDS, "interval": "week"})
    monkeypatch.setattr("resolvers.insight_results._MOST_S", 0.0)
    found = (await mine.read(refresh="force_blocking"))["results"]
    assert [total(one) for one in found] == [2, None], "what is kept is shown"


@pytest.mark.parametrize("mode", ["force_cache", "blocking"])
async def test_filters_of_a_reader_change_what_is_counted_for_this_time(house: House, mode: str) -> None:
    mine = await staged(house, by_itself)
    override = '{"date_from": "2026-01-01", "date_to": "2026-01-02"}'
    one = await mine.read("/1", refresh=mode, filters_override=override)
    assert total(one) == (None if mode == "force_cache" else 0)
    assert one["query"]["source"]["dateRange"] == {"date_from": "2026-01-01", "date_to": "2026-01-02"}
    assert total(await mine.read("/1")) == 2
