"""What must not cost more than so many times something else, in processor time of the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from tests.bench.workloads import Pair, Workload

HISTORY, LOOKUP = 1.2, 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """At most `most` times what the second call of a pair costs, which the subject answers, too, if `itself`; None: as
    it comes."""

    workload: Workload
    beside: str
    most: float | None
    itself: bool = False


def targets(made: Sequence[Workload]) -> list[Target]:
    """The headline after a long history beside a short one; each window beside a row by its primary key; what has no
    floor beside the dashboard."""
    named = {(one.name, one.face): one for one in made}
    long, short = (named["headline score after " + history, "REST"] for history in ("5 years", "5 days"))
    lookup = named["one session", "REST"]
    windows = [one for one in made if one.window]
    dashboard = named["dashboard of the week", "GraphQL"]
    return [
        Target(_beside(long, short, itself=True), short.name, HISTORY, itself=True),
        *(Target(_beside(one, lookup), "one row by primary key, bare", LOOKUP) for one in windows),
        *(Target(_beside(one, dashboard, itself=True), dashboard.name, None, itself=True) for one in made if one.alone),
    ]


def _beside(one: Workload, other: Workload, itself: bool = False) -> Workload:
    [mine], [theirs] = one.take(1), other.take(1)
    return Workload(one.name, one.face, cycle([Pair(mine.subject, theirs.subject if itself else theirs.floor)]))
