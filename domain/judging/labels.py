"""Titles and summaries of arcs (domain reference, section 13). Lengths are in Unicode code points."""

from collections.abc import Iterator
from enum import StrEnum

from domain.errors import Fault, Invalid, NotFound
from domain.judging.arcs import Arc
from domain.judging.goals import goal_phrase
from domain.judging.records import Intent, Label, Outcome, TitleSource
from domain.judging.text import lexicon, one_line, quote, shorten

TITLE_CHARS = 60
SUMMARY_CHARS = 240
GOAL_CHARS = 140
"""The goal's part of a summary; the rest is left to how it went."""

_DANGLING = lexicon(
    "a an the and or but so that which who to for of in on at by with from as is our my your this its & +"
)
"""Words that a cut title does not end with."""
LEAST_CHARS = 20


def heuristic_title(text: str) -> str:
    """The beginning of a prompt as a title; "" where the prompt has no words."""
    return shorten(one_line(text), TITLE_CHARS)


def goal_title(text: str, intent: Intent) -> str:
    """What the prompt that names the goal wants, as a title; "" where the prompt has no words."""
    phrase = goal_phrase(text, intent)
    return _title_cut(phrase) if phrase else heuristic_title(text)


def label(goal: str, intent: Intent | None, arc: Arc, outcome: Outcome) -> Label:
    """Title and summary of a judged arc; without an intent the title of its opening stays."""
    if intent is None or not one_line(goal):
        return Label(heuristic_title(goal) or None, None, TitleSource.HEURISTIC)
    told = f"{_goal_sentence(goal, intent)} {_course_sentence(arc, outcome)}"
    return Label(goal_title(goal, intent), shorten(told.strip(), SUMMARY_CHARS), TitleSource.RUBRIC)


def opening_label(goal: str) -> Label:
    """The label of an arc that is still open."""
    return Label(heuristic_title(goal) or None, None, TitleSource.HEURISTIC)


class LabelErrorCode(StrEnum):
    """Why a label is not changed."""

    BLANK = "blank"
    TOO_LONG = "too_long"
    NOTHING_TO_CHANGE = "nothing_to_change"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


def clean_label(title: str | None, summary: str | None) -> tuple[str | None, str | None]:
    """Title and summary as a person typed them, folded to one line; None stays None.

    Raises Invalid with a fault for each that is empty or has more than 60 or 240 characters.
    """
    title, summary = (None if text is None else one_line(text) for text in (title, summary))
    faults = (*_faults("title", title, TITLE_CHARS), *_faults("summary", summary, SUMMARY_CHARS))
    if faults:
        raise Invalid(faults[0].message, faults[0].field or (), faults)
    return title, summary


def _faults(name: str, text: str | None, limit: int) -> Iterator[Fault]:
    if text == "":
        yield Fault(LabelErrorCode.BLANK, f"{name} must not be empty", (name,))
    if text is not None and len(text) > limit:
        message = f"{name} must have at most {limit} characters, not {len(text)}"
        yield Fault(LabelErrorCode.TOO_LONG, message, (name,))


def unchanged() -> Invalid:
    """A change of a label that names nothing to change."""
    message = "give a title or a summary"
    return Invalid(message, faults=(Fault(LabelErrorCode.NOTHING_TO_CHANGE, message),))


def no_such_arc() -> NotFound:
    """The arc is not there, or not this caller's to label: the two must not be told apart."""
    message = "Sub-session not found"
    return NotFound(message, Fault(LabelErrorCode.NOT_FOUND, message, ("id",)))


def _title_cut(phrase: str) -> str:
    """A phrase that is too long ends at a word that may stand last, and before a parenthesis it would leave open."""
    if len(phrase) <= TITLE_CHARS:
        return phrase
    title = shorten(phrase, TITLE_CHARS).removesuffix("…")
    opened = title.rfind("(")
    if title.count("(") > title.count(")") and opened > LEAST_CHARS:
        title = title[:opened].rstrip()
    while len(title) > LEAST_CHARS and title.rpartition(" ")[2].lower() in _DANGLING:
        title = title.rpartition(" ")[0].rstrip(" ,;:-–—")
    return title + "…"


def _goal_sentence(goal: str, intent: Intent) -> str:
    short = quote(goal_phrase(goal, intent) or goal, GOAL_CHARS)
    return short if short.endswith(("…", ".", "!", "?")) else short + "."


def _course_sentence(arc: Arc, outcome: Outcome) -> str:
    files = "1 file" if len(arc.files) == 1 else f"{len(arc.files)} files"
    lines = f"(+{arc.measures.lines_added} −{arc.measures.lines_removed})"
    work = f"{files} changed {lines}" if arc.files else "No files changed"
    if outcome.goal_complete is None:
        return f"{work}."
    return f"{work}; goal {'reached' if outcome.goal_complete else 'not reached'}. {outcome.rationale or ''}"
