"""Patches as models write them for the tool `apply_patch`, and what came of them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from domain.ingest import fields
from domain.ingest.edits import Change, Edit, added, compared, edit, removed
from domain.shell import resolved
from domain.values import JsonObject

BEGIN = "*** Begin Patch"
_END = "*** End Patch"
_FILE = re.compile(r"\*\*\* (Add|Update|Delete) File: (.+)")
_MOVE = re.compile(r"\*\*\* Move to: (.+)")
MOST_FILES = 2_000
"""Of one call; a patch of a few megabytes may name hundreds of thousands, and each would be an event."""
_CHANGES = {"Add": Change.CREATED, "Update": Change.CHANGED, "Delete": Change.DELETED}


@dataclass(slots=True)
class _Part:
    """What a patch does to one file."""

    change: Change
    path: str
    moved_to: str | None = None
    lines: list[str] = field(default_factory=list[str])


def patch_edits(patch: str, cwd: str | None) -> tuple[Edit, ...]:
    """The edits of a patch that was applied, paths seen from `cwd`; a move removes one file and creates another.

    What a removed file held is not known, nor at which lines the others were changed.
    """
    return tuple(one for part in _parts(patch) for one in _edits(part, cwd))


def change_edits(changes: JsonObject, cwd: str | None) -> tuple[Edit, ...]:
    """The edits that Codex itself reports, by path: all that was there and where, which the patch does not tell."""
    return tuple(
        one
        for path, change in islice(changes.items(), MOST_FILES)
        if isinstance(change, dict) and 0 < len(path) <= fields.PATH_CHARS
        for one in _reported(resolved(path, cwd), change, cwd)
    )


def files_of(patch: str) -> list[str]:
    """The files that a patch names, as it spells them."""
    return [part.path for part in _parts(patch)]


def _parts(patch: str) -> list[_Part]:
    parts: list[_Part] = []
    for line in patch[max(patch.find(BEGIN), 0) :].split("\n"):
        bare = line.rstrip()
        if bare == _END:
            break
        if header := _FILE.fullmatch(bare):
            if len(parts) == MOST_FILES:
                break
            parts.append(_Part(_CHANGES[header[1]], header[2]))
        elif parts and (move := _MOVE.fullmatch(bare)):
            parts[-1].moved_to = move[1]
        elif parts and not bare.startswith("*** "):
            parts[-1].lines.append(line)
    return [part for part in parts if len(part.path) <= fields.PATH_CHARS]


def _edits(part: _Part, cwd: str | None) -> Iterator[Edit]:
    path = resolved(part.path, cwd)
    match part.change:
        case Change.CREATED:
            content = "".join(line.removeprefix("+") + "\n" for line in part.lines if line.startswith("+"))
            yield edit(path, added(content), Change.CREATED, size_bytes=len(content.encode()))
        case Change.DELETED:
            yield edit(path, (), Change.DELETED)
        case Change.CHANGED:
            yield from _updated(path, part.moved_to and resolved(part.moved_to, cwd), _hunks(part.lines))


def _reported(path: str, change: JsonObject, cwd: str | None) -> Iterator[Edit]:
    content = fields.text(change, "content") or ""
    match change.get("type"):
        case "add":
            yield edit(path, added(content), Change.CREATED, size_bytes=len(content.encode()))
        case "delete":
            yield edit(path, removed(content), Change.DELETED)
        case "update":
            to = fields.path(change, "move_path")
            lines = (fields.text(change, "unified_diff") or "").removesuffix("\n").split("\n")
            yield from _updated(path, to and resolved(to, cwd), lines)
        case _:
            return


def _updated(path: str, to: str | None, lines: Iterable[str]) -> Iterator[Edit]:
    if to is None or to == path:
        yield edit(path, lines)
        return
    yield edit(path, (), Change.DELETED)
    yield edit(to, lines, Change.CREATED)


def _hunks(lines: Iterable[str]) -> Iterator[str]:
    """With headers as unified diffs have them; the first lines of a file may do without `@@`."""
    hunk: list[str] = []
    for line in lines:
        if line.startswith("@@"):
            yield from _hunk(hunk)
            hunk = []
        else:
            hunk.append(line)
    yield from _hunk(hunk)


def _hunk(lines: list[str]) -> Iterator[str]:
    """What really changed: models also write unchanged lines as removed and added. Where the hunk lies in the file is
    not told, so its lines are counted from its own beginning."""
    if any(line.startswith(("+", "-")) for line in lines):
        old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        yield from compared(old, new)
