"""What an agent said and did within one message of a SpecStory file: prose, calls of tools, commands, changes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOOL = re.compile(r'<tool-use data-tool-type="([\w-]{0,64})" data-tool-name="([^"]{1,255})"><details>')
_TOOL_END = "</details></tool-use>"
_SUMMARY = re.compile(r"\s*<summary>(.*?)</summary>\s*", re.DOTALL)
_THOUGHT, _THOUGHT_END = "<think>", "</think>"
_FENCE = re.compile(r"(`{3,})([^`]*)")
_RULE = "---"


@dataclass(frozen=True, slots=True)
class Said:
    """Prose, which may hold code."""

    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code; `name` is what stands behind the backticks."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Used:
    """A call of a tool: its type and name are empty where SpecStory did not write them yet."""

    type: str
    name: str
    summary: str
    body: str

    @property
    def fences(self) -> list[Fence]:
        return fences(self.body)


Block = Said | Used


def fences(text: str) -> list[Fence]:
    """The blocks of code in `text`; one that does not end is none."""
    return _scanned(text)[0]


def _scanned(text: str) -> tuple[list[Fence], bool]:
    """The blocks of code, and whether anything stands beside them."""
    found: list[Fence] = []
    beside, opened = False, None
    lines: list[str] = []
    for line in text.split("\n"):
        if opened is None:
            opened = _FENCE.fullmatch(line.rstrip())
            beside = beside or (opened is None and bool(line.strip()))
        elif _closes(line, opened[1]):
            lines.append(line.rstrip().removesuffix(opened[1]))
            lines = lines if lines[-1] else lines[:-1]
            found.append(Fence(opened[2].strip(), "\n".join(lines)))
            opened, lines = None, []
        else:
            lines.append(line)
    return found, beside or opened is not None


def blocks(text: str) -> list[Block]:
    """What a message holds, in its order; thoughts are left out."""
    return [block for part in _cut(_without_thoughts(text).split("\n")) for block in _block(part)]


def _without_thoughts(text: str) -> str:
    kept: list[str] = []
    at = 0
    while (start := text.find(_THOUGHT, at)) >= 0 and (end := text.find(_THOUGHT_END, start)) >= 0:
        kept.append(text[at:start])
        at = end + len(_THOUGHT_END)
    return "".join(kept) + text[at:]


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """Each call for itself, and what stands between rules; a rule within a call or code is text."""
    part: list[str] = []
    end: str | None = None
    for line in lines:
        opened = _end_of(line) if end is None else None
        if end is None and (line.strip() == _RULE or opened in (_TOOL_END, "</details>")):
            yield "\n".join(part)
            part = []
        if end is not None or line.strip() != _RULE:
            part.append(line)
        closed = end is not None and _closes(line, end)
        if closed and end is not None and not end.startswith("`"):
            yield "\n".join(part)
            part = []
        end = None if closed else end or opened
    yield "\n".join(part)


def _end_of(line: str) -> str | None:
    """How what begins with this line will end."""
    if _TOOL.match(line):
        return _TOOL_END
    if line.startswith("<details>") and "</details>" not in line:
        return "</details>"
    fence = _FENCE.fullmatch(line.rstrip())
    return fence[1] if fence else None


def _closes(line: str, end: str) -> bool:
    """Code may end within a line: old files do not care whether what they show ends with a newline."""
    bare = line.rstrip()
    return bare == end or (bare.endswith(end) and not bare.startswith("`"))


def _block(part: str) -> Iterator[Block]:
    bare = part.strip()
    tool = _TOOL.match(bare)
    if tool or bare.startswith("<details>"):
        inner = bare[tool.end() if tool else len("<details>") :]
        inner = inner.removesuffix("</tool-use>").removesuffix("</details>")
        summary = _SUMMARY.match(inner)
        type, name = (tool[1], tool[2]) if tool else ("", "")
        yield Used(type, name, summary[1].strip() if summary else "", inner[summary.end() if summary else 0 :])
    elif only := _code_alone(bare):
        yield only
    elif bare:
        yield Said(bare)


def _code_alone(bare: str) -> Used | None:
    """Commands with their output and changes of files, as old files have them: nothing but code between two rules."""
    found, beside = _scanned(bare)
    if not found or beside:
        return None
    if [fence.name for fence in found] == ["bash", ""]:
        return Used("shell", "run_terminal_cmd", "", bare)
    return Used("write", "edit_file", "", bare) if all(fence.name == "diff" for fence in found) else None
