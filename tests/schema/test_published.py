"""The published schema shows no null defaults; what is left out arrives all the same."""

from textwrap import dedent

import pytest
import strawberry

from domain.values import JsonObject
from schema.published import Schema


@strawberry.input(description="A range.")
class Range:
    low: int | None = None
    high: int | None = 9
    step: strawberry.Maybe[int | None]
    width: int | None = strawberry.field(default=None, deprecation_reason="Use `Range.high`.")


@strawberry.type(description="Everything.")
class Query:
    @strawberry.field(description="What arrives.")
    @staticmethod
    def arrived(
        text: str | None = None,
        size: int | None = 3,
        range: Range | None = None,
        more: strawberry.Maybe[str | None] = None,
    ) -> str:
        return f"{text} {size} {range} {more}"


SCHEMA = Schema(Query)


def run(query: str, **variables: object) -> JsonObject:
    result = SCHEMA.execute_sync(query, variable_values=variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


def test_null_is_no_default_in_the_sdl_and_ends_are_announced_there() -> None:
    sdl = SCHEMA.as_str()
    assert "arrived(text: String, size: Int = 3, range: Range, more: String): String!" in sdl
    shown = """
        input Range {
          low: Int
          high: Int = 9
          step: Int
          width: Int @deprecated(reason: "Use `Range.high`.")
        }"""
    assert dedent(shown) in sdl


def test_null_is_no_default_in_introspection() -> None:
    fields = [("low", None), ("high", "9"), ("step", None)]
    assert run('{ __type(name: "Range") { inputFields { name defaultValue } } }') == {
        "__type": {"inputFields": [{"name": name, "defaultValue": value} for name, value in fields]}
    }


@pytest.mark.parametrize(
    ("arguments", "arrived"),
    [
        ("", "None 3 None None"),
        ("(text: null, size: null, range: null, more: null)", "None None None Some(None)"),
        ('(text: "a", size: 1, more: "b")', "a 1 None Some('b')"),
        ("(range: {})", "None 3 Range(low=None, high=9, step=None, width=None) None"),
        (
            "(range: {low: null, high: null, step: null})",
            "None 3 Range(low=None, high=None, step=Some(None), width=None) None",
        ),
        ("(range: {low: 1, step: 2})", "None 3 Range(low=1, high=9, step=Some(2), width=None) None"),
    ],
)
def test_what_is_left_out_arrives_as_the_default(arguments: str, arrived: str) -> None:
    assert run(f"{{ arrived{arguments} }}") == {"arrived": arrived}


@pytest.mark.parametrize(
    ("variables", "arrived"),
    [
        ({}, "None 3 None None"),
        ({"text": None, "range": None}, "None 3 None None"),
        ({"range": {}}, "None 3 Range(low=None, high=9, step=None, width=None) None"),
        ({"range": {"low": None, "step": None}}, "None 3 Range(low=None, high=9, step=Some(None), width=None) None"),
        ({"text": "a", "more": None}, "a 3 None Some(None)"),
    ],
)
def test_so_do_variables(variables: dict[str, object], arrived: str) -> None:
    query = "query Q($text: String, $range: Range, $more: String) { arrived(text: $text, range: $range, more: $more) }"
    assert run(query, **variables) == {"arrived": arrived}
