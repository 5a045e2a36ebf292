"""What the documents show is GraphQL that the schema takes, and within the limits."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from schema.limits import find_excess
from schema.root import schema
from schema.shapes import shapes_of

DOCS = Path(__file__).parents[2] / "docs"
SHOWN = [
    (file.name, document)
    for file in (DOCS / "graphql.md", DOCS / "live.md")
    for document in re.findall(r"```graphql\n(.*?)```", file.read_text(), re.DOTALL)
]


@pytest.mark.parametrize(("file", "document"), SHOWN, ids=lambda part: part[:40])
def test_every_example_can_be_run(file: str, document: str) -> None:
    sdl = schema.as_str()
    assert validate(build_schema(sdl), parse(document)) == []
    assert find_excess(shapes_of(sdl), parse(document), {}) is None
