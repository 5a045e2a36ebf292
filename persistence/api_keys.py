"""Keys of an organisation as a list, and those that may administer it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain.access import ALL_SCOPES, ApiKey, CandidateStatus, Scope
from domain.api_keys import KeyFilter, KeyState
from domain.values import KeyId, OrgId, Window
from persistence.access import api_keys, key_from
from persistence.database import Reading, Writing
from persistence.pages import newest_first

_KEY = api_keys.c

Place = tuple[datetime, UUID_]


async def page(db: Reading, org_id: OrgId, wanted: KeyFilter, window: Window[Place], now: datetime) -> list[ApiKey]:
    """Newest first: those of the window, and one more if there are more."""
    query = sa.select(api_keys).where(*_matching(org_id, wanted, now))
    return [key_from(row) for row in await newest_first(db, query, _KEY.created_at, _KEY.id, window)]


async def count(db: Reading, org_id: OrgId, wanted: KeyFilter, now: datetime) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(api_keys).where(*_matching(org_id, wanted, now))
    return (await db.rows(query))[0]["n"]


async def find(db: Reading, org_id: OrgId, id: KeyId) -> ApiKey | None:
    row = await db.row(sa.select(api_keys).where(_KEY.org_id == org_id, _KEY.id == id))
    return None if row is None else key_from(row)


def _matching(org_id: OrgId, wanted: KeyFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    equal = {_KEY.user_id: wanted.user_id, _KEY.kind: wanted.kind}
    rules = [_KEY.org_id == org_id, *(one == value for one, value in equal.items() if value is not None)]
    return rules if wanted.state is None else [*rules, _in_state(wanted.state, now)]


def _in_state(state: KeyState, now: datetime) -> sa.ColumnElement[bool]:
    """As `domain.api_keys.state_of`."""
    over = sa.and_(_KEY.expires_at.is_not(None), _KEY.expires_at <= now)
    expired = sa.or_(over, _KEY.candidate_status.is_not_distinct_from(CandidateStatus.EXPIRED))
    match state:
        case KeyState.REVOKED:
            return _KEY.revoked_at.is_not(None)
        case KeyState.EXPIRED:
            return sa.and_(_KEY.revoked_at.is_(None), expired)
        case KeyState.ACTIVE:
            return sa.and_(_KEY.revoked_at.is_(None), sa.not_(expired))


async def locked_with_administrators(db: Writing, org_id: OrgId, id: KeyId) -> Mapping[KeyId, ApiKey]:
    """The key if there is one, and every key that administers unless its time is up; nobody revokes any of them before
    the commit, so that two who revoke each other do not both do it."""
    ruling = sa.cast([Scope.ADMIN, ALL_SCOPES], ARRAY(sa.Text))
    administers = sa.and_(_KEY.revoked_at.is_(None), _KEY.scopes.overlap(ruling))
    query = sa.select(api_keys).where(_KEY.org_id == org_id, sa.or_(_KEY.id == id, administers))
    keys = [key_from(row) for row in await db.rows(query.order_by(_KEY.id).with_for_update())]
    return {key.id: key for key in keys}
