"""Whether a prompt turns to another topic, decided without a model (domain reference, section 4.2)."""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.judging.edits import clean_path
from domain.judging.text import content_words, lexicon, prose, references, words

SHORT_WORDS = 6
"""A prompt of fewer words never shifts the topic."""
REMEMBERED_TURNS = 5
OVERLAP_PERCENT = 8

_CONTINUATIONS = lexicon("also and now then next ok yes no continue again still instead same")
_SWITCH = re.compile(
    r"\b(?:new\s+task|different\s+topic|switching\s+to|unrelated|moving\s+on|separate\s+issue)\b", re.IGNORECASE
)


@dataclass(slots=True)
class Topic:
    """What an arc is about so far: the words of its last turns and the files it named or touched."""

    recent: deque[frozenset[str]] = field(default_factory=lambda: deque[frozenset[str]](maxlen=REMEMBERED_TURNS))
    files: set[str] = field(default_factory=set[str])

    def add_turn(self, text: str) -> None:
        self.recent.append(content_words(text))
        self.files.update(named_files(text))

    def shifts(self, text: str, touched: Iterable[str]) -> bool:
        """Whether a prompt of this `text`, whose own tool calls touched these files, leaves the topic."""
        said = prose(text)
        if _length(said) < SHORT_WORDS or _first_word(said) in _CONTINUATIONS:
            return False
        if _SWITCH.search(said):
            return True
        files = named_files(text) | set(touched)
        return bool(files) and self._unlike(content_words(text)) and not share_a_file(files, self.files)

    def _unlike(self, mine: frozenset[str]) -> bool:
        """Whether fewer than 8 of 100 words are shared, in whole numbers so that the edge is sharp."""
        known = frozenset[str]().union(*self.recent)
        return 100 * len(mine & known) < OVERLAP_PERCENT * len(mine | known)


def named_files(text: str) -> frozenset[str]:
    """The files that a prompt names."""
    return frozenset(clean_path(path) for path in references(text).files)


def share_a_file(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a file is in both, where `app.py` may stand for `src/app.py` and for `/home/ada/src/app.py`."""
    mine, theirs = set(some), set(others)
    return not (_endings(mine).isdisjoint(theirs) and _endings(theirs).isdisjoint(mine))


def _endings(paths: set[str]) -> set[str]:
    """All paths with 0, 1, 2 … of their first folders left out."""
    return {path[at:] for path in paths for at in (0, *(i + 1 for i, char in enumerate(path) if char == "/"))}


def _first_word(text: str) -> str:
    return next(iter(words(text)), "")


def _length(text: str) -> int:
    """The number of words; scripts that do not part words by blanks count two characters as one."""
    return sum(max(1, len(word) // 2) if word[0] >= "\u2e80" else 1 for word in text.split())
