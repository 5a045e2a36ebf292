"""When a number is out of bounds, in which words, and when it is looked at."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid
from domain.insights.alert_times import SPREAD_S, Rhythm, next_check
from domain.insights.alert_wishes import AlertWish, ThresholdWish, check_alert, check_snooze, check_threshold
from domain.insights.alerts import (
    AlertCondition,
    AlertErrorCode,
    AlertInterval,
    AlertState,
    Bounds,
    Found,
    ThresholdId,
    ThresholdType,
    evaluate,
    webhook_type,
)
from domain.insights.watching import FunnelWatch, Reading, RetentionWatch, SqlWatch, StickinessWatch, TrendsWatch
from domain.values import UserId
from domain.webhooks import Hook

VALUE, ROSE, FELL = AlertCondition
ABSOLUTE, PERCENT = ThresholdType
FIRING, CALM, ERRORED, SNOOZED = AlertState

JUDGED: list[tuple[str, list[Reading], AlertCondition, ThresholdType, Bounds, str | None]] = [
    ("above", [Reading(412)], VALUE, ABSOLUTE, Bounds(upper=400), "412 is above 400"),
    ("below", [Reading(2.345)], VALUE, ABSOLUTE, Bounds(lower=2.5), "2.35 is below 2.5"),
    ("on the bound", [Reading(400)], VALUE, ABSOLUTE, Bounds(0, 400), None),
    ("nothing seen", [], VALUE, ABSOLUTE, Bounds(lower=1), None),
    ("the worst of several", [Reading(5, None, "x"), Reading(9, None, "y"), Reading(7, None, "z")], VALUE, ABSOLUTE,
     Bounds(upper=4), "y: 9 is above 4"),
    ("rose", [Reading(135, 100)], ROSE, PERCENT, Bounds(upper=20), "rose by 35 % from 100 to 135, more than 20 %"),
    ("rose too little", [Reading(101, 100)], ROSE, PERCENT, Bounds(lower=5),
     "rose by 1 % from 100 to 101, less than 5 %"),
    ("fell", [Reading(60, 100)], FELL, ABSOLUTE, Bounds(upper=30), "fell by 40 from 100 to 60, more than 30"),
    ("rose instead", [Reading(135, 100)], FELL, PERCENT, Bounds(upper=20), None),
    ("from nothing", [Reading(3, 0)], ROSE, PERCENT, Bounds(upper=500), "rose from 0 to 3, more than 500 %"),
    ("nothing before and after", [Reading(0, 0)], ROSE, PERCENT, Bounds(upper=5), None),
    ("from below zero", [Reading(-5, -10)], ROSE, PERCENT, Bounds(upper=40),
     "rose by 50 % from -10 to -5, more than 40 %"),
    ("nothing to compare with", [Reading(3)], ROSE, ABSOLUTE, Bounds(upper=0), None),
    ("huge", [Reading(1e300)], VALUE, ABSOLUTE, Bounds(upper=0), "1e+300 is above 0"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "condition", "type", "bounds", "reason"), [one[1:] for one in JUDGED],
                         ids=[one[0] for one in JUDGED])  # fmt: skip
def test_what_is_wrong_is_said_in_words(
    seen: list[Reading], condition: AlertCondition, type: ThresholdType, bounds: Bounds, reason: str | None
) -> None:
    found = evaluate(seen, condition, type, bounds)
    assert (found.reason, found.is_breach) == (reason, reason is not None)


def test_a_number_that_knows_nothing_of_before_is_compared_with_the_last_check() -> None:
    assert evaluate([Reading(6)], ROSE, ABSOLUTE, Bounds(upper=2), last=3.0) == Found(
        6, None, "rose by 3 from 3 to 6, more than 2"
    )
    several = [Reading(6, None, "x"), Reading(7, None, "y")]
    assert evaluate(several, ROSE, ABSOLUTE, Bounds(upper=2), last=3.0).reason is None


TOLD = [
    (CALM, FIRING, "alert.firing"), (FIRING, CALM, "alert.resolved"), (FIRING, ERRORED, "alert.errored"),
    (ERRORED, FIRING, "alert.firing"), (ERRORED, CALM, "alert.resolved"), (SNOOZED, FIRING, "alert.firing"),
    (SNOOZED, CALM, "alert.resolved"), (FIRING, FIRING, None), (CALM, CALM, None), (ERRORED, ERRORED, None),
    (FIRING, SNOOZED, None),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "type"), TOLD)
def test_receivers_are_told_of_changes_alone(before: AlertState, after: AlertState, type: str | None) -> None:
    assert webhook_type(before, after) == type


ZERO, LATE = UUID(int=0), UUID(int=SPREAD_S - 1)
HOURLY, DAILY, WEEKLY, MONTHLY = AlertInterval
NEXT = [
    ("2026-03-02 09:00", HOURLY, "UTC", False, "2026-03-02 10:00"),
    ("2026-03-02 08:59", HOURLY, "Asia/Kolkata", False, "2026-03-02 09:00"),
    ("2026-03-02 09:00", DAILY, "UTC", False, "2026-03-03 00:00"),
    ("2026-03-02 09:00", DAILY, "Europe/Berlin", False, "2026-03-02 23:00"),
    ("2026-03-28 22:59", DAILY, "Europe/Berlin", False, "2026-03-28 23:00"),
    ("2026-03-28 23:00", DAILY, "Europe/Berlin", False, "2026-03-29 22:00"),
    ("2026-03-02 09:00", WEEKLY, "UTC", False, "2026-03-09 00:00"),
    ("2026-03-02 09:00", MONTHLY, "UTC", False, "2026-04-01 00:00"),
    ("2026-03-06 09:00", DAILY, "UTC", True, "2026-03-09 00:00"),
    ("2026-03-06 23:30", HOURLY, "UTC", True, "2026-03-09 00:00"),
    ("2026-07-02 09:00", MONTHLY, "UTC", True, "2026-08-03 00:00"),
]  # fmt: skip


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("now", "interval", "zone", "skip", "at"), NEXT)
def test_the_next_check_comes_soon_after_its_unit_begins(
    now: str, interval: AlertInterval, zone: str, skip: bool, at: str
) -> None:
    rhythm = Rhythm(interval, ZoneInfo(zone), skip)
    assert next_check(_at(now), rhythm, ZERO) == _at(at)
    assert next_check(_at(at) - timedelta(seconds=1), rhythm, LATE) == _at(at) + timedelta(seconds=SPREAD_S - 1)


@pytest.mark.parametrize("interval", AlertInterval)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Africa/Cairo", "Pacific/Apia", "America/St_Johns"])
def test_checks_follow_each_other_once_in_each_unit(interval: AlertInterval, zone: str) -> None:
    rhythm, id = Rhythm(interval, ZoneInfo(zone)), uuid4()
    usual = {HOURLY: 1, DAILY: 24, WEEKLY: 168, MONTHLY: 730}[interval]
    at = _at("2011-12-28 07:11")
    for _ in range(40):
        later = next_check(at, rhythm, id)
        hours = (later - at) / timedelta(hours=1)
        assert 0 < hours <= usual + 26
        at = later


WATCHES = [TrendsWatch(series=-1), FunnelWatch(step=0), RetentionWatch(period=-1), StickinessWatch(intervals=0)]


def test_what_cannot_be_is_refused_with_its_place() -> None:
    def codes(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, tuple[str, ...] | None]]:
        return [(fault.code, fault.field) for fault in error.value.faults]

    for bounds in (Bounds(), Bounds(math.nan), Bounds(upper=math.inf), Bounds(2, 1)):
        with pytest.raises(Invalid) as caught:
            check_threshold(ThresholdWish("x", bounds=bounds))
        assert {code for code, _ in codes(caught)} == {AlertErrorCode.BAD_BOUNDS}
    for name in ("", " ", "x" * 401, "a\x00"):
        with pytest.raises(Invalid) as caught:
            check_threshold(ThresholdWish(name, bounds=Bounds(1)))
        assert codes(caught) == [(AlertErrorCode.BAD_NAME, ("name",))]
    good = AlertWish(ThresholdId(uuid4()), SqlWatch())
    check_alert(good, ABSOLUTE)
    many = tuple(UserId(uuid4()) for _ in range(51))
    bad = replace(good, name="", subscribers=many, hook=Hook("ftp://x"), watch=WATCHES[0])
    with pytest.raises(Invalid) as caught:
        check_alert(bad, PERCENT)
    assert [code for code, _ in codes(caught)] == [
        AlertErrorCode.BAD_NAME, AlertErrorCode.BAD_WATCH, AlertErrorCode.BAD_SUBSCRIBER, AlertErrorCode.BAD_WEBHOOK,
        AlertErrorCode.BAD_CONDITION,
    ]  # fmt: skip
    for watch in WATCHES:
        with pytest.raises(Invalid, match="no such numbers"):
            check_alert(replace(good, watch=watch), ABSOLUTE)
    now = _at("2026-03-02 09:00")
    check_snooze(None, now)
    check_snooze(now + timedelta(days=366), now)
    for until in (now, now + timedelta(days=367)):
        with pytest.raises(Invalid):
            check_snooze(until, now)
