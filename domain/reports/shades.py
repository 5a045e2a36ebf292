"""Rows of shares as SVG: a cell for each, as dark as its share is great."""

from collections.abc import Iterator

from domain.languages import Phrases
from domain.reports.axes import shortened, text_width
from domain.reports.document import Row, Shades
from domain.reports.markup import line
from domain.reports.shapes import COLOURS, element, lettering, number

_HEIGHT, _GAP = 26.0, 2.0
_PALEST, _DARKEST = 0.04, 0.5
"""So that letters on a cell are read as well as letters beside it."""
_NAMES = 0.32
"""The share of the width that names and notes of rows may take."""


def svg(shades: Shades, phrases: Phrases, width: int) -> str:
    """The rows as an SVG element of this width and the height they need."""
    height = _HEIGHT * (len(shades.rows) + 1)
    return element(shades.title, shades.summary, width, height, list(_Grid(shades, phrases, width).draw()))


class _Grid:
    """Where things stand."""

    def __init__(self, shades: Shades, phrases: Phrases, width: int) -> None:
        self._shades, self._phrases = shades, phrases
        self._note = max((text_width(line(row.note)) for row in shades.rows), default=0.0)
        self._note = max(self._note, text_width(line(shades.note)) if self._note else 0.0)
        names = max((text_width(line(row.name)) for row in shades.rows), default=0.0)
        self._name = min(names, width * _NAMES - self._note)
        self._left = self._name + self._note + 20
        self._cell = (width - self._left) / max(1, len(shades.columns))

    def draw(self) -> Iterator[str]:
        if self._note:
            yield lettering(self._left - 8, 16, line(self._shades.note), "end")
        for place, column in enumerate(self._shades.columns):
            if shown := self._fitting(line(column)):
                yield lettering(self._left + self._cell * (place + 0.5), 16, shown, "middle")
        for place, row in enumerate(self._shades.rows):
            yield from self._row(row, _HEIGHT * (place + 1))

    def _row(self, row: Row, y: float) -> Iterator[str]:
        yield lettering(0, y + 17, shortened(line(row.name), self._name))
        if row.note:
            yield lettering(self._left - 8, y + 17, line(row.note), "end")
        for place, value in enumerate(row.values[: len(self._shades.columns)]):
            if value is not None:
                yield from self._share(self._left + self._cell * place, y, min(1.0, max(0.0, value)), value)

    def _share(self, x: float, y: float, shade: float, value: float) -> Iterator[str]:
        opacity = _PALEST + (_DARKEST - _PALEST) * shade
        yield (
            f'<rect class="s1" x="{number(x)}" y="{number(y)}" width="{number(max(0.0, self._cell - _GAP))}"'
            f' height="{number(_HEIGHT - _GAP)}" rx="2" fill="{COLOURS[0]}" fill-opacity="{opacity:.2f}"/>'
        )
        told = self._phrases.percent(value)
        if shown := self._fitting(told if self._fitting("100%") else told.removesuffix("%").rstrip()):
            yield lettering(x + (self._cell - _GAP) / 2, y + 16, shown, "middle", "on")

    def _fitting(self, text: str) -> str:
        """The text, its last word where only that has room, or nothing."""
        return next((one for one in (text, text.rpartition(" ")[2]) if text_width(one) <= self._cell - _GAP - 5), "")
