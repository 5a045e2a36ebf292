"""Fills an empty, migrated database with the invented world: set by set, inside PostgreSQL, always the same rows."""

import random
from collections.abc import Iterator, Sequence
from hashlib import sha256

import asyncpg
import sqlalchemy as sa

import persistence.session_figures
import persistence.session_texts
from domain.access import DEFAULT_SCOPES, KeyKind
from domain.search import MOST_CHARS, Weight, index
from domain.values import SessionId
from persistence.database import Database, Tenant, Urls, Writing
from persistence.score_days import rebuild
from persistence.sessions import sessions
from persistence.timeline import prompt_texts_of_sessions
from tests.bench import seed_sql
from tests.bench.invented import BUSY, NOW, TIME_ZONE, Org, World, invented_id, secret

_PROSE = 512
_SPEECH = (
    "the test fails when session opens a file and parser returns None instead of empty list please look at users "
    "module rename function keep old name as alias add index on org started then run suite again until green "
    "migration lock timeout retry worker queue cursor page filter schema resolver timeline event arc verdict score "
    'größer naïve café → ✓ 日本語 déjà 😀 "quoted" back\\slash <tag> & 100% assert x == y; return value, error:'
)


async def seed(owner: asyncpg.Connection, world: World) -> None:
    """One transaction for each organisation, as the table owner, who passes row-level security only as its tenant."""
    await owner.execute(seed_sql.FUNCTIONS)
    await owner.execute(seed_sql.PROSE)
    await owner.copy_records_to_table("prose", records=_prose(), schema_name=await _temp_schema(owner))
    for org in world.orgs:
        async with owner.transaction():
            await _bind(owner, org)
            await _seed_org(owner, org)


async def count_days(urls: Urls, world: World) -> None:
    """What the arcs of each developer's days add up to, as the application counts it."""
    database = Database(urls)
    try:
        for org in world.orgs:
            async with database.write(Tenant(org.id)) as db:
                for number in range(org.developers):
                    await rebuild(db, org.id, org.user_id(number))
    finally:
        await database.close()


_SOME = 200


async def note_sessions(urls: Urls, world: World) -> None:
    """What sessions are searched and sorted by, as the application notes it."""
    database = Database(urls)
    try:
        for org in world.orgs:
            async with database.read(Tenant(org.id)) as db:
                ids = [row["id"] for row in await db.rows(sa.select(sessions.c.id).where(sessions.c.org_id == org.id))]
            for some in batched(ids, _SOME):
                async with database.write(Tenant(org.id)) as db:
                    await _note(db, org, some)
    finally:
        await database.close()


async def _note(db: Writing, org: Org, ids: Sequence[SessionId]) -> None:
    texts = await prompt_texts_of_sessions(db, org.id, list(ids))
    words = {
        id: index(((Weight.PROMPT, text) for _, _, text in prompts), MOST_CHARS)
        for id, prompts in zip(ids, texts, strict=True)
    }
    await persistence.session_texts.refresh(db, org.id, ids, words)
    await persistence.session_figures.refresh(db, org.id, ids)


def batched(ids: Sequence[SessionId], size: int) -> Iterator[Sequence[SessionId]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _prose() -> list[tuple[int, str]]:
    """Text as people and tools write it, of 700 characters and more; the seed of the generator is fixed."""
    dice, words = random.Random(20260916), _SPEECH.split()
    return [(number, " ".join(dice.choices(words, k=160))) for number in range(_PROSE)]


async def _temp_schema(owner: asyncpg.Connection) -> str:
    return await owner.fetchval("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()")


async def _bind(owner: asyncpg.Connection, org: Org) -> None:
    await owner.execute("SELECT set_config('app.org_id', $1, true), set_config('app.user_id', '*', true)", str(org.id))


async def _seed_org(owner: asyncpg.Connection, org: Org) -> None:
    await owner.execute("INSERT INTO orgs (id, slug) VALUES ($1, $2)", org.id, org.slug)
    users = [
        (org.id, org.user_id(n), f"developer-{n}@{org.slug}.example", TIME_ZONE, NOW) for n in range(org.developers)
    ]
    await owner.executemany(
        "INSERT INTO users (org_id, id, email, time_zone, created_at) VALUES ($1, $2, $3, $4, $5)", users
    )
    await _seed_keys(owner, org)
    await owner.execute(seed_sql.PLAN, org.id, [user[1] for user in users], org.first, org.sessions, NOW, org.history)
    for statement in seed_sql.ROWS:
        await owner.execute(statement)
    await owner.execute("DROP TABLE pg_temp.plan")


async def _seed_keys(owner: asyncpg.Connection, org: Org) -> None:
    """A developer's key for the busiest and for the idlest, a reviewer's for the whole organisation."""
    developers = [(KeyKind.DEVELOPER, number) for number in sorted({BUSY, org.developers - 1})]
    for kind, number in (*developers, (KeyKind.REVIEWER, BUSY)):
        shown = secret(org.slug, kind, number)
        await owner.execute(
            "INSERT INTO api_keys (org_id, id, digest, user_id, kind, scopes, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            org.id, invented_id(shown), sha256(shown.encode()).digest(), org.user_id(number), kind,
            sorted(DEFAULT_SCOPES[kind]), NOW,
        )  # fmt: skip
