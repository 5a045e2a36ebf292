"""What an arc did to its files, and which files its events name (domain reference, sections 4.2 and 9)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from posixpath import normpath

from domain.judging import commands
from domain.judging.records import FileEdits
from domain.judging.text import lexicon
from domain.shell import resolved
from domain.timeline import Event, Kind
from domain.values import JsonValue

_EDIT_TOOLS = lexicon(
    """edit multiedit write notebookedit apply_patch write_file edit_file create_file replace search_replace
    str_replace_editor"""
)
"""Tools that change files, in lower case: the four of section 5.1 and what other agents call them."""

MAX_LINES = 5_000
"""So many lines of one file are remembered of what an arc added to it, and as many of what it removed."""

FILE_KINDS = frozenset((Kind.FILE_DIFF, Kind.FILE_CREATE, Kind.FILE_DELETE))
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_PATTERN = re.compile(r"[*?$~{\[]")
_SCRATCH = ("/tmp/", "/private/tmp/", "/var/folders/")  # noqa: S108 - only read, to leave such paths out
_PATH_INPUTS = ("file_path", "filePath", "notebook_path", "absolute_path", "target_file", "path")


@dataclass(slots=True)
class _File:
    """The net effect on one file so far. `existed`: before the arc; None until an event tells."""

    added: int = 0
    removed: int = 0
    existed: bool | None = None
    present: bool = True
    restored: bool = False
    added_lines: set[int] = field(default_factory=set[int])
    removed_lines: set[int] = field(default_factory=set[int])

    def be(self, present: bool, existed: bool = True) -> None:
        """The file is there or not from now on; where nothing told before, it `existed` before the arc or not."""
        self.existed = existed if self.existed is None else self.existed
        self.present = present

    def add(self, line: int) -> None:
        """A line that was there before the arc and comes back is no line of the arc."""
        if line in self.removed_lines:
            self.removed_lines.discard(line)
        elif len(self.added_lines) < MAX_LINES:
            self.added_lines.add(line)

    def remove(self, line: int) -> None:
        """A line that the arc itself added and takes back was never there."""
        if line in self.added_lines:
            self.added_lines.discard(line)
        elif len(self.removed_lines) < MAX_LINES:
            self.removed_lines.add(line)

    def restore(self) -> None:
        self.be(present=True)
        self.restored = True
        self.added_lines.clear()
        self.removed_lines.clear()

    def edits(self, path: str) -> FileEdits:
        return FileEdits(
            path,
            self.added,
            self.removed,
            created=self.existed is False and self.present,
            deleted=self.existed is not False and not self.present,
            restored=self.restored,
            added_lines=frozenset(self.added_lines if self.present else ()),
            removed_lines=frozenset(self.removed_lines),
        )


def file_edits(events: Sequence[Event]) -> tuple[FileEdits, ...]:
    """The net effect of `events` (in order) on each file they changed, by path.

    Lines are known where an event brings a diff or the content of a new file. Deleted and restored files are read
    from git actions and from shell commands that did not fail, a call of an editing tool counts where no event
    tells what came of it.
    """
    files: dict[str, _File] = defaultdict(_File)
    told = {event.call_id for event in events if event.kind in FILE_KINDS or event.succeeded is False}
    on_git = {event.call_id for event in events if event.kind is Kind.GIT_ACTION}
    for event in events:
        known = event.call_id is not None and event.call_id in (on_git if event.kind is Kind.COMMAND else told)
        if event.kind in FILE_KINDS:
            _apply(files, event)
        elif event.git_action in ("checkout", "restore"):
            _restore(files, [clean_path(path) for path in _strings(event.data.get("paths"))], None)
        elif event.kind is Kind.COMMAND and not event.failed:
            line, cwd = commands.line_of(event), event.text("cwd")
            _remove(files, _certain(commands.removed_paths(line, cwd)), cwd)
            _restore(files, [] if known else _certain(commands.restored_paths(line, cwd)), cwd)
        elif event.kind is Kind.TOOL_USE and of_edit_tool(event) and not known:
            for path in paths_of(event):
                files[path].be(present=True)
    return tuple(file.edits(path) for path, file in sorted(files.items()))


def of_edit_tool(event: Event) -> bool:
    """Whether the tool that the event is about changes files."""
    return (event.tool or "").lower() in _EDIT_TOOLS


def line_counts(event: Event) -> tuple[int, int]:
    """Lines that a file event added and removed: as it says, else counted from its diff or content."""
    added = removed = 0
    if event.lines_added is None or event.lines_removed is None:
        for is_added, _ in _changed_lines(event):
            added, removed = added + is_added, removed + (not is_added)
    return (
        added if event.lines_added is None else event.lines_added,
        removed if event.lines_removed is None else event.lines_removed,
    )


def paths_of(event: Event) -> tuple[str, ...]:
    """The files an event names as facts, read or changed: its path, its `files` and `paths`, its call's input."""
    named = [event.path] if event.path else []
    named += _strings(event.data.get("files")) + _strings(event.data.get("paths"))
    given = event.data.get("input")
    if not named and isinstance(given, dict) and event.kind is Kind.TOOL_USE:
        named = _strings([given.get(key) for key in _PATH_INPUTS])[:1]
    return tuple(dict.fromkeys(clean_path(path) for path in named))


def clean_path(path: str) -> str:
    """One spelling for a path: slashes, no `./` and no doubled slashes."""
    return normpath(path.strip().replace("\\", "/"))


def line_digest(line: str) -> int:
    """64 bits, signed, of a line without its white space: a formatter that only spaces it differently keeps it."""
    return int.from_bytes(blake2b("".join(line.split()).encode(errors="replace"), digest_size=8).digest(), signed=True)


def _apply(files: dict[str, _File], event: Event) -> None:
    path = event.path or next(iter(paths_of(event)), None)
    if path is None:
        return
    file = files[clean_path(path)]
    file.be(present=event.kind is not Kind.FILE_DELETE, existed=event.kind is not Kind.FILE_CREATE)
    added, removed = line_counts(event)
    file.added += added
    file.removed += removed
    for is_added, line in _changed_lines(event):
        if line.strip():
            (file.add if is_added else file.remove)(line_digest(line))


def _remove(files: dict[str, _File], paths: list[str], cwd: str | None) -> None:
    for name in _meant(files, paths, cwd):
        files[name].be(present=False)


def _restore(files: dict[str, _File], paths: list[str], cwd: str | None) -> None:
    for name in _meant(files, paths, cwd):
        files[name].restore()


def _meant(files: dict[str, _File], paths: list[str], cwd: str | None) -> list[str]:
    """The files that paths of a command mean: those known to the arc, else those that look like the project's.

    Known ones with a relative path are seen from `cwd` as well. Work in a scratch folder is the project.
    """
    places = {name: name if name.startswith("/") else clean_path(resolved(name, cwd)) for name in files}
    strange = () if cwd and cwd.startswith(_SCRATCH) else _SCRATCH
    found: list[str] = []
    for path in paths:
        unknown = [path] if _looks_like_file(path) and not path.startswith(strange) else []
        found += _at(places, path) or unknown
    return found


def _at(places: dict[str, str], path: str) -> list[str]:
    """The files known by a path, by a longer spelling of it, or below it."""
    folder = "" if path == "." else path + "/"
    known = [name for name, place in places.items() if place == path or place.startswith(folder)]
    if not known and not path.startswith("/"):
        known = [name for name in places if name.endswith("/" + path)]
    return known


def _looks_like_file(path: str) -> bool:
    return "." in path.rpartition("/")[2].strip(".")


def _certain(paths: tuple[str, ...]) -> list[str]:
    """Paths of a command line, patterns and variables left out."""
    return [clean_path(path) for path in paths if path and not _PATTERN.search(path)]


def _changed_lines(event: Event) -> Iterator[tuple[bool, str]]:
    """(True, line) for each line that a file event added, (False, line) for each that it removed."""
    diff, content = event.data.get("diff"), event.data.get("content")
    if isinstance(diff, str):
        yield from _diff_lines(diff)
    elif isinstance(content, str) and event.kind is Kind.FILE_CREATE:
        yield from ((True, line) for line in content.removesuffix("\n").split("\n") if content)


def _diff_lines(diff: str) -> Iterator[tuple[bool, str]]:
    """The changed lines of a unified diff, with or without file headers; of a bare one without hunks, too."""
    old = new = 0
    for line in diff.split("\n"):
        if hunk := _HUNK.match(line):
            old, new = int(hunk[1] or 1), int(hunk[2] or 1)
        elif line.startswith(("--- ", "+++ ")) and old <= 0 and new <= 0:
            continue
        elif line.startswith("+"):
            new -= 1
            yield True, line[1:].removesuffix("\r")
        elif line.startswith("-"):
            old -= 1
            yield False, line[1:].removesuffix("\r")
        elif not line.startswith("\\"):
            old, new = old - 1, new - 1


def _strings(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str) and item] if isinstance(value, list) else []
