"""Series over calendar periods, a point each, also where nothing happened (domain reference, sections 10.3 and 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from domain.judging.records import FlagKind, TriviaReason
from domain.scores.counts import Count
from domain.scores.headline import score, tally
from domain.scores.integrity import integrity
from domain.scores.periods import Period
from domain.scores.tokens import crush_weight, median_tokens_per_crush, tet, tpt
from domain.scores.totals import Totals
from domain.scores.trivia import trivia
from domain.timeline import Tokens


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """As in Headline."""

    period: Period
    prism_score: Decimal | None
    crushed_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class TokensPoint:
    """As in TokensPillar; `tet` compares with the period before."""

    period: Period
    breakdown: Tokens
    crush_weight: Decimal | None
    tet: Decimal | None
    tpt: Decimal | None
    median_tokens_per_crush: Decimal | None
    crushed_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class TriviaPoint:
    """As in Trivia."""

    period: Period
    total: int
    exclusion_rate: Decimal | None
    by_reason: tuple[Count[TriviaReason], ...]


@dataclass(frozen=True, slots=True)
class IntegrityPoint:
    period: Period
    total: int
    by_kind: tuple[Count[FlagKind], ...]


def score_trend(periods: Sequence[Period], parts: Sequence[Totals]) -> tuple[ScorePoint, ...]:
    """A point for each period, from its totals."""
    each = zip(periods, parts, strict=True)
    return tuple(ScorePoint(period, score(tally(part)), part.crushed, part.qualifying) for period, part in each)


def tokens_trend(
    periods: Sequence[Period], parts: Sequence[Totals], before: Totals | None = None
) -> tuple[TokensPoint, ...]:
    """A point for each period, from its totals; `before` are those of the calendar unit before the first."""
    compared = pairwise([before, *parts])
    return tuple(
        _tokens_point(period, now, earlier) for period, now, (earlier, _) in zip(periods, parts, compared, strict=True)
    )


def trivia_trend(periods: Sequence[Period], parts: Sequence[Totals]) -> tuple[TriviaPoint, ...]:
    counted = zip(periods, map(trivia, parts), strict=True)
    return tuple(TriviaPoint(period, found.total, found.exclusion_rate, found.by_reason) for period, found in counted)


def integrity_trend(periods: Sequence[Period], parts: Sequence[Totals]) -> tuple[IntegrityPoint, ...]:
    counted = zip(periods, map(integrity, parts), strict=True)
    return tuple(IntegrityPoint(period, found.total, found.by_kind) for period, found in counted)


def _tokens_point(period: Period, now: Totals, before: Totals | None) -> TokensPoint:
    return TokensPoint(
        period=period,
        breakdown=now.tokens,
        crush_weight=crush_weight(now),
        tet=tet(now, before),
        tpt=tpt(now),
        median_tokens_per_crush=median_tokens_per_crush(now),
        crushed_count=now.crushed,
        total_count=now.qualifying,
    )
