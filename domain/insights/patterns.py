"""Regular expressions of queries: the part of RE2 that every engine reads alike.

No engine looks back or around: such expressions can take for ever, and RE2 has none of it.
"""

import re
import warnings
from collections.abc import Mapping

from domain.insights.errors import InvalidQuery

MOST_CHARS = 500
MOST_REPEATS = 255
"""More than this in braces PostgreSQL refuses."""

_CLASSES: Mapping[str, str] = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_EDGES: Mapping[str, str] = {"b": r"\y", "B": r"\Y", "A": r"\A", "z": r"\Z"}
"""The edges of words and of the text, as PostgreSQL spells them."""
_CONTROLS = frozenset("nrtfv")
_PUNCTUATION = frozenset(r"""\.+*?()|[]{}^$-/"'!#%&,:;<=>@_`~ """)
_TOKEN = re.compile(
    r"(?P<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])|\\(?P<escape>.)|(?P<group>\(\?:?)"
    r"|(?P<repeat>\{(?P<low>\d+)(?:,(?P<high>\d*))?\}|[*+?])|(?P<other>.)",
    re.DOTALL,
)


def check(pattern: str) -> None:
    """Raises InvalidQuery where the pattern is none, too long, or of a kind that not every engine knows."""
    to_postgres(pattern)


def to_postgres(pattern: str) -> str:
    """The same as PostgreSQL spells it. Raises InvalidQuery as `check`."""
    if len(pattern) > MOST_CHARS:
        raise InvalidQuery(f"a regular expression has at most {MOST_CHARS} characters")
    _compile(pattern)
    flags = re.match(r"\(\?([is]+)\)", pattern)
    told = flags[1] if flags else ""
    written = _written(pattern[flags.end() :] if flags else pattern, dot="." if "s" in told else r"[^\n]")
    return f"(?{'i' if 'i' in told else 'c'}){written}"


def to_re2(pattern: str) -> str:
    """The same for RE2 where a dot fits every character unless told. Raises InvalidQuery as `check`."""
    check(pattern)
    flags = re.match(r"\(\?([is]+)\)", pattern)
    told = flags[1] if flags else ""
    return (
        f"(?{'i' if 'i' in told else ''}{'s' if 's' in told else '-s'}){pattern[flags.end() :] if flags else pattern}"
    )


def _compile(pattern: str) -> None:
    """Python finds what is no expression at all; it spells the end of a text differently."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(re.sub(r"\\([\\z])", lambda found: r"\Z" if found[1] == "z" else found[0], pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidQuery(f"{pattern!r} is no regular expression: {error}") from error


def _written(pattern: str, dot: str) -> str:
    parts: list[str] = []
    repeated = ""
    for found in _TOKEN.finditer(pattern):
        if repeated and found["repeat"] not in (None, "?"):
            raise InvalidQuery(f"a regular expression has no {repeated}{found['repeat']}")
        repeated = found["repeat"] or ""
        parts.append(_part(found, dot))
    return "".join(parts)


def _part(found: re.Match[str], dot: str) -> str:
    if found["set"] is not None:
        return _set(found["set"])
    if found["escape"] is not None:
        return _escaped(found["escape"])
    if found["group"] == "(?":
        raise InvalidQuery(f"a regular expression has no groups of the kind {found.string[found.start() :][:4]}")
    if found["repeat"] is not None and max(int(found["low"] or 0), int(found["high"] or 0)) > MOST_REPEATS:
        raise InvalidQuery(f"a regular expression repeats at most {MOST_REPEATS} times")
    if found["other"] in ("{", "}"):
        return "\\" + found["other"]
    return dot if found["other"] == "." else found[0]


def _set(written: str) -> str:
    if "[." in written[1:] or "[=" in written[1:]:
        raise InvalidQuery(f"a regular expression has no {written}")
    return re.sub(r"\\(.)", lambda found: _escaped_in_set(found[1]), written, flags=re.DOTALL)


def _escaped_in_set(char: str) -> str:
    if char in _CLASSES:
        return _CLASSES[char]
    return _plainly_escaped(char)


def _escaped(char: str) -> str:
    if char.lower() in _CLASSES:
        return f"[{'^' if char.isupper() else ''}{_CLASSES[char.lower()]}]"
    return _EDGES.get(char) or _plainly_escaped(char)


def _plainly_escaped(char: str) -> str:
    if char in _CONTROLS or char in _PUNCTUATION:
        return "\\" + char
    raise InvalidQuery(f"a regular expression has no \\{char} that every engine knows")
