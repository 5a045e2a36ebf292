"""What the sessions of candidates are compared by, one narrow row each, and sums over the cohort of an assessment.

A row is made when a key is tied to its session and brought up to date whenever the session is derived. Sums come from
one index that covers them, at each request: kept sums would have to change when a key runs out, which no writer sees.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert

from domain.cohorts import HIGHER_IS_BETTER, CohortInputs, CohortSums, Metric, MetricSum
from domain.values import AssessmentId, KeyId, OrgId, SessionId, UserId
from persistence.database import ORG, Reading, Row, Writing, among, metadata

_METRICS = [metric.value for metric in Metric]

candidate_sessions = sa.Table(
    "candidate_sessions",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("key_id", UUID, nullable=False),
    sa.Column("assessment_id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    # Since when the session belongs to the cohort: it may lie ahead, where a key will have run out. NULL: it does not.
    sa.Column("counts_from", sa.DateTime(timezone=True)),
    sa.Column("duration_ms", sa.BigInteger),
    sa.Column("prompt_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("command_fail_rate", sa.Float, nullable=False, server_default="0"),
    sa.Column("verify_intensity", sa.Float, nullable=False, server_default="0"),
    sa.Column("manual_edit_ratio", sa.Float, nullable=False, server_default="0"),
    sa.Column("first_change_latency_ms", sa.BigInteger),
    sa.Column("tests_passed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("org_id", "session_id"),
    sa.Index("candidate_sessions_of_key", "org_id", "key_id"),
    sa.Index(
        "candidate_sessions_cohort",
        "org_id",
        "assessment_id",
        "counts_from",
        postgresql_include=[*_METRICS, "tests_passed"],
    ),
)


class Tie(NamedTuple):
    """Which key a session is tied to."""

    session_id: SessionId
    key_id: KeyId
    assessment_id: AssessmentId
    user_id: UserId


_HOLDER = sa.select(candidate_sessions.c.key_id, candidate_sessions.c.user_id).where(
    candidate_sessions.c.org_id == ORG, candidate_sessions.c.session_id == sa.bindparam("session_id")
)


async def tie(db: Writing, org_id: OrgId, new: Tie) -> bool:
    """Whether the session is the key's now; False where it is tied to a key of somebody else.

    Of several keys of one developer, such as a lost one and the next, the last counts.
    """
    free = insert(candidate_sessions).values(org_id=org_id, **new._asdict()).on_conflict_do_nothing()
    await db.execute(free)
    holder = await db.row(_HOLDER, {"org_id": org_id, "session_id": new.session_id})
    if holder is None or holder["user_id"] != new.user_id:
        return False
    if holder["key_id"] != new.key_id:
        mine = sa.update(candidate_sessions).where(
            candidate_sessions.c.org_id == org_id, candidate_sessions.c.session_id == new.session_id
        )
        await db.execute(mine.values(key_id=new.key_id, assessment_id=new.assessment_id))
    return True


_AMONG = sa.select(candidate_sessions.c.session_id).where(
    candidate_sessions.c.org_id == ORG, among(candidate_sessions.c.session_id)
)


async def candidates_among(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> set[SessionId]:
    """Those of these sessions that are tied to a candidate's key."""
    return {SessionId(row["session_id"]) for row in await db.rows(_AMONG, {"org_id": org_id, "ids": ids})}


# A key counts once it is completed, hired or expired, also by time. One that was revoked before never does.
_COUNTS_FROM = (
    "CASE WHEN key.candidate_status IN ('completed', 'expired', 'hired') THEN key.created_at"
    " WHEN key.revoked_at IS NULL OR key.expires_at <= key.revoked_at THEN key.expires_at END"
)
_INPUTS = [*_METRICS, "tests_passed"]
_TYPES = {"tests_passed": "boolean"} | {
    metric: "double precision" if metric.endswith(("rate", "intensity", "ratio")) else "bigint" for metric in _METRICS
}
_SAVE = sa.text(
    f"UPDATE candidate_sessions mine SET counts_from = {_COUNTS_FROM},"
    f" {', '.join(f'{name} = new.{name}' for name in _INPUTS)}"
    f" FROM json_to_recordset(CAST(:rows AS json)) AS new (session_id text,"
    f" {', '.join(f'{name} {_TYPES[name]}' for name in _INPUTS)}), api_keys key"
    " WHERE mine.org_id = :org_id AND mine.session_id = new.session_id"
    " AND key.org_id = :org_id AND key.id = mine.key_id"
    f" AND (mine.counts_from, {', '.join(f'mine.{name}' for name in _INPUTS)}) IS DISTINCT FROM"
    f" ({_COUNTS_FROM}, {', '.join(f'new.{name}' for name in _INPUTS)})"
).bindparams(sa.bindparam("org_id", type_=UUID))


async def save(db: Writing, org_id: OrgId, inputs: Mapping[SessionId, CohortInputs]) -> None:
    """Stores what these sessions are compared by, and since when; those that are no candidates' are passed over."""
    if inputs:
        rows = [{"session_id": id, **asdict(one)} for id, one in inputs.items()]
        await db.execute(_SAVE, {"org_id": org_id, "rows": orjson.dumps(rows).decode()})


_SETTLE = sa.text(
    f"UPDATE candidate_sessions mine SET counts_from = {_COUNTS_FROM} FROM api_keys key"
    " WHERE mine.org_id = :org_id AND mine.key_id = ANY (:ids) AND key.org_id = :org_id AND key.id = mine.key_id"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("ids", type_=ARRAY(UUID)))


async def settle(db: Writing, org_id: OrgId, ids: Iterable[KeyId]) -> None:
    """Brings the membership of the sessions of these keys up to date with what has become of the keys."""
    await db.execute(_SETTLE, {"org_id": org_id, "ids": list(ids)})


class Asked(NamedTuple):
    """Whose cohort is wanted, and as of when: keys run out as time goes on."""

    session_id: SessionId
    at: datetime


def _sums(metric: Metric) -> str:
    better = "<" if metric in HIGHER_IS_BETTER else ">"
    return (
        f"count(one.{metric}) AS {metric}_count, coalesce(sum(one.{metric}::float8), 0) AS {metric}_total,"
        f" count(*) FILTER (WHERE one.{metric} {better} mine.{metric}) AS {metric}_beaten"
    )


# Each cohort is added up for itself: as a plain join it might be read from the wrong end, each member with each other.
_SUMS = sa.text(
    "SELECT mine.*, asked.at, coalesce(mine.counts_from <= asked.at, false) AS is_member, cohort.*"
    " FROM unnest(:ids, :times) AS asked (session_id, at)"
    " JOIN candidate_sessions mine ON mine.org_id = :org_id AND mine.session_id = asked.session_id"
    " CROSS JOIN LATERAL (SELECT count(*) AS sessions, count(*) FILTER (WHERE one.tests_passed) AS passed,"
    f" {', '.join(map(_sums, Metric))}"
    " FROM candidate_sessions one WHERE one.org_id = :org_id AND one.assessment_id = mine.assessment_id"
    " AND one.counts_from <= asked.at) AS cohort"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(sa.Text)),
    sa.bindparam("times", type_=ARRAY(sa.DateTime(timezone=True))),
)


async def cohort_sums(db: Reading, org_id: OrgId, asked: Sequence[Asked]) -> list[CohortSums | None]:
    """The cohort of each session, in the order of `asked`; None for a session without an assessment."""
    values = {"org_id": org_id, "ids": [one.session_id for one in asked], "times": [one.at for one in asked]}
    found = {Asked(SessionId(row["session_id"]), row["at"]): _from(row) for row in await db.rows(_SUMS, values)}
    return [found.get(one) for one in asked]


def _from(row: Row) -> CohortSums:
    by_metric = {metric: _sum(row, metric) for metric in Metric}
    return CohortSums(row["sessions"], row["passed"], row["is_member"], by_metric)


def _sum(row: Row, metric: Metric) -> MetricSum:
    compared = row["is_member"] and row[metric] is not None
    return MetricSum(row[f"{metric}_count"], row[f"{metric}_total"], row[f"{metric}_beaten"] if compared else None)
