from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scores.alignment import previous_so_far
from domain.scores.speed import Speed, SpeedBand, speed
from domain.scores.totals import Crush, Totals
from domain.scores.windows import Window, WindowKind, last_windows
from tests.domain.scores.parts import MOMENTS, ZONES, crushed, moment

UTC = ZoneInfo("UTC")
FRIDAY = moment("2026-03-06 12:00")
WEEKS = last_windows(WindowKind.WEEKLY, FRIDAY, UTC)
STRETCHES = st.lists(st.integers(0, 60).map(crushed), min_size=4, max_size=4)


def of(*parts: Totals) -> Speed:
    return speed(WEEKS[-len(parts) :], parts, FRIDAY)


def test_the_example_of_the_reference() -> None:
    """Worked check 2 of the domain reference, over windows of ten working days."""
    fortnights = [
        Window(WindowKind.WEEKLY, start, start + timedelta(days=14), UTC)
        for start in (moment("2026-01-05") + timedelta(days=14) * n for n in range(4))
    ]
    parts = [crushed(18), crushed(20), crushed(21), crushed(24, seconds=1420.0)]
    found = speed(fortnights, parts, fortnights[-1].end)
    assert [float(one) for one in found.sparkline] == [1.8, 2.0, 2.1, 2.4]
    assert (found.cspw, found.delta_cspw, found.ttc_median_seconds) == (
        Decimal("2.4"),
        Decimal("0.3"),
        Decimal("1420.0"),
    )
    assert (found.working_days, found.crushed_count, found.timed_count) == (10, 24, 24)


@pytest.mark.parametrize(
    ("now", "cspw"), [("2026-03-02 08:00", "3.00"), ("2026-03-04 08:00", "1.00"), ("2026-03-08 08:00", "0.60")]
)
def test_a_running_week_counts_the_working_days_so_far(now: str, cspw: str) -> None:
    assert str(speed(WEEKS[-1:], [crushed(3)], moment(now)).cspw) == cspw


def test_rates_are_rounded_half_up_from_exact_ones() -> None:
    at = moment("2026-02-11 12:00")  # eight working days into the month
    months = last_windows(WindowKind.MONTHLY, at, UTC, count=2)
    found = speed(months, [crushed(1), crushed(1)], at)
    assert [str(one) for one in found.sparkline] == ["0.05", "0.13"]  # 1/22 and 1/8
    assert found.delta_cspw == Decimal("0.08")  # 7/88


def test_nothing_crushed_is_a_rate_of_nothing() -> None:
    found = of(Totals(), Totals())
    assert (str(found.cspw), found.delta_cspw, found.ttc_median_seconds) == ("0.00", None, None)
    assert (found.band, found.timed_count) == (SpeedBand.STALLED, 0)


def test_no_difference_to_a_window_in_which_nothing_qualified() -> None:
    assert of(Totals(pending=3), crushed(5)).delta_cspw is None
    assert of(crushed(5)).delta_cspw is None
    assert of(Totals(qualifying=1), crushed(5)).delta_cspw == 1
    assert of(crushed(5), Totals()).delta_cspw == -1


def test_the_difference_can_be_taken_to_the_same_part_of_the_week_before() -> None:
    wednesday = moment("2026-03-04 12:00")
    part = previous_so_far(WEEKS[-1], wednesday)
    found = speed(WEEKS, [crushed(0), crushed(0), crushed(10), crushed(6)], wednesday, (part, crushed(3)))
    assert [str(one) for one in found.sparkline] == ["0.00", "0.00", "2.00", "2.00"]
    assert found.delta_cspw == 1  # three in the three days to Wednesday noon
    assert speed(WEEKS, [crushed(10)] * 4, wednesday, (part, Totals())).delta_cspw is None


def test_times_that_are_unknown_are_left_out_of_the_median() -> None:
    crushes = tuple(Crush(0, None, seconds) for seconds in (None, 10.0, 0.05, None, 30.5, 20.0))
    found = of(Totals(qualifying=6, crushes=crushes))
    assert (str(found.ttc_median_seconds), found.timed_count, found.crushed_count) == ("15.0", 4, 6)
    assert of(crushed(2, seconds=None)).ttc_median_seconds is None
    assert str(of(crushed(2, seconds=0.05)).ttc_median_seconds) == "0.1"


@pytest.mark.parametrize(
    ("count", "band"),
    [
        (0, "stalled"),
        (9, "stalled"),
        (10, "light"),
        (29, "light"),
        (30, "steady"),
        (59, "steady"),
        (60, "crushing"),
        (999, "crushing"),
    ],
)
def test_bands_are_half_open(count: int, band: str) -> None:
    february = last_windows(WindowKind.MONTHLY, moment("2026-02-28"), UTC, count=1)  # 20 working days
    assert speed(february, [crushed(count)], february[0].end).band == band


def test_each_window_needs_its_totals() -> None:
    with pytest.raises(ValueError, match="zip"):
        speed(WEEKS, [crushed(1)], FRIDAY)


@given(st.sampled_from(WindowKind), MOMENTS, ZONES, STRETCHES)
def test_the_sparkline_ends_with_the_rate(kind: WindowKind, now: datetime, zone: ZoneInfo, parts: list[Totals]) -> None:
    windows = last_windows(kind, now, zone)
    found = speed(windows, parts, now)
    assert (len(found.sparkline), found.sparkline[-1]) == (4, found.cspw)
    assert all(one >= 0 for one in found.sparkline)
    assert (found.delta_cspw is None) == (parts[-2].qualifying == 0)
    if found.delta_cspw is not None:
        assert abs(found.delta_cspw - (found.sparkline[-1] - found.sparkline[-2])) <= Decimal("0.01")


@given(st.lists(st.floats(0, 1e6), min_size=1), st.randoms(use_true_random=False))
def test_the_median_time_does_not_depend_on_order(seconds: list[float], random: Random) -> None:
    shuffled = list(seconds)
    random.shuffle(shuffled)
    one, other = (
        of(Totals(qualifying=len(times), crushes=tuple(Crush(0, None, one) for one in times)))
        for times in (seconds, shuffled)
    )
    assert one == other
    assert one.ttc_median_seconds is not None
    assert min(seconds) - 0.06 <= float(one.ttc_median_seconds) <= max(seconds) + 0.06
