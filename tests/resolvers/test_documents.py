"""Trusted documents: read from what builds write, kept under every id, told when they cannot be."""

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.documents import TrustedDocument, Unfit, sha256_of
from domain.errors import Invalid, NotFound
from persistence.database import Urls
from resolvers.context import Services
from resolvers.documents import AddSummary, add_documents, delete_documents, find_document, list_documents

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

WHO = "query Who { viewer { email } }\n"
SCORE = "query Score { score { prismScore } }"
BOTH = "{ viewer { email } }\nquery Named { viewer { email } }"


def check(text: str) -> tuple[str, ...]:
    """Stands for the schema's: the words after `query` are names."""
    if "wrong" in text:
        raise Unfit("Cannot query field 'wrong'", 1 + text[: text.index("wrong")].count("\n"))
    anonymous = ("",) if text.startswith("{") else ()
    return anonymous + tuple(rest.split()[0] for rest in text.split("query ")[1:])


async def add(urls: Urls, *paths: Path, now: datetime = NOW) -> AddSummary:
    return await add_documents(urls, paths, check, now)


def written(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), newline="")
    return path


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def ids(documents: list[TrustedDocument]) -> dict[str, frozenset[str]]:
    return {document.text: document.ids for document in documents}


async def test_a_file_is_kept_under_the_hash_of_its_text(fresh_services: Services, tmp_path: Path) -> None:
    urls = fresh_services.database.urls
    summary = await add(urls, written(tmp_path / "who.graphql", WHO))
    [document] = await list_documents(urls)
    assert document == TrustedDocument(
        hashlib.sha256(WHO.encode()).hexdigest(), WHO, ("Who",), frozenset({sha256_of(WHO)}), NOW
    )
    assert summary == AddSummary([document])
    assert await find_document(fresh_services, document.sha256) == WHO
    assert await find_document(fresh_services, sha256_of(SCORE)) is None


async def test_a_map_of_ids_is_kept_under_its_ids_too(fresh_services: Services, tmp_path: Path) -> None:
    """As the Relay compiler (MD5, SHA-1, SHA-256) and the client preset (SHA-1 unless told) write it."""
    urls = fresh_services.database.urls
    manifest = {md5(WHO): WHO, sha256_of(SCORE): SCORE, f"sha256:{sha256_of(BOTH)}": BOTH}
    assert (await add(urls, written(tmp_path / "persisted.json", manifest))).errors == []
    assert ids(await list_documents(urls)) == {
        WHO: {md5(WHO), sha256_of(WHO)},
        SCORE: {sha256_of(SCORE)},
        BOTH: {sha256_of(BOTH)},
    }
    assert await find_document(fresh_services, md5(WHO)) == WHO


async def test_apollos_manifest_is_read(fresh_urls: Urls, tmp_path: Path) -> None:
    operations = [
        {"id": sha256_of(WHO), "name": "Who", "type": "query", "body": WHO},
        {"id": "my-own", "name": "Score", "type": "query", "body": SCORE, "clientName": None},
    ]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    assert (await add(fresh_urls, written(tmp_path / "manifest.json", manifest))).errors == []
    assert ids(await list_documents(fresh_urls)) == {WHO: {sha256_of(WHO)}, SCORE: {"my-own", sha256_of(SCORE)}}


async def test_adding_again_changes_nothing_and_a_further_id_joins(fresh_urls: Urls, tmp_path: Path) -> None:
    file = written(tmp_path / "who.graphql", WHO)
    await add(fresh_urls, file)
    before = await list_documents(fresh_urls)
    again = await add(fresh_urls, file, file, now=NOW + timedelta(days=1))
    assert (again.added, again.known, again.errors) == ([], 1, [])
    assert await list_documents(fresh_urls) == before
    joined = await add(fresh_urls, written(tmp_path / "relay.json", {md5(WHO): WHO}), now=NOW + timedelta(days=1))
    assert [document.ids for document in joined.added] == [{md5(WHO)}]
    [document] = await list_documents(fresh_urls)
    assert (document.ids, document.added_at) == ({md5(WHO), sha256_of(WHO)}, NOW)


async def test_an_id_keeps_its_text(fresh_services: Services, tmp_path: Path) -> None:
    urls = fresh_services.database.urls
    await add(urls, written(tmp_path / "one.json", {"who": WHO}))
    other = written(tmp_path / "two.json", {"score": SCORE, "who": SCORE})
    summary = await add(urls, other)
    assert [problem.line for problem in summary.errors] == [3]
    assert "who stands for another text" in summary.errors[0].reason
    assert await find_document(fresh_services, "who") == WHO
    assert await find_document(fresh_services, "score") == SCORE


async def test_of_two_texts_for_one_id_in_one_call_the_first_stays(fresh_services: Services, tmp_path: Path) -> None:
    one, two = written(tmp_path / "1.json", {"a": WHO}), written(tmp_path / "2.json", {"a": SCORE})
    summary = await add(fresh_services.database.urls, one, two)
    assert [problem.file for problem in summary.errors] == [str(two)]
    assert await find_document(fresh_services, "a") == WHO


async def test_below_a_folder_only_documents_with_operations_count(fresh_urls: Urls, tmp_path: Path) -> None:
    written(tmp_path / "deep" / "er" / "who.graphql", WHO)
    written(tmp_path / "score.gql", SCORE)
    written(tmp_path / "schema.graphql", "type Query { viewer: String }")
    written(tmp_path / "package.json", {"name": "front end"})
    summary = await add(fresh_urls, tmp_path, tmp_path / "score.gql")
    assert (len(summary.added), summary.ignored, summary.errors) == (2, 1, [])
    [problem] = (await add(fresh_urls, tmp_path / "schema.graphql")).errors
    assert problem.reason == "holds no operation"


async def test_what_is_wrong_is_told_with_its_line_and_the_rest_is_added(fresh_urls: Urls, tmp_path: Path) -> None:
    file = written(tmp_path / "bad.graphql", "query A {\n  wrong\n}")
    manifest = written(tmp_path / "m.json", {"good": WHO, "bad": "query B {\n  wrong\n}", "none": 7, "a b": WHO})
    summary = await add(fresh_urls, file, manifest, tmp_path / "gone")
    assert [(Path(e.file).name, e.line, e.reason) for e in summary.errors] == [
        ("gone", 0, "there is no such file or folder"),
        ("bad.graphql", 2, "Cannot query field 'wrong'"),
        ("m.json", 3, "bad, line 2: Cannot query field 'wrong'"),
        ("m.json", 4, "none has no text"),
        ("m.json", 5, "an id must have 1-200 printable ASCII characters, without blanks"),
    ]
    assert [document.text for document in summary.added] == [WHO]


@pytest.mark.parametrize(
    ("name", "content", "line", "reason"),
    [
        ("m.json", b"", 1, "is not JSON"),
        ("m.json", b'{\n"a": }', 2, "is not JSON"),
        ("m.json", b"[" * 100_000, 0, "is not JSON"),
        ("m.json", b'{"a": "\xff"}', 0, "is not JSON"),
        ("m.json", b"[]", 0, "is no manifest: it must hold an object"),
        ("m.json", b'{"format": "other", "version": 1, "operations": []}', 0, "another format"),
        ("m.json", b'{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}', 0, "another"),
        ("m.json", b'{"format": "apollo-persisted-query-manifest", "version": 1,\n"operations": [{}]}', 1, "no id"),
        ("q.graphql", b"query \xff", 0, "is not UTF-8"),
        ("q.graphql", b"# nothing", 0, "holds no operation"),
        ("query.txt", b"query A { a }", 0, "ends neither in"),
    ],
)
async def test_files_that_cannot_be_are_told(
    urls: Urls, tmp_path: Path, name: str, content: bytes, line: int, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    [problem] = (await add(urls, tmp_path / name)).errors
    assert reason in problem.reason
    assert problem.line == line


async def test_a_pipe_and_an_unreadable_file_are_told(urls: Urls, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "gone.graphql").symlink_to("nowhere")
    summary = await add(urls, tmp_path / "pipe.json", tmp_path / "folder")
    assert [(problem.line, problem.reason) for problem in summary.errors] == [
        (0, "is neither a file nor a folder"),
        (0, "No such file or directory"),
    ]


async def test_an_empty_manifest_adds_nothing(urls: Urls, tmp_path: Path) -> None:
    assert await add(urls, written(tmp_path / "m.json", {})) == AddSummary()


async def test_a_byte_order_mark_is_not_part_of_the_text(fresh_urls: Urls, tmp_path: Path) -> None:
    (tmp_path / "who.graphql").write_bytes(b"\xef\xbb\xbf" + WHO.encode())
    await add(fresh_urls, tmp_path / "who.graphql")
    assert [document.text for document in await list_documents(fresh_urls)] == [WHO]


async def test_line_ends_are_kept_as_they_are(fresh_urls: Urls, tmp_path: Path) -> None:
    text = "query Umlaut {\r\n  # größer\r\n  viewer { email } }"
    await add(fresh_urls, written(tmp_path / "q.graphql", text))
    assert [document.text for document in await list_documents(fresh_urls)] == [text]


async def test_a_large_manifest_is_added_at_once(fresh_urls: Urls, tmp_path: Path) -> None:
    manifest = {f"id-{n}": f"query Q{n} {{ viewer {{ email }} }}" for n in range(3_000)}
    file = written(tmp_path / "m.json", manifest)
    assert len((await add(fresh_urls, file)).added) == 3_000
    assert (await add(fresh_urls, file)).known == 3_000


async def test_removing_by_any_id_removes_the_document(fresh_services: Services, tmp_path: Path) -> None:
    urls = fresh_services.database.urls
    await add(urls, written(tmp_path / "m.json", {md5(WHO): WHO, "score": SCORE, "both": BOTH}))
    assert await delete_documents(urls, [md5(WHO), f"sha256:{sha256_of(WHO)}", "score"]) == 2
    assert [await find_document(fresh_services, id) for id in (md5(WHO), sha256_of(WHO), "score")] == [None] * 3
    assert await find_document(fresh_services, "both") == BOTH


async def test_removing_what_is_not_there_removes_nothing(fresh_services: Services, tmp_path: Path) -> None:
    urls = fresh_services.database.urls
    await add(urls, written(tmp_path / "m.json", {"who": WHO}))
    with pytest.raises(NotFound, match="no trusted document gone"):
        await delete_documents(urls, ["who", "gone"])
    for odd in ("\udcff", "a b", "", "ü"):
        with pytest.raises(Invalid, match="is no id"):
            await delete_documents(urls, ["who", odd])
    assert await find_document(fresh_services, "who") == WHO
