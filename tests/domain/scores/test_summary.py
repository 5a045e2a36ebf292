from hypothesis import given

from domain.judging.records import Intent, JudgeStatus, State, SubSession
from domain.scores.counts import Count
from domain.scores.skill import skill
from domain.scores.summary import Summary, summary
from domain.scores.totals import Totals, totals
from tests import make
from tests.domain.scores.parts import arcs


def of(*arcs: SubSession) -> Summary:
    return summary(totals(arcs))


def graded(intent: Intent | None, letter: str, points: float) -> SubSession:
    return make.sub_session(rubric=make.rubric(intent=intent, letter_grade=letter, grade_points=points))


def test_arcs_are_counted_by_intent_grade_and_status() -> None:
    failed = make.sub_session(
        rubric=make.rubric(judge_status=JudgeStatus.PARSE_ERROR, intent=None, letter_grade=None, grade_points=None)
    )
    found = of(
        graded(Intent.REFACTOR, "C+", 62.5),
        graded(Intent.FEATURE, "A+", 100),
        graded(Intent.BUG_FIX, "B", 75),
        graded(Intent.BUG_FIX, "B", 75),
        failed,
        failed,
        failed,
    )
    assert (found.total_count, found.graded_count) == (7, 4)
    assert (str(found.apg), found.letter_grade) == ("0.78", "B")
    assert found.by_intent == (
        Count(Intent.BUG_FIX, 2),
        Count(Intent.FEATURE, 1),
        Count(Intent.REFACTOR, 1),
        Count(None, 3),
    )
    assert found.by_grade == (Count("A+", 1), Count("B", 2), Count("C+", 1))
    assert found.by_judge_status == (Count(JudgeStatus.OK, 4), Count(JudgeStatus.PARSE_ERROR, 3))


def test_what_is_open_excluded_or_merged_away_is_not_counted() -> None:
    gone = [make.sub_session(state=state) for state in (State.OPEN, State.MERGED)]
    assert of(*gone, make.sub_session(state=State.EXCLUDED, substance_floor_passed=False)) == summary(Totals())


def test_an_arc_that_waits_for_its_verdict_is_counted_as_waiting() -> None:
    waiting = make.rubric(judge_status=JudgeStatus.PENDING, intent=None, letter_grade=None, grade_points=None)
    found = of(make.sub_session(state=State.CLOSED, rubric=waiting))
    assert (found.total_count, found.graded_count, found.by_judge_status) == (1, 0, (Count(JudgeStatus.PENDING, 1),))


def test_a_summary_of_nothing_is_empty() -> None:
    found = summary(Totals())
    assert (found.total_count, found.graded_count, found.apg, found.letter_grade) == (0, 0, None, None)
    assert (found.by_intent, found.by_grade, found.by_judge_status) == ((), (), ())


@given(arcs(make.START, days=5))
def test_a_summary_agrees_with_the_skill_pillar_and_adds_up(some: list[SubSession]) -> None:
    found, pillar = summary(totals(some)), skill(totals(some), None)
    assert (found.apg, found.per_boolean, found.pillars) == (pillar.apg, pillar.per_boolean, pillar.pillars)
    assert found.graded_count == pillar.graded_count <= found.total_count
    assert sum(one.count for one in found.by_intent) == found.total_count
    assert sum(one.count for one in found.by_judge_status) == found.total_count
    assert sum(one.count for one in found.by_grade) == found.graded_count
