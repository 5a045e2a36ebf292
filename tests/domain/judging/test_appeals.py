"""The developer's word on a verdict, as a derivation takes it up."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.judging.appeals import AppealErrorCode, clean_reason
from domain.judging.arcs import Rules, SessionLog
from domain.judging.by_hand import AppealEdit, Edits
from domain.judging.derive import derive
from domain.judging.records import Appeal, JudgeStatus, State, SubSession
from domain.timeline import Kind
from domain.values import SubSessionId, UserId
from tests import make
from tests.domain.judging.test_derive import FixedJudge, cleared, histories, shuffled, work

EVE = UserId(make.arc_id("eve"))


def said(goal_complete: bool, at: float = 99, reason: str = "I saw it run.", user: UserId = make.USER) -> AppealEdit:
    return AppealEdit(user, goal_complete, reason, make.time(at))


def derived(
    log: SessionLog, appeals: Mapping[SubSessionId, AppealEdit] | None = None, judge: FixedJudge | None = None
) -> list[SubSession]:
    return derive([log], Rules(), judge or FixedJudge(), Edits(appeals=appeals or {}))


LOG = make.session_log(*work(0), ended_at=5)


def test_the_developers_word_counts_and_the_judges_stays_beside_it() -> None:
    [plain] = derived(LOG)
    [row] = derived(LOG, {plain.id: said(False)})
    assert row.appeal == Appeal(False, "I saw it run.", make.time(99), judged_goal_complete=True)
    assert (row.outcome.goal_complete, row.judged_goal_complete, row.qualifying, row.crushed) == (
        False, True, True, False,
    )  # fmt: skip
    assert row.outcome.goal_completed_at is None
    assert replace(row, appeal=None, outcome=plain.outcome) == plain, "nothing else changes"


def test_a_goal_that_only_the_developer_saw_reached_counts_from_the_close_on() -> None:
    judge = FixedJudge(outcome=make.outcome(goal_complete=False, goal_completed_at=None))
    [plain] = derived(LOG, judge=judge)
    [row] = derived(LOG, {plain.id: said(True)}, judge)
    assert (plain.crushed, row.crushed, row.judged_goal_complete) == (False, True, False)
    assert row.outcome.goal_completed_at == row.ended_at


def test_a_word_that_agrees_leaves_the_outcome_as_it_is() -> None:
    [plain] = derived(LOG)
    [row] = derived(LOG, {plain.id: said(True)})
    assert (row.outcome, row.appeal and row.appeal.judged_goal_complete) == (plain.outcome, True)


def test_of_several_fragments_of_one_arc_the_last_word_counts() -> None:
    head, second, third = derived(cleared(0, 10, 20))
    appeals = {head.id: said(True, 50), second.id: said(False, 70, "Last."), third.id: said(True, 60)}
    arc, *parts = derived(cleared(0, 10, 20), appeals)
    assert arc.appeal is not None
    assert (arc.appeal.reason, arc.outcome.goal_complete) == ("Last.", False)
    assert all(part.state is State.MERGED and part.appeal is None for part in parts)


def test_an_appeal_of_an_arc_that_is_not_there_waits() -> None:
    assert derived(LOG, {make.arc_id("gone"): said(False)}) == derived(LOG)


@pytest.mark.parametrize(
    ("log", "judge"),
    [
        (make.session_log(*work(0)), FixedJudge()),
        (LOG, FixedJudge(outcome=make.outcome(goal_complete=None))),
        (LOG, FixedJudge(rubric=make.rubric(judge_status=JudgeStatus.ERROR))),
        (LOG, FixedJudge(rubric=make.rubric(intent=None, confidence=None))),
    ],
)
def test_an_appeal_waits_while_there_is_no_verdict(log: SessionLog, judge: FixedJudge) -> None:
    [plain] = derived(log, judge=judge)
    assert derived(log, {plain.id: said(True)}, judge) == [plain]


def test_nobody_speaks_for_another() -> None:
    [plain] = derived(LOG)
    assert derived(LOG, {plain.id: said(False, user=EVE)}) == [plain]


@given(histories(), st.randoms(use_true_random=False), st.data())
def test_the_order_of_events_does_not_matter_to_appeals(
    logs: list[SessionLog], random: Random, data: st.DataObject
) -> None:
    ids = [row.id for row in derive(logs, Rules(), FixedJudge())]
    appealed = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    edits = Edits(appeals={id: said(data.draw(st.booleans()), data.draw(st.integers(60, 62))) for id in appealed})
    rows = derive(logs, Rules(), FixedJudge(), edits)
    assert repr(derive(shuffled(logs, random), Rules(), FixedJudge(), edits)) == repr(rows)
    for row in rows:
        spoken = row.qualifying and any(id in edits.appeals for id in row.fragment_ids)
        assert (row.appeal is not None) == spoken
        assert row.judged_goal_complete is (True if row.qualifying else None)


def test_a_cleared_session_that_goes_on_is_no_longer_judged_and_its_appeal_comes_back() -> None:
    [plain] = derived(LOG)
    appeals = {plain.id: said(False)}
    earlier = make.event(Kind.SESSION_START, -1, id=make.event_id("start"))
    [moved] = derived(replace(LOG, events=(earlier, *LOG.events)), appeals)
    assert (moved.id != plain.id, moved.appeal) == (True, None)
    [back] = derived(LOG, appeals)
    assert back.appeal is not None


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "blank"), (" \n\x00", "blank"), ("x" * 1001, "too_long")],
)
def test_reasons_that_are_none_are_refused(reason: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_reason(reason)
    assert [(fault.code, fault.field) for fault in refused.value.faults] == [(AppealErrorCode(code), ("reason",))]


def test_a_reason_is_folded_to_one_line_of_at_most_a_thousand_characters() -> None:
    assert clean_reason("  It\n works.\x00 ") == "It works."
    assert clean_reason("𝛼" * 1000) == "𝛼" * 1000
