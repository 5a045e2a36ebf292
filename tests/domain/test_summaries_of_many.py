"""Figures of many sessions, and which of them stand out."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.judging.records import Intent
from domain.summaries_of_many import (
    DaySession,
    DayTotals,
    Highlight,
    HighlightKind,
    TypeStat,
    remarkable,
)
from domain.values import SessionId
from tests.make import SESSION, START, USER, time

STAT = TypeStat(Intent.BUG_FIX, 3, 4, 3, 2, 41, 210_000, 3.2, 0, 0, 5430.0, 3, 8)


def test_shares_are_rounded_half_up_once() -> None:
    assert (STAT.share, STAT.crush_rate) == (Decimal("0.3750"), Decimal("0.6667"))
    assert (STAT.avg_turns, STAT.avg_duration_seconds) == (Decimal("13.67"), Decimal("1810.0"))


def test_what_would_divide_by_nothing_is_none() -> None:
    bare = replace(STAT, intent=None, qualifying_count=0, crushed_count=0, seconds=0.0, timed_count=0)
    assert (bare.crush_rate, bare.avg_duration_seconds, bare.name) == (None, None, "unknown")
    assert DayTotals().prism_score is None
    assert DayTotals(qualifying_count=3, crushed_count=2).prism_score == Decimal("66.7")


def item(kind: HighlightKind, value: float, compared: int = 9, at: float = 0, id: str = SESSION) -> Highlight:
    return Highlight(kind, SessionId(id), None, USER, time(at), None, value, None, compared)


def test_kinds_stand_in_their_order_and_the_most_remarkable_first() -> None:
    items = [item(kind, value) for value in (1, 2) for kind in reversed(HighlightKind)]
    found = remarkable(items)
    assert [one.kind for one in found] == [kind for kind in HighlightKind for _ in range(2)]
    values = {one.kind: one.value for one in reversed(found)}
    assert values == {kind: 1 if kind is HighlightKind.FASTEST_CRUSH else 2 for kind in HighlightKind}


def test_of_equal_ones_the_newest_comes_first_and_then_the_id_decides() -> None:
    streak = HighlightKind.STREAK
    items = [item(streak, 3, at=at, id=id) for at, id in ((0, "c"), (5, "b"), (5, "a"))]
    assert [one.session_id for one in remarkable(items)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("kind", "compared", "shown"),
    [
        (HighlightKind.MOST_EXPENSIVE, 1, 1),
        (HighlightKind.MOST_EXPENSIVE, 3, 1),
        (HighlightKind.MOST_EXPENSIVE, 4, 2),
        (HighlightKind.INTEGRITY, 2, 2),
        (HighlightKind.STREAK, 2, 2),
    ],
)
def test_the_second_best_of_a_few_is_nothing_special(kind: HighlightKind, compared: int, shown: int) -> None:
    assert len(remarkable([item(kind, 1, compared), item(kind, 2, compared)])) == shown


@pytest.mark.parametrize(("title", "shown"), [(None, None), (" ", None), ("a\nb", "a b"), ("x" * 99, "x" * 59 + "…")])
def test_a_running_session_is_called_what_its_tool_calls_it(title: str | None, shown: str | None) -> None:
    assert DaySession(SESSION, USER, title, START, None).shown_title == shown
