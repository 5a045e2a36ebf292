"""Small pictures beside texts: icons of cards, signs of their tone, illustrations of sections."""

from typing import Literal

from domain.reports.document import Tone

COLOURS = {"icon": "#2b76b9", "good": "#1a8f78", "bad": "#c2571a"}

_ICONS = {
    "bolt": "M13 3 5 14h6l-1 7 8-11h-6z",
    "book": "M12 6c-2-1.6-5-2-8-2v14c3 0 6 .4 8 2 2-1.6 5-2 8-2V4c-3 0-6 .4-8 2zm0 0v14",
    "calendar": "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
    "chart": "M4 4v16h16M8 16v-4M12 16V8M16 16v-6",
    "chat": "M4 5h16v11H10l-5 4v-4H4z",
    "check": "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM8 12l3 3 5-6",
    "clock": "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM12 7v5l3 2",
    "code": "M9 7l-5 5 5 5M15 7l5 5-5 5",
    "coins": "M4 8c0-1.7 2.2-3 5-3s5 1.3 5 3-2.2 3-5 3-5-1.3-5-3zM4 8v8c0 1.7 2.2 3 5 3s5-1.3 5-3V8M14 11c3.3 0 6 1"
    " 6 2.7V17c0 1.5-2.5 2.6-6 2.6",
    "dot": "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z",
    "flag": "M6 21V4h11l-2 4 2 4H6",
    "focus": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M14 12a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
    "idea": "M9 17c0-2-3-4-3-8a6 6 0 0 1 12 0c0 4-3 6-3 8zM9.5 20.500h5",
    "key": "M12 9a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM11 12l9 8M17 17l2-2",
    "people": "M12 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM3 20c0-4 2.5-6 6-6s6 2 6 6M15 5.200a3 3 0 0 1 0 5.600M17 14.4"
    "c2.5.6 4 2.4 4 5.6",
    "pen": "M4 20l1-4L16 5l3 3L8 19z",
    "repeat": "M5 11V9a3 3 0 0 1 3-3h11M16 3l3 3-3 3M19 13v2a3 3 0 0 1-3 3H5M8 21l-3-3 3-3",
    "search": "M16 10.500a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM15 15l5 5",
    "shield": "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z",
    "star": "M12 4l2.5 5.2 5.5.8-4 4 1 5.6-5-2.7-5 2.7 1-5.6-4-4 5.5-.8z",
    "target": "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM12 12h.01",
    "tool": "M14 6a4 4 0 0 1 5-1l-3 3 1 2 2 1 2-3a4 4 0 0 1-6 5L8 20l-3-3 7-7a4 4 0 0 1 2-4z",
    "trend": "M4 17l6-6 4 4 6-8M15 7h5v5",
    "warning": "M12 4l9 16H3zM12 10v4M12 17h.01",
}
_LIKE = {
    "activity": "trend", "alert": "warning", "arrow-up": "trend", "award": "star", "bar-chart": "chart",
    "bug": "warning", "check-circle": "check", "circle-check": "check", "coin": "coins", "compass": "target",
    "conversation": "chat", "cost": "coins", "dollar": "coins", "edit": "pen", "eye": "search", "gauge": "chart",
    "goal": "target", "growth": "trend", "habit": "repeat", "hourglass": "clock", "lightbulb": "idea", "loop": "repeat",
    "message": "chat", "milestone": "flag", "money": "coins", "pencil": "pen", "refresh": "repeat", "rework": "repeat",
    "rocket": "bolt", "score": "chart", "sparkles": "star", "speed": "bolt", "team": "people", "terminal": "code",
    "time": "clock", "timer": "clock", "tip": "idea", "tokens": "coins", "tools": "tool", "trending-up": "trend",
    "trophy": "star", "user": "people", "users": "people", "wrench": "tool", "zap": "bolt",
}  # fmt: skip
"""What others call them."""

_SIGNS = {Tone.GOOD: "M4 12.500l5 5L20 6.5", Tone.BAD: "M12 4v10M12 19h.01"}


def icon(name: str) -> str:
    """The picture of that name, or a plain dot."""
    path = _ICONS.get(_LIKE.get(name, name), _ICONS["dot"])
    return _stroked("icon", path, COLOURS["icon"], "1.8")


def sign(tone: Tone) -> str | None:
    """A tick or an exclamation mark; None where there is nothing to say."""
    path = _SIGNS.get(tone)
    return None if path is None else _stroked(f"sign {tone}", path, COLOURS[tone], "3")


def _stroked(kind: str, path: str, colour: str, weight: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 24 24" width="24" height="24" fill="none"'
        f' stroke="{colour}" stroke-width="{weight}" stroke-linecap="round" stroke-linejoin="round"'
        f' aria-hidden="true"><path d="{path}"/></svg>'
    )


_BLUE, _ORANGE, _GREEN, _GREY = "#2b76b9", "#d07a1c", "#1a8f78", "#8a919e"


def _disc(x: float, y: float, radius: float, colour: str, opacity: float = 1) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}" fill-opacity="{opacity}"/>'


def _stroke(path: str, colour: str, width: float = 3) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round"/>'


def _bar(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" fill="{colour}" fill-opacity="{opacity}"/>'


_ILLUSTRATIONS = {
    "conversation": _bar(60, 18, 200, 30, _BLUE, 0.85)
    + _bar(130, 58, 250, 22, _GREY, 0.3)
    + _bar(130, 88, 170, 22, _GREY, 0.3)
    + _bar(400, 40, 180, 30, _ORANGE, 0.85)
    + _bar(330, 80, 250, 22, _GREY, 0.3),
    "growth": "".join(
        _bar(60 + place * 66, 108 - height, 40, height, _GREEN, 0.3 + place * 0.09)
        for place, height in enumerate((22, 30, 28, 44, 52, 66, 76, 94))
    )
    + _stroke("M40 112H600", _GREY, 2),
    "connection": _stroke("M110 64C200 0 240 120 330 64S470 10 540 64", _GREY, 2)
    + _disc(110, 64, 18, _BLUE)
    + _disc(330, 64, 26, _ORANGE)
    + _disc(540, 64, 18, _GREEN)
    + _disc(222, 62, 7, _GREY)
    + _disc(438, 45, 7, _GREY),
    # A list that is gone through: no curve and no ticks, which would be taken for findings.
    "analysis": "".join(
        _disc(77, y + 11, 9, _BLUE, 0.85) + _bar(110, y, width, 22, _GREY, 0.3)
        for y, width in ((12, 300), (54, 220), (96, 260))
    ),
}


def illustration(variant: Literal["conversation", "growth", "connection", "analysis"]) -> str:
    """A band that says nothing which the text does not say."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="illustration" viewBox="0 0 640 128" width="640" height="128"'
        f' aria-hidden="true">{_ILLUSTRATIONS[variant]}</svg>'
    )
