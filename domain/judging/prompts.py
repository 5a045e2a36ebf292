"""The prompts of an arc one by one: which habits each of them shows (domain reference, sections 7.1 and 10.2).

They are held to what their arc is held to, by the same detectors. Grades are given to arcs alone: a habit counts once
shown, so that "yes" or "thanks" owes none, and no prompt repeats what an earlier one said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.judging.habits import OPENING_HABITS, OPENING_TURNS, prompt_habits
from domain.judging.records import Habit, JudgeStatus, SubSession
from domain.judging.rule_judge import RuleJudge
from domain.judging.turns import Turn, turns
from domain.timeline import Event


@dataclass(frozen=True, slots=True)
class JudgedPrompt:
    """`turn_index` counts the user turns of the arc from 0; None for commands and what another arc asked meanwhile.

    `habits` are all seven, None those that do not apply to the arc or were looked for in its opening alone; the whole
    is None where there is no turn, or nothing was judged.
    """

    event: Event
    turn_index: int | None
    habits: Mapping[Habit, bool | None] | None


def judged_prompts(arc: SubSession, prompts: Sequence[Event]) -> list[JudgedPrompt]:
    """Each of `prompts`, which come in order, as far as the arc that they lie in was judged by rules."""
    own = frozenset(arc.prompt_ids)
    said = enumerate(turns([prompt for prompt in prompts if prompt.id in own]))
    found = {turn.prompt.id: JudgedPrompt(turn.prompt, place, _habits(arc, turn, place)) for place, turn in said}
    return [found.get(prompt.id) or JudgedPrompt(prompt, None, None) for prompt in prompts]


def _habits(arc: SubSession, turn: Turn, place: int) -> dict[Habit, bool | None] | None:
    """None from another judge, which may see habits otherwise."""
    if arc.rubric.judge_status is not JudgeStatus.OK or arc.judge_version != RuleJudge.version:
        return None
    applicable = [habit for habit, shown in arc.rubric.habits.items() if shown is not None]
    sought = [habit for habit in applicable if place < OPENING_TURNS or habit not in OPENING_HABITS]
    shown = prompt_habits(turn.text, sought)
    return {habit: habit in shown if habit in sought else None for habit in Habit}
