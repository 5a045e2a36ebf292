"""Makes anybody's text fit to stand in markup: what no writer means is dropped, what has a meaning there is escaped."""

import html
import re
from collections.abc import Iterator

_UNMEANT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tabs and line ends
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # what turns the direction of all that follows, or hides
    "\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff]"  # halves of characters, those of private meaning
)
_EMPTY_LINES = re.compile(r"\n\s*\n")
_SPACES = re.compile(r"\s+")
_HOLDING = ("\u00a0", "\u202f")
"""Spaces that keep a figure with its unit, and in French a mark with its word."""


def clean(text: str) -> str:
    """The text without characters that XML refuses or that would change how what stands beside it reads."""
    return _UNMEANT.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    )


def line(text: str) -> str:
    """The text in one line."""
    return _one_line(clean(text))


def _one_line(text: str) -> str:
    return _SPACES.sub(lambda found: found[0] if found[0] in _HOLDING else " ", text.strip())


def paragraphs(text: str) -> Iterator[str]:
    """Each paragraph in one line; those without a letter are left out."""
    for part in _EMPTY_LINES.split(clean(text)):
        if one := _one_line(part):
            yield one


def escaped(text: str) -> str:
    """For the inside of elements and of quoted attributes, of HTML as of XML."""
    return html.escape(clean(text), quote=True)
