"""Integrity flags of a window, counted; they inform and change no score (domain reference, section 12)."""

from dataclasses import dataclass
from enum import StrEnum

from domain.judging.records import FlagKind
from domain.scores.bands import band
from domain.scores.counts import Count, ranked
from domain.scores.totals import Totals


class IntegrityBand(StrEnum):
    CLEAN = "clean"
    FAIR = "fair"
    WEAK = "weak"
    POOR = "poor"


_BANDS = ((6, IntegrityBand.POOR), (3, IntegrityBand.WEAK), (1, IntegrityBand.FAIR), (0, IntegrityBand.CLEAN))


@dataclass(frozen=True, slots=True)
class Integrity:
    """The most frequent kind first, of equal ones by name; kinds without a flag are left out."""

    by_kind: tuple[Count[FlagKind], ...]
    total: int
    band: IntegrityBand


def integrity(totals: Totals) -> Integrity:
    total = sum(totals.flags.values())
    return Integrity(ranked(totals.flags), total, band(_BANDS, total))
