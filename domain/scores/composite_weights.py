"""Sums of weighted parts, some of which may be missing (domain reference, section 19)."""

from collections.abc import Iterable
from math import log


def shared_out(parts: Iterable[tuple[float, float | None]]) -> float | None:
    """The weighted mean of (weight, value): the weight of a value that is None goes to the others in proportion.

    None where all are, or what is left has no weight.
    """
    known = [(weight, value) for weight, value in parts if value is not None]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else None


def gain(usual: float | None, actual: float | None) -> float | None:
    """ln(usual / actual), cut to [-1, 1]: above 0 where less was needed than is usual. None unless both are above 0."""
    if not usual or not actual or usual < 0 or actual < 0:
        return None
    return max(-1.0, min(log(usual) - log(actual), 1.0))
