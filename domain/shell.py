"""Reading shell scripts: the simple commands in them, where each runs, and the files that its redirections write.

Knows what agents write for POSIX shells and bash: chains, pipelines, quotes, substitutions, subshells, loops,
here-documents. Variables are not expanded. Nothing here raises: what is never closed ends with the text.
"""

import re
from dataclasses import dataclass
from pathlib import PureWindowsPath

MAX_CHARS = 32 * 2**10
"""Longer scripts are read up to here: what follows is a here-document in all that was seen."""

MAX_PLACE_CHARS = 4096
"""No file system knows longer paths."""

_MAX_DEPTH = 20
_HARMLESS_TARGETS = frozenset(("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "nul", "NUL", "$null", "-"))
_PLAIN = re.compile(r"[^\s'\"\\$`;&|<>()#]+|#")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_BRACE = re.compile(r"[{}](?=[\s;&|)]|\Z)")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(?:'([^'\n]*)'|\"([^\"\n]*)\"|\\?([\w.!@%+-]+))")
_REDIRECT = re.compile(r"<<<|<>|<&|<|&>>?|>>|>\||>&|>")
_LEADERS = frozenset(("if", "then", "else", "elif", "while", "until", "do", "!", "fi", "done", "esac"))
_HEADERS = frozenset(("for", "select", "case", "function"))
_BRANCHES = {"if": 1, "case": 1, "fi": -1, "esac": -1}


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command: its words without quotes, and the files that its redirections write, as written.

    `cwd` is where it runs, None where that is not known. `certain` is False where the script hides whether it ran or
    failed: beside `||` and within `if` and `case`.
    """

    words: tuple[str, ...]
    writes: tuple[str, ...] = ()
    cwd: str | None = None
    certain: bool = True


def simple_commands(script: str, cwd: str | None = None) -> tuple[Command, ...]:
    """The simple commands of `script` in the order they are read; a substitution stands before its user.

    `cwd` is where the script starts; `cd` moves it. A here-document is input and left out, but where `$(cat <<…)`
    hands it on, it is a word.
    """
    reader = _Reader(script[:MAX_CHARS], 0, cwd)
    reader.read()
    return tuple(reader.found)


def resolved(path: str, cwd: str | None) -> str:
    """`path` seen from `cwd`, without touching a disk; unchanged when absolute or when `cwd` is unknown."""
    if cwd is None or path.startswith("$") or _is_absolute(path):
        return path
    separator = "\\" if PureWindowsPath(cwd).drive else "/"
    parts = [part for part in re.split(r"[/\\]" if separator == "\\" else "/", cwd) if part]
    for step in path.split("/"):
        if step == "..":
            del parts[-1:]
        elif step not in ("", "."):
            parts.append(step)
    return ("/" if cwd.startswith("/") else "") + separator.join(parts)


def moved(to: str, cwd: str | None) -> str | None:
    """The place that `cd to` leads to: not known for `-` and `$DIR`, nor from an unknown place unless absolute."""
    if to.startswith(("-", "$")) or (cwd is None and not _is_absolute(to)):
        return None
    place = resolved(to, cwd)
    return place if len(place) <= MAX_PLACE_CHARS else None


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "~")) or PureWindowsPath(path).drive != ""


class _Reader:
    """Reads one list of commands: the whole script, or what stands in one pair of parentheses."""

    def __init__(self, text: str, pos: int, cwd: str | None, depth: int = 0, branches: int = 0) -> None:
        self.text = text
        self.pos = pos
        self.cwd = cwd
        self.depth = depth
        self.branches = branches  # how many `if` and `case` are open
        self.after_either = False
        self.found: list[Command] = []
        self.words: list[str] = []
        self.writes: list[str] = []
        self.word: list[str] | None = None
        self.target: str | None = None  # the redirection whose file name comes next
        self.heredocs: list[str] = []  # the delimiters of those that begin in the next line
        self.documents: list[str] = []

    def read(self, closing: str = "") -> int:
        """Reads to `closing` or to the end of the text; the position after it."""
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char == closing:
                break
            self._read_one(char)
        self._end_command()
        return self.pos + 1

    def _read_one(self, char: str) -> None:
        if char in " \t\r\f\v":
            self._end_word()
            self.pos += 1
        elif char == "\n":
            self._end_command()
            self.pos += 1
            self._read_heredocs()
        elif char in "<>" or self.text.startswith("&>", self.pos):
            self._redirect()
        elif self.text.startswith("||", self.pos):
            self._end_command(before_either=True)
            self.pos += 2
        elif char in ";&|)" or (self.word is None and _BRACE.match(self.text, self.pos)):
            self._end_command()
            self.pos += 1
        elif char == "(":
            self._parenthesis()
        else:
            self._read_word(char)

    def _read_word(self, char: str) -> None:
        if char == "'":
            self._single_quoted()
        elif char == '"':
            self._double_quoted()
        elif char == "\\":
            self._escaped()
        elif char == "$":
            self._dollar()
        elif char == "`":
            self._backticks()
        elif char == "#" and self.word is None:
            end = self.text.find("\n", self.pos)
            self.pos = len(self.text) if end < 0 else end
        else:
            run = _PLAIN.match(self.text, self.pos)
            self._add(run[0] if run else char, len(run[0]) if run else 1)

    def _add(self, text: str, length: int) -> None:
        """Adds `text` to the word being read and goes on by `length`."""
        if self.word is None:
            self.word = []
        self.word.append(text)
        self.pos += length

    def _end_word(self) -> None:
        if self.word is None:
            return
        text = "".join(self.word)
        self.word = None
        if self.target is None:
            self.words.append(text)
            if text == "[[" and len(self.words) == 1:
                self._skip_to("]]")  # a `>` in there compares
        elif ">" in self.target and text not in _HARMLESS_TARGETS and not (self.target == ">&" and text.isdigit()):
            self.writes.append(text)
        self.target = None

    def _end_command(self, before_either: bool = False) -> None:
        self._end_word()
        words = self._without_leaders()
        if words or self.writes:
            certain = not (self.branches or self.after_either or before_either)
            self.found.append(Command(words, tuple(self.writes), self.cwd, certain))
            self.after_either = False
            if words[:1] == ("cd",):
                self.cwd = moved(words[1] if len(words) > 1 else "-", self.cwd)
        self.after_either = self.after_either or before_either
        self.words, self.writes, self.target = [], [], None

    def _without_leaders(self) -> tuple[str, ...]:
        """The words of the command behind `then`, `do` and the like; none of the head of a loop or a `case`."""
        words = self.words
        while words and words[0] in _LEADERS:
            self._branch(words[0])
            words = words[1:]
        if words and words[0] in _HEADERS:
            self._branch(words[0])
            return ()
        return tuple(words)

    def _branch(self, word: str) -> None:
        self.branches = max(0, self.branches + _BRANCHES.get(word, 0))

    def _redirect(self) -> None:
        if self.word is not None and "".join(self.word).isdigit():
            self.word = None  # the number of a file descriptor
        self._end_word()
        heredoc = None if self.text.startswith("<<<", self.pos) else _HEREDOC.match(self.text, self.pos)
        if heredoc:
            self.heredocs.append(heredoc[2] or heredoc[3] or heredoc[4] or "")
            self.pos = heredoc.end()
        elif self.text.startswith(("<(", ">("), self.pos):
            self.pos += 1
            self._nested()
            self._add("<()", 0)
        elif sign := _REDIRECT.match(self.text, self.pos):
            self.target = sign[0]
            self.pos = sign.end()

    def _read_heredocs(self) -> None:
        for delimiter in self.heredocs:
            end = re.compile(rf"^[ \t]*{re.escape(delimiter)}[ \t\r]*(?:\n|(?=\))|\Z)", re.MULTILINE)
            found = end.search(self.text, self.pos)
            self.documents.append(self.text[self.pos : found.start() if found else None])
            self.pos = found.end() if found else len(self.text)
        self.heredocs = []

    def _parenthesis(self) -> None:
        if self.word is not None and self.word[-1].endswith("="):
            commands = len(self.found)
            self._nested()
            del self.found[commands:]  # they were the words of an array
            self._add("()", 0)
        elif self.word is None and self.text.startswith("((", self.pos):
            self._skip_to("))")
        else:
            self._end_command()
            self._nested()
            self.after_either = False

    def _nested(self) -> str | None:
        """Reads the commands in the parentheses that open here; the here-document if they only hand it on."""
        if self.depth >= _MAX_DEPTH:
            self.pos = len(self.text)
            return None
        inner = _Reader(self.text, self.pos + 1, self.cwd, self.depth + 1, self.branches + self.after_either)
        self.pos = inner.read(")")
        if [(command.words, command.writes) for command in inner.found] == [(("cat",), ())] and inner.documents:
            return "".join(inner.documents).rstrip("\r\n")
        self.found += inner.found
        return None

    def _single_quoted(self) -> None:
        end = self.text.find("'", self.pos + 1)
        end = len(self.text) if end < 0 else end
        self._add(self.text[self.pos + 1 : end], end + 1 - self.pos)

    def _double_quoted(self) -> None:
        self._add("", 1)
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char == '"':
                self.pos += 1
                return
            if run := _IN_QUOTES.match(self.text, self.pos):
                self._add(run[0], len(run[0]))
            elif char == "\\":
                self._escaped(quoted=True)
            elif char == "$":
                self._dollar(quoted=True)
            else:
                self._backticks()

    def _escaped(self, quoted: bool = False) -> None:
        char = self.text[self.pos + 1 : self.pos + 2]
        if char == "\n":
            self.pos += 2  # the command goes on in the next line
        else:
            self._add("\\" + char if quoted and char not in '"\\$`' else char, 2)

    def _dollar(self, quoted: bool = False) -> None:
        if self.text.startswith("$((", self.pos):
            self._skip_to("))")
            self._add("$(())", 0)
        elif self.text.startswith("$(", self.pos):
            self.pos += 1
            document = self._nested()
            self._add("$()" if document is None else document, 0)
        elif self.text.startswith("${", self.pos):
            self._add("$", 0)
            start = self.pos + 1
            self._skip_to("}")
            self._add(self.text[start : self.pos], 0)
        elif self.text.startswith("$'", self.pos) and not quoted:
            self._ansi_quoted()
        else:
            self._add("$", 1)

    def _ansi_quoted(self) -> None:
        quoted = re.compile(r"\$'((?:[^'\\]|\\.)*)'?", re.DOTALL).match(self.text, self.pos)
        if quoted:
            self._add(quoted[1], len(quoted[0]))

    def _backticks(self) -> None:
        end = self.text.find("`", self.pos + 1)
        end = len(self.text) if end < 0 else end
        if self.depth < _MAX_DEPTH:
            inner = _Reader(self.text[self.pos + 1 : end], 0, self.cwd, self.depth + 1, self.branches)
            inner.read()
            self.found += inner.found
        self._add("$()", end + 1 - self.pos)

    def _skip_to(self, mark: str) -> None:
        end = self.text.find(mark, self.pos)
        self.pos = len(self.text) if end < 0 else end + len(mark)
