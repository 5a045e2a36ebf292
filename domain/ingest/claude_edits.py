"""What an editing tool did to a file: the lines it added and removed, as a unified diff."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff

from domain.ingest import fields
from domain.values import JsonObject, JsonValue

EDITORS = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
DIFF_CHARS = 128 * 2**10
"""What is kept of a diff; the counts are those of the whole."""
_COMPARABLE = 500
"""Texts of more lines than this are not compared line by line, which takes quadratic time, but taken as replaced."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`diff` is a unified diff without file headers, cut at a line end when `truncated`; counts are of all lines."""

    path: str
    created: bool
    lines_added: int
    lines_removed: int
    diff: str
    truncated: bool
    revised_by_human: bool
    size_bytes: int | None


def edit_of(arguments: JsonObject, outcome: JsonObject, answer: str) -> Edit | None:
    """The edit a successful call made; None where no file is named.

    `outcome` is the structured result where the version writes one; else the diff follows from the `arguments` and
    `answer`, the text the tool returned. Of a replaced notebook cell only the new lines are known.
    """
    path = fields.path(outcome, "filePath") or file_of(outcome) or file_of(arguments)
    if path is None:
        return None
    content = fields.text(outcome, "content") or fields.text(arguments, "content") or ""
    writes = "content" in outcome or "content" in arguments
    created = writes and _creates(outcome, answer)
    lines = _added(content) if created else _changed(arguments, outcome, content if writes else None)
    diff = _diff(lines)
    return Edit(
        path=path,
        created=created,
        lines_added=diff.added,
        lines_removed=diff.removed,
        diff=diff.text,
        truncated=diff.truncated,
        revised_by_human=fields.flag(outcome, "userModified"),
        size_bytes=len(content.encode()) if writes else None,
    )


def file_of(arguments: JsonObject) -> str | None:
    """The file that a call names; folders searched by Grep, Glob and LS are no files."""
    return fields.path(arguments, "file_path") or fields.path(arguments, "notebook_path")


def _creates(outcome: JsonObject, answer: str) -> bool:
    kind = fields.text(outcome, "type")
    return kind == "create" if kind else answer.startswith("File created")


def _changed(arguments: JsonObject, outcome: JsonObject, content: str | None) -> Iterator[str]:
    hunks = outcome.get("structuredPatch")
    if isinstance(hunks, list):
        yield from _patch_lines(hunks)
    elif "new_source" in arguments:
        yield from _added(_text(arguments, "new_source")) if arguments.get("edit_mode") != "delete" else ()
    elif content is not None:
        yield from _added(content)
    else:
        for edit in fields.records(arguments.get("edits")) or [arguments]:
            yield from _compared(_text(edit, "old_string"), _text(edit, "new_string"))


def _patch_lines(hunks: JsonValue) -> Iterator[str]:
    for hunk in fields.records(hunks):
        spans = [fields.whole(hunk, key) or 0 for key in ("oldStart", "oldLines", "newStart", "newLines")]
        yield "@@ -{},{} +{},{} @@".format(*spans)
        yield from fields.strings(hunk.get("lines"))


def _compared(old: str, new: str) -> Iterator[str]:
    before, after = lines_of(old), lines_of(new)
    if len(before) + len(after) > _COMPARABLE:
        yield f"@@ -1,{len(before)} +1,{len(after)} @@"
        yield from (f"-{line}" for line in before)
        yield from (f"+{line}" for line in after)
        return
    compared = unified_diff(before, after, lineterm="")
    yield from list(compared)[2:]  # without the two file headers


def _added(content: str) -> Iterator[str]:
    lines = lines_of(content)
    if lines:
        yield f"@@ -0,0 +1,{len(lines)} @@"
        yield from (f"+{line}" for line in lines)


def lines_of(text: str) -> list[str]:
    """The lines of a file; a newline at its end opens no further line."""
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else lines


def _text(source: JsonObject, key: str) -> str:
    return fields.text(source, key) or ""


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
