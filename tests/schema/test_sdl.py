"""The schema as a product: what is committed is what is served, and keeps what the newest release promised."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from graphql import build_schema

import schema.root
from schema.changes import find_breaks, find_unclear
from schema.elements import elements
from schema.since import RELEASES, releases, version_under_way

COMMITTED = Path(schema.root.__file__).with_name("schema.graphql")
SERVED = schema.root.schema.graphql_schema


def test_the_committed_schema_is_the_one_served() -> None:
    assert COMMITTED.read_text() == schema.root.schema.as_str() + "\n", "run: goalarc schema > schema/schema.graphql"


def test_the_newest_release_is_kept() -> None:
    if not (promised := releases()[-1:]):
        pytest.skip("nothing is released yet")
    assert find_breaks(promised[0].read_text(), SERVED, datetime.now(UTC).date()) == []


def test_what_is_released_does_not_grow() -> None:
    file = RELEASES / f"{version_under_way()}.graphql"
    if not file.exists():
        pytest.skip("the version under way is not released yet")
    released = {element.coordinate for element in elements(build_schema(file.read_text()))}
    new = {element.coordinate for element in elements(SERVED)} - released
    assert new == set(), "raise the version in pyproject.toml"


def test_deprecations_say_what_to_use_and_until_when() -> None:
    assert find_unclear(SERVED) == []
