"""Sessions made, changed and deleted through the graph."""

from uuid import uuid4

import pytest

from domain.access import KeyKind
from domain.values import JsonObject, JsonValue
from resolvers.context import Services
from tests.history import bug_fix, derive, ended, recorded, store
from tests.schema.asking import Asker, make_asker

CHANGES = {
    "create": "createSession(input: $input) { session { %s } userErrors { field code message } }",
    "update": "updateSession(input: $input) { session { %s } userErrors { field code message } }",
    "merge": "mergeSessionMetadata(input: $input) { session { %s } userErrors { field code message } }",
    "delete": "deleteSession(input: $input) { deletedSessionId userErrors { field code message } }",
}
INPUTS = {
    "create": "CreateSessionInput",
    "update": "UpdateSessionInput",
    "merge": "MergeSessionMetadataInput",
    "delete": "DeleteSessionInput",
}
SHOWN = "id rawId title sourceService endedAt metadata eventCount"


def _document(name: str) -> str:
    body = CHANGES[name] % SHOWN if "%s" in CHANGES[name] else CHANGES[name]
    return f"mutation ($input: {INPUTS[name]}!) {{ done: {body} }}"


async def change(asker: Asker, name: str, **input: JsonValue) -> JsonObject:
    """The session afterwards; nothing may stand against it."""
    done = (await asker.data(_document(name), input=input))["done"]
    assert done["userErrors"] == []
    return done.get("session") or done


async def refused(asker: Asker, name: str, **input: JsonValue) -> list[tuple[str, list[str] | None]]:
    """Codes and fields of what stands against it; nothing may be done."""
    done = (await asker.data(_document(name), input=input))["done"]
    assert done.get("session", done.get("deletedSessionId")) is None
    return [(error["code"], error["field"]) for error in done["userErrors"]]


async def test_a_session_is_made_changed_and_deleted(ada: Asker, services: Services) -> None:
    raw_id = str(uuid4())
    made = await change(ada, "create", rawId=raw_id, sourceService="cursor", metadata={"a": 1})
    assert (made["rawId"], made["sourceService"], made["metadata"], made["title"]) == (raw_id, "cursor", {"a": 1}, None)
    at = "2026-04-01T12:00:00.000Z"
    assert (await change(ada, "update", id=made["id"], endedAt=at))["endedAt"] == at
    titled = await change(ada, "update", id=raw_id, title="  A\n better  name ")
    assert (titled["title"], titled["endedAt"], titled["metadata"]) == ("A better name", at, {"a": 1})
    replaced = await change(ada, "update", id=raw_id, title=None, endedAt=None, metadata={"b": 2})
    assert (replaced["title"], replaced["endedAt"], replaced["metadata"]) == (None, None, {"b": 2})
    merged = await change(ada, "merge", id=raw_id, metadata={"a": None, "c": [1]})
    assert merged["metadata"] == {"a": None, "b": 2, "c": [1]}
    lead = await make_asker(services, ada.slug, KeyKind.REVIEWER)
    assert await change(lead, "delete", id=raw_id) == {"deletedSessionId": made["id"], "userErrors": []}
    assert await refused(lead, "delete", id=raw_id) == [("NOT_FOUND", ["id"])]
    assert await ada.code("query ($id: ID!) { session(id: $id) { id } }", id=raw_id) == "NOT_FOUND"


async def test_what_postgresql_cannot_hold_is_replaced(ada: Asker) -> None:
    """As events have it."""
    made = await change(ada, "create", sourceService="cur\0sor", metadata={"\0a": ["\0"]})
    assert (made["sourceService"], made["metadata"]) == ("cur\ufffdsor", {"\ufffda": ["\ufffd"]})
    merged = await change(ada, "merge", id=made["id"], metadata={"b": "\0"})
    assert merged["metadata"] == {"\ufffda": ["\ufffd"], "b": "\ufffd"}
    assert (await change(ada, "update", id=made["id"], metadata={"c": "\0"}))["metadata"] == {"c": "\ufffd"}


@pytest.mark.parametrize(
    ("name", "input", "errors"),
    [
        ("create", {"rawId": "no uuid"}, [("INVALID_ID", ["rawId"])]),
        ("create", {"rawId": "{01234567-89ab-cdef-0123-456789abcdef}"}, [("INVALID_ID", ["rawId"])]),
        ("create", {"metadata": [1]}, [("INVALID_METADATA", ["metadata"])]),
        ("create", {"sourceService": ""}, [("BLANK", ["sourceService"])]),
        ("create", {"sourceService": "x" * 129}, [("TOO_LONG", ["sourceService"])]),
        ("update", {"id": "nobody's"}, [("NOTHING_TO_CHANGE", None)]),
        ("update", {"id": "nobody's", "metadata": None}, [("NOTHING_TO_CHANGE", None)]),
        ("update", {"id": "nobody's", "title": "x"}, [("NOT_FOUND", ["id"])]),
        ("update", {"id": "nobody's", "title": " "}, [("BLANK", ["title"])]),
        ("update", {"id": "nobody's", "title": "x" * 201}, [("TOO_LONG", ["title"])]),
        ("update", {"id": "RGV2ZWxvcGVyOng", "title": "x"}, [("INVALID_ID", ["id"])]),
        ("update", {"id": "a\x00b", "endedAt": "2026-04-01T12:00:00Z"}, [("NOT_FOUND", ["id"])]),
        ("merge", {"id": "nobody's", "metadata": {}}, [("NOT_FOUND", ["id"])]),
        ("merge", {"id": "nobody's", "metadata": "text"}, [("INVALID_METADATA", ["metadata"])]),
    ],
)
async def test_what_stands_against_a_change_is_told(
    ada: Asker, name: str, input: dict[str, JsonValue], errors: list[tuple[str, list[str] | None]]
) -> None:
    assert await refused(ada, name, **input) == errors


async def test_a_taken_id_is_told_apart_from_nothing_else(ada: Asker, services: Services) -> None:
    raw_id = str(uuid4())
    await change(ada, "create", rawId=raw_id)
    for asker in (ada, await make_asker(services)):
        assert await refused(asker, "create", rawId=raw_id) == [("ALREADY_EXISTS", ["rawId"])]


async def test_only_whoever_may_deletes(ada: Asker, services: Services) -> None:
    made = await change(ada, "create")
    assert await ada.code(_document("delete"), input={"id": made["id"]}) == "FORBIDDEN"
    stranger = await make_asker(services, kind=KeyKind.REVIEWER)
    assert await refused(stranger, "delete", id=made["id"]) == [("NOT_FOUND", ["id"])]
    reader = await make_asker(services, ada.slug, KeyKind.SERVICE)
    for name, input in (("create", {}), ("update", {"id": made["id"], "title": "x"})):
        assert await reader.code(_document(name), input=input) == "FORBIDDEN"


async def test_a_given_title_is_found_and_kept(ada: Asker) -> None:
    told = recorded(*bug_fix(0), ended(8))
    await store(ada.ctx, told)
    await change(ada, "update", id=told.id, title="Pelican brief")
    query = '{ sessions(filter: {search: "pelican"}) { nodes { rawId title } } }'
    for _ in range(2):
        found = (await ada.data(query))["sessions"]["nodes"]
        assert found == [{"rawId": told.id, "title": "Pelican brief"}]
        await derive(ada.ctx, told)


async def test_secrets_in_titles_are_redacted(ada: Asker) -> None:
    made = await change(ada, "create")
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    titled = await change(ada, "update", id=made["id"], title=f"Rotate {secret}")
    assert secret not in titled["title"]
    assert titled["title"].startswith("Rotate [redacted:")
