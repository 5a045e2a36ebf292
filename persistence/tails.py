"""Following a file that grows: its whole lines, from where one stopped."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from domain.ingest.clean import MAX_LINE_BYTES

_KNOWN_BYTES = 512


class Tail:
    """How far a file was read: `offset` bytes that are `lines` whole lines, and `digest` of all of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self.lines = 0
        self._sum = sha256()
        self._last = b""

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()

    def whole_lines(self, end: int | None = None) -> Iterator[bytes]:
        """The lines from here on, up to the byte `end`; a last one without its newline is still being written.

        Of an endless line only the beginning is given. What was given counts as read.
        """
        with self.path.open("rb") as file:
            file.seek(self.offset)
            while (end is None or self.offset < end) and (line := self._next(file)) is not None:
                yield line

    def _next(self, file: BinaryIO) -> bytes | None:
        so_far, size = self._sum.copy(), 0
        line = piece = file.readline(MAX_LINE_BYTES + 1)
        while piece:
            so_far.update(piece)
            size += len(piece)
            if piece.endswith(b"\n"):
                self._sum, self._last = so_far, piece[-_KNOWN_BYTES:]
                self.offset, self.lines = self.offset + size, self.lines + 1
                return line
            piece = file.readline(MAX_LINE_BYTES + 1)
        return None

    def rest(self) -> bytes:
        """What follows the last newline, or its beginning."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.readline(MAX_LINE_BYTES + 1)

    def stands(self) -> bool:
        """Whether the file still holds, where it was read last, what was read there: nobody cut or rewrote it."""
        with self.path.open("rb") as file:
            file.seek(self.offset - len(self._last))
            return file.read(len(self._last)) == self._last
