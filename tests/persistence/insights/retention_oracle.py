"""What retention counts, by looking at every subject and bucket."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from domain.insights.filters import (
    Matched,
)
from domain.insights.plans import (
    OTHER,
    BreakdownValue,
    RetentionCounts,
    RetentionKind,
    RetentionPlan,
)
from tests.make_insights import Made
from tests.persistence.insights.funnel_oracle import bucket, fits, holds, place_of, subject_of

Member = tuple[object, int]


def counts(plan: RetentionPlan, events: Sequence[Made]) -> list[RetentionCounts]:
    """As `Engine.retention`, in the same order."""
    returns = _buckets(plan, plan.returning, events)
    return [_counted(plan, label, list(members), returns) for label, members in _groups(plan, events).items()]


def behind(plan: RetentionPlan, events: Sequence[Made]) -> Iterator[tuple[int, int | None, BreakdownValue, list[Made]]]:
    """Each number by its cohort, period and value, with the events that are behind it."""
    for label, group in _groups(plan, events).items():
        for cohort, _ in enumerate(plan.within.starts):
            members = {subject for subject, own in group if own == cohort}
            yield cohort, None, label, _of(plan, plan.target, events, members, cohort, cohort)
            for later in range(cohort, len(plan.within.starts)):
                last = len(plan.within.starts) if plan.cumulative else later
                yield cohort, later - cohort, label, _of(plan, plan.returning, events, members, later, last)


def _of(
    plan: RetentionPlan, matched: Matched, events: Sequence[Made], members: set[object], first: int, last: int
) -> list[Made]:
    return [
        one
        for one in _chosen(plan, matched, events)
        if subject_of(plan.subject, one) in members and one.ts >= plan.within.starts[0]
        if first <= bucket(plan.within.bounds, one.ts) <= last
    ]


def _groups(plan: RetentionPlan, events: Sequence[Made]) -> dict[BreakdownValue, dict[Member, Made]]:
    begun = _begun(plan, events)
    if plan.breakdown is None:
        return {(): begun}
    labels = _labels(plan, [_value(plan, one) for one in begun.values()])
    groups: dict[BreakdownValue, dict[Member, Made]] = {label: {} for label in labels.values()}
    for member, one in begun.items():
        groups[labels[_value(plan, one)]][member] = one
    return groups


def _chosen(plan: RetentionPlan, matched: Matched, events: Sequence[Made]) -> list[Made]:
    """Those before the end, in the order of time."""
    return sorted(
        (
            one
            for one in events
            if one.ts < plan.within.end and fits(matched, one) and holds(plan.where, one)
            if subject_of(plan.subject, one) is not None
        ),
        key=place_of,
    )


def _begun(plan: RetentionPlan, events: Sequence[Made]) -> dict[Member, Made]:
    """Every member of a cohort, with the event it came into it with."""
    found: dict[Member, Made] = {}
    seen: set[object] = set()
    entry = Matched(plan.target.event) if plan.kind is RetentionKind.FIRST_EVER else plan.target
    for one in _chosen(plan, entry, events):
        subject = subject_of(plan.subject, one)
        is_next = plan.kind is RetentionKind.RECURRING or subject not in seen
        if is_next and fits(plan.target, one) and one.ts >= plan.within.starts[0]:
            found.setdefault((subject, bucket(plan.within.bounds, one.ts)), one)
        seen.add(subject)
    return found


def _buckets(plan: RetentionPlan, matched: Matched, events: Sequence[Made]) -> dict[object, set[int]]:
    found: dict[object, set[int]] = defaultdict(set)
    for one in _chosen(plan, matched, events):
        if one.ts >= plan.within.starts[0]:
            found[subject_of(plan.subject, one)].add(bucket(plan.within.bounds, one.ts))
    return found


def _value(plan: RetentionPlan, one: Made) -> BreakdownValue:
    if plan.breakdown is None:
        return ()
    told = [one.told(each.key) for each in plan.breakdown.properties]
    return tuple(None if value is None else str(value) for value in told)


def _labels(plan: RetentionPlan, values: Sequence[BreakdownValue]) -> dict[BreakdownValue, BreakdownValue]:
    order = sorted(set(values), key=lambda value: (-values.count(value), [(one is None, one or "") for one in value]))
    limit = len(order) if plan.breakdown is None else plan.breakdown.limit
    return {value: value if place < limit else (OTHER,) * len(value) for place, value in enumerate(order)}


def _counted(
    plan: RetentionPlan, label: BreakdownValue, members: Sequence[Member], returns: dict[object, set[int]]
) -> RetentionCounts:
    size = len(plan.within.starts)

    def came(subject: object, bucket: int) -> bool:
        return max(returns[subject], default=-1) >= bucket if plan.cumulative else bucket in returns[subject]

    return RetentionCounts(
        label,
        tuple(sum(cohort == each for _, cohort in members) for each in range(size)),
        tuple(
            tuple(
                sum(cohort == each and came(subject, bucket) for subject, cohort in members)
                for bucket in range(each, size)
            )
            for each in range(size)
        ),
    )
