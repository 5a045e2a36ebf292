"""POST /v1/transcripts: whole or not at all, and never for somebody else."""

import gzip
import zlib
from dataclasses import replace

import httpx2
import pytest

from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.packing import pack
from domain.timeline import Event, Kind
from domain.values import SessionId
from rest_compat import turns
from rest_compat.wire import MOST_BODY_BYTES
from tests.make import event_id, time
from tests.rest_compat.envelopes import new_id
from tests.rest_compat.house import House

PATH = "/v1/transcripts"
GZIP = {"content-type": "application/json", "content-encoding": "gzip"}


def parcel(session: str, *texts: str) -> bytes:
    """Prompts of a session, each with its line."""
    id = SessionId(session)
    events = tuple(
        Event(event_id(text), id, time(n), Kind.PROMPT, source={"channel": "import"}, data={"text": text},
              raw_digest=text.encode().ljust(32)[:32])
        for n, text in enumerate(texts)
    )  # fmt: skip
    raw = tuple(RawLine(id, event.raw_digest or b"", n, '{"a":1}') for n, event in enumerate(events))
    [packed] = pack(Batch("codex-rollout-jsonl", {id: SessionFacts("codex", "/w", "main", "T")}, events, raw))
    return packed


async def send(client: httpx2.AsyncClient, body: bytes) -> httpx2.Response:
    return await client.post(PATH, content=gzip.compress(body), headers=GZIP)


async def test_what_was_sent_is_there_once(house: House) -> None:
    ada, id = (await house.developer()).client, new_id()
    first = await send(ada, parcel(id, "one", "two"))
    assert (first.status_code, first.json()) == (200, {"accepted": 2, "skipped": 0})
    plain = {"content-type": "application/json"}
    again = await ada.post(PATH, content=parcel(id, "two", "three"), headers=plain)
    assert (again.status_code, again.json()) == (200, {"accepted": 1, "skipped": 1})
    reviewer = await house.reviewer()
    session = (await reviewer.get(f"/v1/sessions/{id}")).json()["session"]
    assert (session["eventCount"], session["sourceService"]) == (3, "codex")


async def test_a_session_of_somebody_else_is_refused_whole(house: House) -> None:
    id, own = new_id(), new_id()
    await send((await house.developer()).client, parcel(id, "mine"))
    eve = (await house.developer("eve@example.org")).client
    answer = await send(eve, parcel(id, "theirs"))
    assert (answer.status_code, answer.json()) == (403, {"error": "this session belongs to somebody else"})
    assert (await send(eve, parcel(own, "theirs"))).status_code == 200


async def test_a_key_that_may_not_send_is_refused(house: House) -> None:
    reader = (await house.developer(scopes=frozenset({"sessions:read"}))).client
    assert (await send(reader, parcel(new_id(), "x"))).status_code == 403
    assert (await send(await house.reviewer(), parcel(new_id(), "x"))).status_code == 401
    assert (await send(house.client(), parcel(new_id(), "x"))).status_code == 401


def packed(body: bytes) -> bytes:
    """The same each time, for it names tests."""
    return gzip.compress(body, mtime=0)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        packed(b"{}")[:-1],
        packed(b"{}") + b"more",
        packed(b"{}") * 2,
        zlib.compress(b"{}"),
        packed(b'{"format": "x", "sessions": {"s": {}}, "more": 1}'),
        packed(b"[" * 100_000),
        packed(b'{"format": "\xff", "sessions": {"s": {}}}'),
    ],
)
async def test_what_cannot_be_read_is_refused(house: House, body: bytes) -> None:
    ada = (await house.developer()).client
    answer = await ada.post(PATH, content=body, headers=GZIP)
    assert answer.status_code == 400, answer.text
    assert answer.json()["details"]


@pytest.mark.parametrize(
    "headers",
    [
        GZIP | {"content-type": "application/x-ndjson"},
        GZIP | {"content-encoding": "br"},
        GZIP | {"content-encoding": "gzip, gzip"},
    ],
)
async def test_other_packings_are_refused(house: House, headers: dict[str, str]) -> None:
    answer = await (await house.developer()).client.post(PATH, content=gzip.compress(b"{}"), headers=headers)
    assert answer.status_code == 415


async def test_little_that_unpacks_to_too_much_is_refused(house: House) -> None:
    bomb = gzip.compress(b" " * (MOST_BODY_BYTES + 1))
    answer = await (await house.developer()).client.post(PATH, content=bomb, headers=GZIP)
    assert (len(bomb) < 20_000, answer.status_code) == (True, 413)


async def test_under_pressure_a_watcher_is_told_to_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, body = (await house.developer()).client, parcel(new_id(), "x")
    with monkeypatch.context() as pressed:
        pressed.setattr(turns, "AT_ONCE_BYTES", 2**20 - 1)
        answer = await send(ada, body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (await send(ada, body)).status_code == 200


async def test_who_sends_too_often_hears_when_to_come_back(house: House) -> None:
    counted = replace(house, services=replace(house.services, rate_limits=True))
    ada = (await counted.developer()).client
    first = await send(ada, parcel(new_id(), "x"))
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("1200", "1199")
