"""Cuts and joins by hand: pure inputs of a derivation, which go before its rules."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.judging.arc_edits import Code, different, holder, last_cut, last_join, seams
from domain.judging.arcs import Fragment, Rules, SessionLog
from domain.judging.by_hand import Cut, Edits, Join, Seam, Shape, tied, ties
from domain.judging.derive import derive
from domain.judging.records import CloseReason, State, SubSession
from domain.judging.segmentation import begun_with, segment
from domain.timeline import Event, Kind
from domain.values import EventId
from tests import make
from tests.domain.judging.test_appeals import said
from tests.domain.judging.test_derive import FixedJudge, cleared, edit, histories, shuffled, work


def join(number: int, *seams: Seam) -> Join:
    return Join(number, seams, frozenset())


NO_SHAPE, NO_EDITS = Shape(), Edits()


def derived(*logs: SessionLog, shape: Shape = NO_SHAPE, edits: Edits = NO_EDITS) -> list[SubSession]:
    return derive(logs, Rules(), FixedJudge(), replace(edits, shape=shape))


def shown(rows: Sequence[SubSession]) -> list[list[float]]:
    """The starts, in minutes, of the fragments of each arc."""
    starts = {row.id: (row.started_at - make.START).total_seconds() / 60 for row in rows}
    return [[starts[id] for id in row.fragment_ids] for row in rows if row.state is not State.MERGED]


def cut(log: SessionLog, *numbers: int) -> Shape:
    """A cut before each of these events of a log, in the order of the list."""
    return Shape(cuts=tuple(Cut(n, log.events[index].id) for n, index in enumerate(numbers, start=1)))


# One fragment: a prompt and an edit at 0, 10 and 20, closed at 30.
WHOLE = make.session_log(*work(0), *work(10), *work(20), ended_at=30)
# Three fragments that merging joins: each cleared, taken up within ten minutes.
CHAIN = cleared(0, 10, 20)


def test_a_cut_makes_two_arcs_of_one() -> None:
    assert shown(derived(WHOLE)) == [[0]]
    first, second = derived(WHOLE, shape=cut(WHOLE, 2))
    assert (first.id, second.id) == (derived(WHOLE)[0].id, begun_with(WHOLE.events[2].id))
    assert (first.measures.turn_count, second.measures.turn_count) == (1, 2)
    assert (first.close_reason, first.ended_at) == (CloseReason.MANUAL, make.time(0))
    assert (second.close_reason, second.ended_at) == (CloseReason.SESSION_END, make.time(30))
    assert (first.split_by_hand, second.split_by_hand) == (False, True)
    assert [row.state for row in (first, second)] == [State.SCORED] * 2


def test_a_cut_may_lie_within_a_turn() -> None:
    first, second = derived(WHOLE, shape=cut(WHOLE, 3))
    assert (len(first.prompt_ids), len(second.prompt_ids)) == (2, 1)
    assert second.id == begun_with(WHOLE.events[3].id)


def test_what_was_cut_is_not_joined_again_by_rule() -> None:
    assert shown(derived(CHAIN)) == [[0, 10, 20]]
    begins = next(i for i, event in enumerate(CHAIN.events) if event.ts == make.time(10))
    assert shown(derived(CHAIN, shape=cut(CHAIN, begins))) == [[0], [10, 20]]


def test_a_cut_keeps_the_reason_for_which_the_arc_closed_there_anyway() -> None:
    begins = next(i for i, event in enumerate(CHAIN.events) if event.ts == make.time(10))
    first, *_ = derived(CHAIN, shape=cut(CHAIN, begins))
    assert first.close_reason is CloseReason.CLEAR


@pytest.mark.parametrize("index", range(6))
def test_every_event_but_the_first_can_begin_an_arc(index: int) -> None:
    rows = derived(WHOLE, shape=cut(WHOLE, index))
    assert begun_with(WHOLE.events[index].id) in [row.id for row in rows]
    assert len(rows) == (1 if index == 0 else 2)


def test_bookkeeping_between_arcs_can_be_cut_off() -> None:
    start, note = make.event(Kind.SESSION_START, -2), make.event(Kind.CHECKPOINT, 6)
    log = make.session_log(start, *work(0), make.event(Kind.CONTEXT_CLEAR, 5), note, *work(30, "b"), ended_at=40)
    assert shown(derived(log)) == [[-2], [30]]
    assert shown(derived(log, shape=Shape((Cut(1, note.id),)))) == [[-2], [6]]
    lead, own, _ = derived(log, shape=Shape((Cut(1, log.events[1].id),)))
    assert (lead.state, lead.ended_at, own.started_at) == (State.EXCLUDED, make.time(-2), make.time(0))


def test_what_came_after_the_end_can_be_cut_off() -> None:
    late = make.prompt("one more thing", 35)
    log = make.session_log(*work(0), *work(34), late, *work(36), ended_at=30)
    [whole] = derived(log)
    first, second = derived(log, shape=Shape((Cut(1, late.id),)))
    assert (whole.measures.turn_count, first.measures.turn_count, second.measures.turn_count) == (4, 2, 2)
    assert (second.started_at, second.ended_at) == (make.time(35), make.time(35))


def test_a_cut_waits_for_its_event() -> None:
    shape = Shape((Cut(1, make.event_id("elsewhere")),))
    assert derived(WHOLE, shape=shape) == derived(WHOLE)


def seam(rows: Sequence[SubSession], log: SessionLog, first: int, second: int) -> Seam:
    """From the last event of one fragment of a log to the first of another."""
    parts = segment(log, Rules())
    return parts[first].events[-1].id, parts[second].events[0].id


APART = cleared(0, 100, 200)
"""As CHAIN, but with an hour and a half in between."""


def test_a_join_makes_one_arc_of_two_whatever_lies_between() -> None:
    rows = derived(APART)
    assert shown(rows) == [[0], [100], [200]]
    joined = derived(APART, shape=Shape(joins=(join(1, seam(rows, APART, 0, 1)),)))
    assert shown(joined) == [[0, 100], [200]]
    arc = joined[0]
    assert (arc.merged_by_hand, arc.measures.turn_count, arc.ended_at) == (True, 2, make.time(105))
    assert [row.merged_by_hand for row in joined[1:]] == [False, False]


def test_joins_reach_over_sessions_and_topic_shifts() -> None:
    one = make.session_log(
        *work(0), make.prompt("new task: write a guide for the deployment", 20), *work(21, "b"), ended_at=30
    )
    two = make.session_log(*work(500, "c"), session="two", ended_at=510)
    rows = derived(one, two)
    assert shown(rows) == [[0], [20], [500]]
    last, first = segment(one, Rules())[1], segment(two, Rules())[0]
    shape = Shape(joins=(join(1, seam(rows, one, 0, 1)), join(2, (last.events[-1].id, first.events[0].id))))
    assert shown(derived(two, one, shape=shape)) == [[0, 20, 500]]


def test_nothing_else_continues_what_was_joined() -> None:
    """What a rule would put after the first goes on by itself, and what comes after the last is joined by rule."""
    beside = make.session_log(*work(7), session="beside", ended_at=9)
    after = make.session_log(*work(110), session="after", ended_at=115)
    shape = Shape(joins=(join(1, seam((), APART, 0, 1)),))
    assert shown(derived(APART, beside, after)) == [[0, 7], [100, 110], [200]]
    assert shown(derived(APART, beside, after, shape=shape)) == [[0, 100, 110], [7], [200]]


def test_the_later_of_a_cut_and_a_join_counts() -> None:
    parts = segment(WHOLE, Rules(), {WHOLE.events[2].id: 1})
    again = (parts[0].events[-1].id, parts[1].events[0].id)
    first, second = Cut(1, WHOLE.events[2].id), Cut(3, WHOLE.events[2].id)
    assert shown(derived(WHOLE, shape=Shape((first,)))) == [[0], [10]]
    assert shown(derived(WHOLE, shape=Shape((first,), (join(2, again),)))) == [[0, 10]]
    assert shown(derived(WHOLE, shape=Shape((second, first), (join(2, again),)))) == [[0], [10]]


def test_an_arc_joined_by_hand_is_cut_where_its_developer_says() -> None:
    """Not only at the seam: what comes after the cut in the first part goes along with the second."""
    shape = Shape(joins=(join(1, seam((), APART, 0, 1)),))
    change = APART.events[1]
    assert change.ts == APART.events[0].ts, "by their ordinals, then"
    rows = {row.id: row for row in derived(APART, shape=Shape((Cut(2, change.id),), shape.joins))}
    first, second = rows[begun_with(APART.events[0].id)], rows[begun_with(change.id)]
    assert (first.measures.turn_count, first.measures.mutating_tool_calls, len(first.fragment_ids)) == (1, 0, 1)
    assert (second.measures.turn_count, second.measures.mutating_tool_calls, len(second.fragment_ids)) == (1, 2, 2)


def test_an_arc_is_open_as_long_as_any_part_of_it() -> None:
    """A session that somebody joined with a later one went on after all."""
    one = make.session_log(*work(0), *work(90), ended_at=None)
    two = make.session_log(*work(50, "b"), session="two", ended_at=60)
    shape = Shape(joins=(join(1, (one.events[1].id, two.events[0].id)),))
    [arc, _] = derived(one, two, shape=shape)
    assert (arc.state, arc.ended_at, arc.close_reason) == (State.OPEN, None, None)
    [arc, _] = derived(replace(one, ended_at=make.time(95)), two, shape=shape)
    assert (arc.state, arc.ended_at, arc.last_event_at) == (State.SCORED, make.time(95), make.time(90))


def test_labels_and_appeals_of_parts_follow_the_arc() -> None:
    """The part that keeps the id keeps both; of joined parts the earliest label and the last appeal count."""
    [whole] = derived(WHOLE)
    edits = Edits(labels={whole.id: edit("Mine", 40)}, appeals={whole.id: said(False)})
    first, second = derived(WHOLE, shape=cut(WHOLE, 2), edits=edits)
    assert (first.label.title, first.appeal is not None) == ("Mine", True)
    assert (second.label.title, second.appeal) == ("Fix it", None)
    one, two, _ = derived(APART)
    edits = Edits(
        labels={one.id: edit("Late", 99), two.id: edit("Early", 50)},
        appeals={one.id: said(True, 60), two.id: said(False, 50)},
    )
    arc = derived(APART, shape=Shape(joins=(join(1, seam((), APART, 0, 1)),)), edits=edits)[0]
    assert (arc.label.title, arc.appeal and arc.appeal.goal_complete) == ("Early", True)


def ids_of(logs: Sequence[SessionLog]) -> list[EventId]:
    return sorted(event.id for log in logs for event in log.events)


@st.composite
def shapes(draw: st.DrawFn, ids: Sequence[EventId]) -> Shape:
    if len(ids) < 2:
        return Shape()
    some = st.sampled_from(ids)
    cuts = draw(st.lists(some, max_size=3))
    joins = draw(st.lists(st.lists(st.tuples(some, some), min_size=1, max_size=2), max_size=3))
    numbers = draw(st.permutations(range(len(cuts) + len(joins))))
    return Shape(
        tuple(Cut(number, id) for number, id in zip(numbers, cuts, strict=False)),
        tuple(join(number, *seams) for number, seams in zip(numbers[len(cuts) :], joins, strict=True)),
    )


@given(histories(), st.randoms(use_true_random=False), st.data())
def test_the_order_of_events_and_edits_does_not_matter(
    logs: list[SessionLog], random: Random, data: st.DataObject
) -> None:
    shape = data.draw(shapes(ids_of(logs)))
    rows = derived(*logs, shape=shape)
    mixed = Shape(
        tuple(random.sample(shape.cuts, len(shape.cuts))), tuple(random.sample(shape.joins, len(shape.joins)))
    )
    assert repr(derived(*shuffled(logs, random), shape=mixed)) == repr(rows)


@given(histories(), st.data())
def test_what_people_say_holds_and_nothing_is_lost(logs: list[SessionLog], data: st.DataObject) -> None:
    shape = data.draw(shapes(ids_of(logs)))
    rows = derived(*logs, shape=shape)
    parts = [part for log in logs for part in segment(log, Rules(), shape.cut_at)]
    assert sorted(event.id for part in parts for event in part.events) == ids_of(logs)
    for part in parts:
        assert all(event.id not in shape.cut_at for event in part.events[1:]), "a cut begins a fragment"
    arc_of = {id: row.id for row in rows for id in row.fragment_ids}
    assert sorted(arc_of) == sorted(part.id for part in parts)
    holding = ties(parts, shape.joins)
    assert all(arc_of[tie.first] == arc_of[tie.second] for tie in holding), "a join holds its fragments together"
    groups = tied(holding)
    for row in rows:
        for part in parts:
            if part.cut is not None and part.id in row.fragment_ids[1:]:
                assert part.id in groups, "only a later join brings back what was cut off"
        assert row.merged_by_hand == any(id in groups for id in row.fragment_ids)
        assert row.state is State.MERGED or (row.ended_at is None) == (row.state is State.OPEN)


@given(histories(), st.data())
def test_an_edit_taken_back_leaves_no_trace(logs: list[SessionLog], data: st.DataObject) -> None:
    shape = data.draw(shapes(ids_of(logs)))
    more = Shape((*shape.cuts, *data.draw(shapes(ids_of(logs))).cuts), shape.joins)
    derived(*logs, shape=more)
    assert repr(derived(*logs, shape=Shape(more.cuts[: len(shape.cuts)], more.joins))) == repr(
        derived(*logs, shape=shape)
    )


def parts_of(*logs: SessionLog) -> list[Fragment]:
    return [part for log in logs for part in segment(log, Rules())]


def code_of(error: pytest.ExceptionInfo[Invalid]) -> Code:
    [fault] = error.value.faults
    return Code(fault.code)


def test_where_an_arc_can_be_cut() -> None:
    [whole] = parts_of(WHOLE)
    assert holder([whole], WHOLE.events[1].id) is whole
    for id, code in ((WHOLE.events[0].id, Code.NOTHING_BEFORE), (make.event_id("other"), Code.NOT_IN_ARC)):
        with pytest.raises(Invalid) as refused:
            holder([whole], id)
        assert code_of(refused) is code


def test_arcs_that_follow_on_each_other_can_be_joined_in_any_order() -> None:
    one, two, three = parts_of(APART)
    found = seams([[three], [one], [two]], [one, two, three])
    assert found == [(one.events[-1].id, two.events[0].id), (two.events[-1].id, three.events[0].id)]


def test_a_third_arc_between_two_keeps_them_apart() -> None:
    one, two, three = parts_of(APART)
    with pytest.raises(Invalid) as refused:
        seams([[one], [three]], [one, two, three])
    assert code_of(refused) is Code.NOT_ADJACENT


def log_of(name: str, start: float, end: float | None, project: str | None = make.PROJECT) -> SessionLog:
    events: Sequence[Event] = work(start, name=f"{name} {start}")
    return make.session_log(*events, session=name, ended_at=end, project=project)


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (log_of("a", 0, 20), log_of("b", 10, 30), Code.NOT_ADJACENT),
        (log_of("a", 0, None), log_of("b", 10, 30), Code.NOT_ADJACENT),
        (log_of("a", 0, 5), log_of("b", 10, 30, "/home/ada/other"), Code.OTHER_PROJECT),
        (log_of("a", 0, 5, None), log_of("b", 10, 30, None), Code.OTHER_PROJECT),
        (log_of("a", 0, 10), log_of("b", 10, 30), None),
        (log_of("a", 0, 10), log_of("b", 5000, None), None),
    ],
)
def test_arcs_of_two_sessions_are_joined_within_a_project_one_after_the_other(
    first: SessionLog, second: SessionLog, code: Code | None
) -> None:
    parts = parts_of(first, second)
    if code is None:
        assert len(seams([[part] for part in parts], parts)) == 1
        return
    with pytest.raises(Invalid) as refused:
        seams([[part] for part in parts], parts)
    assert code_of(refused) is code


def test_two_to_twenty_different_arcs_are_joined() -> None:
    ids = [make.arc_id(n) for n in range(21)]
    assert different([ids[1], ids[0], ids[1]]) == [ids[1], ids[0]]
    assert different(ids[:20]) == ids[:20]
    for wrong, code in (([], Code.TOO_FEW), ([ids[0]] * 2, Code.TOO_FEW), (ids, Code.TOO_MANY)):
        with pytest.raises(Invalid) as refused:
            different(wrong)
        assert code_of(refused) is code


def test_what_can_be_taken_back() -> None:
    parts = segment(WHOLE, Rules(), {WHOLE.events[2].id: 7})
    between = (parts[0].events[-1].id, parts[1].events[0].id)
    assert last_cut(parts[1:]) == 7
    assert last_join(parts, [join(8, between), join(9, between)]) == 9
    for undo in (lambda: last_cut(parts[:1]), lambda: last_join(parts, [join(6, between)])):
        with pytest.raises(Invalid):
            undo()
