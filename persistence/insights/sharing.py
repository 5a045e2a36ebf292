"""Which insights are shared by a link, and the hashes of the passwords that open one."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID, insert

from domain.insights.saved import InsightId
from domain.insights.sharing import SECRET_BYTES, SharePassword, SharePasswordId, Sharing, token
from domain.values import OrgId, UserId
from persistence.database import Reading, Row, Writing, metadata

insight_sharing = sa.Table(
    "insight_sharing",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("insight_id", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("secret", BYTEA, nullable=False),
    sa.Column("settings", sa.JSON(none_as_null=True)),
    sa.Column("password_required", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "insight_id"),
    sa.UniqueConstraint("org_id", "secret"),
)

share_passwords = sa.Table(
    "share_passwords",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("insight_id", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", UUID, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("share_passwords_of_insight", "org_id", "insight_id", "id"),
)

_SHARED, _PASSWORD = insight_sharing.c, share_passwords.c


class SharedLink(NamedTuple):
    """What a link that is switched on opens, and whether it asks for a password."""

    insight_id: InsightId
    password_required: bool
    hashes: tuple[str, ...]


async def find(db: Reading, org_id: OrgId, insight_id: InsightId) -> Sharing:
    """Also of an insight that was never shared."""
    mine = sa.select(insight_sharing).where(_SHARED.org_id == org_id, _SHARED.insight_id == insight_id)
    row = await db.row(mine)
    if row is None:
        return Sharing(insight_id)
    return _sharing(row, await _passwords(db, org_id, insight_id))


async def sharing_by_insight(db: Reading, org_id: OrgId, ids: Sequence[InsightId]) -> list[Sharing]:
    """As `find`, of many."""
    mine = sa.select(insight_sharing).where(_SHARED.org_id == org_id, _SHARED.insight_id.in_(ids))
    passwords = sa.select(share_passwords).where(_PASSWORD.org_id == org_id, _PASSWORD.insight_id.in_(ids))
    opening: dict[int, list[Row]] = {id: [] for id in ids}
    for row in await db.rows(passwords.order_by(_PASSWORD.id)):
        opening[row["insight_id"]].append(row)
    found = {row["insight_id"]: _sharing(row, opening[row["insight_id"]]) for row in await db.rows(mine)}
    return [found.get(id) or Sharing(id) for id in ids]


def _sharing(row: Row, passwords: Sequence[Row]) -> Sharing:
    return Sharing(
        insight_id=InsightId(row["insight_id"]),
        created_at=row["created_at"],
        enabled=row["enabled"],
        access_token=token(OrgId(row["org_id"]), bytes(row["secret"])),
        settings=row["settings"],
        password_required=row["password_required"],
        passwords=tuple(_password(one) for one in passwords),
    )


def _password(row: Row) -> SharePassword:
    return SharePassword(SharePasswordId(row["id"]), row["note"], row["created_at"], UserId(row["created_by"]))


async def _passwords(db: Reading, org_id: OrgId, insight_id: InsightId) -> Sequence[Row]:
    """The oldest first."""
    mine = sa.select(share_passwords).where(_PASSWORD.org_id == org_id, _PASSWORD.insight_id == insight_id)
    return await db.rows(mine.order_by(_PASSWORD.id))


async def save(db: Writing, org_id: OrgId, sharing: Sharing, at: datetime) -> None:
    """Its switches as they are now; whoever shares an insight for the first time gets a token for it."""
    changed = {
        "enabled": sharing.enabled,
        "settings": sharing.settings,
        "password_required": sharing.password_required,
    }
    new = insert(insight_sharing).values(
        org_id=org_id, insight_id=sharing.insight_id, secret=_new_secret(), created_at=at, **changed
    )
    await db.execute(new.on_conflict_do_update(index_elements=["org_id", "insight_id"], set_=changed))


async def rotate(db: Writing, org_id: OrgId, insight_id: InsightId) -> None:
    """Another token for an insight that is shared, or was."""
    mine = sa.update(insight_sharing).where(_SHARED.org_id == org_id, _SHARED.insight_id == insight_id)
    await db.execute(mine.values(secret=_new_secret()))


def _new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


async def add_password(db: Writing, org_id: OrgId, insight_id: InsightId, password: SharePassword, hash: str) -> None:
    await db.execute(
        sa.insert(share_passwords).values(
            org_id=org_id,
            id=password.id,
            insight_id=insight_id,
            hash=hash,
            note=password.note,
            created_at=password.created_at,
            created_by=password.created_by,
        )
    )


async def delete_password(db: Writing, org_id: OrgId, insight_id: InsightId, id: SharePasswordId) -> bool:
    """Whether it was there."""
    mine = (_PASSWORD.org_id == org_id, _PASSWORD.insight_id == insight_id, _PASSWORD.id == id)
    return await db.row(sa.delete(share_passwords).where(*mine).returning(_PASSWORD.id)) is not None


async def opened_by(db: Reading, org_id: OrgId, secret: bytes) -> SharedLink | None:
    """What a token opens while its insight is shared; None for one that opens nothing."""
    row = await db.row(
        sa.select(insight_sharing).where(_SHARED.org_id == org_id, _SHARED.secret == secret, _SHARED.enabled)
    )
    if row is None:
        return None
    id = InsightId(row["insight_id"])
    hashes = [one["hash"] for one in await _passwords(db, org_id, id)] if row["password_required"] else []
    return SharedLink(id, row["password_required"], tuple(hashes))
