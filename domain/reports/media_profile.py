"""`profile_alignment`: how habits and outcomes line up with the words of an ideal profile, point by point."""

from datetime import datetime

from domain.languages import Phrases
from domain.reports.document import Block, Document, Illustration, Section, Table
from domain.reports.media_facts import Material
from domain.reports.media_parts import at_a_glance, footnote, how_prompts_were_written, in_short, subtitle, title_of
from domain.reports.media_points import point, seen_in_short, tally
from domain.reports.media_signals import Finding, Seen, findings


def profile_alignment(material: Material, words: Phrases, now: datetime) -> Document:
    found = findings(material, material.wish.parameter("idealProfile"))
    return Document(
        language=words.language,
        title=words.say("How “{session}” lines up with the profile", session=title_of(material, words)),
        subtitle=subtitle(material, words),
        summary=words.paragraph([seen_in_short(found, words), in_short(material, words)]),
        sections=[
            Section(title=words.say("The evidence in short"), blocks=[tally(found, words), *_table(found, words)]),
            *_points(found, words),
            at_a_glance(material, words),
            *how_prompts_were_written(material, words),
        ],
        footnote=footnote(material, words),
        generated_at=now,
    )


def _table(found: list[Finding], words: Phrases) -> list[Block]:
    if not found:
        return []
    names = {Seen.SHOWN: words.say("Shown"), Seen.PARTLY: words.say("In part"), Seen.NOT_SEEN: words.say("Not seen")}
    rows = [[one.point, names[one.seen]] for one in found]
    return [Table(columns=[words.say("The profile says"), words.say("This session")], rows=rows)]


def _points(found: list[Finding], words: Phrases) -> list[Section]:
    blocks: list[Block] = [block for one in found for block in point(one, words)]
    if not blocks:
        return []
    return [Section(title=words.say("Point by point"), blocks=[Illustration(variant="analysis"), *blocks])]
