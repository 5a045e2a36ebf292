"""Candidates: their keys, the one session that each is tied to, and how far they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

import persistence.cohorts
from domain.access import DEFAULT_SCOPES, CandidateStatus, KeyKind
from domain.candidates import Candidate, CandidateFilter
from domain.values import AssessmentId, JsonObject, KeyId, OrgId, SessionId, UserId, Window
from persistence.access import api_keys
from persistence.assessments import Place, assessments
from persistence.cohorts import Tie
from persistence.database import ORG, Reading, Row, Writing, among
from persistence.pages import newest_first

_OPEN = (CandidateStatus.PENDING, CandidateStatus.ACTIVE)


async def save_keys(db: Writing, org_id: OrgId, new: Sequence[tuple[Candidate, bytes]]) -> None:
    """Stores new keys, each under the digest of its secret."""
    rows = [
        {
            "org_id": org_id,
            "id": one.id,
            "digest": digest,
            "user_id": one.user_id,
            "kind": KeyKind.CANDIDATE,
            "scopes": sorted(DEFAULT_SCOPES[KeyKind.CANDIDATE]),
            "created_at": one.created_at,
            "expires_at": one.expires_at,
            "assessment_id": one.assessment_id,
            "candidate_status": one.status,
            "candidate_email": one.email,
            "candidate_name": one.name,
        }
        for one, digest in new
    ]
    await db.execute(sa.insert(api_keys), rows)


_CANDIDATES = (api_keys.c.org_id == ORG, api_keys.c.assessment_id.is_not(None), api_keys.c.revoked_at.is_(None))
_BY_ID = sa.select(api_keys).where(*_CANDIDATES, among(api_keys.c.id))


async def candidates_by_id(db: Reading, org_id: OrgId, ids: Sequence[KeyId]) -> list[Candidate | None]:
    """In the order of `ids`, their status as stored; None where one is not there or was revoked."""
    found = {row["id"]: _candidate(row) for row in await db.rows(_BY_ID, {"org_id": org_id, "ids": ids})}
    return [found.get(id) for id in ids]


_LOCK = _BY_ID.with_for_update()


async def locked(db: Writing, org_id: OrgId, id: KeyId) -> Candidate | None:
    """The candidate, whom nobody else changes until the commit."""
    row = await db.row(_LOCK, {"org_id": org_id, "ids": [id]})
    return None if row is None else _candidate(row)


def _matching(org_id: OrgId, wanted: CandidateFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    row = api_keys.c
    rules = [row.org_id == org_id, row.assessment_id.is_not(None), row.revoked_at.is_(None)]
    if wanted.assessment_id is not None:
        rules.append(row.assessment_id == wanted.assessment_id)
    lapsed = sa.and_(row.candidate_status.in_(_OPEN), row.expires_at.is_not(None), row.expires_at <= now)
    if wanted.status is CandidateStatus.EXPIRED:
        rules.append(sa.or_(row.candidate_status == wanted.status, lapsed))
    elif wanted.status is not None:
        rules += [row.candidate_status == wanted.status, sa.not_(lapsed)]
    return rules


async def page(
    db: Reading, org_id: OrgId, wanted: CandidateFilter, window: Window[Place], now: datetime
) -> list[Candidate]:
    """Newest first: those of the window, and one more if there are more; their status as stored."""
    query = sa.select(api_keys).where(*_matching(org_id, wanted, now))
    rows = await newest_first(db, query, api_keys.c.created_at, api_keys.c.id, window)
    return [_candidate(row) for row in rows]


async def count(db: Reading, org_id: OrgId, wanted: CandidateFilter, now: datetime) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(api_keys).where(*_matching(org_id, wanted, now))
    [row] = await db.rows(query)
    return row["n"]


async def update(db: Writing, org_id: OrgId, one: Candidate) -> None:
    """Stores how far a candidate is, and since when the session counts in its cohort."""
    mine = sa.update(api_keys).where(api_keys.c.org_id == org_id, api_keys.c.id == one.id)
    await db.execute(
        mine.values(
            candidate_status=one.status,
            redeemed_at=one.redeemed_at,
            completed_at=one.completed_at,
            revoked_at=one.revoked_at,
        )
    )
    await persistence.cohorts.settle(db, org_id, [one.id])


async def revoke_unused(db: Writing, org_id: OrgId, id: AssessmentId, at: datetime) -> None:
    """The keys of an assessment that nobody has used."""
    unused = sa.update(api_keys).where(
        api_keys.c.org_id == org_id,
        api_keys.c.assessment_id == id,
        api_keys.c.revoked_at.is_(None),
        api_keys.c.candidate_status == CandidateStatus.PENDING,
    )
    await db.execute(unused.values(revoked_at=at))


class Tied(NamedTuple):
    """Which session a key is tied to; `facts`: what the key tells of it, if it was tied just now."""

    session_id: SessionId
    facts: JsonObject | None = None


_STATE = (
    sa.select(
        api_keys.c.session_id,
        api_keys.c.candidate_status,
        api_keys.c.candidate_name,
        api_keys.c.assessment_id,
        api_keys.c.user_id,
        assessments.c.repo_url,
    )
    .outerjoin(
        assessments, sa.and_(assessments.c.org_id == api_keys.c.org_id, assessments.c.id == api_keys.c.assessment_id)
    )
    .where(api_keys.c.org_id == ORG, api_keys.c.id == sa.bindparam("id", type_=UUID))
)
_TIE = sa.text(
    "UPDATE api_keys SET session_id = coalesce(session_id, :session_id), redeemed_at = coalesce(redeemed_at, :at),"
    " candidate_status = CASE candidate_status WHEN 'pending' THEN 'active' ELSE candidate_status END"
    " WHERE org_id = :org_id AND id = :id RETURNING session_id"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("id", type_=UUID),
    sa.bindparam("session_id", type_=sa.Text),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
)


async def tie(db: Writing, org_id: OrgId, id: KeyId, session_id: SessionId, at: datetime) -> Tied | None:
    """Ties a key to the first session it sends; None where that is another key's already."""
    state = await db.row(_STATE, {"org_id": org_id, "id": id})
    assert state is not None
    if state["session_id"] is not None and state["candidate_status"] != CandidateStatus.PENDING:
        return Tied(state["session_id"])
    row = await db.row(_TIE, {"org_id": org_id, "id": id, "session_id": session_id, "at": at})
    assert row is not None
    if row["session_id"] != session_id:
        return Tied(row["session_id"])
    new = Tie(session_id, id, state["assessment_id"], state["user_id"])
    return Tied(session_id, _facts(state)) if await persistence.cohorts.tie(db, org_id, new) else None


def _facts(state: Row) -> JsonObject:
    """Metadata of the session, of what is known."""
    known = {
        "assessmentId": str(state["assessment_id"]),
        "candidateName": state["candidate_name"],
        "repoUrl": state["repo_url"],
    }
    return {name: value for name, value in known.items() if value is not None}


class Timed(NamedTuple):
    """A session that goes on, and when the time that its assessment gives is up."""

    session_id: SessionId
    user_id: UserId
    ends_at: datetime


_ENDS_AT = "key.redeemed_at + make_interval(mins => task.time_limit_minutes)"
_TIMED = sa.text(
    f"SELECT key.session_id, key.user_id, {_ENDS_AT} AS ends_at"
    " FROM api_keys key JOIN assessments task ON task.org_id = :org_id AND task.id = key.assessment_id"
    " JOIN sessions session ON session.org_id = :org_id AND session.id = key.session_id"
    " WHERE key.org_id = :org_id AND key.assessment_id IS NOT NULL AND key.candidate_status = 'active'"
    " AND key.revoked_at IS NULL AND task.time_limit_minutes IS NOT NULL AND session.ended_at IS NULL"
    " AND (CAST(:ids AS text[]) IS NULL OR key.session_id = ANY (:ids)) ORDER BY key.session_id"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("ids", type_=ARRAY(sa.Text)))


async def timed(db: Reading, org_id: OrgId, ids: Sequence[SessionId] | None = None) -> list[Timed]:
    """Those of candidates at work whose time is limited, by id; of these sessions, or with None of all."""
    rows = await db.rows(_TIMED, {"org_id": org_id, "ids": ids})
    return [Timed(SessionId(row["session_id"]), UserId(row["user_id"]), row["ends_at"]) for row in rows]


_LIMIT = sa.text(
    f"SELECT max({_ENDS_AT}) AS ends_at FROM api_keys key"
    " JOIN assessments task ON task.org_id = :org_id AND task.id = key.assessment_id"
    " WHERE key.org_id = :org_id AND key.session_id = :session_id AND key.revoked_at IS NULL"
    " AND key.candidate_status IN ('active', 'completed')"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("session_id", type_=sa.Text))


async def limit(db: Reading, org_id: OrgId, id: SessionId) -> datetime | None:
    """When the time for a candidate's session is up, whether it has ended or not; None where it has no limit."""
    row = await db.row(_LIMIT, {"org_id": org_id, "session_id": id})
    return None if row is None else row["ends_at"]


async def complete(db: Writing, org_id: OrgId, ids: Sequence[SessionId], at: datetime) -> None:
    """These sessions have ended: their candidates are done."""
    done = {"candidate_status": CandidateStatus.COMPLETED, "completed_at": at}
    await _move(db, org_id, ids, CandidateStatus.ACTIVE, done)


async def reopen(db: Writing, org_id: OrgId, ids: Sequence[SessionId]) -> None:
    """These sessions go on after all."""
    at_work = {"candidate_status": CandidateStatus.ACTIVE, "completed_at": None}
    await _move(db, org_id, ids, CandidateStatus.COMPLETED, at_work)


async def _move(
    db: Writing, org_id: OrgId, ids: Sequence[SessionId], status: CandidateStatus, values: Mapping[str, object]
) -> None:
    of_sessions = api_keys.c.session_id == sa.any_(sa.cast(list(ids), ARRAY(sa.Text)))
    theirs = sa.update(api_keys).where(api_keys.c.org_id == org_id, of_sessions, api_keys.c.candidate_status == status)
    await db.execute(theirs.values(**values))


def _candidate(row: Row) -> Candidate:
    return Candidate(
        id=KeyId(row["id"]),
        org_id=OrgId(row["org_id"]),
        assessment_id=AssessmentId(row["assessment_id"]),
        user_id=UserId(row["user_id"]),
        email=row["candidate_email"],
        name=row["candidate_name"],
        status=CandidateStatus(row["candidate_status"]),
        session_id=row["session_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        redeemed_at=row["redeemed_at"],
        completed_at=row["completed_at"],
        revoked_at=row["revoked_at"],
    )
