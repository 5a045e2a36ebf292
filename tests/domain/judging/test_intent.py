"""Which intent an arc gets, how sure that is, and on which prompts it rests."""

import pytest

from domain.judging.intent import Deeds, Reading, Vote, read_intent, votes_of, weigh
from domain.judging.records import FileEdits, Intent, Measures
from domain.judging.turns import turns
from domain.judging.work import read_work
from tests import make

NOTHING = Measures(turn_count=1)
SMALL = Measures(turn_count=1, net_loc=6, lines_added=8, lines_removed=2, mutating_tool_calls=2)
BIG = Measures(turn_count=4, net_loc=180, lines_added=200, lines_removed=20, mutating_tool_calls=9)
ONE_FILE = (FileEdits("a.py", 8, 2),)
THREE_FILES = tuple(FileEdits(f"{name}.py", 60, 5) for name in "abc")


def read(*prompts: str, measures: Measures = NOTHING, files: tuple[FileEdits, ...] = ()) -> Reading:
    arc = make.arc(*[make.prompt(text, i) for i, text in enumerate(prompts)], measures=measures, files=files)
    return read_intent(arc, turns(arc.events), read_work(arc.events))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("What does the cache key contain?", Intent.QUESTION),
        ("Can you explain how retries work here?", Intent.QUESTION),
        ("please investigate where the memory goes", Intent.INVESTIGATION),
        ("can you check if there is documentation for this flag", Intent.INVESTIGATION),
        ("can you review the changes in this branch?", Intent.REVIEW),
        ("Propose a design for the job queue. Do not change any code yet.", Intent.PLAN),
    ],
)
def test_an_arc_that_changed_nothing_gets_the_intent_of_its_words(prompt: str, expected: Intent):
    assert read(prompt).intent is expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Fix the crash when the cart is empty", Intent.BUG_FIX),
        ("The total is wrong, tests are failing", Intent.BUG_FIX),
        ("We should add an export to CSV", Intent.FEATURE),
        ("would you mind adding a dark mode?", Intent.FEATURE),
        ("Consider adding unit tests for the validators", Intent.FEATURE),
        ("Extract the tax rules into their own module", Intent.REFACTOR),
        ("clean up the duplicated date handling", Intent.REFACTOR),
        ("Change the layout of the header", Intent.FEATURE),
    ],
)
def test_a_big_change_gets_the_intent_of_its_words(prompt: str, expected: Intent):
    assert read(prompt, measures=BIG, files=THREE_FILES).intent is expected


@pytest.mark.parametrize("prompt", ["Add a field for the terminal", "Change the button colour", "make it bold please"])
def test_a_few_lines_in_a_file_are_a_small_change(prompt: str):
    assert read(prompt, measures=SMALL, files=ONE_FILE).intent is Intent.SMALL_CHANGE


def test_a_small_fix_of_a_bug_stays_a_bug_fix():
    assert read("fix the crash on empty input", measures=SMALL, files=ONE_FILE).intent is Intent.BUG_FIX


def test_many_replaced_lines_are_not_small_although_their_net_is():
    churn = Measures(turn_count=1, net_loc=0, lines_added=90, lines_removed=90, mutating_tool_calls=1)
    assert read("Change the layout", measures=churn, files=ONE_FILE).intent is Intent.FEATURE


def test_a_question_after_which_files_changed_is_no_question():
    assert read("could we reuse that for the header?", measures=BIG, files=THREE_FILES).intent is Intent.FEATURE


def test_handing_over_a_plan_asks_for_no_plan():
    text = "Implement the following plan:\n\n# Plan: Tree view\n\n## Context\nA plan for the context tab."
    assert read(text, measures=BIG, files=THREE_FILES).intent is Intent.FEATURE


@pytest.mark.parametrize("prompt", ["yes", "commit and push", "thanks!", "are you still there?", "1"])
def test_prompts_that_ask_for_nothing_do_not_vote(prompt: str):
    assert read(prompt, measures=BIG, files=THREE_FILES) == Reading(None, None, ())
    assert read("Review the module", prompt).confidence == read("Review the module").confidence == 1.0


def test_an_arc_without_prompts_has_no_intent():
    arc = make.arc(make.response("hello"))
    assert read_intent(arc, turns(arc.events), read_work(arc.events)).intent is None


def test_words_we_do_not_know_leave_it_to_the_deeds_with_least_confidence():
    portuguese = "corrija o cálculo do imposto"
    assert read(portuguese, measures=SMALL, files=ONE_FILE).intent is Intent.SMALL_CHANGE
    assert read(portuguese, measures=BIG, files=THREE_FILES).intent is Intent.FEATURE
    assert read(portuguese).intent is Intent.INVESTIGATION
    assert read("onde fica isso?").intent is Intent.QUESTION
    assert read(portuguese).confidence == 0.5


def test_confidence_is_one_when_only_one_class_scored_and_lower_with_a_rival():
    assert read("What is this?").confidence == 1.0
    torn = read("Fix the crash and add an export", measures=BIG, files=THREE_FILES)
    assert torn.confidence is not None
    assert 0.5 <= torn.confidence < 1.0


def test_the_evidence_names_the_prompts_that_voted():
    arc = make.arc(make.prompt("Fix the crash", 0), make.prompt("yes", 1), make.prompt("fix the other bug too", 2))
    (evidence,) = read_intent(arc, turns(arc.events), read_work(arc.events)).evidence
    assert evidence.event_ids == (arc.events[0].id, arc.events[2].id)
    assert evidence.criterion == "bug_fix"
    assert evidence.quote == "Fix the crash"


def test_edits_by_shell_commands_are_edits_of_unknown_size():
    events = (make.prompt("what is wrong here? change the limit", 0), make.command("sed -i s/1/2/ a.py", 1))
    arc = make.arc(*events, measures=Measures(turn_count=1, mutating_tool_calls=1))
    assert read_intent(arc, turns(events), read_work(events)).intent is Intent.SMALL_CHANGE


def test_writing_a_document_may_be_a_review_or_a_plan():
    events = (make.prompt("Review the module and note what you find in notes.md", 0), make.file_diff("notes.md", 1))
    arc = make.arc(*events, measures=BIG, files=(FileEdits("notes.md", 200, 0),))
    assert read_intent(arc, turns(events), read_work(events)).intent is Intent.REVIEW


def test_pasted_logs_and_links_are_not_the_developers_words():
    text = "What is this? https://host.example/fix/add/review\n```\nadd implement refactor\n```"
    assert read(text).intent is Intent.QUESTION


def cast(text: str, weight: int = 1) -> dict[Intent, int]:
    """The points of one prompt by intent."""
    (turn,) = turns((make.prompt(text),))
    votes: list[Vote] = votes_of(turn, weight)
    return {intent: sum(vote.points for vote in votes if vote.intent is intent) for intent in {v.intent for v in votes}}


def test_what_a_vote_is_worth():
    assert cast("please rename the module") == {Intent.REFACTOR: 6 + 2}
    assert cast("review the module and rename it") == {Intent.REVIEW: 6 + 2, Intent.REFACTOR: 3 + 2}
    assert cast("this typo bothers me") == {Intent.SMALL_CHANGE: 2}
    assert cast("It says this\n```\nTypeError: x\n```") == {Intent.BUG_FIX: 2}
    assert cast("this typo bothers me", weight=3) == {Intent.SMALL_CHANGE: 6}


def test_beyond_six_clauses_a_vote_counts_a_third_and_beyond_sixty_nothing():
    plain = ["that is what it says"]
    assert cast("\n".join([*plain * 5, "rename it"])) == {Intent.REFACTOR: 8}
    assert cast("\n".join([*plain * 6, "rename it"])) == {Intent.REFACTOR: 2}
    assert cast("\n".join([*plain * 59, "rename it"])) == {Intent.REFACTOR: 2}
    assert cast("\n".join([*plain * 60, "rename it"])) == {}


def test_the_first_request_votes_three_times():
    first, later = "please rename the module", "please review the module"
    assert read(first, later).confidence == round(24 * 50 / (24 * 50 + 8 * 100), 4)
    assert (read(first, later).intent, read(later, first).intent) == (Intent.REFACTOR, Intent.REVIEW)


ALL = dict.fromkeys(Intent, 100)


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        (Deeds(False, False, False, False, False), {"small_change": 50, "feature": 50, "refactor": 50, "bug_fix": 50}),
        (Deeds(True, False, False, False, False), {"question": 50, "plan": 75}),
        (Deeds(True, True, False, False, True), {"question": 0}),
        (Deeds(True, True, False, False, False), {"question": 0, "investigation": 50, "review": 50, "plan": 50}),
        (
            Deeds(True, True, False, True, False),
            {"question": 0, "investigation": 25, "review": 25, "plan": 25, "small_change": 0, "feature": 200},
        ),
        (
            Deeds(True, True, True, False, False),
            {"question": 0, "investigation": 50, "review": 50, "plan": 50, "small_change": 250, "feature": 33},
        ),
        (
            Deeds(False, True, True, False, False),
            {"question": 0, "investigation": 50, "review": 50, "plan": 50, "small_change": 250, "feature": 33},
        ),
    ],
)
def test_deeds_weigh_the_votes(deeds: Deeds, expected: dict[str, int]):
    """Percent of the votes that are left; where deeds tell the size, features and small changes become one another."""
    found = weigh(ALL, deeds)
    assert {intent.value: found.get(intent, 0) // 100 for intent in Intent} == {
        intent.value: expected.get(intent, 100) for intent in Intent
    }


def deeds_of(measures: Measures, files: int) -> Deeds:
    arc = make.arc(make.prompt("x"), measures=measures, files=tuple(FileEdits(f"{n}.py", 1, 1) for n in range(files)))
    return Deeds.of(arc, read_work(arc.events))


@pytest.mark.parametrize(
    ("added", "removed", "files", "small"),
    [(19, 0, 2, True), (20, 0, 2, False), (19, 0, 3, False), (30, 30, 1, True), (31, 30, 1, False), (1, 0, 1, True)],
)
def test_a_small_change_is_under_twenty_net_and_sixty_touched_lines_in_two_files(
    added: int, removed: int, files: int, small: bool
):
    """Section 7.4; the limit of touched lines is ours."""
    found = deeds_of(Measures(net_loc=abs(added - removed), lines_added=added, lines_removed=removed), files)
    assert (found.small, found.big, found.edited, found.mutated) == (small, not small, True, False)


def test_without_lines_a_change_is_of_no_size():
    found = deeds_of(Measures(mutating_tool_calls=1), 1)
    assert (found.small, found.big, found.edited, found.mutated, found.papers) == (False, False, False, True, False)
