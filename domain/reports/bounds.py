"""How much of a report is shown: no renderer works on more, whatever a writer or what was captured may hold."""

from collections.abc import Iterator, Sequence
from typing import TypeVar, assert_never

from domain.languages import Phrases
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
    Row,
    Section,
    Series,
    Shades,
    Table,
    Text,
    Way,
)

SECTIONS, BLOCKS, ITEMS, ROWS, COLUMNS = 40, 60, 200, 300, 12
LABELS, SERIES = 800, 6
SHADES, WAYS = 60, 60
"""Rows and columns of shares, ways of a flow."""
LINE, TEXT = 400, 8_000
"""Characters of what stands in a line or a cell, and of what runs over several."""
WHOLE = 400_000
"""Characters of all blocks together; what is drawn counts as so many more."""
_BLOCK, _CELL, _POINT = 40, 8, 10

T = TypeVar("T")


def bounded(document: Document, phrases: Phrases) -> Document:
    """The report as far as it is shown. Where something is left out the footnote says so."""
    bounds = _Bounds()
    sections = [bounds.section(section) for section in bounds.first(document.sections, SECTIONS)]
    shown = document.model_copy(
        update={
            "title": bounds.line(document.title),
            "subtitle": bounds.line(document.subtitle),
            "summary": bounds.text(document.summary),
            "sections": sections,
            "footnote": None if document.footnote is None else bounds.text(document.footnote),
        }
    )
    if not bounds.cut:
        return shown
    note = phrases.say("This report holds more than fits here; its data have all of it.")
    return shown.model_copy(update={"footnote": "\n\n".join(part for part in (shown.footnote, note) if part)})


class _Bounds:
    """What is left of the whole, and whether anything was cut."""

    def __init__(self) -> None:
        self.cut = False
        self._left = WHOLE

    def first(self, items: Sequence[T], most: int) -> Sequence[T]:
        self.cut |= len(items) > most
        return items[:most]

    def line(self, text: str) -> str:
        return self._shortened(text, LINE)

    def text(self, text: str) -> str:
        return self._shortened(text, TEXT)

    def _shortened(self, text: str, most: int) -> str:
        most = min(most, max(0, self._left))
        shown = text if len(text) <= most else text[:most].rstrip() + "…"
        self.cut |= len(text) > most
        self._left -= len(shown)
        return shown

    def _optional(self, text: str | None) -> str | None:
        return None if text is None else self.line(text)

    def section(self, section: Section) -> Section:
        return Section(title=self.line(section.title), blocks=list(self._blocks(section.blocks)))

    def _blocks(self, blocks: Sequence[Block]) -> Iterator[Block]:
        for block in self.first(blocks, BLOCKS):
            if self._left <= 0:
                self.cut = True
                return
            self._left -= _BLOCK
            yield self._block(block)

    def _block(self, block: Block) -> Block:
        match block:
            case Text():
                return Text(title=self._optional(block.title), content=self.text(block.content))
            case Card():
                return self._card(block)
            case Grid():
                return block.model_copy(update={"items": [self._card(card) for card in self.first(block.items, ITEMS)]})
            case Illustration():
                return block
            case Evidence():
                remark = self._optional(block.remark)
                return Evidence(quote=self.text(block.quote), source=self.line(block.source), remark=remark)
            case Items():
                self._left -= _BLOCK * min(len(block.items), ITEMS)
                items = [self.line(item) for item in self.first(block.items, ITEMS)]
                return Items(title=self._optional(block.title), items=items)
            case Table():
                return self._table(block)
            case Chart():
                return self._chart(block)
            case Shades():
                return self._shades(block)
            case Flow():
                return self._flow(block)
            case _:
                assert_never(block)

    def _card(self, card: Card) -> Card:
        self._left -= _BLOCK
        texts = {"title": self.line(card.title), "content": self.text(card.content), "note": self._optional(card.note)}
        return card.model_copy(update=texts)

    def _table(self, table: Table) -> Table:
        """As wide as its headings: cells that are missing are empty."""
        columns = [self.line(column) for column in self.first(table.columns, COLUMNS)]
        rows: list[list[str]] = []
        for row in self.first(table.rows, ROWS):
            if self._left <= 0:
                self.cut = True
                break
            self._left -= _CELL * len(columns)
            cells = [self.line(cell) for cell in row[: len(columns)]]
            rows.append(cells + [""] * (len(columns) - len(cells)))
        numeric = (table.numeric + [False] * len(columns))[: len(columns)]
        return Table(title=self._optional(table.title), columns=columns, rows=rows, numeric=numeric)

    def _chart(self, chart: Chart) -> Chart:
        labels = [self.line(label) for label in self.first(chart.labels, LABELS)]
        series = [
            Series(name=self.line(one.name), values=one.values[: len(labels)])
            for one in self.first(chart.series, SERIES)
        ]
        self._left -= _POINT * len(labels) * max(1, len(series))
        texts = {"title": self.line(chart.title), "summary": self.text(chart.summary), "unit": self.line(chart.unit)}
        return chart.model_copy(update={**texts, "labels": labels, "series": series})

    def _shades(self, shades: Shades) -> Shades:
        columns = [self.line(column) for column in self.first(shades.columns, SHADES)]
        rows = [
            Row(name=self.line(row.name), note=self.line(row.note), values=row.values[: len(columns)])
            for row in self.first(shades.rows, SHADES)
        ]
        self._left -= _POINT * len(columns) * max(1, len(rows))
        texts = {"title": self.line(shades.title), "summary": self.text(shades.summary), "note": self.line(shades.note)}
        return shades.model_copy(update={**texts, "columns": columns, "rows": rows})

    def _flow(self, flow: Flow) -> Flow:
        ways = [self._way(way) for way in self.first(flow.ways, WAYS)]
        self._left -= _POINT * len(ways)
        texts = {"title": self.line(flow.title), "summary": self.text(flow.summary)}
        headings = [self.line(heading) for heading in flow.headings]
        return flow.model_copy(update={**texts, "headings": headings, "ways": ways})

    def _way(self, way: Way) -> Way:
        texts = {"source": self.line(way.source), "target": self.line(way.target), "note": self.line(way.note)}
        return way.model_copy(update=texts)
