"""Locks between processes, on files. The kernel takes a lock back when the last process that shares it has ended."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def open_private(path: Path, flags: int) -> int:
    """A descriptor of the file `path`, made for its folder's owner alone if missing; links are refused."""
    file = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def try_lock(path: Path) -> int | None:
    """A descriptor that holds the only lock on `path` until closed by all who share it; None if it is taken."""
    file = open_private(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Holds the only lock on `path`, after waiting for it as long as it takes."""
    file = open_private(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
