"""Insights by links that need no key: switched on by whoever may share them, opened by whoever has the link, and the
password where there is one. What they show counts everybody's events, as insights of personal keys do."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import persistence.access
import persistence.insights.saved
import persistence.insights.sharing
import persistence.passwords
import resolvers.rate_limits
from domain.access import Caller, KeyKind, Org, Scope
from domain.insights.errors import InvalidQuery
from domain.insights.query import read as read_query
from domain.insights.runs import Refresh
from domain.insights.saved import SavedInsight
from domain.insights.sharing import LONGEST_PASSWORD, PasswordNeeded, Token, read
from domain.insights.shown import document
from domain.reports.document import Document
from domain.values import KeyId
from persistence.database import Reading, Tenant
from persistence.insights.sharing import SharedLink
from resolvers.context import Context, Services
from resolvers.insight_results import result_of
from resolvers.loaders import Loaders
from resolvers.report_links import nothing

LOOKS, TRIES, TRIES_OF_ALL = 120, 10, 60
"""In a minute: pages that one address may open, passwords that it may try of one link, and that all may."""

_NOBODY = KeyId(UUID(int=0))


class _Found(NamedTuple):
    link: SharedLink
    insight: SavedInsight
    org: Org
    time_zone: str
    """That of who made it: days are cut in it."""


async def open_insight(services: Services, token: str, address: str, password: str | None = None) -> Document:
    """What a link shows now. Raises NotFound, without a word why: it was switched off, turned, or never was one, the
    insight is gone; PasswordNeeded; TooMany for an address that asks too often, and for too many wrong passwords."""
    (await resolvers.rate_limits.spend(services, "shared insight", address, LOOKS)).check()
    said = read(token)
    if said is None:
        raise nothing()
    async with services.database.read(Tenant(said.org_id)) as db:
        found = await _find(db, said)
    if found is None:
        raise nothing()
    await _check_password(services, found.link, token, address, password)
    return await _shown(services, found)


async def _find(db: Reading, said: Token) -> _Found | None:
    link = await persistence.insights.sharing.opened_by(db, said.org_id, said.secret)
    org = await persistence.access.find_org_by_id(db, said.org_id)
    if link is None or org is None:
        return None
    insight = await persistence.insights.saved.find(db, said.org_id, link.insight_id)
    if insight is None:
        return None
    [author] = await persistence.access.users_by_id(db, said.org_id, [insight.created_by])
    return _Found(link, insight, org, "UTC" if author is None else author.time_zone)


async def _check_password(services: Services, link: SharedLink, token: str, address: str, password: str | None) -> None:
    """A wrong one takes as long as a right one, also where there is none that would open it."""
    if not link.password_required:
        return
    if password is None:
        raise PasswordNeeded(refused=False)
    counting = replace(services, rate_limits=True)  # whoever switches limits off leaves no password to be guessed
    (await resolvers.rate_limits.spend(counting, "share password", f"{token}\n{address}", TRIES)).check()
    (await resolvers.rate_limits.spend(counting, "share password", token, TRIES_OF_ALL)).check()
    if len(password) > LONGEST_PASSWORD or not await persistence.passwords.is_one_of(password, link.hashes):
        raise PasswordNeeded(refused=True)


async def _shown(services: Services, found: _Found) -> Document:
    """The kept result while it is fresh, or a new one; what cannot be computed has none."""
    try:
        shown = await result_of(_visitor(services, found), found.insight, Refresh.BLOCKING)
        query = None if found.insight.query is None else read_query(found.insight.query).source
        return document(found.insight, query, shown.outcome.result, _computed_at(services, shown.outcome.last_refresh))
    except InvalidQuery:
        return document(found.insight, None, None, services.now())


def _computed_at(services: Services, last_refresh: datetime | None) -> datetime:
    return services.now() if last_refresh is None else last_refresh


def _visitor(services: Services, found: _Found) -> Context:
    """Somebody who may see results and nothing else."""
    caller = Caller(
        org_id=found.org.id,
        environment_id=found.org.environment_id,
        user_id=found.insight.created_by,
        time_zone=found.time_zone,
        key_id=_NOBODY,
        kind=KeyKind.PERSONAL,
        scopes=frozenset({Scope.INSIGHT_READ}),
        settings=found.org.settings,
    )
    return Context(services, caller, Loaders(services.database, Tenant(found.org.id)))
