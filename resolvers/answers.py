"""Finished answers, kept with the revision of the figures that they rest on."""

from collections.abc import Hashable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from resolvers.kept import Kept

_MOST_BYTES = 32 * 2**20
_BESIDE_BYTES = 1_000
"""About what an answer takes beside its text."""


class Answer(NamedTuple):
    """`text` holds under this revision, from one moment until before another."""

    revision: UUID
    start: datetime
    end: datetime
    text: bytes


class Answers:
    """Those of this process: the last one of each question."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._kept: Kept[Hashable, Answer] = Kept(most_bytes)

    def get(self, asked: Hashable, revision: UUID, now: datetime) -> bytes | None:
        found = self._kept.get(asked)
        if found is None or found.revision != revision or not found.start <= now < found.end:
            return None
        return found.text

    def put(self, asked: Hashable, answer: Answer) -> None:
        self._kept.put(asked, answer, len(answer.text) + _BESIDE_BYTES)
