"""What paths are, by going through every subject's events one by one."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import fmean

from domain.insights.plans import (
    Edge,
    PathsPlan,
    Subject,
)
from tests.make_insights import Made
from tests.persistence.insights.funnel_oracle import holds, place_of, subject_of

REST = timedelta(minutes=30)
Path = list[tuple[str, Made]]


def edges(plan: PathsPlan, events: Sequence[Made]) -> list[Edge]:
    """As `Engine.paths`, in the same order."""
    took: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for step, (source, one), (target, next) in steps(plan, events):
        took[step, source, target].append((next.ts - one.ts).total_seconds())
    found = [Edge(*names, len(seconds), fmean(seconds)) for names, seconds in took.items()]
    found = [one for one in found if (plan.min_edge or 0) <= one.count <= (plan.max_edge or len(events))]
    found.sort(key=lambda one: (-one.count, one.step, one.source, one.target))
    return found[: plan.edge_limit]


def steps(plan: PathsPlan, events: Sequence[Made]) -> Iterator[tuple[int, tuple[str, Made], tuple[str, Made]]]:
    for path in _paths(plan, events):
        for step, (one, next) in enumerate(pairwise(_cut(plan, path)), 1):
            yield step, one, next


def _paths(plan: PathsPlan, events: Sequence[Made]) -> Iterator[Path]:
    """Whole paths, without repetitions."""
    subjects: dict[object, list[Made]] = defaultdict(list)
    for one in sorted(events, key=place_of):
        if _counts(plan, one):
            subjects[subject_of(plan.subject, one)].append(one)
    for own in subjects.values():
        path: Path = []
        for before, one in zip([None, *own], own, strict=False):
            rests = plan.subject is Subject.DEVELOPER
            if rests and before is not None and one.ts - before.ts >= REST:
                yield path
                path = []
            if not path or path[-1][0] != _name(plan, one):
                path.append((_name(plan, one), one))
        yield path


def _counts(plan: PathsPlan, one: Made) -> bool:
    inside = plan.within.starts[0] <= one.ts < plan.within.end
    chosen = (not plan.events or one.event in plan.events) and one.event not in plan.excluded
    return inside and chosen and holds(plan.where, one) and subject_of(plan.subject, one) is not None


def _name(plan: PathsPlan, one: Made) -> str:
    return next((rule.alias for rule in plan.cleaning if re.search(rule.regex, one.event)), one.event)


def _cut(plan: PathsPlan, path: Path) -> Path:
    """From the start to the end, so many steps at most: the first ones, or the last ones where only an end is told."""
    names = [name for name, _ in path]
    if plan.start is not None:
        if plan.start not in names:
            return []
        path = path[names.index(plan.start) :]
        names = [name for name, _ in path]
    if plan.end is not None:
        later = names[1:] if plan.start is not None else names
        if plan.end not in later:
            return []
        path = path[: len(names) - len(later) + later.index(plan.end) + 1]
        if plan.start is None:
            return path[-plan.step_limit :]
    return path[: plan.step_limit]
