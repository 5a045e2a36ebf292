"""The speed pillar: goals crushed per working day, and how long they took (domain reference, section 10.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.scores.bands import band
from domain.scores.days import working_days
from domain.scores.rounding import median, rounded
from domain.scores.totals import Totals
from domain.scores.windows import Window


class SpeedBand(StrEnum):
    STALLED = "stalled"
    LIGHT = "light"
    STEADY = "steady"
    CRUSHING = "crushing"


_BANDS = (
    (3, SpeedBand.CRUSHING),
    (Fraction(3, 2), SpeedBand.STEADY),
    (Fraction(1, 2), SpeedBand.LIGHT),
    (0, SpeedBand.STALLED),
)


@dataclass(frozen=True, slots=True)
class Speed:
    """`cspw`: crushed arcs per working day, two decimals, 0.00 without any. `working_days`: those gone by.

    `delta_cspw` is the difference to the window before, None where nothing qualified in that. `ttc_median_seconds`,
    one decimal, is the median over the `timed_count` crushed arcs with known times, None without any. The band
    follows from the exact ratio. `sparkline` ends with `cspw`.
    """

    cspw: Decimal
    crushed_count: int
    working_days: int
    delta_cspw: Decimal | None
    ttc_median_seconds: Decimal | None
    timed_count: int
    band: SpeedBand
    sparkline: tuple[Decimal, ...]


def speed(
    windows: Sequence[Window], parts: Sequence[Totals], now: datetime, before: tuple[Window, Totals] | None = None
) -> Speed:
    """Of the last of these windows, one or more, which come oldest first and each with its totals.

    It is compared with the one before it in the list or, if given, with `before`.
    """
    series = list(zip(windows, parts, strict=True))
    rates = [_cspw(window, totals, now) for window, totals in series]
    compared = before or (series[-2] if len(series) > 1 else None)
    seconds = [crush.seconds for crush in parts[-1].crushes if crush.seconds is not None]
    typical = median(seconds)
    return Speed(
        cspw=rounded(rates[-1], 2),
        crushed_count=parts[-1].crushed,
        working_days=working_days(windows[-1], now),
        delta_cspw=_delta(rates[-1], compared, now),
        ttc_median_seconds=None if typical is None else rounded(typical, 1),
        timed_count=len(seconds),
        band=band(_BANDS, rates[-1]),
        sparkline=tuple(rounded(rate, 2) for rate in rates),
    )


def _cspw(window: Window, totals: Totals, now: datetime) -> Fraction:
    return Fraction(totals.crushed, working_days(window, now))


def _delta(rate: Fraction, before: tuple[Window, Totals] | None, now: datetime) -> Decimal | None:
    """From the exact rates, so it may differ by 0.01 from what the rounded ones suggest."""
    if before is None or before[1].qualifying == 0:
        return None
    return rounded(rate - _cspw(*before, now), 2)
