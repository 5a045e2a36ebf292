"""How far each transcript was sent and acknowledged: kept in one file, so that a watcher goes on where it stopped."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from persistence.file_locks import open_private, try_lock

_VERSION = 1


class Place(NamedTuple):
    """The server has all that the first `offset` bytes tell by themselves: `lines` lines, whose SHA-256 is `digest`.

    `size` and `mtime_ns` are those of a file that rested, of which the server has everything; -1 before.
    """

    offset: int = 0
    lines: int = 0
    digest: str = ""
    size: int = -1
    mtime_ns: int = -1


_PLACES: TypeAdapter[dict[str, Place]] = TypeAdapter(dict[str, Place])


class Busy(Exception):
    """Another watcher uses this file."""


class Places:
    """Places by the paths of their files; a path may be any bytes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._places = _read(file)
        self._saved = True

    def get(self, path: str) -> Place:
        return self._places.get(path, Place())

    def put(self, path: str, place: Place) -> None:
        self._places[path], self._saved = place, False

    def keep_only(self, wanted: Callable[[str], bool]) -> None:
        gone = [path for path in self._places if not wanted(path)]
        for path in gone:
            del self._places[path]
        self._saved = self._saved and not gone

    def save(self) -> None:
        """Puts a new file in the place of the old one, which stays whole until then."""
        if self._saved:
            return
        listed = {_text(path): [*place] for path, place in self._places.items()}
        new = self._file.with_name(self._file.name + ".new")
        descriptor = open_private(new, os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps({"version": _VERSION, "places": listed}))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._saved = True


@contextmanager
def open_places(file: Path) -> Generator[Places]:
    """The places in `file`, for one watcher at a time. Raises Busy. Leaving saves them."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = try_lock(file.with_name(file.name + ".lock"))
    if lock is None:
        raise Busy(f"another watcher is at work: {file}")
    try:
        places = Places(file)
        try:
            yield places
        finally:
            places.save()
    finally:
        os.close(lock)


def _read(file: Path) -> dict[str, Place]:
    """Nothing if there is no such file, or none that can be read: then everything is sent again, which adds nothing."""
    try:
        told = orjson.loads(file.read_bytes())
        places = _PLACES.validate_python(told["places"] if told["version"] == _VERSION else {})
        return {_path(text): place for text, place in places.items()}
    except (FileNotFoundError, ValueError, TypeError, KeyError, ValidationError):
        return {}


def _text(path: str) -> str:
    """JSON has no lone surrogates, which stand for bytes that are no UTF-8."""
    return os.fsencode(path).decode("latin-1")


def _path(text: str) -> str:
    return os.fsdecode(text.encode("latin-1"))
