"""The composite of a developer, made of what their sessions left behind (domain reference, section 19)."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from domain.scores.composite import Composite
from domain.scores.composite_efficiency import HISTORY, mean_sse, usual
from domain.scores.composite_periods import FORTNIGHT, WEEK, at_least, days_long, elapsed, how_many, trailing
from domain.scores.composite_prompts import mean_rubric, pes
from domain.scores.composite_rhythm import HOUR, Run, Stretch, active_ms, crr, fc, flows, ie, prompts_per_hour
from domain.scores.composite_skill import efficiency_10, letter, prism, skill, speed_10, tier
from domain.scores.composite_trail import DAY, Trail, milliseconds
from domain.scores.windows import Bounds

LONGEST_PAUSE = HOUR
"""Who is away for longer does not think about an answer."""


class Changed(NamedTuple):
    """The lines that an arc added, and whether a later one took it back within fourteen days; at its start."""

    at: int
    lines_added: int
    reworked: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What a developer did, each part in order of time; `first_at` is when they were first seen at work at all.

    `asked_at` are the times of all prompts, and reach back as far as the runs of the trail do: see `horizon`.
    """

    trail: Trail = field(default_factory=Trail)
    asked_at: tuple[int, ...] = ()
    changed: tuple[Changed, ...] = ()
    first_at: datetime | None = None


class Horizon(NamedTuple):
    """From when on it is to be known when somebody worked, how, and what was changed."""

    rhythm: datetime
    details: datetime
    changes: datetime


def horizon(period: Bounds, zone: ZoneInfo, now: datetime) -> Horizon:
    """Of what a period is made, and what it is compared with."""
    over = elapsed(period, now)
    history = _history(over).start
    compared = [before.start for before in trailing(period, zone)]
    return Horizon(
        min([history, at_least(over, WEEK, zone).start, *compared]), history, at_least(over, FORTNIGHT, zone).start
    )


def _history(period: Bounds) -> Bounds:
    try:
        return Bounds(period.start - HISTORY, period.start)
    except OverflowError:
        return Bounds(period.start, period.start)


def composite(work: Work, period: Bounds, zone: ZoneInfo, now: datetime) -> Composite:
    """Of a period, as far as it is over by `now`; days, weeks and months are those of `zone`."""
    over = elapsed(period, now)
    within = _stretch(over)
    asked = _part(work.trail.asked, within)
    active = _active(work, within)
    resets = [at for at in work.trail.resets if within.start <= at < within.end]
    lengths = flows(_runs(work, within), resets, within)
    changed = _part(work.changed, _stretch(at_least(over, FORTNIGHT, zone)))
    marks = mean_rubric([one.rubric for one in asked if one.rubric is not None])
    efforts = [one.effort for one in _part(work.trail.took, within)]
    parts = _Parts(
        sse=mean_sse(efforts, usual([one.effort for one in _part(work.trail.took, _stretch(_history(over)))])),
        pes=None if marks is None else pes(marks),
        ie=_ie(work, period, zone, prompts_per_hour(len(asked), active)),
        crr=crr(len(resets), len(asked)),
        fc=fc(lengths),
    )
    quality = qr(changed)
    hours = _weekly_hours(work, over, zone) * quality
    tokens = sum(one.tokens for one in _part(work.trail.used, within))
    per_hour = tokens * HOUR / active if active and tokens else None
    skilled = skill(*parts) if asked else None
    overall = prism(skilled, efficiency_10(per_hour), speed_10(hours))
    return Composite(
        period=period,
        skill=skilled,
        skill_tier=None if skilled is None else tier(skilled),
        **parts._asdict(),
        qr=quality,
        speed_hours=hours,
        tokens_per_hour=per_hour,
        speed_10=speed_10(hours),
        efficiency_10=efficiency_10(per_hour),
        prism=overall,
        letter_grade=None if overall is None else letter(overall),
        rubric=marks,
        rlr=_share([one.corrects for one in asked]),
        first_try_rate=_share([one.rubric.turn_economy == 10 for one in asked if one.rubric is not None]),
        rework_rate=_share([one.reworked for one in changed if one.lines_added]),
        response_seconds=_median_seconds(one.response_ms for one in asked),
        pause_seconds=_median_seconds(one.pause_ms for one in asked if (one.pause_ms or 0) <= LONGEST_PAUSE),
        active_hours=active / HOUR,
        prompt_count=len(asked),
        scored_prompt_count=sum(one.rubric is not None for one in asked),
        arc_count=len(efforts),
        reset_count=len(resets),
        stretch_count=len(lengths),
        developer_count=int(bool(asked)),
    )


class _Parts(NamedTuple):
    """In the order in which Skill takes them."""

    sse: float | None
    pes: float | None
    ie: float
    crr: float | None
    fc: float


def qr(changed: Sequence[Changed]) -> float:
    """Quality Rate: `1 - added lines of reworked arcs / added lines`; 1.0 without lines."""
    added = sum(one.lines_added for one in changed)
    return 1 - sum(one.lines_added for one in changed if one.reworked) / added if added else 1.0


def _ie(work: Work, period: Bounds, zone: ZoneInfo, rate: float | None) -> float:
    before = trailing(period, zone)[: how_many(work.first_at, period)]
    return ie(rate, (_rate(work, _stretch(one)) for one in before))


def _rate(work: Work, within: Stretch) -> float | None:
    prompts = bisect_left(work.asked_at, within.end) - bisect_left(work.asked_at, within.start)
    return prompts_per_hour(prompts, _active(work, within))


def _weekly_hours(work: Work, over: Bounds, zone: ZoneInfo) -> float:
    """Of a period shorter than a week, those of the seven days that end with it."""
    period = at_least(over, WEEK, zone)
    days = days_long(period, zone)
    return _active(work, _stretch(period)) / HOUR * WEEK / days if days else 0.0


def _active(work: Work, within: Stretch) -> int:
    return active_ms(_runs(work, within), within)


def _runs(work: Work, within: Stretch) -> Sequence[Run]:
    """Those that may reach into it: none is longer than a day and its last five minutes."""
    runs = work.trail.runs
    return runs[bisect_left(runs, (within.start - 2 * DAY,)) : bisect_left(runs, (within.end,))]


class _Dated(Protocol):
    @property
    def at(self) -> int: ...


T = TypeVar("T", bound=_Dated)


def _part(all: Sequence[T], within: Stretch) -> Sequence[T]:
    first, last = (bisect_left(all, at, key=lambda one: one.at) for at in within)
    return all[first:last]


def _stretch(bounds: Bounds) -> Stretch:
    return Stretch(milliseconds(bounds.start), milliseconds(bounds.end))


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def _median_seconds(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) / 1000 if known else None
