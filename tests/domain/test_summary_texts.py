"""Summaries in words, in every language that there is."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.languages import Language, phrases
from domain.summaries import SessionSummary
from domain.summaries_of_many import DailySummary, DayTotals, Highlight, HighlightKind, Highlights
from domain.summary_texts import day_text, highlight_title, reason, summary_text, untitled
from tests.domain.test_summaries import CONTINUED, COURSE, LEFT_OUT, MISSED, PENDING, UNDONE, arc, summed
from tests.make import START, time

EN = phrases(Language.EN)
TOOK = "It took 4 prompts in 25 min. 2 files were changed (lines: +12, -3)."


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        (summed(), f"The goal was reached: “Fix a”. {TOOK}"),
        (summed(arc(**MISSED)), f"The goal was not reached: “Fix a”. {TOOK}"),
        (summed(arc(**UNDONE)), f"The goal was reached, but later work undid it: “Fix a”. {TOOK}"),
        (summed(arc(**PENDING)), f"Not judged yet: “Fix a”. {TOOK}"),
        (summed(arc(**LEFT_OUT)), f"Too little was done to judge it: “Fix a”. {TOOK}"),
        (summed(arc(**CONTINUED)), f"Work of another session went on: “Fix a”. {TOOK}"),
        (summed(arc("a"), arc("b", **LEFT_OUT)), f"The goal was reached: “Fix a”. {TOOK}"),
        (
            summed(arc("a"), arc("b", **MISSED, total_tokens=900)),
            f"1 of 2 goals reached; most of the work went into “Fix b”. {TOOK}",
        ),
        (summed(arc(title=None)), f"The goal was reached: “As the tool has it”. {TOOK}"),
        (summed(arc(title=None), told_title=None), f"The goal was reached: “Session without a title”. {TOOK}"),
        (
            summed(course=replace(COURSE, turn_count=1, file_count=0, ended_at=time(0.5))),
            "The goal was reached: “Fix a”. It took 1 prompt in 30 s.",
        ),
        (
            summed(course=replace(COURSE, lines_added=0, lines_removed=0)),
            "The goal was reached: “Fix a”. It took 4 prompts in 25 min. 2 files were changed.",
        ),
        (
            summed(course=replace(COURSE, turn_count=1_234, file_count=1, ended_at=START + timedelta(days=3))),
            "The goal was reached: “Fix a”. It took 1,234 prompts in 3 d. 1 file was changed (lines: +12, -3).",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_session(summary: SessionSummary, text: str) -> None:
    assert summary_text(summary, EN).replace("−", "-") == text


@pytest.mark.parametrize("language", Language)
def test_a_summary_is_short_in_every_language(language: Language) -> None:
    words = phrases(language)
    long = replace(COURSE, turn_count=123_456, file_count=98_765, lines_added=10**9, lines_removed=10**9)
    for title in ("word " * 11 + "words", "語" * 60, "{goal}", "%s %d"):
        for facts in ({}, MISSED, UNDONE, PENDING, LEFT_OUT, CONTINUED):
            text = summary_text(summed(arc(title=title, **facts), course=long), words)
            assert title in text
            assert len(text) <= 240


def highlight(kind: HighlightKind, value: float, compared: int = 7, **changes: object) -> Highlight:
    plain = Highlight(kind, summed().session_id, None, summed().user_id, START, "Fix a", value, None, compared)
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (highlight(HighlightKind.BEST_SCORE, 87.5), "Its prompts were graded 88 of 100 (7 goals compared)."),
        (
            highlight(HighlightKind.FASTEST_CRUSH, 95),
            "The goal was reached 1 min 35 s after the first prompt (7 goals compared).",
        ),
        (
            highlight(HighlightKind.LONGEST_FOCUS, 5400, 1),
            "Work went on for 1 h 30 min without a break (1 session compared).",
        ),
        (highlight(HighlightKind.MOST_EXPENSIVE, 12.345), "It cost $12.35 (7 sessions compared)."),
        (highlight(HighlightKind.MOST_REWORKED, 1), "Later work undid 1 goal of it."),
        (highlight(HighlightKind.BIGGEST_CHANGE, 1234), "1,234 lines were added or removed for one goal."),
        (highlight(HighlightKind.INTEGRITY, 2), "2 flags ask for a second look; flags change no score."),
        (highlight(HighlightKind.STREAK, 12), "12 goals were reached in a row."),
    ],
)  # fmt: skip
def test_why_a_session_stands_out(item: Highlight, text: str) -> None:
    assert reason(item, EN) == text


def test_what_stands_out_has_the_best_title_there_is() -> None:
    item = highlight(HighlightKind.STREAK, 3, title=None)
    assert highlight_title(item, EN) == untitled(EN)
    assert highlight_title(replace(item, summary=summed()), EN) == "As the tool has it"
    assert highlight_title(replace(item, title="Own"), EN) == "Own"


NONE = Highlights(START, time(60), 0, 0, 0, 0, ())


def day(totals: DayTotals, *items: Highlight) -> DailySummary:
    return DailySummary(date(2026, 3, 2), START, time(60), totals, (), replace(NONE, items=items), START)


BUSY = DayTotals(
    session_count=2, total_tokens=12_345, cost_usd=1.5, sub_session_count=4, qualifying_count=3, crushed_count=2
)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (day(DayTotals()), None),
        (day(DayTotals(session_count=1)), "1 session began. No goal was judged."),
        (day(DayTotals(sub_session_count=1, qualifying_count=1)), "0 sessions began. 0 of 1 judged goal was reached."),
        (
            day(BUSY),
            "2 sessions began. 2 of 3 judged goals were reached. It took 12.3K tokens and cost $1.50.",
        ),
        (
            day(replace(BUSY, unpriced_count=1)),
            "2 sessions began. 2 of 3 judged goals were reached."
            " It took 12.3K tokens and cost at least $1.50: 1 session has no price.",
        ),
        (
            day(BUSY, highlight(HighlightKind.STREAK, 3)),
            "2 sessions began. 2 of 3 judged goals were reached. It took 12.3K tokens and cost $1.50."
            " “Fix a” stands out. 3 goals were reached in a row.",
        ),
        (
            day(DayTotals(session_count=1), highlight(HighlightKind.BEST_SCORE, 55, 1)),
            "1 session began. No goal was judged.",
        ),
    ],
)
def test_what_is_said_of_a_day(told: DailySummary, text: str | None) -> None:
    assert day_text(told, EN) == text


@pytest.mark.parametrize("language", [one for one in Language if one is not Language.EN])
def test_every_sentence_is_said_in_the_language(language: Language) -> None:
    """Not a word of English is left where a catalogue is there."""
    words = phrases(language)
    told = [
        summary_text(summed(), words),
        summary_text(summed(arc("a"), arc("b")), words),
        day_text(day(replace(BUSY, unpriced_count=2), highlight(HighlightKind.STREAK, 3)), words) or "",
        *(reason(highlight(kind, 3), words) for kind in HighlightKind),
    ]
    english = [
        summary_text(summed(), EN), summary_text(summed(arc("a"), arc("b")), EN),
        day_text(day(replace(BUSY, unpriced_count=2), highlight(HighlightKind.STREAK, 3)), EN) or "",
        *(reason(highlight(kind, 3), EN) for kind in HighlightKind),
    ]  # fmt: skip
    assert not set(told) & set(english)
    assert not any(" was reached" in text or " were " in text for text in told)
