"""Which transcripts there may be below some folders, and whether they changed: asked again and again."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from persistence.transcripts import may_be_one


class Seen(NamedTuple):
    """A file as it was seen: what changes when somebody writes into it, or puts another in its place."""

    size: int
    mtime_ns: int
    inode: int


def sweep(roots: Sequence[Path]) -> dict[str, Seen]:
    """Every file that may be a transcript at or below `roots`; a root that is missing may come yet.

    Polled, because no way to be told of changes reaches network drives and all systems, and a look at thousands of
    files takes a few hundredths of a second.
    """
    found: dict[str, Seen] = {}
    for root in map(str, roots):
        with suppress(OSError):
            facts = os.stat(root)  # noqa: PTH116 - a Path for each file would take most of the time
            if stat.S_ISDIR(facts.st_mode):
                found.update(_below(root))
            elif stat.S_ISREG(facts.st_mode):
                found[root] = _seen(facts)
    return found


def _below(folder: str) -> Iterator[tuple[str, Seen]]:
    """Symbolic links to folders are not followed. What cannot be read now is left for the next time."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        with suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path)
            elif may_be_one(entry.name):
                facts = entry.stat()
                if stat.S_ISREG(facts.st_mode):
                    yield entry.path, _seen(facts)


def _seen(facts: os.stat_result) -> Seen:
    return Seen(facts.st_size, facts.st_mtime_ns, facts.st_ino)
