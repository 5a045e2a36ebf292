"""What a funnel counts, by trying every start of every subject: written to be read, not to be fast."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import fmean, median

from domain.insights.filters import (
    AllOf,
    Condition,
    Filter,
    Matched,
    Operator,
)
from domain.insights.plans import (
    OTHER,
    Attribution,
    BreakdownValue,
    FunnelCounts,
    FunnelOrder,
    FunnelPlan,
    FunnelTrend,
    Subject,
)
from tests.make_insights import Made

Value = BreakdownValue


def holds(filter: Filter, one: Made) -> bool:
    """Enough of filters for histories: texts that are equal, or there at all."""
    if isinstance(filter, AllOf):
        return all(holds(part, one) for part in filter.parts)
    assert isinstance(filter, Condition)
    told = one.told(filter.property.key)
    if filter.operator is Operator.IS_SET:
        return told is not None
    assert filter.operator is Operator.EXACT
    return told in filter.values


def fits(matched: Matched, one: Made) -> bool:
    return matched.event in (None, one.event) and holds(matched.where, one)


def subject_of(plan_subject: Subject, one: Made) -> object:
    return {Subject.DEVELOPER: one.user_id, Subject.SESSION: one.session_id, Subject.ARC: one.arc_id}[plan_subject]


def place_of(one: Made) -> tuple[datetime, int, int]:
    return (one.ts, one.ordinal, one.id.int)


@dataclass(frozen=True)
class Attempt:
    """`reached[i]` is the event that step i was reached with; `turns` are those in the order of time."""

    began: Made
    reached: dict[int, Made]
    void: bool

    @property
    def turns(self) -> list[Made]:
        return [one for _, one in sorted(self.reached.items(), key=lambda item: (*place_of(item[1]), item[0]))]


def picked(plan: FunnelPlan, events: Iterable[Made], of: Callable[[Made], object]) -> dict[object, Attempt]:
    """Of each subject, told by `of`, the attempt that counts."""
    found: dict[object, Attempt] = {}
    for key, own in by_subject(plan, events, of).items():
        attempts = [one for number in range(len(own)) if (one := _attempt(plan, own[number:])) is not None]
        _choose(found, key, attempts)
    return found


def by_subject(plan: FunnelPlan, events: Iterable[Made], of: Callable[[Made], object]) -> dict[object, list[Made]]:
    subjects: dict[object, list[Made]] = defaultdict(list)
    for one in sorted(events, key=place_of):
        inside = plan.within.starts[0] <= one.ts < plan.within.end
        if inside and holds(plan.where, one) and subject_of(plan.subject, one) is not None:
            subjects[of(one)].append(one)
    return subjects


def _choose(found: dict[object, Attempt], key: object, attempts: Sequence[Attempt]) -> None:
    if attempts:
        best = max(
            attempts,
            key=lambda one: (len(one.reached), not one.void, *place_of(one.began)),
        )
        if not best.void:
            found[key] = best


def _attempt(plan: FunnelPlan, events: Sequence[Made]) -> Attempt | None:
    """What the first of the events begins; None where it begins nothing."""
    in_time = [one for one in events if one.ts - events[0].ts <= plan.window]
    reached = _FINDERS[plan.order](plan.steps, in_time)
    if not reached or events[0] not in reached.values():
        return None
    return Attempt(
        events[0], reached, any(_lies_between(plan, in_time, reached, n) for n in range(len(plan.exclusions)))
    )


def _ordered(steps: Sequence[Matched], events: Sequence[Made]) -> dict[int, Made]:
    reached: dict[int, Made] = {}
    if fits(steps[0], events[0]):
        for one in events:
            if len(reached) < len(steps) and fits(steps[len(reached)], one):
                reached[len(reached)] = one
    return reached


def _strict(steps: Sequence[Matched], events: Sequence[Made]) -> dict[int, Made]:
    reached: dict[int, Made] = {}
    for number, (step, one) in enumerate(zip(steps, events, strict=False)):
        if not fits(step, one):
            break
        reached[number] = one
    return reached


def _unordered(steps: Sequence[Matched], events: Sequence[Made]) -> dict[int, Made]:
    reached: dict[int, Made] = {}
    for number, step in enumerate(steps):
        matching = [one for one in events if fits(step, one)]
        place = steps[:number].count(step)
        if place < len(matching):
            reached[number] = matching[place]
    return reached


_FINDERS = {FunnelOrder.ORDERED: _ordered, FunnelOrder.STRICT: _strict, FunnelOrder.UNORDERED: _unordered}


def _lies_between(plan: FunnelPlan, events: Sequence[Made], reached: dict[int, Made], number: int) -> bool:
    exclusion = plan.exclusions[number]
    if plan.order is FunnelOrder.UNORDERED:
        after, before = events[0], None
        if len(reached) == len(plan.steps):
            before = max(one.ts for one in reached.values())
    elif exclusion.after not in reached:
        return False
    else:
        after = reached[exclusion.after]
        before = reached[exclusion.before].ts if exclusion.before in reached else None
    return any(
        after.ts < one.ts and (before is None or one.ts < before) for one in events if fits(exclusion.matched, one)
    )


def counts(plan: FunnelPlan, events: Sequence[Made]) -> list[FunnelCounts]:
    """As `Engine.funnel`, in the same order."""
    named = labelled(plan, events)
    if plan.breakdown is None:
        return [_summed(plan, (), [attempt for _, attempt in named])]
    labels = dict.fromkeys(label for label, _ in named)
    return [_summed(plan, label, [one for other, one in named if other == label]) for label in labels]


def _key(plan: FunnelPlan) -> Callable[[Made], object]:
    if plan.breakdown is not None and plan.attribution is Attribution.ALL_EVENTS:
        return lambda one: (subject_of(plan.subject, one), _value(plan, one))
    return lambda one: subject_of(plan.subject, one)


def _value(plan: FunnelPlan, one: Made) -> Value:
    assert plan.breakdown is not None
    told = [one.user_id if each.key == "user_id" else one.told(each.key) for each in plan.breakdown.properties]
    return tuple(None if value is None else str(value) for value in told)


def labelled(plan: FunnelPlan, events: Sequence[Made]) -> list[tuple[Value, Attempt]]:
    """The attempt of each subject with its value of the breakdown, those of the most frequent values first."""
    found = picked(plan, events, _key(plan))
    if plan.breakdown is None:
        return [((), one) for one in found.values()]
    values = [(_attributed(plan, one), one) for one in found.values()]
    frequent: dict[Value, int] = defaultdict(int)
    for value, _ in values:
        frequent[value] += 1
    order = sorted(frequent, key=lambda value: (-frequent[value], [(one is None, one or "") for one in value]))
    kept, size = set(order[: plan.breakdown.limit]), len(plan.breakdown.properties)
    values.sort(key=lambda item: order.index(item[0]))
    return [(value if value in kept else (OTHER,) * size, one) for value, one in values]


def _attributed(plan: FunnelPlan, attempt: Attempt) -> Value:
    assert plan.breakdown is not None
    none = (None,) * len(plan.breakdown.properties)
    if plan.attribution is Attribution.STEP:
        one = attempt.reached.get(plan.attribution_step)
        return none if one is None else _value(plan, one)
    if plan.attribution is Attribution.ALL_EVENTS:
        return _value(plan, attempt.began)
    values = [value for one in attempt.turns if (value := _value(plan, one)) != none]
    return none if not values else values[-1] if plan.attribution is Attribution.LAST_TOUCH else values[0]


def _summed(plan: FunnelPlan, label: Value, attempts: Sequence[Attempt]) -> FunnelCounts:
    took: list[list[float]] = [[] for _ in plan.steps]
    for attempt in attempts:
        for number, (one, next) in enumerate(pairwise(attempt.turns), 1):
            took[number].append((next.ts - one.ts).total_seconds())
    return FunnelCounts(
        label,
        tuple(sum(len(one.reached) > number for one in attempts) for number, _ in enumerate(plan.steps)),
        tuple(fmean(each) if each else None for each in took),
        tuple(median(each) if each else None for each in took),
    )


def times(plan: FunnelPlan, events: Sequence[Made], first: int, last: int) -> list[float]:
    """The seconds that each subject took which got so far."""
    turns = [one.turns for one in picked(plan, events, _key(plan)).values() if len(one.reached) > last]
    return [(each[last].ts - each[first].ts).total_seconds() for each in turns]


def trend(plan: FunnelPlan, events: Sequence[Made]) -> FunnelTrend:
    """As `Engine.funnel_trend` without a breakdown."""
    entered, converted = [0] * len(plan.within.starts), [0] * len(plan.within.starts)
    for place, one in in_buckets(plan, events):
        entered[place] += len(one.reached) > plan.entered
        converted[place] += len(one.reached) == len(plan.steps)
    return FunnelTrend((), tuple(entered), tuple(converted))


def in_buckets(plan: FunnelPlan, events: Sequence[Made]) -> Iterator[tuple[int, Attempt]]:
    """Of each subject the attempt that counts in each bucket in which it begins."""
    for own in by_subject(plan, events, _key(plan)).values():
        buckets: dict[int, list[Attempt]] = defaultdict(list)
        for number in range(len(own)):
            if (one := _attempt(plan, own[number:])) is not None:
                buckets[bucket(plan.within.bounds, one.began.ts)].append(one)
        for place, attempts in buckets.items():
            best: dict[object, Attempt] = {}
            _choose(best, "", attempts)
            yield from ((place, one) for one in best.values())


def bucket(bounds: Sequence[datetime], ts: datetime) -> int:
    [found] = [number for number, (start, end) in enumerate(pairwise(bounds)) if start <= ts < end]
    return found
