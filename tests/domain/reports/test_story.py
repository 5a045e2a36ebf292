"""What the built-in writer says: the texts as a reader gets them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.judging.records import Habit, SubSession
from domain.languages import Language, phrases
from domain.reports import story
from domain.reports.facts import Facts
from domain.scores.totals import totals
from domain.timeline import Tokens
from tests.make import rubric
from tests.make_facts import OVER, lost, make_facts, won

EN, DE = phrases(Language.EN), phrases(Language.DE)


def narrative(facts: Facts) -> str:
    return story.prose(facts, EN).narrative


def wins(count: int, **facts: object) -> list[SubSession]:
    return [won(number, **facts) for number in range(count)]


def test_a_usual_week() -> None:
    worst = lost(9, "change", "objection", quote="this broke the other page")
    facts = make_facts(*wins(4), won(5, "Export the timetable"), worst, before=[*wins(2), lost(3), lost(4), lost(6)])
    assert narrative(facts) == (
        "Of 6 goals, 5 were reached. That makes a score of 83.3 (A-).\n\n"
        "The best news is the score: 83.3, up from 40.0. It may well be chance: there are few goals to go by."
        "\n\n"
        "The biggest win took 25 min: “Fix the rounding of totals”."
        " Worth a second look: “Move the cache”."
        " The last word on it was an objection: “this broke the other page”\n\n"
        "The habit with the most room is “Asking for a check”: it shows in 5 of 6 goals that call for it."
        " End a request with how it is to be proven: the test that must pass, or the command that must run."
    )


def test_good_prompts_are_praised() -> None:
    tip = "Every habit of a good prompt shows in nearly all goals that call for it: keep it up."
    assert story.prose(make_facts(*wins(6)), EN).tip == tip


@pytest.mark.parametrize(
    ("arcs", "said"),
    [
        ([], "Nothing was recorded in this time. If that surprises you, check that sessions are still being captured."),
        (wins(1), "There was one goal to score, and it was reached. That is too little for a score to mean much:"),
        ([lost(1)], "There was one goal to score, and it was not reached. That is too little"),
        ([lost(1), lost(2)], "None of the 2 goals was reached. That is too little for a score to mean much:"
         " any rate from 0% to 66% would fit."),
        ([won(1), lost(2)], "Of 2 goals, one was reached. That is too little"),
        ([*wins(4), lost(9)], "Of 5 goals, 4 were reached. That makes a score of 80.0 (A-).\n"),
        ([*wins(2), *(lost(n) for n in range(4, 7))], "Of 5 goals, 2 were reached. That makes a score of 40.0 (C):"),
        ([*wins(9), lost(9)], "Of 10 goals, 9 were reached. That makes a score of 90.0 (A), and a strong one."),
        (wins(6), "All 6 goals were reached. That makes a score of 100.0 (A+), and a strong one."),
        ([won(1), *(lost(n) for n in range(2, 9))], "Of 8 goals, one was reached. That makes a score of 12.5 (F):"
         " this was hard going."),
        ([*wins(3), *(lost(n) for n in range(5, 8))], "Of 6 goals, 3 were reached. That makes a score of 50.0 (C+).\n"),
    ],
)  # fmt: skip
def test_how_it_begins(arcs: list[SubSession], said: str) -> None:
    assert narrative(make_facts(*arcs)).startswith(said)


def test_work_that_cannot_be_scored_is_no_quiet_time() -> None:
    facts = make_facts(
        replace(won(1), substance_floor_passed=False, outcome=replace(won(1).outcome, goal_complete=None))
    )
    assert narrative(facts).startswith("There was one session, but nothing in it can be scored yet.")


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (wins(6), [], "The period before holds too few goals for a comparison."),
        (wins(6), wins(2), "The period before holds too few goals for a comparison."),
        (wins(6), wins(6), "Little has changed since the period before, which scored 100.0."),
        (wins(9, minutes=60), wins(9, minutes=5), "Goals took longer: from 5 min up to 1 h at the median."),
        (wins(9, minutes=5), wins(9, minutes=60), "Goals came sooner: from 1 h down to 5 min at the median."),
        (wins(9, spent=900_000), wins(9, spent=30_000), "A goal took more tokens: from 30K up to 900K at the median."),
        ([lost(n) for n in range(9)], wins(9), "What stands out is the score: 0.0, down from 100.0."
         " A habit is slipping: “Asking for a check” fell from 100% to 0% of the goals that call for it."),
    ],
)  # fmt: skip
def test_the_change_that_stands_out(now: list[SubSession], before: list[SubSession], said: str) -> None:
    paragraphs = story.prose(make_facts(*now, before=before), EN).paragraphs
    assert paragraphs[0] == said


def test_tokens_are_compared_where_all_are_known() -> None:
    untold = replace(won(9), measures=replace(won(9).measures, tokens=Tokens()))
    said = narrative(make_facts(*wins(9, spent=900_000), before=[*wins(9, spent=30_000), untold]))
    assert "more tokens" not in said


def test_no_sentence_ends_with_two_stops() -> None:
    slower = make_facts(*wins(9, minutes=60.5), before=wins(9, minutes=5.5))
    told = story.prose(slower, DE).narrative
    assert told.count("Sek.\n") == 1
    assert ".." not in told


def test_a_change_of_few_goals_may_be_chance() -> None:
    few, more = [*wins(3), lost(5)], [lost(n) for n in range(3)]
    assert "It may well be chance" in story.prose(make_facts(*few, before=more), EN).paragraphs[0]


def test_the_habit_with_the_most_room_is_advised() -> None:
    rare = {Habit.PLAN_FIRST: False, Habit.GOAL_EXPLICIT: True, Habit.ROOT_CAUSE_ORIENTED: None}
    arcs = [replace(one, rubric=rubric(habits=rare)) for one in wins(4)]
    assert story.prose(make_facts(*arcs), EN).tip == (
        "The habit with the most room is “Planning first”: it shows in 0 of 4 goals that call for it."
        " For anything larger than a small change, agree on a plan before code is written."
    )
    assert "the one goal that calls for it does without" in story.prose(make_facts(arcs[0]), EN).tip


def test_a_habit_that_was_hardly_asked_for_is_no_advice() -> None:
    often = [replace(one, rubric=rubric(habits={Habit.SCOPE_BOUNDED: one != wins(4)[0]})) for one in wins(4)]
    once = replace(won(9), rubric=rubric(habits={Habit.PLAN_FIRST: False, Habit.SCOPE_BOUNDED: True}))
    assert "“Setting limits”: it shows in 4 of 5" in story.prose(make_facts(*often, once), EN).tip


@pytest.mark.parametrize(
    ("criteria", "quote", "said"),
    [
        (("change", "last_run_failed"), "npm test", "The last thing that ran had failed: npm test"),
        (("change", "last_run_failed"), None, "The last run failed"),
        (("change", "interrupted"), None, "It was stopped half-way and not taken up again."),
        (("change",), "a.py", "The change was made, but nothing shows that it works:"),
        ((), None, "Nothing was changed in the end."),
    ],
)
def test_why_a_goal_was_missed(criteria: tuple[str, ...], quote: str | None, said: str) -> None:
    assert said in narrative(make_facts(lost(1, *criteria, quote=quote)))


def test_goals_without_a_title_or_tokens_are_told_of() -> None:
    bare = won(1)
    bare = replace(
        bare,
        label=replace(bare.label, title=None),
        measures=replace(bare.measures, tokens=Tokens(), cost_usd=None),
        first_prompt_at=None,
    )
    assert "The biggest win is “an untitled goal”." in narrative(make_facts(bare))


def test_a_win_is_the_biggest_only_among_others_of_known_size() -> None:
    unsized = [replace(one, measures=replace(one.measures, lines_added=0, lines_removed=0)) for one in wins(2)]
    for few in (unsized, wins(1)):
        assert "A win that took 25 min: “Fix the rounding of totals”." in narrative(make_facts(*few))
    assert "The biggest win took 25 min:" in narrative(make_facts(*wins(2)))


@pytest.mark.parametrize("language", list(Language))
def test_each_language_writes_whole_texts(language: Language) -> None:
    facts = make_facts(*wins(6), lost(9, "objection", quote="no"), before=[lost(n) for n in range(7)])
    told = story.prose(facts, phrases(language))
    assert all((told.summary, *told.paragraphs, told.tip))
    assert "{" not in told.narrative


def test_german_figures_are_written_as_german_readers_do() -> None:
    facts = make_facts(*wins(2), *(lost(n) for n in range(4, 8)))
    assert "33,3" in story.prose(facts, DE).summary


def test_the_best_of_several_periods_is_told() -> None:
    facts = make_facts(*wins(6), before=[*wins(3), lost(4)])
    earlier = [totals([won(1), lost(2)]), totals([]), totals([lost(1), won(2), lost(3)])]
    several = replace(facts, parts=(*facts.parts[:3], *earlier, *facts.parts[6:]))
    assert "It is the best score of the last 4 periods." in story.prose(several, EN).paragraphs[0]
    few = replace(several, parts=(*several.parts[:-1], totals(wins(2))))
    assert "best score" not in narrative(few)
    assert "best score" not in narrative(facts)


def test_a_period_that_goes_on_is_called_unfinished() -> None:
    facts = make_facts(*wins(6), as_of=OVER - timedelta(days=3))
    assert story.prose(facts, EN).summary.endswith("The period is not over yet, so the figures can still change.")
