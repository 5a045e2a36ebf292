"""The headline score: how many goals of a window were reached and lasted (domain reference, section 10.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from domain.scores.bands import band
from domain.scores.rounding import ratio
from domain.scores.totals import Totals
from domain.scores.windows import Window

FEW_ARCS = 5
"""Below so many qualifying arcs a score says little."""

_LETTERS = (
    (95, "A+"),
    (86, "A"),
    (78, "A-"),
    (70, "B+"),
    (60, "B"),
    (52, "B-"),
    (45, "C+"),
    (35, "C"),
    (20, "D"),
    (0, "F"),
)
_TIERS = ((90, "elite"), (70, "leading"), (50, "scaling"), (30, "building"), (0, "starting"))
_Z = Decimal("1.959963984540054")
"""The normal deviate of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a window holds: qualifying and crushed arcs, tokens spent in either, and closed arcs still to be judged."""

    qualifying: int = 0
    crushed: int = 0
    qualifying_tokens: int = 0
    crushed_tokens: int = 0
    pending: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.crushed <= self.qualifying and 0 <= self.crushed_tokens <= self.qualifying_tokens):
            raise ValueError(f"more was crushed than qualifies: {self}")


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends in percent, one decimal."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Headline:
    """Scores are percent with one decimal; `crush_weight` is a share with two. None where nothing qualifies.

    Letter and tier follow from the exact ratio, not from the rounded score. `interval` is Wilson's, at 95 %.
    `sparkline` ends with the score of this window.
    """

    window: Window
    prism_score: Decimal | None
    letter_grade: str | None
    personal_tier: str | None
    crushed_count: int
    total_count: int
    pending_count: int
    crush_weight: Decimal | None
    interval: Interval | None
    too_few: bool
    sparkline: tuple[Decimal | None, ...]


def headline(window: Window, tallies: Sequence[Tally]) -> Headline:
    """The score of `window` from the tallies of the last windows, oldest first, this window's last.

    Raises ValueError without any tally.
    """
    if not tallies:
        raise ValueError("a score needs the tally of its window")
    now = tallies[-1]
    return Headline(
        window=window,
        prism_score=score(now),
        letter_grade=_band(_LETTERS, now),
        personal_tier=_band(_TIERS, now),
        crushed_count=now.crushed,
        total_count=now.qualifying,
        pending_count=now.pending,
        crush_weight=ratio(now.crushed_tokens, now.qualifying_tokens, places=2),
        interval=wilson(now.crushed, now.qualifying),
        too_few=now.qualifying < FEW_ARCS,
        sparkline=tuple(score(tally) for tally in tallies),
    )


def tally(totals: Totals) -> Tally:
    """What of these totals the headline is made of."""
    return Tally(
        qualifying=totals.qualifying,
        crushed=totals.crushed,
        qualifying_tokens=totals.tokens.total,
        crushed_tokens=totals.crushed_tokens,
        pending=totals.pending,
    )


def score(tally: Tally) -> Decimal | None:
    """Crushed arcs in percent of qualifying ones, one decimal, half up; None without any."""
    return ratio(100 * tally.crushed, tally.qualifying, places=1)


def wilson(hits: int, n: int) -> Interval | None:
    """Wilson's score interval for `hits` of `n`, in percent; None where n = 0."""
    if n == 0:
        return None
    with localcontext(prec=40):
        share, z2 = Decimal(hits) / n, _Z * _Z
        middle = share + z2 / (2 * n)
        half = _Z * (share * (1 - share) / n + z2 / (4 * n * n)).sqrt()
        low, high = (100 * (middle + sign * half) / (1 + z2 / n) for sign in (-1, 1))
        return Interval(_percent(Decimal(0) if hits == 0 else low), _percent(Decimal(100) if hits == n else high))


def _percent(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _band(bands: Sequence[tuple[int, str]], tally: Tally) -> str | None:
    """By the exact ratio, not the rounded score."""
    return band(bands, Fraction(100 * tally.crushed, tally.qualifying)) if tally.qualifying else None
