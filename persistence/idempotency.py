"""Keys under which clients asked for something: whoever asks again with the same is given what there is, for ever.

Of a key and of what was asked only digests are kept, so that nothing here has to be erased with what it led to.
"""

from enum import StrEnum
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID, insert

from domain.values import OrgId
from persistence.database import Reading, Writing, metadata

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("fingerprint", BYTEA, nullable=False),
    sa.Column("made_id", UUID, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "purpose", "digest"),
)


class Purpose(StrEnum):
    REPORT = "report"
    UPLOAD = "upload"


class OtherRequest(Exception):
    """The key was used before for something else."""


async def claim(
    db: Writing, org_id: OrgId, purpose: Purpose, digest: bytes, fingerprint: bytes, made_id: UUID_
) -> UUID_:
    """`made_id` where the key is new, else the id that it led to. Raises OtherRequest.

    Who comes at the same time with the same key waits here for the end of the first one's transaction.
    """
    row = {"org_id": org_id, "purpose": purpose, "digest": digest, "fingerprint": fingerprint, "made_id": made_id}
    made = insert(idempotency_keys).values(row).on_conflict_do_nothing().returning(idempotency_keys.c.made_id)
    if await db.row(made) is not None:
        return made_id
    found = await find(db, org_id, purpose, digest, fingerprint)
    assert found is not None
    return found


async def find(db: Reading, org_id: OrgId, purpose: Purpose, digest: bytes, fingerprint: bytes) -> UUID_ | None:
    """The id that a key led to; None for a new one. Raises OtherRequest."""
    of = idempotency_keys.c
    row = await db.row(
        sa.select(of.fingerprint, of.made_id).where(
            of.org_id == org_id, of.purpose == purpose, of.digest == digest
        )
    )  # fmt: skip
    if row is not None and row["fingerprint"] != fingerprint:
        raise OtherRequest
    return None if row is None else row["made_id"]
