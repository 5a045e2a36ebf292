"""A promise holds until its announced end: what is a break, what is none, and which announcements count."""

from datetime import date
from pathlib import Path

import pytest
from graphql import build_schema

from schema.changes import find_breaks, find_dangers, find_hasty, find_unclear
from schema.release import release

TODAY = date(2027, 6, 15)

PROMISED = """
type Query {
  old(x: Int, y: Kind = ONE): Old
  kept(filter: Filter): Node
}
type Old { size: Float }
enum Kind { ONE TWO }
input Filter { a: Int, b: Int = 1 }
interface Node { id: ID! }
type Thing implements Node { id: ID!, name: String! }
"""


def breaks(now: str, promised: str = PROMISED) -> list[str]:
    return find_breaks(promised, build_schema(now), TODAY)


def changed(old: str, new: str, text: str = PROMISED) -> str:
    assert old in text
    return text.replace(old, new)


def deprecated(element: str, reason: str) -> str:
    """The promise, with a reason after one of its elements."""
    return changed(element, f'{element} @deprecated(reason: "{reason}")')


def ends_on(day: str) -> str:
    return f"Too slow. Use `Query.kept`. Removed after {day}."


def test_a_schema_keeps_its_own_promise() -> None:
    assert breaks(PROMISED) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("type Old { size: Float }", "type Old { size: Float, more: Int }", []),
        ("b: Int = 1", "b: Int = 1, c: Int", []),
        ("ONE TWO", "ONE TWO THREE", []),
        ("name: String!", "label: String!", ["Field Thing.name was removed."]),
        ("name: String!", "name: String", ["Field Thing.name changed type from String! to String."]),
        ("x: Int, ", "", ["Argument Query.old(x:) was removed."]),
        ("x: Int,", "x: Int!,", ["Argument Query.old(x:) has changed type from Int to Int!."]),
        ("x: Int,", "x: Int, z: Int!,", ["A required argument Query.old(z:) was added."]),
        ("y: Kind = ONE", "y: Kind = TWO", ["Query.old(y:) has changed defaultValue from ONE to TWO."]),
        ("b: Int = 1", "b: Int", ["Filter.b defaultValue was removed."]),
        ("b: Int = 1", "b: Int = 1, c: Int!", ["A required field Filter.c was added."]),
        ("ONE TWO", "ONE", ["Enum value Kind.TWO was removed."]),
        ("Thing implements Node", "Thing", ["Thing no longer implements interface Node."]),
    ],
)
def test_what_breaks_a_promise(old: str, new: str, told: list[str]) -> None:
    assert breaks(changed(old, new)) == told


def test_a_field_may_not_go_unannounced() -> None:
    without = changed("  old(x: Int, y: Kind = ONE): Old\n", "")
    assert "Field Query.old was removed." in breaks(without)
    assert "Field Query.old was removed." in breaks(without, deprecated("): Old", "Nobody needs it."))


def test_a_field_may_not_go_before_its_last_day_is_over() -> None:
    without = changed("  old(x: Int, y: Kind = ONE): Old\n", "")
    assert "Field Query.old was removed." in breaks(without, deprecated("): Old", ends_on("2027-06-15")))


def test_a_field_may_go_after_its_last_day_with_the_types_that_only_it_led_to() -> None:
    without = "type Query { kept(filter: Filter): Node }" + PROMISED.split("enum Kind { ONE TWO }")[1]
    assert breaks(without, deprecated("): Old", ends_on("2027-06-14"))) == []


def test_a_type_that_something_else_leads_to_may_not_go_with_a_field() -> None:
    promised = changed(
        "filter: Filter): Node", "filter: Filter, kind: Kind): Node", deprecated("): Old", ends_on("2027-06-14"))
    )
    without = "type Query { kept(filter: Filter): Node }" + PROMISED.split("enum Kind { ONE TWO }")[1]
    assert "Kind was removed." in breaks(without, promised)


@pytest.mark.parametrize(
    ("element", "gone"),
    [("x: Int", "x: Int, "), ("b: Int = 1", ", b: Int = 1"), ("TWO", " TWO")],
    ids=["argument", "input field", "enum value"],
)
def test_other_elements_may_go_as_well(element: str, gone: str) -> None:
    assert breaks(changed(gone, ""), deprecated(element, ends_on("2027-06-14"))) == []
    assert breaks(changed(gone, ""), deprecated(element, ends_on("2027-06-15"))) != []


def test_dangers_are_told_and_are_no_breaks() -> None:
    now = build_schema(changed("ONE TWO", "ONE TWO THREE"))
    assert find_dangers(PROMISED, now, TODAY) == ["Enum value Kind.THREE was added."]
    assert find_dangers(PROMISED, build_schema(changed("y: Kind = ONE", "y: Kind = TWO")), TODAY) == []


@pytest.mark.parametrize(
    "reason",
    [
        "No longer supported",
        "Use `Query.kept`.",
        "Removed after 2027-12-31.",
        "Use Query.kept. Removed after 2027-12-31.",
        "Use `Query.kept`. Removed after 2027-06-31.",
        "Use `Query.kept`. Removed after 2027-12-31. Sorry.",
        "Use `Query.nothing`. Removed after 2027-12-31.",
        "Use `Nothing`. Removed after 2027-12-31.",
        "Use `a field`. Removed after 2027-12-31.",
        "Use `Query.old`. Removed after 2027-12-31.",
    ],
)
def test_a_deprecation_says_what_to_use_and_until_when(reason: str) -> None:
    assert find_unclear(build_schema(deprecated("): Old", reason))) == ["Query.old"]


@pytest.mark.parametrize("replacement", ["Query.kept", "Query.kept(filter:)", "Filter.a", "Kind.ONE", "Thing"])
def test_any_element_may_be_the_replacement(replacement: str) -> None:
    reason = f"Use `{replacement}`. Removed after 2027-12-31."
    assert find_unclear(build_schema(deprecated("): Old", reason))) == []


@pytest.mark.parametrize(
    ("promised", "now", "hasty"),
    [
        (PROMISED, "2027-09-13", []),
        (PROMISED, "2027-09-12", ["Query.old"]),
        (deprecated("): Old", ends_on("2027-06-20")), "2027-06-20", []),
        (deprecated("): Old", ends_on("2027-06-20")), "2027-06-19", ["Query.old"]),
        (deprecated("): Old", "Soon."), "2027-06-20", ["Query.old"]),
    ],
)
def test_an_end_is_announced_ninety_days_ahead_and_not_brought_forward(
    promised: str, now: str, hasty: list[str]
) -> None:
    assert find_hasty(promised, build_schema(deprecated("): Old", ends_on(now))), TODAY) == hasty


def test_a_release_is_written_and_tells_the_dangers(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    assert release(PROMISED, "0.1", TODAY, folder) == []
    now = changed("ONE TWO", "ONE TWO THREE")
    assert release(now, "0.2", TODAY, folder) == ["Enum value Kind.THREE was added."]
    assert (folder / "0.1.graphql").read_text() == PROMISED
    assert (folder / "0.2.graphql").read_text() == now


@pytest.mark.parametrize(
    ("sdl", "version", "reason"),
    [
        (PROMISED, "0.1", "0.1 is released already"),
        (changed("a: Int, ", ""), "0.2", "Field Filter.a was removed."),
        (deprecated("): Old", "Soon."), "0.2", "Query.old is deprecated without a replacement or a last day."),
        (deprecated("): Old", ends_on("2027-07-01")), "0.2", "Query.old would end too soon."),
    ],
)
def test_a_release_that_breaks_promises_is_not_written(tmp_path: Path, sdl: str, version: str, reason: str) -> None:
    release(PROMISED, "0.1", TODAY, tmp_path)
    with pytest.raises(ValueError, match=reason):
        release(sdl, version, TODAY, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["0.1.graphql"]
    assert (tmp_path / "0.1.graphql").read_text() == PROMISED
