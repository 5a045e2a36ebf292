"""docs/insights-sql.md says what the code does."""

import re
from pathlib import Path

import pytest

from domain.insights.sql import DEFAULT_LIMIT, MOST_ROWS, Given, guard
from domain.insights.sql_builders import MOST_LIST, MOST_TEXT
from domain.insights.sql_reading import MOST_CHARS, MOST_NESTED, MOST_TOKENS
from domain.insights.sql_scopes import MOST_JOINS, MOST_SOURCES
from domain.insights.sql_terms import TYPES
from tests.sql_guide import functions, views

GUIDE = (Path(__file__).parents[3] / "docs" / "insights-sql.md").read_text()


def test_the_tables_are_those_of_the_code() -> None:
    assert views() in GUIDE
    assert functions() in GUIDE


def test_limits_are_those_of_the_code() -> None:
    for limit in (
        f"{DEFAULT_LIMIT}, or what `LIMIT` says, {MOST_ROWS:,} at most",
        f"{MOST_TEXT:,} characters, a list {MOST_LIST:,} values",
        f"{MOST_CHARS:,} characters, {MOST_TOKENS:,} words and signs, {MOST_NESTED} levels of brackets",
        f"{MOST_SOURCES} sources and sub-queries, {MOST_JOINS} joins",
    ):
        assert limit in GUIDE


def test_casts_are_those_of_the_code() -> None:
    [told] = re.findall(r"`cast\(…\)` to ([a-z, ]+) \(", GUIDE)
    assert set(told.split(", ")) == set(TYPES.values())


@pytest.mark.parametrize("example", re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL))
def test_an_example_is_let_through(example: str) -> None:
    assert guard(example, Given({"agents": ["codex"]}, {"least": 3})).columns
