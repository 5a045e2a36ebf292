"""What of a timeline is seen from afar."""

from dataclasses import replace

import pytest

from domain.outlines import MOST_MARKS, Landmark, MarkKind, outline
from domain.timeline import Kind
from tests.make import SESSION, event_id, time


def landmark(index: int, at: float = 0, after: float | None = None) -> Landmark:
    before = None if after is None else time(after)
    return Landmark(SESSION, index, event_id(index), time(at), index, Kind.AI_RESPONSE, before)


def marked(index: int, kind: Kind, **facts: object) -> Landmark:
    return replace(landmark(index), kind=kind, stands_out=True, **facts)


def test_nothing_has_no_outline() -> None:
    assert outline([]).event_count == 0
    assert outline([]).stretches == ()


def test_pages_begin_after_each_hundredth_event_but_the_last() -> None:
    assert [one.index for one in outline([landmark(0), landmark(99), landmark(199)]).places] == [0, 100]
    assert [one.index for one in outline([landmark(0), landmark(99), landmark(199), landmark(200)]).places] == [
        0,
        100,
        200,
    ]


def test_a_pause_of_more_than_five_minutes_ends_a_stretch() -> None:
    found = outline([landmark(0), landmark(7, at=60, after=10), landmark(9, at=65, after=60), landmark(11, at=70)])
    assert [(one.begins, one.ends) for one in found.stretches] == [(time(0), time(10)), (time(60), time(70))]


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        (Kind.PROMPT, {}, MarkKind.PROMPT),
        (Kind.TOOL_RESULT, {}, MarkKind.ERROR),
        (Kind.COMMAND, {"command": "ls nowhere"}, MarkKind.ERROR),
        (Kind.COMMAND, {"command": "cd app && pytest -q | tail -5"}, MarkKind.TEST_FAILURE),
        (Kind.TEST_RUN, {}, MarkKind.TEST_FAILURE),
        (Kind.GIT_ACTION, {"action": "commit"}, MarkKind.COMMIT),
        (Kind.GIT_ACTION, {"action": "revert"}, MarkKind.REVERT),
        (Kind.GIT_ACTION, {"action": "pull_request"}, MarkKind.PULL_REQUEST),
        (Kind.API_ERROR, {}, MarkKind.API_ERROR),
    ],
)
def test_what_stands_out_says_why(kind: Kind, facts: dict[str, object], expected: MarkKind) -> None:
    [mark] = outline([marked(0, kind, **facts)]).marks
    assert mark.kind is expected


def test_a_call_that_failed_is_one_mark() -> None:
    marks = outline(
        [
            marked(0, Kind.TOOL_RESULT, call_id="c"),
            marked(1, Kind.COMMAND, call_id="c", command="pytest"),
            marked(2, Kind.GIT_ACTION, call_id="c", action="commit"),
            marked(3, Kind.TOOL_RESULT, call_id="d"),
        ]
    ).marks
    assert [(one.index, one.kind) for one in marks] == [
        (1, MarkKind.TEST_FAILURE),
        (2, MarkKind.COMMIT),
        (3, MarkKind.ERROR),
    ]


def test_marks_are_bounded_and_counted() -> None:
    found = outline([marked(index, Kind.API_ERROR) for index in range(MOST_MARKS + 5)])
    assert (len(found.marks), found.mark_count) == (MOST_MARKS, MOST_MARKS + 5)
