"""`hiring_report`: what a session shows of each thing that a role asks for. It never says whom to hire."""

from datetime import datetime

from domain.languages import Phrases
from domain.reports.document import Block, Document, Illustration, Section, Text
from domain.reports.media_facts import Material
from domain.reports.media_parts import at_a_glance, footnote, how_prompts_were_written, in_short, subtitle, title_of
from domain.reports.media_points import point, seen_in_short, tally
from domain.reports.media_signals import Finding, findings


def hiring_report(material: Material, words: Phrases, now: datetime) -> Document:
    role = material.wish.parameter("roleTitle")
    asked = findings(material, material.wish.parameter("roleDescription"))
    culture = findings(material, material.wish.parameter("companyCulture"))
    title = title_of(material, words)
    return Document(
        language=words.language,
        title=words.say("{role}: what “{session}” shows", role=role, session=title),
        subtitle=subtitle(material, words),
        summary=words.paragraph([seen_in_short([*asked, *culture], words), in_short(material, words)]),
        sections=[
            Section(title=words.say("The evidence in short"), blocks=[tally([*asked, *culture], words)]),
            *_section(words.say("What the role asks for"), asked, words),
            *_section(words.say("How it fits the culture"), culture, words),
            at_a_glance(material, words),
            *how_prompts_were_written(material, words),
            _limits(words),
        ],
        footnote=footnote(material, words),
        generated_at=now,
    )


def _section(title: str, found: list[Finding], words: Phrases) -> list[Section]:
    blocks: list[Block] = [block for one in found for block in point(one, words)]
    return [Section(title=title, blocks=blocks)] if blocks else []


def _limits(words: Phrases) -> Section:
    text = words.say(
        "This report gathers evidence and recommends nobody. One session shows how somebody worked on one task, on one"
        " day, with one agent; a point that it says nothing about may still be a strength. Ask about those points."
    )
    return Section(
        title=words.say("What one session cannot say"), blocks=[Illustration(variant="connection"), Text(content=text)]
    )
