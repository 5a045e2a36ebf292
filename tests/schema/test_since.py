"""Each element says which version brought it: its own, or that of what it belongs to."""

import tomllib
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest
from graphql import build_schema, print_schema

from schema.root import schema
from schema.since import first_versions, known_versions, releases, say_versions, version_under_way

FIRST = '''
"""Everything. Added in 0.1."""
type Query {
  """A."""
  a(
    """Which."""
    x: Int
  ): Kind
}

"""A sort. Added in 0.1."""
enum Kind {
  """One."""
  ONE
}
'''

SECOND = '''
"""Everything."""
type Query {
  """A."""
  a(
    """Which."""
    x: Int

    """How."""
    y: Range
  ): Kind

  """B."""
  b(
    """Which."""
    x: Int
  ): Time
}

"""A sort."""
enum Kind {
  """One."""
  ONE

  """Two."""
  TWO
}

"""A stretch."""
input Range {
  """From here."""
  from: Time
}

"""A moment."""
scalar Time

"""Marks."""
directive @marked(
  """With what."""
  with: String
) on FIELD
'''


def told(sdl: str, known: dict[str, str], new: str) -> str:
    built = build_schema(sdl)
    say_versions(built, known, new)
    return print_schema(built)


def test_without_a_release_every_type_is_of_this_version() -> None:
    without = FIRST.replace(" Added in 0.1.", "")
    assert told(without, {}, "0.1").strip() == FIRST.strip()


def test_only_what_is_newer_than_its_owner_says_so() -> None:
    sdl = told(SECOND, first_versions(FIRST), "0.2")
    assert {line.strip(' "') for line in sdl.splitlines() if "0.1" in line} == {
        "Everything. Added in 0.1.",
        "A sort. Added in 0.1.",
    }
    assert {line.strip(' "') for line in sdl.splitlines() if "0.2" in line} == {
        "How. Added in 0.2.",
        "B. Added in 0.2.",
        "Two. Added in 0.2.",
        "A stretch. Added in 0.2.",
        "A moment. Added in 0.2.",
        "Marks. Added in 0.2.",
    }


def test_a_release_passes_on_what_it_was_told() -> None:
    first = first_versions(told(SECOND, first_versions(FIRST), "0.2"))
    assert first["Query"] == first["Query.a"] == first["Query.a(x:)"] == first["Kind.ONE"] == "0.1"
    assert first["Query.a(y:)"] == first["Query.b"] == first["Query.b(x:)"] == first["Kind.TWO"] == "0.2"
    assert first["Range.from"] == first["Time"] == first["@marked(with:)"] == "0.2"


def test_an_element_without_a_description_says_its_version_alone() -> None:
    assert told("type Query { a: Int }", {"Query": "0.1"}, "0.2") == dedent(
        '''\
        """Added in 0.1."""
        type Query {
          """Added in 0.2."""
          a: Int
        }'''
    )


def test_what_every_schema_has_is_left_alone() -> None:
    built = build_schema(SECOND)
    say_versions(built, {}, "0.1")
    for name in ("String", "__Schema"):
        assert "Added" not in (built.type_map[name].description or "")
    assert all("Added" not in (d.description or "") for d in built.directives if d.name != "marked")


def test_a_release_that_does_not_say_is_refused() -> None:
    with pytest.raises(KeyError, match="Query"):
        first_versions("type Query { a: Int }")


def test_the_newest_release_counts(tmp_path: Path) -> None:
    for version in ("0.10", "0.9", "1.0"):
        (tmp_path / f"{version}.graphql").write_text(FIRST.replace("0.1.", f"{version}."))
    assert [file.stem for file in releases(tmp_path)] == ["0.9", "0.10", "1.0"]
    assert known_versions(tmp_path)["Query.a"] == "1.0"


def test_without_releases_nothing_is_known(tmp_path: Path) -> None:
    assert known_versions(tmp_path) == {}


def test_the_releases_agree_about_what_came_when() -> None:
    """Each says of what it kept what the one before it said."""
    told_by = [first_versions(file.read_text()) for file in releases()]
    for before, after in pairwise(told_by):
        assert {name: after[name] for name in before.keys() & after.keys()} == {
            name: before[name] for name in before.keys() & after.keys()
        }


def test_the_version_under_way_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"].startswith(f"{version_under_way()}."), "install the package anew: make test"


def test_every_type_served_says_its_version() -> None:
    assert first_versions(schema.as_str()).keys() >= {"Query", "Session", "Session.title", "Query.node(id:)"}
