"""Whether the goal was reached: points by evidence, floors by intent, acceptance and objection, and when."""

import pytest

from domain.judging.outcome import FLOORS, judge_outcome
from domain.judging.records import CloseReason, Evidence, Intent, Measures, Outcome
from domain.judging.turns import turns
from domain.judging.work import read_work
from domain.timeline import Event, Kind
from tests import make

ANSWER = "The cache is cleared on every deploy, which is what makes the first request slow. " * 4
CHANGED = Measures(turn_count=1, net_loc=8, mutating_tool_calls=1)
UNCHANGED = Measures(turn_count=1)

ASK = make.prompt("Fix the rounding", 0)
EDIT = make.file_diff("a.py", 1)
PASS = make.command("pytest", 2)
FAIL = make.command("pytest", 2, exit_code=1)
SAY = make.response(ANSWER, 3)


def judged(
    intent: Intent | None,
    *events: Event,
    reason: CloseReason = CloseReason.SESSION_END,
    measures: Measures | None = None,
) -> tuple[Outcome, tuple[Evidence, ...]]:
    edited = any(event.kind is Kind.FILE_DIFF for event in events)
    arc = make.arc(*events, reason=reason, measures=measures or (CHANGED if edited else UNCHANGED))
    return judge_outcome(arc, turns(arc.events), read_work(arc.events), intent)


def commit(at: float) -> Event:
    return make.event(Kind.GIT_ACTION, at, data={"action": "commit"})


def points(
    *events: Event, intent: Intent = Intent.BUG_FIX, reason: CloseReason = CloseReason.SESSION_END
) -> dict[str, int]:
    return {item.criterion: item.points for item in judged(intent, *events, reason=reason)[1]}


def test_floors_rise_with_the_cost_of_being_wrong():
    assert FLOORS[Intent.QUESTION] == 50
    assert {FLOORS[i] for i in (Intent.INVESTIGATION, Intent.REVIEW, Intent.PLAN, Intent.SMALL_CHANGE)} == {60}
    assert {FLOORS[i] for i in (Intent.BUG_FIX, Intent.FEATURE, Intent.REFACTOR)} == {70}


def test_points_of_code_evidence():
    assert points(ASK, EDIT, PASS, commit(2.5), SAY) == {"change": 20, "check_passed": 25, "commit": 20, "answer": 5}
    assert points(ASK, EDIT, SAY, reason=CloseReason.CLEAR) == {"change": 20, "answer": 5, "moved_on": 5}
    assert points(ASK, EDIT, FAIL) == {"change": 20, "last_run_failed": -35}


def test_points_of_talk_evidence():
    found = points(ASK, make.response(ANSWER + " It is slow because of that.", 1), intent=Intent.QUESTION)
    assert found == {"answer": 35, "verdict_words": 15}
    found = points(ASK, make.response("Yes.", 1), intent=Intent.QUESTION, reason=CloseReason.TOPIC_SHIFT)
    assert found == {"moved_on": 10}


def test_points_against_a_goal():
    for intent in (Intent.QUESTION, Intent.FEATURE):
        assert points(ASK, make.prompt("no, that is wrong", 5), intent=intent)["objection"] == -40
        assert points(ASK, make.event(Kind.INTERRUPTION, 5), intent=intent)["interrupted"] == -40
    assert points(ASK, EDIT, make.command("git checkout -- a.py", 5))["taken_back"] == -40


@pytest.mark.parametrize(("chars", "counts"), [(199, False), (200, True)])
def test_an_answer_has_two_hundred_characters(chars: int, counts: bool):
    assert ("answer" in points(ASK, make.response("x" * chars, 1), intent=Intent.QUESTION)) is counts


def test_a_change_is_shown_by_what_changed_last():
    def shown(*events: Event, measures: Measures) -> dict[str, str | None]:
        return {item.criterion: item.quote for item in judged(Intent.FEATURE, *events, measures=measures)[1]}

    install, by_hand = make.command("npm install", 1), make.file_diff("b.py", 1, provenance=make.BY_HAND)
    assert shown(ASK, install, measures=Measures(mutating_tool_calls=1)) == {"change": "npm install"}
    assert shown(ASK, by_hand, measures=UNCHANGED) == {"change": "b.py"}
    assert shown(ASK, EDIT, by_hand, measures=CHANGED) == {"change": "b.py"}
    assert shown(ASK, make.command("npm ls", 1), measures=UNCHANGED) == {}
    back = make.command("git checkout -- a.py", 5)
    assert shown(ASK, EDIT, back, measures=CHANGED)["taken_back"] == "git checkout -- a.py"


def test_one_command_may_edit_check_and_commit():
    both = make.command("sed -i s/a/b/ a.py && pytest && git commit -qam x", 1)
    assert points(ASK, both) == {"change": 20, "check_passed": 25, "commit": 20}


def test_a_list_of_findings_is_a_verdict():
    listed = make.response("Found:\n- one thing\n- another thing\n- a third\n", 1)
    assert points(ASK, listed, intent=Intent.REVIEW) == {"verdict_words": 15}


def test_confidence_is_the_clipped_sum_of_the_points():
    outcome, evidence = judged(Intent.BUG_FIX, ASK, EDIT, PASS, commit(2.5), SAY)
    assert outcome.completion_confidence == 1.0
    assert 30 + sum(item.points for item in evidence) == 100
    outcome, _ = judged(Intent.BUG_FIX, ASK, EDIT, PASS, commit(2.5), SAY, reason=CloseReason.CLEAR)
    assert outcome.completion_confidence == 1.0
    taken_back = make.command("git checkout -- a.py", 5)
    outcome, _ = judged(Intent.BUG_FIX, ASK, EDIT, make.command("pytest", 4, exit_code=1), taken_back)
    assert outcome.completion_confidence == 0.0


@pytest.mark.parametrize(
    ("intent", "events", "complete"),
    [
        (Intent.BUG_FIX, (ASK, EDIT, PASS), True),
        (Intent.BUG_FIX, (ASK, EDIT, commit(2)), True),
        (Intent.BUG_FIX, (ASK, EDIT, SAY), False),
        (Intent.FEATURE, (ASK, EDIT, FAIL, SAY), False),
        (Intent.SMALL_CHANGE, (ASK, EDIT), False),
        (Intent.QUESTION, (ASK, SAY), True),
        (Intent.INVESTIGATION, (ASK, SAY), True),
        (Intent.PLAN, (ASK, make.response("ok", 1)), False),
    ],
)
def test_without_a_word_the_floor_decides(intent: Intent, events: tuple[Event, ...], complete: bool):
    assert judged(intent, *events)[0].goal_complete is complete


def test_a_sum_equal_to_the_floor_is_enough():
    outcome, _ = judged(Intent.SMALL_CHANGE, ASK, EDIT, SAY, reason=CloseReason.CLEAR)
    assert outcome.completion_confidence == 0.6
    assert outcome.goal_complete is True


@pytest.mark.parametrize("text", ["works, thanks", "perfect", "lgtm", "ship it"])
def test_acceptance_makes_a_goal_complete(text: str):
    outcome, evidence = judged(Intent.FEATURE, ASK, EDIT, make.prompt(text, 5))
    assert outcome.goal_complete is True
    assert outcome.explicit_acceptance is True
    assert outcome.goal_completed_at == make.time(5)
    assert outcome.completion_confidence == 0.9
    assert evidence[0].criterion == "acceptance"
    assert text in (outcome.rationale or "")


def test_acceptance_adds_what_is_missing_to_ninety():
    accepted = make.prompt("works, thanks", 5)
    for events, gain in (((ASK, EDIT), 40), ((ASK, EDIT, PASS, commit(3), SAY), 0)):
        _, (first, *_) = judged(Intent.FEATURE, *events, accepted)
        assert (first.criterion, first.points) == ("acceptance", gain)


def test_a_check_that_failed_and_passed_again_leaves_acceptance_standing():
    accepted, broken, mended = make.prompt("great, thanks", 5), make.command("pytest", 6, exit_code=1), PASS
    passed = make.command("pytest", 7)
    assert judged(Intent.FEATURE, ASK, EDIT, mended, accepted, broken)[0].explicit_acceptance is False
    assert judged(Intent.FEATURE, ASK, EDIT, mended, accepted, broken, passed)[0].explicit_acceptance is True


def test_acceptance_in_the_first_prompt_accepts_nothing():
    assert judged(Intent.FEATURE, make.prompt("Looks good. Add an export now", 0), EDIT)[0].explicit_acceptance is False


def test_an_ordered_commit_that_was_made_is_acceptance():
    ordered = make.prompt("commit this", 5)
    outcome, _ = judged(Intent.FEATURE, ASK, EDIT, ordered, commit(6))
    assert (outcome.explicit_acceptance, outcome.goal_completed_at) == (True, make.time(6))
    assert judged(Intent.FEATURE, ASK, EDIT, ordered)[0].explicit_acceptance is False
    assert judged(Intent.FEATURE, ASK, EDIT, commit(4), ordered)[0].explicit_acceptance is False


def test_an_approved_plan_is_accepted():
    proposed = make.event(Kind.PLANNING, 1, data={"phase": "proposed"})
    accepted = make.event(Kind.PLANNING, 2, data={"phase": "accepted"})
    assert judged(Intent.PLAN, ASK, proposed, accepted)[1][0].event_ids == (accepted.id,)
    other = make.event(Kind.TOOL_USE, 1, data={"phase": "accepted"})
    assert judged(Intent.PLAN, ASK, other)[0].explicit_acceptance is False
    rejected = make.event(Kind.PLANNING, 3, data={"phase": "rejected"})
    assert judged(Intent.PLAN, ASK, proposed, accepted)[0].explicit_acceptance is True
    assert judged(Intent.PLAN, ASK, proposed, accepted, rejected)[0].explicit_acceptance is False
    assert judged(Intent.FEATURE, ASK, proposed, accepted)[0].explicit_acceptance is False


def test_a_later_objection_takes_acceptance_back():
    accepted, objected = make.prompt("works, thanks", 5), make.prompt("hm, it still fails on Windows", 7)
    outcome, evidence = judged(Intent.FEATURE, ASK, EDIT, accepted, objected)
    assert outcome.goal_complete is False
    assert outcome.explicit_acceptance is False
    assert "objection" in {item.criterion for item in evidence}
    outcome, _ = judged(Intent.FEATURE, ASK, EDIT, objected, make.prompt("works, thanks", 9))
    assert outcome.explicit_acceptance is True


@pytest.mark.parametrize(
    "later",
    [
        make.command("pytest", 8, exit_code=1),
        make.event(Kind.INTERRUPTION, 8),
        make.command("git checkout -- a.py", 8),
    ],
)
def test_failure_after_acceptance_takes_it_back(later: Event):
    assert judged(Intent.FEATURE, ASK, EDIT, make.prompt("great, thanks", 5), later)[0].explicit_acceptance is False


@pytest.mark.parametrize(
    "text", ["still broken", "no, not what I meant", "thanks, but it still fails", "it doesn't work"]
)
def test_an_objection_as_last_word_costs_forty(text: str):
    found = points(ASK, EDIT, PASS, commit(3), make.prompt(text, 5))
    assert found["objection"] == -40
    assert judged(Intent.BUG_FIX, ASK, EDIT, PASS, commit(3), make.prompt(text, 5))[0].goal_complete is False


def test_a_first_prompt_is_no_objection_to_what_follows():
    assert "objection" not in points(make.prompt("the total is still wrong", 0), EDIT, PASS)


def test_an_objection_answered_by_an_edit_is_no_longer_open_but_needs_proof():
    objected, mended = make.prompt("still broken", 5), make.file_diff("a.py", 6)
    assert "objection" not in points(ASK, EDIT, PASS, objected, mended)
    assert judged(Intent.BUG_FIX, ASK, EDIT, PASS, objected, mended)[0].goal_complete is False
    assert judged(Intent.BUG_FIX, ASK, EDIT, objected, mended, make.command("pytest", 7))[0].goal_complete is True


def test_a_doubt_about_an_answer_counts_even_when_answered_again():
    outcome, evidence = judged(Intent.QUESTION, ASK, SAY, make.prompt("are you sure?", 5), make.response(ANSWER, 6))
    assert {item.criterion for item in evidence} == {"answer", "objection"}
    assert outcome.goal_complete is False


def test_no_to_a_question_of_the_assistant_is_an_answer():
    asked = make.response("All done. Shall I push?", 3)
    assert "objection" not in points(ASK, EDIT, PASS, asked, make.prompt("no, leave it", 5))
    assert "objection" in points(ASK, EDIT, PASS, SAY, make.prompt("no, leave it", 5))


def test_evidence_before_the_last_edit_does_not_count():
    assert points(ASK, PASS, make.file_diff("a.py", 3)) == {"change": 20}
    assert points(ASK, EDIT, commit(2), make.file_diff("a.py", 3)) == {"change": 20}


def test_editing_a_document_after_the_tests_leaves_them_valid():
    assert points(ASK, EDIT, PASS, make.file_diff("CHANGELOG.md", 3)) == {"change": 20, "check_passed": 25}


def test_a_failed_check_that_later_passes_does_not_count_as_failed():
    assert points(ASK, EDIT, FAIL, make.command("pytest", 3)) == {"change": 20, "check_passed": 25}


@pytest.mark.parametrize("line", ["pytest", "npm install"])
def test_a_command_that_failed_without_an_exit_code_failed(line: str):
    old = make.command(line, 3, exit_code=None, succeeded=False)
    assert points(ASK, EDIT, PASS, old)["last_run_failed"] == -35


@pytest.mark.parametrize("error", ["rejected", "permission"])
def test_a_command_that_was_refused_is_no_failed_check(error: str):
    refused = make.command("pytest", 3, exit_code=None, succeeded=False, call_id="c")
    result = make.event(Kind.TOOL_RESULT, 3, succeeded=False, call_id="c", data={"errorClass": error})
    alone = make.command("pytest", 3, exit_code=1, data={"command": "pytest", "errorClass": error})
    for events in ((refused, result), (result, refused), (alone,)):
        assert points(ASK, EDIT, PASS, *events) == {"change": 20, "check_passed": 25}
    broken = make.event(Kind.TOOL_RESULT, 3, succeeded=False, call_id="c", data={"errorClass": "other"})
    assert "last_run_failed" in points(ASK, EDIT, PASS, refused, broken)


def test_a_search_without_hits_is_no_failed_command():
    assert "last_run_failed" not in points(ASK, EDIT, PASS, make.command("grep -r x .", 4, exit_code=1))


def test_a_stopped_last_turn_counts_as_objection_unless_the_assistant_goes_on():
    stop = make.event(Kind.INTERRUPTION, 4)
    assert points(ASK, EDIT, PASS, stop)["interrupted"] == -40
    assert "interrupted" not in points(ASK, EDIT, PASS, stop, make.response("Stopped.", 5))
    assert "interrupted" not in points(ASK, stop, make.prompt("go on", 5), make.file_diff("a.py", 6))
    again = (stop, make.response("Stopped.", 5), make.event(Kind.INTERRUPTION, 6))
    assert points(ASK, EDIT, PASS, *again)["interrupted"] == -40


def test_a_stopped_change_that_was_never_taken_up_stays_undone_whatever_is_said_later():
    stop, asked = make.event(Kind.INTERRUPTION, 5), make.prompt("how does that work?", 6)
    assert points(ASK, EDIT, PASS, make.prompt("now the others", 4), stop, asked, make.response(ANSWER, 7))[
        "interrupted"
    ]
    assert "interrupted" not in points(ASK, EDIT, PASS, stop, make.prompt("no pr", 6), commit(7))
    install = make.command("npm install", 7)
    assert "interrupted" in points(ASK, EDIT, make.prompt("now the others", 4), stop, asked, install)
    assert "interrupted" in points(ASK, EDIT, stop, asked, make.command("pytest", 7, exit_code=1))
    assert "interrupted" not in points(ASK, EDIT, stop, asked, make.command("pytest", 7))
    talk = points(ASK, stop, asked, make.response(ANSWER, 7), intent=Intent.QUESTION)
    assert "interrupted" not in talk


def test_clearing_the_context_after_an_objection_is_no_consent():
    found = points(ASK, EDIT, make.prompt("still broken", 5), reason=CloseReason.CLEAR)
    assert "moved_on" not in found


def test_an_answer_that_gives_up_is_none():
    gave_up = make.response("I was unable to complete the task because I don't have access to the database. " * 5, 1)
    assert points(ASK, gave_up, intent=Intent.INVESTIGATION) == {}


def test_the_words_of_a_sub_agent_are_no_answer():
    assert points(ASK, make.response(ANSWER, 1, agent_id="a1"), intent=Intent.QUESTION) == {}


def test_small_talk_at_the_end_leaves_the_answer_standing():
    found = points(ASK, SAY, make.prompt("hm interesting", 5), make.response("Yes.", 6), intent=Intent.QUESTION)
    assert "answer" in found


def test_completion_is_dated_by_the_evidence_that_reached_the_floor():
    outcome, _ = judged(Intent.BUG_FIX, ASK, EDIT, PASS, SAY, commit(9))
    assert outcome.goal_completed_at == PASS.ts
    outcome, _ = judged(Intent.SMALL_CHANGE, ASK, EDIT, SAY, reason=CloseReason.CLEAR)
    assert outcome.goal_completed_at == make.time(30)


def test_evidence_that_just_reaches_the_floor_dates_the_completion():
    for later in ((), (SAY,)):
        outcome, _ = judged(Intent.BUG_FIX, ASK, EDIT, commit(2), *later)
        assert outcome.goal_completed_at == make.time(2)


def test_a_goal_not_reached_has_no_date_of_completion():
    assert judged(Intent.BUG_FIX, ASK, EDIT)[0].goal_completed_at is None


def test_an_open_arc_is_not_judged():
    arc = make.arc(ASK, EDIT, PASS, closed_at=None)
    outcome, evidence = judge_outcome(arc, turns(arc.events), read_work(arc.events), Intent.BUG_FIX)
    assert (outcome.goal_complete, outcome.completion_confidence, evidence) == (None, None, ())


def test_without_an_intent_there_is_nothing_to_judge():
    assert judged(None, ASK, EDIT, PASS)[0].goal_complete is None


def test_every_observation_names_its_events_and_quotes_briefly():
    long = make.response("because " * 400, 3)
    for intent in Intent:
        _, evidence = judged(intent, ASK, EDIT, PASS, long, make.prompt("still wrong " * 60, 5))
        assert evidence
        assert all(item.event_ids for item in evidence)
        assert all(item.quote is None or len(item.quote) <= 160 for item in evidence)


@pytest.mark.parametrize(
    ("intent", "events", "words"),
    [
        (Intent.BUG_FIX, (ASK, EDIT, PASS, commit(3)), "a check passed after the last edit, and it was committed"),
        (Intent.BUG_FIX, (ASK, EDIT), "nothing shows that it works"),
        (Intent.FEATURE, (ASK, make.file_diff("a", 1, provenance=make.BY_HAND)), "nothing shows that it works"),
        (Intent.BUG_FIX, (ASK, SAY), "Nothing was changed"),
        (Intent.BUG_FIX, (ASK, EDIT, PASS, make.prompt("hm", 5)), "landed and a check passed after the last edit."),
        (Intent.SMALL_CHANGE, (ASK, EDIT, commit(3)), "The change landed and it was committed."),
        (Intent.BUG_FIX, (ASK, EDIT, FAIL), "The last run failed: “pytest”"),
        (Intent.QUESTION, (ASK, SAY), "The question was answered"),
        (Intent.REVIEW, (ASK,), "gives no verdict"),
        (Intent.FEATURE, (ASK, EDIT, make.prompt("still broken", 5)), "still broken"),
    ],
)
def test_the_rationale_says_why_in_plain_words(intent: Intent, events: tuple[Event, ...], words: str):
    assert words in (judged(intent, *events)[0].rationale or "")


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((), "Commands were run, but nothing shows that it works"),
        ((commit(2),), "The commands were run and it was committed."),
        ((PASS,), "The commands were run and a check passed."),
        ((PASS, commit(3)), "The commands were run, a check passed, and it was committed."),
    ],
)
def test_the_rationale_speaks_of_a_change_only_where_files_were_edited(events: tuple[Event, ...], words: str):
    install = make.command("npm install", 1)
    outcome, _ = judged(Intent.FEATURE, ASK, install, *events, measures=Measures(mutating_tool_calls=1))
    assert words in (outcome.rationale or "")
