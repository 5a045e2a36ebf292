"""A database that is used again by the next test that wants one of its own, once it is as empty as a new one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

from persistence.database import Urls

_EMPTY = """
DO $$
DECLARE large text; small text; sequence text;
BEGIN
    PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    SELECT string_agg(oid::regclass::text, ', ') INTO large FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 10 * 8192;
    IF large IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || large || ' CASCADE';
    END IF;
    SET LOCAL session_replication_role = replica;
    FOR small IN SELECT oid::regclass FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
            AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE 'DELETE FROM ' || small;
    END LOOP;
    FOR sequence IN SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP
        PERFORM setval(sequence, 1, false);
    END LOOP;
END $$
"""
"""Deleting takes a tenth of truncating. What deleted rows leave behind of a small table says nothing to the planner:
it takes tables that were never analysed for ten pages at least."""
_CATALOGUES = ("attribute", "constraint", "index", "namespace", "policy", "proc", "statistic", "trigger")
_SHAPE = f"""
SELECT (SELECT md5(string_agg(concat_ws(' ', oid, relname, relowner, relacl, reloptions,
            CASE relkind WHEN 'r' THEN reltuples END, relhastriggers,
            relrowsecurity, relforcerowsecurity), ',' ORDER BY oid)) FROM pg_class WHERE oid >= 16384)
    {"".join(f" || ' ' || (SELECT concat(count(*), ' ', max(xmin::text::bigint)) FROM pg_{n})" for n in _CATALOGUES)}
    || (SELECT concat(string_agg(setconfig::text, ',')) FROM pg_db_role_setting)
"""
"""Changes with all that is not rows: what a test defined, granted or had analysed."""


Connect = Callable[[str], Awaitable[asyncpg.Connection]]


@dataclass(frozen=True, slots=True)
class Emptied:
    urls: Urls
    name: str
    shape: str
    connect: Connect
    """As superuser, to the database of a name."""

    async def empty(self) -> bool:
        """Ends who is still there and takes all rows back; false where a test has changed more than rows."""
        connection = await self.connect(self.name)
        try:
            await connection.execute(_EMPTY)
            return await connection.fetchval(_SHAPE) == self.shape
        finally:
            await connection.close()


async def emptied(urls: Urls, name: str, connect: Connect) -> Emptied:
    """What can be emptied of a database that is new."""
    connection = await connect(name)
    try:
        return Emptied(urls, name, await connection.fetchval(_SHAPE), connect)
    finally:
        await connection.close()
