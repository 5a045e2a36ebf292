"""What the server says about its pages, whether they were built or not."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from domain.documents import sha256_of
from server.pages import graphiql, own_documents, pages
from tests.schema.asking import client


async def test_without_built_files_graphiql_says_what_is_missing(tmp_path: Path) -> None:
    async with client(Starlette(routes=[Route("/graphql", graphiql(tmp_path))])) as http:
        answer = await http.get("/graphql")
    assert answer.headers["content-type"].startswith("text/html")
    assert "make run" in answer.text
    assert answer.headers["vary"] == "accept"


async def test_graphiql_may_ask_its_own_server_only(tmp_path: Path) -> None:
    (tmp_path / "graphiql.html").write_text("<title>GraphiQL</title>")
    async with client(Starlette(routes=[Route("/graphql", graphiql(tmp_path))])) as http:
        answer = await http.get("/graphql")
        again = await http.get("/graphql", headers={"if-none-match": answer.headers["etag"]})
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert "unsafe-eval" not in str(policy)
    assert "http" not in str(policy)
    assert (answer.headers["vary"], again.status_code) == ("accept", 304)


async def test_a_server_goes_on_with_the_build_that_it_was_started_with(tmp_path: Path) -> None:
    """Whoever builds anew takes the files away; what a browser has not loaded yet comes all the same."""
    script = b"console.log(1)\n" * 100
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Goalarc</title>")
    (tmp_path / "assets" / "small.css").write_text("a {}")
    (tmp_path / "assets" / "late.js").write_bytes(script)
    (tmp_path / "assets" / "late.js.gz").write_bytes(gzip.compress(script))
    app = Starlette(routes=[*pages(tmp_path)])
    shutil.rmtree(tmp_path)
    async with client(app) as http:
        assert (await http.get("/")).text == "<title>Goalarc</title>"
        for takes, packed in (("gzip, br", True), ("identity", False), ("br, gzip;q=0", False)):
            answer = await http.get("/assets/late.js", headers={"accept-encoding": takes})
            assert (answer.status_code, answer.content) == (200, script)
            assert ("content-encoding" in answer.headers, answer.headers["vary"]) == (packed, "accept-encoding")
            assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert (await http.head("/assets/small.css")).headers["content-length"] == "4"
        for name in ("late.js.gz", "new.js", "%2e%2e%2fpages.py"):
            assert (await http.get(f"/assets/{name}")).status_code == 404


@pytest.mark.parametrize("texts", [None, [], ["query A { viewer { email } }", "{ __typename }"]])
def test_the_documents_of_the_pages_are_known_by_their_hash(tmp_path: Path, texts: list[str] | None) -> None:
    if texts is not None:
        (tmp_path / "documents.json").write_text(json.dumps(texts))
    assert own_documents(tmp_path) == {sha256_of(text): text for text in texts or []}
