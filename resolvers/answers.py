"""Finished answers, kept with the revision of the figures that they rest on."""

from collections.abc import Hashable
from uuid import UUID

from resolvers.kept import Kept

_MOST_BYTES = 32 * 2**20
_BESIDE_BYTES = 1_000
"""About what an answer takes beside its text."""


class Answers:
    """Those of this process. Under one revision a question has one answer, whenever and by whom it is asked."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._kept: Kept[Hashable, tuple[UUID, bytes]] = Kept(most_bytes)

    def get(self, asked: Hashable, revision: UUID) -> bytes | None:
        found = self._kept.get(asked)
        return found[1] if found is not None and found[0] == revision else None

    def put(self, asked: Hashable, revision: UUID, text: bytes) -> None:
        """Instead of what was kept under another revision."""
        self._kept.put(asked, (revision, text), len(text) + _BESIDE_BYTES)
