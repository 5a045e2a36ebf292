"""Shell scripts, read just well enough to know which programs they ran with which words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PureWindowsPath

SCRIPT_CHARS = 32 * 2**10
"""Longer scripts are read this far."""


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command. `certain` is False beside `||`, where the script hides whether it ran or failed."""

    words: tuple[str, ...]
    certain: bool
    cwd: str | None


_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1([^\n]*)\n(.*?)(?:^[ \t]*\2[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_CAT = re.compile(r"\$\([ \t]*cat[ \t]*\Z")
_HELD = re.compile("\ue000(\\d+)\ue001")
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\\\n|(?<![^\s;&|(])\#[^\n]*)
      | (?P<redirect>\d*(?:>>?|<)(?:&[\d-]|[ \t]*[^\s;|&()<>'"]+)?|&>>?[ \t]*[^\s;|&()<>'"]*)
      | (?P<either>\|\|)
      | (?P<end>&&|;|\||&|\n|[(){}](?=\s|\)|\Z)|[()])
      | (?P<single>'[^']*')
      | (?P<double>"(?:[^"\\]|\\.)*")
      | (?P<plain>(?:\\.|[^\s'"\\;|&()<>])+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ASSIGNMENT = re.compile(r"\w+=.*", re.DOTALL)
_WRAPPERS = frozenset({"sudo", "time", "command", "env", "nohup", "exec", "builtin", "rtk"})


def commands(script: str, cwd: str | None = None) -> list[Command]:
    """The simple commands of a POSIX or PowerShell script in order, assignments and wrappers such as `sudo` left out.

    `cwd` is where the script starts; `cd` moves it. Here-documents count as one word where a `$(cat <<…)` hands them
    on, else they are input and left out. What a string holds is never read as a command.
    """
    held: list[str] = []
    found: list[Command] = []
    after_either = False
    for words, before_either in _split(_without_heredocs(script[:SCRIPT_CHARS], held)):
        run = _program(tuple(_HELD.sub(lambda at: _heldtext(held, at), word) for word in words))
        if run:
            found.append(Command(run, not (before_either or after_either), cwd))
            if run[0] == "cd" and len(run) > 1:
                cwd = resolved(run[1], cwd)
        after_either = before_either
    return found


def _heldtext(held: list[str], at: re.Match[str]) -> str:
    """What a placeholder stands for; a script that brought the characters along itself keeps them."""
    number = int(at[1])
    return held[number] if number < len(held) else at[0]


def _without_heredocs(script: str, held: list[str]) -> str:
    """`script` with a placeholder for each here-document that becomes a word; their texts go to `held`."""
    kept: list[str] = []
    start = 0
    while found := _HEREDOC.search(script, start):
        before = script[start : found.start()]
        caught = _CAT.search(before)
        end = found.end()
        if caught:
            before = before[: caught.start()] + f"\ue000{len(held)}\ue001"
            held.append(found[4].rstrip("\n"))
            closing = re.compile(r"\s*\)").match(script, end)
            end = closing.end() if closing else end
            kept.append(before)
        else:
            kept += (before, found[3], "\n")
        start = end
    return "".join((*kept, script[start:]))


def _split(script: str) -> Iterator[tuple[list[str], bool]]:
    """Words of each simple command, and whether `||` follows it."""
    words: list[str] = []
    joined = False
    for token in _TOKEN.finditer(script):
        kind = token.lastgroup
        if kind in ("end", "either"):
            yield words, kind == "either"
            words = []
        if kind in ("end", "either", "blank", "redirect"):
            joined = False
            continue
        text = _unquoted(kind, token[0])
        if joined:
            words[-1] += text
        else:
            words.append(text)
        joined = True
    yield words, False


def _unquoted(kind: str | None, token: str) -> str:
    if kind == "single":
        return token[1:-1]
    if kind == "double":
        return re.sub(r"\\([\"\\$`])", r"\1", token[1:-1])
    return re.sub(r"\\(.)", r"\1", token) if kind == "plain" else token


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    start = 0
    while start < len(words) and (words[start] in _WRAPPERS or _ASSIGNMENT.fullmatch(words[start])):
        start += 1
    return words[start:]


def resolved(path: str, cwd: str | None) -> str:
    """`path` seen from `cwd`, without touching a disk; unchanged when absolute or when `cwd` is unknown."""
    if cwd is None or path.startswith(("/", "~", "$")) or PureWindowsPath(path).drive:
        return path
    separator = "\\" if PureWindowsPath(cwd).drive else "/"
    parts = [part for part in re.split(r"[/\\]" if separator == "\\" else "/", cwd) if part]
    for step in path.split("/"):
        if step == "..":
            del parts[-1:]
        elif step not in ("", "."):
            parts.append(step)
    return ("/" if cwd.startswith("/") else "") + separator.join(parts)
