"""Arcs of a window that were left out of the score, counted (domain reference, section 6)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.judging.records import TriviaReason
from domain.scores.bands import band
from domain.scores.counts import Count, ranked
from domain.scores.rounding import ratio
from domain.scores.totals import Totals
from domain.values import SubSessionId


class TriviaBand(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    ELEVATED = "elevated"
    HIGH = "high"


_BANDS = (
    (Fraction(55, 100), TriviaBand.HIGH),
    (Fraction(35, 100), TriviaBand.ELEVATED),
    (Fraction(15, 100), TriviaBand.NORMAL),
    (0, TriviaBand.LOW),
)


@dataclass(frozen=True, slots=True)
class Trivia:
    """The most frequent reason first, of equal ones by name; reasons that were never met are left out.

    `exclusion_rate`: share of those left out among them and the qualifying ones, two decimals; the band follows from
    the exact share. Both are None where there is neither.
    """

    by_reason: tuple[Count[TriviaReason], ...]
    total: int
    exclusion_rate: Decimal | None
    band: TriviaBand | None


class LeftOut(NamedTuple):
    """What is shown of an arc that was left out."""

    id: SubSessionId
    reason: TriviaReason
    started_at: datetime
    title: str | None
    summary: str | None


def trivia(totals: Totals) -> Trivia:
    left_out = sum(totals.trivia.values())
    whole = left_out + totals.qualifying
    return Trivia(
        by_reason=ranked(totals.trivia),
        total=left_out,
        exclusion_rate=ratio(left_out, whole, places=2),
        band=band(_BANDS, Fraction(left_out, whole)) if whole else None,
    )
