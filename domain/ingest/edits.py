"""What was done to a file: the lines it gained and lost, as a unified diff."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum

DIFF_CHARS = 128 * 2**10
"""What is kept of a diff; the counts are those of the whole."""
_COMPARABLE = 500
"""Texts of more lines than this are not compared line by line, which takes quadratic time, but taken as replaced."""


class Change(StrEnum):
    """What became of the file."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Edit:
    """`diff` is a unified diff without file headers, cut at a line end when `truncated`; counts are of all lines.
    `path` is empty where it is not told."""

    path: str
    change: Change
    lines_added: int
    lines_removed: int
    diff: str
    truncated: bool
    revised_by_human: bool
    size_bytes: int | None


def edit(
    path: str,
    lines: Iterable[str],
    change: Change = Change.CHANGED,
    *,
    revised_by_human: bool = False,
    size_bytes: int | None = None,
) -> Edit:
    """The edit that the lines of a unified diff describe: `added`, `removed`, `compared`, or those of a patch."""
    diff = _diff(lines)
    return Edit(path, change, diff.added, diff.removed, diff.text, diff.truncated, revised_by_human, size_bytes)


def compared(old: str, new: str) -> Iterator[str]:
    """The diff of two texts."""
    before, after = lines_of(old), lines_of(new)
    if len(before) + len(after) > _COMPARABLE:
        yield f"@@ -1,{len(before)} +1,{len(after)} @@"
        yield from (f"-{line}" for line in before)
        yield from (f"+{line}" for line in after)
        return
    compared = unified_diff(before, after, lineterm="")
    yield from list(compared)[2:]  # without the two file headers


def added(content: str) -> Iterator[str]:
    """The diff of a text that was not there before."""
    lines = lines_of(content)
    if lines:
        yield f"@@ -0,0 +1,{len(lines)} @@"
        yield from (f"+{line}" for line in lines)


def removed(content: str) -> Iterator[str]:
    """The diff of a text that is not there any more."""
    lines = lines_of(content)
    if lines:
        yield f"@@ -1,{len(lines)} +0,0 @@"
        yield from (f"-{line}" for line in lines)


def of_patch(patch: str) -> Iterator[str]:
    """The diff of one file in a patch, without its headers."""
    lines = lines_of(patch)
    first = next((at for at, line in enumerate(lines) if line.startswith("@@")), len(lines))
    yield from lines[first:]


def lines_of(text: str) -> list[str]:
    """The lines of a file; a newline at its end opens no further line."""
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else lines


@dataclass(frozen=True, slots=True)
class _Diff:
    text: str
    added: int
    removed: int
    truncated: bool


def _diff(lines: Iterable[str]) -> _Diff:
    """Counts all lines and keeps the first ones, up to DIFF_CHARS characters."""
    kept: list[str] = []
    added = removed = 0
    room = DIFF_CHARS
    for line in lines:
        added += line.startswith("+")
        removed += line.startswith("-")
        room -= len(line) + 1
        if room >= 0:
            kept.append(line)
    return _Diff("\n".join(kept), added, removed, room < 0)
