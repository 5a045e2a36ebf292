"""The records of reports: what was asked for, how far it is, and how it ended (domain reference, section 17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import Fault, Invalid, NotFound
from domain.judging.text import one_line
from domain.languages import Language
from domain.reports.document import Document
from domain.scores.windows import WindowKind, window_containing
from domain.values import JsonObject, OrgId, SessionId, UserId

ReportId = NewType("ReportId", UUID)
"""Also names the job that makes the report: one row is both."""


def job_name(id: ReportId) -> str:
    """The job that makes a report, as the REST routes of media and webhooks name it."""
    return f"job_{id.hex}"


def report_name(id: ReportId) -> str:
    """A finished report, as they name it."""
    return f"report_{id.hex}"


LONGEST = timedelta(days=366 * 2)
"""A report of more than two years would read more than it could say."""
LONGEST_SCOPE = 64
"""So many characters a tag has at most."""
_YEARS = range(2, 9999)
"""PostgreSQL's drivers read the first moment of all and the last one as no time at all."""


class ReportKind(StrEnum):
    """Which data a report is made of: those of an organisation under v2.1, of a developer under v3.0, of one medium."""

    V21 = "v2.1"
    V3 = "v3.0"
    MEDIA = "media"


class ReportStatus(StrEnum):
    """`pending` -> `running` -> `completed` | `failed` | `cancelled`; the last three are for good."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self not in IN_PROGRESS


IN_PROGRESS = frozenset((ReportStatus.PENDING, ReportStatus.RUNNING))


class Stage(StrEnum):
    """What a report's job is at, in this order."""

    QUEUED = "queued"
    EXTRACTING = "extracting"
    SCORING = "scoring"
    RENDERING = "rendering"
    FINALIZING = "finalizing"


class ReportErrorCode(StrEnum):
    """What can be wrong with a wish for a report."""

    BAD_PERIOD = "bad_period"
    BAD_SCOPE = "bad_scope"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    BAD_KIND = "bad_kind"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


class PeriodName(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """[start, end), both in UTC, as days of `zone` where it is a calendar unit."""

    name: PeriodName
    start: datetime
    end: datetime
    zone: ZoneInfo

    def previous(self) -> "ReportPeriod":
        """What it is compared with: the calendar unit before, or the stretch of the same length before."""
        if self.name is PeriodName.CUSTOM:
            return ReportPeriod(self.name, self.start - (self.end - self.start), self.start, self.zone)
        before = window_containing(WindowKind(self.name), self.start, self.zone).previous()
        return ReportPeriod(self.name, before.start, before.end, self.zone)


def period(start: datetime, end: datetime, zone: ZoneInfo) -> ReportPeriod:
    """The stretch [start, end), by its name if it is exactly a day, week or month of `zone`.

    Raises Invalid unless start < end, for more than two years and for years close to 1 or 9999.
    """
    if start >= end:
        raise bad_period("from must lie before to")
    if end - start > LONGEST:
        raise bad_period("a report is of two years at most")
    if start.year not in _YEARS or end.year not in _YEARS:
        raise beyond_calendar()
    try:
        return ReportPeriod(_name(start, end, zone), start, end, zone)
    except OverflowError:
        raise beyond_calendar() from None


def beyond_calendar() -> Invalid:
    return bad_period("from and to must lie in the years 2 to 9998")


def bad_period(message: str) -> Invalid:
    return refused(ReportErrorCode.BAD_PERIOD, message, "within")


def refused(code: ReportErrorCode, message: str, field: str) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, (field,)),))


def scope_named(text: str) -> str:
    """Raises Invalid for a tag that is blank or too long; it is kept as it is but for blanks around it."""
    scope = text.strip()
    if not one_line(scope) or len(scope) > LONGEST_SCOPE or "\x00" in scope:
        message = f"scope must have 1 to {LONGEST_SCOPE} characters"
        raise refused(ReportErrorCode.BAD_SCOPE, message, "scope")
    return scope


def no_such_report() -> NotFound:
    message = "Report not found"
    return NotFound(message, Fault(ReportErrorCode.NOT_FOUND, message, ("id",)))


def _name(start: datetime, end: datetime, zone: ZoneInfo) -> PeriodName:
    for kind in WindowKind:
        window = window_containing(kind, start, zone)
        if (window.start, window.end) == (start, end):
            return PeriodName(kind)
    return PeriodName.CUSTOM


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no report: `code` for programs, `message` for people; neither quotes what was captured."""

    code: str
    message: str
    retryable: bool = False


class ReportFailed(Exception):
    """Raised by a writer: there is no report of this, however often it is tried."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(code, message)


class Cancelled(Exception):
    """The report was cancelled, deleted or given up while it was being written."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report and the job that makes it. `start` and `end` are None for one of a medium.

    `user_id` is the developer it is about or, of an organisation's or a medium's, who asked for it; None: a schedule.
    `request` holds what a report of a medium was asked with. `progress` is in [0, 1] and never falls.
    """

    org_id: OrgId
    id: ReportId
    kind: ReportKind
    user_id: UserId | None
    scope: str
    period: PeriodName
    start: datetime | None
    end: datetime | None
    time_zone: str
    language: Language
    status: ReportStatus
    stage: Stage
    progress: float
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    failure: Failure | None
    request: JsonObject
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A finished report: `payload` is its body on the wire without ids and links, `document` what a person reads.

    `sessions` are those that it names or quotes: it goes when one of them is erased.
    """

    payload: JsonObject
    document: Document
    sessions: frozenset[SessionId] = frozenset()


@dataclass(frozen=True, slots=True)
class ReportChange:
    """How a report stood after one of its changes; `seq` counts them from 1, without gaps."""

    report_id: ReportId
    seq: int
    status: ReportStatus
    stage: Stage
    progress: float
    at: datetime

    @property
    def cursor(self) -> str:
        """Where whoever has seen this change goes on."""
        return f"{self.report_id.hex}.{self.seq}"


def seen(cursor: str, id: ReportId) -> int:
    """The number of the change that a cursor of this report stands for. Raises Invalid for any other text."""
    of, _, seq = cursor.partition(".")
    if of != id.hex or not (seq.isascii() and seq.isdigit() and len(seq) <= 15):
        raise Invalid("this cursor was not made for what is followed here")
    return int(seq)
