"""Saved insights of the caller's organisation: lists, one, making and changing them, their tags."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import orjson

import persistence.activity
import persistence.insights.saved
import persistence.insights.sharing
from domain.access import Scope
from domain.activity import Activity, ActivityId, ActivityKind, Change, changes
from domain.errors import Forbidden, Invalid, NotFound
from domain.ingest.clean import storable
from domain.insights import query as queries
from domain.insights.saved import (
    MODIFYING,
    MOST_AT_ONCE,
    MOST_DOCUMENT_BYTES,
    InsightChange,
    InsightFilter,
    InsightId,
    InsightOrder,
    InsightPage,
    InsightSort,
    SavedInsight,
    Skipped,
    TagAction,
    TagsUpdated,
    check,
    invalid,
    normal_tags,
    retagged,
    told,
)
from domain.values import UNSET, JsonObject, JsonValue, Page, Window
from persistence.database import Reading, Tenant, Writing
from persistence.identifiers import new_id
from persistence.insights.saved import Place
from resolvers import cursors
from resolvers.context import Context

InsightKey = InsightId | str
"""An insight's number, or its short id; text of digits alone is tried as the number first."""

_VIEWED_EVERY = timedelta(minutes=1)


async def list_insights(
    ctx: Context, wanted: InsightFilter, order: InsightOrder, limit: int, offset: int
) -> InsightPage:
    """Part of the insights that fit, and how many fit in all. Needs `insight:read`."""
    ctx.caller.require(Scope.INSIGHT_READ)
    org_id = ctx.caller.org_id
    async with _org(ctx) as db:
        total = await persistence.insights.saved.count(db, org_id, wanted)
        found = await persistence.insights.saved.page(db, org_id, wanted, order, limit, offset)
    return InsightPage(tuple(found), total)


async def page_insights(
    ctx: Context, wanted: InsightFilter, order: InsightOrder, window: Window[str]
) -> Page[SavedInsight]:
    """The same list by cursors. Raises Invalid for a forged one."""
    ctx.caller.require(Scope.INSIGHT_READ)
    name = f"insights {order.by}"
    asked = window.placed(lambda cursor: _place(cursor, name, order.by))
    async with _org(ctx) as db:
        found = await persistence.insights.saved.window(db, ctx.caller.org_id, wanted, order, asked)
    shown = cursors.page(found, window, lambda one: cursors.encode(name, *_written(one[1])))
    return Page([one for one, _ in shown.items], shown.cursors, shown.has_next, shown.has_previous)


def _org(ctx: Context) -> AbstractAsyncContextManager[Reading]:
    """A scope of the whole organisation: authors may be named whose own work the caller does not see."""
    return ctx.services.database.read(Tenant(ctx.caller.org_id))


_TIMES = {InsightSort.CREATED_AT, InsightSort.UPDATED_AT, InsightSort.LAST_MODIFIED_AT, InsightSort.LAST_VIEWED_AT}
_NUMBERS = {InsightSort.ID, InsightSort.ORDER}
_SWITCHES = {InsightSort.FAVORITED, InsightSort.SAVED}


def _written(place: Place) -> "tuple[JsonValue | datetime, JsonValue]":
    by, id = place
    assert isinstance(by, str | int | bool | datetime)
    return by, id


def _place(cursor: str, name: str, by: InsightSort) -> Place:
    value, id = cursors.decode(cursor, name, 2)
    expected = int if by in _NUMBERS else bool if by in _SWITCHES else str
    if type(value) is not expected or type(id) is not int or not (_is_small(value) and _is_small(id)):
        raise cursors.forged()
    return (cursors.moment(value) if by in _TIMES else storable(value)), InsightId(id)


def _is_small(value: object) -> bool:
    """Whether it is no number that the database would not take."""
    return not isinstance(value, int) or -(2**31) <= value < 2**31


async def count_insights(ctx: Context, wanted: InsightFilter) -> int:
    """How many fit in all."""
    ctx.caller.require(Scope.INSIGHT_READ)
    async with _org(ctx) as db:
        return await persistence.insights.saved.count(db, ctx.caller.org_id, wanted)


async def find_insight(ctx: Context, key: InsightKey) -> SavedInsight | None:
    """One that is not deleted. Needs `insight:read`."""
    ctx.caller.require(Scope.INSIGHT_READ)
    async with ctx.read() as db:
        return await persistence.insights.saved.find(db, ctx.caller.org_id, _clean(key))


def _clean(key: InsightKey) -> InsightKey:
    return str(storable(key)) if isinstance(key, str) else key


async def get_insight(ctx: Context, key: InsightKey) -> SavedInsight:
    """As `find_insight`. Raises NotFound, also for a deleted one and one of another organisation."""
    return _there(await find_insight(ctx, key))


def _there(found: SavedInsight | None) -> SavedInsight:
    if found is None:
        raise no_insight()
    return found


def no_insight() -> NotFound:
    return NotFound("no such insight")


async def view_insight(ctx: Context, key: InsightKey) -> SavedInsight:
    """As `get_insight`, for somebody who looks at it: notes when that was, exact to a minute."""
    found, now = await get_insight(ctx, key), ctx.now()
    if found.last_viewed_at is not None and now - found.last_viewed_at < _VIEWED_EVERY:
        return found
    async with ctx.write() as db:
        await persistence.insights.saved.touch(db, found.org_id, found.id, now)
    return replace(found, last_viewed_at=now)


async def create_insight(ctx: Context, new: InsightChange) -> SavedInsight:
    """Each call makes another one. Needs `insight:write`. Raises InvalidQuery, Invalid."""
    ctx.caller.require(Scope.INSIGHT_WRITE)
    blank = _blank(ctx)
    wished = _changed(blank, new)
    async with ctx.write() as db:
        made = await persistence.insights.saved.add(db, wished)
        # Numbers that nobody chose and fields that hold nothing are not worth a word.
        noted = [change for change in changes(told(blank), told(made)) if change.after is not None]
        began = tuple(Change(change.field, None, change.after) for change in noted)
        await persistence.activity.append(db, [_entry(ctx, made, ActivityKind.CREATED, began)])
    return made


def _blank(ctx: Context) -> SavedInsight:
    now = ctx.now()
    return SavedInsight(
        org_id=ctx.caller.org_id,
        id=InsightId(0),
        short_id="",
        name=None,
        derived_name=None,
        description="",
        query=None,
        type=None,
        filters={},
        order=None,
        saved=False,
        favorited=False,
        deleted=False,
        folder=None,
        tags=(),
        created_at=now,
        created_by=ctx.caller.user_id,
        updated_at=now,
        last_modified_at=now,
        last_modified_by=ctx.caller.user_id,
        last_viewed_at=None,
    )


def _changed(insight: SavedInsight, change: InsightChange) -> SavedInsight:
    """With what is given, read and fit to be kept. Raises InvalidQuery, Invalid."""
    check(change)
    given = {name: _fit(value) for name, value in change.given().items()}
    if change.tags is not UNSET:
        given["tags"] = normal_tags(str(_fit(tag)) for tag in change.tags)
    for name in ("query", "filters"):
        if len(orjson.dumps(given.get(name))) > MOST_DOCUMENT_BYTES:
            raise invalid(name, f"{name} has {MOST_DOCUMENT_BYTES} bytes at most")
    if change.query is not UNSET:
        read = None if change.query is None else queries.read(change.query)
        given["query"] = None if read is None else _fit(read.document)
        given["type"] = None if read is None else read.type
    return replace(insight, **given)


def _fit(value: object) -> object:
    """As the database can hold it."""
    return storable(cast("str | JsonObject", value)) if isinstance(value, str | dict) else value


async def update_insight(ctx: Context, key: InsightKey, change: InsightChange) -> SavedInsight:
    """The insight with the fields that are given changed; `deleted` hides it, or brings it back. Needs `insight:write`.

    Raises NotFound (a deleted one is found only where `deleted` is given), InvalidQuery, Invalid; Forbidden for another
    query where a link shows what the caller may not count.
    """
    ctx.caller.require(Scope.INSIGHT_WRITE)
    with_deleted = change.deleted is not UNSET
    async with ctx.write() as db:
        org_id = ctx.caller.org_id
        old = _there(await persistence.insights.saved.find(db, org_id, _clean(key), with_deleted, lock=True))
        new = _changed(old, change)
        if new.query != old.query:
            await _check_link(ctx, db, old)
        return await _keep(ctx, db, old, new)


async def _check_link(ctx: Context, db: Reading, insight: SavedInsight) -> None:
    """By a link everybody's events are counted, whoever wrote the query."""
    if ctx.caller.insights_of is not None:
        sharing = await persistence.insights.sharing.find(db, insight.org_id, insight.id)
        if sharing.enabled:
            raise Forbidden("a link shows this insight with everybody's events, and this key counts its developer's")


async def _keep(ctx: Context, db: Writing, old: SavedInsight, new: SavedInsight) -> SavedInsight:
    """The new state, with when it came about; what does not differ changes nothing."""
    if new == old:
        return old
    differing = changes(told(old), told(new))
    new = replace(new, updated_at=ctx.now())
    if MODIFYING & {change.field for change in differing}:
        new = replace(new, last_modified_at=ctx.now(), last_modified_by=ctx.caller.user_id)
    await persistence.insights.saved.save(db, new)
    await persistence.activity.append(db, [_entry(ctx, new, _kind(old, new), differing)])
    return new


def _kind(old: SavedInsight, new: SavedInsight) -> ActivityKind:
    if old.deleted == new.deleted:
        return ActivityKind.UPDATED
    return ActivityKind.DELETED if new.deleted else ActivityKind.RESTORED


def _entry(ctx: Context, insight: SavedInsight, kind: ActivityKind, found: tuple[Change, ...]) -> Activity:
    return Activity(
        id=ActivityId(new_id()),
        org_id=insight.org_id,
        insight_id=insight.id,
        user_id=ctx.caller.user_id,
        kind=kind,
        name=insight.name or insight.derived_name,
        short_id=insight.short_id,
        changes=found,
        created_at=ctx.now(),
    )


async def note(ctx: Context, db: Writing, insight: SavedInsight, kind: ActivityKind) -> None:
    """That something happened to an insight which is none of its fields."""
    await persistence.activity.append(db, [_entry(ctx, insight, kind, ())])


async def bulk_update_tags(
    ctx: Context, ids: Sequence[InsightId], action: TagAction, tags: Sequence[str]
) -> TagsUpdated:
    """Changes the tags of up to 500 insights; those that are not there, or would have too many, are passed over. Needs
    `insight:write`.

    Raises Invalid for none or too many ids, and for no tags where some are to be added or removed.
    """
    ctx.caller.require(Scope.INSIGHT_WRITE)
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise invalid("ids", f"1 to {MOST_AT_ONCE} ids may be given")
    given = normal_tags(str(_fit(tag)) for tag in tags)
    if not given and action is not TagAction.SET:
        raise invalid("tags", "tags are required for add and remove")
    updated: dict[InsightId, SavedInsight] = {}
    skipped: dict[InsightId, str] = dict.fromkeys(ids, "Not found")
    async with ctx.write() as db:
        for old in await persistence.insights.saved.lock(db, ctx.caller.org_id, ids):
            try:
                new = replace(old, tags=retagged(old.tags, action, given))
            except Invalid as error:
                skipped[old.id] = str(error)
            else:
                updated[old.id] = await _keep(ctx, db, old, new)
    each = list(dict.fromkeys(ids))
    passed = tuple(Skipped(id, skipped[id]) for id in each if id not in updated)
    return TagsUpdated(tuple(updated[id] for id in each if id in updated), passed)


async def list_tags(ctx: Context) -> list[str]:
    """Every tag of an insight that is not deleted, in order. Needs `insight:read`."""
    ctx.caller.require(Scope.INSIGHT_READ)
    async with ctx.read() as db:
        return await persistence.insights.saved.tags(db, ctx.caller.org_id)


async def list_folders(ctx: Context) -> list[str]:
    """Every folder of an insight that is not deleted, in order. Needs `insight:read`."""
    ctx.caller.require(Scope.INSIGHT_READ)
    async with ctx.read() as db:
        return await persistence.insights.saved.folders(db, ctx.caller.org_id)
