import pytest

from domain.judging.records import FlagKind, TriviaReason
from domain.scores.counts import Count, ranked
from domain.scores.integrity import integrity
from domain.scores.totals import Totals
from domain.scores.trivia import trivia


def test_the_example_of_the_reference() -> None:
    found = integrity(Totals(flags={FlagKind.TINY_PROMPT_BURST: 1, FlagKind.AUTO_RETRY_STORM: 2}))
    assert found.by_kind == (Count(FlagKind.AUTO_RETRY_STORM, 2), Count(FlagKind.TINY_PROMPT_BURST, 1))
    assert (found.total, found.band) == (3, "weak")


def test_equal_counts_stand_by_name_and_zeros_are_left_out() -> None:
    counts = {FlagKind.TINY_PROMPT_BURST: 1, FlagKind.FRAGMENTATION_MERGE: 1, FlagKind.SUBSTANCE_FLOOR_BREACH: 0}
    assert [one.key.value for one in ranked(counts)] == ["fragmentation_merge", "tiny_prompt_burst"]


@pytest.mark.parametrize(
    ("flags", "band"),
    [(0, "clean"), (1, "fair"), (2, "fair"), (3, "weak"), (5, "weak"), (6, "poor"), (99, "poor")],
)
def test_bands_by_the_number_of_flags(flags: int, band: str) -> None:
    found = integrity(Totals(flags={FlagKind.AUTO_RETRY_STORM: flags}))
    assert (found.total, found.band) == (flags, band)


def test_excluded_arcs_are_counted_by_reason() -> None:
    found = trivia(Totals(trivia={TriviaReason.OTHER: 1, TriviaReason.TOO_FEW_TURNS: 4, TriviaReason.NO_REAL_WORK: 1}))
    assert [(one.key.value, one.count) for one in found.by_reason] == [
        ("too_few_turns", 4),
        ("no_real_work", 1),
        ("other", 1),
    ]
    assert found.total == 6
    assert (trivia(Totals()).by_reason, trivia(Totals()).total) == ((), 0)
