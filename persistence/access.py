"""Organisations, developers and their keys."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID as UUID_

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID, insert

from domain.access import ApiKey, Caller, CandidateStatus, KeyKind, Org, OrgSettings, User
from domain.languages import Language
from domain.score_versions import ScoreVersion
from domain.values import AssessmentId, JsonObject, JsonValue, KeyId, OrgId, SessionId, UserId
from persistence.assessments import assessments
from persistence.database import ORG, Database, Reading, Row, Tenant, Writing, among, metadata
from persistence.identifiers import new_id

orgs = sa.Table(
    "orgs",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("environment_id", sa.Integer, sa.Identity(always=True), nullable=False, unique=True),
    sa.Column("settings", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False, server_default="UTC"),
    sa.Column("score_version", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("number", sa.Integer, sa.Identity(), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.UniqueConstraint("org_id", "email"),
    sa.Index("users_number", "org_id", "number", unique=True),
)

_NEWEST = (sa.text("created_at DESC"), sa.text("id DESC"))
_OF_CANDIDATE = sa.text("assessment_id IS NOT NULL")

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("last_used_at", sa.DateTime(timezone=True)),
    sa.Column("assessment_id", UUID),
    sa.Column("candidate_status", sa.Text),
    sa.Column("session_id", sa.Text),
    sa.Column("budget", sa.BigInteger),
    sa.Column("candidate_email", sa.Text),
    sa.Column("candidate_name", sa.Text),
    sa.Column("redeemed_at", sa.DateTime(timezone=True)),
    sa.Column("completed_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.ForeignKeyConstraint(["org_id", "user_id"], ["users.org_id", "users.id"]),
    sa.ForeignKeyConstraint(["org_id", "assessment_id"], [assessments.c.org_id, assessments.c.id]),
    # The one index that does not begin with org_id: a key arrives before its organisation is known.
    # The policy of this table shows a row to whoever presents its digest (`app.key_digest`).
    sa.Index("api_keys_digest", "digest", unique=True),
    sa.Index("api_keys_recent", "org_id", *_NEWEST),
    sa.Index("api_keys_of_user", "org_id", "user_id"),
    sa.Index("api_keys_session", "org_id", "session_id", postgresql_where=sa.text("session_id IS NOT NULL")),
    sa.Index("api_keys_assessment", "org_id", "assessment_id", *_NEWEST, postgresql_where=_OF_CANDIDATE),
    sa.Index("api_keys_candidates", "org_id", *_NEWEST, postgresql_where=_OF_CANDIDATE),
)


@dataclass(frozen=True, slots=True)
class Presented:
    """A key as found by its secret: the caller it makes, and what decides whether it is still good."""

    caller: Caller
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    candidate_status: CandidateStatus | None
    revision: UUID_
    """Another one whenever something has changed that the developer's scores rest on."""


# Finding a key binds its developer until the statement ends, whose revision is read then.
_FIND_KEY = sa.text(
    "SELECT org_id, environment_id, user_id, time_zone, key_id, kind, scopes, settings::text AS settings,"
    " assessment_id, session_id, budget, expires_at, revoked_at, last_used_at, candidate_status,"
    " score_revision() AS revision FROM find_api_key(:digest)"
).bindparams(sa.bindparam("digest", type_=BYTEA))


async def find_key(database: Database, digest: bytes) -> Presented | None:
    """The key whose secret has this SHA-256 digest, revoked and expired ones too. Needs no tenant, and no scope."""
    row = await database.look(_FIND_KEY, {"digest": digest})
    return None if row is None else _presented(row)


def _presented(row: Row) -> Presented:
    org, environment, user, zone, key, kind, scopes, settings, assessment, session, budget, *state = row.values()
    caller = _caller(org, environment, user, zone, key, kind, tuple(scopes), settings, assessment, session, budget)
    expires_at, revoked_at, last_used_at, status, revision = state
    status = None if status is None else CandidateStatus(status)
    return Presented(caller, expires_at, revoked_at, last_used_at, status, revision)


@lru_cache(maxsize=4096)
def _caller(
    org_id: OrgId,
    environment_id: int,
    user_id: UserId,
    time_zone: str,
    key_id: KeyId,
    kind: str,
    scopes: tuple[str, ...],
    settings: str,
    assessment_id: AssessmentId | None,
    session_id: SessionId | None,
    budget: int | None,
) -> Caller:
    """Kept, because the same few ask again and again; whoever changes in any of this is made anew."""
    return Caller(
        org_id,
        environment_id,
        user_id,
        time_zone,
        key_id,
        KeyKind(kind),
        frozenset(scopes),
        settings_from(orjson.loads(settings)),
        assessment_id,
        session_id,
        budget,
    )


def settings_from(stored: JsonObject) -> OrgSettings:
    default = OrgSettings()
    return OrgSettings(
        redaction=bool(stored.get("redaction", default.redaction)),
        split_on_commit=bool(stored.get("split_on_commit", default.split_on_commit)),
        score_default=ScoreVersion(str(stored.get("score_default", default.score_default))),
        retention_days=_days(stored.get("retention_days")),
        ai_processing=bool(stored.get("ai_processing", default.ai_processing)),
        language=Language(str(stored.get("language", default.language))),
    )


def _days(stored: JsonValue) -> int | None:
    return stored if isinstance(stored, int) else None


async def touch_key(db: Writing, org_id: OrgId, id: KeyId, at: datetime) -> None:
    await db.execute(
        sa.update(api_keys).where(api_keys.c.org_id == org_id, api_keys.c.id == id).values(last_used_at=at)
    )


async def find_org(db: Reading, slug: str) -> Org | None:
    """By slug; only the table owner sees other organisations than the bound one."""
    row = await db.row(sa.select(orgs).where(orgs.c.slug == slug))
    return None if row is None else _org(row)


async def find_org_by_id(db: Reading, org_id: OrgId) -> Org | None:
    row = await db.row(sa.select(orgs).where(orgs.c.id == org_id))
    return None if row is None else _org(row)


_ORGS = sa.select(orgs).where(among(orgs.c.id))


async def orgs_by_id(db: Reading, org_id: OrgId, ids: Sequence[OrgId]) -> list[Org | None]:
    """Organisations in the order of `ids`; None for those that are not there."""
    found = {row["id"]: _org(row) for row in await db.rows(_ORGS, {"ids": ids})}
    return [found.get(id) for id in ids]


async def list_orgs(db: Reading) -> Sequence[Org]:
    """Every organisation, for the table owner."""
    return [_org(row) for row in await db.rows(sa.select(orgs).order_by(orgs.c.slug))]


async def ensure_org(db: Writing, slug: str) -> Org:
    """The organisation of that slug, made when new; for the table owner."""
    await db.execute(insert(orgs).values(id=new_id(), slug=slug).on_conflict_do_nothing(index_elements=["slug"]))
    org = await find_org(db, slug)
    assert org is not None
    return org


async def locked_org(db: Writing, org_id: OrgId) -> Org | None:
    """The organisation, whose settings nobody else changes until the commit."""
    row = await db.row(sa.select(orgs).where(orgs.c.id == org_id).with_for_update(key_share=True))
    return None if row is None else _org(row)


async def save_settings(db: Writing, org_id: OrgId, settings: OrgSettings) -> None:
    """Nothing else of an organisation may be changed by the serving role. Settings of a later version stay."""
    kept = orgs.c.settings.op("||")(sa.cast(asdict(settings), JSONB))
    await db.execute(sa.update(orgs).where(orgs.c.id == org_id).values(settings=kept))


def _org(row: Row) -> Org:
    return Org(OrgId(row["id"]), row["slug"], row["environment_id"], settings_from(row["settings"]))


async def ensure_user(db: Writing, org_id: OrgId, email: str, time_zone: str | None) -> User:
    """The developer of that address, made when new; `time_zone` changes it only when given."""
    statement = insert(users).values(org_id=org_id, id=new_id(), email=email, time_zone=time_zone or "UTC")
    change = {"time_zone": statement.excluded.time_zone} if time_zone else {"email": statement.excluded.email}
    row = await db.row(
        statement.on_conflict_do_update(index_elements=["org_id", "email"], set_=change).returning(users)
    )
    assert row is not None
    return user_from(row)


def user_from(row: Row) -> User:
    version = None if row["score_version"] is None else ScoreVersion(row["score_version"])
    return User(UserId(row["id"]), row["email"], row["time_zone"], version, row["number"])


_USERS = sa.select(users).where(users.c.org_id == ORG, among(users.c.id))


async def users_by_id(db: Reading, org_id: OrgId, ids: Sequence[UserId]) -> list[User | None]:
    """Developers in the order of `ids`; None where one is not visible."""
    found = {row["id"]: user_from(row) for row in await db.rows(_USERS, {"org_id": org_id, "ids": ids})}
    return [found.get(id) for id in ids]


async def authors_by_id(database: Database, tenant: Tenant, ids: Sequence[UserId]) -> list[User | None]:
    """As `users_by_id`, of who made what the whole organisation sees: also those whose work the tenant may not see."""
    async with database.read(Tenant(tenant.org_id)) as db:
        return await users_by_id(db, tenant.org_id, ids)


async def find_user_by_email(db: Reading, org_id: OrgId, email: str) -> User | None:
    row = await db.row(sa.select(users).where(users.c.org_id == org_id, users.c.email == email))
    return None if row is None else user_from(row)


async def save_score_version(db: Writing, org_id: OrgId, id: UserId, version: ScoreVersion | None) -> None:
    await db.execute(sa.update(users).where(users.c.org_id == org_id, users.c.id == id).values(score_version=version))


async def save_key(db: Writing, org_id: OrgId, key: ApiKey, digest: bytes) -> None:
    """Stores a new key under the digest of its secret."""
    await db.execute(
        sa.insert(api_keys).values(
            org_id=org_id,
            id=key.id,
            digest=digest,
            user_id=key.user_id,
            kind=key.kind,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            assessment_id=key.assessment_id,
            candidate_status=key.candidate_status,
            budget=key.budget,
        )
    )


async def keys(db: Reading, org_id: OrgId) -> list[ApiKey]:
    """All keys of the organisation, newest first."""
    query = sa.select(api_keys).where(api_keys.c.org_id == org_id)
    return [key_from(row) for row in await db.rows(query.order_by(api_keys.c.created_at.desc(), api_keys.c.id))]


async def revoke_key(db: Writing, org_id: OrgId, id: KeyId, at: datetime) -> bool:
    """False when there is no such key; revoking twice keeps the first time."""
    row = await db.row(
        sa.update(api_keys)
        .where(api_keys.c.org_id == org_id, api_keys.c.id == id)
        .values(revoked_at=sa.func.coalesce(api_keys.c.revoked_at, at))
        .returning(api_keys.c.id)
    )
    return row is not None


async def revoke_keys(db: Writing, org_id: OrgId, user_id: UserId | None, at: datetime) -> None:
    """Ends every key of a developer, or with None of the organisation."""
    mine = sa.update(api_keys).where(api_keys.c.org_id == org_id, api_keys.c.revoked_at.is_(None))
    await db.execute((mine if user_id is None else mine.where(api_keys.c.user_id == user_id)).values(revoked_at=at))


def key_from(row: Row) -> ApiKey:
    return ApiKey(
        id=KeyId(row["id"]),
        org_id=OrgId(row["org_id"]),
        user_id=UserId(row["user_id"]),
        kind=KeyKind(row["kind"]),
        scopes=frozenset(row["scopes"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
        assessment_id=row["assessment_id"],
        candidate_status=None if row["candidate_status"] is None else CandidateStatus(row["candidate_status"]),
        session_id=row["session_id"],
        budget=row["budget"],
    )
