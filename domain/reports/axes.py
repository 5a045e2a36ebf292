"""Scales and labels of charts: few ticks at round figures, and as many labels as there is room for."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from domain.languages import Phrases

TEXT = 12.0
"""Height of letters; lengths are in the units of the drawing, which a page shows as pixels."""
_LETTER = 0.56
_TICKS = 4
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_COMPACT = 10_000
_GAP = 10.0


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high` in equal steps; 0 is always on it."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> list[float]:
        return [self.low + self.step * number for number in range(round((self.high - self.low) / self.step) + 1)]

    def share(self, value: float) -> float:
        """How far up a value lies, in [0, 1]."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def scale(values: Sequence[float], maximum: float | None) -> Scale:
    """Holds all values, which are finite; up to `maximum` where it is known and none lies above it."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if maximum is not None and math.isfinite(maximum) and maximum >= high and maximum > 0:
        high = maximum
    if high - low <= 0:
        high = 1.0
    step = _step((high - low) / _TICKS)
    # The top of a known scale is one of its ticks, such as 100 of a score.
    return Scale(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)


def _step(least: float) -> float:
    """The first round figure that is no smaller."""
    magnitude = 10.0 ** math.floor(math.log10(least))
    return next(magnitude * step for step in _STEPS if magnitude * step >= least * 0.999)


def tick_text(value: float, step: float, phrases: Phrases) -> str:
    if abs(value) >= _COMPACT or step >= _COMPACT:
        return phrases.tokens(round(value))
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if not math.isclose(round(step, digits), step, rel_tol=1e-6):
        digits += 1  # a step of 2.5 has one digit more than its magnitude
    return phrases.number(0.0 if abs(value) < step / 1000 else value, min(digits, 6))


def text_width(text: str) -> float:
    """About as wide as the text is; fonts differ."""
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    return TEXT if unicodedata.east_asian_width(letter) in "WF" else TEXT * _LETTER


def shortened(text: str, room: float) -> str:
    """The text as far as there is room."""
    if text_width(text) <= room:
        return text
    ends = accumulate(map(_letter_width, text))
    return text[: sum(1 for _ in takewhile(lambda end: end <= room - TEXT, ends))].rstrip() + "…"


def shown_labels(labels: Sequence[str], room: float) -> range:
    """The places of the labels to be written out: each n-th, so that none touches the next."""
    if not labels:
        return range(0)
    widest = max(text_width(label) for label in labels) + _GAP
    return range(0, len(labels), max(1, math.ceil(len(labels) * widest / room)))
