"""Ways from column to column as SVG: a bar for each place, bands between them as broad as many went there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.languages import Phrases
from domain.reports.axes import TEXT, shortened, text_width
from domain.reports.document import Flow, Way
from domain.reports.markup import line
from domain.reports.shapes import COLOURS, RULE, element, lettering, number

_ALL = 170.0
"""How high the bars of the fullest column are together."""
_LEAST, _BAR, _NAME = 2.0, 6.0, 30.0
_BAND = "0.22"


@dataclass(slots=True)
class _Place:
    """What was done in a column, as often as was come from or gone to; `left` and `came` are where its bands end."""

    column: int
    name: str
    count: int
    y: float = 0.0
    height: float = 0.0
    left: float = 0.0
    came: float = 0.0


def svg(flow: Flow, phrases: Phrases, width: int) -> str:
    """The ways as an SVG element of this width and the height they need."""
    columns = _columns(flow.ways)
    height = _stand(columns)
    each = _each(columns, width)
    parts = [*_bands(flow.ways, columns, each), *_names(columns, phrases, each)]
    return element(flow.title, flow.summary, width, height, parts)


def _columns(ways: Sequence[Way]) -> list[list[_Place]]:
    """The places of each column, those most went to first."""
    left, came = defaultdict[tuple[int, str], int](int), defaultdict[tuple[int, str], int](int)
    for way in ways:
        left[way.column, way.source] += way.count
        came[way.column + 1, way.target] += way.count
    first = min((way.column for way in ways), default=1)
    columns: list[list[_Place]] = [[] for _ in range(max((way.column for way in ways), default=0) - first + 2)]
    for column, name in {**left, **came}:
        count = max(left[column, name], came[column, name])
        columns[column - first].append(_Place(column, name, count))
    return [sorted(column, key=lambda place: (-place.count, place.name)) for column in columns]


def _stand(columns: Sequence[Sequence[_Place]]) -> float:
    """Puts the places where they stand, and says how high all is."""
    each = _ALL / max(1, *(sum(place.count for place in column) for column in columns))
    height = 0.0
    for column in columns:
        y = 0.0
        for place in column:
            place.height = max(_LEAST, place.count * each)
            place.y = place.left = place.came = y + _NAME
            y = place.y + place.height + 6
        height = max(height, y)
    return height


def _each(columns: Sequence[Sequence[_Place]], width: int) -> float:
    """How far columns stand from each other; the names of the last one have their room beside it, too."""
    last = max((text_width(line(place.name)) for place in columns[-1]), default=0.0)
    return (width - min(max(last, _BAR), width / len(columns))) / max(1, len(columns) - 1)


def _bands(ways: Sequence[Way], columns: Sequence[Sequence[_Place]], each: float) -> Iterator[str]:
    """Bands leave and come in the order of the places they lead between, so that few of them cross."""
    places = {(place.column, place.name): place for column in columns for place in column}
    first = columns[0][0].column if columns[0] else 1
    ends = [(places[way.column, way.source], places[way.column + 1, way.target], way) for way in ways]
    for source, target, way in sorted(ends, key=lambda one: (one[0].column, one[0].y, one[1].y)):
        out, broad = source.left, max(1.0, source.height * way.count / source.count)
        into, broad_there = target.came, max(1.0, target.height * way.count / target.count)
        source.left, target.came = out + broad, into + broad_there
        x = (way.column - first) * each
        yield _band(x + _BAR, x + each, (out, out + broad), (into, into + broad_there))


def _band(start: float, end: float, left: tuple[float, float], right: tuple[float, float]) -> str:
    middle, x1, x2 = number((start + end) / 2), number(start), number(end)
    (a, b), (c, d) = map(number, left), map(number, right)
    path = f"M{x1} {a}C{middle} {a} {middle} {c} {x2} {c}V{d}C{middle} {d} {middle} {b} {x1} {b}Z"
    return f'<path class="s1" d="{path}" fill="{COLOURS[0]}" fill-opacity="{_BAND}"/>'


def _names(columns: Sequence[Sequence[_Place]], phrases: Phrases, each: float) -> Iterator[str]:
    """Each place by name, its number below the name."""
    for at, column in enumerate(columns):
        for place in column:
            yield (
                f'<rect class="rule" x="{number(at * each)}" y="{number(place.y)}" width="{number(_BAR)}"'
                f' height="{number(place.height)}" rx="1" fill="{RULE}"/>'
            )
            yield lettering(at * each, place.y - TEXT - 5, shortened(line(place.name), each - 4), kind="on")
            yield lettering(at * each, place.y - 4, phrases.number(place.count))
