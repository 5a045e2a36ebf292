"""Integrity flags: what raises each, what does not, and that they keep their ids."""

from datetime import datetime, timedelta
from uuid import uuid5

from domain.judging.arcs import Arc
from domain.judging.integrity import SubstanceRow, flags, median_substance_outliers, substance
from domain.judging.records import FlagKind, Intent, Measures, State
from domain.timeline import Event, Kind
from tests import make

SECOND = 1 / 60


def kinds(*events: Event, measures: Measures | None = None, state: State = State.SCORED) -> set[FlagKind]:
    arc = make.arc(*events, measures=measures)
    return {flag.kind for flag in flags(arc, make.sub_session(state=state))}


def prompts(*texts: str, pause_s: float = 10) -> list[Event]:
    return [make.prompt(text, i * pause_s * SECOND) for i, text in enumerate(texts)]


def test_three_prompts_almost_alike_within_a_minute_each_are_a_storm():
    again = "please fix the failing login test in the web shop now"
    assert kinds(*prompts(again, again + "!", again)) == {FlagKind.AUTO_RETRY_STORM}
    assert kinds(*prompts(again, again)) == set()
    assert kinds(*prompts(again, again, again, pause_s=61)) == set()
    assert kinds(*prompts(again, again, again, pause_s=60)) == {FlagKind.AUTO_RETRY_STORM}
    assert kinds(*prompts(again, "add an export", again, again)) == set()
    assert kinds(*prompts(again, again, again, "add an export")) == {FlagKind.AUTO_RETRY_STORM}


def test_overlap_must_be_above_four_fifths():
    nine = "a1 b1 c1 d1 e1 f1 g1 h1 i1"
    assert kinds(*prompts(nine, nine + " j1", nine)) == {FlagKind.AUTO_RETRY_STORM}
    four = "a1 b1 c1 d1"
    assert kinds(*prompts(four + " e1", four, four + " e1")) == set()


def test_just_above_four_fifths_is_alike():
    said = " ".join(f"w{n}" for n in range(13))
    assert kinds(*prompts(said, said + " x y z", said)) == {FlagKind.AUTO_RETRY_STORM}  # 13 of 16
    assert kinds(*prompts(said, said + " v x y z", said)) == set()  # 13 of 17


def test_repeating_a_prompt_without_words_is_a_storm_too():
    assert FlagKind.AUTO_RETRY_STORM in kinds(*prompts("👍", "👍", "👍"))


def failing(count: int, line: str = "npm test", pause_s: float = 10) -> list[Event]:
    return [make.command(line, i * pause_s * SECOND, exit_code=1) for i in range(count)]


def test_five_identical_failing_commands_in_two_minutes_are_a_storm():
    assert kinds(*failing(5)) == {FlagKind.AUTO_RETRY_STORM}
    assert kinds(*failing(4)) == set()
    assert kinds(*failing(5, pause_s=30.25)) == set()
    assert kinds(*failing(5, pause_s=30)) == {FlagKind.AUTO_RETRY_STORM}


def test_a_success_or_another_call_breaks_the_row():
    first, last = failing(3), [make.command("npm test", 1 + i * SECOND, exit_code=1) for i in range(2)]
    assert kinds(*first, make.command("npm test", 0.9), *last) == set()
    assert kinds(*first, make.command("npm ci", 0.9, exit_code=1), *last) == set()


def test_words_between_failures_do_not_break_the_row():
    said = [make.response("Let me try again.", (i * 10 + 5) * SECOND) for i in range(5)]
    events = sorted([*failing(5), *said], key=lambda event: event.ts)
    assert kinds(*events) == {FlagKind.AUTO_RETRY_STORM}


def calls(count: int, **facts: object) -> list[Event]:
    made: list[Event] = []
    for i in range(count):
        call = {"call_id": f"c{i}", "tool": "Edit"}
        made += [make.tool_use("Edit", i * SECOND, input={"old": "a"}, call_id=f"c{i}")]
        made += [make.event(Kind.TOOL_RESULT, i * SECOND, **{"succeeded": False, **call, **facts})]
    return made


def test_five_identical_failing_tool_calls_are_a_storm():
    assert kinds(*calls(5)) == {FlagKind.AUTO_RETRY_STORM}
    assert kinds(*calls(4)) == set()
    assert kinds(*calls(5, succeeded=True)) == set()


def test_a_command_and_the_result_of_its_call_are_one_failure():
    assert kinds(*shell_calls(3)) == set()
    assert kinds(*shell_calls(5)) == {FlagKind.AUTO_RETRY_STORM}


def test_a_command_of_a_call_without_a_result_tells_for_itself():
    alone = [event for event in shell_calls(5) if event.kind is not Kind.TOOL_RESULT]
    assert kinds(*alone) == {FlagKind.AUTO_RETRY_STORM}


def shell_calls(count: int) -> list[Event]:
    return [
        event
        for i in range(count)
        for event in (
            make.tool_use("Bash", i * SECOND, input={"command": "make"}, call_id=f"c{i}"),
            make.event(Kind.TOOL_RESULT, i * SECOND, tool="Bash", succeeded=False, call_id=f"c{i}"),
            make.command("make", i * SECOND, exit_code=2, call_id=f"c{i}"),
        )
    ]


def test_results_whose_calls_are_unknown_are_not_alike():
    lost = [make.event(Kind.TOOL_RESULT, i * SECOND, tool="Edit", succeeded=False) for i in range(6)]
    assert kinds(*lost) == set()


def test_five_tiny_prompts_in_two_minutes_are_a_burst():
    texts = ("yes", "1", "ok do it", "no", "next")
    assert kinds(*prompts(*texts, pause_s=30)) == {FlagKind.TINY_PROMPT_BURST}
    assert kinds(*prompts(*texts, pause_s=30.25)) == set()
    assert kinds(*prompts("yes", "1", "ok do it", "no", "ten chars!")) == set()
    assert kinds(*prompts("yes", "1", "ok do it", "no", "9 letters")) == {FlagKind.TINY_PROMPT_BURST}
    assert FlagKind.TINY_PROMPT_BURST not in kinds(*prompts("", "", "", "", "", ""))
    assert kinds(*prompts("yes", "1", "a longer prompt between", "ok do it", "no", "next")) == {
        FlagKind.TINY_PROMPT_BURST
    }


def test_only_a_scored_arc_can_breach_the_floor():
    empty = Measures(turn_count=1)
    assert kinds(make.prompt("hello"), measures=empty) == {FlagKind.SUBSTANCE_FLOOR_BREACH}
    assert kinds(make.prompt("hello"), measures=empty, state=State.EXCLUDED) == set()
    assert kinds(make.prompt("hello"), measures=Measures(mutating_tool_calls=1)) == set()


def merged(count: int) -> Arc:
    parts = tuple(make.fragment(make.prompt(f"change part{i} of it", i * 10)) for i in range(count))
    events = tuple(event for part in parts for event in part.events)
    return Arc(parts, events, Measures(mutating_tool_calls=1), ())


def test_three_merged_fragments_are_flagged_with_their_openings():
    (flag,) = flags(merged(3), make.sub_session())
    assert flag.kind is FlagKind.FRAGMENTATION_MERGE
    assert len(flag.event_ids) == 3
    assert flags(merged(2), make.sub_session()) == ()


def test_a_flag_keeps_its_id_and_stands_at_the_start_of_its_arc():
    arc = make.arc(*failing(5))
    owner = make.sub_session()
    (flag,) = flags(arc, owner)
    assert flags(arc, owner) == (flag,)
    assert flag.id == uuid5(owner.id, "auto_retry_storm")
    assert (flag.created_at, flag.severity, flag.sub_session_id) == (owner.started_at, "warn", owner.id)
    assert len(flag.event_ids) == 5


def rows(*values: float, intent: Intent = Intent.FEATURE, days: float = 1) -> list[SubstanceRow]:
    return [
        SubstanceRow(make.arc_id(f"{intent} {i}"), intent, make.START + timedelta(days=i * days), value)
        for i, value in enumerate(values)
    ]


def test_substance_counts_turns_lines_and_calls():
    assert substance(Measures(turn_count=3, net_loc=25, mutating_tool_calls=2)) == 9.5


def test_an_arc_far_below_the_usual_is_an_outlier():
    found = median_substance_outliers(rows(*[8.0] * 9, 1.9))
    assert [(flag.sub_session_id, flag.kind) for flag in found] == [
        (make.arc_id("feature 9"), FlagKind.MEDIAN_SUBSTANCE_OUTLIER)
    ]
    assert len(median_substance_outliers(rows(*[8.0] * 9, 1.97))) == 1
    assert median_substance_outliers(rows(*[8.0] * 9, 2.0)) == ()


def test_the_median_of_an_even_number_lies_between_the_middle_two():
    ten, eleven = [12.0] * 5 + [4.0] + [1.0] * 3, [12.0] * 6 + [4.0] * 4
    assert len(median_substance_outliers(rows(*ten, 1.9))) == 1
    assert median_substance_outliers(rows(*ten, 2.1)) == ()
    assert len(median_substance_outliers(rows(*eleven, 2.9))) == 1


def test_fewer_than_ten_arcs_or_other_intents_say_nothing():
    assert median_substance_outliers(rows(*[8.0] * 8, 0.1)) == ()
    mixed = [*rows(*[8.0] * 8), *rows(*[8.0] * 5, intent=Intent.BUG_FIX), *rows(0.1, intent=Intent.REVIEW)]
    assert median_substance_outliers(mixed) == ()


def test_arcs_older_than_thirty_days_do_not_count():
    old = rows(*[8.0] * 9)
    late = make.START + timedelta(days=38, seconds=1)
    newest = SubstanceRow(make.arc_id("late"), Intent.FEATURE, late, 0.1)
    assert median_substance_outliers([*old, newest]) == ()
    same_day = rows(*[8.0] * 9, days=0)
    next_month = SubstanceRow(make.arc_id("late"), Intent.FEATURE, make.START + timedelta(days=30, seconds=1), 0.1)
    assert median_substance_outliers([*same_day, next_month]) == ()
    at_the_edge = SubstanceRow(make.arc_id("late"), Intent.FEATURE, make.START + timedelta(days=30), 0.1)
    assert len(median_substance_outliers([*old, at_the_edge])) == 1


def test_outliers_agree_with_a_plain_count_in_any_order():
    values = [float((i * 37) % 11) for i in range(60)]
    given = rows(*values, days=1.5)
    found = {flag.sub_session_id for flag in median_substance_outliers(given[::-1])}
    assert found == {row.id for row in given if _plainly_outlying(row, given)}
    assert found


def _plainly_outlying(row: SubstanceRow, rows: list[SubstanceRow]) -> bool:
    since: datetime = row.started_at - timedelta(days=30)
    near = sorted(other.substance for other in rows if since <= other.started_at <= row.started_at)
    middle = (near[(len(near) - 1) // 2] + near[len(near) // 2]) / 2
    return len(near) >= 10 and row.substance < 0.25 * middle
