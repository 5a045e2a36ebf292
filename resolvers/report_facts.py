"""Gathers what a report is made of, with as many statements for a year of two hundred people as for a day of one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import persistence.access
import persistence.clusters
import persistence.report_rows
import persistence.score_days
import persistence.summaries_of_many
import persistence.timeline
from domain.access import User
from domain.judging.arcs import RULESET_VERSION
from domain.judging.records import SubSession
from domain.judging.turns import prompt_text
from domain.reports.facts import (
    MOST_ARCS,
    TOGETHER,
    Activity,
    Facts,
    MissCount,
    Point,
    WorstPrompt,
    bounds_of,
    like_periods,
    units,
)
from domain.reports.records import ReportFailed, ReportKind, ReportPeriod, Stage
from domain.scores.composite import Composite
from domain.scores.days import date_of
from domain.scores.totals import Totals, combined
from domain.scores.windows import Bounds, zone_named
from domain.summaries_of_many import Highlight, TypeStat
from domain.values import OrgId, SessionId, UserId
from persistence.database import Reading, Tenant
from persistence.score_days import Wanted
from persistence.summaries_of_many import Wanted as Summed
from resolvers.composite import composites_of
from resolvers.context import Services

Progress = Callable[[Stage, float], Awaitable[None]]
"""Told at each stage how far a report is, from 0 to 1; raises Cancelled where nobody wants it any more."""

_AT_ONCE = 200
"""The days of so many developers are read with one statement."""
_SURELY = 2_000
"""So many of an organisation's developers have the figures of the older score worked out; more would take too long."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The work of one developer, or of an organisation."""

    org_id: OrgId
    user_id: UserId | None

    @property
    def tenant(self) -> Tenant:
        return Tenant(self.org_id, self.user_id)

    @property
    def version(self) -> ReportKind:
        return ReportKind.V21 if self.user_id is None else ReportKind.V3


class _Rows(NamedTuple):
    """What is read in one scope."""

    name: str
    developers: Sequence[User]
    activities: Sequence[Activity]
    active_days: int
    wins: Sequence[SubSession]
    misses: Sequence[SubSession]
    missed: Sequence[MissCount]
    worst_prompts: Sequence[WorstPrompt]
    highlights: Sequence[Highlight]
    types: Sequence[TypeStat]


async def gather(services: Services, whose: Whose, period: ReportPeriod, told: Progress) -> Facts:
    """Raises ReportFailed where the developer or the organisation is gone, and what `told` raises."""
    now = services.now()
    windows, (unit, points) = like_periods(period), units(period)
    await told(Stage.EXTRACTING, 0.05)
    async with services.database.read(whose.tenant) as db:
        rows = await _rows(db, whose, period, bounds_of(windows))
        kin = await _kin(db, whose, rows)
    await told(Stage.SCORING, 0.35)
    found = await _totals(services, whose, rows.developers, bounds_of([*windows, *points]))
    await told(Stage.SCORING, 0.5)
    return Facts(
        version=whose.version,
        period=period,
        as_of=now,
        name=rows.name,
        user_id=whose.user_id or TOGETHER,
        windows=windows,
        parts=tuple(found[: len(windows)]),
        activities=tuple(rows.activities),
        points=tuple(Point(*one) for one in zip(points, found[len(windows) :], strict=True)),
        unit=unit,
        active_days=rows.active_days,
        wins=tuple(rows.wins),
        misses=tuple(rows.misses),
        missed=tuple(rows.missed),
        worst_prompts=tuple(rows.worst_prompts),
        highlights=tuple(rows.highlights),
        types=tuple(rows.types),
        composites=await _composites(services, whose, rows.developers, period, bounds_of(windows)),
        ruleset_version=RULESET_VERSION,
        kin=kin,
    )


async def _rows(db: Reading, whose: Whose, period: ReportPeriod, stretches: Sequence[Bounds]) -> _Rows:
    org_id, user_id = whose.org_id, whose.user_id
    within = Bounds(period.start, period.end)
    quarters = await persistence.report_rows.active_quarters(db, org_id, user_id, within)
    return _Rows(
        name=await _name(db, whose),
        developers=await persistence.report_rows.developers(
            db, org_id, user_id, Bounds(stretches[0].start, period.end)
        ),
        activities=await persistence.report_rows.activities(db, org_id, user_id, stretches),
        active_days=len({_day(at, period) for at in quarters}),
        wins=await persistence.report_rows.wins(db, org_id, user_id, within, MOST_ARCS),
        misses=await persistence.report_rows.misses(db, org_id, user_id, within, MOST_ARCS),
        missed=await persistence.report_rows.missed(db, org_id, user_id, within),
        worst_prompts=await _worst_prompts(db, org_id, user_id, within),
        highlights=(await persistence.summaries_of_many.highlights(db, org_id, Summed(within, user_id))).items,
        types=await persistence.summaries_of_many.stats(db, org_id, Summed(within, user_id)),
    )


async def _kin(db: Reading, whose: Whose, rows: _Rows) -> frozenset[SessionId]:
    told = (*rows.wins, *rows.misses, *(one.arc for one in rows.worst_prompts))
    return frozenset(await persistence.clusters.kin(db, whose.org_id, {arc.session_id for arc in told}))


def _day(quarter: datetime, period: ReportPeriod) -> object:
    """Of work that began in the quarter, of which a period may hold the later part."""
    return date_of(max(quarter, period.start), period.zone)


async def _name(db: Reading, whose: Whose) -> str:
    if whose.user_id is None:
        org = await persistence.access.find_org_by_id(db, whose.org_id)
        found = None if org is None else org.slug
    else:
        [user] = await persistence.access.users_by_id(db, whose.org_id, [whose.user_id])
        found = None if user is None else user.email
    if found is None:
        raise ReportFailed("subject_gone", "Whom the report is about is not here any more.")
    return found


async def _worst_prompts(db: Reading, org_id: OrgId, user_id: UserId | None, within: Bounds) -> list[WorstPrompt]:
    arcs = await persistence.report_rows.weakest(db, org_id, user_id, within, MOST_ARCS)
    places = [(arc.session_id, arc.prompt_ids[0]) for arc in arcs]
    stored = await persistence.timeline.events_by_id(db, org_id, places) if places else []
    told = [(arc, "" if one is None else prompt_text(one.event)) for arc, one in zip(arcs, stored, strict=True)]
    return [WorstPrompt(arc, text, arc.rubric.grade_points or 0.0) for arc, text in told if text]


async def _totals(
    services: Services, whose: Whose, developers: Sequence[User], stretches: Sequence[Bounds]
) -> list[Totals]:
    """What each stretch adds up to, of all developers together, from the days that their scores are made of."""
    bounds = tuple(stretches)
    wanted = [Wanted(user.id, zone_named(user.time_zone), bounds) for user in developers]
    found: list[list[Totals]] = []
    for first in range(0, len(wanted), _AT_ONCE):  # adding up a thousand at once would hold up whoever else waits
        part = wanted[first : first + _AT_ONCE]
        found += await persistence.score_days.totals_of(services.database, whose.tenant, part)
    if len(found) == 1:
        return found[0]
    return [combined(parts) for parts in zip(*found, strict=True)] if found else [Totals() for _ in bounds]


async def _composites(
    services: Services, whose: Whose, developers: Sequence[User], period: ReportPeriod, stretches: Sequence[Bounds]
) -> tuple[Composite, ...]:
    if whose.version is not ReportKind.V21 or not 1 <= len(developers) <= _SURELY:
        return ()
    ids = [user.id for user in developers]
    return (await composites_of(services, whose.tenant, ids, stretches, period.zone)).pooled
