"""The tokens pillar: what goals cost (domain reference, section 10.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.scores.bands import band
from domain.scores.rounding import median, ratio, rounded
from domain.scores.totals import Totals
from domain.timeline import Tokens


class TokensBand(StrEnum):
    TIGHT = "tight"
    HEALTHY = "healthy"
    HEAVY = "heavy"
    BLOATED = "bloated"


_BANDS = (
    (70_000, TokensBand.BLOATED),
    (35_000, TokensBand.HEAVY),
    (15_000, TokensBand.HEALTHY),
    (0, TokensBand.TIGHT),
)


@dataclass(frozen=True, slots=True)
class TokensPillar:
    """`crush_weight`: share of the qualifying arcs' tokens that crushed ones spent, two decimals.

    `tet`: ratio of `median_tokens_per_crush` to that of the window before, two decimals, below 1 is cheaper. `tpt`
    and `tokens_per_turn`: input and output for each qualifying arc and each turn of one, one decimal.
    `median_tokens_per_crush`: of all four classes, one decimal; the band follows from it. `cpcs_estimate`: median US
    dollars of the `priced_count` crushed arcs that could be priced, two decimals. Each is None where it would divide
    by nothing or rest on nothing. `breakdown` adds up qualifying arcs, of which `lower_bound_count` are known to have
    spent more than was told; `sparkline` ends with `crush_weight`.
    """

    crush_weight: Decimal | None
    tet: Decimal | None
    tpt: Decimal | None
    tokens_per_turn: Decimal | None
    median_tokens_per_crush: Decimal | None
    cpcs_estimate: Decimal | None
    total_count: int
    crushed_count: int
    priced_count: int
    turn_count: int
    lower_bound_count: int
    breakdown: Tokens
    band: TokensBand | None
    sparkline: tuple[Decimal | None, ...]


def tokens(parts: Sequence[Totals], before: Totals | None = None) -> TokensPillar:
    """Of the last window of one or more, whose totals come oldest first.

    It is compared with the one before it in the list or, if given, with `before`.
    """
    now = parts[-1]
    prices = [crush.cost_usd for crush in now.crushes if crush.cost_usd is not None]
    price = median(prices)
    return TokensPillar(
        crush_weight=crush_weight(now),
        tet=tet(now, before or (parts[-2] if len(parts) > 1 else None)),
        tpt=tpt(now),
        tokens_per_turn=ratio(now.tokens.input + now.tokens.output, now.turns, places=1),
        median_tokens_per_crush=median_tokens_per_crush(now),
        cpcs_estimate=None if price is None else rounded(price, 2),
        total_count=now.qualifying,
        crushed_count=now.crushed,
        priced_count=len(prices),
        turn_count=now.turns,
        lower_bound_count=now.lower_bounds,
        breakdown=now.tokens,
        band=_band(now),
        sparkline=tuple(crush_weight(part) for part in parts),
    )


def crush_weight(totals: Totals) -> Decimal | None:
    """Tokens of crushed arcs as a share of those of qualifying ones, two decimals; None without tokens."""
    return ratio(totals.crushed_tokens, totals.tokens.total, places=2)


def tpt(totals: Totals) -> Decimal | None:
    """Input and output tokens for each qualifying arc, one decimal; None without any."""
    return ratio(totals.tokens.input + totals.tokens.output, totals.qualifying, places=1)


def median_tokens_per_crush(totals: Totals) -> Decimal | None:
    """Of all four classes, one decimal, which is exact; None without a crush."""
    typical = median(crush.tokens for crush in totals.crushes)
    return None if typical is None else rounded(typical, 1)


def tet(now: Totals, before: Totals | None) -> Decimal | None:
    """The median tokens of a crush as a multiple of those `before`, two decimals; None where either is missing or
    there were none before."""
    typical = median(crush.tokens for crush in now.crushes)
    earlier = None if before is None else median(crush.tokens for crush in before.crushes)
    return rounded(typical / earlier, 2) if typical is not None and earlier else None


def _band(totals: Totals) -> TokensBand | None:
    """None without a crush, and where tokens were not captured: that is not thrift."""
    typical = median(crush.tokens for crush in totals.crushes)
    return band(_BANDS, typical) if typical else None
