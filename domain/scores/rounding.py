"""Exact ratios and medians, rounded once and last (domain reference, section 10)."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

Number = TypeVar("Number", int, float, Decimal)


def rounded(value: Fraction, places: int) -> Decimal:
    """With so many decimals, half up. Halves below zero go down, so that a loss shows as large as the like gain."""
    units = _units(abs(value.numerator), value.denominator, places)
    return _decimal(units if value.numerator >= 0 else -units, places)


def ratio(part: int, whole: int, places: int) -> Decimal | None:
    """part / whole of counts, rounded half up; None where `whole` is 0."""
    return _decimal(_units(part, whole, places), places) if whole else None


def median(values: Iterable[Number]) -> Fraction | None:
    """The middle value, of an even count the mean of the two in the middle; None without any."""
    ordered = sorted(values)
    if not ordered:
        return None
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if isinstance(low, int) and isinstance(high, int):  # as below, at a third of the cost
        return Fraction(low + high, 2)
    return (_as_written(low) + _as_written(high)) / 2


def _as_written(value: int | float | Decimal) -> Fraction:
    """A float counts as the decimal that it prints as: 0.05 is 1/20, not its binary neighbour."""
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def _units(part: int, whole: int, places: int) -> int:
    """part / whole in units of the last decimal, in whole numbers only."""
    return (2 * part * 10**places + whole) // (2 * whole)


def _decimal(units: int, places: int) -> Decimal:
    """Read from text, because arithmetic on decimals would keep 28 digits."""
    return Decimal(f"{units}E-{places}")
