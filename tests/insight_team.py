"""An invented team of sixteen over thirteen weeks, from which the pictures of docs/insights.md are drawn."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from tests.make_insights import Made, made

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
_MONDAY = datetime(2026, 8, 24, 9, 0, tzinfo=UTC)
_WEEKS, _DEVELOPERS = 13, 16
_HELD = timedelta(days=7)


def team() -> list[Made]:
    """What happened up to `NOW`, the same in every run."""
    random = Random(11)
    return [one for number in range(_DEVELOPERS) for one in _developer(number, random) if one.ts <= NOW]


def _developer(number: int, random: Random) -> Iterator[Made]:
    """Some begin later, some leave, all pause once in a while; one in three works with Codex."""
    first, last = max(0, number - 6), _WEEKS - (2 + number % 3 if number % 5 == 1 else 0)
    for week in range(first, last):
        if week > first and random.random() < 0.22:
            continue
        for day in range(5):
            if random.random() < 0.35 + 0.03 * number:
                start = _MONDAY + timedelta(days=7 * week + day, minutes=round(300 * random.random()))
                yield from _arc(number, start, random)


def _arc(number: int, start: datetime, random: Random) -> list[Made]:
    """One goal, in a session of its own: each event some minutes after the one before."""
    steps = list(_steps(number, random))
    at, found = start, list[Made]()
    for event in steps:
        found.append(_made(event, at, number, start))
        at += timedelta(minutes=1 + round(9 * random.random()))
    if "commit" in steps:
        found += [_made(event, at, number, start) for event in ("arc_completed", "arc_judged", "arc_closed")]
        found += _later(at, number, start, steps, random)
    return found


def _steps(number: int, random: Random) -> Iterator[str]:
    """Asked for, perhaps planned, changed, tested, committed, as far as it gets."""
    yield "prompt"
    if random.random() < 0.1 + 0.03 * number:
        yield "plan_mode"
    if random.random() < 0.08:
        return
    yield "edit"
    if random.random() < 0.35:
        yield from ("test_failed", "edit")
    if random.random() < 0.8:
        yield from ("test_passed", "commit")
    elif random.random() < 0.5:
        yield "commit"


def _later(at: datetime, number: int, start: datetime, steps: Sequence[str], random: Random) -> list[Made]:
    """What was never tested is done again more often."""
    if random.random() < (0.14 if "test_passed" in steps else 0.5):
        return [_made("arc_reworked", at + timedelta(minutes=10), number, start)]
    return [_made("arc_crushed", at, number, start), _made("arc_held", at + _HELD, number, start)]


def _made(event: str, at: datetime, number: int, start: datetime) -> Made:
    arc = f"{number} {start:%m-%d}"
    agent = "codex" if number % 3 == 2 else "claude-code"
    return made(event, at, str(number), session=arc, arc=arc, id=(arc, event, at.isoformat()), agent=agent)
