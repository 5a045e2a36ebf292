"""The report of a period as a person reads it: the prose, and beside it figures, quotes and charts of what it tells."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from domain.judging.records import SubSession
from domain.languages import Message, Phrases, msgid
from domain.reports import period_charts
from domain.reports.document import Block, Card, Document, Evidence, Grid, Items, Section, Table, Text, Tone
from domain.reports.facts import Facts, WorstPrompt
from domain.reports.prose import Prose
from domain.reports.records import PeriodName
from domain.reports.story import COMPARABLE, comparable, is_strong
from domain.reports.wording import HABITS, TITLE_CHARS, categories, shown, titled, why_missed, why_reached
from domain.scores.composite import Composite
from domain.scores.headline import Headline
from domain.summaries_of_many import HighlightKind
from domain.summary_texts import highlight_title, reason

_TOLD_ARCS, _TOLD_PROMPTS, _TOLD_MISSING = 3, 2, 3
_STANDING_OUT: Mapping[HighlightKind, tuple[str, Message]] = {
    HighlightKind.STREAK: ("star", msgid("Longest streak")),
    HighlightKind.FASTEST_CRUSH: ("bolt", msgid("Fastest goal")),
    HighlightKind.LONGEST_FOCUS: ("focus", msgid("Longest stretch of work")),
    HighlightKind.MOST_EXPENSIVE: ("coins", msgid("Most expensive session")),
}
_TONES = {True: Tone.GOOD, False: Tone.BAD, None: Tone.NEUTRAL}
_WEAK = 70
"""The grade points, of 100, below which a prompt is shown."""


def document(facts: Facts, prose: Prose, say: Phrases, by_model: bool = False) -> Document:
    """Finished, in the language of `say`; `by_model` says that a language model wrote the prose."""
    return Document(
        language=say.language,
        title=title(facts, say),
        subtitle=f"{shown(facts.name)} · {span(facts, say)}",
        summary=prose.summary,
        sections=[section for section in _sections(facts, prose, say) if section.blocks],
        footnote=say.paragraph(_footnote(facts, say, by_model)) or None,
        generated_at=facts.as_of.astimezone(facts.period.zone),
    )


def title(facts: Facts, say: Phrases) -> str:
    match facts.period.name:
        case PeriodName.DAILY:
            return say.say("The day in review")
        case PeriodName.WEEKLY:
            return say.say("The week in review")
        case PeriodName.MONTHLY:
            return say.say("The month in review")
        case PeriodName.CUSTOM:
            return say.say("A look back")


def span(facts: Facts, say: Phrases) -> str:
    if facts.period.name is PeriodName.DAILY:
        return say.day(facts.period.start)
    return say.span(facts.period.start, facts.period.end)


def _sections(facts: Facts, prose: Prose, say: Phrases) -> Iterator[Section]:
    yield Section(title=say.say("At a glance"), blocks=list(_glance(facts, prose, say)))
    wins = [_win(arc, say) for arc in facts.wins[:_TOLD_ARCS]]
    yield Section(title=say.say("What worked"), blocks=wins)
    yield Section(title=say.say("What did not"), blocks=list(_misses(facts, say)))
    yield Section(title=say.say("What stands out"), blocks=list(_standing_out(facts, say)))
    yield Section(title=say.say("One thing to try"), blocks=list(_advice(facts, prose, say)))
    yield Section(title=say.say("Tokens and cost"), blocks=list(_spent(facts, say)))
    yield Section(title=say.say("How the work went"), blocks=list(_older_score(facts, say)))
    yield Section(title=say.say("Good to know"), blocks=list(_notes(facts, say)))


def _glance(facts: Facts, prose: Prose, say: Phrases) -> Iterator[Block]:
    if facts.now.qualifying:
        yield Grid(columns=4, items=[_score(facts, say), _reached(facts, say), _time(facts, say), _tokens(facts, say)])
    if prose.paragraphs:
        yield Text(content="\n\n".join(prose.paragraphs))
    if sum(score is not None for score in facts.scores) > 1:
        yield period_charts.scores(facts, say)
    if facts.now.qualifying > 1 and len(facts.points) > 1:
        yield period_charts.outcomes(facts, say)


def _score(facts: Facts, say: Phrases) -> Card:
    headline = facts.board.headline
    score, interval = headline.prism_score, headline.interval
    assert score is not None
    assert interval is not None
    low, high = say.number(interval.low), say.number(interval.high)
    return Card(
        icon="chart",
        title=say.say("Score"),
        content=f"{say.number(score, 1)} ({headline.letter_grade})",
        note=say.say("likely between {low} and {high}", low=low, high=high),
        tone=_TONES[is_strong(headline)],
    )


def _reached(facts: Facts, say: Phrases) -> Card:
    earlier = comparable(facts)
    return Card(
        icon="target",
        title=say.say("Goals reached"),
        content=_of(facts.board.headline, say),
        note=None if earlier is None else say.say("{value} before", value=_of(earlier.headline, say)),
    )


def _of(headline: Headline, say: Phrases) -> str:
    return say.say("{n} of {total}", n=say.number(headline.crushed_count), total=say.number(headline.total_count))


def _time(facts: Facts, say: Phrases) -> Card:
    median = facts.board.speed.ttc_median_seconds
    earlier = comparable(facts)
    before = None if earlier is None else earlier.speed.ttc_median_seconds
    return Card(
        icon="clock",
        title=say.say("Time to a goal"),
        content=_or_dash(median, lambda value: say.duration(float(value))),
        note=_earlier(before, lambda value: say.duration(float(value)), say),
    )


def _tokens(facts: Facts, say: Phrases) -> Card:
    median = facts.board.tokens.median_tokens_per_crush
    earlier = comparable(facts)
    before = None if earlier is None else earlier.tokens.median_tokens_per_crush
    return Card(
        icon="coins",
        title=say.say("Tokens for a goal"),
        content=_or_dash(median, lambda value: say.tokens(round(value))),
        note=_earlier(before, lambda value: say.tokens(round(value)), say),
    )


def _or_dash(value: Decimal | None, write: Callable[[Decimal], str]) -> str:
    return "–" if value is None else write(value)


def _earlier(value: Decimal | None, write: Callable[[Decimal], str], say: Phrases) -> str | None:
    return None if value is None else say.say("{value} before", value=write(value))


def _win(arc: SubSession, say: Phrases) -> Block:
    return Card(
        icon="check", title=titled(arc, say), content=why_reached(arc, say), note=_figures(arc, say), tone=Tone.GOOD
    )


def _misses(facts: Facts, say: Phrases) -> Iterator[Block]:
    for arc in facts.misses[:_TOLD_ARCS]:
        yield Card(
            icon="warning", title=titled(arc, say), content=why_missed(arc, say), note=_figures(arc, say), tone=Tone.BAD
        )
    found = categories(facts, say)
    if len(found) > 1:
        yield Table(
            columns=[say.say("What happened"), say.say("Goals"), say.say("What helps")],
            rows=[[one.label, say.number(one.count), one.advice or ""] for one in found],
            numeric=[False, True, False],
        )


def _figures(arc: SubSession, say: Phrases) -> str:
    """When it was and what it took, in small letters."""
    parts = [say.date(arc.started_at)]
    if arc.measures.turn_count:
        parts.append(say.count("{n} prompt", "{n} prompts", arc.measures.turn_count))
    if arc.measures.lines_added or arc.measures.lines_removed:
        parts.append(f"+{say.number(arc.measures.lines_added)} −{say.number(arc.measures.lines_removed)}")
    if arc.measures.tokens.total:
        parts.append(say.say("{tokens} tokens", tokens=say.tokens(arc.measures.tokens.total)))
    return " · ".join(parts)


def _standing_out(facts: Facts, say: Phrases) -> Iterator[Block]:
    """One session for each of some kinds: what the cards above tell of, flags and undone work are left out."""
    if facts.board.headline.too_few:
        return
    for kind, (icon, name) in _STANDING_OUT.items():
        one = next((one for one in facts.highlights if one.kind is kind), None)
        if one is not None and one.compared >= COMPARABLE:
            title = shown(highlight_title(one, say), TITLE_CHARS)
            note = f"{title} · {say.date(one.started_at)}"
            yield Card(icon=icon, title=say.say(name), content=reason(one, say), note=note)


def _advice(facts: Facts, prose: Prose, say: Phrases) -> Iterator[Block]:
    if prose.tip:
        yield Text(content=prose.tip)
    if facts.now.graded > 1 and len(facts.habits) > 1:
        yield period_charts.habits(facts, say)
    weak = [one for one in facts.worst_prompts if one.points < _WEAK]
    yield from (_prompt(one, say) for one in weak[:_TOLD_PROMPTS])


def _prompt(one: WorstPrompt, say: Phrases) -> Block:
    source = f"{say.date(one.arc.started_at)} · {say.time(one.arc.started_at)}"
    missing = [
        say.say("“{text}”", text=say.say(HABITS[habit]))
        for habit, shows in one.arc.rubric.habits.items()
        if shows is False
    ]
    remark = say.say("Missing here: {habits}", habits=say.listed(missing[:_TOLD_MISSING])) if missing else None
    return Evidence(quote=shown(one.text), source=source, remark=remark)


def _spent(facts: Facts, say: Phrases) -> Iterator[Block]:
    told = say.paragraph(_spent_told(facts, say))
    if told:
        yield Text(content=told)
    if sum(point.totals.tokens.total > 0 for point in facts.points) > 1:
        yield period_charts.tokens(facts, say)


def _spent_told(facts: Facts, say: Phrases) -> Iterator[str]:
    weight, activity = facts.board.tokens.crush_weight, facts.activity
    if weight is not None:
        yield _tokens_told(facts, weight, say)
    if activity.cost_usd:
        yield say.say("By list prices the work cost about {cost}.", cost=say.money(activity.cost_usd))
    if 0 < activity.missed_cost_usd < activity.cost_usd:
        yield say.say("Of that, {cost} went into goals that were missed.", cost=say.money(activity.missed_cost_usd))
    if activity.unpriced:
        yield say.count(
            "One goal has no price, because its model is not in the list.",
            "{n} goals have no price, because their models are not in the list.",
            activity.unpriced,
        )
    if facts.now.lower_bounds:
        yield say.count(
            "The tokens of one goal are a lower bound: its tool reported too few.",
            "The tokens of {n} goals are a lower bound: their tools reported too few.",
            facts.now.lower_bounds,
        )


def _tokens_told(facts: Facts, weight: Decimal, say: Phrases) -> str:
    """A share is said where some goals were reached and others were not."""
    tokens, total = say.tokens(facts.now.tokens.total), facts.now.qualifying
    if 0 < facts.now.crushed < total:
        share = say.percent(weight)
        return say.say(
            "The goals took {tokens} tokens, {share} of them for those that were reached.", tokens=tokens, share=share
        )
    return say.count("The goal took {tokens} tokens.", "The goals took {tokens} tokens.", total, tokens=tokens)


def _older_score(facts: Facts, say: Phrases) -> Iterator[Block]:
    """Of the composite, whose parts are known by their abbreviations."""
    found = facts.composite
    if found is None or found.skill is None:
        return
    cards = [Card(icon="star", title=say.say("Skill"), content=say.number(found.skill), note=say.say("of 100"))]
    cards.append(Card(icon="bolt", title=say.say("Hours a week"), content=say.number(found.speed_hours, 1)))
    if found.tokens_per_hour is not None:
        tokens = say.tokens(round(found.tokens_per_hour))
        note = say.say("without the caches")
        cards.append(Card(icon="coins", title=say.say("Tokens an hour"), content=tokens, note=note))
    yield Grid(columns=4, items=[*cards, *_marks(found, say)])
    yield Text(
        content=say.say("The marks run from 0 to 10, and more is better, as version 2.1 of the score works them out.")
    )


def _marks(found: Composite, say: Phrases) -> Iterator[Card]:
    marks = (
        ("SSE", found.sse, say.say("effort for a goal: 7.5 is as usual")),
        ("PES", found.pes, say.say("how well prompts are put")),
        ("IE", found.ie, say.say("prompts an hour: 5 is as usual")),
        ("CRR", found.crr, say.say("fresh starts in between")),
        ("FC", found.fc, say.say("work without a break")),
    )
    for name, value, meaning in marks:
        if value is not None:
            yield Card(icon="dot", title=name, content=say.number(value, 1), note=meaning)


def _notes(facts: Facts, say: Phrases) -> Iterator[Block]:
    notes = list(_noted(facts, say))
    if notes:
        yield Items(items=notes)


def _noted(facts: Facts, say: Phrases) -> Iterator[str]:
    if facts.now.pending:
        yield say.count(
            "One goal still waits for its verdict.", "{n} goals still wait for their verdict.", facts.now.pending
        )
    if left_out := facts.board.trivia.total:
        yield say.count(
            "One piece of work was too small to count, for the score or against it.",
            "{n} pieces of work were too small to count, for the score or against it.",
            left_out,
        )
    if flags := facts.board.integrity.total:
        yield say.count(
            "One thing looks odd and bears a flag. Flags change no score; they are there to be looked at.",
            "{n} things look odd and bear a flag. Flags change no score; they are there to be looked at.",
            flags,
        )


def _footnote(facts: Facts, say: Phrases, by_model: bool) -> Iterator[str]:
    if facts.now.qualifying:
        yield say.count(
            "The score rests on one goal; what is open or too small is not in it.",
            "The score rests on {n} goals; what is open or too small is not in it.",
            facts.now.qualifying,
        )
    if by_model:
        yield say.say("The text was written by a language model, the figures were not.")
