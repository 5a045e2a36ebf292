"""Answers as CSV (RFC 4180): a row for each thing of a list, a column for each of its members.

A text that a spreadsheet would take for a formula is written with an apostrophe before it, which it does not show.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO

import orjson

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(things: Sequence[Mapping[str, object]]) -> str:
    """A column for each member that any of them has, in the order in which they come up."""
    names = list(dict.fromkeys(name for thing in things for name in thing))
    return table(names, ([thing.get(name) for name in names] for thing in things))


def table(columns: Sequence[str], cells: Iterable[Sequence[object]]) -> str:
    """With its header; "" without a column."""
    text = StringIO()
    writer = csv.writer(text)
    if columns:
        writer.writerow([_harmless(name) for name in columns])
        writer.writerows([_cell(value) for value in row] for row in cells)
    return text.getvalue()


def _cell(value: object) -> str:
    """Texts as they are, nothing for null, all else as JSON writes it: a number may begin with a minus."""
    if value is None:
        return ""
    return _harmless(value) if isinstance(value, str) else orjson.dumps(value).decode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
