"""docs/scoring.md as it stands: its sections, tables and arithmetic, and how it writes figures."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import cast

from domain.scores.counts import Count
from domain.scores.headline import Interval
from domain.scores.rounding import rounded
from domain.scores.skill import PillarShare

PAGE = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
Row = Sequence[str]


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def tables(text: str) -> list[list[Row]]:
    """The tables of a text, each without its header."""
    found = re.findall(r"^\|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()] for table in found]


def edges(text: str, label: str) -> list[float]:
    """The numbers in the header of the table that begins with such a label."""
    [header] = re.findall(rf"^\| {label} \|(.*)\|$", text, re.MULTILINE)
    return [float(edge) for edge in header.split("|")]


def named(title: str) -> list[tuple[list[str], list[str]]]:
    """What GraphQL and REST call the figures of a section."""
    rows = [
        row
        for table in tables(section(title))
        for row in table
        if len(row) == 4 and row[1] in ("", f"`{row[1][1:-1]}`")
    ]
    return [(re.findall(r"`(\w+)`", row[0]), re.findall(r"`(\w+)`", row[1])) for row in rows]


def text(value: object, none: str = "null") -> str:
    match value:
        case None:
            return none
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return f"{value:,}"
        case StrEnum() | str():
            return str(value)
        case Interval():
            return f"{value.low} to {value.high}"
        case Count():
            counted = cast("Count[str]", value)
            return f"{counted.key} {counted.count}"
        case PillarShare():
            return f"{value.pillar} {value.share}"
        case tuple():
            return ", ".join(map(text, cast("tuple[object, ...]", value)))
        case _:
            raise TypeError(value)


def miscalculated(row: Row, numbers: set[str]) -> list[str]:
    """What of a row's arithmetic does not come to its figures, or begins with numbers that stand nowhere else."""
    sums, results = re.findall("`([^`]+)`", row[1]), NUMBER.findall(row[2].replace("-", ""))
    if not sums:
        return []
    if len(sums) != len(results):
        return [f"{row[0]}: {len(sums)} sums for {len(results)} figures"]
    faults = [f"{row[0]}: where does {one} come from?" for one in NUMBER.findall(row[1]) if one not in numbers]
    for sum_, result in zip(sums, results, strict=True):
        value, places = worked_out(ast.parse(sum_, mode="eval").body), len(result.partition(".")[2])
        if text(abs(rounded(value, places))) != result:
            faults.append(f"{row[0]}: {sum_} is {float(value)}, not {result}")
    return faults


OPERATORS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}


def worked_out(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as value):
            return Fraction(str(value))
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](worked_out(left), worked_out(right))
        case ast.Call(func=ast.Name(id="median"), args=args):
            return median([worked_out(one) for one in args])
        case _:
            raise ValueError(ast.dump(node))
