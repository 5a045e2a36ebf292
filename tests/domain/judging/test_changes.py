"""Which live events tell of a change, and that none is told without one."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from domain.judging.changes import Change, changes, payload
from domain.judging.records import (
    Flag,
    FlagKind,
    JudgeStatus,
    Label,
    Measures,
    Rework,
    ReworkKind,
    State,
    SubSession,
    TitleSource,
)
from tests.make import arc_id, event_id, outcome, rubric, sub_session, time

OPEN = sub_session(state=State.OPEN, ended_at=None, close_reason=None, outcome=outcome(goal_complete=None))
SCORED = sub_session()
EXCLUDED = sub_session(state=State.EXCLUDED, rubric=rubric(judge_status=JudgeStatus.SKIPPED))
MERGED = sub_session(state=State.MERGED, merged_into_id=arc_id("first"), fragment_ids=())
REWORK = Rework(ReworkKind.REVERT, arc_id("later"), time(90))
REWORKED = replace(SCORED, rework=REWORK)
FLAG = Flag(event_id("flag"), FlagKind.TINY_PROMPT_BURST, SCORED.id, time(30), "info", "five tiny prompts")
RENAMED = Label("Round totals", None, TitleSource.USER_EDITED)
REJUDGED = Label("Round totals", None, TitleSource.RUBRIC)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (None, OPEN, [Change.OPENED]),
        (None, SCORED, [Change.OPENED, Change.SCORED]),
        (None, EXCLUDED, [Change.OPENED, Change.CLOSED]),
        (None, MERGED, [Change.OPENED, Change.MERGED]),
        (OPEN, OPEN, []),
        (OPEN, replace(OPEN, measures=Measures(turn_count=4)), [Change.UPDATED]),
        (OPEN, SCORED, [Change.SCORED]),
        (OPEN, EXCLUDED, [Change.CLOSED]),
        (SCORED, OPEN, [Change.UPDATED]),
        (SCORED, MERGED, [Change.MERGED]),
        (MERGED, SCORED, [Change.SCORED]),
        (SCORED, replace(SCORED, label=RENAMED), [Change.RELABELLED, Change.UPDATED]),
        (SCORED, replace(SCORED, label=REJUDGED), [Change.RELABELLED]),
        (SCORED, replace(SCORED, rework=REWORK), [Change.REWORKED]),
        (REWORKED, replace(REWORKED, rework=replace(REWORK, detected_at=time(95))), [Change.UPDATED]),
        (SCORED, replace(SCORED, flags=(FLAG,)), [Change.FLAGGED]),
        (SCORED, replace(SCORED, flags=(FLAG,), rework=REWORK), [Change.REWORKED, Change.FLAGGED]),
        (SCORED, replace(SCORED, label=RENAMED, ruleset_version="next"), [Change.RELABELLED, Change.UPDATED]),
        (OPEN, replace(SCORED, label=RENAMED), [Change.SCORED, Change.RELABELLED]),
    ],
)
def test_each_change_is_told_by_its_name(old: SubSession | None, new: SubSession, told: list[Change]) -> None:
    assert list(changes(old, new)) == told


def test_an_open_arc_with_a_grade_is_a_preview() -> None:
    told = payload(OPEN, Change.UPDATED)
    assert (told["is_preview"], told["letter_grade"], told["prompt_grade"]) == (True, "B", None)
    assert told["event"] == "prism.score_v3.sub_session.updated"


def test_a_settled_arc_carries_its_grade() -> None:
    told = payload(SCORED, Change.SCORED)
    assert (told["is_preview"], told["prompt_grade"], told["goal_complete"]) == (False, "B", True)


def test_times_are_in_utc_with_milliseconds() -> None:
    begun = datetime(2026, 3, 2, 9, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=2)))
    told = payload(replace(SCORED, started_at=begun), Change.SCORED)
    assert told["started_at"] == "2026-03-02T07:00:00.123Z"
    assert payload(OPEN, Change.UPDATED)["ended_at"] is None
