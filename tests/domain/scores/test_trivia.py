"""What was left out: counted by reason, as a share, as a word."""

from decimal import Decimal

import pytest

from domain.judging.records import TriviaReason
from domain.scores.counts import Count
from domain.scores.totals import Totals
from domain.scores.trivia import TriviaBand, trivia


@pytest.mark.parametrize(
    ("left_out", "qualifying", "rate", "band"),
    [
        (0, 0, None, None),
        (0, 5, "0.00", TriviaBand.LOW),
        (149, 851, "0.15", TriviaBand.LOW),
        (3, 17, "0.15", TriviaBand.NORMAL),
        (7, 13, "0.35", TriviaBand.ELEVATED),
        (11, 9, "0.55", TriviaBand.HIGH),
        (1, 0, "1.00", TriviaBand.HIGH),
    ],
)
def test_a_share_has_a_word_by_its_exact_value(
    left_out: int, qualifying: int, rate: str | None, band: TriviaBand | None
) -> None:
    found = trivia(Totals(qualifying=qualifying, pending=9, trivia={TriviaReason.OTHER: left_out}))
    assert (found.exclusion_rate, found.band) == (rate and Decimal(rate), band)


def test_reasons_stand_by_how_often_they_were_met() -> None:
    met = {TriviaReason.OTHER: 1, TriviaReason.TOO_FEW_TURNS: 2, TriviaReason.NO_REAL_WORK: 0}
    found = trivia(Totals(trivia=met))
    assert found.by_reason == (Count(TriviaReason.TOO_FEW_TURNS, 2), Count(TriviaReason.OTHER, 1))
    assert found.total == 3
