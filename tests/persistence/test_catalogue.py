"""Walks PostgreSQL's catalogue: a new tenant table without its walls fails here, not in production."""

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects.postgresql.base import ischema_names

import persistence.access
import persistence.activity
import persistence.appeals
import persistence.arc_edits
import persistence.arc_texts
import persistence.artifacts
import persistence.assessments
import persistence.backfills
import persistence.cohorts
import persistence.composite
import persistence.documents
import persistence.erasures
import persistence.idempotency
import persistence.insights.cache
import persistence.insights.events
import persistence.insights.runs
import persistence.insights.saved
import persistence.insights.sharing
import persistence.insights.sql
import persistence.jobs
import persistence.judging
import persistence.link_secrets
import persistence.live
import persistence.rate_limits
import persistence.report_schedules
import persistence.session_figures
import persistence.session_parts
import persistence.session_texts
import persistence.sessions
import persistence.timeline
import persistence.uploads
import persistence.webhooks
import persistence.witnesses
from domain.assessments import Assessment, Task
from domain.values import AssessmentId
from persistence.database import Database, Tenant, Urls, Xid8, metadata, owner_engine
from tests.make_context import NOW, make_org, make_user

ACROSS_ORGANISATIONS = {
    "arc_texts_words": "every word in it begins with a mark of its organisation",
    "api_keys_digest": "a key arrives before its organisation is known; its policy shows one row to who has the digest",
    "session_texts_words": "every word in it begins with a mark of its organisation",
}
"""The indexes that do not begin with org_id, and why."""

NO_TENANT = {"orgs", "session_ids", "rate_limits", "trusted_documents", "insight_copying", "alembic_version"}


async def _rows(urls: Urls, query: str) -> list[sa.Row[tuple[object, ...]]]:
    engine = owner_engine(urls)
    async with engine.connect() as connection:
        return list((await connection.execute(sa.text(query))).all())


async def test_every_table_names_its_tenant(urls: Urls) -> None:
    tables = await _rows(
        urls,
        "SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id')"
        " FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')",
    )
    assert {name for name, has_tenant in tables if not has_tenant} == NO_TENANT


async def test_every_tenant_table_forces_a_policy(urls: Urls) -> None:
    unguarded = await _rows(
        urls,
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity"
        "          AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant'))",
    )
    assert unguarded == []


async def test_every_policy_asks_for_the_organisation(urls: Urls) -> None:
    loose = await _rows(
        urls,
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND policyname = 'tenant'"
        " AND qual NOT LIKE '%app_org()%'",
    )
    assert loose == []


async def test_every_index_of_a_tenant_table_begins_with_the_organisation(urls: Urls) -> None:
    indexes = await _rows(
        urls,
        "SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
        " JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attname = 'org_id'"
        " JOIN pg_class t ON t.oid = x.indrelid AND t.relnamespace = 'public'::regnamespace"
        " WHERE x.indkey[0] <> a.attnum",
    )
    assert {name for (name,) in indexes} == set(ACROSS_ORGANISATIONS)


async def test_the_serving_role_owns_nothing_and_cannot_pass_the_walls(urls: Urls) -> None:
    [role] = await _rows(
        urls,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
        " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = 'goalarc_app'",
    )
    assert tuple(role) == (False, False, False, False, False)


async def test_the_event_log_cannot_be_rewritten_by_the_serving_role(urls: Urls) -> None:
    [(may,)] = await _rows(urls, "SELECT has_table_privilege('goalarc_app', 'events', 'UPDATE')")
    assert may is False


async def test_what_is_trusted_is_not_for_the_serving_role_to_say(urls: Urls) -> None:
    rights = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    [found] = await _rows(
        urls,
        "SELECT "
        + ", ".join(f"has_table_privilege('goalarc_app', 'trusted_documents', '{right}')" for right in rights),
    )
    assert dict(zip(rights, found, strict=True)) == {right: right == "SELECT" for right in rights}


async def test_migrations_make_the_tables_that_the_code_uses(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ischema_names, "xid8", Xid8)  # reflection does not know the type
    engine = owner_engine(urls)
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda c: compare_metadata(MigrationContext.configure(c), metadata))
    assert found == []


async def test_without_a_tenant_nothing_is_visible(urls: Urls, database: Database) -> None:
    org = await make_org(urls)
    await make_user(urls, org)
    async with database.unbound() as db:
        for table in metadata.sorted_tables:
            if "org_id" in table.c:
                assert await db.rows(sa.select(table).limit(1)) == [], table.name


async def test_a_scope_cannot_write_for_another_organisation(urls: Urls, database: Database) -> None:
    mine, other = await make_org(urls), await make_org(urls)
    user = await make_user(urls, other)
    with pytest.raises(sa.exc.DBAPIError) as refused:
        async with database.write(Tenant(mine.id)) as db:
            await persistence.assessments.save(db, Assessment(AssessmentId(other.id), other.id, Task("theirs"), NOW))
    assert isinstance(refused.value.orig.__cause__, asyncpg.InsufficientPrivilegeError)
    async with database.read(Tenant(mine.id)) as db:
        assert await persistence.access.users_by_id(db, other.id, [user.id]) == [None]


async def test_a_read_scope_refuses_to_write(urls: Urls, database: Database) -> None:
    org = await make_org(urls)
    with pytest.raises(sa.exc.DBAPIError, match="read-only"):
        async with database.read(Tenant(org.id)) as db:
            await db.execute(sa.insert(persistence.assessments.assessments).values(org_id=org.id, id=org.id, title="x"))
