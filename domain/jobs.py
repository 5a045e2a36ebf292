"""Background jobs: what is to be done, for whom, and how the queue stands."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from domain.values import OrgId, UserId


class JobKind(StrEnum):
    """What a job does. `key` of a job says to what: the id of a session or a report, or nothing where it is the whole
    organisation."""

    DERIVE_SESSION = "derive_session"
    FLAG_OUTLIERS = "flag_outliers"
    FOLLOW_BACKFILLS = "follow_backfills"
    ERASE = "erase"
    EXPIRE_SESSIONS = "expire_sessions"
    END_TIMED = "end_timed"
    DELIVER_WEBHOOK = "deliver_webhook"
    FORGET_WEBHOOKS = "forget_webhooks"
    WRITE_REPORT = "write_report"
    RUN_SCHEDULES = "run_schedules"
    CHECK_ALERTS = "check_alerts"
    READ_UPLOAD = "read_upload"
    RUN_INSIGHT = "run_insight"
    COPY_INSIGHTS = "copy_insights"


class JobState(StrEnum):
    """`idle` -> `queued` -> `running` -> `idle`, or back to `queued`, or after the last try `failed`."""

    IDLE = "idle"
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"


class Lane(IntEnum):
    """Which due job goes first: LIVE ones, for which people wait, before those that go over old work again.

    A job that is asked for in both ways is live. What is SENT waits for servers elsewhere, what is ASKED for long
    statements of the database: neither holds up the others.
    """

    LIVE = 0
    BACKGROUND = 1
    SENT = 2
    ASKED = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. `token` is this claim's fence: a later claim of the same job has a higher one.

    `revision` counts the changes that asked for it, as of the claim; `attempt` is 1 for the first try.
    """

    org_id: OrgId
    kind: JobKind
    key: str
    user_id: UserId | None
    revision: int
    token: int
    attempt: int


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """The queue at one moment, over all organisations. `scheduled` jobs wait for their time; `oldest_due_s` is how
    many seconds the longest waiting due job has waited, 0.0 without one."""

    due: int = 0
    scheduled: int = 0
    running: int = 0
    failed: int = 0
    oldest_due_s: float = 0.0


class LeaseLost(Exception):
    """The job was given to somebody else meanwhile; whatever was computed for it must not be stored."""


class Overtaken(Exception):
    """Whatever was computed, others stored something newer first, several times in a row: try again later."""
