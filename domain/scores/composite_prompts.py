"""Prompt Efficiency Score: how well a prompt was put (domain reference, section 19).

    PES = 0.35 information density + 0.25 context leverage + 0.25 ambiguity cost + 0.15 turn economy

The section names the four marks; how they are told from a prompt is ours, by what its arc is judged by as well:
context leverage is the share of what it names and brings along, ambiguity cost the share of what it leaves open to no
guess (goal, scope, check), information density the share of its words that carry something, turn economy falls with
each prompt right after it that had to put something right.
"""

from collections.abc import Sequence, Set
from statistics import fmean

from domain.judging.cues import is_question, request_verb
from domain.judging.habits import prompt_habits
from domain.judging.reactions import acceptance
from domain.judging.records import Habit
from domain.judging.text import clauses, content_words, prose, without_links, words
from domain.judging.turns import Speech, speech
from domain.scores.composite import PromptRubric

DENSE_SHARE = 0.4
"""From so many new words of content among all on, a prompt is as dense as can be."""
FULL_WORDS = 5
"""Of fewer words of content it says little, however dense."""

LEVERAGE = frozenset({Habit.REFERENCES_CONCRETE, Habit.CONTEXT_SUFFICIENT})
CLARITY = frozenset({Habit.GOAL_EXPLICIT, Habit.SCOPE_BOUNDED, Habit.VERIFICATION_REQUESTED})


def rubric(text: str, asked_of: Set[Habit], corrections: int) -> PromptRubric | None:
    """The marks of a prompt, 0-10 each; None where there is nothing to mark (see `is_scored`).

    `asked_of`: the habits that its arc is held to. `corrections`: how many prompts followed at once that objected or
    said the same again.
    """
    if not is_scored(text):
        return None
    shown = prompt_habits(text, LEVERAGE | CLARITY)
    return PromptRubric(
        context_leverage=_share(shown, LEVERAGE, asked_of),
        information_density=_density(text),
        turn_economy=10 / (1 + corrections),
        ambiguity_cost=_share(shown, CLARITY, asked_of),
    )


def is_scored(text: str) -> bool:
    """Whether a prompt asks for work: no question, no talk about the assistant, no "go on", "thanks" or "commit", no
    callback of a tool, and not one whose words were not recorded."""
    return speech(text) is Speech.REQUEST and not _only_asks_or_thanks(text)


def _only_asks_or_thanks(text: str) -> bool:
    said = clauses(without_links(prose(text)))
    if any(request_verb(one.text) is not None and not is_question(one) for one in said):
        return False
    return any(map(is_question, said)) or acceptance(text) is not None


def _share(shown: Set[Habit], group: Set[Habit], asked_of: Set[Habit]) -> float:
    """Of those that the arc is held to; of all where it is held to none."""
    held = group & asked_of or group
    return 10 * len(shown & held) / len(held)


def _density(text: str) -> float:
    """Pasted matter is left out unless there is nothing else."""
    own = without_links(prose(text))
    said = own if words(own) else text
    count, content = len(words(said)), len(content_words(said))
    return 10 * min(1.0, content / FULL_WORDS) * min(1.0, content / count / DENSE_SHARE) if count else 0.0


def pes(marks: PromptRubric) -> float:
    """0-10, of one prompt or of means."""
    return (
        0.35 * marks.information_density
        + 0.25 * marks.context_leverage
        + 0.25 * marks.ambiguity_cost
        + 0.15 * marks.turn_economy
    )


def mean_rubric(all: Sequence[PromptRubric]) -> PromptRubric | None:
    """Mark by mark; None without any."""
    if not all:
        return None
    return PromptRubric(
        context_leverage=fmean(one.context_leverage for one in all),
        information_density=fmean(one.information_density for one in all),
        turn_economy=fmean(one.turn_economy for one in all),
        ambiguity_cost=fmean(one.ambiguity_cost for one in all),
    )
