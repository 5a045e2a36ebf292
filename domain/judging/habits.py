"""The seven prompt habits: where each shows, to which intents it applies, and the grade they add up to.

Domain reference, sections 7.1 to 7.3 and 7.6.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from domain.judging.arcs import Arc
from domain.judging.commands import has_side_effects
from domain.judging.cues import VERBS, base_form
from domain.judging.edits import FILE_KINDS, of_edit_tool
from domain.judging.records import Evidence, Habit, Intent, Measures
from domain.judging.substance import is_call
from domain.judging.text import bounded, has_code, has_error_text, quote, references, words
from domain.judging.turns import Speech, Turn
from domain.judging.work import command_line
from domain.timeline import Event, Kind

OPENING_TURNS = 2
OPENING_HABITS = frozenset({Habit.GOAL_EXPLICIT, Habit.SCOPE_BOUNDED, Habit.PLAN_FIRST})
"""Looked for in the first turns only; the others count wherever they show."""
GOAL_WORDS = 5
CONTEXT_WORDS = 40
SCOPE_VERBS = 2
BIG_TURNS = 3
BIG_NET_LOC = 50

_G, _S, _R, _C, _V, _W, _P = Habit
APPLICABLE: Mapping[Intent, frozenset[Habit]] = {
    Intent.QUESTION: frozenset({_G, _R, _C}),
    Intent.INVESTIGATION: frozenset({_G, _S, _R, _C, _W}),
    Intent.REVIEW: frozenset({_G, _S, _R, _C}),
    Intent.PLAN: frozenset({_G, _S, _R, _C}),
    Intent.SMALL_CHANGE: frozenset({_G, _S, _R, _V}),
    Intent.BUG_FIX: frozenset({_G, _S, _R, _C, _V, _W, _P}),
    Intent.FEATURE: frozenset({_G, _S, _R, _C, _V, _P}),
    Intent.REFACTOR: frozenset({_G, _S, _R, _C, _V, _P}),
}

BANDS = (
    (Fraction(3), "F", 0.0),
    (Fraction(5), "D", 40.0),
    (Fraction(6), "C", 55.0),
    (Fraction(13, 2), "C+", 62.5),
    (Fraction(7), "B-", 67.5),
    (Fraction(8), "B", 75.0),
    (Fraction(17, 2), "B+", 82.5),
    (Fraction(9), "A-", 87.5),
    (Fraction(19, 2), "A", 92.5),
)
"""Upper ends (exclusive) of the letters on 0-10 with their points on 0-100; above the last stands A+ with 100."""

_EXPECTATION = re.compile(r"\b(?:should|must|returns?|throws?|so that|needs? to|has to|instead of|such that)\b", re.I)
_WH = re.compile(r"\b(?:what|how|why|where|when|which|who)\b", re.I)
_SCOPE = re.compile(
    r"\b(?:only|just|specifically|nothing else|without (?:touching|changing|breaking)"
    r"|(?:do not|don't) (?:change|touch|modify|edit)"
    r"|leave \w+(?: \w+)? (?:alone|as is|unchanged)|limited to|nothing more|no other)\b",
    re.I,
)
_BUNDLE = re.compile(
    r"\b(?:and also|while you(?:'re| are) at it|as well as|on top of that|everything|all the things)\b", re.I
)
_VERIFY = re.compile(
    r"\b(?:tests?|tested|testing|verif(?:y|ies|ied|ication)|check that|make sure|ensure|expected|asserts?|validate"
    r"|run the (?:build|lint(?:er)?|tests?|checks?)|passes|acceptance criteria|success criteria)\b",
    re.I,
)
_ROOT = re.compile(
    r"\b(?:why|root cause|investigate|reproduc\w*|find out|diagnose|underlying|what(?:'s| is) causing)\b", re.I
)
_ROOT_WEAK = re.compile(r"\b(?:because|trace|cause[sd]?)\b", re.I)
_SILENCE = re.compile(
    r"\b(?:silence|ignore|suppress|work ?around|just make it (?:pass|work)|skip the (?:test|check))\b", re.I
)
_PLAN = re.compile(
    r"\b(?:plan|outline|propos(?:e|al)|explore|brainstorm"
    r"|before (?:you |we )?(?:cod|implement|writ|chang)\w*)\b",
    re.I,
)


def arc_habits(arc: Arc, turns: Sequence[Turn]) -> dict[Habit, Evidence]:
    """The habits that show in the prompts of an arc, each with the first prompt that shows it."""
    asked = [turn for turn in turns if turn.speech is not Speech.CALLBACK]
    found: dict[Habit, Evidence] = {}
    for position, turn in enumerate(asked):
        sought = [habit for habit in Habit if habit not in found]
        if position >= OPENING_TURNS:
            sought = [habit for habit in sought if habit not in OPENING_HABITS]
        shown = prompt_habits(turn.text, sought)
        found |= {habit: _evidence(habit, turn.prompt, quote(turn.text)) for habit in sought if habit in shown}
    planned = _planned(arc.events, asked)
    if planned is not None:
        found.setdefault(Habit.PLAN_FIRST, _evidence(Habit.PLAN_FIRST, planned, None))
    return found


def prompt_habits(text: str, sought: Iterable[Habit] = tuple(Habit)) -> frozenset[Habit]:
    """Those of the `sought` habits that one prompt shows by its words."""
    part = bounded(text)
    return frozenset(habit for habit in sought if _DETECTORS[habit](part))


def applicable(intent: Intent | None, measures: Measures) -> frozenset[Habit]:
    """The habits that an arc of this intent and size can be held to; none without an intent."""
    if intent is None:
        return frozenset()
    habits = APPLICABLE[intent]
    big = measures.turn_count >= BIG_TURNS or measures.net_loc >= BIG_NET_LOC
    return habits if big or intent is not Intent.BUG_FIX else habits - {Habit.PLAN_FIRST}


def grade(habits: Mapping[Habit, bool | None]) -> tuple[str, float] | tuple[None, None]:
    """Letter and points (0-100) for the share of applicable habits that show; (None, None) if none applies."""
    held = [shown for shown in habits.values() if shown is not None]
    if not held:
        return None, None
    score = Fraction(10 * sum(held), len(held))
    return next(((letter, points) for end, letter, points in BANDS if score < end), ("A+", 100.0))


def _goal_explicit(text: str) -> bool:
    said = words(text)
    if "?" in text and _WH.search(text):
        return True
    acts = any(base_form(word) for word in said[:-1]) or _EXPECTATION.search(text) is not None
    return acts and len(said) >= GOAL_WORDS


def _scope_bounded(text: str) -> bool:
    if _SCOPE.search(text):
        return True
    named = references(text)
    one = len(named.files) + len(named.names) == 1
    verbs = sum(1 for word in words(text) if word in VERBS)
    return one and verbs <= SCOPE_VERBS and not _BUNDLE.search(text)


def _context_sufficient(text: str) -> bool:
    return has_error_text(text) or has_code(text) or (len(words(text)) >= CONTEXT_WORDS and bool(references(text)))


def _root_cause_oriented(text: str) -> bool:
    return _ROOT.search(text) is not None or (_ROOT_WEAK.search(text) is not None and not _SILENCE.search(text))


_DETECTORS: Mapping[Habit, Callable[[str], bool]] = {
    Habit.GOAL_EXPLICIT: _goal_explicit,
    Habit.SCOPE_BOUNDED: _scope_bounded,
    Habit.REFERENCES_CONCRETE: lambda text: bool(references(text)),
    Habit.CONTEXT_SUFFICIENT: _context_sufficient,
    Habit.VERIFICATION_REQUESTED: lambda text: _VERIFY.search(text) is not None,
    Habit.ROOT_CAUSE_ORIENTED: _root_cause_oriented,
    Habit.PLAN_FIRST: lambda text: _PLAN.search(text) is not None,
}


def _planned(events: Sequence[Event], turns: Sequence[Turn]) -> Event | None:
    """The event that shows planning before the first change: plan mode, or a first turn that only read."""
    first_change = next((i for i, event in enumerate(events) if _changes(event)), len(events))
    planning = next((event for event in events[:first_change] if event.kind is Kind.PLANNING), None)
    if planning is not None or not turns:
        return planning
    opening = turns[0].events
    reads = [event for event in opening if is_call(event)]
    return reads[0] if reads and not any(_changes(event) for event in opening) and len(turns) > 1 else None


def _changes(event: Event) -> bool:
    if event.kind in FILE_KINDS or (event.kind is Kind.TOOL_USE and of_edit_tool(event)):
        return True
    return event.kind is Kind.COMMAND and has_side_effects(command_line(event))


def _evidence(habit: Habit, event: Event, quoted: str | None) -> Evidence:
    return Evidence("rubric", habit, 0, (event.id,), quoted)
