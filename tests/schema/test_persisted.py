"""Queries that clients send as a hash, and the documents that are trusted."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from domain.documents import Unfit, sha256_of
from domain.values import JsonObject, JsonValue
from persistence.database import Database, Urls
from resolvers.context import Services
from resolvers.documents import add_documents, delete_documents
from schema.documents import MAX_TOKENS
from schema.persisted import LONGEST_BYTES, MOST_BYTES, MOST_KEPT, TRUSTED_S, UNKNOWN_S, NotPersisted, Persisted
from schema.root import schema
from schema.trusted import operation_names
from tests.make_context import NOW

check = partial(operation_names, schema.graphql_schema)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Asks as a client does."""

    persisted: Persisted
    services: Services
    clock: Clock

    async def text(
        self, query: str | None = None, hash: JsonValue = None, id: str | None = None, **extensions: JsonValue
    ) -> str:
        if hash is not None:
            extensions["persistedQuery"] = {"version": 1, "sha256Hash": hash}
        return await self.persisted.text(self.services, query, extensions or None, id)

    async def refusal(
        self, query: str | None = None, hash: JsonValue = None, id: str | None = None, **extensions: JsonValue
    ) -> tuple[str, int, str]:
        with pytest.raises(NotPersisted) as refused:
            await self.text(query, hash, id, **extensions)
        return refused.value.code, refused.value.status, str(refused.value)


NOT_FOUND = ("PERSISTED_QUERY_NOT_FOUND", 200, "PersistedQueryNotFound")
MISMATCH = ("PERSISTED_QUERY_HASH_MISMATCH", 400, "provided sha does not match query")
NOT_TRUSTED = (
    "DOCUMENT_NOT_TRUSTED",
    403,
    "this server answers only documents that were registered with it",
)


@pytest.fixture
def any_document(services: Services) -> Endpoint:
    clock = Clock()
    return Endpoint(Persisted(clock=clock), services, clock)


@pytest.fixture
def only_trusted(services: Services) -> Endpoint:
    clock = Clock()
    return Endpoint(Persisted(only_trusted=True, clock=clock), services, clock)


@pytest.fixture
def query() -> str:
    """One that nobody else asks."""
    return f"query Q{uuid4().hex} {{ viewer {{ email }} }}"


async def trust(urls: Urls, folder: Path, documents: Mapping[str, str]) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(dict(documents)))
    assert (await add_documents(urls, [manifest], check, NOW)).errors == []


@pytest.fixture
async def trusted(urls: Urls, tmp_path: Path, query: str) -> str:
    """`query`, which a build has registered, as Relay does, under its MD5."""
    await trust(urls, tmp_path, {md5(query): query})
    return query


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


async def test_what_the_servers_own_pages_ask_is_always_trusted(services: Services, query: str) -> None:
    """Byte for byte: nothing that only looks like it."""
    own = {sha256_of(query): query}
    strict = Endpoint(Persisted(only_trusted=True, own=own), services, Clock())
    lenient = Endpoint(Persisted(own=own), services, Clock())
    for endpoint in (strict, lenient):
        assert await endpoint.text(query) == query
        assert await endpoint.text(query, hash=sha256_of(query)) == query
        assert await endpoint.text(id=f"sha256:{sha256_of(query)}") == query
    assert await strict.refusal(f"{query} ") == NOT_TRUSTED
    assert await strict.refusal(f"{query} ", id=sha256_of(query)) == MISMATCH


async def test_a_plain_query_is_its_own_text(any_document: Endpoint, query: str) -> None:
    assert await any_document.text(query) == query
    assert await any_document.text(query, other={"a": 1}, persistedQuery=None) == query


async def test_the_three_steps_of_an_automatic_persisted_query(any_document: Endpoint, query: str) -> None:
    assert await any_document.refusal(hash=sha256_of(query)) == NOT_FOUND
    assert await any_document.text(query, hash=sha256_of(query)) == query
    assert await any_document.text(hash=sha256_of(query)) == query
    assert await any_document.text("", hash=sha256_of(query)) == query


async def test_urqls_mark_of_a_miss_does_not_disturb(any_document: Endpoint, query: str) -> None:
    marked: JsonObject = {"version": 1, "sha256Hash": sha256_of(query), "miss": True}
    assert await any_document.text(query, persistedQuery=marked) == query
    assert await any_document.text(hash=sha256_of(query)) == query


async def test_the_hash_of_something_else_is_refused_and_not_remembered(any_document: Endpoint, query: str) -> None:
    other = sha256_of(query + " ")
    for hash in (other, sha256_of(query).upper(), md5(query), ""):
        assert await any_document.refusal(query, hash=hash) == MISMATCH
    assert await any_document.refusal(query, id=other) == MISMATCH
    assert await any_document.refusal(hash=other) == NOT_FOUND
    assert await any_document.refusal(hash=sha256_of(query)) == NOT_FOUND


async def test_a_document_id_works_with_its_prefix_and_without(any_document: Endpoint, query: str) -> None:
    sha256 = sha256_of(query)
    assert await any_document.refusal(id=f"sha256:{sha256}") == NOT_FOUND
    assert await any_document.text(query, id=f"sha256:{sha256}") == query
    for id in (sha256, f"sha256:{sha256}"):
        assert await any_document.text(id=id) == query
    assert await any_document.text(hash=sha256) == query


@pytest.mark.parametrize("persisted", [{"version": 2, "sha256Hash": "a"}, {"version": 0}])
async def test_another_version_is_told_in_the_words_clients_know(any_document: Endpoint, persisted: JsonObject) -> None:
    refused = ("PERSISTED_QUERY_NOT_SUPPORTED", 400, "PersistedQueryNotSupported")
    assert await any_document.refusal("{ viewer { email } }", persistedQuery=persisted) == refused


@pytest.mark.parametrize(
    "persisted", [[], "a", 0, False, {}, {"version": 1}, {"version": "1", "sha256Hash": "a"},
                  {"version": 1, "sha256Hash": 7}, {"version": 1, "sha256Hash": None}],
)  # fmt: skip
async def test_malformed_ones_are_bad_requests(any_document: Endpoint, persisted: JsonValue) -> None:
    code, status, _ = await any_document.refusal("{ viewer { email } }", persistedQuery=persisted)
    assert (code, status) == ("BAD_REQUEST", 400)


async def test_without_any_document_it_is_a_bad_request(any_document: Endpoint, only_trusted: Endpoint) -> None:
    for endpoint in (any_document, only_trusted):
        for query in (None, ""):
            assert (await endpoint.refusal(query))[:2] == ("BAD_REQUEST", 400)


@pytest.mark.parametrize("id", ["", "a\0b", "\ud800", "ü", "a b", "x" * 201, "x" * 10**6, "sha256:", "'; DROP"])
async def test_odd_ids_are_not_found(any_document: Endpoint, only_trusted: Endpoint, id: str) -> None:
    assert await any_document.refusal(id=id) == NOT_FOUND
    assert await any_document.refusal(hash=id) == NOT_FOUND
    assert await only_trusted.refusal(id=id) == NOT_TRUSTED


async def test_odd_texts_are_hashed_too(any_document: Endpoint) -> None:
    for text in ("# größer 🙂\n{ viewer { email } }", '{ a(b: "\ud800") }'):
        assert await any_document.text(text, hash=sha256_of(text)) == text
        assert await any_document.text(hash=sha256_of(text)) == text


async def test_a_trusted_document_is_found_by_each_of_its_ids(any_document: Endpoint, trusted: str) -> None:
    for id in (sha256_of(trusted), f"sha256:{sha256_of(trusted)}", md5(trusted)):
        assert await any_document.text(id=id) == trusted
        assert await any_document.text(hash=id) == trusted


async def test_the_id_of_a_trusted_document_may_come_with_its_text(
    any_document: Endpoint, only_trusted: Endpoint, trusted: str
) -> None:
    for endpoint in (any_document, only_trusted):
        assert await endpoint.text(trusted, hash=md5(trusted)) == trusted
        assert await endpoint.refusal(f"{trusted} ", hash=md5(trusted)) == MISMATCH


async def test_with_only_trusted_documents_they_are_answered_in_every_way(only_trusted: Endpoint, trusted: str) -> None:
    for id in (sha256_of(trusted), md5(trusted)):
        assert await only_trusted.text(id=id) == trusted
        assert await only_trusted.text(hash=id) == trusted
    assert await only_trusted.text(trusted) == trusted
    assert await only_trusted.text(trusted, hash=sha256_of(trusted)) == trusted


async def test_with_only_trusted_documents_nothing_else_is_answered(only_trusted: Endpoint, query: str) -> None:
    assert await only_trusted.refusal(query) == NOT_TRUSTED
    assert await only_trusted.refusal(query, hash=sha256_of(query)) == NOT_TRUSTED
    assert await only_trusted.refusal(hash=sha256_of(query)) == NOT_TRUSTED
    assert await only_trusted.refusal(query, id="mine") == MISMATCH
    assert await only_trusted.refusal("{ __schema { types { name } } }") == NOT_TRUSTED


async def test_an_id_does_not_lend_its_trust_to_another_text(
    only_trusted: Endpoint, urls: Urls, tmp_path: Path, query: str
) -> None:
    """A manifest may call a text by the SHA-256 of another one."""
    other = f"{query}#"
    await trust(urls, tmp_path, {sha256_of(other): query})
    assert await only_trusted.text(id=sha256_of(other)) == query
    assert await only_trusted.refusal(other) == NOT_TRUSTED
    assert await only_trusted.refusal(other, hash=sha256_of(other)) == NOT_TRUSTED


async def test_what_a_deploy_adds_is_found_soon(
    any_document: Endpoint, only_trusted: Endpoint, urls: Urls, tmp_path: Path, query: str
) -> None:
    for endpoint in (any_document, only_trusted):
        await endpoint.refusal(id=sha256_of(query))
    await trust(urls, tmp_path, {"id-" + md5(query): query})
    for endpoint in (any_document, only_trusted):
        endpoint.clock.now += UNKNOWN_S
        assert await endpoint.text(id=sha256_of(query)) == query


async def test_what_was_removed_is_refused_within_a_minute(only_trusted: Endpoint, urls: Urls, trusted: str) -> None:
    asked = (None, md5(trusted)), (trusted, None)
    for query, id in asked:
        await only_trusted.text(query, id=id)
    await delete_documents(urls, [md5(trusted)])
    for step in range(3):  # being asked for does not keep it
        only_trusted.clock.now += TRUSTED_S / 3
        for query, id in asked:
            if step < 2:
                await only_trusted.text(query, id=id)
            else:
                assert await only_trusted.refusal(query, id=id) == NOT_TRUSTED
    assert TRUSTED_S < 60


async def test_the_database_is_asked_once_for_each_id(
    any_document: Endpoint, trusted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = 0
    single = Database.single

    def counted(self: Database) -> object:
        nonlocal opened
        opened += 1
        return single(self)

    monkeypatch.setattr(Database, "single", counted)
    for _ in range(5):
        assert await any_document.text(id=md5(trusted)) == trusted
        assert await any_document.refusal(id="nobody-knows-this") == NOT_FOUND
        await any_document.refusal(id="no id")
        await any_document.text("{ a }", hash=sha256_of("{ a }"))
        await any_document.text("{ a }")
    assert opened == 2


async def test_not_more_texts_are_remembered_than_there_is_room_for(any_document: Endpoint) -> None:
    texts = [f"{{ a{n} }}" for n in range(MOST_KEPT + 1)]
    for text in texts[:-1]:
        await any_document.text(text, hash=sha256_of(text))
    await any_document.text(hash=sha256_of(texts[0]))  # in use: the next one makes room
    await any_document.text(texts[-1], hash=sha256_of(texts[-1]))
    assert await any_document.refusal(hash=sha256_of(texts[1])) == NOT_FOUND
    for text in (texts[0], texts[2], texts[-1]):
        assert await any_document.text(hash=sha256_of(text)) == text


async def test_not_more_bytes_are_remembered_than_there_is_room_for(any_document: Endpoint) -> None:
    size = LONGEST_BYTES - 1_000
    texts = [f"{{ a }} # {n}".ljust(size) for n in range(MOST_BYTES // size + 5)]
    for text in [*texts, *texts]:  # what is sent again is not counted twice
        await any_document.text(text, hash=sha256_of(text))
    found = [text for text in texts if await found_by_hash(any_document, text)]
    assert found == texts[-(MOST_BYTES // LONGEST_BYTES) :]
    wide = "{ a } # 🙂".ljust(size)  # takes four bytes a character
    assert await any_document.text(wide, hash=sha256_of(wide)) == wide
    assert not await found_by_hash(any_document, wide)


async def found_by_hash(endpoint: Endpoint, text: str) -> bool:
    try:
        return await endpoint.text(hash=sha256_of(text)) == text
    except NotPersisted:
        return False


async def test_ids_that_nobody_knows_take_no_more_room_than_others(any_document: Endpoint) -> None:
    for n in range(MOST_KEPT * 2):
        await any_document.refusal(id=f"{n}".zfill(200))
    assert len(any_document.persisted._unknown._kept) == MOST_KEPT


def test_operations_are_named() -> None:
    assert check("query A { viewer { email } } query B { viewer { email } }") == ("A", "B")
    assert check("{ viewer { email } }") == ("",)


def test_what_holds_no_operation_is_not_looked_at() -> None:
    assert check("fragment F on Nothing { a }") == ()
    assert check("type Query { a: Int }") == ()
    assert check(schema.as_str()) == ()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "Syntax Error"),
        ("query {\n  viewer {\n", 3, "Syntax Error"),
        ("query A {\n  viewer { email }\n  nothing\n}", 3, "Cannot query field 'nothing'"),
        ("query A { nothing, nope }", 1, "(and 1 more)"),
        ("query A { viewer { ...F } }", 1, "Unknown fragment 'F'"),
        ("{ viewer { email } } type A { a: Int }", 1, "not executable"),
        ("{ viewer { email } } # \0", 1, "no text"),
        ("{ viewer { email } } # \udc00", 1, "no text"),
        ("{" + " viewer { email }" * MAX_TOKENS + "}", 1, "tokens"),
        ("{" * 1_900, 1, "Syntax Error"),
    ],
)
def test_what_this_schema_cannot_answer_is_unfit(text: str, line: int, reason: str) -> None:
    with pytest.raises(Unfit) as unfit:
        check(text)
    assert reason in str(unfit.value)
    assert unfit.value.line == line
