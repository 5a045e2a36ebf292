"""Full text of sessions: how texts are cut into words, what a search means, and where it is met.

Words are made for code in any language: `getUserName`, `get_user_name` and `src/user.py` are found by their parts as
well as whole, case and accents do not matter, and scripts that are written without spaces are matched character by
character. Nothing is stemmed, since nobody says which language a prompt is in; `round*` finds `rounding`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from domain.errors import Invalid

VERSION = "2"
"""Changes whenever other words are stored of the same texts; those of an older version are made again."""

MOST_CHARS = 200_000
"""So much of the prompts of a session is searched, from its first on."""
MOST_LABEL_CHARS = 40_000
"""So much of its titles and summaries."""
MOST_QUERY_CHARS = 500
MOST_QUERY_WORDS = 32

_WORD_BYTES = 300_000
"""So much do the different words of a session take at most; PostgreSQL holds a million with their places."""
_WORD_CHARS = 64
"""A longer run of letters and digits is no word that somebody types; its beginning is kept."""
_LAST_PLACE = 15_000
"""PostgreSQL tells places up to 16,383 apart; the rest is for labels."""

_RUN = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_ALPHABETIC_END = "\u0530"
"""Latin, Greek and Cyrillic letters lie before: those whose accents are left out."""


class Weight(StrEnum):
    """How much a match counts, as PostgreSQL names it."""

    TITLE = "A"
    ARC_TITLE = "B"
    SUMMARY = "C"
    PROMPT = "D"


class Piece(NamedTuple):
    """A part of a text that can be matched: from `start` to `end` it says `word`; `whole` is the run of parts that
    begins with it, such as `getusername`, None where the part stands alone."""

    word: str
    start: int
    end: int
    whole: str | None = None


def composed(text: str) -> str:
    """The text as its pieces count characters."""
    return unicodedata.normalize("NFC", text)


def pieces(text: str) -> Iterator[Piece]:
    """Of a `composed` text, in order."""
    for run in _RUN.finditer(text):
        for word, start, end, whole in _parts(run[0]):
            if word:
                yield Piece(word, run.start() + start, run.start() + end, whole)


@lru_cache(maxsize=50_000)
def _parts(run: str) -> tuple[Piece, ...]:
    """Of letters and digits without anything between them."""
    cuts = [0, *(at for at in range(1, len(run)) if _parts_here(run, at)), len(run)]
    spans = list(pairwise(cuts))
    whole = _folded(run) if len(spans) > 1 and not _UNSPACED.search(run) else None
    return tuple(Piece(_folded(run[a:b]), a, b, None if a else whole) for a, b in spans)


def _parts_here(run: str, at: int) -> bool:
    """Whether a new part begins: at `U` in `userName`, at `S` in `HTTPServer`, at every character without spaces."""
    before, here, after = run[at - 1], run[at], run[at + 1 : at + 2]
    if _UNSPACED.match(here) or _UNSPACED.match(before):
        return True
    return here.isupper() and (not before.isupper() or after.islower())


def _folded(word: str) -> str:
    word = unicodedata.normalize("NFKC", word.casefold())
    if not word.isascii() and all(char < _ALPHABETIC_END for char in word):
        word = "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    return word[:_WORD_CHARS]


class Place(NamedTuple):
    at: int
    weight: Weight


def index(texts: Iterable[tuple[Weight, str]], most_chars: int) -> dict[str, list[Place]]:
    """The words of the first `most_chars` of these texts with their places, counted from 1 through all texts."""
    found: dict[str, list[Place]] = {}
    at, left, room = 0, most_chars, _WORD_BYTES
    for weight, text in texts:
        for piece in pieces(composed(text[: max(0, left)])):
            at += 1
            place = Place(min(at, _LAST_PLACE), weight)
            for word in filter(None, (piece.word, piece.whole)):
                if word not in found and room > 0:
                    found[word] = []
                    room -= len(word.encode(errors="replace")) + 10
                if word in found:
                    found[word].append(place)
        left -= len(text)
        at += 1  # no phrase goes from one text into the next
    return found


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow on each other, also a single one. `whole`: what they are when written without a break.
    `prefix`: the last one may go on."""

    words: tuple[str, ...]
    whole: str | None = None
    prefix: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A text meets it if it meets every phrase of one of the alternatives."""

    alternatives: tuple[tuple[Phrase, ...], ...]

    @property
    def phrases(self) -> list[Phrase]:
        """What is looked for, not what must be absent."""
        return [phrase for all in self.alternatives for phrase in all if not phrase.negated]


_TERM = re.compile(r'(?P<not>-)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')


def read(text: str) -> Search:
    """A search as people type it: `fix "round half up" -test or invoice*`. Raises Invalid for one without a word, and
    for one that is too long."""
    if len(text) > MOST_QUERY_CHARS:
        raise Invalid(f"search must have at most {MOST_QUERY_CHARS} characters")
    alternatives: list[list[Phrase]] = [[]]
    for term in _TERM.finditer(composed(text)):
        if term["plain"] and term["plain"].lower() == "or" and not term["not"]:
            alternatives.append([])
        elif phrase := _phrase(term["quoted"], term["plain"], negated=bool(term["not"])):
            alternatives[-1].append(phrase)
    found = tuple(tuple(one) for one in alternatives if one)
    words = sum(len(phrase.words) for one in found for phrase in one)
    if not found:
        raise Invalid("search must hold a word")
    if words > MOST_QUERY_WORDS:
        raise Invalid(f"search must have at most {MOST_QUERY_WORDS} words")
    return Search(found)


def _phrase(quoted: str | None, plain: str | None, negated: bool) -> Phrase | None:
    text = quoted if plain is None else plain
    found = list(pieces(text or ""))
    if not found:
        return None
    prefix = plain is not None and plain.endswith("*")
    one_run = found[0].whole if plain is not None and found[-1].end - found[0].start == len(plain.rstrip("*")) else None
    return Phrase(tuple(piece.word for piece in found), one_run, prefix, negated)


class Fragment(NamedTuple):
    """A stretch of a text, and whether it is what was looked for."""

    text: str
    matched: bool


_BEFORE, _LENGTH = 60, 240
"""So many characters of a text are shown before the first match, and in all."""


def highlight(text: str, search: Search) -> tuple[Fragment, ...]:
    """The part of a text in which it meets the search first, in pieces; () where it does not."""
    text = composed(text[:MOST_CHARS])
    spans = _matches(text, search) if _may_meet(text, search) else []
    if not spans:
        return ()
    start = _word_start(text, max(0, spans[0][0] - _BEFORE))
    end = min(len(text), start + _LENGTH)
    return tuple(_fragments(text, [(a, min(b, end)) for a, b in spans if a < end], start, end))


def _fragments(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Fragment]:
    at = start
    for a, b in spans:
        if at < a:
            yield Fragment(text[at:a], matched=False)
        yield Fragment(text[a:b], matched=True)
        at = b
    if at < end:
        yield Fragment(text[at:end], matched=False)


def _word_start(text: str, at: int) -> int:
    """The next beginning of a word, unless it lies far."""
    if at == 0:
        return 0
    space = re.compile(r"\s").search(text, at, at + 20)
    return space.end() if space else at


def _matches(text: str, search: Search) -> list[tuple[int, int]]:
    """Where phrases of the search stand, as far as is shown; in order, those that touch joined."""
    found = list(pieces(text))
    starts, prefixes = _by_first_word(search)
    joined: list[tuple[int, int]] = []
    for at, piece in enumerate(found):
        if joined and piece.start >= joined[0][0] + _LENGTH:
            break
        wanted = [*starts.get(piece.word, ()), *starts.get(piece.whole or "", ()), *prefixes]
        for start, end in [span for phrase in wanted if (span := _match(found, at, phrase)) is not None]:
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
    return joined


def _may_meet(text: str, search: Search) -> bool:
    """False where the words are surely not there; far cheaper than to cut the text into its own."""
    lower = text.lower()
    return not text.isascii() or any(
        phrase.words[0] in lower or (phrase.whole is not None and phrase.whole in lower) for phrase in search.phrases
    )


def _by_first_word(search: Search) -> tuple[dict[str, list[Phrase]], list[Phrase]]:
    """The phrases that can begin with a word, and those that may begin with a longer one."""
    starts: dict[str, list[Phrase]] = {}
    prefixes: list[Phrase] = []
    for phrase in search.phrases:
        if phrase.prefix and (phrase.whole or len(phrase.words) == 1):
            prefixes.append(phrase)
        else:
            for word in {phrase.words[0], phrase.whole or phrase.words[0]}:
                starts.setdefault(word, []).append(phrase)
    return starts, prefixes


def _match(found: Sequence[Piece], at: int, phrase: Phrase) -> tuple[int, int] | None:
    """What the phrase covers if it stands at this piece."""
    here = found[at]
    alone = phrase.whole or (phrase.words[0] if len(phrase.words) == 1 else None)
    if alone and _meets(here.word, alone, phrase):
        return here.start, here.end
    if alone and here.whole and _meets(here.whole, alone, phrase):
        run = next((i for i in range(at + 1, len(found)) if found[i].start != found[i - 1].end), len(found))
        return here.start, found[run - 1].end
    several = found[at : at + len(phrase.words)]
    if len(several) < len(phrase.words) or any(
        a.word != b for a, b in zip(several[:-1], phrase.words[:-1], strict=True)
    ):
        return None
    return (here.start, several[-1].end) if _meets(several[-1].word, phrase.words[-1], phrase) else None


def _meets(word: str, wanted: str, phrase: Phrase) -> bool:
    return word.startswith(wanted) if phrase.prefix else word == wanted
