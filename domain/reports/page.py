"""A report as a page: one file that holds everything it shows, loads nothing and runs nothing."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from typing import assert_never

from domain.languages import Phrases, phrases
from domain.reports.bounds import bounded
from domain.reports.charts import NARROW, WIDE
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
    Section,
    Shades,
    Table,
    Text,
    Tone,
)
from domain.reports.drawings import svg
from domain.reports.figures import figures
from domain.reports.markup import escaped, line, paragraphs
from domain.reports.pictures import icon, illustration, sign

_STYLE = files("domain.reports").joinpath("page.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_LOADS_NOTHING = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
POLICY = f"{_LOADS_NOTHING}; frame-ancestors 'none'"
"""The Content-Security-Policy under which the page is shown: its own style and nothing else."""

_FIGURE = 24
"""A card's content of up to so many characters is set as a figure; wide letters count twice."""
_COLUMNS = {2: "two", 3: "three", 4: "four"}


def page(document: Document, pdf_url: str | None = None) -> str:
    """The whole page; the same report gives the same text. With `pdf_url` it offers the PDF."""
    words = phrases(document.language)
    shown = bounded(document, words)
    title = escaped(line(shown.title))
    return (
        f'<!doctype html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_LOADS_NOTHING}">\n'
        '<meta name="robots" content="noindex">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header class="head">\n<h1>{title}</h1>\n{_paragraph(shown.subtitle, "subtitle")}'
        f'<div class="summary">{_paragraphs(shown.summary)}</div>\n</header>\n'
        f"{''.join(_section(section, words) for section in shown.sections)}"
        f"<footer>\n{_footer(shown, words, pdf_url)}</footer>\n</main>\n</body>\n</html>\n"
    )


def _footer(document: Document, words: Phrases, pdf_url: str | None) -> str:
    """The day is that of the report's own zone, whose offset its time bears."""
    made = words.say("Made on {date} by Goalarc.", date=words.date(document.generated_at.date()))
    link = f'<a href="{escaped(pdf_url)}">{escaped(words.say("Download as PDF"))}</a>' if pdf_url else ""
    offered = f'<p class="download">{link}</p>\n' if link else ""
    return f"{_paragraphs(document.footnote or '')}{_paragraph(made)}{offered}"


def _section(section: Section, words: Phrases) -> str:
    blocks = "".join(_blocks(section.blocks, words))
    return f'<section>\n<h2>{escaped(line(section.title))}</h2>\n<div class="blocks">\n{blocks}</div>\n</section>\n'


def _blocks(blocks: Sequence[Block], words: Phrases) -> Iterator[str]:
    """Cards that follow each other stand in one grid, charts likewise."""
    for kind, run in groupby(blocks, type):
        shown = "".join(_block(block, words) for block in run)
        if kind in (Card, Chart):
            yield f'<div class="{"cards" if kind is Card else "charts"}">\n{shown}</div>\n'
        else:
            yield shown


def _block(block: Block, words: Phrases) -> str:
    match block:
        case Text():
            return f"<div>{_heading(block.title)}{_paragraphs(block.content)}</div>\n"
        case Card():
            return _card(block, words)
        case Grid():
            cards = "".join(_card(card, words) for card in block.items)
            return f'<div class="cards {_COLUMNS[block.columns]}">\n{cards}</div>\n'
        case Illustration():
            return f"{illustration(block.variant)}\n"
        case Evidence():
            return _quote(block)
        case Items():
            items = "".join(f'<li dir="auto">{escaped(line(item))}</li>' for item in block.items)
            return f"<div>{_heading(block.title)}<ul>{items}</ul></div>\n"
        case Table():
            return f"<div>{_heading(block.title)}{_table(block)}</div>\n"
        case Chart() | Shades() | Flow():
            return _chart(block, words)
        case _:
            assert_never(block)


def _heading(title: str | None) -> str:
    return f"<h3>{escaped(line(title))}</h3>" if title else ""


def _paragraph(text: str, kind: str = "") -> str:
    text = escaped(line(text))
    return f"<p{_class(kind)}>{text}</p>\n" if text else ""


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _paragraphs(text: str, kind: str = "") -> str:
    return "".join(_paragraph(part, kind) for part in paragraphs(text))


def _card(card: Card, words: Phrases) -> str:
    """What a tone says is said by a sign and a word too; colour alone says nothing."""
    picture, tone = icon(card.icon), _tone(card.tone, words)
    if _width(line(card.content)) <= _FIGURE:
        content = f'<p class="figure">{tone}{escaped(line(card.content))}</p>\n'
    else:
        picture, content = tone or picture, _paragraphs(card.content)
    title = f"<h3>{picture}{escaped(line(card.title))}</h3>"
    return f'<div class="card {card.tone}">\n{title}\n{content}{_paragraphs(card.note or "", "note")}</div>\n'


def _tone(tone: Tone, words: Phrases) -> str:
    drawn = sign(tone)
    if drawn is None:
        return ""
    told = words.say("Good") if tone is Tone.GOOD else words.say("Worth a look")
    return f'{drawn}<span class="hidden">{escaped(told)}: </span>'


def _width(text: str) -> int:
    return sum(1 if ord(letter) < 0x1100 else 2 for letter in text)


def _quote(evidence: Evidence) -> str:
    """Lines of a quote stay lines; it may be in another language and of another direction than the report."""
    remark = _paragraph(evidence.remark or "", "remark")
    return (
        f'<figure class="quote">\n<blockquote lang="" dir="auto">{escaped(evidence.quote.strip())}</blockquote>\n'
        f"<figcaption><cite>{escaped(line(evidence.source))}</cite>{remark}</figcaption>\n</figure>\n"
    )


def _table(table: Table) -> str:
    numeric = table.numeric
    head = "".join(
        _cell("th", column, figure, ' scope="col"') if column else "<td></td>"
        for column, figure in zip(table.columns, numeric, strict=True)
    )
    rows = "".join(f"<tr>{_row(row, numeric)}</tr>\n" for row in table.rows)
    label = f' aria-label="{escaped(line(table.title))}"' if table.title else ""
    return (
        f'<div class="scroll" tabindex="0"{label}><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>"
    )


def _row(row: Sequence[str], numeric: Sequence[bool]) -> str:
    """The first cell names its row unless it is a figure."""
    names = not numeric[0] if numeric else False
    return "".join(
        _cell("th", cell, figure, ' scope="row"') if place == 0 and names else _cell("td", cell, figure)
        for place, (cell, figure) in enumerate(zip(row, numeric, strict=True))
    )


def _cell(element: str, text: str, figure: bool, more: str = "") -> str:
    kind = _class("n" if figure else "")
    return f"<{element}{more}{kind}>{escaped(line(text))}</{element}>"


def _chart(picture: Picture, words: Phrases) -> str:
    """Drawn for wide and for narrow places, of which the style shows one; the figures stand below as a table."""
    drawn = "".join(
        svg(picture, words, width).replace("<svg ", f'<svg class="{kind}" ', 1)
        for kind, width in (("wide", WIDE), ("narrow", NARROW))
    )
    table = figures(picture, words)
    told = f"<details><summary>{escaped(words.say('Figures'))}</summary>{_table(table)}</details>" if table.rows else ""
    return (
        f'<figure class="chart">\n<figcaption>{_heading(picture.title)}{_paragraphs(picture.summary)}</figcaption>\n'
        f"{drawn}\n{told}</figure>\n"
    )
