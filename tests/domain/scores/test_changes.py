"""When the change of an arc is told to those who follow a score, and which windows it concerns."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.records import Label, Measures, Rework, ReworkKind, State, SubSession, TitleSource
from domain.live import BEGINNING, Cursor, LiveEvent, News
from domain.scores.changes import SCORE_CHANGED, concerns, score_news
from domain.scores.totals import Totals, totals
from domain.timeline import Tokens
from domain.values import JsonObject, OrgId, Span, UserId
from tests.make import START, USER, arc_id, outcome, rubric, sub_session, time

CRUSHED = sub_session(measures=Measures(turn_count=3, tokens=Tokens(input=100)))
MISSED = replace(CRUSHED, outcome=outcome(goal_complete=False))
REWORKED = replace(CRUSHED, rework=Rework(ReworkKind.REVERT, arc_id("later"), time(90)))
PENDING = replace(CRUSHED, state=State.CLOSED, outcome=outcome(goal_complete=None))
OPEN = replace(PENDING, state=State.OPEN, ended_at=None, substance_floor_passed=None)
TRIVIAL = replace(CRUSHED, state=State.EXCLUDED, substance_floor_passed=False)
MERGED = replace(CRUSHED, state=State.MERGED, merged_into_id=arc_id("first"), fragment_ids=())
UNSURE = replace(CRUSHED, rubric=rubric(confidence=0.4))
DEARER = replace(CRUSHED, measures=Measures(turn_count=3, tokens=Tokens(input=101)))
RENAMED = replace(CRUSHED, label=Label("Another", None, TitleSource.USER_EDITED))
MOVED = replace(CRUSHED, started_at=CRUSHED.started_at - timedelta(days=1))
LONGER = replace(CRUSHED, last_event_at=time(40), files=())
PENDING_DEARER = replace(PENDING, measures=DEARER.measures)

STATES = [
    None, CRUSHED, MISSED, REWORKED, PENDING, OPEN, TRIVIAL, MERGED, UNSURE, DEARER, RENAMED, MOVED, PENDING_DEARER,
]  # fmt: skip


@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_it_is_told_exactly_when_what_is_counted_changes(old: SubSession | None, new: SubSession | None) -> None:
    def counted(arc: SubSession | None) -> object:
        total = totals([] if arc is None else [arc])
        return (total, arc and arc.started_at) if total != Totals() else None

    told = score_news(old, new)
    assert bool(told) == (counted(old) != counted(new))
    assert len(told) <= 1


@pytest.mark.parametrize(
    ("old", "new"),
    [(CRUSHED, RENAMED), (CRUSHED, LONGER), (OPEN, None), (None, TRIVIAL), (PENDING, PENDING_DEARER), (MERGED, OPEN)],
)
def test_what_no_score_rests_on_is_not_told(old: SubSession | None, new: SubSession | None) -> None:
    assert score_news(old, new) == []


def test_it_says_whose_it_is_and_when_the_arc_began() -> None:
    begun = datetime(2026, 3, 2, 9, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=2)))
    arc = replace(CRUSHED, started_at=begun)
    payload: JsonObject = {"event": SCORE_CHANGED, "starts": ["2026-03-02T07:00:00.123Z"]}
    news = News(SCORE_CHANGED, arc.session_id, arc.id, USER, payload)
    assert score_news(None, arc) == score_news(arc, None) == [news]


def test_an_arc_that_moves_is_told_with_both_starts() -> None:
    [news] = score_news(CRUSHED, MOVED)
    assert news.payload["starts"] == ["2026-03-02T09:00:00.000Z", "2026-03-01T09:00:00.000Z"]


def test_an_arc_that_changes_hands_is_told_to_both() -> None:
    other = UserId(UUID(int=2))
    assert [news.user_id for news in score_news(CRUSHED, replace(CRUSHED, user_id=other))] == [USER, other]


def event_of(news: News) -> LiveEvent:
    cursor = Cursor(OrgId(UUID(int=1)), 1, BEGINNING)
    return LiveEvent(cursor, START, news.name, news.sub_session_id, news.session_id, news.user_id, news.payload)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(-2_000_000, 2_000_000))
def test_it_concerns_a_stretch_that_the_start_lies_in(start: datetime, microseconds: int) -> None:
    """Also on its edges, which are whole seconds: what is told of the start is cut to milliseconds."""
    begun = start.replace(microsecond=0, tzinfo=UTC) + timedelta(microseconds=microseconds)
    edge = start.replace(microsecond=0, tzinfo=UTC)
    [news] = score_news(None, replace(CRUSHED, started_at=begun))
    event = event_of(news)
    assert concerns(event, Span(start=edge)) == (begun >= edge)
    assert concerns(event, Span(end=edge)) == (begun < edge)
    assert concerns(event, Span(edge, edge + timedelta(seconds=1))) == (edge <= begun < edge + timedelta(seconds=1))


def test_an_arc_that_moves_concerns_where_it_was_and_where_it_is() -> None:
    event = event_of(score_news(CRUSHED, MOVED)[0])
    day = timedelta(days=1)
    morning = START.replace(hour=0)
    assert concerns(event, Span(morning, morning + day))
    assert concerns(event, Span(morning - day, morning))
    assert not concerns(event, Span(morning + day, morning + 2 * day))
