"""Uploaded transcripts: what came, and its bytes in pieces for as long as they wait to be read."""

from dataclasses import asdict
from datetime import datetime
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from domain.media import Processing, Upload, UploadId
from domain.values import KeyId, OrgId, SessionId, UserId
from persistence.database import Reading, Row, Writing, metadata

PIECE_BYTES = 2**20

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("key_id", UUID, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", BYTEA, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("problem", sa.Text),
    # What it was read into.
    sa.Column("session_id", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("uploads_of_user", "org_id", "user_id"),
    sa.Index("uploads_of_session", "org_id", "session_id"),
)

upload_pieces = sa.Table(
    "upload_pieces",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("upload_id", UUID, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("body", BYTEA, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "upload_id", "position"),
    sa.ForeignKeyConstraint(["org_id", "upload_id"], ["uploads.org_id", "uploads.id"], ondelete="CASCADE"),
    sa.Index("upload_pieces_of_user", "org_id", "user_id"),
)


def _upload(row: Row) -> Upload:
    return Upload(
        id=UploadId(row["id"]),
        user_id=UserId(row["user_id"]),
        key_id=KeyId(row["key_id"]),
        label=row["label"],
        name=row["name"],
        content_type=row["content_type"],
        size=row["size"],
        sha256=row["sha256"],
        status=Processing(row["status"]),
        created_at=row["created_at"],
        session_id=None if row["session_id"] is None else SessionId(row["session_id"]),
        problem=row["problem"],
    )


async def save(db: Writing, org_id: OrgId, upload: Upload, body: BinaryIO) -> None:
    """A new upload with its bytes, read a piece at a time."""
    await db.execute(sa.insert(uploads).values(org_id=org_id, **asdict(upload)))
    position = 0
    while piece := body.read(PIECE_BYTES):
        values = {"org_id": org_id, "upload_id": upload.id, "position": position, "user_id": upload.user_id}
        await db.execute(sa.insert(upload_pieces).values(body=piece, **values))
        position += 1


def _one(org_id: OrgId, id: UploadId) -> sa.ColumnElement[bool]:
    return sa.and_(uploads.c.org_id == org_id, uploads.c.id == id)


async def find(db: Reading, org_id: OrgId, id: UploadId) -> Upload | None:
    row = await db.row(sa.select(uploads).where(_one(org_id, id)))
    return None if row is None else _upload(row)


async def waiting_bytes(db: Reading, org_id: OrgId) -> int:
    """About how much of an organisation waits to be read: only what does has pieces."""
    query = sa.select(sa.func.count().label("n")).where(upload_pieces.c.org_id == org_id)
    return (await db.rows(query))[0]["n"] * PIECE_BYTES


async def piece(db: Reading, org_id: OrgId, id: UploadId, position: int) -> bytes | None:
    """None behind the last one."""
    at = (upload_pieces.c.org_id == org_id, upload_pieces.c.upload_id == id, upload_pieces.c.position == position)
    row = await db.row(sa.select(upload_pieces.c.body).where(*at))
    return None if row is None else row["body"]


async def begin(db: Writing, org_id: OrgId, id: UploadId) -> Upload | None:
    """It is being read; None where it is gone, or was read already."""
    begun = sa.update(uploads).where(_one(org_id, id), uploads.c.status.in_(_WAITING))
    row = await db.row(begun.values(status=Processing.PROCESSING).returning(uploads))
    return None if row is None else _upload(row)


_WAITING = (Processing.PENDING, Processing.PROCESSING)


async def complete(db: Writing, org_id: OrgId, id: UploadId, session_id: SessionId) -> None:
    await _end(db, org_id, id, status=Processing.COMPLETED, session_id=session_id)


async def fail(db: Writing, org_id: OrgId, id: UploadId, problem: str) -> None:
    await _end(db, org_id, id, status=Processing.FAILED, problem=problem)


async def _end(db: Writing, org_id: OrgId, id: UploadId, **values: object) -> None:
    """Its bytes go: what was good of them is stored as a session, without its secrets."""
    await db.execute(sa.update(uploads).where(_one(org_id, id), uploads.c.status.in_(_WAITING)).values(**values))
    mine = sa.and_(upload_pieces.c.org_id == org_id, upload_pieces.c.upload_id == id)
    await db.execute(sa.delete(upload_pieces).where(mine))


async def forget_old(db: Writing, org_id: OrgId, before: datetime) -> None:
    """Those that led to no session, which would take them along when it goes."""
    unread = sa.and_(uploads.c.session_id.is_(None), uploads.c.created_at < before)
    await db.execute(sa.delete(uploads).where(uploads.c.org_id == org_id, unread))
