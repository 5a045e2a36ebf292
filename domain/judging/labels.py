"""Titles and summaries of arcs (domain reference, section 13). Lengths are in Unicode code points."""

import re

from domain.errors import Invalid
from domain.judging.arcs import Arc
from domain.judging.cues import VERBS, carries_out_plan
from domain.judging.records import Intent, Label, Outcome, TitleSource
from domain.judging.text import one_line, prose, quote, sentences, short_links, shorten, words

TITLE_CHARS = 60
SUMMARY_CHARS = 240
GOAL_CHARS = 140
"""The goal's part of a summary; the rest is left to how it went."""

_VERBS = {
    Intent.QUESTION: "Answer",
    Intent.INVESTIGATION: "Investigate",
    Intent.REVIEW: "Review",
    Intent.PLAN: "Plan",
    Intent.SMALL_CHANGE: "Change",
    Intent.BUG_FIX: "Fix",
    Intent.FEATURE: "Build",
    Intent.REFACTOR: "Refactor",
}
_POLITE = re.compile(
    r"""(?:(?:hey|hi|hello)(?:\s+claude)?\b[,.!]?\s+ | claude,\s+
        | (?:ok|okay|so|now|and|then|also|well|yes|yeah|oh|please|pls|first|actually|great|perfect|cool|thanks)
        \b[,.!:]?\s+ | (?:can|could|would|will)\s(?:you|we)\s
        | (?:i\s(?:want|need|would\slike|'d\slike)|i'd\slike)\s(?:you\s)?to\s
        | (?:i\sthink\s)?(?:we|you)\s(?:should|need\sto|must)\s | let's\s | lets\s | go\sahead\sand\s
        | help\sme\s(?:to\s)?)""",
    re.VERBOSE | re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.!?;](?:\s|$)|:$|\s[-–—]+\s|,\s(?=(?:and|but|so|then|because|which|since|as)\s)|\n")
_HEADING = re.compile(r"^(?:#{1,6}\s+|[-*•]\s+|\d{1,2}[.)]\s+)")
_PLAN_HEADING = re.compile(r"^#{1,6}[ \t]+(?:(?:implementation )?plan[:\s–-]+)?(\S.*)$", re.MULTILINE | re.IGNORECASE)
GOAL_SENTENCES = 5
_MAX_POLITE = 8


def heuristic_title(text: str) -> str:
    """The beginning of a prompt as a title; "" where the prompt has no words."""
    return shorten(one_line(text), TITLE_CHARS)


def goal_title(text: str, intent: Intent) -> str:
    """`<verb> <object>` from the first clause of the prompt that names the goal."""
    clause = goal_clause(text)
    if not clause:
        return heuristic_title(text)
    if _orders(clause):
        return shorten(clause[0].upper() + clause[1:].rstrip("?"), TITLE_CHARS)
    return shorten(f"{_VERBS[intent]}: {clause}", TITLE_CHARS)


def goal_clause(text: str) -> str:
    """The clause of a prompt that says what is wanted, without greetings and polite forms; "" without any.

    The first order among its first sentences, else its first clause; of a plan handed over, the plan's heading.
    """
    plain = short_links(prose(text))
    heading = _PLAN_HEADING.search(plain) if carries_out_plan(text) else None
    found = [heading[1]] if heading else sentences(plain)[:GOAL_SENTENCES]
    told = [part for sentence in found if len(words(part := _first_clause(sentence))) > 1]
    return next((part for part in told if _orders(part)), told[0] if told else "")


def label(goal: str, intent: Intent | None, arc: Arc, outcome: Outcome) -> Label:
    """Title and summary of a judged arc; without an intent the title of its opening stays."""
    if intent is None or not one_line(goal):
        return Label(heuristic_title(goal) or None, None, TitleSource.HEURISTIC)
    told = f"{_goal_sentence(goal)} {_course_sentence(arc, outcome)}"
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


def _orders(clause: str) -> bool:
    return words(clause)[0] in VERBS


def _first_clause(sentence: str) -> str:
    clause = _without_courtesy(one_line(_HEADING.sub("", sentence)))
    part = _CLAUSE.split(clause, maxsplit=1)[0].strip(" ,.:;!-*•")
    return part + "?" if clause == f"{part}?" else part


def _without_courtesy(clause: str) -> str:
    for _ in range(_MAX_POLITE):
        shorter = _POLITE.sub("", clause, count=1) if _POLITE.match(clause) else clause
        if shorter == clause or not shorter.strip():
            break
        clause = shorter
    return clause


def _goal_sentence(goal: str) -> str:
    clause = goal_clause(goal) or one_line(goal)
    short = quote(clause, GOAL_CHARS)
    return short[0].upper() + short[1:] + ("" if short.endswith(("…", ".", "!", "?")) else ".")


def _course_sentence(arc: Arc, outcome: Outcome) -> str:
    files = "1 file" if len(arc.files) == 1 else f"{len(arc.files)} files"
    lines = f"(+{arc.measures.lines_added} −{arc.measures.lines_removed})"
    work = f"{files} changed {lines}" if arc.files else "No files changed"
    if outcome.goal_complete is None:
        return f"{work}."
    return f"{work}; goal {'reached' if outcome.goal_complete else 'not reached'}. {outcome.rationale or ''}"
