"""Alerts: a number of an insight that is looked at regularly, and the bounds it is to stay within."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, NewType
from uuid import UUID

from domain.errors import Fault, Invalid, NotFound
from domain.insights.saved import InsightId
from domain.insights.watching import Reading, Watch
from domain.live import Cursor
from domain.times import rfc3339
from domain.values import JsonObject, OrgId, UserId
from domain.webhooks import Hook

ThresholdId = NewType("ThresholdId", UUID)
AlertId = NewType("AlertId", UUID)

MOST_THRESHOLDS = 20
"""So many an insight may have."""
MOST_ALERTS = 200
"""So many an organisation may have."""
MOST_SUBSCRIBERS = 50
NAME_CHARS = 400


class ThresholdType(StrEnum):
    """What bounds are written in: the insight's own unit, or percent of the value before (20 is a fifth)."""

    ABSOLUTE = "absolute"
    PERCENTAGE = "percentage"


class AlertCondition(StrEnum):
    """What is held against the bounds: the value itself, or by how much it rose or fell since the one before."""

    ABSOLUTE_VALUE = "absolute_value"
    RELATIVE_INCREASE = "relative_increase"
    RELATIVE_DECREASE = "relative_decrease"


class AlertState(StrEnum):
    """The names are those of the wire."""

    FIRING = "Firing"
    NOT_FIRING = "Not firing"
    ERRORED = "Errored"
    SNOOZED = "Snoozed"


class AlertInterval(StrEnum):
    """How often an alert is calculated."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class AlertErrorCode(StrEnum):
    """Why a threshold or an alert is not made, changed or deleted."""

    BAD_NAME = "bad_name"
    BAD_BOUNDS = "bad_bounds"
    BAD_CONDITION = "bad_condition"
    BAD_WATCH = "bad_watch"
    BAD_SUBSCRIBER = "bad_subscriber"
    BAD_WEBHOOK = "bad_webhook"
    BAD_SNOOZE = "bad_snooze"
    TOO_MANY = "too_many"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A value outside [lower, upper] is a breach; either side may be open."""

    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """Bounds that belong to an insight."""

    id: ThresholdId
    org_id: OrgId
    insight_id: InsightId
    name: str
    type: ThresholdType
    bounds: Bounds
    created_by: UserId
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """`user_id`: whose events are counted; None: everybody's. `time_zone` is that of who made it: days and hours are
    cut in it. `value` and `reason` are those of the last check; `next_at` is when the next one is due."""

    id: AlertId
    org_id: OrgId
    insight_id: InsightId
    threshold_id: ThresholdId
    user_id: UserId | None
    name: str | None
    enabled: bool
    condition: AlertCondition
    watch: Watch
    interval: AlertInterval
    time_zone: str
    skip_weekend: bool
    hook: Hook | None
    subscribers: tuple[UserId, ...]
    state: AlertState
    value: float | None
    reason: str | None
    snoozed_until: datetime | None
    checked_at: datetime | None
    next_at: datetime
    tries: int
    """Checks of the due one that have begun: one that kills its workers is given up."""
    created_by: UserId
    created_at: datetime


class Guarded(NamedTuple):
    """A threshold with the alerts that hold it against a number, oldest first."""

    threshold: Threshold
    alerts: tuple[Alert, ...]


class ChangeKind(StrEnum):
    """What was done to an alert: made or changed by somebody, checked, deleted."""

    EDITED = "edited"
    CHECKED = "checked"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class AlertChange:
    """How an alert stood after something was done to it. Of checks `value` and `reason` are what they came to."""

    cursor: Cursor
    alert_id: AlertId
    user_id: UserId | None
    kind: ChangeKind
    at: datetime
    before: AlertState
    state: AlertState
    value: float | None
    reason: str | None


class Found(NamedTuple):
    """What a check came to: `value` is the watched number that is farthest out of bounds, or the first one; None where
    there is nothing to look at. `label` says which line it is of, `reason` what is wrong with it."""

    value: float | None
    label: str | None
    reason: str | None

    @property
    def is_breach(self) -> bool:
        return self.reason is not None


def evaluate(
    readings: Sequence[Reading],
    condition: AlertCondition,
    type: ThresholdType,
    bounds: Bounds,
    last: float | None = None,
) -> Found:
    """Holds what was read against the bounds. `last` is the value of the check before: what a single number is
    compared with that does not know itself what came before. Without anything to compare with nothing is wrong."""
    if not readings:
        return Found(None, None, None)
    if len(readings) == 1 and readings[0].before is None:
        readings = [readings[0]._replace(before=last)]
    judged = [(_excess(one, condition, type, bounds), one) for one in readings]
    excess, worst = max(judged, key=lambda pair: pair[0])
    if excess <= 0:
        return Found(readings[0].value, readings[0].label, None)
    return Found(worst.value, worst.label, _reason(worst, condition, type, bounds))


def _excess(one: Reading, condition: AlertCondition, type: ThresholdType, bounds: Bounds) -> float:
    """How far it lies out of bounds; 0.0 within them."""
    measured = _measured(one, condition, type)
    if measured is None:
        return 0.0
    above = 0.0 if bounds.upper is None else measured - bounds.upper
    below = 0.0 if bounds.lower is None else bounds.lower - measured
    return max(above, below, 0.0)


def _measured(one: Reading, condition: AlertCondition, type: ThresholdType) -> float | None:
    if condition is AlertCondition.ABSOLUTE_VALUE:
        return one.value
    if one.before is None:
        return None
    change = one.value - one.before if condition is AlertCondition.RELATIVE_INCREASE else one.before - one.value
    if type is ThresholdType.ABSOLUTE or not change:
        return change
    return 100 * change / abs(one.before) if one.before else math.copysign(math.inf, change)


def _reason(one: Reading, condition: AlertCondition, type: ThresholdType, bounds: Bounds) -> str:
    measured = _measured(one, condition, type)
    assert measured is not None
    above = bounds.upper is not None and measured > bounds.upper
    bound = bounds.upper if above else bounds.lower
    assert bound is not None
    of = "" if one.label is None else f"{one.label}: "
    if condition is AlertCondition.ABSOLUTE_VALUE:
        return f"{of}{_text(one.value)} is {'above' if above else 'below'} {_text(bound)}"
    unit = " %" if type is ThresholdType.PERCENTAGE else ""
    moved = "rose" if condition is AlertCondition.RELATIVE_INCREASE else "fell"
    by = "" if math.isinf(measured) else f" by {_text(measured)}{unit}"
    least = f"{'more' if above else 'less'} than {_text(bound)}{unit}"
    return f"{of}{moved}{by} from {_text(one.before or 0.0)} to {_text(one.value)}, {least}"


def _text(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".") if abs(number) < 1e15 else f"{number:g}"


def no_such_alert() -> NotFound:
    message = "no such alert"
    return NotFound(message, Fault(AlertErrorCode.NOT_FOUND, message, ("id",)))


def no_such_threshold() -> NotFound:
    message = "no such threshold"
    return NotFound(message, Fault(AlertErrorCode.NOT_FOUND, message, ("id",)))


def wrong(code: AlertErrorCode, message: str, *field: str) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, field or None),))


_WEBHOOKS = {AlertState.FIRING: "alert.firing", AlertState.ERRORED: "alert.errored"}
_QUIET_NOW = frozenset({*_WEBHOOKS, AlertState.SNOOZED})
"""Who slept may have fired before: a receiver that was told so hears that it is over."""


def webhook_type(before: AlertState, after: AlertState) -> str | None:
    """What a receiver is told when an alert changes so; None: nothing."""
    if before is after:
        return None
    if after is AlertState.NOT_FIRING and before in _QUIET_NOW:
        return "alert.resolved"
    return _WEBHOOKS.get(after)


def told(alert: Alert, threshold: Threshold, insight: "InsightNamed") -> JsonObject:
    """What a webhook says of an alert as it stands now."""
    return {
        "alertId": str(alert.id),
        "name": alert.name,
        "state": alert.state,
        "value": alert.value,
        "reason": alert.reason,
        "checkedAt": None if alert.checked_at is None else rfc3339(alert.checked_at),
        "threshold": {"id": str(threshold.id), "name": threshold.name, **configuration(threshold)},
        "condition": {"type": alert.condition},
        "insight": {"id": insight.id, "shortId": insight.short_id, "name": insight.name},
    }


def configuration(threshold: Threshold) -> JsonObject:
    """As it stands on the wire."""
    return {
        "type": threshold.type,
        "bounds": {"lower": threshold.bounds.lower, "upper": threshold.bounds.upper},
    }


class InsightNamed(NamedTuple):
    id: int
    short_id: str
    name: str | None
