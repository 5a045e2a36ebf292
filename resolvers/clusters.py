"""Gathering the sessions that must be derived together (domain reference, section 4.3).

A session's arcs depend on other sessions in three ways: fragments of neighbours may be merged with its own, lines that
a resumed session copied count for the older one, and its developer may have joined arcs by hand. Starting from one
session, everything that hangs together so is read, each part in a short scope of its own.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import persistence.access
import persistence.appeals
import persistence.arc_edits
import persistence.clusters
import persistence.labels
import persistence.timeline
from domain.judging.arcs import Fragment, Rules, SessionLog
from domain.judging.by_hand import Edits, Shape
from domain.judging.merging import REJOIN_WITHIN
from domain.judging.records import CloseReason
from domain.judging.segmentation import segment
from domain.sessions import IDLE_END
from domain.values import EventId, OrgId, SessionId, UserId
from persistence.clusters import Edges, Head
from persistence.database import Reading, Tenant
from resolvers.context import Services

_ENOUGH = 50
"""A cluster of so many sessions takes none along that could wait."""

_NEVER = datetime.max.replace(tzinfo=UTC)
_REJOINED = (CloseReason.CLEAR, CloseReason.SESSION_END)


@dataclass(frozen=True, slots=True)
class Member:
    """A session of a cluster: its state as read, with its end by rest as of now; what counts of its events, the shape
    that its developer gave to their work, and the fragments they make."""

    head: Head
    log: SessionLog
    shape: Shape
    fragments: tuple[Fragment, ...]
    younger: frozenset[SessionId]
    """Sessions that hold copies of events that count here."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Sessions that are derived together, ordered by id; `edits` are the labels and appeals of their fragments."""

    members: tuple[Member, ...]
    rules: Rules
    edits: Edits

    @property
    def ids(self) -> list[SessionId]:
        return [member.head.id for member in self.members]

    @property
    def heads(self) -> list[Head]:
        return [member.head for member in self.members]

    @property
    def users(self) -> set[UserId]:
        return {member.head.user_id for member in self.members}


async def gather(services: Services, org_id: OrgId, id: SessionId) -> Cluster:
    """The cluster of a session as it stands; empty when the session is gone."""
    rules = await _rules(services, org_id)
    members: dict[SessionId, Member] = {}
    wanted, seen = {id}, {id}
    while wanted:
        for member in await _load(services, org_id, wanted, rules):
            members[member.head.id] = member
        async with services.database.read(Tenant(org_id)) as db:
            found = await surroundings(db, org_id, members.values())
            if len(members) < _ENOUGH:
                found |= await _upcoming(db, org_id, members.values())
        wanted, seen = found - seen, seen | found
    async with services.database.read(Tenant(org_id)) as db:
        edits = await edits_of(db, org_id, members.values())
    return Cluster(tuple(members[id] for id in sorted(members)), rules, edits)


async def edits_of(db: Reading, org_id: OrgId, members: Iterable[Member]) -> Edits:
    """What people said of these fragments, as stored now."""
    ids = [fragment.id for member in members for fragment in member.fragments]
    labels = await persistence.labels.edits(db, org_id, ids)
    return Edits(labels, await persistence.appeals.appeals(db, org_id, ids))


async def surroundings(db: Reading, org_id: OrgId, members: Iterable[Member]) -> set[SessionId]:
    """Every session that these depend on or that depends on them, as stored now."""
    members = list(members)
    found = await persistence.clusters.kin(db, org_id, [member.head.id for member in members])
    for edges in _edges(members):
        found |= await persistence.clusters.neighbours(db, org_id, edges, REJOIN_WITHIN)
    if joined := _joined(members):
        found |= set(await persistence.clusters.heads(db, org_id, joined))  # those that still exist
    return found.union(*(member.younger for member in members))


def _joined(members: Iterable[Member]) -> set[SessionId]:
    """The sessions that were joined by hand with one of these."""
    return {
        id
        for member in members
        for join in member.shape.joins
        if member.head.id in join.session_ids
        for id in join.session_ids
    }


async def _upcoming(db: Reading, org_id: OrgId, members: Iterable[Member]) -> set[SessionId]:
    """What waits for its first derivation next to these; taking it along saves deriving these once more with it."""
    found: set[SessionId] = set()
    for edges in _edges(members):
        found |= await persistence.clusters.upcoming(db, org_id, edges, REJOIN_WITHIN)
    return found


async def _rules(services: Services, org_id: OrgId) -> Rules:
    async with services.database.read(Tenant(org_id)) as db:
        org = await persistence.access.find_org_by_id(db, org_id)
    return Rules() if org is None else Rules(split_on_commit=org.settings.split_on_commit)


async def _load(services: Services, org_id: OrgId, ids: set[SessionId], rules: Rules) -> list[Member]:
    async with services.database.read(Tenant(org_id)) as db:
        # Heads first: events that arrive in between make a newer revision, and the newer revision is derived again.
        heads = await persistence.clusters.heads(db, org_id, ids)
        shapes = await persistence.arc_edits.shapes(db, org_id, {head.user_id for head in heads.values()})
        read = [await _read(db, org_id, head, services.now()) for head in heads.values()]
    return await asyncio.to_thread(_cut, read, rules, shapes)


def _cut(
    read: Iterable[tuple[Head, SessionLog, frozenset[SessionId]]], rules: Rules, shapes: Mapping[UserId, Shape]
) -> list[Member]:
    return [
        Member(head, log, shapes[head.user_id], tuple(segment(log, rules, shapes[head.user_id].cut_at)), younger)
        for head, log, younger in read
    ]


async def _read(db: Reading, org_id: OrgId, head: Head, now: datetime) -> tuple[Head, SessionLog, frozenset[SessionId]]:
    events = await persistence.timeline.events_of_session(db, org_id, head.id)
    copied, younger = await _copies(db, org_id, head)
    counted = tuple(event for event in events if event.id not in copied)
    at_rest = replace(head, idle_ended_at=idle_end(head, now))
    end = head.ended_at or at_rest.idle_ended_at
    return at_rest, SessionLog(head.id, head.user_id, head.project, end, counted), younger


async def _copies(db: Reading, org_id: OrgId, head: Head) -> tuple[set[EventId], frozenset[SessionId]]:
    """The events that count for an older session, and the sessions that this one is the older of."""
    copies = await persistence.clusters.copies(db, org_id, head.id)
    others = await persistence.clusters.heads(db, org_id, {copy.other_id for copy in copies})
    older = {id for id, other in others.items() if _age(other) < _age(head)}
    return {copy.id for copy in copies if copy.other_id in older}, frozenset(others.keys() - older)


def _age(head: Head) -> tuple[datetime, SessionId]:
    return head.started_at or _NEVER, head.id


def idle_end(head: Head, now: datetime) -> datetime | None:
    """The last activity of a session whose end was never told, once it rested long enough."""
    if head.ended_at is not None or head.last_activity_at is None or now - head.last_activity_at < IDLE_END:
        return None
    return head.last_activity_at


def _edges(members: Iterable[Member]) -> list[Edges]:
    """Where fragments begin and close, by developer and project; without one nothing is merged across sessions."""
    grouped: dict[tuple[UserId, str], list[Fragment]] = {}
    for member in members:
        if member.head.project is not None:
            grouped.setdefault((member.head.user_id, member.head.project), []).extend(member.fragments)
    return [
        Edges(
            user_id,
            project,
            starts=tuple(fragment.started_at for fragment in fragments),
            closes=tuple(f.closed_at for f in fragments if f.closed_at is not None and f.close_reason in _REJOINED),
        )
        for (user_id, project), fragments in grouped.items()
    ]
