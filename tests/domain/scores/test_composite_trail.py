"""What a session leaves behind."""

from datetime import UTC, date, datetime, timedelta
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from domain.judging.records import Habit, Measures, State, SubSession
from domain.scores.composite_efficiency import Effort
from domain.scores.composite_rhythm import MINUTE, Run, Stretch, active_ms
from domain.scores.composite_trail import DAY, Trail, Used, by_day, day_of, day_starts, milliseconds, trails
from domain.timeline import Event, Kind, Tokens
from domain.values import EventId
from tests.make import START, command, event, prompt, response, rubric, session_log, sub_session, time, tool_use

BUG = "Fix the wrong rounding of totals in shop/totals.py and run the tests."


def left(*events: Event, arcs: tuple[SubSession, ...] = ()) -> Trail:
    [trail] = trails([session_log(*events)], arcs)
    return trail


def ms(minute: float) -> int:
    return milliseconds(time(minute))


def used(at: float, tokens: Tokens, request: str) -> Event:
    return event(Kind.AI_RESPONSE, at, actor="ai", tokens=tokens, request_id=request)


def test_a_prompt_has_an_answer_and_a_pause_before_it() -> None:
    found = left(
        event(Kind.SESSION_START, 0),
        prompt(BUG, 1),
        tool_use("Read", 2),
        response("done", 4),
        prompt("thanks, works perfectly", 14),
        event(Kind.SESSION_END, 20),
    )
    first, second = found.asked
    assert (first.at, first.response_ms, first.pause_ms) == (ms(1), 3 * MINUTE, None)
    assert (second.at, second.response_ms, second.pause_ms) == (ms(14), None, 10 * MINUTE)
    assert first.rubric is not None
    assert second.rubric is None
    assert found.runs == (Run(ms(0), ms(4), ms(9)), Run(ms(14), ms(14), ms(19)), Run(ms(20), ms(20), ms(20)))


def test_waiting_while_the_assistant_works_counts_five_minutes_of_a_gap() -> None:
    [asked] = left(prompt(BUG, 0), tool_use("Bash", 1), response("done", 61)).asked
    assert asked.response_ms == 6 * MINUTE


def test_what_people_do_beside_is_no_answer() -> None:
    by_hand = command("ls", 3, actor="human")
    [asked] = left(prompt(BUG, 0), response("done", 1), by_hand, event(Kind.CONTEXT_CLEAR, 4)).asked
    assert asked.response_ms == MINUTE


def test_objections_and_repetitions_correct_the_prompt_before() -> None:
    found = left(
        prompt(BUG, 0),
        response("done", 1),
        prompt("it still fails with the same error", 2),
        response("now", 3),
        prompt("that's wrong, it should be rounded half up in totals.py", 4),
        response("done", 5),
        prompt("Add a marker to the tide chart in chart.ts", 6),
        prompt("Add a marker to the tide chart in chart.ts", 7),
    )
    assert [one.corrects for one in found.asked] == [False, True, True, False, True]
    economy = [one.rubric and one.rubric.turn_economy for one in found.asked]
    assert economy[0] == 10 / 3
    assert economy[3:] == [5, 10]


def test_a_no_that_answers_a_question_corrects_nothing() -> None:
    found = left(prompt(BUG, 0), response("Shall I also change the carts?", 1), prompt("no", 2))
    assert [one.corrects for one in found.asked] == [False, False]


def test_what_belongs_to_another_goal_corrects_nothing() -> None:
    asked = [prompt(BUG, 0), prompt("the chart is broken, it shows the wrong tide", 30)]
    arcs = tuple(sub_session(n, prompt_ids=(one.id,)) for n, one in enumerate(asked))
    assert [one.corrects for one in left(*asked).asked] == [False, True]
    assert [one.corrects for one in left(*asked, arcs=arcs).asked] == [False, False]


def test_marks_hold_a_prompt_to_what_its_arc_is_held_to() -> None:
    asked = prompt("Rename the helper in shop/totals.py", 0)
    only = rubric(habits={Habit.REFERENCES_CONCRETE: True, Habit.CONTEXT_SUFFICIENT: None})
    [held] = left(asked, arcs=(sub_session(prompt_ids=(asked.id,), rubric=only),)).asked
    [free] = left(asked).asked
    assert [one.rubric and one.rubric.context_leverage for one in (held, free)] == [10, 5]


def test_prompts_count_also_where_their_words_were_not_recorded() -> None:
    found = left(event(Kind.PROMPT, 0, actor="human", data={}), response("done", 1))
    assert [(one.rubric, one.response_ms) for one in found.asked] == [(None, MINUTE)]


def test_commands_callbacks_and_sub_agents_ask_nothing() -> None:
    callback = "<task-notification>done</task-notification>"
    others = (prompt("/compact", 0), prompt(callback, 1), prompt(BUG, 2, agent_id="a"), event(Kind.SLASH_COMMAND, 3))
    assert left(*others).asked == ()


def test_only_people_reset_a_context() -> None:
    found = left(
        event(Kind.CONTEXT_CLEAR, 0),
        event(Kind.CONTEXT_COMPACT, 1, data={"trigger": "manual"}),
        event(Kind.CONTEXT_COMPACT, 2, data={}),
        event(Kind.CONTEXT_COMPACT, 3, data={"trigger": "auto"}),
        event(Kind.CONTEXT_COMPACT, 4, agent_id="a"),
        prompt("/clear", 5),
    )
    assert found.resets == (ms(0), ms(1), ms(2), ms(5))


def test_each_response_counts_once_and_caches_do_not() -> None:
    found = left(
        used(1, Tokens(10, 5, 9_000, 80), "a"),
        used(2, Tokens(10, 20, 9_000, 80), "a"),
        used(3, Tokens(0, 7), "b"),
        used(16, Tokens(1, 1), "c"),
        used(17, Tokens(0, 0, 5_000), "d"),
    )
    assert found.used == (Used(ms(2), 37), Used(ms(16), 2))


def _effort(*events: Event, **changes: object) -> list[Effort]:
    ids: tuple[EventId, ...] = tuple(one.id for one in events if one.kind is Kind.PROMPT)
    return [one.effort for one in left(*events, arcs=(sub_session(prompt_ids=ids, **changes),)).took]


def test_what_an_arc_took() -> None:
    events = [prompt(BUG, 0), response("a", 2), prompt("go on", 3), response("b", 4), prompt("go on", 14)]
    measures = Measures(turn_count=3, tokens=Tokens(1, 2, 3, 4))
    assert _effort(*events, measures=measures) == [Effort(10, 3, 60 + 300, 90)]
    assert _effort(prompt(BUG, 0), measures=Measures()) == [Effort(None, None, None, None)]


def test_an_arc_of_two_sessions_took_what_it_took_in_both() -> None:
    first, second = [prompt(BUG, 0), response("a", 2)], [prompt("go on", 30), response("b", 34)]
    logs = [session_log(*first, session="one"), session_log(*second, session="two")]
    arc = sub_session(session_id=logs[0].session_id, prompt_ids=(first[0].id, second[0].id))
    one, two = trails(logs, [arc])
    assert [took.effort for took in one.took] == [Effort(None, 3, None, 180)]
    assert two.took == ()


def test_only_closed_arcs_past_the_floor_took_something() -> None:
    assert len(_effort(state=State.CLOSED)) == 1
    assert _effort(state=State.OPEN) == _effort(state=State.MERGED) == _effort(state=State.EXCLUDED) == []
    assert _effort(substance_floor_passed=False) == []


def test_a_trail_is_cut_at_the_midnights_of_utc() -> None:
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    minutes = (midnight - START) / timedelta(minutes=1)
    found = left(
        *(event(Kind.TOOL_USE, minutes + n) for n in (-2, 1, 3)), prompt(BUG, minutes), prompt(BUG, minutes + 60)
    )
    first, second = by_day(found).items()
    assert (first[0], second[0]) == (date(2026, 3, 2), date(2026, 3, 3))
    start = day_starts(second[0])
    assert first[1].runs == (Run(start - 2 * MINUTE, start, start),)
    assert second[1].runs[0] == Run(start, start + 3 * MINUTE, start + 8 * MINUTE)
    assert [one.at for one in second[1].asked] == [start, start + 60 * MINUTE]
    assert first[1].asked == ()


def test_nothing_leaves_nothing() -> None:
    assert left() == Trail()
    assert by_day(Trail()) == {}
    assert trails([], []) == []


@given(st.lists(st.integers(0, 4 * DAY // MINUTE), max_size=30))
def test_days_hold_what_the_whole_held(minutes: list[int]) -> None:
    whole = left(*(prompt(BUG, n) for n in minutes))
    days = by_day(whole)
    assert [one for day in days.values() for one in day.asked] == list(whole.asked)
    assert all(day_of(one.at) == day for day, part in days.items() for one in (*part.asked, *part.used))
    pieces = list(chain.from_iterable(part.runs for part in days.values()))
    ever = Stretch(0, 10**15)
    assert active_ms(pieces, ever) == active_ms(whole.runs, ever)
    assert all(day_of(run.start) == day for day, part in days.items() for run in part.runs)
