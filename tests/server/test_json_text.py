"""Settings that people typed are changed in place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import JsonValue
from server.json_text import NotJson, appended, parse, with_member, without

TYPED = (
    "{}",
    "{ }\n",
    "{\n}\n",
    '{"a": 1}',
    '{\n  "a": 1\n}\n',
    '{\n    "hooks": {}\n}',
    '{\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t{"x": 1} // mine\n\t\t],\n\t},\n}\n',
    '// top\n{ /* x */ }',
    '{"hooks":{"Stop":[]}}',
    '{"hooks": {"Stop": [1, 2]}, "b": [1, 2,],}',
    '{\r\n  "a": 1 // c\r\n}\r\n',
    '{"a": 1 // c\n}',
    '{\n  "a": [\n  ]\n}',
    '\ufeff{"a": "//x /* \\" "}',
)  # fmt: skip
VALUE: JsonValue = {"hooks": [{"command": "é"}]}


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_added_is_added_and_nothing_else_changes(typed: str) -> None:
    added = appended(typed, ("hooks", "Stop"), VALUE)
    before, after = parse(typed).value, parse(added).value
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    hooks = before.get("hooks") or {}
    assert isinstance(hooks, dict)
    stop = hooks.get("Stop") or []
    assert isinstance(stop, list)
    assert after == before | {"hooks": hooks | {"Stop": [*stop, VALUE]}}
    letters = iter(added)
    assert all(letter in letters for letter in typed)  # each, in this order
    assert ("\r\n" in added) == ("\r\n" in typed)


@pytest.mark.parametrize("typed", TYPED)
def test_what_was_added_to_a_list_can_be_taken_out_again(typed: str) -> None:
    one = appended(typed, ("hooks", "Stop"), VALUE)
    two = appended(one, ("hooks", "Stop"), 2)
    hooks = parse(two).at("hooks")
    stop = hooks and hooks.at("Stop")
    assert stop is not None
    assert without(two, stop, len(stop.inner) - 1) == one


def test_taking_out_keeps_comments_of_others() -> None:
    text = '[\n  1, // one\n  2, // two\n  3 // three\n]'  # fmt: skip
    assert without(text, parse(text), 1) == '[\n  1, // one // two\n  3 // three\n]'  # fmt: skip
    assert without(text, parse(text), 2) == '[\n  1, // one\n  2 // two // three\n]'  # fmt: skip
    assert without("[1]", parse("[1]"), 0) == "[]"


def test_a_member_that_is_there_stays() -> None:
    assert with_member('{"version": 2}', "version", 1) == '{"version": 2}'
    assert with_member("{}", "version", 1) == '{\n  "version": 1\n}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1 is not JSON"),
        ('{\n  "a": nope\n}', "line 2 is not JSON"),
        ("{} {}", "line 1 is not JSON"),
        ('{"a" 1}', "line 1 is not JSON"),
        ('{"a": 1', "line 1 is not JSON"),
        ('{"a": "\t"}', "line 1 is not JSON"),
        ("[" * 10_000, "it is nested too deeply"),
        ("[]", "the whole is not an object"),
        ('{"hooks": []}', "hooks is not an object"),
        ('{"hooks": {"Stop": {}}}', "hooks.Stop is not a list"),
    ],
)
def test_what_is_not_of_the_shape_is_said_so(text: str, reason: str) -> None:
    with pytest.raises(NotJson, match=reason):
        appended(text, ("hooks", "Stop"), 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON, st.sampled_from([None, 2, "\t"]))
def test_whatever_is_json_is_read(value: JsonValue, indent: int | str | None) -> None:
    assert parse(json.dumps(value, indent=indent)).value == value
