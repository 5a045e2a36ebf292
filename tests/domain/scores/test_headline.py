from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.records import Measures, Rework, ReworkKind, State
from domain.scores.headline import Headline, Tally, headline, score, tally, wilson
from domain.scores.totals import Totals, totals
from domain.scores.windows import WindowKind, window_containing
from domain.timeline import Tokens
from tests import make

WINDOW = window_containing(WindowKind.WEEKLY, datetime(2026, 3, 4, tzinfo=UTC), ZoneInfo("UTC"))
LETTERS = ["F", "D", "C", "C+", "B-", "B", "B+", "A-", "A", "A+"]
TIERS = ["starting", "building", "scaling", "leading", "elite"]


def of(crushed: int, qualifying: int, **more: int) -> Headline:
    return headline(WINDOW, [Tally(qualifying, crushed, **more)])


def test_five_of_eight() -> None:
    """Worked check 1 of the domain reference."""
    found = of(5, 8, qualifying_tokens=1000, crushed_tokens=940)
    assert (found.prism_score, found.letter_grade, found.personal_tier) == (Decimal("62.5"), "B", "scaling")
    assert (found.crushed_count, found.total_count) == (5, 8)
    assert str(found.crush_weight) == "0.94"
    assert found.window is WINDOW


def test_nothing_qualifying_is_no_score_and_no_error() -> None:
    """Worked check 11 of the domain reference."""
    found = of(0, 0, pending=3)
    assert (found.prism_score, found.letter_grade, found.personal_tier) == (None, None, None)
    assert (found.crush_weight, found.interval, found.sparkline) == (None, None, (None,))
    assert (found.crushed_count, found.total_count, found.pending_count, found.too_few) == (0, 0, 3, True)


def test_a_window_must_have_a_tally() -> None:
    with pytest.raises(ValueError, match="tally"):
        headline(WINDOW, [])


def test_no_tokens_no_weight() -> None:
    assert of(1, 1).crush_weight is None
    assert str(of(0, 1, qualifying_tokens=5).crush_weight) == "0.00"


@pytest.mark.parametrize(
    ("percent", "letter", "tier"),
    [
        (0, "F", "starting"),
        (19, "F", "starting"),
        (20, "D", "starting"),
        (29, "D", "starting"),
        (30, "D", "building"),
        (34, "D", "building"),
        (35, "C", "building"),
        (44, "C", "building"),
        (45, "C+", "building"),
        (49, "C+", "building"),
        (50, "C+", "scaling"),
        (51, "C+", "scaling"),
        (52, "B-", "scaling"),
        (59, "B-", "scaling"),
        (60, "B", "scaling"),
        (69, "B", "scaling"),
        (70, "B+", "leading"),
        (77, "B+", "leading"),
        (78, "A-", "leading"),
        (85, "A-", "leading"),
        (86, "A", "leading"),
        (89, "A", "leading"),
        (90, "A", "elite"),
        (94, "A", "elite"),
        (95, "A+", "elite"),
        (100, "A+", "elite"),
    ],
)
def test_bands_are_half_open(percent: int, letter: str, tier: str) -> None:
    found = of(percent, 100)
    assert (found.letter_grade, found.personal_tier) == (letter, tier)


def test_bands_follow_from_the_exact_ratio() -> None:
    almost = of(5999, 10_000)
    assert (str(almost.prism_score), almost.letter_grade) == ("60.0", "B-")


@pytest.mark.parametrize(
    ("crushed", "qualifying", "expected"),
    [
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 16, "6.3"),
        (1, 8, "12.5"),
        (3, 2000, "0.2"),
        (1, 2000, "0.1"),
        (1, 2001, "0.0"),
    ],
)
def test_scores_are_rounded_half_up(crushed: int, qualifying: int, expected: str) -> None:
    assert str(score(Tally(qualifying, crushed))) == expected


def test_the_sparkline_is_chronological_with_gaps_and_ends_with_the_score() -> None:
    found = headline(WINDOW, [Tally(20, 11), Tally(), Tally(50, 29), Tally(8, 5)])
    assert [None if one is None else str(one) for one in found.sparkline] == ["55.0", None, "58.0", "62.5"]
    assert found.sparkline[-1] == found.prism_score


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (5, 8, "30.6", "86.3"),
        (1, 1, "20.7", "100.0"),
        (0, 1, "0.0", "79.3"),
        (50, 100, "40.4", "59.6"),
        (0, 10, "0.0", "27.8"),
    ],
)
def test_wilsons_interval(hits: int, n: int, low: str, high: str) -> None:
    interval = wilson(hits, n)
    assert interval is not None
    assert (str(interval.low), str(interval.high)) == (low, high)


@pytest.mark.parametrize(("n", "few"), [(0, True), (4, True), (5, False)])
def test_a_score_of_few_arcs_is_marked(n: int, few: bool) -> None:
    assert of(0, n).too_few is few


@pytest.mark.parametrize(
    "counts", [{"qualifying": 1, "crushed": 2}, {"crushed": -1}, {"qualifying": 1, "crushed_tokens": 1}]
)
def test_more_crushed_than_qualifying_is_impossible(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="crushed"):
        Tally(**counts)


def test_a_tally_counts_arcs_by_what_became_of_them() -> None:
    spent = Measures(turn_count=3, tokens=Tokens(10, 20, 30, 40))
    crushed = make.sub_session("crushed", measures=spent)
    failed = make.sub_session("failed", measures=spent, outcome=make.outcome(goal_complete=False))
    reworked = make.sub_session(
        "reworked", measures=spent, rework=Rework(ReworkKind.REVERT, make.arc_id("by"), make.START)
    )
    pending = make.sub_session("pending", measures=spent, state=State.CLOSED)
    others = [
        make.sub_session("open", measures=spent, state=State.OPEN),
        make.sub_session("excluded", measures=spent, state=State.EXCLUDED, substance_floor_passed=False),
        make.sub_session("merged", measures=spent, state=State.MERGED, merged_into_id=crushed.id),
        replace(crushed, rubric=make.rubric(confidence=0.4)),
    ]
    assert tally(totals([crushed, failed, reworked, pending, *others])) == Tally(3, 1, 300, 100, 1)
    assert tally(Totals()) == Tally()


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    qualifying = draw(st.integers(0, 10**6))
    tokens = draw(st.integers(0, 10**15))
    crushed = draw(st.integers(0, qualifying))
    return Tally(qualifying, crushed, tokens, draw(st.integers(0, tokens)), draw(st.integers(0, 99)))


@given(st.lists(tallies(), min_size=1, max_size=4))
def test_scores_stay_in_their_bounds(given_tallies: list[Tally]) -> None:
    found = headline(WINDOW, given_tallies)
    assert found.crushed_count <= found.total_count
    assert all(one is None or 0 <= one <= 100 for one in found.sparkline)
    assert found.crush_weight is None or 0 <= found.crush_weight <= 1
    if found.prism_score is not None and found.interval is not None:
        exact = Fraction(100 * found.crushed_count, found.total_count)
        assert abs(Fraction(found.prism_score) - exact) <= Fraction(1, 20)
        assert 0 <= found.interval.low <= found.prism_score <= found.interval.high <= 100


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 500))
def test_letters_and_tiers_never_fall_when_more_is_crushed(one: int, other: int, n: int) -> None:
    low, high = (of(min(count, n), n) for count in sorted((one, other)))
    letters = [LETTERS.index(one.letter_grade or "") for one in (low, high)]
    tiers = [TIERS.index(one.personal_tier or "") for one in (low, high)]
    assert (letters, tiers) == (sorted(letters), sorted(tiers))
