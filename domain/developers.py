"""Developers as a list, and how much of their work there is: counts, never what was written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.values import Span, UserId

USUAL = timedelta(days=30)
"""So long a stretch is counted, up to now, unless told."""


@dataclass(frozen=True, slots=True)
class DeveloperFilter:
    """Which developers; all given conditions must hold. `search`: part of the address, in any case."""

    search: str | None = None
    candidates: bool | None = None
    """True: those known by candidates' keys alone; False: all others."""
    only: UserId | None = None


class Stretch(NamedTuple):
    """A developer's work from `start` until before `end`; a side that is None is open."""

    user_id: UserId
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class DeveloperActivity:
    """What began in a stretch. `last_active_at` is of all their sessions, in it or not; None: there is none."""

    session_count: int = 0
    sub_session_count: int = 0
    flag_count: int = 0
    last_active_at: datetime | None = None


def stretch(id: UserId, within: Span | None, now: datetime) -> Stretch:
    """Of these moments, or with None of the usual time up to now."""
    return Stretch(id, now - USUAL, None) if within is None else Stretch(id, within.start, within.end)
