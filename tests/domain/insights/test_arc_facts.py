"""What insights count of a goal arc, as it stands."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.insights.arc_facts import HELD_AFTER, OF_ARCS, arc_facts
from domain.insights.catalogue import EVENTS
from domain.judging.records import (
    Appeal,
    Flag,
    FlagKind,
    Intent,
    JudgeStatus,
    Measures,
    Outcome,
    Rework,
    ReworkKind,
    State,
    SubSession,
    TriviaReason,
)
from domain.timeline import Tokens
from tests.domain.insights.test_facts import check_properties
from tests.make import START, arc_id, event_id, outcome, rubric, sub_session, time

REACHED = time(25)
"""When the goal of the made arc was reached."""
UNJUDGED = rubric(judge_status=JudgeStatus.SKIPPED, intent=None, confidence=None, letter_grade=None, grade_points=None)
NO_OUTCOME = Outcome(None, None, explicit_acceptance=False, goal_completed_at=None, rationale=None)


def reworked(after: timedelta) -> SubSession:
    return sub_session(rework=Rework(ReworkKind.REWRITE, arc_id("later"), REACHED + after))


def happened(arc: SubSession) -> dict[str, object]:
    return {one.event: one.ts for one in arc_facts(arc, "m")}


ENDED = {"arc_opened": START, "arc_closed": time(30), "arc_judged": time(30)}
DONE = {**ENDED, "arc_completed": REACHED}
LATE = HELD_AFTER + timedelta(seconds=1)
APPEAL = Appeal(goal_complete=True, reason="it works", at=time(99), judged_goal_complete=False)


@pytest.mark.parametrize(
    ("arc", "expected"),
    [
        (sub_session(), {**DONE, "arc_crushed": REACHED, "arc_held": REACHED + HELD_AFTER}),
        (
            sub_session(outcome=outcome(goal_completed_at=None)),
            {**DONE, "arc_completed": time(30), "arc_crushed": time(30), "arc_held": time(30) + HELD_AFTER},
        ),
        (sub_session(outcome=outcome(goal_complete=False)), ENDED),
        (reworked(timedelta(days=1)), {**DONE, "arc_reworked": REACHED + timedelta(days=1)}),
        (reworked(HELD_AFTER), {**DONE, "arc_reworked": REACHED + HELD_AFTER}),
        (reworked(LATE), {**DONE, "arc_reworked": REACHED + LATE, "arc_held": REACHED + HELD_AFTER}),
        (
            sub_session(state=State.OPEN, ended_at=None, close_reason=None, outcome=NO_OUTCOME),
            {"arc_opened": START},
        ),
        (
            sub_session(state=State.CLOSED, rubric=rubric(judge_status=JudgeStatus.PENDING), outcome=NO_OUTCOME),
            {"arc_opened": START, "arc_closed": time(30)},
        ),
        (
            sub_session(
                state=State.EXCLUDED, rubric=UNJUDGED, outcome=NO_OUTCOME, excluded_reason=TriviaReason.TOO_FEW_TURNS
            ),
            {"arc_opened": START, "arc_closed": time(30), "arc_excluded": time(30)},
        ),
        (sub_session(state=State.MERGED, merged_into_id=arc_id("head")), {}),
        (
            sub_session(appeal=APPEAL),
            {**DONE, "arc_crushed": REACHED, "arc_held": REACHED + HELD_AFTER, "arc_appealed": time(99)},
        ),
    ],
)
def test_what_happened_to_an_arc(arc: SubSession, expected: dict[str, object]) -> None:
    assert happened(arc) == expected


def test_each_flag_is_told() -> None:
    flags = tuple(
        Flag(event_id(kind), kind, arc_id("arc"), time(3), "info", "2 prompts") for kind in sorted(FlagKind)[:2]
    )
    told = [one for one in arc_facts(sub_session(flags=flags), None) if one.event == "integrity_flag"]
    assert [(one.properties["flag"], one.properties["severity"], one.ts) for one in told] == [
        (flag.kind, "info", time(3)) for flag in flags
    ]
    assert len({one.id for one in told}) == 2


def test_properties_of_a_crushed_arc() -> None:
    measures = Measures(3, 12, 14, 2, 2, 5, 1, Tokens(1, 2, 3, 4), Decimal("1.50"))
    told = arc_facts(sub_session(measures=measures), "m")
    assert {one.model for one in told} == {"m"}
    assert told[-1].properties == {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_tokens": 3,
        "cache_write_tokens": 4,
        "cost_usd": 1.5,
        "turn_count": 3,
        "net_loc": 12,
        "lines_added": 14,
        "lines_removed": 2,
        "mutating_tool_calls": 2,
        "read_only_tool_calls": 5,
        "tool_errors": 1,
        "file_count": 1,
        "duration_ms": 30 * 60_000,
        "intent": Intent.BUG_FIX,
        "letter_grade": "B",
        "grade_points": 75.0,
        "goal_complete": True,
        "completion_confidence": 0.85,
        "crushed": True,
        "time_to_crush_s": 25 * 60.0,
        "close_reason": "session_end",
    }


def test_an_open_arc_has_no_verdict_yet() -> None:
    [opened] = arc_facts(sub_session(state=State.OPEN, ended_at=None, outcome=NO_OUTCOME), None)
    assert opened.properties.keys() & {"intent", "letter_grade", "goal_complete"} == set()


def test_ids_follow_from_the_arc() -> None:
    first, again = arc_facts(sub_session(), "m"), arc_facts(reworked(LATE), "other")
    by_name = {one.event: one.id for one in again}
    assert {one.id for one in first if one.event in by_name} == {
        by_name[one.event] for one in first if one.event in by_name
    }
    assert len({one.id for one in again}) == len(again)
    assert not {one.id for one in arc_facts(sub_session("other"), "m")} & {one.id for one in first}


def test_no_title_summary_reason_or_path_is_told() -> None:
    arc = sub_session(appeal=APPEAL)
    written = repr([one.properties for one in arc_facts(arc, "m")])
    for text in (arc.label.title, arc.label.summary, arc.files[0].path, APPEAL.reason, arc.outcome.rationale):
        assert text
        assert text not in written


def test_all_that_follow_from_an_arc_are_known() -> None:
    assert EVENTS.keys() > OF_ARCS
    flag = Flag(event_id("flag"), FlagKind.TINY_PROMPT_BURST, arc_id("arc"), time(3), "info", "")
    arcs = [sub_session(appeal=APPEAL, flags=(flag,)), reworked(LATE), sub_session(state=State.EXCLUDED)]
    told = [fact for arc in arcs for fact in arc_facts(arc, "m")]
    assert {one.event for one in told} == OF_ARCS
    for one in told:
        check_properties(one)
