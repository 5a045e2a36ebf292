"""What an editing tool of Claude Code did to a file."""

from collections.abc import Iterator

from domain.ingest import fields
from domain.ingest.edits import Change, Edit, added, compared, edit
from domain.values import JsonObject, JsonValue

EDITORS = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})


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
    lines = added(content) if created else _changed(arguments, outcome, content if writes else None)
    return edit(
        path,
        lines,
        Change.CREATED if created else Change.CHANGED,
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
        yield from added(_text(arguments, "new_source")) if arguments.get("edit_mode") != "delete" else ()
    elif content is not None:
        yield from added(content)
    else:
        for edit in fields.records(arguments.get("edits")) or [arguments]:
            yield from compared(_text(edit, "old_string"), _text(edit, "new_string"))


def _patch_lines(hunks: JsonValue) -> Iterator[str]:
    for hunk in fields.records(hunks):
        spans = [fields.whole(hunk, key) or 0 for key in ("oldStart", "oldLines", "newStart", "newLines")]
        yield "@@ -{},{} +{},{} @@".format(*spans)
        yield from fields.strings(hunk.get("lines"))


def _text(source: JsonObject, key: str) -> str:
    return fields.text(source, key) or ""
