"""Random plans of trends, lifecycle and stickiness over random histories, the same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.filters import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Condition,
    Filter,
    Matched,
    Operator,
    Property,
    PropertySource,
    PropertyType,
)
from domain.insights.plans import (
    Breakdown,
    LifecyclePlan,
    Math,
    Series,
    StickinessPlan,
    Subject,
    TrendsPlan,
)
from tests.make_insights import NAMES, Made, history
from tests.persistence.insights.counted_oracle import cut

AGENT = Property(PropertySource.EVENT, "agent", PropertyType.TEXT)
TOOL = Property(PropertySource.EVENT, "tool", PropertyType.TEXT)
INTENT = Property(PropertySource.EVENT, "intent", PropertyType.TEXT)
DURATION = Property(PropertySource.EVENT, "duration_ms", PropertyType.NUMBER)
SUCCEEDED = Property(PropertySource.EVENT, "succeeded", PropertyType.BOOLEAN)
USER = Property(PropertySource.PERSON, "user_id", PropertyType.TEXT)
SESSION = Property(PropertySource.SESSION, "session_id", PropertyType.TEXT)
NUMBERS = (Math.SUM, Math.AVG, Math.MIN, Math.MAX, Math.MEDIAN, Math.P75, Math.P90, Math.P95, Math.P99)


@dataclass(frozen=True, slots=True)
class World:
    """`starts`: wall-clock times of buckets, with their number and interval."""

    name: str
    starts: Sequence[tuple[datetime, int, Interval]]
    step: timedelta = timedelta(minutes=1)
    size: int = 150
    days: float = 12

    def events(self, seed: int) -> list[Made]:
        start = min(start for start, _, _ in self.starts).astimezone(UTC) - timedelta(days=4)
        return history(seed, size=self.size, users=7, days=self.days, start=start, step=self.step)

    def buckets(self, random: Random) -> Buckets:
        start, count, interval = random.choice(self.starts)
        whole = cut(start, count, interval)
        if random.random() < 0.7:
            return whole
        # The clock stands somewhere in the last bucket.
        now = whole.starts[-1] + (whole.end - whole.starts[-1]) * random.random()
        return cut(start, count, interval, now.replace(second=0, microsecond=0) + timedelta(minutes=1))


def _at(zone: str, *day: int) -> datetime:
    return datetime(*day, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type]


_NEW_YORK, _KATHMANDU, _BERLIN, _LORD_HOWE = (
    "America/New_York",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "Australia/Lord_Howe",
)
WORLDS = (
    World("utc", [(_at("UTC", 2026, 3, 2), 7, Interval.DAY), (_at("UTC", 2026, 3, 2), 2, Interval.WEEK)]),
    World(
        "kathmandu", [(_at(_KATHMANDU, 2026, 3, 2), 8, Interval.DAY), (_at(_KATHMANDU, 2026, 3, 4), 30, Interval.HOUR)]
    ),
    World(
        "clocks forward",
        [(_at(_BERLIN, 2026, 3, 27), 6, Interval.DAY), (_at(_BERLIN, 2026, 3, 28, 22), 12, Interval.HOUR)],
    ),
    World(
        "clocks back",
        [(_at(_NEW_YORK, 2026, 10, 29), 7, Interval.DAY), (_at(_NEW_YORK, 2026, 10, 26), 2, Interval.WEEK)],
    ),
    World(
        "half an hour",
        [(_at(_LORD_HOWE, 2026, 4, 2), 6, Interval.DAY), (_at(_LORD_HOWE, 2026, 4, 4, 20), 20, Interval.HOUR)],
    ),
    World("minutes", [(_at("UTC", 2026, 3, 2, 9), 90, Interval.MINUTE)], timedelta(seconds=20), 120, 4.08),
    World("quarters", [(_at(_KATHMANDU, 2026, 3, 2), 5, Interval.DAY)], timedelta(minutes=15), 150, 9),
    World("nobody", [(_at("UTC", 2027, 3, 2), 5, Interval.DAY)], size=0),
)


def trends_plan(random: Random, within: Buckets) -> TrendsPlan:
    return TrendsPlan(
        tuple(_series(random) for _ in range(random.choice((1, 1, 2, 3)))),
        within,
        _filter(random, often=0.3),
        _breakdown(random),
        random.choice((Subject.DEVELOPER, Subject.DEVELOPER, Subject.SESSION, Subject.ARC)),
        random.random() < 0.2,
    )


def lifecycle_plan(random: Random, within: Buckets) -> LifecyclePlan:
    before = within.starts[0] - random.choice((timedelta(days=1), timedelta(hours=23), timedelta(minutes=45)))
    return LifecyclePlan(_matched(random), within, before, _filter(random, 0.3), random.choice(tuple(Subject)))


def stickiness_plan(random: Random, within: Buckets) -> StickinessPlan:
    series = tuple(_matched(random) for _ in range(random.choice((1, 2))))
    return StickinessPlan(series, within, _filter(random, 0.3), random.random() < 0.5, random.choice(tuple(Subject)))


def _series(random: Random) -> Series:
    math = random.choice(tuple(Math))
    return Series(_matched(random), math, DURATION if math in NUMBERS else None)


def _matched(random: Random) -> Matched:
    return Matched(random.choice((None, "never seen", *NAMES * 2)), _filter(random, often=0.3))


def _breakdown(random: Random) -> Breakdown | None:
    if random.random() < 0.5:
        return None
    properties = random.sample((AGENT, TOOL, INTENT, SUCCEEDED, USER, SESSION, DURATION), random.choice((1, 1, 2, 3)))
    return Breakdown(tuple(properties), random.choice((1, 2, 3, 25)))


def _filter(random: Random, often: float) -> Filter:
    if random.random() > often:
        return random.choice((EVERYTHING, AllOf((AllOf(),))))
    parts = tuple(random.choice(CONDITIONS) for _ in range(random.choice((1, 1, 2))))
    return random.choice((parts[0], AllOf(parts), AnyOf(parts)))


CONDITIONS = (
    Condition(AGENT, Operator.EXACT, ("claude-code", "codex")),
    Condition(AGENT, Operator.IS_NOT, ("codex",)),
    Condition(AGENT, Operator.ICONTAINS, ("CODE",)),
    Condition(AGENT, Operator.NOT_ICONTAINS, ("laude",)),
    Condition(INTENT, Operator.REGEX, (r"^bug_\w+$",)),
    Condition(INTENT, Operator.NOT_REGEX, ("(?:fix|none)",)),
    Condition(TOOL, Operator.IS_SET),
    Condition(TOOL, Operator.IS_NOT_SET),
    Condition(TOOL, Operator.EXACT, ()),
    Condition(DURATION, Operator.EXACT, (5.0, 40.5)),
    Condition(DURATION, Operator.GT, (5.0,)),
    Condition(DURATION, Operator.GTE, (5.0,)),
    Condition(DURATION, Operator.LT, (40.5,)),
    Condition(DURATION, Operator.LTE, (0.0,)),
    Condition(DURATION, Operator.IS_NOT, (5.0,)),
    Condition(SUCCEEDED, Operator.EXACT, (True,)),
    Condition(SUCCEEDED, Operator.IS_NOT, (False,)),
)
