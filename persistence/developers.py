"""Developers in pages, and counts of what they did."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.access import User
from domain.developers import DeveloperActivity, DeveloperFilter, Stretch
from domain.values import OrgId, Window
from persistence.access import api_keys, user_from, users
from persistence.database import Reading, Row

Place = str
"""The address of a developer: one of each in an organisation."""


async def page(db: Reading, org_id: OrgId, wanted: DeveloperFilter, window: Window[Place]) -> list[User]:
    """By address: those of the window, and one more if there are more."""
    email = users.c.email
    query = sa.select(users).where(*_matching(org_id, wanted))
    if window.after is not None:
        query = query.where(email > window.after)
    if window.before is not None:
        query = query.where(email < window.before)
    order = email.desc() if window.backwards else email
    found = [user_from(row) for row in await db.rows(query.order_by(order).limit(window.size + 1))]
    return found[::-1] if window.backwards else found


async def count(db: Reading, org_id: OrgId, wanted: DeveloperFilter) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(users).where(*_matching(org_id, wanted))
    return (await db.rows(query))[0]["n"]


def _matching(org_id: OrgId, wanted: DeveloperFilter) -> list[sa.ColumnElement[bool]]:
    rules = [users.c.org_id == org_id]
    if wanted.only is not None:
        rules.append(users.c.id == wanted.only)
    if wanted.search is not None:  # addresses are stored in lower case
        rules.append(users.c.email.contains(wanted.search.lower(), autoescape=True))
    if wanted.candidates is not None:
        rules.append(_invited() if wanted.candidates else sa.not_(_invited()))
    return rules


def _invited() -> sa.ColumnElement[bool]:
    """Known by candidates' keys and by no other; who was imported without a key is no candidate."""
    own = sa.and_(api_keys.c.org_id == users.c.org_id, api_keys.c.user_id == users.c.id)
    invited = sa.exists().where(own, api_keys.c.assessment_id.is_not(None))
    return sa.and_(invited, sa.not_(sa.exists().where(own, api_keys.c.assessment_id.is_(None))))


def _within(column: str) -> str:
    return f"{column} >= asked.start AND {column} < asked.until"


_ACTIVITY = sa.text(
    # Bounds are made ready beforehand: under row-level security no index is walked between values yet to be worked out.
    "WITH asked AS MATERIALIZED (SELECT user_id, place, coalesce(start, '-infinity') AS start,"
    " coalesce(until, 'infinity') AS until"
    " FROM unnest(:user_id, :start, :until) WITH ORDINALITY AS given (user_id, start, until, place))"
    " SELECT sessions.n AS session_count, arcs.n AS sub_session_count, flags.n AS flag_count, last.last_active_at"
    " FROM asked"
    " CROSS JOIN LATERAL (SELECT count(*) AS n FROM sessions s"
    f"  WHERE s.org_id = :org_id AND s.user_id = asked.user_id AND {_within('s.started_at')}) AS sessions"
    " CROSS JOIN LATERAL (SELECT count(*) AS n FROM sub_sessions a"
    f"  WHERE a.org_id = :org_id AND a.user_id = asked.user_id AND a.state <> 'merged' AND {_within('a.started_at')}"
    " ) AS arcs"
    " CROSS JOIN LATERAL (SELECT count(*) AS n FROM integrity_flags f"
    f"  WHERE f.org_id = :org_id AND f.user_id = asked.user_id AND {_within('f.created_at')}) AS flags"
    # Sessions themselves have no index on when they were last active: their figures do, a moment later.
    " LEFT JOIN LATERAL (SELECT g.last_activity_at AS last_active_at FROM session_figures g"
    "  WHERE g.org_id = :org_id AND g.user_id = asked.user_id"
    "  ORDER BY g.last_activity_at DESC NULLS LAST, g.session_id LIMIT 1) AS last ON true"
    " ORDER BY asked.place"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("user_id", type_=ARRAY(UUID)),
    sa.bindparam("start", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("until", type_=ARRAY(sa.DateTime(timezone=True))),
)


async def activities(db: Reading, org_id: OrgId, asked: Sequence[Stretch]) -> list[DeveloperActivity]:
    """In the order of `asked`; all zero for who is not there."""
    users, starts, ends = zip(*asked, strict=True)
    given = {"org_id": org_id, "user_id": list(users), "start": list(starts), "until": list(ends)}
    return [_activity(row) for row in await db.rows(_ACTIVITY, given)]


def _activity(row: Row) -> DeveloperActivity:
    counts = (row["session_count"], row["sub_session_count"], row["flag_count"])
    return DeveloperActivity(*counts, last_active_at=row["last_active_at"])
