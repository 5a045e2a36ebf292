"""PostHog's routes below HTTP: methods, paths, limits, addresses of pages, and bodies nobody means."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from persistence.rate_limits import take
from resolvers.rate_limits import digest, end_of_hour, end_of_minute
from tests.make import time
from tests.rest_compat.house import House, client_of
from tests.rest_compat.posthog import API, project

NOW = time(8 * 60)
JSON = {"content-type": "application/json"}


async def test_head_and_options_are_answered(house: House) -> None:
    mine = await project(house)
    await mine.made(name="x")
    for path, allowed in (
        ("", "GET, HEAD, OPTIONS, POST"),
        ("/1/", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/1/sharing", "GET, HEAD, OPTIONS, PATCH"),
        ("/activity/", "GET, HEAD, OPTIONS"),
    ):
        whole, head = await mine.client.get(mine.insights + path), await mine.client.head(mine.insights + path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"] != "0"
        options = await client_of(house.services).options(mine.insights + path)
        assert (options.status_code, options.headers["allow"]) == (204, allowed)
        wrong = await mine.client.put(mine.insights + path, json={})
        assert (wrong.status_code, wrong.headers["allow"], wrong.content) == (405, allowed, b"")


@pytest.mark.parametrize("path", ["/api/", "/api/environments", "/api/environments/1/dashboards", "/api/x/y"])
async def test_an_unknown_path_is_answered_in_its_words(house: House, path: str) -> None:
    mine = await project(house)
    for answer in (await mine.client.get(path), await client_of(house.services).post(path, json={})):
        assert answer.status_code == 404
        assert answer.json() == {"type": "invalid_request", "code": "not_found", "detail": "Not found.", "attr": None}


@pytest.mark.parametrize("environment", ["0", "-1", "@other", "x", "%40current%20", "１", "1" * 40])
async def test_a_project_is_the_keys_own_or_none(house: House, environment: str) -> None:
    mine = await project(house)
    assert (await mine.client.get(f"{API}/{environment}/insights")).status_code == 404


def counted(house: House) -> House:
    """A house whose requests are counted."""
    return replace(house, services=replace(house.services, rate_limits=True))


async def use_up(house: House, name: str, subject: str, requests: int, until: datetime) -> None:
    async with house.services.database.single() as db:
        assert await take(db, digest(name, subject), until, [requests], requests)


async def test_a_key_has_240_requests_a_minute(house: House) -> None:
    mine = await project(counted(house))
    await use_up(mine.house, "posthog", str(mine.key.key.id), 239, end_of_minute(NOW))
    last, over = [await mine.client.get(mine.insights) for _ in range(2)]
    assert (last.status_code, last.headers["x-ratelimit-remaining"]) == (200, "0")
    assert (over.status_code, over.headers["retry-after"]) == (429, "60")
    assert over.json() == {
        "type": "throttled_error", "code": "throttled", "detail": "Rate limit exceeded", "attr": None
    }  # fmt: skip
    other = await project(mine.house)
    assert (await other.client.get(other.insights)).status_code == 200
    assert (await mine.at(NOW + timedelta(minutes=1)).client.get(mine.insights)).status_code == 200


async def test_a_key_has_1200_requests_an_hour(house: House) -> None:
    mine = await project(counted(house))
    await use_up(mine.house, "posthog hourly", str(mine.key.key.id), 1199, end_of_hour(NOW))
    later = mine.at(NOW + timedelta(minutes=20))
    last, over = [await later.client.get(mine.insights) for _ in range(2)]
    assert (last.status_code, last.headers["x-ratelimit-limit"], last.headers["x-ratelimit-remaining"]) == (
        200, "1200", "0"
    )  # fmt: skip
    assert (over.status_code, over.headers["retry-after"]) == (429, "2400")
    assert (await mine.at(NOW + timedelta(hours=1)).client.get(mine.insights)).status_code == 200


async def test_who_has_no_key_is_counted_by_address(house: House) -> None:
    house, address = counted(house), str(uuid4())
    await use_up(house, "posthog", address, 240, end_of_minute(NOW))
    nobody = client_of(house.services, {"authorization": "Bearer phx_guess"}, address)
    assert (await nobody.get(f"{API}/@current/insights")).status_code == 429
    assert (await client_of(house.services, address=str(uuid4())).get(f"{API}/@current/insights")).status_code == 401


async def test_pages_lie_below_the_address_that_people_reach(house: House) -> None:
    house = replace(house, services=replace(house.services, public_url="https://goalarc.example.org/sub"))
    mine = await project(house)
    for _ in range(2):
        await mine.made()
    base = f"https://goalarc.example.org/sub{mine.insights}"
    assert (await mine.read("/", limit=1, search=""))["next"] == f"{base}/?search=&limit=1&offset=1"
    assert (await mine.read("/activity", limit=1))["next"] == f"{base}/activity?limit=1&page=2"


BODIES = [
    b"", b"\xff", b'{"name": "\xed\xa0\x80"}', b'{"name": NaN}', b'{"a":' * 200 + b"1" + b"}" * 200,
    b"{" + b",".join(b'"k%d":1' % n for n in range(2_000)) + b"}",
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_a_body_nobody_means_is_refused(house: House, body: bytes) -> None:
    mine = await project(house)
    answer = await mine.client.post(mine.insights, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "validation_error")
    assert (await mine.read())["count"] == 0


async def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    mine = await project(house)
    answer = await mine.client.post(mine.insights, content=b" " * (16 * 2**20 + 1), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


async def test_texts_come_back_as_they_can_be_kept(house: House) -> None:
    mine = await project(house)
    one = await mine.made(name="ä\u0000\u2028🎯", tags=["Ünï\u0000"], description="")
    assert (one["name"], one["tags"]) == ("ä\ufffd\u2028🎯", ["ünï\ufffd"])
    for params in (
        {"search": "\u0000"},
        {"short_id": "\u0000"},
        {"tags": '["\\u0000"]'},
        {"search": "\\"},
        {"search": "%"},
    ):
        assert (await mine.read(**params))["results"] in ([], [one]), params
