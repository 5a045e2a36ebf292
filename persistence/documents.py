"""Trusted documents: GraphQL texts that a front end's build has registered, by every id that clients know them by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain.documents import TrustedDocument
from persistence.database import Owning, Reading, Row, metadata

# No tenant's table: a front end is built once for everybody who uses it. A row holds what a build wrote, nothing of a
# caller. Requests only read it: the owner, and so whoever operates the server, says what is trusted.
trusted_documents = sa.Table(
    "trusted_documents",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("operations", ARRAY(sa.Text), nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
)

_ROW = trusted_documents.c
_FIND = sa.select(_ROW.text).where(_ROW.id == sa.bindparam("id"))


async def find_text(db: Reading, id: str) -> str | None:
    """The text that this id stands for."""
    row = await db.row(_FIND, {"id": id})
    return None if row is None else row["text"]


async def documents(db: Reading) -> list[TrustedDocument]:
    """All of them, the oldest first."""
    found: dict[str, TrustedDocument] = {}
    for row in await db.rows(sa.select(trusted_documents).order_by(_ROW.added_at, _ROW.sha256, _ROW.id)):
        first = found.get(row["sha256"]) or _document(row)
        found[first.sha256] = replace(first, ids=first.ids | {row["id"]})
    return list(found.values())


def _document(row: Row) -> TrustedDocument:
    ids = frozenset({row["id"]})
    return TrustedDocument(row["sha256"], row["text"], tuple(row["operations"]), ids, row["added_at"])


async def lock(db: Owning) -> None:
    """Has other writers wait for the end of the transaction; readers do not notice."""
    await db.execute(sa.text("LOCK TABLE trusted_documents IN SHARE ROW EXCLUSIVE MODE"))


async def sha256_by_id(db: Reading, ids: Iterable[str]) -> Mapping[str, str]:
    """Of those that are taken: the SHA-256 of the text that each stands for."""
    query = sa.select(_ROW.id, _ROW.sha256).where(_ROW.id == sa.any_(sa.cast(list(ids), ARRAY(sa.Text))))
    return {row["id"]: row["sha256"] for row in await db.rows(query)}


async def save(db: Owning, new: Sequence[TrustedDocument]) -> None:
    """Stores each under all of its `ids`, of which none may be taken."""
    if rows := [_row(document, id) for document in new for id in sorted(document.ids)]:
        await db.execute(sa.insert(trusted_documents), rows)


def _row(document: TrustedDocument, id: str) -> dict[str, object]:
    return {
        "id": id,
        "sha256": document.sha256,
        "text": document.text,
        "operations": list(document.operations),
        "added_at": document.added_at,
    }


async def delete(db: Owning, sha256: Iterable[str]) -> int:
    """Removes documents, under all of their ids; how many there were."""
    these = _ROW.sha256 == sa.any_(sa.cast(list(sha256), ARRAY(sa.Text)))
    rows = await db.rows(sa.delete(trusted_documents).where(these).returning(_ROW.sha256))
    return len({row["sha256"] for row in rows})
