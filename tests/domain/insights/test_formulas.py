"""Formulas over series: arithmetic, with zero for what cannot be divided, and nothing that can go wrong for long."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.insights.errors import InvalidQuery
from domain.insights.formulas import read

NUMBERS = (6.0, 4.0, 0.0, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", 6.0),
        ("a", 6.0),
        ("A + B", 10.0),
        ("A - B - 1", 1.0),
        ("A - (B - 1)", 3.0),
        ("2 * A + B * .5", 14.0),
        ("A / B / 2", 0.75),
        ("A / (B / 2)", 3.0),
        ("(A + B) / 2 * 100", 500.0),
        ("-A + +B", -2.0),
        ("--A", 6.0),
        ("2*-B", -8.0),
        ("A % B", 2.0),
        ("-A % B", 2.0),
        ("A/C", 0.0),
        ("A % C", 0.0),
        ("1 + A/C", 1.0),
        ("D + 1", 1.0),
        ("A / D", 0.0),
        ("  ( ( 7.25 ) )  ", 7.25),
        ("1e", None),
    ],
)
def test_a_formula_computes(text: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(InvalidQuery):
            read(text, 4)
    else:
        assert read(text, 4)(NUMBERS) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        ("A +", "missing"),
        ("* A", "missing"),
        ("A B", "'B' does not belong"),
        ("(A", "not closed"),
        ("A)", "does not belong"),
        ("()", "missing"),
        ("E", "no series E, the last is D"),
        ("A ** B", "missing"),
        ("A ^ B", "is no part"),
        ("sum(A)", "no series S"),
        ("A; B", "';' is no part"),
        ("__import__('os')", "is no part"),
        ("1.2.3", "does not belong"),
        ("Ä", "is no part"),
        ("(" * 60 + "A" + ")" * 60, "nested"),
        ("-" * 60 + "A", "nested"),
        ("A+" * 300 + "A", "at most 400"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(InvalidQuery, match=why.replace("(", r"\(")) as raised:
        read(text, 4, ("source", "trendsFilter", "formula"))
    assert raised.value.faults[0].field == ("source", "trendsFilter", "formula")


def test_what_is_too_large_for_a_number_is_none() -> None:
    assert read("A * A", 1)([1e200]) is None
    assert read("A * A - A * A", 1)([1e200]) is None


@given(st.lists(st.sampled_from("AB0.5+-*/%() "), max_size=30).map("".join), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_formulas_mean_what_they_mean_in_python(text: str, a: float, b: float) -> None:
    try:
        compute = read(text, 2)
    except InvalidQuery:
        return
    try:
        expected = eval(text.strip(), {"A": a, "B": b})  # only of what has been read as arithmetic
    except (ZeroDivisionError, SyntaxError):
        return  # Python knows no division by zero, and no 05
    found = compute([a, b])
    assert found == pytest.approx(expected) if math.isfinite(expected) else found is None
