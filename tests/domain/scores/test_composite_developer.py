"""The older score of a developer: periods, what they are compared with, and how several are pooled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scores.composite import Composite, PromptRubric, SkillTier
from domain.scores.composite_developer import Changed, Work, composite, horizon, qr
from domain.scores.composite_efficiency import Effort
from domain.scores.composite_periods import at_least, days_long, elapsed, how_many, trailing
from domain.scores.composite_pool import pooled
from domain.scores.composite_rhythm import HOUR, MINUTE, runs
from domain.scores.composite_trail import DAY, Asked, Took, Trail, Used, milliseconds
from domain.scores.windows import Bounds

Z = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = Bounds(MONDAY, MONDAY + timedelta(weeks=1))
LATER = MONDAY + timedelta(days=365)
FULL, HALF = PromptRubric(10, 10, 10, 10), PromptRubric(5, 5, 5, 5)


def ms(at: datetime) -> int:
    return milliseconds(at)


def day_at_work(at: datetime, prompts: int = 12, hours: int = 2, rubric: PromptRubric | None = FULL) -> Trail:
    """Hours of unbroken activity with prompts, an arc, a reset and 60,000 tokens of input and output."""
    start = ms(at)
    step = hours * HOUR // prompts
    asked = tuple(Asked(start + n * step, rubric, 2 * MINUTE, MINUTE, n == 1) for n in range(prompts))
    return Trail(
        runs=tuple(runs(range(start, start + hours * HOUR + 1, 5 * MINUTE))),
        asked=asked,
        resets=(start,),
        used=(Used(start, 60_000),),
        took=(Took(start, Effort(10_000, prompts, 300, 120)),),
    )


def work(*trails: Trail, changed: tuple[Changed, ...] = (), first_at: datetime | None = None) -> Work:
    whole = Trail(
        runs=tuple(run for one in trails for run in one.runs),
        asked=tuple(prompt for one in trails for prompt in one.asked),
        resets=tuple(at for one in trails for at in one.resets),
        used=tuple(used for one in trails for used in one.used),
        took=tuple(took for one in trails for took in one.took),
    )
    return Work(whole, tuple(one.at for one in whole.asked), changed, first_at)


def weeks(*prompts: int) -> Work:
    """A day at work in each of the last weeks, that of `WEEK` last, with so many prompts each."""
    days = [MONDAY + timedelta(weeks=n, hours=9) for n in range(1 - len(prompts), 1)]
    return work(*(day_at_work(day, n) for day, n in zip(days, prompts, strict=True)), first_at=days[0])


def test_a_week_as_usual_worked_out_by_hand() -> None:
    found = composite(weeks(12, 12, 12, 12, 12), WEEK, Z, LATER)
    assert found.sse == pytest.approx(7.5)
    assert found.pes == pytest.approx(10)
    assert found.ie == 5
    crr = 10 * (1 - (0.15 - 1 / 12) / 0.10)
    skill = 45 * 0.75 + 20 + 15 * 0.5 + crr + 10
    assert found.crr == pytest.approx(crr)
    assert found.fc == 10
    assert found.skill == pytest.approx(skill)
    assert found.skill_tier is SkillTier.EXPERT
    assert found.speed_hours == found.active_hours == 2
    assert found.tokens_per_hour == 30_000
    assert found.efficiency_10 == pytest.approx(7 + 3 * log(2.5))
    assert found.speed_10 == 0
    assert found.prism == pytest.approx(0.05 * skill + 0.30 * (7 + 3 * log(2.5)))
    assert (found.prompt_count, found.scored_prompt_count, found.arc_count, found.reset_count) == (12, 12, 1, 1)
    assert (found.rlr, found.first_try_rate, found.qr) == (1 / 12, 1, 1)
    assert (found.response_seconds, found.pause_seconds, found.rework_rate) == (120, 60, None)


def test_a_period_without_anything_has_nothing_to_say() -> None:
    for found in (composite(Work(), WEEK, Z, LATER), composite(weeks(12), WEEK, Z, MONDAY - timedelta(days=9))):
        assert (found.skill, found.skill_tier, found.prism, found.letter_grade) == (None,) * 4
        assert (found.sse, found.pes, found.crr, found.tokens_per_hour, found.rubric) == (None,) * 5
        assert (found.rlr, found.first_try_rate, found.response_seconds, found.pause_seconds) == (None,) * 4
        assert (found.ie, found.fc, found.qr, found.speed_hours, found.prompt_count) == (5, 0, 1, 0, 0)


def test_prompts_that_are_not_scored_leave_their_weight_to_the_rest() -> None:
    found = composite(work(day_at_work(MONDAY, rubric=None)), WEEK, Z, LATER)
    assert (found.sse, found.pes, found.rubric, found.scored_prompt_count) == (None, None, None, 0)
    assert found.crr is not None
    assert found.skill == pytest.approx((15 * 0.5 + found.crr + 10) / 0.35)


def test_fewer_prompts_an_hour_than_before_are_better() -> None:
    assert composite(weeks(12, 12, 12, 12, 12, 6), WEEK, Z, LATER).ie == pytest.approx(5 + 5 * log(2))
    assert composite(weeks(12, 24), WEEK, Z, LATER).ie == 5


def test_in_the_first_four_weeks_two_periods_are_enough_and_all() -> None:
    new = composite(weeks(60, 60, 6, 6, 6), WEEK, Z, LATER)
    assert new.ie == 5
    long = weeks(*[60] * 6, 6, 6, 6)
    assert composite(long, WEEK, Z, LATER).ie == 10
    assert composite(replace(long, first_at=MONDAY - timedelta(days=27)), WEEK, Z, LATER).ie == 5


def test_what_is_older_than_eight_weeks_is_no_history() -> None:
    old = day_at_work(MONDAY - timedelta(weeks=9))
    assert composite(work(old, old, old, day_at_work(MONDAY)), WEEK, Z, LATER).sse is None
    young = day_at_work(MONDAY - timedelta(weeks=8))
    assert composite(work(young, young, young, day_at_work(MONDAY)), WEEK, Z, LATER).sse == 7.5


def test_quality_looks_back_over_fourteen_days_at_least() -> None:
    changed = (
        Changed(ms(MONDAY - timedelta(days=9)), 1_000, True),
        Changed(ms(MONDAY - timedelta(days=6)), 30, True),
        Changed(ms(MONDAY + timedelta(days=1)), 70, False),
    )
    found = composite(work(day_at_work(MONDAY), changed=changed), WEEK, Z, LATER)
    assert found.qr == pytest.approx(0.7)
    assert found.rework_rate == 0.5
    assert found.speed_hours == pytest.approx(2 * 0.7)
    assert qr([]) == qr([Changed(0, 0, True)]) == 1


def test_speed_of_a_month_is_that_of_its_weeks_and_of_a_day_that_of_seven() -> None:
    done = work(*(day_at_work(MONDAY + timedelta(days=n)) for n in range(30)))
    month = Bounds(MONDAY, MONDAY + timedelta(days=28))
    assert composite(done, month, Z, LATER).speed_hours == pytest.approx(14)
    day = Bounds(MONDAY + timedelta(days=8), MONDAY + timedelta(days=9))
    assert composite(done, day, Z, LATER).speed_hours == pytest.approx(14)
    assert composite(done, WEEK, Z, MONDAY + timedelta(days=2)).speed_hours == pytest.approx(4)


def test_absences_are_no_pauses() -> None:
    asked = [Asked(ms(MONDAY) + n, None, None, pause, False) for n, pause in enumerate((None, MINUTE, 2 * HOUR))]
    found = composite(work(Trail(asked=tuple(asked))), WEEK, Z, LATER)
    assert (found.pause_seconds, found.response_seconds, found.tokens_per_hour) == (60, None, None)


def test_a_week_in_which_clocks_change_has_seven_days() -> None:
    start = datetime(2026, 3, 23, tzinfo=BERLIN).astimezone(UTC)
    week = Bounds(start, datetime(2026, 3, 30, tzinfo=BERLIN).astimezone(UTC))
    assert week.end - week.start == timedelta(hours=167)
    assert days_long(week, BERLIN) == 7
    assert at_least(week, 7, BERLIN) == week
    before = trailing(week, BERLIN)
    assert before[0] == Bounds(datetime(2026, 3, 15, 23, tzinfo=UTC), start)
    assert len(before) == 8
    following = Bounds(week.end, datetime(2026, 4, 6, tzinfo=BERLIN).astimezone(UTC))
    assert trailing(following, BERLIN)[0] == week
    late = work(day_at_work(week.end - timedelta(hours=1)))
    assert composite(late, week, BERLIN, LATER).active_hours == 1
    assert composite(late, following, BERLIN, LATER).active_hours == 1
    assert composite(late, week, BERLIN, LATER).prompt_count == 6


def test_periods_follow_their_kind() -> None:
    april = Bounds(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    assert trailing(april, Z)[0] == Bounds(datetime(2026, 3, 1, tzinfo=UTC), april.start)
    day = Bounds(MONDAY, MONDAY + timedelta(days=1))
    assert trailing(day, Z)[-1] == Bounds(MONDAY - timedelta(days=8), MONDAY - timedelta(days=7))
    so_far = Bounds(MONDAY, MONDAY + timedelta(days=2, hours=3))
    assert trailing(so_far, Z)[0] == Bounds(MONDAY - timedelta(weeks=1), MONDAY)
    custom = Bounds(MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=6))
    assert trailing(custom, Z)[1] == Bounds(MONDAY - timedelta(hours=9), MONDAY - timedelta(hours=4))
    first = Bounds(datetime(1, 2, 1, tzinfo=UTC), datetime(1, 3, 1, tzinfo=UTC))
    assert len(trailing(first, Z)) < 8
    assert composite(Work(), first, Z, LATER).skill is None


def test_only_what_is_over_counts() -> None:
    assert elapsed(WEEK, MONDAY + timedelta(days=1)) == Bounds(MONDAY, MONDAY + timedelta(days=1))
    assert elapsed(WEEK, MONDAY - timedelta(days=1)) == Bounds(*[MONDAY - timedelta(days=1)] * 2)
    assert how_many(None, WEEK) == how_many(MONDAY, WEEK) == 2
    assert how_many(MONDAY - timedelta(weeks=4), WEEK) == 8


def test_the_horizon_holds_all_that_is_compared() -> None:
    found = horizon(WEEK, Z, LATER)
    assert found.rhythm == found.details == MONDAY - timedelta(weeks=8)
    assert found.changes == WEEK.end - timedelta(days=14)
    month = Bounds(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert horizon(month, Z, LATER).rhythm == datetime(2025, 7, 1, tzinfo=UTC)
    assert horizon(month, Z, LATER).changes == month.start


NOBODY = composite(Work(), WEEK, Z, LATER)


def test_one_developer_pools_to_exactly_theirs() -> None:
    one = composite(weeks(12, 12, 7), WEEK, Z, LATER)
    assert pooled([one], NOBODY) is one


def test_several_are_pooled_by_their_prompts() -> None:
    busy = composite(weeks(12, 12, 12, 12), WEEK, Z, LATER)
    other = composite(work(day_at_work(MONDAY, 4, rubric=HALF)), WEEK, Z, LATER)
    found = pooled([busy, other, NOBODY], NOBODY)
    assert found.pes == pytest.approx((12 * 10 + 4 * 5) / 16)
    assert found.rubric is not None
    assert found.rubric.turn_economy == pytest.approx(8.75)
    assert (busy.sse, other.sse, found.sse) == (7.5, None, 7.5)
    assert busy.skill is not None
    assert other.skill is not None
    assert found.skill == pytest.approx((12 * busy.skill + 4 * other.skill) / 16)
    assert (found.prompt_count, found.developer_count, found.active_hours) == (16, 2, 4)
    assert (found.letter_grade is None) is (found.prism is None) is False


def test_nobody_pools_to_nothing_to_say() -> None:
    assert pooled([], NOBODY) == pooled([NOBODY, NOBODY], NOBODY) == NOBODY
    assert NOBODY.developer_count == 0


@given(
    st.lists(st.tuples(st.integers(-70 * 24, 8 * 24), st.integers(1, 40), st.integers(1, 5)), max_size=12),
    st.lists(st.tuples(st.integers(-20, 7), st.integers(0, 500), st.booleans()), max_size=8),
)
def test_everything_stays_in_range(days: list[tuple[int, int, int]], edits: list[tuple[int, int, bool]]) -> None:
    done = work(
        *(day_at_work(MONDAY + timedelta(hours=at), prompts, hours) for at, prompts, hours in sorted(days)),
        changed=tuple(Changed(ms(MONDAY) + at * DAY, lines, gone) for at, lines, gone in sorted(edits)),
    )
    done = replace(done, trail=replace(done.trail, asked=_ordered(done), runs=tuple(sorted(done.trail.runs))))
    found = composite(replace(done, asked_at=tuple(one.at for one in _ordered(done))), WEEK, Z, LATER)
    on_ten = (found.sse, found.pes, found.ie, found.crr, found.fc, found.speed_10, found.efficiency_10, found.prism)
    assert all(value is None or 0 <= value <= 10.000001 for value in on_ten)
    assert found.skill is None or 0 <= found.skill <= 100.000001
    shares = (found.qr, found.rlr, found.first_try_rate, found.rework_rate)
    assert all(value is None or 0 <= value <= 1 for value in shares)
    assert 0 <= found.active_hours <= 7 * 24
    assert isinstance(found.rounded, Composite)


def _ordered(done: Work) -> tuple[Asked, ...]:
    return tuple(sorted(done.trail.asked, key=lambda one: one.at))


def test_figures_are_rounded_half_up_and_last() -> None:
    one = replace(NOBODY, skill=70.25, sse=7.125, tokens_per_hour=1_234.5, pause_seconds=None, rubric=FULL)
    found = one.rounded
    assert (found.skill, found.sse, found.tokens_per_hour, found.pause_seconds) == (70.3, 7.13, 1_235, None)
    assert found.rubric == FULL
