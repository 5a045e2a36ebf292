"""Skill, and the developer's PRISM of skill, efficiency and speed (domain reference, section 19).

Skill = 100 * (0.45 SSE + 0.20 PES + 0.15 IE + 0.10 CRR + 0.10 FC) / 10
PRISM = 0.50 Skill / 10 + 0.30 Efficiency_10 + 0.20 Speed_10
"""

from fractions import Fraction
from math import log

from domain.judging.habits import BANDS
from domain.scores.bands import band
from domain.scores.composite import SkillTier
from domain.scores.composite_weights import shared_out

USUAL_HOURS = 25
"""A week."""
USUAL_TOKENS = 75_000
"""An hour."""

_EXACT = 9
"""Decimals that count for a band: sums of floats miss an edge by less."""
_TIERS = (
    (90, SkillTier.ELITE),
    (70, SkillTier.EXPERT),
    (50, SkillTier.PROFICIENT),
    (30, SkillTier.PRACTITIONER),
    (0, SkillTier.NOVICE),
)


def skill(sse: float | None, pes: float | None, ie: float | None, crr: float | None, fc: float | None) -> float | None:
    """0-100, of parts on 0-10. A missing part shares out its weight; None where all are missing."""
    found = shared_out(((0.45, sse), (0.20, pes), (0.15, ie), (0.10, crr), (0.10, fc)))
    return None if found is None else 10 * found


def tier(skill: float) -> SkillTier:
    return band(_TIERS, Fraction(round(skill, _EXACT)))


def of_ratio(ratio: float) -> float:
    """A ratio to the usual on 0-10: `x = clip(ln ratio, -1, 1)`, `min(7 + 3x, 10)` from 1 on, else `max(7 + 7x, 0)`.

    0 for what is not above 0.
    """
    if ratio <= 0:
        return 0.0
    x = max(-1.0, min(log(ratio), 1.0))
    return min(7 + 3 * x, 10.0) if x >= 0 else max(7 + 7 * x, 0.0)


def speed_10(hours: float) -> float:
    """Of focused hours a week."""
    return of_ratio(hours / USUAL_HOURS)


def efficiency_10(tokens_per_hour: float | None) -> float | None:
    """None with the tokens."""
    return None if not tokens_per_hour else of_ratio(USUAL_TOKENS / tokens_per_hour)


def prism(skill: float | None, efficiency: float | None, speed: float) -> float | None:
    """0-10. Without an efficiency its weight is shared out; None without a skill."""
    return None if skill is None else shared_out(((0.50, skill / 10), (0.30, efficiency), (0.20, speed)))


def letter(value: float) -> str:
    """Of a value on 0-10, by the ten bands of prompt grades."""
    exact = round(value, _EXACT)
    return next((letter for end, letter, _ in BANDS if exact < end), "A+")
