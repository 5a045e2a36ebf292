"""Words for numbers: each area holds a table of its bands, from the highest down."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

B = TypeVar("B")


def band(bands: Sequence[tuple[Fraction | int, B]], value: Fraction | int) -> B:
    """The first band whose lower edge `value` reaches; the edge belongs to the band above it."""
    return next(name for edge, name in bands if value >= edge)
