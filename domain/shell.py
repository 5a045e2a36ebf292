"""Reading a shell command line: the simple commands in it, and the files that its redirections write.

Knows what agents write for POSIX shells and bash: chains, pipelines, quotes, substitutions, subshells, loops,
here-documents. Variables are not expanded. Nothing here raises: what is never closed ends with the text.
"""

import re
from dataclasses import dataclass

MAX_CHARS = 20_000
"""Longer command lines are read up to here: what follows is a here-document in all that was seen."""

_MAX_DEPTH = 20
_HARMLESS_TARGETS = frozenset(("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "nul", "NUL", "$null", "-"))
_PLAIN = re.compile(r"[^\s'\"\\$`;&|<>()#]+|#")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(?:'([^'\n]*)'|\"([^\"\n]*)\"|\\?([\w.!@%+-]+))")
_REDIRECT = re.compile(r"<<<|<>|<&|<|&>>?|>>|>\||>&|>")
_LEADERS = frozenset(("if", "then", "else", "elif", "while", "until", "do", "!", "{", "fi", "done", "esac", "}"))
_HEADERS = frozenset(("for", "select", "case", "function"))


@dataclass(frozen=True, slots=True)
class Simple:
    """One simple command: its words without quotes, and the files that its redirections write."""

    words: tuple[str, ...]
    writes: tuple[str, ...] = ()


def simple_commands(line: str) -> tuple[Simple, ...]:
    """The simple commands of `line` in the order they are read; a substitution stands before its user."""
    found: list[Simple] = []
    _Reader(line[:MAX_CHARS], 0, found, 0).read()
    return tuple(found)


class _Reader:
    """Reads one list of commands: the whole line, or what stands in one pair of parentheses."""

    def __init__(self, text: str, pos: int, found: list[Simple], depth: int) -> None:
        self.text = text
        self.pos = pos
        self.found = found
        self.depth = depth
        self.words: list[str] = []
        self.writes: list[str] = []
        self.word: list[str] | None = None
        self.target: str | None = None  # the redirection whose file name comes next
        self.heredocs: list[str] = []

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
            self._skip_heredocs()
        elif char in "<>" or self.text.startswith("&>", self.pos):
            self._redirect()
        elif char in ";&|)":
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

    def _end_command(self) -> None:
        self._end_word()
        words = self.words
        while words and words[0] in _LEADERS:
            words = words[1:]
        if words and words[0] in _HEADERS:
            words = []
        if words or self.writes:
            self.found.append(Simple(tuple(words), tuple(self.writes)))
        self.words, self.writes, self.target = [], [], None

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
            self._nested("<()")
        elif sign := _REDIRECT.match(self.text, self.pos):
            self.target = sign[0]
            self.pos = sign.end()

    def _skip_heredocs(self) -> None:
        for delimiter in self.heredocs:
            end = re.compile(rf"^[ \t]*{re.escape(delimiter)}[ \t\r]*(?:\n|(?=\))|\Z)", re.MULTILINE)
            found = end.search(self.text, self.pos)
            self.pos = found.end() if found else len(self.text)
        self.heredocs = []

    def _parenthesis(self) -> None:
        if self.word is not None and self.word[-1].endswith("="):
            self._nested("()", [])  # the words of an array
        elif self.word is None and self.text.startswith("((", self.pos):
            self._skip_to("))")
        else:
            self._end_command()
            self._nested("")

    def _nested(self, placeholder: str, found: list[Simple] | None = None) -> None:
        """Reads the commands in the parentheses that open here; `placeholder` stands for them in the word."""
        if self.depth >= _MAX_DEPTH:
            self.pos = len(self.text)
            return
        inner = _Reader(self.text, self.pos + 1, self.found if found is None else found, self.depth + 1)
        self.pos = inner.read(")")
        if placeholder:
            self._add(placeholder, 0)

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
                self._escaped()
            elif char == "$":
                self._dollar(quoted=True)
            else:
                self._backticks()

    def _escaped(self) -> None:
        char = self.text[self.pos + 1 : self.pos + 2]
        if char == "\n":
            self.pos += 2  # the command goes on in the next line
        else:
            self._add(char, 2)

    def _dollar(self, quoted: bool = False) -> None:
        if self.text.startswith("$((", self.pos):
            self._skip_to("))")
            self._add("$(())", 0)
        elif self.text.startswith("$(", self.pos):
            self.pos += 1
            self._nested("$()")
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
            _Reader(self.text[self.pos + 1 : end], 0, self.found, self.depth + 1).read()
        self._add("$()", end + 1 - self.pos)

    def _skip_to(self, mark: str) -> None:
        end = self.text.find(mark, self.pos)
        self.pos = len(self.text) if end < 0 else end + len(mark)
