"""What somebody wants of thresholds and alerts, and whether it can be."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from domain.errors import Fault, Invalid
from domain.insights.alerts import (
    MOST_SUBSCRIBERS,
    NAME_CHARS,
    Alert,
    AlertCondition,
    AlertErrorCode,
    AlertInterval,
    Bounds,
    Threshold,
    ThresholdId,
    ThresholdType,
)
from domain.insights.watching import (
    FunnelWatch,
    RetentionWatch,
    StickinessWatch,
    TrendsWatch,
    Watch,
)
from domain.values import UNSET, Unset, UserId
from domain.webhooks import Hook
from domain.webhooks import checked as checked_hook

T = TypeVar("T")

LONGEST_SNOOZE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class ThresholdWish:
    name: str = ""
    type: ThresholdType = ThresholdType.ABSOLUTE
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class AlertWish:
    """Without `subscribers` it is whoever makes it."""

    threshold_id: ThresholdId
    watch: Watch
    name: str | None = None
    enabled: bool = True
    condition: AlertCondition = AlertCondition.ABSOLUTE_VALUE
    interval: AlertInterval = AlertInterval.DAILY
    skip_weekend: bool = False
    hook: Hook | None = None
    subscribers: tuple[UserId, ...] | None = None


@dataclass(frozen=True, slots=True)
class ThresholdEdit:
    """What is to be changed; fields that are not given keep their value."""

    name: str | Unset = UNSET
    type: ThresholdType | Unset = UNSET
    bounds: Bounds | Unset = UNSET

    def applied(self, old: Threshold) -> ThresholdWish:
        return ThresholdWish(_or(self.name, old.name), _or(self.type, old.type), _or(self.bounds, old.bounds))


@dataclass(frozen=True, slots=True)
class AlertEdit:
    """What is to be changed; fields that are not given keep their value."""

    threshold_id: ThresholdId | Unset = UNSET
    watch: Watch | Unset = UNSET
    name: str | Unset | None = UNSET
    enabled: bool | Unset = UNSET
    condition: AlertCondition | Unset = UNSET
    interval: AlertInterval | Unset = UNSET
    skip_weekend: bool | Unset = UNSET
    hook: Hook | Unset | None = UNSET
    subscribers: tuple[UserId, ...] | Unset = UNSET

    def applied(self, old: Alert) -> AlertWish:
        return AlertWish(
            threshold_id=_or(self.threshold_id, old.threshold_id),
            watch=_or(self.watch, old.watch),
            name=_or(self.name, old.name),
            enabled=_or(self.enabled, old.enabled),
            condition=_or(self.condition, old.condition),
            interval=_or(self.interval, old.interval),
            skip_weekend=_or(self.skip_weekend, old.skip_weekend),
            hook=_or(self.hook, old.hook),
            subscribers=_or(self.subscribers, old.subscribers),
        )


def _or(given: T | Unset, old: T) -> T:
    return old if isinstance(given, Unset) else given


def check_threshold(wish: ThresholdWish) -> None:
    """Raises Invalid with a fault for whatever cannot be."""
    _refuse([*_threshold_faults(wish)])


def check_alert(wish: AlertWish, threshold: ThresholdType) -> None:
    """As `check_threshold`, of an alert at a threshold of that type."""
    _refuse([*_alert_faults(wish), *_pair_faults(wish.condition, threshold)])


def check_snooze(until: datetime | None, now: datetime) -> None:
    if until is not None and not now < until <= now + LONGEST_SNOOZE:
        message = "an alert sleeps until a moment within a year from now"
        _refuse([Fault(AlertErrorCode.BAD_SNOOZE, message, ("untilAt",))])


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Invalid(faults[0].message, faults=tuple(faults))


def _threshold_faults(wish: ThresholdWish) -> Iterator[Fault]:
    if not _is_name(wish.name):
        yield Fault(AlertErrorCode.BAD_NAME, f"a name has 1 to {NAME_CHARS} characters", ("name",))
    lower, upper = wish.bounds.lower, wish.bounds.upper
    given = [bound for bound in (lower, upper) if bound is not None]
    if not given:
        yield Fault(AlertErrorCode.BAD_BOUNDS, "give a lower bound, an upper one, or both", ("bounds",))
    elif not all(map(math.isfinite, given)):
        yield Fault(AlertErrorCode.BAD_BOUNDS, "bounds are finite numbers", ("bounds",))
    elif lower is not None and upper is not None and lower > upper:
        yield Fault(AlertErrorCode.BAD_BOUNDS, "the lower bound lies above the upper one", ("bounds", "lower"))


def _is_name(name: str) -> bool:
    return len(name.strip()) > 0 and len(name) <= NAME_CHARS and "\x00" not in name


def _alert_faults(wish: AlertWish) -> Iterator[Fault]:
    if wish.name is not None and not _is_name(wish.name):
        yield Fault(AlertErrorCode.BAD_NAME, f"a name has 1 to {NAME_CHARS} characters", ("name",))
    if not _can_be(wish.watch):
        yield Fault(AlertErrorCode.BAD_WATCH, "series, steps, periods and intervals are no such numbers", ("watch",))
    if len(wish.subscribers or ()) > MOST_SUBSCRIBERS:
        message = f"at most {MOST_SUBSCRIBERS} subscribers"
        yield Fault(AlertErrorCode.BAD_SUBSCRIBER, message, ("subscriberIds",))
    try:
        if wish.hook is not None:
            checked_hook(wish.hook)
    except Invalid as error:
        yield Fault(AlertErrorCode.BAD_WEBHOOK, str(error), ("webhook",))


def _can_be(watch: Watch) -> bool:
    match watch:
        case TrendsWatch():
            return watch.series >= 0
        case FunnelWatch():
            return watch.step is None or watch.step >= 1
        case RetentionWatch():
            return watch.period >= 0
        case StickinessWatch():
            return watch.series >= 0 and watch.intervals >= 1
        case _:
            return True


def _pair_faults(condition: AlertCondition, type: ThresholdType) -> Iterator[Fault]:
    if condition is AlertCondition.ABSOLUTE_VALUE and type is ThresholdType.PERCENTAGE:
        message = "a value itself is no percentage of one before: take absolute bounds or a relative condition"
        yield Fault(AlertErrorCode.BAD_CONDITION, message, ("condition",))
