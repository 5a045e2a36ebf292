"""Schedules of reports: at which hour one is due, and which calendar unit it is of.

A run comes at an hour of the day with which the next unit begins: never of a day, week or month that goes on. Units are
known by their first date, which stays what it is when a developer moves to another time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import Fault, Invalid, NotFound
from domain.languages import Language
from domain.reports.records import PeriodName, ReportId, ReportKind, ReportPeriod, scope_named
from domain.scores.windows import Window, WindowKind, window_containing, zone_named
from domain.values import OrgId, UserId
from domain.webhooks import Hook
from domain.webhooks import checked as checked_hook

ScheduleId = NewType("ScheduleId", UUID)

USUAL_HOUR = 6
"""At night's end sessions of the day before have settled, and nobody has begun to read."""
USUAL_SCOPE = "scheduled"
MOST = 10
"""So many schedules a developer may have, and the organisation besides."""
KEPT = 40
"""So many units are remembered as written: more than clocks are ever set back by."""

FARTHEST: Mapping[WindowKind, timedelta] = {
    WindowKind.DAILY: timedelta(days=3),
    WindowKind.WEEKLY: timedelta(days=9),
    WindowKind.MONTHLY: timedelta(days=33),
}
"""No run lies farther ahead: one that seems to was set by a clock that was wrong."""


class ScheduleErrorCode(StrEnum):
    """Why a schedule is not made, or not cancelled."""

    BAD_KIND = "bad_kind"
    BAD_PERIOD = "bad_period"
    BAD_HOUR = "bad_hour"
    BAD_SCOPE = "bad_scope"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    BAD_WEBHOOK = "bad_webhook"
    TOO_MANY = "too_many"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class ScheduleWish:
    """What somebody wants regularly: V3 is of themselves, V21 of the organisation. Without `time_zone` it is that of
    the developer, of themselves also where it becomes another one; without `language` it is the organisation's."""

    kind: ReportKind = ReportKind.V3
    period: PeriodName = PeriodName.WEEKLY
    hour: int = USUAL_HOUR
    time_zone: str | None = None
    language: Language | None = None
    scope: str = USUAL_SCOPE
    hook: Hook | None = None


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    """A report that is written again and again: of a developer or, with `user_id` None, of the organisation.

    `time_zone` is an IANA name, and with `follows_developer` whatever is theirs. `done` holds the first dates of the
    newest units that were written, oldest first; `next_at` is when the next one is due.
    """

    id: ScheduleId
    org_id: OrgId
    user_id: UserId | None
    period: WindowKind
    hour: int
    time_zone: str
    follows_developer: bool
    language: Language
    scope: str
    hook: Hook | None
    done: tuple[date, ...]
    next_at: datetime
    last_report_id: ReportId | None
    created_by: UserId
    created_at: datetime

    @property
    def kind(self) -> ReportKind:
        return ReportKind.V21 if self.user_id is None else ReportKind.V3


class Run(NamedTuple):
    """When a report is due, and of what."""

    at: datetime
    of: ReportPeriod


class Step(NamedTuple):
    """What becomes of a schedule at a moment: what to write now, if anything, and how it stands then."""

    of: ReportPeriod | None
    done: tuple[date, ...]
    next_at: datetime


def next_run(after: datetime, kind: WindowKind, hour: int, zone: ZoneInfo) -> Run:
    """The first run later than `after`. Where an hour comes twice it is at the first; where clocks skip one it is as
    long after midnight as on other days."""
    window = window_containing(kind, after, zone).previous()
    while (run := _run(window, hour)).at <= after:
        window = window_containing(kind, window.end, zone)
    return run


def latest_run(now: datetime, kind: WindowKind, hour: int, zone: ZoneInfo) -> Run:
    """The last run that is not later than `now`."""
    window = window_containing(kind, now, zone).previous()
    while (run := _run(window, hour)).at > now:
        window = window.previous()
    return run


def _run(window: Window, hour: int) -> Run:
    day = window.end.astimezone(window.zone).date()  # where a zone skipped a date, the one after it
    at = datetime.combine(day, time(hour), window.zone).astimezone(UTC)
    return Run(max(at, window.end), ReportPeriod(PeriodName(window.kind), window.start, window.end, window.zone))


def step(schedule: ReportSchedule, now: datetime) -> Step:
    """After an outage only the newest unit is written of; none is written of twice, whatever a clock does."""
    zone = zone_of(schedule.time_zone)
    next_at = next_run(now, schedule.period, schedule.hour, zone).at
    if schedule.next_at > now:
        return Step(None, schedule.done, min(schedule.next_at, next_at))
    run = latest_run(now, schedule.period, schedule.hour, zone)
    first = run.of.start.astimezone(zone).date()
    if run.at <= schedule.created_at or first in schedule.done:
        return Step(None, schedule.done, next_at)
    return Step(run.of, tuple(sorted({*schedule.done, first})[-KEPT:]), next_at)


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name, or UTC where a server knows it no more: one schedule must not hold up the others."""
    try:
        return zone_named(name)
    except Invalid:
        return ZoneInfo("UTC")


def checked(wish: ScheduleWish) -> None:
    """Raises Invalid with a fault for whatever cannot be."""
    faults = tuple(fault for check in _CHECKS if (fault := check(wish)) is not None)
    if faults:
        raise Invalid(faults[0].message, faults=faults)


def _kind_fault(wish: ScheduleWish) -> Fault | None:
    if wish.kind is not ReportKind.MEDIA:
        return None
    return Fault(ScheduleErrorCode.BAD_KIND, "reports of media are not made regularly", ("kind",))


def _period_fault(wish: ScheduleWish) -> Fault | None:
    if wish.period is not PeriodName.CUSTOM:
        return None
    return Fault(ScheduleErrorCode.BAD_PERIOD, "only days, weeks and months end regularly", ("period",))


def _hour_fault(wish: ScheduleWish) -> Fault | None:
    if 0 <= wish.hour <= 23:
        return None
    return Fault(ScheduleErrorCode.BAD_HOUR, "hour must lie between 0 and 23", ("hour",))


def _scope_fault(wish: ScheduleWish) -> Fault | None:
    try:
        scope_named(wish.scope)
    except Invalid as error:
        return Fault(ScheduleErrorCode.BAD_SCOPE, str(error), ("scope",))
    return None


def _zone_fault(wish: ScheduleWish) -> Fault | None:
    try:
        if wish.time_zone is not None:
            zone_named(wish.time_zone)
    except Invalid as error:
        return Fault(ScheduleErrorCode.UNKNOWN_TIME_ZONE, str(error), ("timeZone",))
    return None


def _hook_fault(wish: ScheduleWish) -> Fault | None:
    try:
        if wish.hook is not None:
            checked_hook(wish.hook)
    except Invalid as error:
        return Fault(ScheduleErrorCode.BAD_WEBHOOK, str(error), ("webhook",))
    return None


_CHECKS = (_kind_fault, _period_fault, _hour_fault, _scope_fault, _zone_fault, _hook_fault)


def too_many() -> Invalid:
    message = f"there are {MOST} schedules already: cancel one first"
    return Invalid(message, faults=(Fault(ScheduleErrorCode.TOO_MANY, message),))


def no_such_schedule() -> NotFound:
    message = "no such schedule"
    return NotFound(message, Fault(ScheduleErrorCode.NOT_FOUND, message, ("id",)))
