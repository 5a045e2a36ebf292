"""Sub-Session Efficiency: what an arc took, against what the developer's arcs usually take (domain reference,
section 19).

    raw = Σ weight * clip(ln(usual / actual), -1, 1)    tokens 0.30, turns 0.25, human time 0.30, response time 0.15
    SSE = min(7.5 + 5 raw, 10) if raw >= 0, else max(7.5 + 7.5 raw, 0)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.scores.composite_weights import gain, shared_out
from domain.scores.rounding import median

HISTORY = timedelta(weeks=8)
"""How far back it is looked for what is usual."""
ENOUGH_ARCS = 3
"""Of fewer arcs nothing is called usual."""

_TOKENS, _TURNS, _HUMAN, _RESPONSE = 0.30, 0.25, 0.30, 0.15


@dataclass(frozen=True, slots=True)
class Effort:
    """What an arc took: tokens of all four classes, turns, seconds that the developer took before prompts, median
    seconds that the assistant worked on one. None, and 0 just so, where it was not measured."""

    tokens: float | None
    turns: float | None
    human_seconds: float | None
    response_seconds: float | None


def usual(history: Sequence[Effort]) -> Effort | None:
    """The median of each part; None for fewer than three arcs."""
    if len(history) < ENOUGH_ARCS:
        return None
    return Effort(
        _median(effort.tokens for effort in history),
        _median(effort.turns for effort in history),
        _median(effort.human_seconds for effort in history),
        _median(effort.response_seconds for effort in history),
    )


def _median(values: Iterable[float | None]) -> float | None:
    middle = median(value for value in values if value)
    return None if middle is None else float(middle)


def raw_efficiency(actual: Effort, baseline: Effort) -> float | None:
    """In [-1, 1]; 0 is as usual. A part that either side lacks shares out its weight; None where all are lacking."""
    return shared_out(
        (
            (_TOKENS, gain(baseline.tokens, actual.tokens)),
            (_TURNS, gain(baseline.turns, actual.turns)),
            (_HUMAN, gain(baseline.human_seconds, actual.human_seconds)),
            (_RESPONSE, gain(baseline.response_seconds, actual.response_seconds)),
        )
    )


def sse(raw: float) -> float:
    """On 0-10: as usual is 7.5, and a loss weighs more than a gain."""
    return min(7.5 + 5 * raw, 10.0) if raw >= 0 else max(7.5 + 7.5 * raw, 0.0)


def mean_sse(efforts: Iterable[Effort], baseline: Effort | None) -> float | None:
    """Over the arcs that can be compared; None without any, or without a baseline."""
    if baseline is None:
        return None
    found = [sse(raw) for effort in efforts if (raw := raw_efficiency(effort, baseline)) is not None]
    return sum(found) / len(found) if found else None
