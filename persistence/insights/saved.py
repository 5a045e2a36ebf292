"""Insights that are kept: an organisation's, numbered from 1."""

import secrets
import string
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert

from domain.insights.query import InsightType
from domain.insights.saved import (
    InsightFilter,
    InsightId,
    InsightOrder,
    InsightSort,
    SavedInsight,
)
from domain.values import OrgId, Span, UserId, Window
from persistence.access import users
from persistence.database import Reading, Row, Writing, metadata

_AT_END = 2147483647
_LIVE = sa.text("NOT deleted")

insights = sa.Table(
    "insights",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
    sa.Column("short_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("derived_name", sa.Text),
    sa.Column("description", sa.Text),
    # As text: a client that compares what it reads with what it wrote finds the same.
    sa.Column("query", sa.JSON(none_as_null=True)),
    sa.Column("type", sa.Text),
    sa.Column("filters", sa.JSON, nullable=False),
    sa.Column("order", sa.Integer),
    sa.Column("saved", sa.Boolean, nullable=False),
    sa.Column("favorited", sa.Boolean, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("folder", sa.Text),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", UUID, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_modified_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_modified_by", UUID, nullable=False),
    sa.Column("last_viewed_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.UniqueConstraint("org_id", "short_id"),
    sa.Index("insights_ordered", "org_id", sa.text(f'(coalesce("order", {_AT_END}))'), "id", postgresql_where=_LIVE),
    sa.Index("insights_modified", "org_id", "last_modified_at", "id", postgresql_where=_LIVE),
    sa.Index("insights_created", "org_id", "created_at", "id", postgresql_where=_LIVE),
    sa.Index("insights_of_author", "org_id", "created_by"),
)

_TABLE = insights.c
_MOST = 2**31 - 1
_LETTERS = string.ascii_letters + string.digits
_SHORT_ID = 8

Place = tuple[object, InsightId]
"""What an insight is ordered by, and which one it is."""


def _insight(row: Row) -> SavedInsight:
    """The fields are the columns."""
    read: dict[str, object] = {
        **row,
        "type": None if row["type"] is None else InsightType(row["type"]),
        "tags": tuple(row["tags"]),
    }
    return SavedInsight(**{name: read[name] for name in SavedInsight.__dataclass_fields__})  # pyright: ignore[reportArgumentType] - a row's values are as its columns say


def _columns(insight: SavedInsight) -> dict[str, object]:
    found = {name: getattr(insight, name) for name in SavedInsight.__dataclass_fields__}
    return {**found, "tags": list(insight.tags)}


_NEXT = sa.select(sa.func.coalesce(sa.func.max(_TABLE.id), 0) + 1)


async def add(db: Writing, insight: SavedInsight) -> SavedInsight:
    """Keeps a new one, under the next number and a short id of its own.

    Of several that are made at the same time one gets the number, and the others try the next.
    """
    following = _NEXT.where(_TABLE.org_id == insight.org_id).scalar_subquery()
    while True:
        columns = {**_columns(insight), "id": following, "short_id": new_short_id()}
        statement = insert(insights).values(columns).on_conflict_do_nothing()
        row = await db.row(statement.returning(insights))
        if row is not None:
            return _insight(row)


def new_short_id() -> str:
    """Eight letters and digits, never digits alone: those are tried as a number first."""
    while (text := "".join(secrets.choice(_LETTERS) for _ in range(_SHORT_ID))).isdecimal():
        pass
    return text


async def save(db: Writing, insight: SavedInsight) -> None:
    """As it is now."""
    mine = sa.update(insights).where(_TABLE.org_id == insight.org_id, _TABLE.id == insight.id)
    await db.execute(mine.values(_columns(insight)))


async def touch(db: Writing, org_id: OrgId, id: InsightId, at: datetime) -> None:
    """Notes when it was looked at."""
    mine = sa.update(insights).where(_TABLE.org_id == org_id, _TABLE.id == id)
    await db.execute(mine.values(last_viewed_at=sa.func.greatest(_TABLE.last_viewed_at, at)))


async def find(
    db: Reading, org_id: OrgId, key: InsightId | str, deleted: bool = False, lock: bool = False
) -> SavedInsight | None:
    """By number or short id; text of digits alone is tried as the number first. With `deleted` also one that is; with
    `lock` nobody else changes it until the scope ends."""
    query = _named(key).where(_TABLE.org_id == org_id)
    if not deleted:
        query = query.where(~_TABLE.deleted)
    row = await db.row(query.with_for_update() if lock else query)
    return None if row is None else _insight(row)


def _named(key: InsightId | str) -> "sa.Select[tuple[object, ...]]":
    query, text = sa.select(insights), str(key)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST)) else None
    if number is None or number > _MOST:
        return query.where(_TABLE.short_id == text)
    by_number = _TABLE.id == number
    either = query.where(sa.or_(by_number, _TABLE.short_id == text))
    return either.order_by(by_number.desc()).limit(1)


def _among(org_id: OrgId, ids: Sequence[InsightId]) -> "sa.Select[tuple[object, ...]]":
    given = sa.literal([id for id in ids if 0 < id <= _MOST], ARRAY(sa.Integer))
    return sa.select(insights).where(_TABLE.org_id == org_id, _TABLE.id == sa.any_(given), ~_TABLE.deleted)


async def insights_by_id(db: Reading, org_id: OrgId, ids: Sequence[InsightId]) -> list[SavedInsight | None]:
    """In the order of `ids`; None where there is none, or it is deleted."""
    found = {row["id"]: _insight(row) for row in await db.rows(_among(org_id, ids))}
    return [found.get(id) for id in ids]


async def lock(db: Writing, org_id: OrgId, ids: Sequence[InsightId]) -> list[SavedInsight]:
    """Those of `ids` that are there and not deleted, which nobody else changes until the scope ends."""
    rows = await db.rows(_among(org_id, ids).order_by(_TABLE.id).with_for_update())
    return [_insight(row) for row in rows]


async def page(
    db: Reading, org_id: OrgId, wanted: InsightFilter, order: InsightOrder, limit: int, offset: int
) -> list[SavedInsight]:
    """Some of those that fit, in order."""
    query = sa.select(insights).where(*_fitting(org_id, wanted)).order_by(*_standing(order))
    return [_insight(row) for row in await db.rows(query.limit(limit).offset(offset))]


async def count(db: Reading, org_id: OrgId, wanted: InsightFilter) -> int:
    """How many fit in all."""
    query = sa.select(sa.func.count().label("n")).select_from(insights).where(*_fitting(org_id, wanted))
    return (await db.rows(query))[0]["n"]


async def window(
    db: Reading, org_id: OrgId, wanted: InsightFilter, order: InsightOrder, window: Window[Place]
) -> list[tuple[SavedInsight, Place]]:
    """Those of the window with their places, and one more if there are more, in order."""
    by, up = _SORTS[order.by], not order.descending
    place = sa.tuple_(by, _TABLE.id)
    query = sa.select(insights, by.label("place")).where(*_fitting(org_id, wanted))
    if window.after is not None:
        query = query.where(_beyond(place, by, window.after, up))
    if window.before is not None:
        query = query.where(_beyond(place, by, window.before, not up))
    way = InsightOrder(order.by, order.descending != window.backwards)
    rows = await db.rows(query.order_by(*_standing(way)).limit(window.size + 1))
    found = [(_insight(row), (row["place"], InsightId(row["id"]))) for row in rows]
    return found[::-1] if window.backwards else found


def _beyond(place: "sa.Tuple", by: sa.ColumnElement[object], at: Place, up: bool) -> sa.ColumnElement[bool]:
    there = sa.tuple_(sa.literal(at[0], by.type), sa.literal(at[1], sa.Integer))
    return place > there if up else place < there


async def tags(db: Reading, org_id: OrgId) -> list[str]:
    """Every tag of one that is not deleted, in order."""
    query = sa.select(sa.func.unnest(_TABLE.tags).label("tag")).where(_TABLE.org_id == org_id, ~_TABLE.deleted)
    each = query.subquery().c.tag
    return [row["tag"] for row in await db.rows(sa.select(each).distinct().order_by(each))]


async def folders(db: Reading, org_id: OrgId) -> list[str]:
    """Every folder of one that is not deleted, in order."""
    rule = _TABLE.org_id == org_id, ~_TABLE.deleted, _TABLE.folder.is_not(None)
    query = sa.select(_TABLE.folder).where(*rule).distinct().order_by(_TABLE.folder)
    return [row["folder"] for row in await db.rows(query)]


_NEVER = sa.text("TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00'")
_SORTS: Mapping[InsightSort, sa.ColumnElement[object]] = {
    InsightSort.ID: _TABLE.id,
    # Written out: only an expression that is that of the index is found there.
    InsightSort.ORDER: sa.literal_column(f'coalesce("order", {_AT_END})', sa.Integer),
    InsightSort.NAME: sa.func.lower(sa.func.coalesce(_TABLE.name, _TABLE.derived_name, "")),
    InsightSort.DERIVED_NAME: sa.func.lower(sa.func.coalesce(_TABLE.derived_name, "")),
    InsightSort.SHORT_ID: _TABLE.short_id,
    InsightSort.FAVORITED: _TABLE.favorited,
    InsightSort.SAVED: _TABLE.saved,
    InsightSort.CREATED_AT: _TABLE.created_at,
    InsightSort.UPDATED_AT: _TABLE.updated_at,
    InsightSort.LAST_MODIFIED_AT: _TABLE.last_modified_at,
    InsightSort.LAST_VIEWED_AT: sa.func.coalesce(
        _TABLE.last_viewed_at, sa.literal_column(str(_NEVER), sa.DateTime(timezone=True))
    ),
}  # pyright: ignore[reportAssignmentType] - the columns differ in type and are only compared with themselves


def _standing(order: InsightOrder) -> list[sa.ColumnElement[object]]:
    """Those that are equal stand by id."""
    by = [_SORTS[order.by]] if order.by is InsightSort.ID else [_SORTS[order.by], _TABLE.id]
    return [one.desc() if order.descending else one.asc() for one in by]


def _fitting(org_id: OrgId, wanted: InsightFilter) -> list[sa.ColumnElement[bool]]:
    return [
        _TABLE.org_id == org_id,
        ~_TABLE.deleted,
        *_equal(wanted),
        *_authors(org_id, wanted),
        *_between(_TABLE.created_at, wanted.created),
        *_between(_TABLE.last_modified_at, wanted.modified),
        *_between(_TABLE.last_viewed_at, wanted.viewed),
        *([] if wanted.search is None else [_holding(wanted.search)]),
        *([] if wanted.tags is None else [_TABLE.tags.overlap(sa.literal(list(wanted.tags), ARRAY(sa.Text)))]),
    ]


def _equal(wanted: InsightFilter) -> list[sa.ColumnElement[bool]]:
    asked = {
        "type": None if wanted.type is None else str(wanted.type),
        "saved": wanted.saved,
        "favorited": wanted.favorited,
        "folder": wanted.folder,
        "short_id": wanted.short_id,
    }
    return [_TABLE[name] == value for name, value in asked.items() if value is not None]


def _authors(org_id: OrgId, wanted: InsightFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.created_by is not None:
        found.append(_TABLE.created_by == sa.any_(sa.literal(list[UserId](wanted.created_by), ARRAY(UUID))))
    if wanted.author_numbers is not None:
        numbers = sa.literal([number for number in wanted.author_numbers if 0 < number <= _MOST], ARRAY(sa.Integer))
        theirs = sa.select(users.c.id).where(users.c.org_id == org_id, users.c.number == sa.any_(numbers))
        found.append(_TABLE.created_by.in_(theirs))
    return found


def _between(at: sa.Column[datetime], span: Span) -> list[sa.ColumnElement[bool]]:
    """Both ends are left out."""
    after = [] if span.start is None else [at > span.start]
    return after if span.end is None else [*after, at < span.end]


def _holding(text: str) -> sa.ColumnElement[bool]:
    every = (_TABLE.name, _TABLE.derived_name, _TABLE.description, sa.func.array_to_string(_TABLE.tags, "\n"))
    return sa.or_(*(one.icontains(text, autoescape=True) for one in every))
