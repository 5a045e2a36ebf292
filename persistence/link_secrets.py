"""What links to reports are signed with: a secret for each organisation, made when it is first needed."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID, insert

from domain.reports.links import SECRET_BYTES
from domain.values import OrgId
from persistence.database import ORG, Database, Reading, Tenant, Writing, metadata

link_secrets = sa.Table(
    "link_secrets",
    metadata,
    sa.Column("org_id", UUID, primary_key=True),
    sa.Column("secret", BYTEA, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

_FIND = sa.select(link_secrets.c.secret).where(link_secrets.c.org_id == ORG)


async def find(db: Reading, org_id: OrgId) -> bytes | None:
    row = await db.row(_FIND, {"org_id": org_id})
    return None if row is None else bytes(row["secret"])


async def secrets_of(database: Database, tenant: Tenant, ids: Sequence[OrgId]) -> list[bytes]:
    """Those of organisations that the tenant may touch, which is its own; one that is not there is made."""
    async with database.read(tenant) as db:
        found = [await find(db, id) for id in ids]
    if None not in found:
        return [secret for secret in found if secret is not None]
    async with database.write(tenant) as db:
        return [await _make(db, id) for id in ids]


async def _make(db: Writing, org_id: OrgId) -> bytes:
    """Of several who make one at the same time all get the same."""
    new = insert(link_secrets).values(org_id=org_id, secret=secrets.token_bytes(SECRET_BYTES))
    await db.execute(new.on_conflict_do_nothing(index_elements=["org_id"]))
    found = await find(db, org_id)
    assert found is not None
    return found


async def replace(db: Writing, org_id: OrgId) -> None:
    """Another one, if there is one: all links that were signed with it are bad from now on."""
    changed = {"secret": secrets.token_bytes(SECRET_BYTES), "made_at": sa.func.now()}
    await db.execute(sa.update(link_secrets).where(link_secrets.c.org_id == org_id).values(changed))
