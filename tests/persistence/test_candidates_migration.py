"""Keys that were tied to sessions before cohorts were kept: each session gets one row, and is derived again."""

from importlib import import_module

import sqlalchemy as sa

from domain.access import KeyKind
from persistence.cohorts import candidate_sessions
from persistence.database import Database, Tenant, Urls, owner_engine
from resolvers.access import KeyWish, create_key
from tests.hiring import create_assessment
from tests.make_context import NOW

FILL: str = import_module("persistence.migrations.versions.0018_candidates")._FILL


async def test_ties_from_before_are_kept_one_for_each_session(fresh_urls: Urls, fresh_database: Database) -> None:
    task = await create_assessment(fresh_urls, "old")
    wish = KeyWish("old", "kim@example.org", KeyKind.CANDIDATE, assessment_id=task)
    first, second, unused = [await create_key(fresh_urls, wish, NOW) for _ in range(3)]
    org_id = first.org.id
    async with fresh_database.write(Tenant(org_id)) as db:
        tie = sa.text("UPDATE api_keys SET session_id = 's' WHERE id = ANY (:ids)")
        await db.execute(
            tie.bindparams(sa.bindparam("ids", type_=sa.ARRAY(sa.UUID))), {"ids": [first.key.id, second.key.id]}
        )
        await db.execute(
            sa.text(
                "INSERT INTO jobs (org_id, kind, key, user_id, state, revision, done_revision)"
                " VALUES (:org, 'derive_session', 's', :user, 'idle', 1, 1)"
            ).bindparams(sa.bindparam("org", type_=sa.UUID), sa.bindparam("user", type_=sa.UUID)),
            {"org": org_id, "user": first.user.id},
        )
    async with owner_engine(fresh_urls).begin() as connection:
        await connection.exec_driver_sql(FILL)
    async with fresh_database.read(Tenant(org_id)) as db:
        [row] = await db.rows(sa.select(candidate_sessions))
        keys = await db.rows(sa.text("SELECT id, session_id FROM api_keys"), {})
        [job] = await db.rows(sa.text("SELECT state, revision FROM jobs WHERE kind = 'derive_session'"), {})
    assert (row["session_id"], row["assessment_id"], row["counts_from"]) == ("s", task, None)
    tied = {key["id"] for key in keys if key["session_id"] is not None}
    assert tied == {row["key_id"]}
    assert row["key_id"] in {first.key.id, second.key.id} - {unused.key.id}
    assert (job["state"], job["revision"]) == ("queued", 2)
