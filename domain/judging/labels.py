"""Titles and summaries of arcs (domain reference, section 13). Lengths are in Unicode code points."""

from domain.errors import Invalid
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


def clean_title(text: str) -> str:
    """A title as a person typed it, folded to one line. Raises Invalid if it is empty or longer than 60."""
    return _clean(text, "title", TITLE_CHARS)


def clean_summary(text: str) -> str:
    """A summary as a person typed it, folded to one line. Raises Invalid if it is empty or longer than 240."""
    return _clean(text, "summary", SUMMARY_CHARS)


def _clean(text: str, name: str, limit: int) -> str:
    folded = one_line(text)
    if not folded:
        raise Invalid(f"{name} must not be empty", (name,))
    if len(folded) > limit:
        raise Invalid(f"{name} must have at most {limit} characters, not {len(folded)}", (name,))
    return folded


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
