"""Who changed what of an insight, and when: entries that are only ever added, with each field before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.insights.saved import InsightId
from domain.values import JsonValue, OrgId, UserId

ActivityId = NewType("ActivityId", UUID)


class ActivityKind(StrEnum):
    """What happened; the words are those of the wire."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    RESTORED = "restored"
    SHARING_ENABLED = "sharing enabled"
    SHARING_DISABLED = "sharing disabled"
    TOKEN_REFRESHED = "access token refreshed"  # noqa: S105 - a word of the wire


class ChangeAction(StrEnum):
    """Whether a field got a value, another one, or lost it."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` are what the field held, as JSON; nothing held is None."""

    field: str
    before: JsonValue
    after: JsonValue

    @property
    def action(self) -> ChangeAction:
        if self.before is None:
            return ChangeAction.CREATED
        return ChangeAction.DELETED if self.after is None else ChangeAction.CHANGED


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry. `name` and `short_id` are what the insight was called then; `user_id` is nobody's any more once its
    developer was erased."""

    id: ActivityId
    org_id: OrgId
    insight_id: InsightId
    user_id: UserId
    kind: ActivityKind
    name: str | None
    short_id: str
    changes: tuple[Change, ...]
    created_at: datetime


def changes(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> tuple[Change, ...]:
    """The fields of `after` that say something else than those of `before`, in its order."""
    return tuple(Change(name, before[name], after[name]) for name in after if before[name] != after[name])
