"""`sales_playbook`: prompts and ways of working that reached goals in this session, to be repeated; and what did not.

What a call sells by is here what brings a goal home: an opening that is understood, and a result that convinces.
"""

from datetime import datetime

from domain.judging.records import SubSession
from domain.languages import Phrases
from domain.media_entities import DEVELOPER, Said
from domain.reports.document import (
    Block,
    Card,
    Document,
    Evidence,
    Grid,
    Illustration,
    Items,
    Section,
    Table,
    Text,
    Tone,
)
from domain.reports.media_facts import (
    Course,
    Material,
    Shown,
    accepted,
    checked,
    committed,
    counted,
    habits,
    weakest,
)
from domain.reports.media_parts import (
    footnote,
    goal_name,
    in_short,
    in_words,
    one_to_try,
    outcome_of,
    quoted,
    subtitle,
    title_of,
)
from domain.reports.media_words import HABITS
from domain.reports.story import COMPARABLE
from domain.reports.wording import shown, why_missed
from domain.values import EventId

MOST_OPENINGS = 3
MOST_ROWS = 10
LIFT = 0.2
"""A habit that showed so much more often in reached goals than in others is one to repeat."""


def sales_playbook(material: Material, words: Phrases, now: datetime) -> Document:
    return Document(
        language=words.language,
        title=words.say("Playbook from “{session}”", session=title_of(material, words)),
        subtitle=subtitle(material, words),
        summary=in_short(material, words),
        sections=[
            _what_convinced(material, words),
            *_openings(material, words),
            *_ways(material, words),
            *_repeat(material, words),
            *_less(material, words),
        ],
        footnote=footnote(material, words),
        generated_at=now,
    )


def _what_convinced(material: Material, words: Phrases) -> Section:
    title = words.say("What convinced")
    reached = material.reached
    if not reached:
        text = words.say("No goal was reached in this session, so there is nothing to repeat yet.")
        return Section(title=title, blocks=[Text(content=text)])
    told = (
        ("star", words.say("Accepted in words"), counted(reached, accepted)),
        ("check", words.say("A check passed"), counted(reached, checked)),
        ("flag", words.say("Committed"), counted(reached, committed)),
    )
    cards = [
        Card(
            icon=icon,
            title=name,
            content=words.say("{reached} of {all}", reached=words.number(n.shown), all=words.number(n.of)),
        )
        for icon, name, n in told
    ]
    return Section(title=title, blocks=[Grid(columns=3, items=cards), *_acceptances(reached, words)])


def _acceptances(reached: list[SubSession], words: Phrases) -> list[Block]:
    """In the developer's own words."""
    found = [
        Evidence(quote=shown(one.quote), source=goal_name(arc, words))
        for arc in reached
        for one in arc.evidence
        if one.criterion == "acceptance" and one.quote
    ]
    return [*found[:MOST_OPENINGS]]


def _openings(material: Material, words: Phrases) -> list[Section]:
    """The first prompts of reached goals, those of the best grades first."""
    said = {one.id: one for entity in material.present if entity.id == DEVELOPER for one in entity.said}
    best = sorted(material.reached, key=lambda arc: -(arc.rubric.grade_points or 0.0))
    found = [(arc, opening) for arc in best if (opening := _opening(arc, said)) is not None]
    if not found:
        return []
    blocks: list[Block] = [Illustration(variant="conversation")]
    for arc, opening in found[:MOST_OPENINGS]:
        blocks.append(quoted(opening, words).model_copy(update={"remark": _remark(arc, words)}))
    return [Section(title=words.say("Openings that worked"), blocks=blocks)]


def _opening(arc: SubSession, said: dict[EventId, Said]) -> Said | None:
    return next((said[id] for id in arc.prompt_ids if id in said), None)


def _remark(arc: SubSession, words: Phrases) -> str:
    seen = [words.say(HABITS[habit]) for habit, shows in arc.rubric.habits.items() if shows]
    if not seen:
        return outcome_of(arc, words)
    listed = words.listed([words.say("“{text}”", text=one) for one in seen])
    return words.say("“{goal}” was reached. Habits that showed: {habits}.", goal=goal_name(arc, words), habits=listed)


def _ways(material: Material, words: Phrases) -> list[Section]:
    """What was done on the way from a prompt to a reached goal."""
    if not material.reached:
        return []
    columns = [
        words.say("Goal"),
        words.say("Prompts"),
        words.say("Changes"),
        words.say("A check passed"),
        words.say("Committed"),
    ]
    rows = [_way(arc, words) for arc in material.reached[:MOST_ROWS]]
    table = Table(columns=columns, rows=rows, numeric=[False, True, True, False, False])
    return [Section(title=words.say("The way to each goal"), blocks=[table])]


def _way(arc: SubSession, words: Phrases) -> list[str]:
    measures = arc.measures
    counts = (measures.turn_count, measures.mutating_tool_calls)
    marks = ["✓" if done else "–" for done in (checked(arc), committed(arc))]
    return [goal_name(arc, words), *map(words.number, counts), *marks]


def _repeat(material: Material, words: Phrases) -> list[Section]:
    """Habits that told reached goals from others, where there are enough of both."""
    others = habits(material.that_are(Course.MISSED, Course.REDONE))
    found = habits(material.reached)
    lines = [
        words.say(
            "“{habit}” showed in {share} of the goals that were reached and in {other} of the others.",
            habit=words.say(HABITS[habit]),
            share=_counted(shown, words),
            other=_counted(others[habit], words),
        )
        for habit, shown in found.items()
        if habit in others
        and min(shown.of, others[habit].of) >= COMPARABLE
        and shown.share - others[habit].share >= LIFT
    ]
    return [Section(title=words.say("What to repeat"), blocks=[Items(items=lines)])] if lines else []


def _counted(shown: Shown, words: Phrases) -> str:
    return f"{words.percent(shown.share)} ({in_words(shown, words)})"


def _less(material: Material, words: Phrases) -> list[Section]:
    """What stood between a prompt and its goal, and the habit that was missing most."""
    lost = material.that_are(Course.MISSED, Course.REDONE)
    blocks: list[Block] = [
        Card(icon="warning", title=goal_name(arc, words), content=why_missed(arc, words), tone=Tone.BAD)
        for arc in lost[:MOST_OPENINGS]
    ]
    blocks += one_to_try(weakest(material.judged), words)
    return [Section(title=words.say("What to do differently"), blocks=blocks)] if blocks else []
