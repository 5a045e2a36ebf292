"""Who is let in, and the words for who is not."""

from datetime import timedelta

import httpx2
import pytest

from domain.access import KeyKind
from resolvers.access import NewKey
from tests.make_context import end_key
from tests.rest_compat import contract
from tests.rest_compat.envelopes import INGEST, posted
from tests.rest_compat.house import House, client_of

PRISM = (
    ("GET", "/v1/score_v3/score"),
    ("GET", "/v1/score_v3/realtime/sub-sessions"),
    ("PATCH", "/v1/score_v3/sub-sessions/0199aaaa-0000-7000-8000-000000000001"),
)
PROMPTSTER = (
    ("POST", "/v1/sessions"),
    ("GET", "/v1/sessions"),
    ("GET", "/v1/sessions/s"),
    ("PATCH", "/v1/sessions/s"),
    ("DELETE", "/v1/sessions/s"),
    ("PATCH", "/v1/sessions/s/metadata"),
    ("GET", "/v1/sessions/s/timeline"),
    ("GET", "/v1/sessions/s/decisions"),
    ("GET", "/v1/sessions/s/cohort-stats"),
    ("POST", INGEST),
)
WORDS = {
    "none": "Missing API key",
    "prefix": "Invalid API key format",
    "unknown": "Invalid API key",
    "inactive": "API key not active or expired",
}


async def revoked(house: House, kind: KeyKind) -> NewKey:
    key = await house.key(kind)
    await end_key(house.services.database.urls, key.key.org_id, key.key.id, house.services.now())
    return key


async def expired(house: House, kind: KeyKind) -> NewKey:
    return await house.key(kind, expires_at=house.services.now() + timedelta(microseconds=1))


async def refused(house: House, headers: dict[str, str], method: str, path: str) -> httpx2.Response:
    """The answer, which is the same for whatever stands in path and body."""
    answer = await client_of(house.services, headers).request(method, path, content=b"\xff")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    return answer


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.mark.skipif(not contract.endpoints(), reason=contract.ABSENT)
def test_the_words_are_those_of_the_contract() -> None:
    whole = contract.document()
    assert whole is not None
    assert whole["auth_schemes"]["prism_key"]["messages_401"] == WORDS


@pytest.mark.parametrize(("method", "path"), PRISM)
@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "none"),
        ({"authorization": "Bearer"}, "none"),
        ({"authorization": "Bearer   "}, "none"),
        ({"authorization": "Basic Z2NrX3g6"}, "none"),
        ({"x-api-key": ""}, "none"),
        ({"mappa-api-key": "gck_x"}, "none"),
        (bearer("psk_live_x"), "prefix"),
        (bearer("GCK_x"), "prefix"),
        ({"x-api-key": "PST-AAAA-BBBB"}, "prefix"),
        (bearer("gck_"), "unknown"),
        ({"x-api-key": "gck_unknown"}, "unknown"),
        (bearer("gck_" + "x" * 20_000), "unknown"),
        ({**bearer("gck_unknown"), "x-api-key": "PST-AAAA-BBBB"}, "unknown"),
    ],
)
async def test_prism_says_why(house: House, headers: dict[str, str], reason: str, method: str, path: str) -> None:
    answer = await refused(house, headers, method, path)
    assert answer.json() == {"code": 401, "message": WORDS[reason]}


@pytest.mark.parametrize(("method", "path"), PRISM)
async def test_prism_knows_keys_that_are_no_longer_good(house: House, method: str, path: str) -> None:
    gone, old = await revoked(house, KeyKind.DEVELOPER), await expired(house, KeyKind.DEVELOPER)
    later = house.at(house.services.now() + timedelta(seconds=1))
    for headers in (bearer(gone.secret), {"x-api-key": old.secret}):
        answer = await refused(later, headers, method, path)
        assert answer.json() == {"code": 401, "message": WORDS["inactive"]}


@pytest.mark.parametrize("kind", [kind for kind in KeyKind if kind is not KeyKind.DEVELOPER])
async def test_prism_takes_no_other_kind_of_key(house: House, kind: KeyKind) -> None:
    key = await house.key(kind)
    answer = await refused(house, bearer(key.secret), *PRISM[0])
    assert answer.json()["message"] == WORDS["prefix"]


@pytest.mark.parametrize(("method", "path"), PROMPTSTER)
async def test_promptster_has_one_sentence_for_all(house: House, method: str, path: str) -> None:
    kind = KeyKind.CANDIDATE if path == INGEST else KeyKind.REVIEWER
    gone, old = await revoked(house, kind), await expired(house, kind)
    later = house.at(house.services.now() + timedelta(seconds=1))
    for headers in (
        {},
        bearer("psk_live_unknown"),
        {"x-api-key": "PST-AAAA-BBBB"},
        {"x-api-key": "PST-ÄÖ".encode()},
        {"x-api-key": b"\xff\xfe"},
        {"mappa-api-key": "x"},
        bearer(gone.secret),
        bearer(old.secret),
    ):
        answer = await refused(later, headers, method, path)
        assert answer.json() == {"error": "Invalid or missing API key"}


TAKEN = {
    "/v1/sessions": {KeyKind.REVIEWER, KeyKind.CANDIDATE},
    INGEST: {KeyKind.CANDIDATE, KeyKind.DEVELOPER},
}


@pytest.mark.parametrize("path", TAKEN)
@pytest.mark.parametrize("kind", list(KeyKind))
async def test_promptster_takes_keys_by_their_kind(house: House, kind: KeyKind, path: str) -> None:
    key = await house.key(kind)
    for header in ("authorization", "x-api-key"):
        client = house.client(key, header)
        answer = await (client.post(path, json=posted("s")) if path == INGEST else client.get(path))
        assert (answer.status_code < 400) is (kind in TAKEN[path])


async def test_the_scheme_is_spelled_as_one_likes(house: House) -> None:
    key = await house.key()
    for spelled in ("bearer", "BEARER", "Bearer  "):
        answer = await client_of(house.services, {"authorization": f"{spelled} {key.secret}"}).get(PRISM[0][1])
        assert answer.status_code == 200


async def test_an_expired_candidate_is_out(house: House) -> None:
    key = await expired(house, KeyKind.CANDIDATE)
    later = house.at(house.services.now() + timedelta(seconds=1))
    await refused(later, {"x-api-key": key.secret}, "POST", INGEST)
