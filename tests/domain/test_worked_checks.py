"""The worked checks of the domain reference, section 21, by their number.

Here stand those of judging, of the headline score and of its pillars. 7 speaks of cohorts: `test_cohorts.py`; 8 and 9
of the older score: `scores/test_composite_metrics.py`. That a rename by another developer finds nothing (10) needs the
database: `tests/resolvers/test_judging.py`.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.judging.arcs import LabelEdit, Rules
from domain.judging.by_hand import Edits
from domain.judging.derive import derive
from domain.judging.records import CloseReason, Habit, Label, State, SubSession, TitleSource, TriviaReason
from domain.judging.rule_judge import RuleJudge
from domain.scores.headline import Tally, headline, tally
from domain.scores.skill import skill
from domain.scores.speed import speed
from domain.scores.totals import Crush, Totals, totals
from domain.scores.windows import Window, WindowKind, window_containing, zone_named
from domain.timeline import Event, Kind
from domain.values import SubSessionId
from tests import make

WINDOW = window_containing(WindowKind.WEEKLY, make.START, zone_named("UTC"))


def derived(
    *events: Event, ended_at: float | None = None, edits: Mapping[SubSessionId, LabelEdit] | None = None
) -> list[SubSession]:
    return derive([make.session_log(*events, ended_at=ended_at)], Rules(), RuleJudge(), Edits(labels=edits or {}))


def test_check_1_five_of_eight_are_62_5_and_b_and_scaling() -> None:
    arcs = [make.sub_session(n) for n in range(5)]
    arcs += [make.sub_session(n, outcome=make.outcome(goal_complete=False)) for n in range(5, 8)]
    found = headline(WINDOW, [tally(totals(arcs))])
    assert (found.prism_score, found.letter_grade, found.personal_tier) == (Decimal("62.5"), "B", "scaling")
    assert (found.crushed_count, found.total_count) == (5, 8)


def test_check_2_a_rate_of_2_4_after_one_of_2_1_is_a_difference_of_0_3() -> None:
    begins = [WINDOW.start + timedelta(days=14 * n) for n in range(4)]
    fortnights = [Window(WindowKind.WEEKLY, start, start + timedelta(days=14), WINDOW.zone) for start in begins]
    crushed = [Totals(qualifying=n, crushes=(Crush(0, None, None),) * n) for n in (18, 20, 21, 24)]
    found = speed(fortnights, crushed, now=fortnights[-1].end)
    assert [float(rate) for rate in found.sparkline] == [1.8, 2.0, 2.1, 2.4]
    assert found.delta_cspw == Decimal("0.3")


def test_check_3_the_habit_that_shows_least_is_the_worst() -> None:
    shown = dict(zip(Habit, (81, 65, 78, 70, 55, 62, 58), strict=True))
    found = skill(Totals(applicable=dict.fromkeys(Habit, 100), shown=shown), None)
    assert found.worst_pillar == "verification_requested"


def test_check_4_nine_hand_typed_lines_are_too_few_and_one_edit_is_enough() -> None:
    looked = [make.tool_use("Read", 2, path="a.py", call_id=f"r{n}") for n in range(3)]
    typed = make.file_diff("a.py", 3, added=9, provenance=make.BY_HAND)
    arc = [make.prompt("explain the totals to me", 0), make.prompt("and the carts too", 1), *looked, typed]
    (failed,) = derived(*arc, ended_at=9)
    assert (failed.state, failed.substance_floor_passed) == (State.EXCLUDED, False)
    assert failed.excluded_reason is TriviaReason.TOO_FEW_LINES
    (passed,) = derived(*arc, make.tool_use("Edit", 4, path="a.py", call_id="e"), ended_at=9)
    assert (passed.state, passed.substance_floor_passed) == (State.SCORED, True)


@pytest.mark.parametrize(("restart", "arcs"), [(9, 1), (10, 1), (11, 2)])
def test_check_5_half_of_the_files_rejoin_within_ten_minutes(restart: float, arcs: int) -> None:
    cleared = 60
    before = [make.prompt("Fix the totals of a and b", 0), make.file_diff("a", 1), make.file_diff("b", 2)]
    at = cleared + restart
    after = [make.prompt("Fix the totals of b and c", at), make.file_diff("b", at + 1), make.file_diff("c", at + 1)]
    rows = derived(*before, make.event(Kind.CONTEXT_CLEAR, cleared), *after, ended_at=at + 5)
    assert sum(row.state is not State.MERGED for row in rows) == arcs
    assert len(rows) == 2


@pytest.mark.parametrize(
    "between",
    [[], [make.event(Kind.CONTEXT_COMPACT, 90)], [make.event(Kind.SLASH_COMMAND, 90, data={"name": "compact"})]],
)
def test_check_6_three_idle_hours_and_compaction_keep_the_arc(between: list[Event]) -> None:
    first = [make.prompt("Fix the rounding of totals in a.py", 0), make.file_diff("a.py", 1)]
    late = [make.prompt("Fix the rounding of totals in the report", 181), make.file_diff("a.py", 182)]
    (arc,) = derived(*first, *between, *late, ended_at=190)
    assert (arc.measures.turn_count, arc.close_reason) == (2, CloseReason.SESSION_END)


def test_check_10_a_title_typed_by_its_owner_outlives_judging_again() -> None:
    open_arc = [make.prompt("Fix the rounding of totals in a.py", 0), make.file_diff("a.py", 1)]
    (plain,) = derived(*open_arc)
    typed = LabelEdit(Label("Cents", None, TitleSource.USER_EDITED), make.time(3))
    for end in (None, 5):
        (named,) = derived(*open_arc, ended_at=end, edits={plain.id: typed})
        assert (named.label.title, named.label.title_source) == ("Cents", TitleSource.USER_EDITED)


def test_check_11_without_qualifying_arcs_there_is_no_score_and_no_error() -> None:
    trivial = make.sub_session(state=State.EXCLUDED, substance_floor_passed=False)
    for found in (headline(WINDOW, [tally(totals([]))]), headline(WINDOW, [Tally(), tally(totals([trivial]))])):
        assert (found.prism_score, found.letter_grade, found.personal_tier) == (None, None, None)
        assert (found.crushed_count, found.total_count) == (0, 0)


def test_the_same_moment_is_in_another_week_elsewhere() -> None:
    """Arcs are counted in the developer's zone: Sunday 23:30 in Lisbon is Monday in Berlin."""
    moment = make.START - timedelta(minutes=9 * 60 + 30)
    lisbon, berlin = (
        window_containing(WindowKind.WEEKLY, moment, zone_named(name)) for name in ("Europe/Lisbon", "Europe/Berlin")
    )
    assert lisbon.end - berlin.start == timedelta(hours=1)
    assert moment in lisbon
    assert moment in berlin
    assert lisbon.start < berlin.start
