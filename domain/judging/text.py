"""Reading what people write: words, clauses, and the files and names they point at.

Prompts can hold whole logs. Every function here looks at a bounded part of its text and works in linear time.
"""

import re
from dataclasses import dataclass

HEAD_CHARS = 6_000
TAIL_CHARS = 2_000
"""A request stands at the start of a long prompt or at its end; what lies between is pasted matter."""


def lexicon(listed: str) -> frozenset[str]:
    """The words of a list kept as text."""
    return frozenset(listed.split())


STOP_WORDS = lexicon(
    """a about above after all also am an and any are as at be because been before being but by can cannot could did do
    does doing done for from get gets getting go goes going got had has have having he her here him his how i if in into
    is it its just let lets like make makes may me might more most much must my need needs no nor not now of off ok okay
    on once one only or other our out over own please same she should so some still such sure than thank thanks that the
    their them then there these they thing things this those through to too try under until up us use used using very
    want wants was we were what when where which while who why will with would yes yet you your"""
)

FILE_SUFFIXES = lexicon(
    """adoc astro bat bicep bzl c cc cfg clj cmake cmd conf cpp cs css csv cts cxx dart diff dockerfile ejs elm env erb
    erl ex exs f90 fs fsx go gql gradle graphql groovy h haml hbs hpp hrl hs htm html ini ino ipynb java jl js json
    json5 jsonc jsonl jsx kt kts less lisp lock log lua m make md mdx mjs mk ml mli mm mod mts nim nix patch php pl
    plist po prisma proto ps1 psm1 pug py pyi pyx r rake rb rego rkt rs rst sass sbt scala scm scss sh sol sql sum
    svelte svg swift tex tf tfvars toml ts tsv tsx txt typ v vb vhd vim vue wasm xml yaml yml zig zsh"""
)

_NOT_FILES = lexicon("node.js next.js vue.js nuxt.js three.js express.js ember.js d3.js chart.js")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN = re.compile(r"[^\s\"'`“”‘’()<>\[\]{},;|]+")
_LINK = re.compile(r"https?://[^\s<>\"')\]]+|(?<!\S)@agent-\S+")
_PLACE = re.compile(r":\d+(?:[:-]\d+)?$|#L\d+(?:-L?\d+)?$")
_LINE_NUMBER = re.compile(r"\blines?\s+\d+", re.IGNORECASE)
_CODE_MARK = re.compile(r"`([^`\n]{1,120})`")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*(?:\(\))?")
_CALL = re.compile(r"[A-Za-z_$][\w$.]*\(\)")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[a-z][\w-]{0,40}(?:\s[^<>]{0,200})?>")
_SENTENCE_END = re.compile(r"(?<=[.!?;。！？])(?<!\.\.)\s+|(?<=\.\.)\s+(?=[^\W\d_a-z])|\n+|(?<=[。！？])")
_CLAUSE_END = re.compile(
    r"(?<=[,:])\s+|\s+(?=(?:but|however|although|though|except|yet)\b)|\s+[-–—]+\s+", re.IGNORECASE
)
_LOG_LINE = re.compile(
    r"""\s*(?:
        [>$❯%]\s | \d{4}-\d\d-\d\d[T\s]\d\d:\d\d | \[?\d\d:\d\d:\d\d | at\s\S+\s?\( | File\s"
        | Traceback\b | \w*(?:Error|Exception)\b[:\s] | -{3}\s(?:FAIL|PASS) | FAIL(?:ED|URE)?\b | npm\sERR
        | (?:fatal|error|warning|remote|panic|\S+:\d+(?::\d+)?):\s
    )""",
    re.VERBOSE,
)
_ERROR_TEXT = re.compile(
    r"""Traceback\s\(most\srecent | ^[ \t]+at\s\S{1,200}[\s(] | \b[A-Z]\w*(?:Error|Exception):\s
        | ^[ \t]*(?:fatal|[Ee]rror|panic):\s | ^npm\sERR | ^[ \t]*-{3}\sFAIL | \b(?:exit|return|status)\s?code:?\s[1-9]
        | ^[ \t]*File\s".+",\sline\s\d | \bHTTP\s?[45]\d\d\b | ^[ \t]*(?:ERROR|FAIL|FAILED)\b
        | \b[Ee]rror[:\s]+[A-Z]{0,4}\d{3,5}\b""",
    re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence with its end mark; `asked` says that its sentence ends in a question mark."""

    text: str
    asked: bool


@dataclass(frozen=True, slots=True)
class References:
    """What a text points at: files (paths with a suffix, @paths), names in code marks, links, line numbers."""

    files: frozenset[str]
    names: frozenset[str]
    links: frozenset[str]
    lines: bool

    def __bool__(self) -> bool:
        return bool(self.files or self.names or self.links or self.lines)


def bounded(text: str) -> str:
    """The first `HEAD_CHARS` and the last `TAIL_CHARS` characters of `text`, with a line break between."""
    if len(text) <= HEAD_CHARS + TAIL_CHARS:
        return text
    return text[:HEAD_CHARS] + "\n" + text[-TAIL_CHARS:]


def words(text: str) -> list[str]:
    """The words of `text` in order, lower-cased; letters and digits of any script, inner apostrophes kept."""
    return _words(bounded(text))


def content_words(text: str) -> frozenset[str]:
    """What `text` is about: lower-cased words without stop words, identifiers and paths split into theirs.

    Scripts that do not part words by blanks give pairs of characters instead.
    """
    found: set[str] = set()
    for word in _words(_CAMEL.sub(" ", bounded(text))):
        if word[0] >= "\u2e80" and len(word) > 1:
            found.update(word[i : i + 2] for i in range(len(word) - 1))
        elif word not in STOP_WORDS and len(word) > 1 and not word.isdigit():
            found.add(word)
    return frozenset(found)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared words as a share of all words of two sets, in [0, 1]; 0.0 where both are empty."""
    union = len(a | b)
    return len(a & b) / union if union else 0.0


def prose(text: str) -> str:
    """What a person wrote around the matter they pasted: without fenced code, log lines and tags."""
    plain = _TAG.sub("\n", _FENCE.sub("\n", bounded(text)))
    return "\n".join(line for line in plain.splitlines() if not _LOG_LINE.match(line))


def without_links(text: str) -> str:
    """`text` with web addresses and names of agents taken out: what they spell is not the developer's wording."""
    return _LINK.sub(" ", bounded(text))


def short_links(text: str) -> str:
    """`text` with each web address cut to its end: `issues/77` for that page of some host."""
    return _LINK.sub(lambda link: "/".join(link[0].rstrip("/").split("/")[-2:]), bounded(text))


def sentences(text: str) -> list[str]:
    """The sentences and lines of `text`, blanks folded, with their end marks; a dot inside a word or path ends none."""
    return [folded for part in _SENTENCE_END.split(bounded(text)) if (folded := " ".join(part.split()))]


def clauses(text: str) -> list[Clause]:
    """The clauses of `text`: sentences cut at commas, colons, dashes and before words such as "but"."""
    return [
        Clause(part.strip(), sentence.endswith("?"))
        for sentence in sentences(text)
        for part in _CLAUSE_END.split(sentence)
        if part.strip()
    ]


def references(text: str) -> References:
    """Everything in `text` that a reader could open."""
    part = bounded(text)
    files: set[str] = set()
    links: set[str] = set()
    placed = False
    for token in _TOKEN.findall(part):
        if token.startswith(("http://", "https://")):
            links.add(token.rstrip(".:!?"))
            continue
        bare = _PLACE.sub("", token.rstrip(".:!?"))
        if is_file(bare):
            placed = placed or bare != token.rstrip(".:!?")
            files.add(bare.removeprefix("@").removeprefix("./"))
    return References(
        frozenset(files), _names(part) - files, frozenset(links), placed or bool(_LINE_NUMBER.search(part))
    )


def is_file(token: str) -> bool:
    """Whether one word names a file: `src/app.py`, `README.md`, `@docs/`, `Makefile`; not `Node.js` or `v1.2`."""
    if not 2 < len(token) < 300 or token.lower() in _NOT_FILES:
        return False
    if token.startswith("@"):
        return "/" in token or _suffix(token) in FILE_SUFFIXES
    return token in ("Makefile", "Dockerfile") or _suffix(token) in FILE_SUFFIXES


def has_error_text(text: str) -> bool:
    """Whether a stack trace, an error message or failing output was pasted into `text`."""
    return _ERROR_TEXT.search(bounded(text)) is not None


def has_code(text: str) -> bool:
    """Whether `text` holds fenced or inline code."""
    part = bounded(text)
    return "```" in part or _CODE_MARK.search(part) is not None


def one_line(text: str) -> str:
    """`text` with every run of blanks, line breaks, control characters and stray surrogates folded to one space."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def quote(text: str, limit: int = 160) -> str:
    """`text` on one line, cut at `limit` code points with an ellipsis."""
    return shorten(one_line(bounded(text)), limit)


def shorten(text: str, limit: int) -> str:
    """`text` if it fits into `limit` code points, else cut at the last word end that leaves room for an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    blank = head.rfind(" ")
    cut = head[:blank] if blank > limit // 2 else head[: limit - 1]
    return cut.rstrip(" ,;:.-–—") + "…"


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _suffix(token: str) -> str:
    stem, dot, suffix = token.rpartition(".")
    return suffix.lower() if dot and stem.strip("./@") else ""


def _names(text: str) -> frozenset[str]:
    marked = {mark for mark in _CODE_MARK.findall(text) if _NAME.fullmatch(mark) and not is_file(mark)}
    bare = {token for token in _TOKEN.findall(text) if "_" in token.strip("_") and _NAME.fullmatch(token)}
    return frozenset(name.removesuffix("()") for name in (*marked, *bare, *_CALL.findall(text)))
