"""What a session was about and how it ended, from its arcs."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.judging.records import Intent, State
from domain.session_parts import session_parts
from domain.summaries import ArcFacts, Course, Ending, SessionOutcome, SessionSummary, course, steps
from domain.timeline import Tokens
from domain.values import SessionId
from tests.history import bug_fix, ended
from tests.make import SESSION, START, USER, arc_id, prompt, session_log, sub_session, time

COURSE = Course(START, time(25), 4, 2, 12, 3, timedelta(minutes=20), ())


def arc(name: str = "a", **changes: object) -> ArcFacts:
    """A bug fix that was reached."""
    plain = ArcFacts(
        id=arc_id(name), title=f"Fix {name}", intent=Intent.BUG_FIX, state=State.SCORED, qualifying=True, crushed=True,
        goal_complete=True, started_at=START, turn_count=3, total_tokens=100,
    )  # fmt: skip
    return plain._replace(**changes)


def summed(*arcs: ArcFacts, **changes: object) -> SessionSummary:
    plain = SessionSummary(
        session_id=SESSION, user_id=USER, course=COURSE, given_title=None, told_title="As the tool has it",
        tokens=Tokens(100), cost_usd=Decimal("0.5"), steps=steps(arcs or [arc()]), created_at=START, updated_at=START,
    )  # fmt: skip
    return replace(plain, **changes)


MISSED = {"crushed": False, "goal_complete": False}
UNDONE = {"crushed": False}
PENDING = {"state": State.CLOSED, "qualifying": False, "crushed": False, "goal_complete": None}
OPEN = {**PENDING, "state": State.OPEN}
LEFT_OUT = {**PENDING, "state": State.EXCLUDED, "intent": None}
CONTINUED = {**PENDING, "state": State.MERGED, "merged_into_id": arc_id("elsewhere")}


@pytest.mark.parametrize(
    ("facts", "ending"),
    [
        ({}, Ending.REACHED),
        (MISSED, Ending.MISSED),
        (UNDONE, Ending.UNDONE),
        (PENDING, Ending.PENDING),
        (OPEN, Ending.PENDING),
        (LEFT_OUT, Ending.LEFT_OUT),
        (CONTINUED, Ending.CONTINUED),
    ],
)
def test_how_a_goal_ends(facts: dict[str, object], ending: Ending) -> None:
    [step] = steps([arc(**facts)])
    assert step.ending is ending


def test_a_fragment_is_part_of_its_arc_where_that_is_of_the_session() -> None:
    own, part = arc("own"), arc("part", **{**CONTINUED, "merged_into_id": arc_id("own")})
    assert [step.sub_session_id for step in steps([own, part])] == [own.id]
    assert [step.ending for step in steps([part])] == [Ending.CONTINUED]


@pytest.mark.parametrize(
    ("endings", "outcome"),
    [
        ([{}], SessionOutcome.REACHED),
        ([{}, {}, LEFT_OUT, PENDING, CONTINUED], SessionOutcome.REACHED),
        ([{}, MISSED], SessionOutcome.PARTLY_REACHED),
        ([{}, UNDONE], SessionOutcome.PARTLY_REACHED),
        ([MISSED, LEFT_OUT], SessionOutcome.MISSED),
        ([UNDONE, MISSED], SessionOutcome.UNDONE),
        ([PENDING, LEFT_OUT], SessionOutcome.PENDING),
        ([LEFT_OUT, CONTINUED], SessionOutcome.CONTINUED),
        ([LEFT_OUT], SessionOutcome.LEFT_OUT),
    ],
)
def test_how_a_session_came_out(endings: list[dict[str, object]], outcome: SessionOutcome) -> None:
    assert summed(*(arc(str(n), **facts) for n, facts in enumerate(endings))).outcome is outcome


@pytest.mark.parametrize(
    ("arcs", "intent"),
    [
        ([arc()], Intent.BUG_FIX),
        ([arc("a"), arc("b", intent=Intent.PLAN), arc("c", intent=Intent.PLAN, total_tokens=1)], Intent.PLAN),
        ([arc("a"), arc("b", intent=Intent.PLAN, total_tokens=101)], Intent.PLAN),
        ([arc("a"), arc("b", intent=Intent.PLAN)], Intent.BUG_FIX),
        ([arc("a", intent=None), arc("b", intent=None), arc("c", intent=Intent.REVIEW)], Intent.REVIEW),
        ([arc(**LEFT_OUT)], None),
        ([arc(**CONTINUED)], None),
    ],
)
def test_the_type_is_the_dominant_intent(arcs: list[ArcFacts], intent: Intent | None) -> None:
    assert summed(*arcs).session_type is intent


@pytest.mark.parametrize(
    ("arcs", "titles", "expected"),
    [
        ([arc("x")], {}, "As the tool has it"),
        ([arc("x")], {"given_title": "What Ada calls it"}, "What Ada calls it"),
        ([arc("x")], {"told_title": None}, "Fix x"),
        ([arc("x"), arc("y", total_tokens=200)], {"told_title": None}, "Fix y"),
        ([arc("x", title="Named"), arc("y", title=None, total_tokens=200)], {"told_title": None}, "Named"),
        ([arc("x", title=None)], {"told_title": None}, None),
        ([arc("x", title=None)], {"told_title": " \n\t "}, None),
        ([arc("x")], {"given_title": "two\nlines"}, "two lines"),
        ([arc("x")], {"given_title": "word " * 50}, "word " * 10 + "word word…"),
        ([arc("x")], {"given_title": "語" * 200}, "語" * 59 + "…"),
    ],
)
def test_a_title_is_short_and_the_best_there_is(
    arcs: list[ArcFacts], titles: dict[str, str | None], expected: str | None
) -> None:
    title = summed(*arcs, **titles).title
    assert title == expected
    assert len(title or "") <= 60


def test_what_runs_has_no_course_and_neither_has_what_holds_nothing() -> None:
    parts = session_parts(bug_fix(0))
    assert course(session_log(*bug_fix(0)), parts, [sub_session()]) is None
    assert course(session_log(ended_at=9), session_parts(()), [sub_session()]) is None
    assert course(session_log(*bug_fix(0), ended_at=9), parts, []) is None


def test_a_course_tells_what_the_events_do() -> None:
    log = session_log(*bug_fix(0), *bug_fix(20, "shop/tax.py", added=["a", "b"], removed=["c"]), ended(30), ended_at=30)
    found = course(log, session_parts(log.events), [sub_session()])
    assert found is not None
    assert (found.started_at, found.ended_at, found.turn_count) == (START, time(30), 4)
    assert (found.file_count, found.lines_added, found.lines_removed) == (2, 3, 1)
    assert found.focus == timedelta(minutes=30)
    assert [turn.role for turn in found.key_turns] == ["largest_change"], "no turn belongs to that arc"
    assert found == course(log, session_parts(log.events), [sub_session()])


def test_an_end_that_was_told_too_early_is_not_before_the_beginning() -> None:
    log = session_log(prompt("Fix the totals, please", 5), ended_at=0)
    found = course(log, session_parts(log.events), [sub_session(session_id=SessionId(SESSION))])
    assert found is not None
    assert found.started_at == found.ended_at == time(5)
