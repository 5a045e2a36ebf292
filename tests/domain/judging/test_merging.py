from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.arcs import Arc
from domain.judging.merging import arc_of, joins, left_files, merge, touched_files
from domain.judging.records import CloseReason
from domain.timeline import Event, Kind, Tokens
from tests import make

CLEAR, END, SHIFT = CloseReason.CLEAR, CloseReason.SESSION_END, CloseReason.TOPIC_SHIFT


def piece(
    start: float,
    end: float | None,
    files: str = "a",
    reason: CloseReason = CLEAR,
    session: str = "s1",
    project: str | None = make.PROJECT,
    number: int = 0,
) -> Arc:
    """A fragment that edits one file for each letter of `files`; its `number` tells it from others like it."""
    known_by = f"{start} {session} {number}"
    events = [make.prompt("go", start, id=make.event_id(f"piece {files} {known_by}"))]
    events += [make.file_diff(name, start, id=make.event_id(f"{name} {known_by}")) for name in files]
    events.sort(key=lambda event: (event.ts, event.ordinal, event.id))
    return arc_of([make.fragment(*events, session=session, project=project, closed_at=end, reason=reason)])


def shape(fragments: Sequence[Arc]) -> list[list[float]]:
    """The starts, in minutes, of the fragments of each arc."""
    return [[(f.started_at - make.START) / timedelta(minutes=1) for f in arc.fragments] for arc in merge(fragments)]


def test_nothing_is_made_of_nothing() -> None:
    assert merge([]) == []


def test_half_of_the_files_within_ten_minutes() -> None:
    """Worked check 5 of the domain reference."""
    assert shape([piece(0, 60, "ab"), piece(69, 80, "bc")]) == [[0, 69]]
    assert shape([piece(0, 60, "ab"), piece(71, 80, "bc")]) == [[0], [71]]


@pytest.mark.parametrize(("rest_ms", "joined"), [(0, True), (600_000, True), (600_001, False), (-1, False)])
def test_ten_minutes_exactly_still_join(rest_ms: int, joined: bool) -> None:
    start = make.time(60) + timedelta(milliseconds=rest_ms)
    assert joins(make.time(60), CLEAR, {"a"}, start, {"a"}) is joined


@pytest.mark.parametrize(
    ("previous", "following", "joined"),
    [
        ("ab", "bc", True),
        ("abc", "ade", False),
        ("abcdefgh", "a", True),
        ("a", "abcdefgh", True),
        ("abcd", "abxy", True),
        ("abcde", "abxyz", False),
        ("", "a", False),
        ("a", "", False),
        ("", "", False),
    ],
)
def test_half_of_the_smaller_set_must_be_shared(previous: str, following: str, joined: bool) -> None:
    assert joins(make.time(0), END, set(previous), make.time(1), set(following)) is joined


@pytest.mark.parametrize(
    ("reason", "joined"),
    [
        (CLEAR, True),
        (END, True),
        (SHIFT, False),
        (CloseReason.GIT_COMMIT, False),
        (CloseReason.MANUAL, False),
        (None, False),
    ],
)
def test_only_clear_and_session_end_can_be_healed(reason: CloseReason | None, joined: bool) -> None:
    assert joins(make.time(0), reason, {"a"}, make.time(1), {"a"}) is joined


def test_unknown_files_do_not_rule_a_join_out() -> None:
    assert joins(make.time(0), END, None, make.time(1), {"a"})
    assert joins(make.time(0), END, {"a"}, make.time(1), None)
    assert not joins(make.time(0), END, None, make.time(11), None)


def test_an_open_fragment_is_not_continued_but_may_continue() -> None:
    assert shape([piece(0, None), piece(1, None, session="s2")]) == [[0], [1]]
    (joined,) = merge([piece(0, 10), piece(11, None)])
    assert (joined.closed_at, joined.close_reason) == (None, None)


def test_a_chain_grows_from_left_to_right_and_keeps_the_first_id() -> None:
    parts = [piece(0, 10), piece(15, 20), piece(30, 40, reason=END)]
    (joined,) = merge(parts)
    assert [fragment.id for fragment in joined.fragments] == [part.id for part in parts]
    assert joined.id == parts[0].id
    assert (joined.closed_at, joined.close_reason) == (make.time(40), END)
    assert joined.measures.turn_count == 3
    assert joined.measures.mutating_tool_calls == 3
    assert len(joined.events) == 6


def test_the_third_fragment_is_compared_with_the_first_two_together() -> None:
    assert shape([piece(0, 10, "ab"), piece(15, 20, "bc"), piece(25, 30, "ax")]) == [[0, 15, 25]]
    assert shape([piece(0, 10, "xy"), piece(15, 20, "bc"), piece(25, 30, "xz")]) == [[0], [15], [25]]


def test_a_fragment_in_between_in_the_same_session_parts() -> None:
    assert shape([piece(0, 10, "a"), piece(11, 12, "b"), piece(13, 20, "a")]) == [[0], [11], [13]]


def test_sessions_are_joined_in_the_same_project_only() -> None:
    assert shape([piece(0, 10, session="s1", reason=END), piece(15, 20, session="s2")]) == [[0, 15]]
    assert shape([piece(0, 10, reason=END), piece(15, 20, session="s2", project="/other")]) == [[0], [15]]
    assert shape([piece(0, 10, reason=END, project=None), piece(15, 20, session="s2", project=None)]) == [[0], [15]]
    assert shape([piece(0, 10, project=None), piece(15, 20, project=None)]) == [[0, 15]]


def test_an_unrelated_session_beside_changes_nothing() -> None:
    beside = [piece(5, 12, "z", session="s2"), piece(14, 16, "y", session="s3")]
    assert shape([piece(0, 10), piece(15, 20), *beside]) == [[0, 15], [5], [14]]


def test_the_own_session_is_continued_before_another() -> None:
    assert shape([piece(0, 10), piece(1, 12, session="s2"), piece(15, 20)]) == [[0, 15], [1]]


def test_of_other_sessions_the_one_closed_last_is_continued() -> None:
    parts = [piece(0, 14, session="s2"), piece(1, 12, session="s3"), piece(15, 20, session="s1")]
    assert shape(parts) == [[0, 15], [1]]


def test_a_fragment_is_continued_only_once() -> None:
    parts = [piece(0, 10, session="s1"), piece(11, 30, session="s2"), piece(12, 40, session="s3")]
    assert shape(parts) == [[0, 11], [12]]


def test_a_chain_goes_on_from_its_last_session() -> None:
    parts = [
        piece(0, 10, session="s1"),
        piece(11, 30, session="s2"),
        piece(12, 13, "z", session="s1"),
        piece(31, 40, session="s3"),
    ]
    assert shape(parts) == [[0, 11, 31], [12]]


def test_a_chain_is_left_when_its_last_session_went_on_to_something_else() -> None:
    parts = [
        piece(0, 10, session="s1"),
        piece(11, 12, session="s2"),
        piece(13, 14, "z", session="s2"),
        piece(15, 20, session="s3"),
    ]
    assert shape(parts) == [[0, 11], [13], [15]]


def test_an_arc_that_changed_nothing_is_known_by_what_it_read() -> None:
    read = [make.prompt("why?"), make.tool_use("Read", 1, path="a"), make.tool_use("Read", 1, path="b")]
    asked = arc_of([make.fragment(*read)])
    changed = arc_of([make.fragment(*read, make.file_diff("c", 2))])
    assert touched_files(asked) == {"a", "b"}
    assert touched_files(changed) == {"c"}


def removing(start: float, *before: Event, session: str) -> Arc:
    """A fragment that ends by removing the file `a`."""
    events = [
        make.prompt("go", start, id=make.event_id(f"go {start}")),
        *before,
        make.event(Kind.FILE_DELETE, start + 0.5, id=make.event_id(f"gone {start}"), path="a", provenance=make.BY_AI),
    ]
    return arc_of([make.fragment(*events, session=session, closed_at=start + 1, reason=END)])


def test_a_file_that_was_removed_joins_nothing() -> None:
    """Runs that all make, use and remove a script of the same name have nothing in common."""
    runs = [
        removing(start, make.file_diff("a", start + 0.2, id=make.event_id(f"made {start}")), session=f"s{start}")
        for start in (0, 5)
    ]
    assert [touched_files(run) for run in runs] == [{"a"}, {"a"}]
    assert left_files(runs[0]) == frozenset()
    assert len(merge(runs)) == 2


def test_removing_a_file_goes_on_with_what_made_it() -> None:
    assert len(merge([piece(0, 1, "a", END), removing(5, session="s1")])) == 1


def test_a_response_that_lies_in_two_fragments_counts_once() -> None:
    def part(start: int, end: int, output: int) -> Arc:
        spent = make.event(Kind.API_REQUEST, start, request_id="r1", tokens=Tokens(10, output))
        return arc_of([make.fragment(make.file_diff("a", start), spent, closed_at=end, reason=CLEAR)])

    (joined,) = merge([part(0, 10, 5), part(12, 20, 7)])
    assert joined.measures.tokens == Tokens(10, 7)


PIECES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20), st.text("abc", max_size=3), st.sampled_from([CLEAR, END, SHIFT])),
    max_size=12,
)


def pieces(drawn: list[tuple[int, int, str, CloseReason]], sessions: int) -> list[Arc]:
    made: list[Arc] = []
    free = [0.0] * sessions
    for number, (gap, length, files, reason) in enumerate(drawn):
        session = number % sessions
        start = free[session] + gap
        free[session] = start + length
        known = "".join(sorted(set(files)))
        made.append(piece(start, start + length, known, reason, session=f"s{session}", number=number))
    return made


@given(PIECES, st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_fragments_does_not_matter(
    drawn: list[tuple[int, int, str, CloseReason]], sessions: int, random: Random
) -> None:
    parts = pieces(drawn, sessions)
    expected = merge(parts)
    random.shuffle(parts)
    assert merge(parts) == expected


@given(PIECES, st.integers(1, 3))
def test_each_fragment_is_in_one_arc_and_every_joint_is_allowed(
    drawn: list[tuple[int, int, str, CloseReason]], sessions: int
) -> None:
    parts = pieces(drawn, sessions)
    arcs = merge(parts)
    assert sorted(f.id for arc in arcs for f in arc.fragments) == sorted(part.id for part in parts)
    assert [arc.started_at for arc in arcs] == sorted(arc.started_at for arc in arcs)
    for arc in arcs:
        for at in range(1, len(arc.fragments)):
            before, after = arc_of(arc.fragments[:at]), arc_of(arc.fragments[at : at + 1])
            assert joins(
                before.closed_at, before.close_reason, left_files(before), after.started_at, touched_files(after)
            )


@given(PIECES, st.integers(1, 3))
def test_sessions_with_other_files_can_be_left_out(
    drawn: list[tuple[int, int, str, CloseReason]], sessions: int
) -> None:
    parts = pieces(drawn, sessions)
    beside = [piece(start, start + 7, "z", session="beside") for start in range(0, 100, 10)]
    arcs = [arc.fragments for arc in merge([*parts, *beside]) if arc.fragments[0].session_id != "beside"]
    assert arcs == [arc.fragments for arc in merge(parts)]
