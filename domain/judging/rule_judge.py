"""The deterministic judge: rules over the events of an arc, without a model."""

from collections.abc import Mapping, Sequence

from domain.judging.arcs import Arc
from domain.judging.habits import applicable, arc_habits, grade
from domain.judging.intent import Reading, read_intent
from domain.judging.judge import Verdict
from domain.judging.labels import label, opening_label
from domain.judging.outcome import judge_outcome
from domain.judging.records import Evidence, Habit, JudgeStatus, Rubric
from domain.judging.turns import Speech, Turn, turns
from domain.judging.work import read_work


class RuleJudge:
    """Equal arcs get equal verdicts, each resting on events that it names."""

    version = "rules-2"

    def judge(self, arc: Arc) -> Verdict:
        said = turns(arc.events)
        work = read_work(arc.events)
        reading = read_intent(arc, said, work)
        shown = arc_habits(arc, said)
        rubric = _rubric(arc, said, reading, shown)
        outcome, grounds = judge_outcome(arc, said, work, reading.intent)
        named = (
            opening_label(_goal(said)) if arc.closed_at is None else label(_goal(said), reading.intent, arc, outcome)
        )
        habits = tuple(evidence for habit, evidence in shown.items() if rubric.habits[habit])
        return Verdict(rubric, outcome, named, (*reading.evidence, *habits, *grounds))


def _rubric(arc: Arc, said: Sequence[Turn], reading: Reading, shown: Mapping[Habit, Evidence]) -> Rubric:
    """Skipped where no prompt text was captured: then there is nothing to read habits or an intent from."""
    held = applicable(reading.intent, arc.measures)
    habits = {habit: habit in shown if habit in held else None for habit in Habit}
    letter, points = grade(habits)
    status = JudgeStatus.OK if said else JudgeStatus.SKIPPED
    return Rubric(status, reading.intent, reading.confidence, habits, letter, points)


def _goal(said: Sequence[Turn]) -> str:
    """The prompt that names the goal: the first request, else whatever came first."""
    requests = [turn.text for turn in said if turn.speech is Speech.REQUEST]
    return next(iter(requests or [turn.text for turn in said]), "")
