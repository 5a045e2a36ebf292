"""How commands tell what they could not read."""

import os
from collections.abc import Sequence
from typing import Protocol

_MOST_TOLD = 20


class Problem(Protocol):
    """A line of a file that could not be read, or with line 0 a whole file."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def reason(self) -> str: ...


def rows(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """For machines: all of them."""
    return [{"file": _printable(each.file), "line": each.line, "reason": each.reason} for each in problems]


def lines(problems: Sequence[Problem]) -> list[str]:
    """For people: the first ones, and how many more there are."""
    told = [
        f"  {_printable(each.file)}{f':{each.line}' if each.line else ''}: {each.reason}"
        for each in problems[:_MOST_TOLD]
    ]
    more = len(problems) - _MOST_TOLD
    return [*told, f"  and {more} more (--json lists all)"] if more > 0 else told


def _printable(name: str) -> str:
    """A file name as text; names on disk may be any bytes."""
    return os.fsencode(name).decode(errors="replace")
