"""What a session is compared by with others of its assessment (domain reference, section 16.4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.cohorts import CohortInputs
from domain.judging.commands import is_check, line_of
from domain.judging.edits import FILE_KINDS
from domain.judging.totals import SHARE_BY_AI
from domain.timeline import Event, Kind

_MILLISECOND = timedelta(milliseconds=1)


def cohort_inputs(events: Sequence[Event], started_at: datetime | None, ended_at: datetime | None) -> CohortInputs:
    """Over the events of a session that count, by time. Without an end that was told, `ended_at` is its last activity.

    Prompts of sub-agents are not the candidate's.
    """
    changes = [event for event in events if event.kind in FILE_KINDS]
    first_change_at = min((event.ts for event in changes), default=None)
    return CohortInputs(
        duration_ms=_milliseconds(started_at, ended_at),
        prompt_count=sum(event.kind is Kind.PROMPT and event.agent_id is None for event in events),
        command_fail_rate=_command_fail_rate(events),
        verify_intensity=_checks(events) / len(changes) if changes else 0.0,
        manual_edit_ratio=_manual_edit_ratio(changes),
        first_change_latency_ms=_milliseconds(started_at, first_change_at),
        tests_passed=_tests_passed(events),
    )


def _milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    """0 for an end that was told to lie before the start."""
    return None if start is None or end is None else max(0, (end - start) // _MILLISECOND)


def _command_fail_rate(events: Sequence[Event]) -> float:
    codes = [event.exit_code for event in events if event.kind is Kind.COMMAND and event.exit_code is not None]
    return sum(code != 0 for code in codes) / len(codes) if codes else 0.0


def _checks(events: Sequence[Event]) -> int:
    """Runs of tests, linters, type checkers and builds. One call that is told as a command and as a run is one."""
    return len({event.call_id or str(event.id) for event in events if _is_check(event)})


def _is_check(event: Event) -> bool:
    if event.kind is Kind.COMMAND:
        return is_check(line_of(event))
    return event.kind in (Kind.TEST_RUN, Kind.BUILD_RUN)


def _manual_edit_ratio(changes: Sequence[Event]) -> float:
    """Each change of known origin counts once, however many lines it has."""
    by_ai = [share for event in changes if (share := SHARE_BY_AI.get(event.provenance.attribution)) is not None]
    return (2 * len(by_ai) - sum(by_ai)) / (2 * len(by_ai)) if by_ai else 0.0


def _tests_passed(events: Sequence[Event]) -> bool:
    """Whether the last run of tests had some that passed and none that failed."""
    last = next((event for event in reversed(events) if event.kind is Kind.TEST_RUN), None)
    return last is not None and _count(last, "passed") > 0 and _count(last, "failed") == 0


def _count(run: Event, name: str) -> int:
    """A run that names none had none."""
    value = run.data.get(name)
    return int(value) if isinstance(value, int | float) else 0
