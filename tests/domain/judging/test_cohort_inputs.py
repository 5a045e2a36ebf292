"""What a session is compared by."""

import pytest

from domain.cohorts import CohortInputs
from domain.judging.cohort_inputs import cohort_inputs
from domain.timeline import Attribution, Event, Kind, Provenance
from tests.make import BY_AI, BY_HAND, START, command, event, file_diff, prompt, time


def inputs(*events: Event) -> CohortInputs:
    return cohort_inputs(events, START, time(60))


def by(attribution: Attribution) -> Event:
    return file_diff("a.py", provenance=Provenance(attribution))


def run(at: float = 0, **counts: object) -> Event:
    return event(Kind.TEST_RUN, at, data=dict(counts))


def test_a_session_without_events_has_the_values_of_nothing() -> None:
    assert cohort_inputs([], None, None) == CohortInputs()


@pytest.mark.parametrize(("end", "ms"), [(60, 3_600_000), (0, 0), (-5, 0), (0.0000166, 0), (1 / 60_000, 1)])
def test_duration_is_from_start_to_end(end: float, ms: int) -> None:
    assert cohort_inputs([], START, time(end)).duration_ms == ms


def test_duration_needs_both_ends() -> None:
    assert cohort_inputs([], None, START).duration_ms is None
    assert cohort_inputs([], START, None).duration_ms is None


def test_prompts_of_sub_agents_are_not_the_candidates() -> None:
    assert inputs(prompt("Fix it"), prompt("Search", agent_id="a1"), prompt("/clear")).prompt_count == 2


@pytest.mark.parametrize(
    ("codes", "rate"),
    [((), 0), ((None,), 0), ((0,), 0), ((1, 0, 0, None), 1 / 3), ((-1, 127), 1), ((2, 0, 0, 0, 0, 0, 0), 1 / 7)],
)
def test_commands_fail_as_far_as_their_exit_code_is_known(codes: tuple[int | None, ...], rate: float) -> None:
    assert inputs(*(command("ls", exit_code=code) for code in codes)).command_fail_rate == rate


@pytest.mark.parametrize(
    ("events", "intensity"),
    [
        ([], 0),
        ([command("pytest")], 0),
        ([file_diff("a.py")], 0),
        ([file_diff("a.py"), command("pytest -q"), command("ruff check ."), command("tsc --noEmit")], 3),
        ([file_diff("a.py"), command("make build"), command("ls -la"), command("git status")], 1),
        ([file_diff("a.py"), file_diff("a.py"), run(passed=1), event(Kind.BUILD_RUN)], 1),
        ([file_diff("a.py"), event(Kind.FILE_CREATE), event(Kind.FILE_DELETE), command("npm test")], 1 / 3),
        ([file_diff("a.py"), command("pytest", call_id="c1"), event(Kind.TEST_RUN, call_id="c1")], 1),
    ],
)
def test_checks_are_counted_by_file_change(events: list[Event], intensity: float) -> None:
    """Tests, linters, type checkers and builds; one that is told twice is one."""
    assert inputs(*events).verify_intensity == intensity


@pytest.mark.parametrize(
    ("attributions", "ratio"),
    [
        ((), 0),
        ((Attribution.UNKNOWN, Attribution.SYSTEM_GENERATED), 0),
        ((Attribution.LIKELY_AI,), 0),
        ((Attribution.LIKELY_HUMAN,), 1),
        ((Attribution.MIXED,), 0.5),
        ((Attribution.AI_REVISED_BY_HUMAN, Attribution.LIKELY_AI, Attribution.UNKNOWN), 0.25),
        ((Attribution.LIKELY_HUMAN, Attribution.LIKELY_AI, Attribution.LIKELY_AI), 1 / 3),
    ],
)
def test_edits_by_hand_weigh_by_what_is_known_of_their_origin(
    attributions: tuple[Attribution, ...], ratio: float
) -> None:
    assert inputs(*map(by, attributions)).manual_edit_ratio == ratio


def test_lines_do_not_weigh_in_the_share_of_edits_by_hand() -> None:
    edits = (file_diff("a.py", added=1_000, provenance=BY_AI), file_diff("b.py", added=1, provenance=BY_HAND))
    assert inputs(*edits).manual_edit_ratio == 0.5


@pytest.mark.parametrize(
    ("events", "ms"),
    [
        ([], None),
        ([command("touch a.py", 1)], None),
        ([file_diff("a.py", 9), event(Kind.FILE_CREATE, 3), event(Kind.FILE_DELETE, 5)], 180_000),
    ],
)
def test_the_first_change_is_timed_from_the_start(events: list[Event], ms: int | None) -> None:
    assert inputs(*events).first_change_latency_ms == ms


@pytest.mark.parametrize(
    ("runs", "passed"),
    [
        ([], False),
        ([run(passed=3, failed=0)], True),
        ([run(passed=3)], True),
        ([run(passed=0, failed=0)], False),
        ([run(failed=0)], False),
        ([run(passed=3, failed=1)], False),
        ([run(1, passed=3, failed=1), run(2, passed=4, failed=0)], True),
        ([run(1, passed=4, failed=0), run(2, passed=3, failed=1)], False),
        ([run(passed="many", failed=0)], False),
    ],
)
def test_the_last_run_of_tests_decides(runs: list[Event], passed: bool) -> None:
    assert inputs(*runs, command("pytest", 9)).tests_passed is passed
