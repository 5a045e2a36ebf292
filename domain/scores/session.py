"""What the goal arcs of one session come to, by the same formulas as a window."""

from dataclasses import dataclass
from decimal import Decimal

from domain.scores.headline import score, tally
from domain.scores.rounding import ratio
from domain.scores.skill import apg
from domain.scores.totals import Totals


@dataclass(frozen=True, slots=True)
class SessionScores:
    """As in the headline and the skill pillar; None where nothing counts."""

    prism_score: Decimal | None
    crush_weight: Decimal | None
    apg: Decimal | None
    crushed_count: int
    total_count: int


def session_scores(totals: Totals) -> SessionScores:
    return SessionScores(
        prism_score=score(tally(totals)),
        crush_weight=ratio(totals.crushed_tokens, totals.tokens.total, places=2),
        apg=apg(totals),
        crushed_count=totals.crushed,
        total_count=totals.qualifying,
    )
