"""When scheduled reports are due and of what, wherever clocks are changed and whatever becomes of the server's own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.languages import Language
from domain.report_schedules import (
    FARTHEST,
    KEPT,
    ReportSchedule,
    ScheduleErrorCode,
    ScheduleWish,
    checked,
    latest_run,
    next_run,
    step,
)
from domain.reports.records import LONGEST_SCOPE, PeriodName, ReportKind
from domain.scores.windows import WindowKind
from domain.webhooks import Hook
from tests.make_schedules import at, make_schedule

DAY, WEEK, MONTH = WindowKind.DAILY, WindowKind.WEEKLY, WindowKind.MONTHLY


def shown(*moments: datetime) -> tuple[str, ...]:
    return tuple(moment.strftime("%Y-%m-%d %H:%M") for moment in moments)


@pytest.mark.parametrize(
    ("kind", "hour", "zone", "after", "due", "start", "end"),
    [
        # Of the unit that has ended, at an hour of the day after it.
        (DAY, 6, "UTC", "2026-03-04 05:59", "2026-03-04 06:00", "2026-03-03 00:00", "2026-03-04 00:00"),
        (DAY, 6, "UTC", "2026-03-04 06:00", "2026-03-05 06:00", "2026-03-04 00:00", "2026-03-05 00:00"),
        (DAY, 0, "UTC", "2026-03-04 12:00", "2026-03-05 00:00", "2026-03-04 00:00", "2026-03-05 00:00"),
        (DAY, 23, "UTC", "2026-03-04 12:00", "2026-03-04 23:00", "2026-03-03 00:00", "2026-03-04 00:00"),
        (WEEK, 6, "UTC", "2026-03-02 05:00", "2026-03-02 06:00", "2026-02-23 00:00", "2026-03-02 00:00"),
        (WEEK, 6, "UTC", "2026-03-02 07:00", "2026-03-09 06:00", "2026-03-02 00:00", "2026-03-09 00:00"),
        (WEEK, 6, "Asia/Tokyo", "2026-03-01 20:59", "2026-03-01 21:00", "2026-02-22 15:00", "2026-03-01 15:00"),
        (MONTH, 6, "UTC", "2026-12-31 23:00", "2027-01-01 06:00", "2026-12-01 00:00", "2027-01-01 00:00"),
        (MONTH, 6, "Pacific/Auckland", "2026-02-02 00:00", "2026-02-28 17:00", "2026-01-31 11:00", "2026-02-28 11:00"),
        # Clocks change: the local hour stays.
        (DAY, 6, "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 04:00", "2026-03-27 23:00", "2026-03-28 23:00"),
        (DAY, 6, "Europe/Berlin", "2026-03-29 12:00", "2026-03-30 04:00", "2026-03-28 23:00", "2026-03-29 22:00"),
        (DAY, 6, "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 05:00", "2026-10-23 22:00", "2026-10-24 22:00"),
        # 02:00 is skipped, and comes twice.
        (DAY, 2, "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:00", "2026-03-27 23:00", "2026-03-28 23:00"),
        (DAY, 2, "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:00", "2026-10-23 22:00", "2026-10-24 22:00"),
        (DAY, 2, "Europe/Berlin", "2026-10-25 00:30", "2026-10-26 01:00", "2026-10-24 22:00", "2026-10-25 23:00"),
        # Midnight is skipped, and comes twice.
        (DAY, 0, "Africa/Cairo", "2026-04-23 12:00", "2026-04-23 22:00", "2026-04-22 22:00", "2026-04-23 22:00"),
        (DAY, 0, "America/Havana", "2026-10-31 12:00", "2026-11-01 04:00", "2026-10-31 04:00", "2026-11-01 04:00"),
        # A whole date is skipped.
        (DAY, 6, "Pacific/Apia", "2011-12-29 17:00", "2011-12-30 16:00", "2011-12-29 10:00", "2011-12-30 10:00"),
        (DAY, 23, "Pacific/Apia", "2011-12-30 08:00", "2011-12-30 09:00", "2011-12-28 10:00", "2011-12-29 10:00"),
    ],
)
def test_a_run_is_at_a_local_hour_after_its_unit(
    kind: WindowKind, hour: int, zone: str, after: str, due: str, start: str, end: str
) -> None:
    run = next_run(at(after), kind, hour, ZoneInfo(zone))
    assert shown(run.at, run.of.start, run.of.end) == (due, start, end)
    assert latest_run(run.at, kind, hour, ZoneInfo(zone)) == run


@given(
    kind=st.sampled_from(WindowKind),
    hour=st.integers(0, 23),
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    now=st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_runs_follow_each_other_without_a_gap(kind: WindowKind, hour: int, zone: ZoneInfo, now: datetime) -> None:
    before, coming = latest_run(now, kind, hour, zone), next_run(now, kind, hour, zone)
    assert before.at <= now < coming.at <= now + FARTHEST[kind]
    assert before.of.end == coming.of.start
    assert coming.at >= coming.of.end
    assert next_run(before.at, kind, hour, zone) == coming


def moved(schedule: ReportSchedule, *moments: str) -> tuple[ReportSchedule, list[str]]:
    """As it stands after it was looked at at these moments, and the days that were written of."""
    written: list[str] = []
    for moment in moments:
        of, done, next_at = step(schedule, at(moment))
        schedule = replace(schedule, done=done, next_at=next_at)
        written += [] if of is None else [f"{of.start:%m-%d}"]
    return schedule, written


@pytest.mark.parametrize(
    ("moments", "written"),
    [
        (["2026-03-03 05:59"], []),
        (["2026-03-03 06:00", "2026-03-03 06:00", "2026-03-03 22:00", "2026-03-04 06:01"], ["03-02", "03-03"]),
        # An outage of a week.
        (["2026-03-03 06:00", "2026-03-10 08:00", "2026-03-11 06:00"], ["03-02", "03-09", "03-10"]),
        # A clock that jumps ahead and comes back: what was written ahead is not written again.
        (
            ["2026-03-03 06:00", "2026-03-05 07:00", "2026-03-03 07:00", "2026-03-04 06:00", "2026-03-05 06:00"],
            ["03-02", "03-04", "03-03"],
        ),
        # One that falls back behind the first run, and behind the making.
        (["2026-03-03 06:00", "2026-02-27 12:00", "2026-02-28 07:00", "2026-03-03 06:30"], ["03-02"]),
    ],
)
def test_each_unit_is_written_of_once(moments: list[str], written: list[str]) -> None:
    assert moved(make_schedule(), *moments)[1] == written


def test_a_wrong_clock_leaves_no_silence_behind() -> None:
    ahead, _ = moved(make_schedule(), "2036-03-03 06:00")
    assert ahead.next_at == at("2036-03-04 06:00")
    assert moved(ahead, "2026-03-03 07:00")[0].next_at == at("2026-03-04 06:00")


def test_who_moves_to_another_zone_gets_no_unit_twice() -> None:
    schedule = make_schedule(period=WEEK, time_zone="Europe/Berlin", next_at=at("2026-03-09 05:00"))
    schedule, written = moved(schedule, "2026-03-09 05:00")
    assert written == ["03-01"]  # 2 March in Berlin
    schedule, written = moved(replace(schedule, time_zone="America/New_York"), "2026-03-16 05:00", "2026-03-16 10:00")
    assert written == ["03-09"]
    schedule, written = moved(replace(schedule, time_zone="Asia/Tokyo"), "2026-03-22 21:00", "2026-03-23 10:00")
    assert written == ["03-15"]  # 16 March in Tokyo
    assert schedule.next_at == at("2026-03-29 21:00")


def test_what_ended_before_the_making_is_not_written_of() -> None:
    """Even where the zone changes before the first run."""
    schedule = make_schedule(period=WEEK, time_zone="America/New_York", next_at=at("2026-03-09 05:00"))
    assert moved(replace(schedule, created_at=at("2026-03-02 12:00")), "2026-03-09 05:00")[1] == []


def test_a_zone_that_is_known_no_more_is_utc() -> None:
    assert moved(make_schedule(time_zone="Mars/Olympus"), "2026-03-03 06:00")[1] == ["03-02"]


def test_only_the_newest_units_are_remembered() -> None:
    days = [at("2026-03-02 06:00") + timedelta(days=n) for n in range(1, KEPT + 9)]
    schedule, written = moved(make_schedule(), *(f"{day:%Y-%m-%d %H:%M}" for day in days))
    assert len(written) == len(days)
    assert len(schedule.done) == KEPT
    assert schedule.done[-1] == date(2026, 3, 2) + timedelta(days=len(days) - 1)


def test_what_is_made_of_whom() -> None:
    assert make_schedule().kind is ReportKind.V3
    assert make_schedule(user_id=None).kind is ReportKind.V21


def test_a_good_wish_passes() -> None:
    checked(ScheduleWish())
    hook = Hook("https://example.org/hook", {"x-team": "a"})
    checked(ScheduleWish(ReportKind.V21, PeriodName.MONTHLY, 0, "Asia/Tokyo", Language.JA, "x" * LONGEST_SCOPE, hook))


@pytest.mark.parametrize(
    ("wish", "codes"),
    [
        (ScheduleWish(kind=ReportKind.MEDIA), ["bad_kind"]),
        (ScheduleWish(period=PeriodName.CUSTOM), ["bad_period"]),
        (ScheduleWish(hour=24), ["bad_hour"]),
        (ScheduleWish(hour=-1), ["bad_hour"]),
        (ScheduleWish(scope=" "), ["bad_scope"]),
        (ScheduleWish(scope="x" * (LONGEST_SCOPE + 1)), ["bad_scope"]),
        (ScheduleWish(scope="a\x00b"), ["bad_scope"]),
        (ScheduleWish(scope="\x01"), ["bad_scope"]),
        (ScheduleWish(time_zone="Mars/Olympus"), ["unknown_time_zone"]),
        (ScheduleWish(time_zone=""), ["unknown_time_zone"]),
        (ScheduleWish(hook=Hook("ftp://example.org")), ["bad_webhook"]),
        (ScheduleWish(hook=Hook("https://example.org", {"webhook-id": "x"})), ["bad_webhook"]),
        (ScheduleWish(hour=99, scope="", time_zone="x", hook=Hook("")), [
            "bad_hour", "bad_scope", "unknown_time_zone", "bad_webhook",
        ]),
    ],
)  # fmt: skip
def test_a_wish_is_refused_with_all_that_stands_against_it(wish: ScheduleWish, codes: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        checked(wish)
    assert [fault.code for fault in refused.value.faults] == [ScheduleErrorCode(code) for code in codes]
