"""Requests a minute: 300 from an address on sessions, 100 with a key on ingest; who is over hears when to come back."""

from dataclasses import replace
from uuid import uuid4

import httpx2
import pytest

from domain.access import KeyKind
from resolvers.rate_limits import spend
from tests.make import START
from tests.rest_compat.envelopes import INGEST, new_id, posted
from tests.rest_compat.house import House, client_of

HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
RESET = int(START.timestamp()) + 8 * 3600 + 60


@pytest.fixture
def counted(house: House) -> House:
    """A house whose requests are counted, from an address of its own."""
    return replace(house, services=replace(house.services, rate_limits=True))


def client(house: House, address: str, secret: str, **headers: str) -> httpx2.AsyncClient:
    return client_of(house.services, {"authorization": f"Bearer {secret}", **headers}, address)


def told(answer: httpx2.Response) -> tuple[int, ...]:
    return tuple(int(answer.headers[name]) for name in HEADERS)


async def use_up(house: House, name: str, subject: str, requests: int) -> None:
    for _ in range(requests):
        await spend(house.services, name, subject, requests)


async def test_an_address_has_300_requests_a_minute(counted: House) -> None:
    key, address = (await counted.key(KeyKind.REVIEWER)).secret, str(uuid4())
    rev = client(counted, address, key)
    first = await rev.get("/v1/sessions")
    assert (first.status_code, told(first)) == (200, (300, 299, RESET))
    assert told(await rev.head("/v1/sessions/unknown"))[1] == 298
    await use_up(counted, "promptster", address, 297)
    last, over = await rev.post("/v1/sessions", json={}), await rev.get("/v1/sessions")
    assert (last.status_code, told(last)) == (201, (300, 0, RESET))
    assert (over.status_code, over.json(), told(over)) == (429, {"error": "Rate limit exceeded"}, (300, 0, RESET))
    assert over.headers["retry-after"] == "60"
    assert (await client(counted, str(uuid4()), key).get("/v1/sessions")).status_code == 200
    other_key = (await counted.key(KeyKind.REVIEWER)).secret
    assert (await client(counted, address, other_key).get("/v1/sessions")).status_code == 429


async def test_an_address_that_a_header_claims_is_not_believed(counted: House) -> None:
    rev, address = (await counted.key(KeyKind.REVIEWER)).secret, str(uuid4())
    for n in range(2):
        claims = {"x-forwarded-for": f"198.51.100.{n}", "forwarded": f"for=198.51.100.{n}"}
        answer = await client(counted, address, rev, **claims).get("/v1/sessions")
    assert told(answer)[1] == 298


async def test_requests_without_a_good_key_count_as_well(counted: House) -> None:
    address = str(uuid4())
    assert told(await client(counted, address, "wrong").get("/v1/sessions"))[1] == 299
    assert told(await client(counted, address, "wrong").post(INGEST, json={}))[1] == 99


async def test_a_key_has_100_events_a_minute(counted: House) -> None:
    ada, session = await counted.key(), new_id()

    async def post() -> httpx2.Response:
        return await client(counted, str(uuid4()), ada.secret).post(INGEST, json=posted(session))

    assert told(await post()) == (100, 99, RESET)
    await use_up(counted, "promptster ingest", str(ada.key.id), 98)
    assert [(await post()).status_code for _ in range(3)] == [201, 429, 429]
    bob = (await counted.key(email="bob@example.org")).secret
    assert (await client(counted, str(uuid4()), bob).post(INGEST, json=posted(new_id()))).status_code == 201


async def test_a_new_minute_begins_anew(counted: House) -> None:
    ada = (await counted.key()).secret
    await client(counted, "", ada).post(INGEST, json=posted(new_id()))
    later = counted.at(START.replace(hour=17, minute=1))
    assert told(await client(later, "", ada).post(INGEST, json=posted(new_id())))[1:] == (99, RESET + 60)


async def test_prism_counts_nothing(counted: House) -> None:
    answer = await client(counted, "", (await counted.key()).secret).get("/v1/score_v3/score")
    assert not set(HEADERS) & set(answer.headers)


async def test_the_headers_are_there_where_nothing_is_counted(house: House) -> None:
    rev = await house.reviewer()
    assert [told(await rev.get("/v1/sessions")) for _ in range(2)] == [(300, 300, RESET)] * 2
