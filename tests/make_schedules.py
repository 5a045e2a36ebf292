"""Schedules of reports, made in one line."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.languages import Language
from domain.report_schedules import ReportSchedule, ScheduleId
from domain.scores.windows import WindowKind
from domain.values import OrgId, UserId


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_schedule(**changes: object) -> ReportSchedule:
    """A daily one at six, made on a Monday at nine."""
    schedule = ReportSchedule(
        id=ScheduleId(uuid4()),
        org_id=OrgId(UUID(int=1)),
        user_id=UserId(UUID(int=2)),
        period=WindowKind.DAILY,
        hour=6,
        time_zone="UTC",
        follows_developer=True,
        language=Language.EN,
        scope="scheduled",
        hook=None,
        done=(),
        next_at=at("2026-03-03 06:00"),
        last_report_id=None,
        created_by=UserId(UUID(int=2)),
        created_at=at("2026-03-02 09:00"),
    )
    return replace(schedule, **changes)
