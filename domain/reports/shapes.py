"""What drawings are made of: texts, lines and boxes as SVG, in colours that read on white as on black."""

from collections.abc import Sequence

from domain.reports.axes import TEXT
from domain.reports.markup import escaped, line

COLOURS = ("#2b76b9", "#d07a1c", "#1a8f78", "#b45a9c", "#857a2c", "#7a8190")
FILLS = (1, 0.4, 0.1, 0.7, 0.25, 0.55)
"""How full boxes are, so that nobody needs to tell colours apart."""
INK, RULE = "#6b7280", "#8a919e"


def element(title: str, summary: str, width: int, height: float, parts: Sequence[str]) -> str:
    """The whole drawing."""
    title, summary = escaped(line(title)), escaped(line(summary))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {number(height)}" width="{width}"'
        f' height="{number(height)}" role="img" aria-label="{title}. {summary}" font-size="{number(TEXT)}">'
        f"<title>{title}</title><desc>{summary}</desc>{''.join(parts)}</svg>"
    )


def number(value: float) -> str:
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")
    )


def lettering(x: float, y: float, text: str, anchor: str = "start", kind: str = "ink") -> str:
    place = f'x="{number(x)}" y="{number(y)}"'
    return f'<text class="{kind}" {place} fill="{INK}" text-anchor="{anchor}">{escaped(text)}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, opacity: str) -> str:
    return (
        f'<line class="rule" x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" stroke="{RULE}"'
        f' stroke-opacity="{opacity}"/>'
    )


def box(x: float, y: float, width: float, height: float, place: int, radius: float = 2) -> str:
    colour, rounded = COLOURS[place], min(radius, max(width, 0) / 2, max(height, 0) / 2)
    outlined = f' fill-opacity="{FILLS[place]}" stroke="{colour}" stroke-width="1.2"' if place else ""
    size = f'width="{number(max(width, 0))}" height="{number(max(height, 0))}"'
    return (
        f'<rect class="s{place + 1}" x="{number(x)}" y="{number(y)}" {size}'
        f' rx="{number(rounded)}" fill="{colour}"{outlined}/>'
    )
