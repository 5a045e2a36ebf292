"""Documents that a client does not send in full: automatic persisted queries and trusted documents.

An id comes as `documentId`, as the appendix "Persisted Documents" of GraphQL over HTTP has it, or as Apollo's
`extensions.persistedQuery`.
"""

import time
from collections.abc import Callable, Mapping
from sys import getsizeof

from domain.documents import is_id, plain, sha256_of
from domain.values import JsonObject
from resolvers.context import Services
from resolvers.documents import find_document
from resolvers.kept import Kept

NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"

MOST_KEPT = 1_000
MOST_BYTES = 8 * 2**20
LONGEST_BYTES = MOST_BYTES // 32
"""A longer text is not kept, so that a few callers cannot drive out what all others sent."""
TRUSTED_S = 30.0
"""A document that was removed may still be answered for so long."""
UNKNOWN_S = 2.0
"""A document that was just added may still be missed for so long."""


class NotPersisted(Exception):
    """There is no document to execute.

    `status` is that of an answer over HTTP. For PERSISTED_QUERY_NOT_FOUND it is 200, since clients that answer it with
    the full text do not all look into other answers; a media type that allows no 200 without `data` needs 400.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class Persisted:
    """Of one endpoint: what it was sent lately, and what it knows of the trusted documents.

    With `only_trusted` it lets nothing else pass. `own` are the server's own documents by SHA-256, trusted always.
    """

    def __init__(
        self,
        only_trusted: bool = False,
        clock: Callable[[], float] = time.monotonic,
        own: Mapping[str, str] | None = None,
    ) -> None:
        self._only_trusted = only_trusted
        self._own = own or {}
        self._clock = clock
        self._sent = _Shelf()
        self._trusted = _Shelf()
        self._unknown = _Shelf()

    async def text(
        self, services: Services, query: str | None, extensions: JsonObject | None, document_id: str | None
    ) -> str:
        """The document of a request: its `query`, once that has been checked, or what its id stands for.

        Raises NotPersisted.
        """
        id = _id(extensions) if document_id is None else document_id
        id = None if id is None else plain(id)
        if query:
            return await self._checked(services, query, id)
        if id is None:
            raise NotPersisted("BAD_REQUEST", "send a query, a documentId or extensions.persistedQuery", 400)
        return await self._found(services, id)

    async def _checked(self, services: Services, query: str, id: str | None) -> str:
        if id is None and not self._only_trusted:
            return query
        sha256 = sha256_of(query)
        if id not in (None, sha256) and await self._find_trusted(services, id) != query:
            raise NotPersisted(HASH_MISMATCH, "provided sha does not match query", 400)
        if self._only_trusted:
            if await self._find_trusted(services, sha256) != query:
                raise _not_trusted()
        elif id == sha256:
            self._sent.put(sha256, query, float("inf"))
        return query

    async def _found(self, services: Services, id: str) -> str:
        text = None if self._only_trusted else self._sent.get(id, self._clock())
        text = text or await self._find_trusted(services, id)
        if text is not None:
            return text
        if self._only_trusted:
            raise _not_trusted()
        raise NotPersisted(NOT_FOUND, "PersistedQueryNotFound", 200)

    async def _find_trusted(self, services: Services, id: str) -> str | None:
        """Whatever an id is kept for, it is looked for anew before the minute is over."""
        if id in self._own:
            return self._own[id]
        now = self._clock()
        text = self._trusted.get(id, now)
        if text is not None or not is_id(id) or self._unknown.get(id, now) is not None:
            return text
        text = await find_document(services, id)
        if text is None:
            self._unknown.put(id, "", now + UNKNOWN_S)
        else:
            self._trusted.put(id, text, now + TRUSTED_S)
        return text


def _id(extensions: JsonObject | None) -> str | None:
    """Apollo's: raises NotPersisted for what is not of version 1."""
    match (extensions or {}).get("persistedQuery"):
        case None:
            return None
        case {"version": 1, "sha256Hash": str(id)}:
            return id
        case {"version": int(version)} if version != 1:
            raise NotPersisted(NOT_SUPPORTED, "PersistedQueryNotSupported", 400)
        case _:
            raise NotPersisted("BAD_REQUEST", 'persistedQuery must be {"version": 1, "sha256Hash": "…"}', 400)


def _not_trusted() -> NotPersisted:
    return NotPersisted(NOT_TRUSTED, "this server answers only documents that were registered with it", 403)


class _Shelf:
    """Texts by id, each until its time."""

    def __init__(self) -> None:
        self._kept: Kept[str, tuple[str, float]] = Kept(MOST_BYTES)

    def get(self, id: str, now: float) -> str | None:
        text, until = self._kept.get(id) or (None, 0.0)
        return text if until > now else None

    def put(self, id: str, text: str, until: float) -> None:
        size = getsizeof(id) + getsizeof(text)
        if size <= LONGEST_BYTES:
            self._kept.put(id, (text, until), max(size, MOST_BYTES // MOST_KEPT))
