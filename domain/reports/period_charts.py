"""The charts of a period: its score beside those before, goals by outcome, tokens by day, habits."""

from domain.languages import Phrases
from domain.reports.document import Chart, ChartKind, Series, Tone
from domain.reports.facts import Facts, Point
from domain.reports.wording import HABITS
from domain.scores.headline import FEW_ARCS
from domain.scores.periods import PeriodKind
from domain.scores.skill import HabitShare


def scores(facts: Facts, say: Phrases) -> Chart:
    """Where at least one period has a score."""
    values = [None if score is None else float(score) for score in facts.scores]
    labels, known = _window_labels(facts, say), [value for value in values if value is not None]
    low, high, last = (say.number(pick, 1) for pick in (min(known), max(known), known[-1]))
    when = [label for label, value in zip(labels, values, strict=True) if value is not None][-1]
    told = say.say("Between {low} and {high}; the latest is {last} ({when}).", low=low, high=high, last=last, when=when)
    return Chart(
        kind=ChartKind.LINE,
        title=say.say("Score over time"),
        summary=say.paragraph((told, _vague(facts, say))),
        labels=labels,
        series=[Series(name=say.say("Score"), values=values)],
        maximum=100,
    )


def _vague(facts: Facts, say: Phrases) -> str:
    """How many of the scores mean little."""
    few = sum(0 < part.qualifying < FEW_ARCS for part in facts.parts)
    if not few:
        return ""
    return say.count(
        "One of these scores rests on fewer than five goals.",
        "{n} of these scores rest on fewer than five goals.",
        few,
    )


def _window_labels(facts: Facts, say: Phrases) -> list[str]:
    """Each period by the day it begins with, with the year where they are of several."""
    starts = [window.start.astimezone(facts.period.zone) for window in facts.windows]
    named = say.date if starts[0].year != starts[-1].year else say.month_day
    return [named(start.date()) for start in starts]


def outcomes(facts: Facts, say: Phrases) -> Chart:
    reached = [point.totals.crushed for point in facts.points]
    missed = [point.totals.qualifying - point.totals.crushed for point in facts.points]
    small = [sum(point.totals.trivia.values()) for point in facts.points]
    sums = [say.number(sum(values)) for values in (reached, missed, small)]
    return Chart(
        kind=ChartKind.STACK,
        title=say.say("Goals by outcome"),
        summary=say.say(
            "Reached: {reached}. Missed: {missed}. Too small to count: {small}.",
            reached=sums[0],
            missed=sums[1],
            small=sums[2],
        ),
        labels=_labels(facts, say),
        series=[
            Series(name=say.say("Reached"), values=[float(value) for value in reached], tone=Tone.GOOD),
            Series(name=say.say("Missed"), values=[float(value) for value in missed], tone=Tone.BAD),
            Series(name=say.say("Too small"), values=[float(value) for value in small]),
        ],
    )


def tokens(facts: Facts, say: Phrases) -> Chart:
    spent = [point.totals.tokens.total for point in facts.points]
    most = max(range(len(spent)), key=spent.__getitem__)
    labels = _labels(facts, say)
    return Chart(
        kind=ChartKind.BARS,
        title=say.say("Tokens over time"),
        summary=say.say(
            "{tokens} tokens in all; the peak is {most} ({when}).",
            tokens=say.tokens(sum(spent)),
            most=say.tokens(spent[most]),
            when=labels[most],
        ),
        labels=labels,
        series=[Series(name=say.say("Tokens"), values=[float(value) for value in spent])],
    )


def habits(facts: Facts, say: Phrases) -> Chart:
    shares = [one.shown / one.applicable for one in facts.habits]
    names = [say.say(HABITS[one.habit]) for one in facts.habits]
    return Chart(
        kind=ChartKind.SHARES,
        title=say.say("Habits, the rarest first"),
        summary=say.say(
            "Where it is called for, “{rare}” shows in {least}, “{common}” in {most}.",
            rare=names[0],
            least=say.percent(shares[0]),
            common=names[-1],
            most=say.percent(shares[-1]),
        ),
        labels=[f"{name} · {_counted(one, say)}" for name, one in zip(names, facts.habits, strict=True)],
        series=[Series(name=say.say("Share of goals"), values=list(shares))],
        maximum=1,
    )


def _counted(one: HabitShare, say: Phrases) -> str:
    return say.say("{n} of {total}", n=say.number(one.shown), total=say.number(one.applicable))


def _labels(facts: Facts, say: Phrases) -> list[str]:
    return [_label(point, facts.unit, say) for point in facts.points]


def _label(point: Point, unit: PeriodKind, say: Phrases) -> str:
    """A week is named by the day it begins with, a month by its first."""
    return say.date(point.period.start) if unit is PeriodKind.MONTH else say.month_day(point.period.start)
