"""What an engine computes: queries with everything settled (instants, filters, steps), nothing of a face or a clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from domain.insights.buckets import Buckets
from domain.insights.filters import EVERYTHING, Filter, Matched, Property
from domain.values import Span


class Math(StrEnum):
    """How the events of a series become a number; the names are those of the wire.

    `DAU` counts distinct subjects in a bucket, `WEEKLY_ACTIVE` and `MONTHLY_ACTIVE` those of the 7 and 30 days up to
    its end (`Buckets.active_since`). `FIRST_TIME_FOR_USER` counts subjects whose first matching event ever lies in the
    bucket. `MEDIAN` to `P99` are what lies at that share of the way through the sorted numbers, between two of them in
    proportion: SQL's percentile_cont.
    """

    TOTAL = "total"
    DAU = "dau"
    WEEKLY_ACTIVE = "weekly_active"
    MONTHLY_ACTIVE = "monthly_active"
    UNIQUE_SESSION = "unique_session"
    FIRST_TIME_FOR_USER = "first_time_for_user"
    SUM = "sum"
    AVG = "avg"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    P75 = "p75"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"


MEANS = frozenset(
    (Math.AVG, Math.MEDIAN, Math.MIN, Math.MAX, Math.P75, Math.P90, Math.P95, Math.P99),
)
"""Numbers that are none where nothing counts; all others are 0."""


class Subject(StrEnum):
    """Whose events belong together: what funnels, retention, paths and counts of "unique ones" are about."""

    DEVELOPER = "developer"
    SESSION = "session"
    ARC = "arc"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """By the values of up to three properties. The `limit` most frequent combinations stand for themselves, the rest
    for `OTHER` in every place; a missing value is None."""

    properties: tuple[Property, ...]
    limit: int = 25


OTHER = "$$_goalarc_other_$$"
"""What engines call the rest of a breakdown."""
MISSING = "$$_goalarc_missing_$$"
"""What results call a value that an event has not."""
BreakdownValue: TypeAlias = tuple[str | None, ...]
"""One text for each property of the breakdown; () without one."""


def named(value: BreakdownValue) -> tuple[str, ...] | None:
    """The value as results have it: None without a breakdown."""
    return tuple(MISSING if one is None else one for one in value) or None


def in_words(told: tuple[str, ...] | None, between: str = ", ") -> str:
    """The value that a result named so, for people; nothing without a breakdown."""
    if told and set(told) == {OTHER}:
        return "others"
    return between.join("none" if one == MISSING else one for one in told or ())


def meant(told: BreakdownValue) -> BreakdownValue:
    """The value that a result named so."""
    return tuple(None if one == MISSING else one for one in told)


@dataclass(frozen=True, slots=True)
class Series:
    matched: Matched
    math: Math = Math.TOTAL
    of: Property | None = None
    """The number that `SUM` to `P99` are taken of; events without it do not count."""


@dataclass(frozen=True, slots=True)
class TrendsPlan:
    """For each series, value of the breakdown and bucket one number."""

    series: tuple[Series, ...]
    within: Buckets
    where: Filter = EVERYTHING
    breakdown: Breakdown | None = None
    subject: Subject = Subject.DEVELOPER
    only_first: bool = False
    """`DAU` and `UNIQUE_SESSION` count each only in the first bucket that has it, so that running sums are right."""


@dataclass(frozen=True, slots=True)
class Line:
    """`values` has one number a bucket: 0.0 where nothing counts, None where there is nothing to take a mean of."""

    series: int
    breakdown: BreakdownValue
    values: tuple[float | None, ...]


class FunnelOrder(StrEnum):
    """`ORDERED`: each step after the one before, anything between. `STRICT`: nothing of the subject between.
    `UNORDERED`: all steps within the window, in whatever order."""

    ORDERED = "ordered"
    STRICT = "strict"
    UNORDERED = "unordered"


class Attribution(StrEnum):
    """Which event's property says to which value of the breakdown a subject belongs: of its attempt the first or the
    last event that has the property, or that of one step (None where it was not reached). With `ALL_EVENTS` each value
    has a funnel of its own, of the events that have it."""

    FIRST_TOUCH = "first_touch"
    LAST_TOUCH = "last_touch"
    ALL_EVENTS = "all_events"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A subject leaves the funnel if a matching event lies between steps `after` and `before` (counted from 0) of every
    attempt that got farthest: later than the one, earlier than the other where that is reached, and within the window.

    Unordered funnels know exclusions between the first and the last step only.
    """

    matched: Matched
    after: int
    before: int


@dataclass(frozen=True, slots=True)
class FunnelPlan:
    """2 to 20 steps. The first happens within `within`, the others within `window` after it and before its end.

    Every event that fits the first step (of unordered funnels any step) begins an attempt, which takes the first event
    that fits each next step. A subject counts once, for the attempt that got farthest; of several the one that started
    last ("latest possible start"): an attempt is never given up because an older one ran out of time.

    No event is two steps of an attempt. Only different steps of unordered funnels may be the same event, where it fits
    both. Events of equal ts come in the order of their ordinals, then of their ids.
    """

    steps: tuple[Matched, ...]
    within: Buckets
    window: timedelta = timedelta(days=14)
    order: FunnelOrder = FunnelOrder.ORDERED
    exclusions: tuple[Exclusion, ...] = ()
    where: Filter = EVERYTHING
    breakdown: Breakdown | None = None
    attribution: Attribution = Attribution.FIRST_TOUCH
    attribution_step: int = 0
    subject: Subject = Subject.DEVELOPER
    entered: int = 0
    """Over time: the step that those who entered have reached, as a rule the first. Times are told from it on."""


@dataclass(frozen=True, slots=True)
class FunnelCounts:
    """Of one value of the breakdown: how many reached each step, and how long they took to it from the one before, in
    seconds (None for the first step and where nobody did)."""

    breakdown: BreakdownValue
    counts: tuple[int, ...]
    average_s: tuple[float | None, ...]
    median_s: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class FunnelTimes:
    """How long from one step to another: `counts[i]` subjects took [starts_s[i], starts_s[i + 1]); the last bin is
    closed."""

    starts_s: tuple[float, ...]
    counts: tuple[int, ...]
    average_s: float | None


@dataclass(frozen=True, slots=True)
class FunnelTrend:
    """By the bucket of the first step: how many began (reached the step `entered` of the plan), and how many of them
    reached the last step. A subject counts once in each bucket in which it begins."""

    breakdown: BreakdownValue
    entered: tuple[int, ...]
    converted: tuple[int, ...]


class RetentionKind(StrEnum):
    """Which cohorts a subject is in.

    `RECURRING`: that of each bucket with a target event. `FIRST_TIME`: that of its first target event ever.
    `FIRST_EVER`: that of its first event ever with the target's name (and the filter of the whole query), if this very
    event passes the target's own filter, too. Where the first one lies before all buckets the subject is in no cohort.
    """

    RECURRING = "retention_recurring"
    FIRST_TIME = "retention_first_time"
    FIRST_EVER = "retention_first_ever_occurrence"


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """Cohort i is those whom `kind` puts there for an event in bucket i; of them count in period j who have a returning
    event in bucket i + j. With `cumulative` those who have one in that bucket or a later one.

    A breakdown takes the value of the event that a subject came into the cohort with: the first one in it. Events of
    equal ts come in the order of their ordinals, then of their ids.
    """

    target: Matched
    returning: Matched
    within: Buckets
    kind: RetentionKind = RetentionKind.RECURRING
    cumulative: bool = False
    where: Filter = EVERYTHING
    breakdown: Breakdown | None = None
    subject: Subject = Subject.DEVELOPER

    @property
    def entry(self) -> Matched:
        """The events of which the first one counts: for `FIRST_EVER` those that fail the target's own filter, too."""
        return Matched(self.target.event) if self.kind is RetentionKind.FIRST_EVER else self.target

    @property
    def entry_span(self) -> Span:
        """When such events are looked for."""
        return self.within.span if self.kind is RetentionKind.RECURRING else Span(None, self.within.end)


@dataclass(frozen=True, slots=True)
class RetentionCounts:
    """`sizes[i]` is the size of cohort i; `returned[i]` has a count for each bucket from i on."""

    breakdown: BreakdownValue
    sizes: tuple[int, ...]
    returned: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Names that match the regular expression are all called `alias`; of several the first that fits counts."""

    regex: str
    alias: str


@dataclass(frozen=True, slots=True)
class PathsPlan:
    """Steps of a subject one after the other. Of developers a rest of 30 minutes or more begins a new path; a session
    or a goal arc is one path, however long it rests. The same name twice in a row is one step, that began with the
    first of them.

    With `start` a path is cut to begin with its first such step, with `end` to end with its first one (after the start,
    where there is one); paths without it are left out. `step_limit` steps are shown: the first ones, or the last ones
    where only an `end` is told. `start` and `end` are names as `cleaning` leaves them.

    `events` are the names that count (empty: all), `excluded` those that do not.
    """

    within: Buckets
    events: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    step_limit: int = 5
    edge_limit: int = 50
    min_edge: int | None = None
    max_edge: int | None = None
    cleaning: tuple[Cleaning, ...] = ()
    where: Filter = EVERYTHING
    subject: Subject = Subject.DEVELOPER

    @property
    def is_cut_by_rests(self) -> bool:
        return self.subject is Subject.DEVELOPER


@dataclass(frozen=True, slots=True)
class Edge:
    """`count` paths go from `source` (their step number `step`, from 1) to `target`, in `average_s` seconds."""

    step: int
    source: str
    target: str
    count: int
    average_s: float


class LifecycleStatus(StrEnum):
    """In a bucket: first seen ever; seen in the one before too; seen before, but not in the one before; and not seen
    after being seen in the one before."""

    NEW = "new"
    RETURNING = "returning"
    RESURRECTING = "resurrecting"
    DORMANT = "dormant"


@dataclass(frozen=True, slots=True)
class LifecyclePlan:
    matched: Matched
    within: Buckets
    before: datetime
    """Where the bucket before the first one begins."""
    where: Filter = EVERYTHING
    subject: Subject = Subject.DEVELOPER


@dataclass(frozen=True, slots=True)
class LifecycleCounts:
    """Each has one count a bucket, none is negative."""

    new: tuple[int, ...]
    returning: tuple[int, ...]
    resurrecting: tuple[int, ...]
    dormant: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StickinessPlan:
    """For each series how many subjects have matching events in exactly 1, 2, … n of the buckets."""

    series: tuple[Matched, ...]
    within: Buckets
    where: Filter = EVERYTHING
    cumulative: bool = False
    """In at least as many, instead of exactly."""
    subject: Subject = Subject.DEVELOPER


@dataclass(frozen=True, slots=True)
class SqlPlan:
    """`statement` was read and written anew by the guard: one SELECT over the documented views. It asks for one row
    more than `limit`, and binds whom it serves as `$1` (organisation) and `$2` (developer, or null for all of them).

    Days are cut in `zone`. `columns` are the names of the columns as the query has them.
    """

    statement: str
    limit: int
    columns: tuple[str, ...]
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` hold JSON values. `more`: the limit cut some off."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    more: bool
