"""The lines that the documentation asks people to paste: JSON that is JSON, queries that the schema answers."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from graphql import parse, validate

from schema.root import schema

HOUSE = Path(__file__).parents[2]
PAGES = (HOUSE / "README.md", *sorted((HOUSE / "docs").glob("*.md")))


def curls(page: Path) -> Iterator[list[str]]:
    """The words of each curl command in the code blocks of a page, as a shell takes them."""
    for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        for command in re.findall(r"^curl .*?(?=^curl |\Z)", block.replace("\\\n", " "), re.MULTILINE | re.DOTALL):
            yield shlex.split(command)


def said(words: list[str], *options: str) -> list[str]:
    return [value for option, value in pairwise(words) if option in options]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_people_paste_can_be_read(page: Path) -> None:
    for words in curls(page):
        bodies = [orjson.loads(text) for text in said(words, "-d", "--data", "--json") if not text.startswith("@")]
        queries = [text.removeprefix("query=") for text in said(words, "--data-urlencode") if text.startswith("query=")]
        queries += [body["query"] for body in bodies if isinstance(body, dict) and isinstance(body.get("query"), str)]
        for query in queries:
            assert validate(schema._schema, parse(query)) == []


def test_the_readme_shows_both_faces() -> None:
    asked = " ".join(word for words in curls(PAGES[0]) for word in words)
    assert "/graphql" in asked
    assert "/v1/" in asked
