"""Transcript files on disk: which there are below a path, whose they are, and their lines one by one."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from domain.ingest.claude_code import agent_of_file
from domain.ingest.clean import MAX_LINE_BYTES
from domain.ingest.formats import FORMATS
from domain.ingest.reading import Format, Heading, Look, Origin, object_in
from domain.values import SessionId

_HEAD_LINES = 200
"""A file that shows no conversation in so many lines is no transcript."""
_HEAD_LINE_BYTES = 1_000_000
_HEAD_BYTES = 8 * 2**20
"""Nor is one that shows none in so many bytes: what they hold, once parsed, may take twenty times as much memory."""
_LATEST_S = 250_000_000_000
"""In the year 9892."""
_SUFFIXES = (".jsonl", ".json", ".md")
"""What is looked at below a folder; a file that is named itself may be called anything."""


@dataclass(frozen=True, slots=True)
class TranscriptFile:
    """A transcript and the format that knows it; without a time in it, it started when the file was written last."""

    path: Path
    size: int
    started_at: datetime
    format: Format
    origin: Origin


@dataclass(slots=True)
class Found:
    """Transcripts in the order they are read: main files by their start, each before its sub-agents."""

    files: list[TranscriptFile] = field(default_factory=list[TranscriptFile])
    ignored: list[Path] = field(default_factory=list[Path])
    unreadable: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])


def find(paths: Sequence[Path]) -> Found:
    """Every transcript at or below `paths`, each once; below a folder symbolic links to folders are not followed."""
    found = Found()
    candidates: dict[Path, None] = {}
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            found.unreadable.append((path, why(error)))
            continue
        candidates.update(dict.fromkeys(sorted(_below(path, found)) if is_folder else [path]))
    agents = agents_by_folder(candidates)
    for path in candidates:
        look_at(path, agents, found)
    found.files.sort(key=lambda file: (file.started_at, file.origin.agent_id is not None, str(file.path)))
    return found


def why(error: OSError) -> str:
    """In words, without the path."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    return error.strerror or type(error).__name__


def _below(folder: Path, found: Found) -> Iterator[Path]:
    """Without recursion: folders may be nested deeper than the stack."""
    todo = [folder]
    while todo:
        up = todo.pop()
        try:
            entries = list(os.scandir(up))
        except OSError as error:
            found.unreadable.append((up, why(error)))
            continue
        for entry in entries:
            if not _is_folder(entry):
                yield from [Path(entry)] if may_be_one(entry.name) else ()
            elif not entry.is_symlink():
                todo.append(Path(entry))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere, or may not be followed: reading it tells why
        return False


def may_be_one(name: str) -> bool:
    return name.endswith(_SUFFIXES) and not name.endswith(".meta.json")  # those stand beside a sub-agent's file


def agents_by_folder(paths: Iterable[Path]) -> dict[Path, set[str]]:
    """Sub-agents with files of their own, by the folder that their main file lies in or is named after."""
    agents: dict[Path, set[str]] = {}
    for path in paths:
        agent_id = agent_of_file(path)
        if agent_id is not None:
            home = next((up.parent for up in path.parents if up.name == "subagents"), path.parent)
            agents.setdefault(home, set()).add(agent_id)
    return agents


def agents_of(path: Path, agents: dict[Path, set[str]]) -> frozenset[str]:
    """The sub-agents that the main file `path` leaves to files of their own."""
    return frozenset(agents.get(path.parent, set()) | agents.get(path.with_suffix(""), set()))


def look_at(path: Path, agents: dict[Path, set[str]], found: Found) -> None:
    """Puts the file where it belongs in `found`."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # reading from a pipe or a device may never end
            found.unreadable.append((path, "no regular file"))
            return
        look = _look(path, facts.st_size)
    except OSError as error:
        found.unreadable.append((path, why(error)))
        return
    known = next(((format, head) for format in FORMATS if (head := format.heading(look)) is not None), None)
    if known is None:
        found.ignored.append(path)
        return
    found.files.append(_file(path, facts, *known, agents))


def _file(
    path: Path, facts: os.stat_result, format: Format, head: Heading, agents: dict[Path, set[str]]
) -> TranscriptFile:
    head = format.home(head, path) if format.home else head
    session_id = head.session_id or SessionId(os.fsencode(path.stem).decode(errors="replace"))
    written_at = _moment(facts.st_mtime)
    origin = Origin(session_id, head.agent_id, agents_of(path, agents), written_at)
    return TranscriptFile(path, facts.st_size, head.started_at or written_at, format, origin)


def _moment(seconds: float) -> datetime:
    """The nearest that a calendar holds: a file system takes what it is told."""
    return datetime.fromtimestamp(min(max(seconds, 0), _LATEST_S), UTC)


def _look(path: Path, size: int) -> Look:
    with path.open("rb") as file:
        lines = list(_head(file))
    is_list = len(lines) > 1 and object_in(lines[0]) is not None
    return Look(lines, None if is_list or size > MAX_LINE_BYTES else path.read_bytes())


def _head(file: BinaryIO) -> Iterator[bytes]:
    left = _HEAD_BYTES
    for _ in range(_HEAD_LINES):
        line = file.readline(min(_HEAD_LINE_BYTES, left))
        if not line:
            return
        left -= len(line)
        yield line


def pieces(file: TranscriptFile) -> Iterable[bytes]:
    """What its reader reads, one by one. Raises Unreadable for a file that has to be whole and is not."""
    split = file.format.split
    return lines(file.path) if split is None else split(file.path.read_bytes())


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file with their newlines, in constant memory: of an endless line only the beginning."""
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            rest = line
            while not rest.endswith(b"\n") and len(rest) > MAX_LINE_BYTES:
                rest = file.readline(MAX_LINE_BYTES + 1)
            yield line
