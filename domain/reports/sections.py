"""A report as the sections of the wire: cards, texts, grids and illustrations, and nothing else (seed system 003).

What these cannot show is said in a text: quotes, lists, tables and charts.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from domain.languages import Phrases, phrases
from domain.reports.bounds import bounded
from domain.reports.document import (
    Block,
    Card,
    Chart,
    Document,
    Evidence,
    Flow,
    Grid,
    Illustration,
    Items,
    Picture,
    Shades,
    Table,
    Text,
)
from domain.reports.figures import figures
from domain.reports.markup import clean, line
from domain.values import JsonObject, JsonValue

_MOST_FIGURES = 40
"""A longer series is told by its summary alone."""


def wire_sections(document: Document) -> list[JsonObject]:
    """One for each section of the report, with its content as a list. Contents are plain text."""
    words = phrases(document.language)
    return [
        {
            "section_title": line(section.title),
            "section_content": [_content(block, words) for block in section.blocks],
        }
        for section in bounded(document, words).sections
    ]


def _content(block: Block, words: Phrases) -> JsonValue:
    match block:
        case Text():
            return _text(block.title, clean(block.content))
        case Card():
            return _card(block)
        case Grid():
            return {"type": "grid", "columns": block.columns, "items": [_card(card) for card in block.items]}
        case Illustration():
            return {"type": "illustration", "variant": block.variant}
        case Evidence():
            return _text(None, "\n".join(_told(block)))
        case Items():
            return _text(block.title, "\n".join(f"• {line(item)}" for item in block.items))
        case Table():
            return _text(block.title, _lines(block))
        case Chart() | Shades() | Flow():
            return _text(block.title, _seen(block, words))
        case _:
            assert_never(block)


def _text(title: str | None, content: str) -> JsonObject:
    return {"type": "text", **({"title": line(title)} if title else {}), "content": content}


def _card(card: Card) -> JsonObject:
    content = "\n".join(clean(part) for part in (card.content, card.note) if part)
    return {"type": "card", "icon": line(card.icon), "title": line(card.title), "content": content}


def _told(evidence: Evidence) -> Iterator[str]:
    yield f"“{clean(evidence.quote).strip()}”"
    yield f"— {line(evidence.source)}"
    if evidence.remark:
        yield line(evidence.remark)


def _lines(table: Table) -> str:
    return "\n".join(_row(table.columns, row) for row in table.rows)


def _row(columns: Sequence[str], cells: Sequence[str]) -> str:
    """Each cell after the heading of its column, where that has one."""
    named = zip(columns, cells, strict=False)
    return " · ".join(f"{line(column)}: {line(cell)}" if column else line(cell) for column, cell in named if cell)


def _seen(picture: Picture, words: Phrases) -> str:
    table = figures(picture, words)
    told = [clean(picture.summary).strip()]
    if 0 < len(table.rows) <= _MOST_FIGURES:
        told.append(_lines(table))
    return "\n\n".join(part for part in told if part)
