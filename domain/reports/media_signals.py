"""What a session shows of a sentence that asks for something: a point of a role, of a culture, of a profile.

Two ways lead from a sentence to evidence, and both can be checked by hand. By its theme: words such as "tests" or
"Python" stand for a habit, a deed, a kind of goal or a kind of file, all of which are counted. By its words: what was
said, and what goals are called, is quoted where it shares enough words with the sentence.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.judging.records import Habit, Intent, SubSession
from domain.judging.text import content_words, lexicon, quote, sentences
from domain.media_entities import Said
from domain.reports.media_facts import Material, Shown, checked, committed, counted, habits

MOST_POINTS = 12
"""So many sentences of a text are looked at."""
MOST_TEXTS = 4_000
"""So many texts of one speaker are looked through."""
MOST_QUOTES = 2
POINT_CHARS, QUOTE_CHARS = 300, 240
SHARED_WORDS = 2
"""So many words of a sentence must come up in what is quoted; one is enough for a sentence that has no more."""
OFTEN = 0.6
"""Something shows where it showed in such a share of the goals, and otherwise in part."""


class Seen(StrEnum):
    SHOWN = "shown"
    PARTLY = "partly"
    NOT_SEEN = "not_seen"


class Deed(StrEnum):
    CHECKED = "checked"
    COMMITTED = "committed"
    DELEGATED = "delegated"


Sign = Habit | Deed | Intent | frozenset[str]
"""What a theme is seen by; a set holds the endings of files."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was counted: in `count.shown` of `count.of` goals. For files `names` are those."""

    sign: Sign
    count: Shown
    names: tuple[str, ...] = ()

    @property
    def seen(self) -> Seen:
        if self.count.shown == 0:
            return Seen.NOT_SEEN
        often = isinstance(self.sign, frozenset | Intent) or self.count.share >= OFTEN
        return Seen.SHOWN if often else Seen.PARTLY


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence and what the session shows of it."""

    point: str
    facts: tuple[Fact, ...]
    quotes: tuple[Said, ...]

    @property
    def seen(self) -> Seen:
        found = [fact.seen for fact in self.facts]
        if Seen.SHOWN in found:
            return Seen.SHOWN
        return Seen.PARTLY if Seen.PARTLY in found or self.quotes else Seen.NOT_SEEN


_THEMES: tuple[tuple[frozenset[str], Sign], ...] = tuple(
    (lexicon(words), sign)
    for words, sign in (
        (
            "test tests testing tested tdd qa quality verify verifies verification reliable",
            Habit.VERIFICATION_REQUESTED,
        ),
        ("test tests testing tested tdd qa quality verified reliable", Deed.CHECKED),
        ("plan plans planning planned design designs architecture architect strategy upfront", Habit.PLAN_FIRST),
        ("debug debugging debugs cause causes diagnose troubleshoot investigate analytical", Habit.ROOT_CAUSE_ORIENTED),
        ("clear clearly clarity communicate communicates communication concise articulate", Habit.GOAL_EXPLICIT),
        ("focus focused scope small simple incremental iterative pragmatic", Habit.SCOPE_BOUNDED),
        ("context detail details detailed thorough documentation document documents", Habit.CONTEXT_SUFFICIENT),
        ("precise precisely precision accurate specific concrete names filenames", Habit.REFERENCES_CONCRETE),
        ("deliver delivers delivery ship ships shipping finish finishes results git commit commits", Deed.COMMITTED),
        ("delegate delegates delegation agents automation orchestrate lead leads", Deed.DELEGATED),
        ("refactor refactors refactoring maintainable", Intent.REFACTOR),
        ("review reviews reviewing reviewer", Intent.REVIEW),
        ("feature features build builds building", Intent.FEATURE),
        ("bug bugs fix fixes fixing", Intent.BUG_FIX),
        ("python", lexicon("py pyi ipynb")),
        ("typescript", lexicon("ts tsx mts cts")),
        ("javascript node", lexicon("js jsx mjs cjs")),
        ("frontend css html react vue svelte", lexicon("css scss sass less html jsx tsx vue svelte")),
        ("go golang", lexicon("go")),
        ("rust", lexicon("rs")),
        ("java", lexicon("java")),
        ("kotlin", lexicon("kt kts")),
        ("swift", lexicon("swift")),
        ("ruby rails", lexicon("rb erb")),
        ("php", lexicon("php")),
        ("sql database databases postgres postgresql", lexicon("sql")),
        ("docker container containers", lexicon("dockerfile")),
        ("terraform infrastructure", lexicon("tf tfvars")),
        ("shell bash", lexicon("sh bash zsh")),
    )
)
_WEAK = lexicon(
    """ability able always code coding developer engineer every experience find good great help keep knowledge know
    knows look looks love loves new people project role skill skills software strong take takes team thing time well
    work works year years"""
)
"""Words of so many sentences that sharing them says nothing."""
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")


def points(text: str) -> list[str]:
    """The sentences and list items of a text, each once, the first of them."""
    plain = (_BULLET.sub("", one) for one in sentences(text))
    return list(dict.fromkeys(quote(one, POINT_CHARS) for one in plain if content_words(one)))[:MOST_POINTS]


def findings(material: Material, text: str) -> list[Finding]:
    """What the session shows of each point of a text."""
    said = [(content_words(one.text), one) for one in material.whom.said[:MOST_TEXTS]]
    return [_finding(material, point, said) for point in points(text)]


def _finding(material: Material, point: str, said: Sequence[tuple[frozenset[str], Said]]) -> Finding:
    wanted = content_words(point)
    return Finding(point, tuple(_facts(material, wanted)), tuple(_quotes(said, wanted)))


def _facts(material: Material, wanted: frozenset[str]) -> Iterator[Fact]:
    for words, sign in _THEMES:
        if words & wanted and (fact := _fact(material, sign)) is not None:
            yield fact


def _fact(material: Material, sign: Sign) -> Fact | None:
    """None where it could not have shown."""
    arcs = material.judged
    if isinstance(sign, Habit):
        shown = habits(arcs).get(sign)
        return None if shown is None else Fact(sign, shown)
    if isinstance(sign, frozenset):
        names = tuple(file.path for file in material.parts.files if _ending(file.path) in sign)
        return Fact(sign, Shown(len(names), len(material.parts.files)), names) if names else None
    if isinstance(sign, Intent):
        return Fact(sign, counted(arcs, lambda arc: arc.rubric.intent is sign)) if arcs else None
    return Fact(sign, counted(arcs, _DONE[sign])) if arcs and sign in _DONE else _delegated(material)


_DONE: dict[Deed, Callable[[SubSession], bool]] = {Deed.CHECKED: checked, Deed.COMMITTED: committed}


def _delegated(material: Material) -> Fact | None:
    agents = len(material.parts.agents)
    return Fact(Deed.DELEGATED, Shown(agents, agents)) if agents else None


def _ending(path: str) -> str:
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    return name.rpartition(".")[2]


def _quotes(said: Sequence[tuple[frozenset[str], Said]], wanted: frozenset[str]) -> list[Said]:
    """What shares most words with a sentence, the earliest of equals first."""
    telling = wanted - _WEAK
    least = max(1, min(SHARED_WORDS, len(telling)))
    shared = [(len(words & telling), one) for words, one in said]
    fitting = sorted((pair for pair in shared if pair[0] >= least), key=lambda pair: -pair[0])
    return [one for _, one in fitting[:MOST_QUOTES]]
