from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import domain.ingest.clean
from domain.ingest.clean import (
    MAX_DEPTH,
    MAX_LINE_BYTES,
    MOST_VALUES,
    Reason,
    Unreadable,
    bounded,
    excerpt,
    parse,
    parse_strictly,
    storable,
)
from domain.values import JsonValue

ANY_JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'{"a":"\ud800x"}', {"a": "\ufffdx"}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "😀"}),
        (rb'{"\u0000":"a\u0000b"}', {"\ufffd": "a\ufffdb"}),
        (b'{"a":"x\x00y"}', {"a": "x\ufffdy"}),
        (b'{"a":"\xff"}', {"a": "\ufffd"}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b"[NaN, Infinity, -Infinity, 1e400]", [None, None, None, None]),
        (b"[" + b"9" * 30 + b"]", [1e30]),
        (b"[" + b"9" * 5000 + b"]", [None]),
        (b"[18446744073709551615]", [18446744073709551615]),
    ],
)
def test_odd_json_is_read_in_a_form_that_can_be_stored(raw: bytes, value: JsonValue) -> None:
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1}{"b":2}', Reason.NOT_JSON),
        (b'{"a":', Reason.NOT_JSON),
        (b"[" * 900 + b"]" * 900, Reason.TOO_DEEP),
        (b"[" * 100_000, Reason.TOO_DEEP),
        (b'{"a":' * (MAX_DEPTH + 2) + b"1" + b"}" * (MAX_DEPTH + 2), Reason.TOO_DEEP),
        (b" " * (MAX_LINE_BYTES + 1), Reason.TOO_LONG),
        (b"[" + b"[]," * MOST_VALUES + b"1]", Reason.TOO_MANY),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: Reason) -> None:
    with pytest.raises(Unreadable) as problem:
        parse(raw)
    assert problem.value.reason is reason


@pytest.mark.parametrize("read", [parse, parse_strictly])
@pytest.mark.parametrize(
    "raw", [b"[" + b"1," * 9 + b"1]", b'{"a":' * 6 + b"[[[[[]]]]]" + b"}" * 6, b"[[" * 4 + b'",",{}']
)
def test_a_few_bytes_that_stand_for_many_values_are_refused(
    raw: bytes, read: Callable[[bytes], JsonValue], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain.ingest.clean, "MOST_VALUES", 9)
    with pytest.raises(Unreadable) as problem:
        read(raw)
    assert problem.value.reason is Reason.TOO_MANY


def test_what_stands_in_strings_are_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain.ingest.clean, "MOST_VALUES", 9)
    assert parse(rb'["a,b,c[{\\", "\",,,,,,", {"[,,,]": "{{{{"}]') == ["a,b,c[{\\", '",,,,,,', {"[,,,]": "{{{{"}]


def test_depth_within_the_limit_is_read() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@given(ANY_JSON)
def test_storable_leaves_nothing_that_postgresql_refuses(value: JsonValue) -> None:
    assert _is_storable(storable(value))


@given(st.binary(max_size=200))
def test_any_bytes_are_storable_json_or_unreadable(raw: bytes) -> None:
    try:
        value = parse(raw)
    except Unreadable:
        return
    assert _is_storable(value)
    orjson.dumps(value)


def _is_storable(value: JsonValue) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, list):
        return all(map(_is_storable, value))
    if isinstance(value, dict):
        return all(_is_storable(key) and _is_storable(item) for key, item in value.items())
    return True


def test_an_excerpt_keeps_head_and_tail() -> None:
    assert excerpt("abc", 3) == "abc"
    assert excerpt("a" * 50 + "b" * 50, 10) == "aaaaa\n[90 characters left out]\nbbbbb"


@given(ANY_JSON, st.integers(100, 2000))
def test_bounded_values_stay_small(value: JsonValue, limit: int) -> None:
    small = bounded(value, limit)
    assert small is value or _characters(small) < 3 * limit + 300


def test_bounded_cuts_long_strings_and_long_lists() -> None:
    cut = bounded({"content": "x" * 9000, "items": list(range(9000)), "last": 1}, 1000)
    assert isinstance(cut, dict)
    assert isinstance(cut["content"], str)
    assert len(cut["content"]) < 300
    assert isinstance(cut["items"], list)
    assert len(cut["items"]) < 1000
    assert "last" not in cut


def test_bounded_leaves_small_values_alone() -> None:
    value: JsonValue = {"a": [1, 2, {"b": "c"}]}
    assert bounded(value, 100) is value


def _characters(value: JsonValue) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(_characters, value))
    if isinstance(value, dict):
        return sum(len(key) + _characters(item) for key, item in value.items())
    return 0


def test_ordinary_numbers_stay() -> None:
    assert parse(b"[0.1, 1, -3e10, 0]") == [0.1, 1, -3e10, 0]
