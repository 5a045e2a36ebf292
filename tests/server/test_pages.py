"""What the server says about its pages, whether they were built or not."""

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from domain.documents import sha256_of
from server.pages import graphiql, own_documents
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


@pytest.mark.parametrize("texts", [None, [], ["query A { viewer { email } }", "{ __typename }"]])
def test_the_documents_of_the_pages_are_known_by_their_hash(tmp_path: Path, texts: list[str] | None) -> None:
    if texts is not None:
        (tmp_path / "documents.json").write_text(json.dumps(texts))
    assert own_documents(tmp_path) == {sha256_of(text): text for text in texts or []}
