"""Parts that reports of different templates share."""

from collections.abc import Sequence

from domain.judging.records import Habit, SubSession
from domain.languages import Phrases
from domain.media_entities import Said
from domain.reports.document import Block, Card, Chart, ChartKind, Evidence, Grid, Section, Series, Table, Text, Tone
from domain.reports.media_facts import Material, Shown, course, habits, telling, weakest
from domain.reports.media_signals import QUOTE_CHARS
from domain.reports.media_words import ADVICE, COURSES, HABITS, INTENTS
from domain.reports.wording import shown
from domain.timeline import Kind

MOST_ROWS = 20
MOST_REASONS = 4
FEW_GOALS = 5
"""With fewer goals a report says how little it rests on."""


def title_of(material: Material, words: Phrases) -> str:
    """Of the session, or of the goal that took most of it where it has none."""
    largest = sorted(material.arcs, key=lambda arc: -arc.measures.tokens.total)
    named = (material.session.title, *(arc.label.title for arc in largest))
    return next((shown(one, 120) for one in named if one), words.say("Untitled"))


def subtitle(material: Material, words: Phrases) -> str:
    date = words.date(material.session.started_at or material.session.created_at)
    return words.say(
        "{name}, {date}, {duration}", name=material.called, date=date, duration=words.duration(material.duration_s)
    )


def in_short(material: Material, words: Phrases) -> str:
    """How the goals came out, in a sentence."""
    judged = len(material.judged)
    if not judged:
        return words.say("Nothing in this session could be judged yet.")
    return words.count(
        "Goals reached: {reached} of {n}.",
        "Goals reached: {reached} of the {n} that could be judged.",
        judged,
        reached=words.number(len(material.reached)),
    )


def footnote(material: Material, words: Phrases) -> str | None:
    """How little this rests on, where it is little."""
    judged = len(material.judged)
    if judged >= FEW_GOALS:
        return None
    return words.count(
        "This rests on one session with {n} judged goal: take it as a hint, not as a measure.",
        "This rests on one session with {n} judged goals: take it as a hint, not as a measure.",
        judged,
    )


def goal_name(arc: SubSession, words: Phrases) -> str:
    return shown(arc.label.title or "", 80) or words.say("Untitled")


def at_a_glance(material: Material, words: Phrases) -> Section:
    judged, reached = len(material.judged), len(material.reached)
    tone = Tone.NEUTRAL if judged < FEW_GOALS else Tone.GOOD if reached * 2 > judged else Tone.BAD
    session = material.session
    goals = words.say("{reached} of {all}", reached=words.number(reached), all=words.number(judged))
    errors = words.say(
        "{reached} of {all}",
        reached=words.number(session.tool_error_count),
        all=words.number(session.tool_call_count),
    )
    tokens = words.tokens(session.tokens.total)
    cards = [
        Card(icon="target", title=words.say("Goals reached"), content=goals, tone=tone),
        Card(icon="message", title=words.say("Prompts"), content=words.number(session.prompt_count)),
        Card(icon="coins", title=words.say("Tokens"), content=tokens, note=_cost(material, words)),
        Card(icon="wrench", title=words.say("Failed tool calls"), content=errors),
    ]
    return Section(title=words.say("At a glance"), blocks=[Grid(columns=4, items=cards)])


def _cost(material: Material, words: Phrases) -> str | None:
    cost = material.session.cost_usd
    return None if cost is None else words.money(cost)


def goals(material: Material, words: Phrases) -> list[Section]:
    """Each goal, what kind it was and how it came out."""
    if not material.arcs:
        return []
    names = [words.say("Goal"), words.say("Kind"), words.say("Outcome"), words.say("Tokens")]
    rows = [_goal(arc, words) for arc in material.arcs[:MOST_ROWS]]
    table = Table(columns=names, rows=rows, numeric=[False, False, False, True])
    why = [
        Evidence(quote=shown(said), source=goal_name(arc, words), remark=words.say(COURSES[course(arc)]))
        for arc in material.judged
        if (said := telling(arc)) is not None
    ]
    return [Section(title=words.say("The goals"), blocks=[table, *why[:MOST_REASONS]])]


def _goal(arc: SubSession, words: Phrases) -> list[str]:
    intent = arc.rubric.intent
    kind = "–" if intent is None else words.say(INTENTS[intent])
    tokens = words.tokens(arc.measures.tokens.total)
    return [goal_name(arc, words), kind, words.say(COURSES[course(arc)]), tokens]


def how_prompts_were_written(material: Material, words: Phrases) -> list[Section]:
    """The habits as shares of the goals they apply to, and one to try."""
    found = habits(material.judged)
    if not found:
        return []
    most = max(found, key=lambda habit: found[habit].share)
    least = min(found, key=lambda habit: found[habit].share)
    chart = Chart(
        kind=ChartKind.SHARES,
        title=words.say("Goals that showed each habit"),
        summary=words.say(
            "“{most}” showed most often ({share}), “{least}” least ({other}).",
            most=words.say(HABITS[most]),
            share=words.percent(found[most].share),
            least=words.say(HABITS[least]),
            other=words.percent(found[least].share),
        ),
        labels=[f"{words.say(HABITS[habit])} · {in_words(seen, words)}" for habit, seen in found.items()],
        series=[Series(name=words.say("Share of goals"), values=[seen.share for seen in found.values()])],
        maximum=1.0,
    )
    blocks: list[Block] = [chart, *one_to_try(weakest(material.judged), words)]
    return [Section(title=words.say("How the prompts were written"), blocks=blocks)]


def in_words(seen: Shown, words: Phrases) -> str:
    return words.say("{reached} of {all}", reached=words.number(seen.shown), all=words.number(seen.of))


def one_to_try(habit: Habit | None, words: Phrases) -> Sequence[Block]:
    return () if habit is None else (Text(title=words.say("One thing to try"), content=words.say(ADVICE[habit])),)


def quoted(said: Said, words: Phrases) -> Evidence:
    """Something that was said, and when."""
    time = words.time(said.at)
    prompt = said.kind is Kind.PROMPT
    source = words.say("Prompt of {time}", time=time) if prompt else words.say("Answer of {time}", time=time)
    return Evidence(quote=shown(said.text, QUOTE_CHARS), source=source)


def outcome_of(arc: SubSession, words: Phrases) -> str:
    return words.say("“{goal}”: {outcome}", goal=goal_name(arc, words), outcome=words.say(COURSES[course(arc)]))
