"""Insights that an organisation keeps: a query with a name, tags, and who made and changed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from domain.errors import Fault, Invalid
from domain.insights.errors import InsightFault
from domain.insights.query import InsightType
from domain.values import UNSET, JsonObject, JsonValue, OrgId, Span, Unset, UserId

InsightId = NewType("InsightId", int)
"""Counts the insights of an organisation from 1; what was deleted keeps its number."""

LONGEST_TEXT = 400
"""Characters of a name or a description."""
LONGEST_TAG = 255
MOST_TAGS = 100
LONGEST_SEARCH = 200
MOST_DOCUMENT_BYTES = 100_000
"""Of a query or filters, written as JSON."""
MOST_AT_ONCE = 500
"""Insights whose tags one call may change."""


@dataclass(frozen=True, slots=True)
class SavedInsight:
    """`query` is the stored document, wrapped as the wire has it; None: it was saved without one.

    `derived_name` is what a client would call it by itself, `filters` the older form of a query, kept for clients that
    still send it. `order` and `favorited` are the organisation's, as everything here is. `last_modified_at` moves with
    name, description, query and tags, `updated_at` with every change. `last_viewed_at` is exact to a minute. Whoever
    made or modified it may have been erased since: then nobody is found by that id.
    """

    org_id: OrgId
    id: InsightId
    short_id: str
    name: str | None
    derived_name: str | None
    description: str | None
    query: JsonObject | None
    type: InsightType | None
    filters: JsonObject
    order: int | None
    saved: bool
    favorited: bool
    deleted: bool
    folder: str | None
    tags: tuple[str, ...]
    created_at: datetime
    created_by: UserId
    updated_at: datetime
    last_modified_at: datetime
    last_modified_by: UserId
    last_viewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class InsightChange:
    """What is to be made or changed: fields that are not given keep their value, or get their default.

    `tags` replace those that are there. `query` may be bare; it is read and wrapped when it is taken.
    """

    name: str | Unset | None = UNSET
    derived_name: str | Unset | None = UNSET
    description: str | Unset | None = UNSET
    query: JsonObject | Unset | None = UNSET
    filters: JsonObject | Unset = UNSET
    order: int | Unset | None = UNSET
    saved: bool | Unset = UNSET
    favorited: bool | Unset = UNSET
    deleted: bool | Unset = UNSET
    folder: str | Unset | None = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    dashboards: tuple[int, ...] = ()
    """There are no dashboards: one that is named is an error."""

    def given(self) -> dict[str, object]:
        """The fields that are to be changed, by name."""
        every = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "dashboards"}
        return {name: value for name, value in every.items() if value is not UNSET}


MODIFYING = frozenset({"name", "description", "query", "tags"})
"""Fields whose change counts as modifying an insight."""


class InsightSort(StrEnum):
    """What insights may be ordered by; those that have no such value count as the largest in `ORDER`, as never viewed
    in `LAST_VIEWED_AT`, and as without a name. Texts go by their characters, ignoring case."""

    ID = "id"
    ORDER = "order"
    NAME = "name"
    DERIVED_NAME = "derived_name"
    SHORT_ID = "short_id"
    FAVORITED = "favorited"
    SAVED = "saved"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    LAST_MODIFIED_AT = "last_modified_at"
    LAST_VIEWED_AT = "last_viewed_at"


@dataclass(frozen=True, slots=True)
class InsightOrder:
    """Insights that are equal by it stand by id, in the same direction."""

    by: InsightSort = InsightSort.ORDER
    descending: bool = False


@dataclass(frozen=True, slots=True)
class InsightFilter:
    """Which insights are meant, all conditions together; deleted ones never are. Spans leave both their ends out.

    `created_by` and `author_numbers` name developers in two ways; `tags` asks for any of them. `search` looks into
    name, derived name, description and tags, ignoring case.
    """

    type: InsightType | None = None
    saved: bool | None = None
    favorited: bool | None = None
    created_by: tuple[UserId, ...] | None = None
    author_numbers: tuple[int, ...] | None = None
    tags: tuple[str, ...] | None = None
    folder: str | None = None
    search: str | None = None
    short_id: str | None = None
    created: Span = Span()
    modified: Span = Span()
    viewed: Span = Span()


@dataclass(frozen=True, slots=True)
class InsightPage:
    """Part of a list, and how long it is in all."""

    items: tuple[SavedInsight, ...]
    total: int


class TagAction(StrEnum):
    """`ADD` keeps the tags that are there, `REMOVE` takes the given ones away, `SET` replaces all."""

    ADD = "add"
    REMOVE = "remove"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Skipped:
    id: InsightId
    reason: str


@dataclass(frozen=True, slots=True)
class TagsUpdated:
    """The insights that were there, as they are now, in the order they were asked for; and the rest."""

    updated: tuple[SavedInsight, ...]
    skipped: tuple[Skipped, ...]


def normal_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Trimmed, in lower case, each once, in order; empty ones go. Raises Invalid for too many or too long ones."""
    found = sorted({tag.strip().lower() for tag in tags} - {""})
    if len(found) > MOST_TAGS:
        raise invalid("tags", f"an insight has {MOST_TAGS} tags at most")
    if any(len(tag) > LONGEST_TAG for tag in found):
        raise invalid("tags", f"a tag has {LONGEST_TAG} characters at most")
    return tuple(found)


def retagged(tags: Iterable[str], action: TagAction, given: Iterable[str]) -> tuple[str, ...]:
    """What the tags of an insight become. Raises Invalid for too many."""
    old, new = set(tags), set(given)
    match action:
        case TagAction.ADD:
            return normal_tags(old | new)
        case TagAction.REMOVE:
            return normal_tags(old - new)
        case TagAction.SET:
            return normal_tags(new)


def check(change: InsightChange) -> None:
    """Raises Invalid, naming the field, for a text that is too long, a number that is none, or a dashboard."""
    for name in ("name", "derived_name", "description", "folder"):
        text = getattr(change, name)
        if isinstance(text, str) and len(text) > LONGEST_TEXT:
            raise invalid(name, f"{name} has {LONGEST_TEXT} characters at most")
    if isinstance(change.order, int) and not -(2**31) <= change.order < 2**31:
        raise invalid("order", "order is a whole number of 32 bits")
    if change.dashboards:
        raise invalid("dashboards", "there are no dashboards here")


def invalid(field: str, message: str) -> Invalid:
    """Names the field that is wrong."""
    return Invalid(message, (), (Fault(InsightFault.INVALID, message, (field,)),))


_TOLD: tuple[str, ...] = (
    "name", "derived_name", "description", "query", "filters", "order", "saved", "favorited", "deleted", "tags",
)  # fmt: skip


def told(insight: SavedInsight) -> Mapping[str, JsonValue]:
    """The fields whose changes are noted, as JSON."""
    found: dict[str, JsonValue] = {name: getattr(insight, name) for name in _TOLD if name != "tags"}
    return {**found, "tags": list(insight.tags)}
