"""The formulas of the older score, against numbers worked out by hand (domain reference, sections 19 and 21)."""

from itertools import pairwise
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scores.composite import SkillTier
from domain.scores.composite_efficiency import Effort, mean_sse, raw_efficiency, sse, usual
from domain.scores.composite_rhythm import (
    HOUR,
    MINUTE,
    Run,
    Stretch,
    active_ms,
    crr,
    fc,
    flows,
    ie,
    prompts_per_hour,
    runs,
)
from domain.scores.composite_skill import efficiency_10, letter, of_ratio, prism, skill, speed_10, tier
from domain.scores.composite_weights import gain, shared_out

UNKNOWN = Effort(None, None, None, None)
USUAL = Effort(10_000, 10, 300, 60)
DAY = Stretch(0, 24 * HOUR)

measured = st.none() | st.floats(0, 1e12)
on_ten = st.none() | st.floats(0, 10)


def at(*minutes: float) -> list[int]:
    return [round(minute * MINUTE) for minute in minutes]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(0, 7.5), (0.5, 10), (-0.5, 3.75), (0.1, 8), (1, 10), (-1, 0)],
)
def test_sse_is_seven_and_a_half_as_usual(raw: float, shown: float) -> None:
    assert sse(raw) == pytest.approx(shown)


@pytest.mark.parametrize(
    ("actual", "raw"),
    [
        (USUAL, 0),
        (Effort(20_000, 10, 300, 60), -0.30 * log(2)),
        (Effort(10_000, 5, 300, 60), 0.25 * log(2)),
        (Effort(10_000, 10, 150, 60), 0.30 * log(2)),
        (Effort(10_000, 10, 300, 120), -0.15 * log(2)),
        (Effort(1, 1, 1, 1), 1),
        (Effort(1e9, 1e9, 1e9, 1e9), -1),
        (Effort(20_000, 10, 300, None), -0.30 / 0.85 * log(2)),
        (Effort(20_000, None, None, None), -log(2)),
        (Effort(20_000, 0, 0, 0), -log(2)),
    ],
)
def test_raw_efficiency_weighs_its_parts_and_shares_out_missing_ones(actual: Effort, raw: float) -> None:
    assert raw_efficiency(actual, USUAL) == pytest.approx(raw)


def test_nothing_measured_is_no_efficiency() -> None:
    assert raw_efficiency(UNKNOWN, USUAL) is None
    assert raw_efficiency(USUAL, UNKNOWN) is None
    assert mean_sse([USUAL], None) is None
    assert mean_sse([], USUAL) is None
    assert mean_sse([UNKNOWN], USUAL) is None


def test_usual_is_the_median_of_three_arcs_or_more() -> None:
    history = [Effort(1, 4, None, 0), Effort(2, None, None, 6), Effort(9, 6, None, 8)]
    assert usual(history[:2]) is None
    assert usual(history) == Effort(2, 5, None, 7)


def test_sse_of_a_period_is_the_mean_over_its_arcs() -> None:
    twice = Effort(20_000, 20, 600, 120)
    assert mean_sse([USUAL, twice, UNKNOWN], USUAL) == pytest.approx((7.5 + 7.5 - 7.5 * log(2)) / 2)


def test_gaps_count_five_minutes_at_most() -> None:
    found = runs(at(0, 1, 5, 30, 40))
    assert found == [Run(*at(0, 5, 10)), Run(*at(30, 30, 35)), Run(*at(40, 40, 40))]
    assert active_ms(found, DAY) == 15 * MINUTE
    assert runs([]) == []
    assert active_ms(runs(at(3)), DAY) == 0


def test_what_two_sessions_do_at_once_counts_once() -> None:
    first, second = runs(at(0, 4, 8)), runs(at(2, 6, 10))
    assert active_ms([*first, *second], DAY) == 10 * MINUTE
    assert active_ms([*runs(at(0, 5)), *runs(at(1, 2))], DAY) == 5 * MINUTE


def test_activity_is_cut_where_the_period_is() -> None:
    found = runs(at(0, 4, 8, 30, 40))
    assert active_ms(found, Stretch(*at(2, 32))) == (6 + 5 + 2) * MINUTE


@given(st.lists(st.integers(0, 10_000_000), max_size=40), st.integers(0, 10_000_000))
def test_activity_of_parts_adds_up_to_that_of_the_whole(times: list[int], cut: int) -> None:
    found, end = runs(sorted(times)), 11_000_000
    parts = active_ms(found, Stretch(0, cut)) + active_ms(found, Stretch(cut, end))
    assert parts == active_ms(found, Stretch(0, end)) <= end


def test_activity_is_the_sum_of_the_gaps() -> None:
    times = at(0, 1, 2.5, 9, 9, 14, 120, 121)
    gaps = [min(after - before, 5 * MINUTE) for before, after in pairwise(times)]
    assert active_ms(runs(times), DAY) == sum(gaps)


def test_a_flow_ends_with_a_long_gap_or_a_reset() -> None:
    found = runs(at(0, 4, 18, 20, 40, 100))
    assert flows(found, [], DAY) == at(20)
    assert flows(found, at(4), DAY) == at(4, 16)
    assert flows(found, at(0, 20, 30), DAY) == at(20)
    assert flows([*found, *runs(at(25, 33))], [], DAY) == at(40)
    assert flows(found, [], Stretch(*at(2, 10))) == at(8)
    assert flows([], at(3), DAY) == []


@pytest.mark.parametrize(("minutes", "shown"), [([45], 5), ([10, 45, 200], 5), ([90], 10), ([500], 10), ([], 0)])
def test_fc_is_full_from_ninety_minutes_on(minutes: list[float], shown: float) -> None:
    assert fc(at(*minutes)) == shown


@pytest.mark.parametrize(
    ("rate", "trailing", "shown"),
    [
        (6, [6, 6], 5),
        (6, [2, 6, 100], 5),
        (3, [6, 6], 5 + 5 * log(2)),
        (12, [6, 6], 5 - 5 * log(2)),
        (1, [6, 6], 10),
        (100, [6, 6], 0),
        (6, [3], 5),
        (6, [3, None, 0], 5),
        (None, [3, 3], 5),
        (0, [3, 3], 5),
    ],
)
def test_ie_compares_with_the_periods_before(rate: float | None, trailing: list[float | None], shown: float) -> None:
    assert ie(rate, trailing) == pytest.approx(shown)


def test_prompts_per_hour() -> None:
    assert prompts_per_hour(9, HOUR + 30 * MINUTE) == 6
    assert prompts_per_hour(9, 0) is None


@pytest.mark.parametrize(
    ("resets", "turns", "shown"), [(3, 20, 10), (5, 20, 0), (1, 20, 0), (4, 20, 5), (0, 20, 0), (9, 9, 0), (1, 0, None)]
)
def test_crr_is_best_at_fifteen_percent(resets: int, turns: int, shown: float | None) -> None:
    assert crr(resets, turns) == (None if shown is None else pytest.approx(shown))


def test_skill_weighs_five_parts() -> None:
    assert skill(8, 6, 5, 10, 4) == pytest.approx(100 * (0.45 * 0.8 + 0.2 * 0.6 + 0.15 * 0.5 + 0.1 + 0.1 * 0.4))
    assert skill(None, 6, 5, 10, 4) == pytest.approx(100 * (0.2 * 0.6 + 0.15 * 0.5 + 0.1 + 0.1 * 0.4) / 0.55)
    assert skill(None, None, None, None, 4) == pytest.approx(40)
    assert skill(None, None, None, None, None) is None


@pytest.mark.parametrize(
    ("value", "name"),
    [(0, "novice"), (29.99, "novice"), (30, "practitioner"), (50, "proficient"), (70, "expert"), (90, "elite")],
)
def test_tiers_begin_where_they_say(value: float, name: str) -> None:
    assert tier(value) is SkillTier(name)


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(1, 7), (exp(1), 10), (100, 10), (exp(-1), 0), (0.001, 0), (exp(0.5), 8.5), (exp(-0.5), 3.5), (0, 0), (-1, 0)],
)
def test_ratios_to_the_usual(ratio: float, shown: float) -> None:
    assert of_ratio(ratio) == pytest.approx(shown)


def test_check_9_as_usual_in_all_is_seven_and_a_b() -> None:
    found = prism(70, efficiency_10(75_000), speed_10(25))
    assert found == pytest.approx(7)
    assert letter(found or 0) == "B"


def test_prism_without_an_efficiency_or_a_skill() -> None:
    assert efficiency_10(None) is None
    assert efficiency_10(0) is None
    assert prism(80, None, 4) == pytest.approx((0.5 * 8 + 0.2 * 4) / 0.7)
    assert prism(None, 7, 7) is None


@pytest.mark.parametrize(("value", "name"), [(0, "F"), (2.99, "F"), (3, "D"), (6.9999, "B-"), (9.5, "A+"), (10, "A+")])
def test_letters_are_those_of_prompts(value: float, name: str) -> None:
    assert letter(value) == name


@given(st.tuples(on_ten, on_ten, on_ten, on_ten, on_ten))
def test_skill_and_prism_stay_in_range(
    parts: tuple[float | None, float | None, float | None, float | None, float | None],
) -> None:
    found = skill(*parts)
    assert (found is None) is (parts == (None,) * 5)
    assert found is None or 0 <= found <= 100.000001
    assert found is None or 0 <= (prism(found, parts[0], parts[1] or 0) or 0) <= 10.000001


@given(st.tuples(measured, measured, measured, measured), st.tuples(measured, measured, measured, measured))
def test_efficiency_stays_in_range(
    actual: tuple[float | None, float | None, float | None, float | None],
    baseline: tuple[float | None, float | None, float | None, float | None],
) -> None:
    raw = raw_efficiency(Effort(*actual), Effort(*baseline))
    assert raw is None or -1.000001 <= raw <= 1.000001
    assert raw is None or 0 <= sse(raw) <= 10


def test_weights_of_what_is_missing_are_shared_out() -> None:
    assert shared_out([(1, 2.0), (3, None), (1, 4.0)]) == 3
    assert shared_out([(0, 2.0)]) is None
    assert shared_out([]) is None
    assert gain(0, 1) is gain(1, 0) is gain(None, 1) is gain(-1, 1) is None
