"""`general_report`: what was worked on, who did what, how it came out, and one habit to try."""

from datetime import datetime

from domain.languages import Phrases
from domain.reports.document import Block, Chart, ChartKind, Document, Illustration, Section, Series, Table
from domain.reports.media_facts import Material
from domain.reports.media_parts import (
    at_a_glance,
    footnote,
    goals,
    how_prompts_were_written,
    in_short,
    quoted,
    subtitle,
    title_of,
)

MOST_SPEAKERS = 8
MOST_TOOLS = 10
MOST_QUOTES = 2


def general_report(material: Material, words: Phrases, now: datetime) -> Document:
    return Document(
        language=words.language,
        title=words.say("What happened in “{session}”", session=title_of(material, words)),
        subtitle=subtitle(material, words),
        summary=in_short(material, words),
        sections=[
            at_a_glance(material, words),
            *goals(material, words),
            _who_spoke(material, words),
            *how_prompts_were_written(material, words),
            *_tools(material, words),
        ],
        footnote=footnote(material, words),
        generated_at=now,
    )


def _who_spoke(material: Material, words: Phrases) -> Section:
    shown = material.present[:MOST_SPEAKERS]
    share = words.percent(material.whom.share)
    summary = words.say("{name} wrote {share} of what was written.", name=material.called, share=share)
    names = [material.called if one.id == material.whom.id else one.name for one in shown]
    chart = Chart(
        kind=ChartKind.SHARES,
        title=words.say("Shares of what was written"),
        summary=summary,
        labels=names,
        series=[Series(name=words.say("Share"), values=[one.share for one in shown])],
        maximum=1.0,
    )
    longest = sorted(material.whom.said, key=lambda said: -len(said.text))[:MOST_QUOTES]
    first = sorted(longest, key=lambda said: said.at)
    blocks: list[Block] = [Illustration(variant="conversation"), chart]
    return Section(title=words.say("Who wrote"), blocks=[*blocks, *(quoted(said, words) for said in first)])


def _tools(material: Material, words: Phrases) -> list[Section]:
    tools = material.parts.tools[:MOST_TOOLS]
    if not tools:
        return []
    rows = [[tool.name, words.number(tool.call_count), words.number(tool.error_count)] for tool in tools]
    columns = [words.say("Tool"), words.say("Calls"), words.say("Errors")]
    table = Table(columns=columns, rows=rows, numeric=[False, True, True])
    return [Section(title=words.say("The tools that were used"), blocks=[table])]
