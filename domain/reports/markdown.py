"""A report as CommonMark with tables: what was captured stays text, whatever marks it holds."""

import re
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
from domain.reports.markup import clean, line, paragraphs

_MARKS = re.compile(r"([\\`*_\[\]<>|~$&@]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
_AT_START = re.compile(r"^(\s*)([-+=#])")
_INDENT = re.compile(r"^\s+")
_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")


def markdown(document: Document) -> str:
    """The whole report; blocks are separated by empty lines, and a line ends the text."""
    words = phrases(document.language)
    shown = bounded(document, words)
    return "\n\n".join(_parts(shown, words)) + "\n"


def _parts(document: Document, words: Phrases) -> Iterator[str]:
    yield f"# {_said(document.title)}"
    if subtitle := _said(document.subtitle):
        yield f"*{subtitle}*"
    yield from _paragraphs(document.summary)
    for section in document.sections:
        yield f"## {_said(section.title)}"
        for block in section.blocks:
            yield from _block(block, words)
    if document.footnote:
        yield "---"
        yield from _paragraphs(document.footnote)


def _block(block: Block, words: Phrases) -> Iterator[str]:
    match block:
        case Text():
            yield from _heading(block.title)
            yield from _paragraphs(block.content)
        case Card():
            yield _card(block)
        case Grid():
            yield "\n".join(f"- {_card(card)}" for card in block.items)
        case Illustration():
            return
        case Evidence():
            yield _quoted(block)
        case Items():
            yield from _heading(block.title)
            yield "\n".join(f"- {_said(item)}" for item in block.items)
        case Table():
            yield from _heading(block.title)
            yield _table(block.columns, block.rows, block.numeric)
        case Chart() | Shades() | Flow():
            yield from _heading(block.title)
            yield from _paragraphs(block.summary)
            yield from _figures(block, words)
        case _:
            assert_never(block)


def _figures(picture: Picture, words: Phrases) -> Iterator[str]:
    table = figures(picture, words)
    if table.rows:
        yield _table(table.columns, table.rows, table.numeric)


def _heading(title: str | None) -> Iterator[str]:
    if title:
        yield f"### {_said(title)}"


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in paragraphs(text):
        yield _said(paragraph)


def _card(card: Card) -> str:
    note = f" ({_said(card.note)})" if card.note else ""
    return f"**{_said(card.title)}** – {_said(card.content)}{note}"


def _quoted(evidence: Evidence) -> str:
    """Each line of the quote is one of its own, as it was written."""
    lines = [_escaped(one) for one in clean(evidence.quote).strip().split("\n")]
    told = [f"— {_said(evidence.source)}", *([_said(evidence.remark)] if evidence.remark else [])]
    return "\n".join(f"> {one}".rstrip() for one in ["  \n> ".join(lines), "", *told])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    rule = ["--:" if figure else "---" for figure in numeric]
    cells = [[_said(cell) for cell in row] for row in (columns, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (cells[0], rule, *cells[1:]))


def _said(text: str) -> str:
    return _escaped(line(text))


def _escaped(text: str) -> str:
    """The text as a line that shows it: nothing in it is a mark, a link, a heading or an item of a list."""
    marked = _MARKS.sub(r"\\\1", text)
    if _NUMBER.match(marked):
        return _NUMBER.sub(r"\1\\\2", marked)
    return _INDENT.sub(lambda spaces: "\u00a0" * len(spaces[0]), _AT_START.sub(r"\1\\\2", marked))
