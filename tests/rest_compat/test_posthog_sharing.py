"""PostHog's sharing, activity, thresholds and words about insights: each rule of the contract under its name."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

import resolvers.access
from domain.access import Scope
from domain.insights.alert_wishes import AlertWish, ThresholdWish
from domain.insights.alerts import Bounds, ThresholdType
from domain.insights.watching import TrendsWatch
from resolvers.access import set_settings
from resolvers.alerts import create_alert, create_threshold
from resolvers.context import Context
from tests.make import time
from tests.make_context import context_of
from tests.make_insights import made
from tests.rest_compat.house import BASE, House
from tests.rest_compat.posthog import FUNNEL, RETENTION, TRENDS, Project, drawn, project

NOW = time(8 * 60)


async def shared(mine: Project, **change: object) -> dict[str, object]:
    answer = await mine.client.patch(f"{mine.insights}/1/sharing", json=change)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def staged(house: House, **change: object) -> Project:
    """With one insight, shared as told."""
    mine = await project(house)
    await mine.made(name="Crushed", query=TRENDS)
    if change:
        await shared(mine, **change)
    return mine


async def test_sharing_get_never_shared(house: House) -> None:
    mine = await staged(house)
    assert await mine.read("/1/sharing") == {
        "created_at": None, "enabled": False, "access_token": None, "settings": None, "password_required": False,
        "share_passwords": [],
    }  # fmt: skip


async def test_sharing_get_project(house: House, other_house: House) -> None:
    mine, _ = await project(house), await staged(other_house, enabled=True)
    assert await mine.status("/1/sharing") == 404


async def test_sharing_update_needed(house: House) -> None:
    mine = await staged(house)
    on = await shared(mine, enabled=True, password_required=True, settings={"noHeader": True, "unknown": 1}, more=1)
    assert (on["enabled"], on["password_required"], on["settings"]) == (True, True, {"noHeader": True})
    assert on == await mine.read("/1/sharing")
    assert (await shared(mine, settings=None))["settings"] is None
    assert (await shared(mine))["enabled"] is True, "what is not given stays"


async def test_sharing_update_audit(house: House) -> None:
    mine = await staged(house, enabled=True)
    await shared(mine, enabled=True, settings={})
    await shared(mine, enabled=False)
    kinds = [one["activity"] for one in (await mine.read("/1/activity"))["results"]]
    assert kinds == ["sharing disabled", "sharing enabled", "created"]


@pytest.mark.parametrize("body", [{"settings": []}, {"settings": "x"}, {"enabled": "yes"}, {"password_required": None}])
async def test_sharing_takes_nothing_of_another_type(house: House, body: dict[str, object]) -> None:
    mine = await staged(house)
    answer = await mine.client.patch(f"{mine.insights}/1/sharing", json=body)
    assert (answer.status_code, answer.json()["attr"]) == (400, next(iter(body)))


async def password(mine: Project, status: int = 200, **body: object) -> dict[str, object]:
    answer = await mine.client.post(f"{mine.insights}/1/sharing/passwords", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_sharing_passwords_create_once(house: House) -> None:
    mine = await staged(house, enabled=True, password_required=True)
    new = await password(mine, raw_password="for the board", note="board", enabled=False)
    assert (new["password"], new["note"], new["created_by_email"]) == ("for the board", "board", "ada@example.org")
    sharing = await mine.read("/1/sharing")
    assert "for the board" not in str(sharing)
    assert "argon2" not in str(sharing)
    [listed] = sharing["share_passwords"]
    assert listed == {
        "id": new["id"], "created_at": new["created_at"], "note": "board", "created_by_email": "ada@example.org",
        "is_active": True,
    }  # fmt: skip
    assert sharing["enabled"] is True, "the other members are passed over"


async def test_sharing_passwords_create_generated(house: House) -> None:
    mine = await staged(house, password_required=True)
    bare = await mine.client.post(f"{mine.insights}/1/sharing/passwords")
    made_here = [bare.json()["password"], (await password(mine, raw_password=""))["password"]]
    assert all(len(one) >= 16 for one in made_here)
    assert made_here[0] != made_here[1]


async def test_sharing_passwords_create_many(house: House) -> None:
    mine = await staged(house, password_required=True)
    for note in ("a", "b"):
        await password(mine, note=note)
    assert [one["note"] for one in (await mine.read("/1/sharing"))["share_passwords"]] == ["a", "b"]


async def test_a_password_that_cannot_be_is_refused_in_few_words(house: House) -> None:
    mine = await staged(house, enabled=True)
    assert await password(mine, 400) == {"error": "Turn on password_required first"}
    await shared(mine, password_required=True)
    for body in ({"raw_password": "short"}, {"raw_password": "x" * 201}, {"note": "x" * 101}, {"note": 1}):
        assert list(await password(mine, 400, **body)) == ["error"]


async def test_sharing_passwords_delete_repeat(house: House) -> None:
    mine = await staged(house, password_required=True)
    path = f"{mine.insights}/1/sharing/passwords/{(await password(mine))['id']}"
    assert [(await mine.client.delete(path)).status_code for _ in range(2)] == [204, 404]


async def test_sharing_passwords_delete_gone(house: House) -> None:
    """That it opens the link no more is shown by the tests of links."""
    mine = await staged(house, password_required=True)
    kept, gone = await password(mine, note="kept"), await password(mine, note="gone")
    await mine.client.delete(f"{mine.insights}/1/sharing/passwords/{gone['id']}")
    assert [one["id"] for one in (await mine.read("/1/sharing"))["share_passwords"]] == [kept["id"]]


async def refreshed(mine: Project, **body: object) -> dict[str, object]:
    answer = await mine.client.post(f"{mine.insights}/1/sharing/refresh", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_sharing_refresh_rotates(house: House) -> None:
    """That the old one opens nothing is shown by the tests of links."""
    mine = await staged(house, enabled=True)
    before = (await mine.read("/1/sharing"))["access_token"]
    after = (await refreshed(mine))["access_token"]
    assert before != after == (await mine.read("/1/sharing"))["access_token"]
    assert (await mine.read("/1/activity"))["results"][0]["activity"] == "access token refreshed"


async def test_sharing_refresh_keeps(house: House) -> None:
    mine = await staged(house, enabled=True, password_required=True, settings={"legend": True})
    before = await mine.read("/1/sharing")
    after = await refreshed(mine, enabled=False, settings=None, password_required="never read")
    assert {**after, "access_token": None} == {**before, "access_token": None}


async def context(mine: Project) -> Context:
    caller = await resolvers.access.authenticate(mine.house.services, mine.key.secret)
    return context_of(mine.house.services, caller)


async def guarded(mine: Project, insight: int = 1) -> str:
    """The id of a threshold of an insight, with an alert."""
    ctx = await context(mine)
    wish = ThresholdWish("Low", ThresholdType.ABSOLUTE, Bounds(lower=1.0))
    threshold = await create_threshold(ctx, insight, wish)
    await create_alert(ctx, AlertWish(threshold.id, TrendsWatch(), "Too few"))
    return str(threshold.id)


async def test_thresholds_list_project(house: House, other_house: House) -> None:
    mine, theirs = await staged(house), await staged(other_house)
    ids = [await guarded(mine), await guarded(mine)]
    await guarded(theirs)
    page = await mine.read("/1/thresholds", limit=1)
    assert (page["count"], [one["id"] for one in page["results"]]) == (2, ids[:1])
    assert page["next"] == f"{BASE}{mine.insights}/1/thresholds?limit=1&offset=1"
    [one] = (await mine.client.get(page["next"])).json()["results"]
    assert (one["id"], one["name"]) == (ids[1], "Low")
    assert one["configuration"] == {"type": "absolute", "bounds": {"lower": 1.0, "upper": None}}
    await theirs.made()
    assert await mine.status("/2/thresholds") == 404


async def test_thresholds_get_project(house: House, other_house: House) -> None:
    mine, theirs = await staged(house), await staged(other_house)
    id, foreign = await guarded(mine), await guarded(theirs)
    one = await mine.read(f"/1/thresholds/{id}")
    [alert] = one["alerts"]
    assert (alert["name"], alert["condition"], alert["calculation_interval"]) == (
        "Too few", {"type": "absolute_value"}, "daily"
    )  # fmt: skip
    assert [user["email"] for user in alert["subscribed_users"]] == ["ada@example.org"]
    await mine.made()
    for path in (f"/1/thresholds/{foreign}", f"/2/thresholds/{id}", f"/1/thresholds/{uuid4()}", "/1/thresholds/x"):
        assert await mine.status(path) == 404


async def test_an_insight_shows_its_alerts_to_who_may_see_alerts(house: House) -> None:
    mine = await staged(house)
    await mine.made(name="Unwatched")
    threshold = await mine.read(f"/1/thresholds/{await guarded(mine)}")
    assert threshold["alerts"] == (await mine.read("/1"))["alerts"] != []
    assert [one["alerts"] for one in (await mine.read())["results"]] == [threshold["alerts"], []]
    assert (await mine.changed(1, name="Named"))["alerts"] == threshold["alerts"]
    reader = await project(house, "bob@example.org", scopes=frozenset({Scope.INSIGHT_READ}))
    assert (await reader.read("/1"))["alerts"] == []


async def test_activity_order(house: House) -> None:
    mine = await staged(house)
    for number in range(3):
        await mine.changed(1, name=str(number))
    await mine.made(name="other")
    found = await mine.read("/1/activity")
    assert [one["detail"]["name"] for one in found["results"]] == ["2", "1", "0", "Crushed"]
    assert found["total_count"] == 4


async def test_activity_project(house: House, other_house: House) -> None:
    mine, _ = await project(house), await staged(other_house)
    assert await mine.status("/1/activity") == 404
    assert (await mine.read("/activity"))["total_count"] == 0


async def test_all_activity_order(house: House) -> None:
    mine = await project(house)
    for number in range(3):
        await mine.at(NOW + timedelta(minutes=number)).made(name=str(number))
    assert [one["detail"]["name"] for one in (await mine.read("/activity"))["results"]] == ["2", "1", "0"]


async def test_all_activity_covers(house: House) -> None:
    mine = await project(house)
    one = await mine.made(name="x")
    for change in ({"name": "y"}, {"deleted": True}, {"deleted": False}):
        await mine.changed(one["id"], **change)
    found = (await mine.read("/activity"))["results"]
    assert [entry["activity"] for entry in found] == ["restored", "deleted", "updated", "created"]
    told = [{one["field"]: (one["before"], one["after"]) for one in entry["detail"]["changes"]} for entry in found]
    assert told[:3] == [{"deleted": (True, False)}, {"deleted": (False, True)}, {"name": ("x", "y")}]
    assert told[3] == {"name": (None, "x")}


async def test_activity_comes_in_pages_that_count_from_one(house: House) -> None:
    mine = await project(house)
    for _ in range(12):
        await mine.made()
    first = await mine.read("/activity")
    assert (len(first["results"]), first["total_count"], first["previous"]) == (10, 12, None)
    second = (await mine.client.get(first["next"])).json()
    assert (len(second["results"]), second["next"]) == (2, None)
    assert (await mine.client.get(second["previous"])).json()["results"] == first["results"]
    beyond = await mine.read("/activity", page=10**12, limit=10**12)
    assert (beyond["results"], beyond["total_count"]) == ([], 12)
    for name in ("limit", "page"):
        for wrong in ("0", "-1", "1.5", "x", ""):
            assert await mine.status("/activity", **{name: wrong}) == 400, (name, wrong)


async def refusing(house: House) -> Project:
    """Of an organisation that allows no AI processing."""
    mine = await staged(house)
    await set_settings(house.services.database.urls, house.slug, {"ai_processing": "off"})
    return mine


async def test_analyze_consent(house: House) -> None:
    assert await (await refusing(house)).status("/1/analyze") == 403


async def test_analyze_empty(house: House) -> None:
    mine = await staged(house)
    await mine.made()
    assert [await mine.read(f"/{id}/analyze") for id in (1, 2)] == [{"result": ""}] * 2


async def test_analyze_no_compute(house: House) -> None:
    mine = await staged(house)
    await mine.counted([made("arc_crushed", 0), made("arc_crushed", 1)])
    assert await mine.read("/1/analyze") == {"result": ""}
    assert (await mine.read("/1"))["result"] is None
    await mine.read("/1", refresh="blocking")
    assert "2" in (await mine.read("/1/analyze"))["result"]


async def test_analyze_scope(house: House) -> None:
    await staged(house)
    assert await (await project(house, scopes=("insight:read",))).status("/1/analyze") == 200
    assert await (await project(house, scopes=("insight:write",))).status("/1/analyze") == 403


async def wondered(mine: Project, id: int, **body: object) -> list[dict[str, object]]:
    answer = await mine.client.post(f"{mine.insights}/{id}/suggestions", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_suggestions_get_consent(house: House) -> None:
    assert await (await refusing(house)).status("/1/suggestions") == 403


async def test_suggestions_post_consent(house: House) -> None:
    assert await (await refusing(house)).status("/1/suggestions", "POST") == 403


def kinds(found: object) -> set[str]:
    return {one["targetQuery"]["source"]["kind"] for one in found}


async def test_suggestions_get_retention(house: House) -> None:
    mine = await project(house)
    await mine.made(query=RETENTION)
    found = await mine.read("/1/suggestions")
    assert {"StickinessQuery", "LifecycleQuery"} <= kinds(found)
    of = [one["targetQuery"]["source"] for one in found]
    returning = {one["series"][0]["event"] for one in of if one["kind"] in ("StickinessQuery", "LifecycleQuery")}
    assert returning == {"arc_crushed"}
    for one in found:
        assert (await mine.made(query=one["targetQuery"]))["query"] == one["targetQuery"]


async def test_suggestions_post_retention(house: House) -> None:
    mine = await project(house)
    await mine.made(query=RETENTION)
    assert {"StickinessQuery", "LifecycleQuery"} <= kinds(await wondered(mine, 1, context="who comes back?"))


async def test_suggestions_get_empty(house: House) -> None:
    mine = await project(house)
    await mine.made()
    await mine.made(query={"kind": "HogQLQuery", "query": "select 1"})
    assert [await mine.read(f"/{id}/suggestions") for id in (1, 2)] == [[], []]


async def test_suggestions_post_empty(house: House) -> None:
    mine = await project(house)
    await mine.made()
    bare = await mine.client.post(f"{mine.insights}/1/suggestions")
    assert (bare.status_code, bare.json()) == (200, [])
    assert await wondered(mine, 1, context=None, name="passed over") == []


async def test_suggestions_get_scope(house: House) -> None:
    await staged(house)
    assert await (await project(house, scopes=("insight:read",))).status("/1/suggestions") == 200
    assert await (await project(house, scopes=("insight:write",))).status("/1/suggestions") == 403


async def test_suggestions_post_scope(house: House) -> None:
    await staged(house)
    assert await (await project(house, scopes=("insight:read",))).status("/1/suggestions", "POST") == 200


async def named(mine: Project, status: int = 200, **body: object) -> dict[str, object]:
    answer = await mine.client.post(f"{mine.insights}/generate_metadata", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_generate_metadata_consent(house: House) -> None:
    assert (await named(await refusing(house), 403, query=TRENDS))["code"] == "permission_denied"


async def test_generate_metadata_pure(house: House) -> None:
    mine = await project(house)
    words = [await named(mine, query=query, name="passed over") for query in (TRENDS, drawn(FUNNEL))]
    assert all(one["name"] and one["description"] for one in words)
    assert words[0] != words[1]
    assert (await mine.read())["count"] == (await mine.read("/activity"))["total_count"] == 0
    for wrong in ({}, {"query": None}, {"query": {"kind": "X"}}, {"query": {}}, {"query": "x"}):
        told = await named(mine, 400, **wrong)
        assert told["attr"] == "query"
        assert "[" not in told["detail"], "only what a client knows is named"
    assert (await named(mine, query={"kind": "ActorsQuery", "select": ["person"]}))["name"]


async def test_changes_that_come_at_once_are_all_noted(house: House) -> None:
    mine = await staged(house)
    await asyncio.gather(*(mine.changed(1, name=str(number)) for number in range(5)))
    found = (await mine.read("/1/activity"))["results"]
    assert len(found) == 6
    names = [entry["detail"]["changes"][0] for entry in found[:5]]
    assert {change["before"] for change in names} == {"Crushed", *(change["after"] for change in names[1:])}
