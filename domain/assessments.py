"""Assessments: the tasks that candidates are given (domain reference, section 16.5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.errors import Fault, Invalid, NotFound
from domain.ingest.clean import storable
from domain.values import AssessmentId, OrgId

DEFAULT_DAYS = 7
MOST_DAYS = 365
MOST_MINUTES = 30 * 24 * 60
MOST_USD = 1000
_LINE_CHARS = 200
_URL_CHARS = 2_000
_BRIEF_CHARS = 20_000


class AllowedTool(StrEnum):
    """The agents that a candidate may work with."""

    CLAUDE = "claude"
    CODEX = "codex"
    CURSOR = "cursor"


class AssessmentErrorCode(StrEnum):
    """Why an assessment is not made or not deleted."""

    BLANK = "blank"
    TOO_LONG = "too_long"
    NOT_PRINTABLE = "not_printable"
    OUT_OF_RANGE = "out_of_range"
    EMPTY = "empty"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Task:
    """What an assessment asks of a candidate; only the title must be told.

    `time_limit_minutes` and `token_budget_usd` are None where there is no limit. Keys for it are good for
    `expires_in_days`.
    """

    title: str
    role: str | None = None
    task_brief: str | None = None
    repo_url: str | None = None
    issue_id: str | None = None
    time_limit_minutes: int | None = None
    token_budget_usd: Decimal | None = None
    allowed_tools: tuple[AllowedTool, ...] = tuple(AllowedTool)
    expires_in_days: int = DEFAULT_DAYS


@dataclass(frozen=True, slots=True)
class Assessment:
    """A stored task. A deleted one stays for the sessions that were done for it, and is shown no more."""

    id: AssessmentId
    org_id: OrgId
    task: Task
    created_at: datetime
    deleted_at: datetime | None = None

    def keys_expire_at(self, now: datetime) -> datetime:
        """When a key that is made now runs out."""
        return now + timedelta(days=self.task.expires_in_days)


def checked(task: Task) -> Task:
    """The task as it is stored: trimmed, of each tool one. Raises Invalid with a fault for each field that is wrong."""
    task = replace(
        task,
        title=task.title.strip(),
        role=_trimmed(task.role),
        task_brief=None if task.task_brief is None else _trimmed(str(storable(task.task_brief))),
        repo_url=_trimmed(task.repo_url),
        issue_id=_trimmed(task.issue_id),
        allowed_tools=tuple(dict.fromkeys(task.allowed_tools)),
    )
    if faults := tuple(_faults(task)):
        raise Invalid(faults[0].message, tuple(fault.message for fault in faults), faults)
    return task


def _trimmed(text: str | None) -> str | None:
    """None for what is blank."""
    return None if text is None else text.strip() or None


def _faults(task: Task) -> Iterator[Fault]:
    if not task.title:
        yield _fault(AssessmentErrorCode.BLANK, "a title must not be empty", "title")
    yield from _line("title", task.title, _LINE_CHARS)
    yield from _line("role", task.role, _LINE_CHARS)
    yield from _line("repoUrl", task.repo_url, _URL_CHARS)
    yield from _line("issueId", task.issue_id, _LINE_CHARS)
    yield from _length("taskBrief", task.task_brief, _BRIEF_CHARS)
    yield from _range("timeLimitMinutes", task.time_limit_minutes, 1, MOST_MINUTES)
    yield from _range("tokenBudgetUsd", task.token_budget_usd, 0, MOST_USD)
    yield from _range("expiresInDays", task.expires_in_days, 1, MOST_DAYS)
    if not task.allowed_tools:
        yield _fault(AssessmentErrorCode.EMPTY, "at least one tool must be allowed", "allowedTools")


def _line(name: str, text: str | None, limit: int) -> Iterator[Fault]:
    if text is not None and not text.isprintable():
        yield _fault(AssessmentErrorCode.NOT_PRINTABLE, f"{name} must be one line of printable characters", name)
    yield from _length(name, text, limit)


def _length(name: str, text: str | None, limit: int) -> Iterator[Fault]:
    if text is not None and len(text) > limit:
        message = f"{name} must have at most {limit} characters, not {len(text)}"
        yield _fault(AssessmentErrorCode.TOO_LONG, message, name)


def _range(name: str, value: int | Decimal | None, least: int, most: int) -> Iterator[Fault]:
    if value is not None and not least <= value <= most:
        yield _fault(AssessmentErrorCode.OUT_OF_RANGE, f"{name} must lie between {least} and {most}", name)


def _fault(code: AssessmentErrorCode, message: str, field: str) -> Fault:
    return Fault(code, message, (field,))


def no_such_assessment() -> NotFound:
    """It is not there, is deleted, or is another organisation's: nobody can tell which."""
    message = "no such assessment"
    return NotFound(message, _fault(AssessmentErrorCode.NOT_FOUND, message, "id"))
