"""Reads the text of a query into a tree, once it is known to be of a size that reading it cannot take for ever."""

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias, cast

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from domain.insights.errors import InvalidQuery

MOST_CHARS = 20_000
MOST_TOKENS = 5_000
MOST_NESTED = 20
"""Brackets in brackets, and CASE in CASE."""
MOST_PREFIXES = 20
"""Of signs and NOT before one value."""
MOST_SQUARE = 100
"""Square brackets in all: the parser takes longer for each of them than for the one before."""


_Parsers: TypeAlias = dict[str, Callable[..., exp.Expr | None]]
_PARSERS = cast(_Parsers, Postgres.Parser.FUNCTION_PARSERS)  # pyright: ignore[reportUnknownMemberType]
_PARSERS_WITHOUT = cast(_Parsers, Postgres.Parser.NO_PAREN_FUNCTION_PARSERS)  # pyright: ignore[reportUnknownMemberType]


class Reading(Postgres):
    """PostgreSQL without its quoting by dollars; a call of a function is nothing but a name and its arguments."""

    class Tokenizer(Postgres.Tokenizer):
        HEREDOC_STRINGS: ClassVar[list[str]] = []
        IDENTIFIERS: ClassVar[list[str | tuple[str, str]]] = ['"', "`"]

    class Parser(Postgres.Parser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[_Parsers] = {"CASE": _PARSERS_WITHOUT["CASE"]}
        FUNCTION_PARSERS: ClassVar[_Parsers] = {name: _PARSERS[name] for name in ("CAST", "EXTRACT")}


_DIALECT = Reading()
_SLIPS = (RecursionError, ValueError, TypeError, LookupError, AttributeError)
"""What the parser, which is not ours, comes to on texts that nobody would write, such as `{: 1}`."""
_CLOSED_BY = {
    TokenType.L_PAREN: TokenType.R_PAREN,
    TokenType.L_BRACKET: TokenType.R_BRACKET,
    TokenType.L_BRACE: TokenType.R_BRACE,
    TokenType.CASE: TokenType.END,
}
_TYPES = Postgres.Parser.TYPE_TOKENS
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.LT}
_PREFIXES = {TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE}
_BEGINNINGS = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}
_PARAMETRIC = {"quantile", "quantileexact", "quantileif", "grouparray", "groupuniqarray"}
"""Functions with two pairs of brackets: quantile(0.9)(x) is read as quantile(0.9, x)."""


def refused(message: str, node: exp.Expr | None = None) -> InvalidQuery:
    """The error of a query; with a node it says where that stands, as far as that is known."""
    return InvalidQuery(message + _place_of(node), ("query",))


def _place_of(node: exp.Expr | None) -> str:
    for part in node.walk() if node is not None else ():
        if (line := part.meta.get("line")) is not None:
            length = int(part.meta.get("end", 0)) - int(part.meta.get("start", 0))
            return _place(int(line), max(1, int(part.meta.get("col", 1)) - length))
    return ""


def _place(line: int, column: int) -> str:
    return f" (line {line}, column {column})"


def read(text: str) -> exp.Query:
    """The tree of one SELECT, or of several put together. Raises InvalidQuery."""
    _check_characters(text)
    tokens = _tokens(text)
    _check_size(tokens)
    try:
        trees = _DIALECT.parser().parse(_with_one_pair(_without_types(tokens)), text)
    except ParseError as error:
        raise _unreadable(error) from error
    except (SqlglotError, *_SLIPS) as error:
        raise InvalidQuery("the query cannot be read", ("query",)) from error
    if len(trees) != 1:
        raise refused("a query is one SELECT and nothing after it")
    [tree] = trees
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise refused("a query is one SELECT", tree)
    return tree


def _check_characters(text: str) -> None:
    if len(text) > MOST_CHARS:
        raise refused(f"a query has at most {MOST_CHARS} characters, not {len(text)}")
    for at, char in enumerate(text):
        if (ord(char) < 32 and char not in "\t\n\r") or ord(char) == 127 or 0xD800 <= ord(char) < 0xE000:
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            raise refused(f"a query is plain text, without characters such as U+{ord(char):04X}" + _place(line, column))


def _tokens(text: str) -> list[Token]:
    try:
        tokens = list(_DIALECT.tokenize(text))
    except SqlglotError as error:
        raise InvalidQuery("the query cannot be read: is something quoted and not closed?", ("query",)) from error
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise refused("the query is empty")
    if tokens[0].token_type not in _BEGINNINGS:
        raise refused("a query is one SELECT" + _place(tokens[0].line, 1))
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            raise refused("a query is one SELECT and nothing after it" + _place(token.line, token.col))
    return tokens


def _check_size(tokens: Sequence[Token]) -> None:
    if len(tokens) > MOST_TOKENS:
        raise refused(f"a query has at most {MOST_TOKENS} words and signs, not {len(tokens)}")
    open, prefixes, square = list[TokenType](), 0, 0
    for token in tokens:
        prefixes = prefixes + 1 if token.token_type in _PREFIXES else 0
        square += token.token_type is TokenType.L_BRACKET
        if token.token_type in _CLOSED_BY:
            open.append(_CLOSED_BY[token.token_type])
        elif open and token.token_type is open[-1]:
            open.pop()
        if len(open) > MOST_NESTED or prefixes > MOST_PREFIXES:
            raise refused(f"a query is nested at most {MOST_NESTED} deep" + _place(token.line, token.col))
        if square > MOST_SQUARE:
            raise refused(f"a query has at most {MOST_SQUARE} square brackets" + _place(token.line, token.col))


def _without_types(tokens: Sequence[Token]) -> list[Token]:
    """Words for types that stand before a bracket are names of functions.

    The parser would try each of them as a type first and then as a call, and so take twice as long for each that
    stands within another.
    """
    following = [token.token_type for token in tokens[1:]] + [None]
    return [
        Token(TokenType.VAR, token.text, token.line, token.col, token.start, token.end)
        if token.token_type in _TYPES and next in _OPENING
        else token
        for token, next in zip(tokens, following, strict=True)
    ]


def _with_one_pair(tokens: list[Token]) -> list[Token]:
    """Of the functions that have two pairs of brackets."""
    found: list[Token] = []
    for at, token in enumerate(tokens):
        if _begins_second_pair(tokens, at):
            found[-1] = Token(TokenType.COMMA, ",", token.line, token.col, token.start, token.end)
        else:
            found.append(token)
    return found


def _begins_second_pair(tokens: Sequence[Token], at: int) -> bool:
    kinds = [token.token_type for token in tokens[at - 3 : at + 1]] if at > 3 else []
    pairs = [TokenType.L_PAREN, TokenType.NUMBER, TokenType.R_PAREN, TokenType.L_PAREN]
    return kinds == pairs and tokens[at - 4].text.lower() in _PARAMETRIC


def _unreadable(error: ParseError) -> InvalidQuery:
    first = error.errors[0] if error.errors else {}
    line, column, near = first.get("line"), first.get("col"), first.get("highlight")
    place = _place(int(line), int(column)) if line and column else ""
    shown = f" near {str(near)[:40]!r}" if near else ""
    return InvalidQuery(f"the query cannot be read{shown}{place}", ("query",))
