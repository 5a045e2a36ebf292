"""Summaries in words: whole sentences of a language, short enough to be read in ten seconds."""

from collections.abc import Mapping

from domain.judging.labels import SUMMARY_CHARS
from domain.judging.text import shorten
from domain.languages import Message, Phrases, msgid
from domain.summaries import SessionOutcome, SessionSummary
from domain.summaries_of_many import DailySummary, Highlight, HighlightKind

_COMPARED = 3
"""Among fewer goals or sessions none stands out."""

_ENDED: Mapping[SessionOutcome, Message] = {
    SessionOutcome.REACHED: msgid("The goal was reached: “{goal}”."),
    SessionOutcome.PARTLY_REACHED: msgid("The goal was reached in part: “{goal}”."),
    SessionOutcome.MISSED: msgid("The goal was not reached: “{goal}”."),
    SessionOutcome.UNDONE: msgid("The goal was reached, but later work undid it: “{goal}”."),
    SessionOutcome.PENDING: msgid("Not judged yet: “{goal}”."),
    SessionOutcome.LEFT_OUT: msgid("Too little was done to judge it: “{goal}”."),
    SessionOutcome.CONTINUED: msgid("Work of another session went on: “{goal}”."),
}


def untitled(phrases: Phrases) -> str:
    """What a session is called that nobody gave a name."""
    return phrases.say("Session without a title")


def summary_text(summary: SessionSummary, phrases: Phrases) -> str:
    """How a session ended and what it took, at most 240 characters."""
    course = summary.course
    seconds = (course.ended_at - course.started_at).total_seconds()
    took = phrases.count(
        "It took {n} prompt in {time}.",
        "It took {n} prompts in {time}.",
        course.turn_count,
        time=phrases.duration(seconds),
    )
    sentences = [_end(summary, phrases), took, *_change(summary, phrases)]
    return shorten(phrases.paragraph(sentences), SUMMARY_CHARS)


def _end(summary: SessionSummary, phrases: Phrases) -> str:
    goal = summary.goal or summary.title or untitled(phrases)
    if len(summary.judged) < 2:
        return phrases.say(_ENDED[summary.outcome], goal=goal)
    return phrases.count(
        "{reached} of {n} goal reached; most of the work went into “{goal}”.",
        "{reached} of {n} goals reached; most of the work went into “{goal}”.",
        len(summary.judged),
        reached=phrases.number(summary.reached_count),
        goal=goal,
    )


def _change(summary: SessionSummary, phrases: Phrases) -> list[str]:
    course = summary.course
    if not course.file_count:
        return []
    if not course.lines_added and not course.lines_removed:  # by a command, say, or a tool that does not tell
        return [phrases.count("{n} file was changed.", "{n} files were changed.", course.file_count)]
    return [
        phrases.count(
            "{n} file was changed (lines: {added}, {removed}).",
            "{n} files were changed (lines: {added}, {removed}).",
            course.file_count,
            added=phrases.signed(course.lines_added),
            removed=phrases.signed(-course.lines_removed),
        )
    ]


def highlight_title(item: Highlight, phrases: Phrases) -> str:
    """The title of its goal arc, else of its session."""
    told = item.summary.title if item.summary else None
    return item.title or told or untitled(phrases)


def reason(item: Highlight, phrases: Phrases) -> str:
    """Why a session stands out, with what it was compared with."""
    n, count = item.compared, round(item.value)
    match item.kind:
        case HighlightKind.BEST_SCORE:
            return phrases.count(
                "Its prompts were graded {points} of 100 ({n} goal compared).",
                "Its prompts were graded {points} of 100 ({n} goals compared).",
                n,
                points=phrases.number(item.value),
            )
        case HighlightKind.FASTEST_CRUSH:
            return phrases.count(
                "The goal was reached {time} after the first prompt ({n} goal compared).",
                "The goal was reached {time} after the first prompt ({n} goals compared).",
                n,
                time=phrases.duration(item.value),
            )
        case HighlightKind.LONGEST_FOCUS:
            return phrases.count(
                "Work went on for {time} without a break ({n} session compared).",
                "Work went on for {time} without a break ({n} sessions compared).",
                n,
                time=phrases.duration(item.value),
            )
        case HighlightKind.MOST_EXPENSIVE:
            return phrases.count(
                "It cost {usd} ({n} session compared).",
                "It cost {usd} ({n} sessions compared).",
                n,
                usd=phrases.money(item.value),
            )
        case HighlightKind.MOST_REWORKED:
            return phrases.count("Later work undid {n} goal of it.", "Later work undid {n} goals of it.", count)
        case HighlightKind.BIGGEST_CHANGE:
            return phrases.count(
                "{n} line was added or removed for one goal.", "{n} lines were added or removed for one goal.", count
            )
        case HighlightKind.INTEGRITY:
            return phrases.count(
                "{n} flag asks for a second look; flags change no score.",
                "{n} flags ask for a second look; flags change no score.",
                count,
            )
        case HighlightKind.STREAK:
            return phrases.count("{n} goal was reached in a row.", "{n} goals were reached in a row.", count)


def day_text(day: DailySummary, phrases: Phrases) -> str | None:
    """A day in a few sentences; None where nothing happened."""
    if day.is_empty:
        return None
    totals = day.totals
    sentences = [
        phrases.count("{n} session began.", "{n} sessions began.", totals.session_count),
        _goals(day, phrases),
        *_spent(day, phrases),
        *_best(day, phrases),
    ]
    return phrases.paragraph(sentences)


def _goals(day: DailySummary, phrases: Phrases) -> str:
    totals = day.totals
    if not totals.qualifying_count:
        return phrases.say("No goal was judged.")
    return phrases.count(
        "{reached} of {n} judged goal was reached.",
        "{reached} of {n} judged goals were reached.",
        totals.qualifying_count,
        reached=phrases.number(totals.crushed_count),
    )


def _spent(day: DailySummary, phrases: Phrases) -> list[str]:
    totals = day.totals
    if not totals.total_tokens:
        return []
    tokens, usd = phrases.tokens(totals.total_tokens), phrases.money(totals.cost_usd)
    if not totals.unpriced_count:
        return [phrases.say("It took {tokens} tokens and cost {usd}.", tokens=tokens, usd=usd)]
    return [
        phrases.count(
            "It took {tokens} tokens and cost at least {usd}: {n} session has no price.",
            "It took {tokens} tokens and cost at least {usd}: {n} sessions have no price.",
            totals.unpriced_count,
            tokens=tokens,
            usd=usd,
        )
    ]


def _best(day: DailySummary, phrases: Phrases) -> list[str]:
    """The one piece of work that stands out most."""
    best = next((item for item in day.highlights.items if item.compared >= _COMPARED), None)
    if best is None:
        return []
    return [phrases.say("“{title}” stands out.", title=highlight_title(best, phrases)), reason(best, phrases)]
