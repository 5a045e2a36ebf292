"""GET and PUT /v1/score_v3/toggle."""

import httpx2
import pytest

import resolvers.access
from domain.values import JsonValue
from tests.rest_compat.house import Developer, House

PATH = "/v1/score_v3/toggle"


async def pref(who: Developer) -> object:
    answer = await who.client.get(PATH)
    assert answer.status_code == 200
    return answer.json()["pref"]


async def put(who: Developer, body: JsonValue) -> httpx2.Response:
    return await who.client.put(PATH, json=body)


async def two_and_a_stranger(house: House, other_house: House) -> tuple[Developer, Developer, Developer]:
    return await house.developer(), await house.developer("bob@example.org"), await other_house.developer()


async def test_toggle_get_developer_scope(house: House, other_house: House) -> None:
    ada, bob, eve = await two_and_a_stranger(house, other_house)
    for who, version in ((ada, "v2"), (bob, "v3")):
        await put(who, {"pref": version})
    assert [await pref(who) for who in (ada, bob, eve)] == ["v2", "v3", None]


async def test_toggle_put_developer_scope(house: House, other_house: House) -> None:
    ada, bob, eve = await two_and_a_stranger(house, other_house)
    admin = await house.developer("boss@example.org", admin=True)
    for who in (ada, bob, eve):
        await put(who, {"pref": "v3"})
    await put(admin, {"pref": "v2"})
    assert [await pref(who) for who in (ada, bob, eve, admin)] == ["v3", "v3", "v3", "v2"]


async def test_toggle_get_null(house: House) -> None:
    """Also where the organisation's default is another one: null stays null."""
    ada = await house.developer()
    assert await pref(ada) is None
    await resolvers.access.set_settings(house.services.database.urls, house.slug, {"score_default": "v2"})
    assert await pref(ada) is None
    await put(ada, {"pref": "v3"})
    assert (await put(ada, {"pref": None})).json() == {"pref": None}
    assert await pref(ada) is None


async def test_toggle_put_idempotent(house: House) -> None:
    ada = await house.developer()
    answers = [await put(ada, {"pref": "v2"}) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"pref": "v2"})] * 2
    assert await pref(ada) == "v2"


@pytest.mark.parametrize("version", ["v2", "v3", None])
async def test_toggle_put_read_back(house: House, version: str | None) -> None:
    ada = await house.developer()
    await put(ada, {"pref": "v2"})
    assert (await put(ada, {"pref": version})).json() == {"pref": version}
    assert await pref(ada) == version
    again = await house.developer()  # another key of the same developer
    assert await pref(again) == version


@pytest.mark.parametrize(
    "body",
    [
        {}, {"pref": "v1"}, {"pref": "V3"}, {"pref": ""}, {"pref": "v3 "}, {"pref": 3}, {"pref": True}, {"pref": []},
        {"pref": "v3", "since": "now"}, {"Pref": "v3"}, [], "v3",
    ],
)  # fmt: skip
async def test_what_is_no_preference_is_refused_and_changes_nothing(house: House, body: JsonValue) -> None:
    ada = await house.developer()
    await put(ada, {"pref": "v2"})
    answer = await put(ada, body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid request body: ")
    assert await pref(ada) == "v2"


async def test_a_key_that_only_reads_reads_alone(house: House) -> None:
    ada = await house.developer(scopes=("scores:read",))
    assert await pref(ada) is None
    answer = await put(ada, {"pref": "v2"})
    assert (answer.status_code, answer.json()) == (
        403,
        {"code": 403, "message": "this key lacks the scope labels:write"},
    )


async def test_it_changes_no_number(house: House) -> None:
    ada = await house.developer()
    before = (await ada.client.get("/v1/score_v3/score")).json()
    await put(ada, {"pref": "v2"})
    assert (await ada.client.get("/v1/score_v3/score")).json() == before
