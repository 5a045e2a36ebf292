from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.arcs import RULESET_VERSION, Arc, LabelEdit, Rules, SessionLog
from domain.judging.by_hand import Edits
from domain.judging.derive import NO_INTENT, derive
from domain.judging.judge import Verdict
from domain.judging.records import (
    CloseReason,
    Evidence,
    FileEdits,
    FlagKind,
    JudgeStatus,
    Label,
    Outcome,
    Rubric,
    State,
    SubSession,
    TitleSource,
    TriviaReason,
)
from domain.judging.rule_judge import RuleJudge
from domain.timeline import Event, Kind
from domain.values import SubSessionId
from tests import make

EVIDENCE = Evidence("intent", "verb", 3, (make.event_id("e"),))


@dataclass
class FixedJudge:
    """Says the same of every arc, and remembers what it was asked."""

    rubric: Rubric = field(default_factory=make.rubric)
    outcome: Outcome = field(default_factory=make.outcome)
    version: str = "fixed-1"
    seen: list[Arc] = field(default_factory=list[Arc])

    def judge(self, arc: Arc) -> Verdict:
        self.seen.append(arc)
        return Verdict(self.rubric, self.outcome, Label("Fix it", "Fixed.", TitleSource.RUBRIC), (EVIDENCE,))


def derived(
    *logs: SessionLog, judge: FixedJudge | None = None, edits: Mapping[SubSessionId, LabelEdit] | None = None
) -> list[SubSession]:
    return derive(logs, Rules(), judge or FixedJudge(), Edits(labels=edits or {}))


def work(at: float, path: str = "a", name: object = None) -> tuple[Event, Event]:
    """A prompt and an edit."""
    ids = (make.event_id((name or at, "p")), make.event_id((name or at, "e")))
    return make.prompt(f"fix {path} please", at, id=ids[0]), make.file_diff(path, at, id=ids[1], ordinal=1)


def edit(title: str, at: float) -> LabelEdit:
    return LabelEdit(Label(title, None, TitleSource.USER_EDITED), make.time(at))


def test_nothing_is_derived_of_nothing() -> None:
    assert derived() == derived(make.session_log()) == []


def test_a_closed_arc_is_judged_and_scored() -> None:
    prompt, change = work(0)
    commit = make.event(Kind.GIT_ACTION, 2, data={"action": "commit", "commit": "abc1234"})
    (row,) = derived(make.session_log(prompt, change, commit, ended_at=5))
    assert (row.state, row.close_reason, row.crushed) == (State.SCORED, CloseReason.SESSION_END, True)
    assert (row.started_at, row.last_event_at, row.ended_at) == (make.time(0), make.time(2), make.time(5))
    assert (row.session_id, row.user_id, row.project) == (make.SESSION, make.USER, make.PROJECT)
    assert (row.substance_floor_passed, row.excluded_reason) == (True, None)
    assert (row.rubric, row.outcome, row.evidence) == (make.rubric(), make.outcome(), (EVIDENCE,))
    assert (row.label.title, row.label.title_source) == ("Fix it", TitleSource.RUBRIC)
    assert (row.prompt_ids, row.first_prompt_at) == ((prompt.id,), make.time(0))
    assert (row.commit_refs, row.files) == (("abc1234",), (FileEdits("a", 1, 0),))
    assert (row.fragment_ids, row.merged_into_id, row.rework) == ((row.id,), None, None)
    assert (row.ruleset_version, row.judge_version) == (RULESET_VERSION, "fixed-1")


def test_an_arc_below_the_floor_is_excluded_without_a_judge() -> None:
    judge = FixedJudge()
    (row,) = derived(make.session_log(make.prompt("what is this?"), ended_at=5), judge=judge)
    assert (row.state, row.excluded_reason, row.excluded_detail) == (State.EXCLUDED, TriviaReason.TOO_FEW_TURNS, None)
    assert (row.substance_floor_passed, row.rubric.judge_status) == (False, JudgeStatus.SKIPPED)
    assert (row.outcome.goal_complete, row.evidence, row.judge_version) == (None, (), "")
    assert (row.label, judge.seen) == (Label("what is this?", None, TitleSource.HEURISTIC), [])


def test_an_open_arc_gets_a_preview_and_no_outcome() -> None:
    (row,) = derived(make.session_log(*work(0)))
    assert (row.state, row.ended_at, row.close_reason) == (State.OPEN, None, None)
    assert (row.rubric, row.judge_version) == (make.rubric(), "fixed-1")
    assert (row.outcome.goal_complete, row.qualifying, row.flags) == (None, False, ())
    assert row.label == Label("fix a please", None, TitleSource.HEURISTIC)
    assert row.substance_floor_passed is True


def test_an_open_arc_of_little_substance_is_not_judged_yet() -> None:
    judge = FixedJudge()
    (row,) = derived(make.session_log(make.prompt("hi")), judge=judge)
    assert (row.state, row.substance_floor_passed, row.excluded_reason) == (State.OPEN, None, None)
    assert (row.rubric.judge_status, judge.seen) == (JudgeStatus.PENDING, [])


@pytest.mark.parametrize(
    "rubric",
    [
        make.rubric(intent=None, confidence=None),
        make.rubric(confidence=0.49),
        make.rubric(judge_status=JudgeStatus.SKIPPED, intent=None),
    ],
)
def test_an_arc_without_an_intent_is_excluded(rubric: Rubric) -> None:
    (row,) = derived(make.session_log(*work(0), ended_at=5), judge=FixedJudge(rubric))
    assert (row.state, row.excluded_reason, row.excluded_detail) == (State.EXCLUDED, TriviaReason.OTHER, NO_INTENT)
    assert (row.substance_floor_passed, row.rubric, row.outcome.goal_complete) == (True, rubric, None)
    assert not row.qualifying


def test_a_confidence_of_one_half_commits_the_intent() -> None:
    """Section 7.5."""
    (row,) = derived(make.session_log(*work(0), ended_at=5), judge=FixedJudge(make.rubric(confidence=0.5)))
    assert (row.state, row.committed, row.qualifying) == (State.SCORED, True, True)


@pytest.mark.parametrize("status", [JudgeStatus.PENDING, JudgeStatus.ERROR, JudgeStatus.PARSE_ERROR])
def test_an_arc_whose_judge_failed_stays_closed_and_pending(status: JudgeStatus) -> None:
    (row,) = derived(make.session_log(*work(0), ended_at=5), judge=FixedJudge(make.rubric(judge_status=status)))
    assert (row.state, row.substance_floor_passed, row.excluded_reason) == (State.CLOSED, True, None)


def test_an_arc_whose_outcome_is_to_come_stays_closed() -> None:
    judge = FixedJudge(outcome=make.outcome(goal_complete=None))
    (row,) = derived(make.session_log(*work(0), ended_at=5), judge=judge)
    assert (row.state, row.qualifying) == (State.CLOSED, False)


def cleared(*starts: float, path: str = "a") -> SessionLog:
    """Work at each start, cleared five minutes later."""
    clears = [make.event(Kind.CONTEXT_CLEAR, at + 5, id=make.event_id(("clear", at))) for at in starts]
    return make.session_log(*(event for at in starts for event in work(at, path)), *clears, ended_at=starts[-1] + 5)


def test_merged_fragments_leave_one_arc_and_a_row_each() -> None:
    judge = FixedJudge()
    arc, second, third = derived(cleared(0, 10, 20), judge=judge)
    assert (arc.state, second.state, third.state) == (State.SCORED, State.MERGED, State.MERGED)
    assert arc.fragment_ids == (arc.id, second.id, third.id)
    assert (second.merged_into_id, third.merged_into_id) == (arc.id, arc.id)
    assert (arc.measures.turn_count, second.measures.turn_count) == (3, 1)
    assert (arc.ended_at, second.ended_at) == (make.time(25), make.time(15))
    assert len(judge.seen) == 1
    assert [flag.kind for flag in arc.flags] == [FlagKind.FRAGMENTATION_MERGE]
    assert arc.flags[0].created_at == arc.started_at


def test_a_merged_fragment_has_nothing_judged_and_owns_nothing() -> None:
    row = derived(cleared(0, 10))[1]
    assert (row.rubric.judge_status, row.rubric.intent, row.outcome.goal_complete) == (JudgeStatus.SKIPPED, None, None)
    assert (row.fragment_ids, row.prompt_ids, row.files, row.commit_refs, row.flags, row.evidence) == ((),) * 6
    assert (row.substance_floor_passed, row.excluded_reason, row.judge_version) == (None, None, "")
    assert row.measures.mutating_tool_calls == 1


def test_fragments_of_two_sessions_are_merged() -> None:
    later = make.session_log(*work(12), session="session-2", ended_at=20)
    rows = derived(make.session_log(*work(0), ended_at=5), later)
    assert [(row.session_id, row.state) for row in rows] == [
        (make.SESSION, State.SCORED),
        ("session-2", State.MERGED),
    ]


def test_a_restarted_arc_is_open_again() -> None:
    log = make.session_log(*work(0), make.event(Kind.CONTEXT_CLEAR, 5), *work(8))
    arc, fragment = derived(log)
    assert (arc.state, arc.ended_at, arc.outcome.goal_complete) == (State.OPEN, None, None)
    assert (fragment.state, fragment.merged_into_id) == (State.MERGED, arc.id)


def test_a_label_that_a_person_wrote_stays() -> None:
    (plain,) = derived(make.session_log(*work(0), ended_at=5))
    (row,) = derived(make.session_log(*work(0), ended_at=5), edits={plain.id: edit("Mine", 9)})
    assert row.label == Label("Mine", None, TitleSource.USER_EDITED)
    (opened,) = derived(make.session_log(*work(0)), edits={plain.id: edit("Mine", 9)})
    assert opened.label.title == "Mine"


def test_of_the_labels_written_for_merged_fragments_the_earliest_wins() -> None:
    arc, second, _ = derived(cleared(0, 10, 20))
    edits = {arc.id: edit("Late", 99), second.id: edit("Early", 50), make.arc_id("gone"): edit("Other", 1)}
    arc, second, third = derived(cleared(0, 10, 20), edits=edits)
    assert [arc.label.title, second.label.title, third.label.title] == ["Early", "Early", "fix a please"]


def test_an_arc_without_a_prompt_has_no_title() -> None:
    (row,) = derived(make.session_log(make.file_diff("a", 0), ended_at=5), judge=FixedJudge(make.rubric(intent=None)))
    assert (row.measures.turn_count, row.first_prompt_at, row.prompt_ids) == (0, None, ())


def test_titles_of_excluded_arcs_are_cut_at_sixty() -> None:
    (row,) = derived(make.session_log(make.prompt("why " * 40), ended_at=5))
    assert row.label.title is not None
    assert len(row.label.title) <= 60


def test_the_first_prompt_is_the_first_turn() -> None:
    command, passed = make.prompt("/model opus", 0), make.prompt("!ls", 1)
    prompt, change = work(3)
    (row,) = derived(make.session_log(command, passed, prompt, change, ended_at=5))
    assert row.first_prompt_at == make.time(3)
    assert row.prompt_ids == (command.id, passed.id, prompt.id)


@st.composite
def histories(draw: st.DrawFn) -> list[SessionLog]:
    """One to three sessions of one developer, in the same project, side by side."""
    logs: list[SessionLog] = []
    for session in range(draw(st.integers(1, 3))):
        events = [_event(draw, f"{session} {number}") for number in range(draw(st.integers(0, 10)))]
        ended_at = draw(st.none() | st.integers(0, 60))
        logs.append(make.session_log(*events, session=f"s{session}", ended_at=ended_at))
    return logs


def _event(draw: st.DrawFn, name: str) -> Event:
    at, path = draw(st.integers(0, 60)), draw(st.sampled_from("abc"))
    made = draw(
        st.sampled_from(
            [
                make.prompt("Fix the totals, they are off by one cent", at),
                make.prompt("thanks, that works", at),
                make.prompt("new task: write a guide for the deployment", at),
                make.event(Kind.CONTEXT_CLEAR, at),
                make.file_diff(path, at, added=4, diff="@@ -1,1 +1,1 @@\n-x\n+y"),
                make.command("npm test", at),
                make.response("Done: the totals are rounded half up now.", at),
            ]
        )
    )
    return replace(made, id=make.event_id(name), ordinal=draw(st.integers(0, 2)))


def shuffled(logs: Sequence[SessionLog], random: Random) -> list[SessionLog]:
    """The same logs in another order, with events in another order and some of them twice."""
    mixed: list[SessionLog] = []
    for log in logs:
        events = [*log.events, *random.choices(log.events, k=3)] if log.events else []
        random.shuffle(events)
        mixed.append(replace(log, events=tuple(events)))
    random.shuffle(mixed)
    return mixed


@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(logs: list[SessionLog], random: Random) -> None:
    expected = derive(logs, Rules(), RuleJudge())
    assert repr(derive(shuffled(logs, random), Rules(), RuleJudge())) == repr(expected)


@given(histories())
def test_rows_fit_together(logs: list[SessionLog]) -> None:
    rows = derive(logs, Rules(), RuleJudge())
    by_id = {row.id: row for row in rows}
    assert len(by_id) == len(rows)
    assert [row.started_at for row in rows] == sorted(row.started_at for row in rows)
    assert sum(len(row.prompt_ids) for row in rows) == sum(e.kind is Kind.PROMPT for log in logs for e in log.events)
    for row in rows:
        assert (row.state is State.MERGED) == (row.merged_into_id is not None)
        assert row.state is State.MERGED or (row.state is State.OPEN) == (row.ended_at is None)
        if row.merged_into_id:
            assert row.id in by_id[row.merged_into_id].fragment_ids
        else:
            assert row.fragment_ids[0] == row.id
        assert not row.crushed or row.qualifying
        assert not row.qualifying or row.state is State.SCORED
