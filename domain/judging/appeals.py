"""Appeals: the developer's word on the outcome of their own arc, which counts instead of the judge's.

The judge's word is kept beside it, so both can be shown and compared. Whatever else follows from the events (measures,
intent, grade, rework) stays: an arc that somebody says is done and that was reworked is still not crushed.

Of several appeals for fragments of one arc the last one counts: it was said with most in view. An arc that is cut in
two leaves its appeal to the part that keeps its id. While an arc is open, excluded or waits for its judge, an appeal
of it waits too.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from domain.errors import Fault, Invalid, NotFound
from domain.judging.arcs import Arc
from domain.judging.by_hand import AppealEdit
from domain.judging.records import Appeal, SubSession
from domain.judging.text import one_line
from domain.values import SubSessionId

REASON_CHARS = 1_000


class AppealErrorCode(StrEnum):
    """Why a verdict is not appealed."""

    BLANK = "blank"
    TOO_LONG = "too_long"
    NOT_JUDGED = "not_judged"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


def appealed(row: SubSession, arc: Arc, appeals: Mapping[SubSessionId, AppealEdit]) -> SubSession:
    """The judged arc with the word of its developer, if it has an outcome to appeal and they gave any."""
    given = [(appeals[part.id], part.id) for part in arc.fragments if part.id in appeals]
    own = [(one, id) for one, id in given if one.user_id == row.user_id]
    last = max(own, key=lambda one: (one[0].at, one[1]), default=None)
    judged = row.outcome.goal_complete
    if last is None or judged is None or not row.qualifying:
        return row
    said = last[0]
    appeal = Appeal(said.goal_complete, said.reason, said.at, judged)
    if said.goal_complete is judged:
        return replace(row, appeal=appeal)
    reached_at = row.ended_at if said.goal_complete else None
    outcome = replace(row.outcome, goal_complete=said.goal_complete, goal_completed_at=reached_at)
    return replace(row, appeal=appeal, outcome=outcome)


def clean_reason(reason: str) -> str:
    """A reason as a person typed it, folded to one line. Raises Invalid if it is empty or over 1,000 characters."""
    folded = one_line(reason)
    if not folded:
        raise _refused(AppealErrorCode.BLANK, "reason must not be empty")
    if len(folded) > REASON_CHARS:
        message = f"reason must have at most {REASON_CHARS} characters, not {len(folded)}"
        raise _refused(AppealErrorCode.TOO_LONG, message)
    return folded


def _refused(code: AppealErrorCode, message: str) -> Invalid:
    return Invalid(message, ("reason",), (Fault(code, message, ("reason",)),))


def not_judged() -> Invalid:
    """There is no verdict that could be appealed."""
    message = "this goal arc has no verdict: it is open, excluded or waits for its judge"
    return Invalid(message, faults=(Fault(AppealErrorCode.NOT_JUDGED, message, ("id",)),))


def nothing_to_appeal() -> NotFound:
    """The arc is not there, or not this caller's: the two must not be told apart."""
    message = "Sub-session not found"
    return NotFound(message, Fault(AppealErrorCode.NOT_FOUND, message, ("id",)))
