"""Deriving goal arcs: a session that changed is read with all that hangs together with it, judged, and stored.

Nothing is locked while reading and judging. The transaction that stores the result lets one derivation of a developer
in at a time, makes sure that nothing newer was stored and no new neighbour has appeared meanwhile, and ends the job
under its fence token; otherwise it stores nothing.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import persistence.arc_edits
import persistence.arc_texts
import persistence.clusters
import persistence.composite
import persistence.derivation
import persistence.insights.events
import persistence.job_runs
import persistence.jobs
import persistence.live
import persistence.session_figures
import persistence.session_parts
import persistence.session_texts
import persistence.summaries
import resolvers.cohorts
from domain import search, session_parts
from domain.errors import Unavailable
from domain.insights import facts
from domain.insights.arc_facts import arc_facts
from domain.insights.facts import Fact
from domain.jobs import Job, Overtaken
from domain.judging.arcs import RULESET_VERSION, SessionLog
from domain.judging.derive import derive
from domain.judging.integrity import median_substance_outliers
from domain.judging.judge import Judge
from domain.judging.records import FlagKind, State, SubSession
from domain.judging.rework import find_rework
from domain.judging.totals import SessionTotals, totals
from domain.judging.turns import prompt_text
from domain.judging.usage import main_model
from domain.prices.catalogue import VERSION as PRICES_VERSION
from domain.scores import composite_trail
from domain.scores.composite_trail import Trail, trails
from domain.session_parts import SessionParts
from domain.sessions import IDLE_END
from domain.summaries import Course, course
from domain.timeline import Event, Kind
from domain.values import EventId, OrgId, SessionId, SubSessionId
from persistence.bus import live_channel
from persistence.clusters import Head
from persistence.database import Reading, Tenant, Writing
from persistence.derivation import Update
from persistence.insights.events import Origin, Told
from persistence.words import Words
from resolvers.clusters import Cluster, Member, edits_of, gather, idle_end, surroundings
from resolvers.context import Services

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Summed:
    """What follows from a session beside its arcs."""

    totals: SessionTotals
    parts: SessionParts
    words: Words
    course: Course | None
    trail: Trail
    facts: Sequence[Fact]
    """Those of its arcs left out."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from a cluster, before rework is looked for."""

    arcs: tuple[SubSession, ...]
    sessions: Mapping[SessionId, Summed]
    models: Mapping[SubSessionId, str | None]
    """The main model of each arc."""
    words: Mapping[SubSessionId, Words]
    """Those of the prompts of each arc."""
    version: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Which arcs deriving `session_ids` would change: as they are stored, and as they would be; None: not there."""

    session_ids: Sequence[SessionId]
    old: Mapping[SubSessionId, SubSession | None]
    new: Mapping[SubSessionId, SubSession | None]


def version(judge: Judge) -> str:
    """What results depend on beside the events; sessions derived under another one are derived again."""
    kept = f"{session_parts.VERSION}.{search.VERSION}.{composite_trail.VERSION}.{facts.VERSION}"
    return f"{RULESET_VERSION}/{PRICES_VERSION}/{kept}/{judge.version}"


async def derive_session(services: Services, job: Job) -> None:
    """The job: derives the session `job.key` and its cluster, unless it was derived with a neighbour just now.

    Raises LeaseLost when the job was given to somebody else, Overtaken when others were faster five times.
    """
    if not await _close_if_done(services, job):
        await _derive(services, job.org_id, SessionId(job.key), job)


async def derive_now(services: Services, org_id: OrgId, id: SessionId) -> None:
    """The same without a job, for whoever waits for the result. Raises Unavailable when others were always faster."""
    try:
        await _derive(services, org_id, id, None)
    except Overtaken:
        raise Unavailable("others change the same work at this moment: try again") from None


async def rehearse(
    services: Services, org_id: OrgId, id: SessionId, ahead: Mapping[SubSessionId, SubSession | None]
) -> Rehearsed:
    """What `derive_now` would change if arcs were as in `ahead` already (None: gone). Nothing is stored or locked."""
    cluster = await gather(services, org_id, id)
    derived = await asyncio.to_thread(_judge, cluster, services.judge)
    new = {arc.id: arc for arc in derived.arcs}
    async with services.database.read(Tenant(org_id)) as db:
        old = {arc.id: arc for arc in await persistence.derivation.arcs_of_sessions(db, org_id, cluster.ids)}
        updates = await _after_rework(db, org_id, cluster.ids, old, new, ahead)
    gone = dict.fromkeys(old.keys() - new.keys())
    return Rehearsed(
        cluster.ids,
        {id: old[id] for id in gone} | {update.new.id: update.old for update in updates},
        gone | {update.new.id: update.new for update in updates},
    )


async def _close_if_done(services: Services, job: Job) -> bool:
    """Ends a job whose session has not changed since its arcs were stored."""
    id = SessionId(job.key)
    async with services.database.write(Tenant(job.org_id)) as db:
        head = (await persistence.clusters.heads(db, job.org_id, [id])).get(id)
        if head is None or head.done_revision < head.revision or head.done_version != version(services.judge):
            return False
        if head.idle_ended_at != idle_end(head, services.now()):
            return False
        await _schedule_end(db, job.org_id, head)
        await persistence.job_runs.finish(db, job)
    return True


async def _schedule_end(db: Writing, org_id: OrgId, head: Head) -> None:
    """A running session is looked at again when it will have rested long enough to have ended."""
    if head.ended_at is None and head.idle_ended_at is None and head.last_activity_at is not None:
        await persistence.jobs.schedule(db, org_id, head.user_id, head.id, head.last_activity_at + IDLE_END)


async def _derive(services: Services, org_id: OrgId, id: SessionId, job: Job | None) -> None:
    for _ in range(_TRIES):
        cluster = await gather(services, org_id, id)
        derived = await asyncio.to_thread(_judge, cluster, services.judge)
        try:
            async with services.database.write(Tenant(org_id)) as db:
                changed = await _store(db, org_id, cluster, derived, job)
        except Overtaken:
            continue
        if changed:
            services.bus.announce(live_channel(org_id))
        return
    raise Overtaken(id)


def _judge(cluster: Cluster, judge: Judge) -> Derived:
    """Arcs of one developer at a time: copies may tie sessions of several together."""
    logs = sorted((member.log for member in cluster.members), key=lambda log: log.user_id)
    shapes = {member.head.user_id: member.shape for member in cluster.members}
    arcs = [
        arc
        for user_id, mine in groupby(logs, key=lambda log: log.user_id)
        for arc in derive(list(mine), cluster.rules, judge, replace(cluster.edits, shape=shapes[user_id]))
    ]
    own: dict[SessionId, list[SubSession]] = {log.session_id: [] for log in logs}
    for arc in arcs:
        own[arc.session_id].append(arc)
    left = zip(logs, trails(logs, arcs), strict=True)
    arc_of = _arcs_of_events(cluster.members, arcs)
    told = {log.session_id: _summed(log, own[log.session_id], trail, arc_of) for log, trail in left}
    return Derived(tuple(arcs), told, _models(logs, arc_of), _words(logs, arcs), version(judge))


def _arcs_of_events(members: Iterable[Member], arcs: Iterable[SubSession]) -> dict[EventId, SubSessionId]:
    """The arc that each event counts for, which is never a fragment that was merged away."""
    into = {arc.id: arc.merged_into_id or arc.id for arc in arcs}
    return {
        event.id: into[fragment.id] for member in members for fragment in member.fragments for event in fragment.events
    }


def _models(logs: Iterable[SessionLog], arc_of: Mapping[EventId, SubSessionId]) -> dict[SubSessionId, str | None]:
    events: dict[SubSessionId, list[Event]] = {}
    for log in logs:
        for event in log.events:
            if event.id in arc_of:
                events.setdefault(arc_of[event.id], []).append(event)
    return {id: main_model(told) for id, told in events.items()}


def _words(logs: Iterable[SessionLog], arcs: Iterable[SubSession]) -> dict[SubSessionId, Words]:
    said = {event.id: prompt_text(event) for log in logs for event in log.events if event.kind is Kind.PROMPT}
    return {
        arc.id: search.index(((search.Weight.PROMPT, said.get(id, "")) for id in arc.prompt_ids), search.MOST_CHARS)
        for arc in arcs
        if arc.state is not State.MERGED
    }


def _summed(
    log: SessionLog, arcs: Sequence[SubSession], trail: Trail, arc_of: Mapping[EventId, SubSessionId]
) -> Summed:
    prompts = (event for event in log.events if event.kind is Kind.PROMPT and event.agent_id is None)
    texts = ((search.Weight.PROMPT, prompt_text(prompt)) for prompt in prompts)
    words = search.index(texts, search.MOST_CHARS)
    parts = session_parts.session_parts(log.events)
    sums = totals(log.events)
    return Summed(sums, parts, words, course(log, parts, arcs), trail, facts.session_facts(log, sums, arc_of))


async def _store(db: Writing, org_id: OrgId, cluster: Cluster, derived: Derived, job: Job | None) -> bool:
    """Stores what changed and says whether anything did. Reads come first: the log of live events waits for writers."""
    await persistence.clusters.lock(db, org_id, cluster.users)
    await _check(db, org_id, cluster)
    old = {arc.id: arc for arc in await persistence.derivation.arcs_of_sessions(db, org_id, cluster.ids)}
    new = {arc.id: _with_outlier_flag(arc, old.get(arc.id)) for arc in derived.arcs}
    gone = [arc for id, arc in old.items() if id not in new]
    updates = await _after_rework(db, org_id, cluster.ids, old, new)
    await persistence.derivation.delete_arcs(db, org_id, gone)
    await persistence.derivation.save_arcs(db, org_id, updates)
    await persistence.arc_texts.save(db, org_id, derived.arcs, derived.words)
    await _save_sessions(db, org_id, cluster, derived, updates)
    standing = {id: arc for id, arc in old.items() if id in new} | {update.new.id: update.new for update in updates}
    await _save_facts(db, org_id, cluster, derived, standing.values())
    await resolvers.cohorts.refresh(db, org_id, cluster.members)
    await _end_run(db, org_id, cluster, derived, job)
    if any(_is_scored(update) for update in updates) or any(arc.state is State.SCORED for arc in gone):
        await persistence.jobs.enqueue_outliers(db, org_id)
    return bool(updates or gone)


async def _check(db: Reading, org_id: OrgId, cluster: Cluster) -> None:
    """Raises Overtaken when what was read is no longer all, or a newer result is stored."""
    heads = await persistence.clusters.heads(db, org_id, cluster.ids)
    for member in cluster.members:
        head = heads.get(member.head.id)
        if head is None or head.done_revision > member.head.revision:
            raise Overtaken(member.head.id)
    shapes = await persistence.arc_edits.shapes(db, org_id, cluster.users)
    if any(member.shape != shapes[member.head.user_id] for member in cluster.members):
        raise Overtaken(*cluster.ids)
    around = await surroundings(db, org_id, cluster.members)
    edits = await edits_of(db, org_id, cluster.members)
    if not around <= set(cluster.ids) or edits != cluster.edits:
        raise Overtaken(*cluster.ids)


async def _save_sessions(
    db: Writing, org_id: OrgId, cluster: Cluster, derived: Derived, updates: Sequence[Update]
) -> None:
    """What lists and pages show of the sessions; arcs elsewhere that changed count for their own ones."""
    told = derived.sessions
    for head in cluster.heads:
        await persistence.derivation.save_totals(db, org_id, head.id, told[head.id].totals, head.idle_ended_at)
    parts = {head.id: (head.user_id, told[head.id].parts) for head in cluster.heads}
    await persistence.session_parts.save(db, org_id, parts)
    courses = {head.id: (head.user_id, told[head.id].course) for head in cluster.heads}
    await persistence.summaries.save(db, org_id, courses)
    await persistence.composite.save(
        db, org_id, {head.id: (head.user_id, told[head.id].trail) for head in cluster.heads}
    )
    words = {id: told[id].words for id in cluster.ids}
    await persistence.session_texts.refresh(db, org_id, cluster.ids, words)
    elsewhere = {arc.session_id for update in updates for arc in update if arc is not None}
    await persistence.session_figures.refresh(db, org_id, elsewhere.union(cluster.ids))


async def _save_facts(
    db: Writing, org_id: OrgId, cluster: Cluster, derived: Derived, arcs: Iterable[SubSession]
) -> None:
    """What insights count of these sessions. `arcs` are all of theirs as they stand now, and those elsewhere that
    changed."""
    of_arcs: dict[SessionId, list[Fact]] = {id: [] for id in cluster.ids}
    elsewhere: list[SubSession] = []
    for arc in arcs:
        if arc.session_id in of_arcs:
            of_arcs[arc.session_id] += arc_facts(arc, derived.models.get(arc.id))
        else:
            elsewhere.append(arc)
    told = {
        head.id: Told(_origin(head), (*derived.sessions[head.id].facts, *of_arcs[head.id])) for head in cluster.heads
    }
    await persistence.insights.events.save(db, org_id, told, elsewhere)


def _origin(head: Head) -> Origin:
    """Agents are spelled as lists of sessions spell them."""
    service = head.source_service
    return Origin(head.user_id, service and service.replace("_", "-"), facts.project_name(head.project))


async def _end_run(db: Writing, org_id: OrgId, cluster: Cluster, derived: Derived, job: Job | None) -> None:
    """The jobs of the sessions, after these, in the order that everybody keeps."""
    revisions = {head.id: head.revision for head in cluster.heads}
    await persistence.jobs.mark_done(db, org_id, revisions, derived.version)
    for head in cluster.heads:
        await _schedule_end(db, org_id, head)
    if job is not None:
        await persistence.job_runs.finish(db, job)


def _with_outlier_flag(arc: SubSession, old: SubSession | None) -> SubSession:
    """The flag that another job gives stays on a scored arc until that job says otherwise."""
    kept = old.flags if old is not None and arc.state is State.SCORED else ()
    outlier = tuple(flag for flag in kept if flag.kind is FlagKind.MEDIAN_SUBSTANCE_OUTLIER)
    return replace(arc, flags=tuple(sorted((*arc.flags, *outlier), key=lambda flag: flag.kind)))


def _is_scored(update: Update) -> bool:
    return State.SCORED in (update.new.state, update.old and update.old.state)


_AS_STORED: Mapping[SubSessionId, SubSession | None] = {}


async def _after_rework(
    db: Reading,
    org_id: OrgId,
    ids: Sequence[SessionId],
    old: Mapping[SubSessionId, SubSession],
    new: Mapping[SubSessionId, SubSession],
    ahead: Mapping[SubSessionId, SubSession | None] = _AS_STORED,
) -> list[Update]:
    """Every arc that changed: those of the cluster, and older ones elsewhere that it reworked or no longer does.

    Arcs elsewhere are as stored, or as in `ahead` (None: gone).
    """
    others = _as_of(ahead, await _related(db, org_id, ids, [*old.values(), *new.values()]))
    around = [*new.values(), *others.values()]
    mine = [replace(arc, rework=find_rework(arc, around)) for arc in new.values()]
    suspects = [arc for arc in others.values() if _suspect(arc, old, new)]
    more = _as_of(ahead, await _related(db, org_id, ids, suspects))
    again = [replace(arc, rework=find_rework(arc, [*new.values(), *more.values()])) for arc in suspects]
    stored = {**others, **_as_of(ahead, old)}
    return [Update(stored.get(arc.id), arc) for arc in (*mine, *again) if stored.get(arc.id) != arc]


def _as_of(
    ahead: Mapping[SubSessionId, SubSession | None], found: Mapping[SubSessionId, SubSession]
) -> dict[SubSessionId, SubSession]:
    newest = {id: ahead.get(id, arc) for id, arc in found.items()}
    return {id: arc for id, arc in newest.items() if arc is not None}


def _suspect(arc: SubSession, old: Mapping[SubSessionId, SubSession], new: Mapping[SubSessionId, SubSession]) -> bool:
    """Whether the rework of an arc elsewhere may have changed with the cluster."""
    by_cluster = arc.rework is not None and (arc.rework.by in old or arc.rework.by in new)
    found = find_rework(arc, list(new.values()))
    return found != arc.rework if by_cluster else found is not None


async def _related(
    db: Reading, org_id: OrgId, besides: Sequence[SessionId], arcs: Iterable[SubSession]
) -> dict[SubSessionId, SubSession]:
    """What surrounds `arcs` elsewhere, by id. Only within a known project is anything rework."""
    found: dict[SubSessionId, SubSession] = {}
    known = [arc for arc in arcs if arc.project is not None and arc.state is not State.MERGED]
    known.sort(key=lambda arc: (arc.user_id, arc.project))
    for _, group in groupby(known, key=lambda arc: (arc.user_id, arc.project)):
        found |= {arc.id: arc for arc in await persistence.derivation.related(db, org_id, list(group), besides)}
    return found


async def flag_outliers(services: Services, job: Job) -> None:
    """The job: flags arcs whose substance lies far below what is usual in the organisation. Raises LeaseLost.

    It runs wherever work is scored, so it also clears away the live events that nobody may come back for.
    """
    async with services.database.read(Tenant(job.org_id)) as db:
        rows = await persistence.derivation.substance_rows(db, job.org_id)
    flags = await asyncio.to_thread(median_substance_outliers, rows)
    kind = FlagKind.MEDIAN_SUBSTANCE_OUTLIER
    async with services.database.write(Tenant(job.org_id)) as db:
        changed = await persistence.derivation.replace_flags(db, job.org_id, kind, flags)
        await persistence.live.prune(db, job.org_id)
        await persistence.job_runs.finish(db, job)
    if changed:
        services.bus.announce(live_channel(job.org_id))
