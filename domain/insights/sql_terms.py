"""Small pieces that rewritten SQL is made of, and the checks of those that must be written out."""

import re
from collections.abc import Sequence
from math import prod

from sqlglot import exp

from domain.insights import patterns
from domain.insights.errors import InvalidQuery
from domain.insights.sql_reading import refused

SCHEMA = "insights_sql"
"""Where the views are, and the functions that PostgreSQL lacks."""

MOST_REPEATS = 1_000
"""Of repeats in repeats: PostgreSQL writes them all out."""
_REPEATS = re.compile(r"\{([0-9]{1,9})(?:,([0-9]{0,9}))?\}")

TYPES = {
    exp.DType.TEXT: "text",
    exp.DType.VARCHAR: "text",
    exp.DType.BIGINT: "bigint",
    exp.DType.INT: "bigint",
    exp.DType.SMALLINT: "bigint",
    exp.DType.DOUBLE: "double precision",
    exp.DType.FLOAT: "double precision",
    exp.DType.DECIMAL: "numeric",
    exp.DType.BOOLEAN: "boolean",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamptz",
    exp.DType.INTERVAL: "interval",
    exp.DType.UUID: "uuid",
}
"""What values may be cast to; whole numbers have 64 bits, texts any length."""
_WRITTEN = {
    "text": exp.DType.TEXT,
    "bigint": exp.DType.BIGINT,
    "double precision": exp.DType.DOUBLE,
    "numeric": exp.DType.DECIMAL,
    "boolean": exp.DType.BOOLEAN,
    "date": exp.DType.DATE,
    "timestamp": exp.DType.TIMESTAMP,
    "timestamptz": exp.DType.TIMESTAMPTZ,
    "interval": exp.DType.INTERVAL,
    "uuid": exp.DType.UUID,
}


def name(text: str) -> exp.Identifier:
    return exp.Identifier(this=text, quoted=True)


def text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def cast(value: exp.Expr, type: str) -> exp.Cast:
    return exp.Cast(this=value, to=exp.DataType(this=_WRITTEN[type]))


def call(function: str, *args: exp.Expr) -> exp.Anonymous:
    """A function of PostgreSQL's."""
    return exp.Anonymous(this=function, expressions=list(args))


def own(function: str, *args: exp.Expr) -> exp.Expr:
    """A function that the migrations made."""
    return exp.Dot(this=name(SCHEMA), expression=call(function, *args))


def word(arg: exp.Expr, words: Sequence[str], of: str) -> str:
    """One of the words, written out. Raises InvalidQuery."""
    found = arg.name.lower() if isinstance(arg, exp.Literal) and arg.is_string else ""
    found = found.removesuffix("s") if found.removesuffix("s") in words else found
    if found not in words:
        raise refused(f"{of} takes one of " + ", ".join(f"'{one}'" for one in words), arg)
    return found


def integer(arg: exp.Expr, least: int, most: int, of: str) -> int:
    """A whole number, written out. Raises InvalidQuery."""
    written = arg.name if isinstance(arg, exp.Literal) and not arg.is_string else ""
    if not (written.isascii() and written.isdigit() and len(written) < 10 and least <= int(written) <= most):
        raise refused(f"{of} takes a whole number from {least} to {most} there", arg)
    return int(written)


def pattern(arg: exp.Expr, any_case: bool = False) -> str:
    """A regular expression, written out, as PostgreSQL has it. Raises InvalidQuery."""
    if not (isinstance(arg, exp.Literal) and arg.is_string):
        raise refused("regular expressions are written out as texts", arg)
    counts = (int(last or first) for first, last in _REPEATS.findall(arg.name))
    if prod(max(1, count) for count in counts) > MOST_REPEATS:
        raise refused(f"a regular expression repeats at most {MOST_REPEATS} times in all", arg)
    try:
        return patterns.to_postgres(("(?i)" if any_case else "") + arg.name)
    except InvalidQuery as error:
        raise refused(str(error), arg) from error
