import statistics
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scores.rounding import median, ratio, rounded


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(1249, 10_000), 2, "0.12"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(0), 1, "0.0"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(3, 10), 2, "0.30"),
        (Fraction(10**30 + 1, 2), 1, "500000000000000000000000000000.5"),
    ],
)
def test_values_are_rounded_half_up(value: Fraction, places: int, expected: str) -> None:
    assert str(rounded(value, places)) == expected


@given(st.fractions(), st.integers(0, 4))
def test_rounding_misses_by_half_a_unit_at_most_and_alike_on_both_sides_of_zero(value: Fraction, places: int) -> None:
    assert abs(Fraction(rounded(value, places)) - value) <= Fraction(1, 2 * 10**places)
    assert Fraction(rounded(-value, places)) == -Fraction(rounded(value, places))


def test_a_ratio_to_nothing_is_none() -> None:
    assert ratio(0, 0, 2) is None
    assert str(ratio(0, 3, 2)) == "0.00"
    assert str(ratio(5, 8, 2)) == "0.63"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([7], Fraction(7)),
        ([3, 1, 2], Fraction(2)),
        ([4, 1, 2, 3], Fraction(5, 2)),
        ([0.1, 0.2], Fraction(15, 100)),
        ([Decimal("0.41"), Decimal("0.42")], Fraction(415, 1000)),
        ([10**20, 10**20 + 1], Fraction(2 * 10**20 + 1, 2)),
        ([1e-06], Fraction(1, 10**6)),
    ],
)
def test_medians_are_exact(values: list[int], expected: Fraction | None) -> None:
    assert median(values) == expected


@given(st.lists(st.integers(-(10**18), 10**18), min_size=1), st.randoms(use_true_random=False))
def test_a_median_does_not_depend_on_order(values: list[int], random: Random) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert median(shuffled) == median(values) == statistics.median([Fraction(one) for one in values])
