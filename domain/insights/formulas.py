"""Formulas over series: A is the first of them, Z the last. Arithmetic and nothing else."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, TypeAlias

from domain.insights.query_errors import Place, invalid, quoted

MOST_CHARS = 400
MOST_NESTED = 50

Formula: TypeAlias = Callable[[Sequence[float | None]], float | None]
"""From the numbers of A, B, C, … to that of the formula; None where it is too large for a number."""
_Node: TypeAlias = Callable[[Sequence[float]], float]

_TOKEN = re.compile(r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(?P<letter>[A-Za-z])|(?P<sign>[-+*/%()]))")


def read(text: str, series: int, place: Place = ()) -> Formula:
    """Reads +, -, *, /, % (the remainder, with the sign of what is divided by), brackets, numbers and the letters of so
    many series. Missing numbers count as 0, and what is divided by 0 is 0.

    Raises InvalidQuery saying what is wrong where.
    """
    root = _Reader(text, series, place).read()

    def compute(numbers: Sequence[float | None]) -> float | None:
        result = root([number or 0.0 for number in numbers])
        return result if math.isfinite(result) else None

    return compute


class _Reader:
    """Goes through the text once, with a method for each level of precedence."""

    def __init__(self, text: str, series: int, place: Place) -> None:
        if len(text) > MOST_CHARS:
            raise invalid(f"a formula has at most {MOST_CHARS} characters", place)
        self._text, self._series, self._place = text, series, place
        self._nested = 0
        self._at = 0
        self._word = ""
        self._next()

    def read(self) -> _Node:
        node = self._sum()
        if self._word:
            self._fail(f"{self._word!r} does not belong there")
        return node

    def _next(self) -> None:
        rest = self._text[self._at :]
        found = _TOKEN.match(rest)
        if found is None and rest.strip():
            self._at += len(rest) - len(rest.lstrip())
            self._fail(f"{rest.strip()[0]!r} is no part of a formula; they have + - * / % ( ), numbers and letters")
        self._word = found[0].strip() if found else ""
        self._at += found.end() if found else len(rest)

    def _fail(self, why: str) -> NoReturn:
        raise invalid(f"{quoted(self._text)} cannot be read at character {self._at}: {why}", self._place)

    def _sum(self) -> _Node:
        return self._chain(self._product, "+", "-")

    def _product(self) -> _Node:
        return self._chain(self._factor, "*", "/", "%")

    def _chain(self, part: Callable[[], _Node], *signs: str) -> _Node:
        """Parts with signs between, computed from the left."""
        first, rest = part(), list[tuple[Callable[[float, float], float], _Node]]()
        while self._word in signs:
            compute = _COMPUTED[self._word]
            self._next()
            rest.append((compute, part()))
        return _chained(first, rest) if rest else first

    def _factor(self) -> _Node:
        self._nested += 1
        if self._nested > MOST_NESTED:
            self._fail(f"it is nested more than {MOST_NESTED} deep")
        node = self._signed()
        self._nested -= 1
        return node

    def _signed(self) -> _Node:
        word = self._word
        if word in ("+", "-"):
            self._next()
            of = self._factor()
            return of if word == "+" else lambda numbers: -of(numbers)
        if word != "(":
            return self._operand()
        self._next()
        inner = self._sum()
        if self._word != ")":
            self._fail("a bracket is not closed")
        self._next()
        return inner

    def _operand(self) -> _Node:
        word = self._word
        if not word or word in "*/%)":
            self._fail("a number or a letter is missing")
        self._next()
        if word.isalpha():
            return self._letter(word.upper())
        value = float(word)
        return lambda numbers: value

    def _letter(self, letter: str) -> _Node:
        place = ord(letter) - ord("A")
        if place >= self._series:
            self._fail(f"there is no series {letter}, the last is {chr(ord('A') + self._series - 1)}")
        return lambda numbers: numbers[place]


def _chained(first: _Node, rest: Sequence[tuple[Callable[[float, float], float], _Node]]) -> _Node:
    def compute(numbers: Sequence[float]) -> float:
        result = first(numbers)
        for operator, part in rest:
            result = operator(result, part(numbers))
        return result

    return compute


def _remainder(left: float, right: float) -> float:
    return left % right if right and math.isfinite(left) else 0.0


_COMPUTED: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else 0.0,
    "%": _remainder,
}
