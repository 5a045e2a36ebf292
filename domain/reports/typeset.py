"""A report as the plain data that the template of its PDF sets, and the fonts its language needs."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import assert_never

from domain.errors import Unavailable
from domain.languages import Language, Phrases, phrases
from domain.reports.bounds import bounded
from domain.reports.charts import SHEET
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
    Tone,
)
from domain.reports.drawings import svg
from domain.reports.markup import clean, line, paragraphs
from domain.reports.pictures import icon, illustration, sign
from domain.values import JsonObject, JsonValue

UNKNOWN = "□"
"""Stands for a character that no font has."""

LATIN = "Libertinus Serif"
"""Comes with the typesetter, as a monospaced one does: Latin, Greek and Cyrillic need nothing installed."""

_CJK = {
    Language.JA: ("JP", "Japanese", "日本語のあア。"),
    Language.KO: ("KR", "Korean", "한국어"),
    Language.ZH_HANS: ("SC", "Simplified Chinese", "简体中文。"),
    Language.ZH_HANT: ("TC", "Traditional Chinese", "繁體中文。"),
}
_REGIONS = {Language.ZH_HANS: ("zh", "CN"), Language.ZH_HANT: ("zh", "TW")}


_SHORT = 20
"""A card's content of up to so many letters is set as a figure."""
_BESIDE = 2
"""So many cards of no grid stand in a row."""


class FontMissing(Unavailable):
    """No font that is installed has the script of the report's language; the message says what to install."""

    def __init__(self, language: Language) -> None:
        name = _CJK[language][1] if language in _CJK else str(language)
        super().__init__(
            f"no font on this server has the letters of {name}: install one, such as Debian's package"
            " fonts-noto-cjk, or put one into a folder that the setting GOALARC_FONTS_DIR names"
        )
        self.language = language


def sample(language: Language) -> str:
    """Letters without which nothing can be written in the language."""
    return _CJK[language][2] if language in _CJK else "AÀñß" if language is not Language.RU else "Ёж"


def families(language: Language) -> list[str]:
    """Fonts to be tried in turn, before all others that are installed: Han letters look different in each language."""
    if language not in _CJK:
        return [LATIN]
    region = _CJK[language][0]
    return [
        LATIN,
        *(name.format(region) for name in ("Noto Serif CJK {}", "Noto Serif {}", "Noto Sans CJK {}", "Noto Sans {}")),
    ]


def typeset(document: Document) -> JsonObject:
    """What the template sets: texts without markup, pictures as SVG."""
    words = phrases(document.language)
    shown = bounded(document, words)
    language, region = _REGIONS.get(document.language, (str(document.language), None))
    return {
        "lang": language,
        "region": region,
        "fonts": list[JsonValue](families(document.language)),
        "title": line(shown.title),
        "heading": _line(shown.title),
        "subtitle": _line(shown.subtitle),
        "summary": _paragraphs(shown.summary),
        "sections": [
            {"title": _line(section.title), "blocks": _blocks(section.blocks, words)} for section in shown.sections
        ],
        "footnote": _paragraphs(shown.footnote or ""),
        "made": words.say("Made on {date} by Goalarc.", date=words.date(document.generated_at.date())),
        "pages": words.say("Page {page} of {pages}", page="{page}", pages="{pages}"),
    }


_LONG = re.compile(r"[^\s\u1100-\uffff]{20,}")
_JOINT = re.compile(r"[/_.:\-\\]+(?=\w)")
# Marks of Indic scripts are no letters to a pattern; in a syllable of more than 255 signs the typesetter breaks down.
_ENDLESS = re.compile(r"(?:[^\W_]|[\u0300-\u10ff]){40,}")
_SOME = re.compile(r".{12}")


def _breakable(text: str) -> str:
    """The text with places in its longest words where a line may end: at the joints of names, or anywhere at last."""
    return _LONG.sub(lambda word: _JOINT.sub("\\g<0>\u200b", _ENDLESS.sub(_cut, word[0])), text)


def _cut(word: re.Match[str]) -> str:
    return _SOME.sub("\\g<0>\u200b", word[0])


def _line(text: str) -> str:
    return _breakable(line(text))


def _paragraphs(text: str) -> list[JsonValue]:
    return [_breakable(part) for part in paragraphs(text)]


def _title(title: str | None) -> str | None:
    return _line(title) if title else None


def _blocks(blocks: Sequence[Block], words: Phrases) -> list[JsonValue]:
    """Cards that follow each other stand side by side."""
    shown: list[JsonValue] = []
    for _, run in groupby(blocks, type):
        together = list(run)
        cards = [block for block in together if isinstance(block, Card)]
        if cards:
            columns = min(_BESIDE, len(cards))
            shown.append({"type": "cards", "columns": columns, "items": [_card(card, words) for card in cards]})
        else:
            shown += [_block(block, words) for block in together]
    return shown


def _block(block: Block, words: Phrases) -> JsonObject:
    match block:
        case Text():
            return {"type": "text", "title": _title(block.title), "content": _paragraphs(block.content)}
        case Card():
            return {"type": "cards", "columns": 1, "items": [_card(block, words)]}
        case Grid():
            return {"type": "cards", "columns": block.columns, "items": [_card(card, words) for card in block.items]}
        case Illustration():
            return {"type": "illustration", "picture": illustration(block.variant)}
        case Evidence():
            remark = _title(block.remark)
            return {"type": "quote", "quote": _lines(block.quote), "source": _line(block.source), "remark": remark}
        case Items():
            return {"type": "items", "title": _title(block.title), "items": [_line(item) for item in block.items]}
        case Table():
            return _table(block)
        case Chart() | Shades() | Flow():
            return _chart(block, words)
        case _:
            assert_never(block)


def _lines(text: str) -> list[JsonValue]:
    return [_breakable(one.expandtabs(4)) for one in clean(text).strip().split("\n")]


def _card(card: Card, words: Phrases) -> JsonObject:
    content = line(card.content)
    return {
        "icon": icon(card.icon),
        "title": _line(card.title),
        "short": len(content) <= _SHORT,
        "content": _paragraphs(card.content),
        "note": _title(card.note),
        "tone": str(card.tone),
        "sign": sign(card.tone),
        "told": _told(card.tone, words),
    }


def _told(tone: Tone, words: Phrases) -> str:
    """What the sign beside a figure says, for who does not see it."""
    return {Tone.GOOD: words.say("Good"), Tone.BAD: words.say("Worth a look")}.get(tone, "")


def _table(table: Table) -> JsonObject:
    return {
        "type": "table",
        "title": _title(table.title),
        "columns": [_line(column) for column in table.columns],
        "rows": [[_line(cell) for cell in row] for row in table.rows],
        "numeric": list[JsonValue](table.numeric),
    }


def _chart(picture: Picture, words: Phrases) -> JsonObject:
    fonts = ", ".join(reversed(families(words.language)))  # the first that is installed is taken for all of a text
    drawn = svg(picture, words, SHEET).replace("<svg ", f'<svg font-family="{fonts}" ', 1)
    return {
        "type": "chart",
        "title": _line(picture.title),
        "summary": _paragraphs(picture.summary),
        "picture": drawn,
        "alt": f"{line(picture.title)}. {line(picture.summary)}",
    }
