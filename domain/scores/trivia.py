"""Arcs of a window that the substance floor left out, counted (domain reference, section 6)."""

from dataclasses import dataclass

from domain.judging.records import TriviaReason
from domain.scores.counts import Count, ranked
from domain.scores.totals import Totals


@dataclass(frozen=True, slots=True)
class Trivia:
    """The most frequent reason first, of equal ones by name; reasons that were never met are left out."""

    by_reason: tuple[Count[TriviaReason], ...]
    total: int


def trivia(totals: Totals) -> Trivia:
    return Trivia(ranked(totals.trivia), sum(totals.trivia.values()))
