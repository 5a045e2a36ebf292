"""Which transcripts there may be below some folders, and whether they changed: asked again and again."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from persistence.transcripts import may_be_one


class Seen(NamedTuple):
    """A file as it was seen: what changes when somebody writes into it, or puts another in its place."""

    size: int
    mtime_ns: int
    inode: int


def sweep(roots: Sequence[Path], closed: Callable[[str, OSError], None] = lambda path, error: None) -> dict[str, Seen]:
    """Every file that may be a transcript at or below `roots`; a root that is missing may come yet. `closed` hears of
    each folder that cannot be read now.

    Polled, because no way to be told of changes reaches network drives and all systems, and a look at thousands of
    files takes a few hundredths of a second.
    """
    found: dict[str, Seen] = {}
    for root in map(str, roots):
        with suppress(OSError):
            facts = os.stat(root)  # noqa: PTH116 - a Path for each file would take most of the time
            if stat.S_ISDIR(facts.st_mode):
                found.update(_below(root, closed))
            elif stat.S_ISREG(facts.st_mode):
                found[root] = _seen(facts)
    return found


def is_folder(path: Path) -> bool:
    """False also for one that cannot be looked at now."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _below(folder: str, closed: Callable[[str, OSError], None]) -> Iterator[tuple[str, Seen]]:
    """Symbolic links to folders are not followed. What cannot be read now is left for the next time. Without recursion:
    folders may be nested deeper than the stack."""
    todo = [folder]
    while todo:
        up = todo.pop()
        try:
            entries = list(os.scandir(up))
        except OSError as error:
            closed(up, error)
            continue
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                elif may_be_one(entry.name):
                    facts = entry.stat()
                    if stat.S_ISREG(facts.st_mode):
                        yield entry.path, _seen(facts)


def _seen(facts: os.stat_result) -> Seen:
    return Seen(facts.st_size, facts.st_mtime_ns, facts.st_ino)
