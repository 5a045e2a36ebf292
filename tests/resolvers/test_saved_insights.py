"""Saved insights: numbers, lists, changes and what is noted of them, tags, sharing."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

import persistence.passwords
from domain.access import Caller, KeyKind, Org, Scope
from domain.activity import ActivityKind
from domain.errors import Forbidden, Invalid, NotFound
from domain.insights.saved import (
    InsightChange,
    InsightFilter,
    InsightOrder,
    InsightSort,
    SavedInsight,
    TagAction,
)
from domain.insights.sharing import MOST_PASSWORDS, SharingChange, read
from domain.values import UNSET, Span
from persistence.passwords import hash_of, is_one_of
from resolvers.activity import list_activity, page_activity
from resolvers.context import Context, Services
from resolvers.cursors import window
from resolvers.insights import (
    bulk_update_tags,
    count_insights,
    create_insight,
    get_insight,
    list_insights,
    list_tags,
    page_insights,
    update_insight,
    view_insight,
)
from resolvers.sharing import (
    create_share_password,
    delete_share_password,
    get_sharing,
    refresh_sharing,
    update_sharing,
)
from tests.make_context import NOW, context_of, make_context, make_user

ALL = frozenset({Scope.INSIGHT_READ, Scope.INSIGHT_WRITE, Scope.ACTIVITY_READ, Scope.SHARING_READ, Scope.SHARING_WRITE})
TRENDS = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "arc_crushed"}]}
AS_SERVED = persistence.passwords.HASHER
"""Other tests have a lighter one; no test runs yet while this is read."""


@pytest.fixture
async def ctx(services: Services) -> Context:
    made = await make_context(services, scopes=ALL)
    return context_of(services, replace(made.caller, kind=KeyKind.PERSONAL))


def of_one(ctx: Context) -> Context:
    """The same developer with a key that counts their own events alone."""
    return context_of(ctx.services, replace(ctx.caller, kind=KeyKind.DEVELOPER))


def later(ctx: Context, minutes: float) -> Context:
    """The same caller, so many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    return context_of(replace(ctx.services, now=lambda: at), ctx.caller)


async def colleague(ctx: Context) -> Context:
    org = Org(ctx.caller.org_id, "", ctx.caller.environment_id, ctx.caller.settings)
    user = await make_user(ctx.services.database.urls, org)
    return context_of(ctx.services, replace(ctx.caller, user_id=user.id))


async def made(ctx: Context, name: str | None = None, **fields: object) -> SavedInsight:
    return await create_insight(ctx, InsightChange(name=name, **fields))


async def names(ctx: Context, by: InsightSort = InsightSort.ID, down: bool = False, **wanted: object) -> list[str]:
    found = await list_insights(ctx, InsightFilter(**wanted), InsightOrder(by, down), 100, 0)
    assert found.total == len(found.items)
    return [one.name or "" for one in found.items]


async def test_what_is_not_given_has_its_default(ctx: Context) -> None:
    one = await create_insight(ctx, InsightChange())
    assert (one.name, one.description, one.tags, one.favorited, one.deleted, one.order) == (
        None,
        "",
        (),
        False,
        False,
        None,
    )
    assert (one.id, len(one.short_id), one.created_by) == (1, 8, ctx.caller.user_id)
    assert await get_insight(ctx, 1) == await get_insight(ctx, one.short_id) == await get_insight(ctx, "1") == one


async def test_numbers_are_counted_by_organisation_also_when_many_come_at_once(
    ctx: Context, services: Services
) -> None:
    found = await asyncio.gather(*(made(ctx) for _ in range(12)))
    assert sorted(one.id for one in found) == list(range(1, 13))
    assert len({one.short_id for one in found}) == 12
    other = await make_context(services, scopes=ALL)
    assert (await made(other)).id == 1


async def test_others_see_nothing_of_it(ctx: Context, services: Services) -> None:
    one, other = await made(ctx), await make_context(services, scopes=ALL)
    for key in (one.id, one.short_id, str(one.id), "9" * 30, "\x00", "a" * 1000):
        with pytest.raises(NotFound):
            await get_insight(other, key)
    assert await names(other) == []
    with pytest.raises(NotFound):
        await update_insight(other, one.id, InsightChange(name="mine"))


CALLS: dict[Scope, Callable[[Context], object]] = {
    Scope.INSIGHT_READ: lambda ctx: list_tags(ctx),
    Scope.INSIGHT_WRITE: lambda ctx: made(ctx),
    Scope.ACTIVITY_READ: lambda ctx: list_activity(ctx, None, 1, 1),
    Scope.SHARING_READ: lambda ctx: get_sharing(ctx, 1),
    Scope.SHARING_WRITE: lambda ctx: refresh_sharing(ctx, 1),
}


@pytest.mark.parametrize("scope", CALLS)
async def test_each_needs_its_scope(ctx: Context, scope: Scope) -> None:
    caller: Caller = replace(ctx.caller, scopes=ALL - {scope})
    with pytest.raises(Forbidden, match=scope):
        await CALLS[scope](context_of(ctx.services, caller))


async def test_a_list_is_narrowed_by_each_filter(ctx: Context) -> None:
    ada, bob = ctx, await colleague(ctx)
    one = await made(later(ada, 0), "Alpha", saved=True, tags=("Web", "x"), description="100% of it")
    two = await made(later(bob, 10), "Beta", favorited=True, derived_name="web things")
    await made(later(bob, 20), "gamma", tags=("x_y",))
    await update_insight(later(bob, 30), one.id, InsightChange(name="Alpha"))
    await update_insight(later(ada, 40), two.id, InsightChange(description="now"))
    await view_insight(later(ada, 50), two.id)
    bobs = (bob.caller.user_id,)
    at = [NOW + timedelta(minutes=minutes) for minutes in range(60)]
    asked: list[tuple[dict[str, object], list[str]]] = [
        ({}, ["Alpha", "Beta", "gamma"]),
        ({"saved": True}, ["Alpha"]),
        ({"saved": False}, ["Beta", "gamma"]),
        ({"favorited": True}, ["Beta"]),
        ({"created_by": bobs}, ["Beta", "gamma"]),
        ({"created_by": ()}, []),
        ({"author_numbers": (2**40, -1, 0)}, []),
        ({"tags": ("web", "nothing")}, ["Alpha"]),
        ({"tags": ()}, []),
        ({"short_id": one.short_id}, ["Alpha"]),
        ({"search": "WEB"}, ["Alpha", "Beta"]),
        ({"search": "100%"}, ["Alpha"]),
        ({"search": "x_y"}, ["gamma"]),
        ({"search": "%"}, ["Alpha"]),
        ({"created": Span(at[0], at[20])}, ["Beta"]),
        ({"modified": Span(at[39], None)}, ["Beta"]),
        ({"modified": Span(None, at[1])}, ["Alpha"]),
        ({"viewed": Span(at[49], at[51])}, ["Beta"]),
        ({"viewed": Span(at[50], None)}, []),
    ]
    for wanted, expected in asked:
        assert await names(ada, **wanted) == expected, wanted
        assert await count_insights(ada, InsightFilter(**wanted)) == len(expected)


async def test_orders_are_total_and_pages_by_cursor_and_by_offset_agree(ctx: Context) -> None:
    for number in range(7):
        one = await made(later(ctx, number % 3), f"n{number % 2}", order=(None, 5, -1)[number % 3], saved=number > 3)
        if number % 2:
            await view_insight(later(ctx, 100 + number), one.id)
    for by in InsightSort:
        for down in (False, True):
            order = InsightOrder(by, down)
            whole = [one.id for one in (await list_insights(ctx, InsightFilter(), order, 100, 0)).items]
            parts = [await list_insights(ctx, InsightFilter(), order, 3, offset) for offset in (0, 3, 6)]
            assert [one.id for part in parts for one in part.items] == whole
            assert await walked(ctx, order) == await walked_back(ctx, order) == whole
            turned = await list_insights(ctx, InsightFilter(), InsightOrder(by, not down), 100, 0)
            assert [one.id for one in turned.items] == whole[::-1]
    cursor = (await page_insights(ctx, InsightFilter(), InsightOrder(), window(1))).cursors[0]
    with pytest.raises(Invalid):
        await page_insights(ctx, InsightFilter(), InsightOrder(InsightSort.NAME), window(1, cursor))


async def walked(ctx: Context, order: InsightOrder) -> list[int]:
    found, cursor = [], None
    while True:
        page = await page_insights(ctx, InsightFilter(), order, window(2, cursor))
        found += [one.id for one in page.items]
        if not page.has_next:
            return found
        cursor = page.end_cursor


async def walked_back(ctx: Context, order: InsightOrder) -> list[int]:
    found, cursor = [], None
    while True:
        page = await page_insights(ctx, InsightFilter(), order, window(last=2, before=cursor))
        found = [one.id for one in page.items] + found
        if not page.has_previous:
            return found
        cursor = page.start_cursor


async def test_insights_without_an_order_come_last(ctx: Context) -> None:
    for name, order in (("none", None), ("two", 2), ("one", 1)):
        await made(ctx, name, order=order)
    assert await names(ctx, InsightSort.ORDER) == ["one", "two", "none"]


async def test_a_change_leaves_the_rest_and_notes_each_field_before_and_after(ctx: Context) -> None:
    one = await made(ctx, "Old", tags=("a", "b"), order=3)
    new = await update_insight(later(ctx, 5), one.id, InsightChange(name="New", tags=(" B ", "c", "C")))
    assert (new.name, new.tags, new.order) == ("New", ("b", "c"), 3)
    entry = (await list_activity(ctx, one.id, 10, 1)).items[0]
    assert (entry.kind, entry.name, entry.user_id) == (ActivityKind.UPDATED, "New", ctx.caller.user_id)
    found = {change.field: (change.before, change.after) for change in entry.changes}
    assert found == {"name": ("Old", "New"), "tags": (["a", "b"], ["b", "c"])}


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        (InsightChange(name="n"), True),
        (InsightChange(description="d"), True),
        (InsightChange(tags=("t",)), True),
        (InsightChange(favorited=True), False),
        (InsightChange(order=1), False),
        (InsightChange(saved=True), False),
        (InsightChange(deleted=True), False),
    ],
)
async def test_what_counts_as_modified(ctx: Context, change: InsightChange, moves: bool) -> None:
    bob, one = await colleague(ctx), await made(ctx)
    new = await update_insight(later(bob, 5), one.id, change)
    by = bob.caller.user_id if moves else ctx.caller.user_id
    assert (new.last_modified_at > one.last_modified_at, new.last_modified_by) == (moves, by)
    assert new.updated_at == NOW + timedelta(minutes=5)


async def test_what_changes_nothing_is_not_noted(ctx: Context) -> None:
    one = await made(ctx, "Same")
    assert await update_insight(later(ctx, 5), one.id, InsightChange(name="Same", tags=())) == one
    assert (await list_activity(ctx, one.id, 10, 1)).total == 1


async def test_a_deleted_one_is_hidden_until_it_is_brought_back(ctx: Context) -> None:
    one = await made(ctx, "Gone", tags=("t",))
    await update_insight(later(ctx, 1), one.short_id, InsightChange(deleted=True))
    assert await names(ctx) == []
    assert await list_tags(ctx) == []
    for refused in (get_insight, get_sharing, refresh_sharing):
        with pytest.raises(NotFound):
            await refused(ctx, one.id)
    with pytest.raises(NotFound):
        await update_insight(ctx, one.id, InsightChange(name="x"))
    with pytest.raises(NotFound):
        await list_activity(ctx, one.id, 10, 1)
    assert (await bulk_update_tags(ctx, [one.id], TagAction.SET, [])).updated == ()
    await update_insight(later(ctx, 2), one.id, InsightChange(deleted=False))
    assert await names(ctx) == ["Gone"]
    kinds = [entry.kind for entry in (await list_activity(ctx, None, 10, 1)).items]
    assert kinds == [ActivityKind.RESTORED, ActivityKind.DELETED, ActivityKind.CREATED]


BAD = [
    InsightChange(name="n" * 401),
    InsightChange(derived_name="n" * 401),
    InsightChange(description="n" * 401),
    InsightChange(order=2**31),
    InsightChange(dashboards=(1,)),
    InsightChange(tags=tuple(map(str, range(101)))),
    InsightChange(tags=("t" * 256,)),
    InsightChange(filters={"a": "b" * 100_000}),
]


@pytest.mark.parametrize("change", BAD, ids=lambda change: next(iter(change.given()), "dashboards"))
async def test_what_does_not_fit_is_refused_with_its_field(ctx: Context, change: InsightChange) -> None:
    with pytest.raises(Invalid) as refused:
        await create_insight(ctx, change)
    assert refused.value.faults[0].field == (next(iter(change.given()), "dashboards"),)


async def test_texts_that_the_database_cannot_hold_are_made_fit(ctx: Context) -> None:
    one = await made(ctx, "a\x00b", tags=("\ud800",), filters={"k\x00": "\udfff"})
    assert await get_insight(ctx, one.id) == one
    assert (one.name, one.tags, one.filters) == ("a\ufffdb", ("\ufffd",), {"k\ufffd": "\ufffd"})


async def test_looking_is_noted_once_a_minute(ctx: Context) -> None:
    one = await made(ctx)
    for minutes, seen in ((0, 0), (0.5, 0), (1, 1)):
        await view_insight(later(ctx, minutes), one.id)
        found = await get_insight(ctx, one.id)
        assert found.last_viewed_at == NOW + timedelta(minutes=seen)
        assert found.updated_at == one.updated_at


async def test_tags_of_many_are_changed_and_what_is_not_there_is_named(ctx: Context) -> None:
    one, two = await made(ctx, tags=("a",)), await made(ctx, tags=("b",))
    ids = [two.id, 99, one.id, two.id, -1, 2**40]
    for _ in range(2):
        found = await bulk_update_tags(ctx, ids, TagAction.ADD, [" B ", "c", "C"])
        assert [(each.id, each.tags) for each in found.updated] == [(two.id, ("b", "c")), (one.id, ("a", "b", "c"))]
        assert [(each.id, each.reason) for each in found.skipped] == [(id, "Not found") for id in (99, -1, 2**40)]
    assert (await list_activity(ctx, None, 10, 1)).total == 4, "nothing is noted of the second time"
    assert [each.tags for each in (await bulk_update_tags(ctx, ids, TagAction.REMOVE, ["b"])).updated] == [
        ("c",),
        ("a", "c"),
    ]
    assert [each.tags for each in (await bulk_update_tags(ctx, ids, TagAction.SET, [])).updated] == [(), ()]
    await bulk_update_tags(ctx, [one.id], TagAction.SET, list(map(str, range(100))))
    full = await bulk_update_tags(ctx, [one.id, two.id], TagAction.ADD, ["z"])
    assert [each.id for each in full.updated] == [two.id]
    assert full.skipped[0].id == one.id
    for bad in (([], TagAction.ADD, ["a"]), ([1] * 501, TagAction.ADD, ["a"]), ([1], TagAction.REMOVE, [" "])):
        with pytest.raises(Invalid):
            await bulk_update_tags(ctx, *bad)


async def test_activity_comes_newest_first_in_pages(ctx: Context) -> None:
    one = await made(ctx, "0")
    for number in range(1, 5):
        await update_insight(later(ctx, number), one.id, InsightChange(name=str(number)))
    await made(later(ctx, 9), "other")
    of_one = [await list_activity(ctx, one.id, 2, page) for page in (1, 2, 3, 4, 10**12)]
    assert [[entry.name for entry in page.items] for page in of_one] == [["4", "3"], ["2", "1"], ["0"], [], []]
    assert {page.total for page in of_one} == {5}
    first = await page_activity(ctx, None, window(2))
    rest = await page_activity(ctx, None, window(10, first.end_cursor))
    assert [entry.name for entry in [*first.items, *rest.items]] == ["other", "4", "3", "2", "1", "0"]


async def test_entries_are_never_changed_or_taken_back(ctx: Context) -> None:
    await made(ctx)
    with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
        async with ctx.write() as db:
            await db.execute(sa.text("UPDATE activity SET kind = 'updated'"))


async def test_an_insight_is_shared_by_a_token_that_can_be_turned(ctx: Context) -> None:
    one = await made(ctx)
    never = await get_sharing(ctx, one.id)
    assert (never.enabled, never.access_token, never.created_at, never.passwords) == (False, None, None, ())
    on = await update_sharing(later(ctx, 1), one.id, SharingChange(enabled=True, settings={"legend": True, "evil": 1}))
    assert on.enabled
    assert on.settings == {"legend": True}
    assert on.created_at == NOW + timedelta(minutes=1)
    assert read(on.access_token).org_id == ctx.caller.org_id
    turned = await refresh_sharing(later(ctx, 2), one.id)
    assert turned.access_token != on.access_token
    assert replace(turned, access_token=on.access_token) == on
    off = await update_sharing(later(ctx, 3), one.id, SharingChange(enabled=False))
    assert off.access_token == turned.access_token
    assert not off.enabled
    await update_sharing(later(ctx, 4), one.id, SharingChange(password_required=True, enabled=UNSET))
    assert [entry.kind for entry in (await list_activity(ctx, one.id, 10, 1)).items] == [
        ActivityKind.SHARING_DISABLED,
        ActivityKind.TOKEN_REFRESHED,
        ActivityKind.SHARING_ENABLED,
        ActivityKind.CREATED,
    ]


async def test_a_key_that_counts_its_own_events_opens_nothing_wider_by_a_link(ctx: Context) -> None:
    one, narrow = await made(ctx, query=TRENDS), of_one(ctx)
    await update_sharing(ctx, one.id, SharingChange(enabled=True, password_required=True))
    for refused in (
        update_sharing(narrow, one.id, SharingChange(password_required=False)),
        refresh_sharing(narrow, one.id),
        create_share_password(narrow, one.id),
        update_insight(narrow, one.id, InsightChange(query={"kind": "HogQLQuery", "query": "select id from persons"})),
    ):
        with pytest.raises(Forbidden):
            await refused
    named = await update_insight(narrow, one.id, InsightChange(name="Crushed", query=TRENDS))
    assert named.name == "Crushed"
    await update_sharing(ctx, one.id, SharingChange(enabled=False))
    assert (await update_insight(narrow, one.id, InsightChange(query=None))).query is None


async def test_passwords_are_shown_once_and_kept_as_hashes(ctx: Context) -> None:
    one = await made(ctx)
    with pytest.raises(Invalid, match="Turn on password_required first"):
        await create_share_password(ctx, one.id)
    await update_sharing(ctx, one.id, SharingChange(password_required=True))
    with pytest.raises(Invalid, match="8 to 200"):
        await create_share_password(ctx, one.id, "short")
    mine = await create_share_password(ctx, one.id, "long enough", "for the board")
    ours = await create_share_password(ctx, one.id)
    assert mine.clear == "long enough"
    assert len(ours.clear) >= 16
    assert (await get_sharing(ctx, one.id)).passwords == (mine.password, ours.password)
    async with ctx.read() as db:
        kept = await db.rows(sa.text("SELECT hash FROM share_passwords"))
    assert all(row["hash"].startswith("$argon2id$") for row in kept)
    await delete_share_password(ctx, one.id, mine.password.id)
    with pytest.raises(NotFound):
        await delete_share_password(ctx, one.id, mine.password.id)
    assert (await get_sharing(ctx, one.id)).passwords == (ours.password,)


async def test_there_are_only_so_many_passwords(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await made(ctx)
    await update_sharing(ctx, one.id, SharingChange(password_required=True))

    async def cheap(clear: str) -> str:
        return clear

    monkeypatch.setattr("persistence.passwords.hash_of", cheap)
    for _ in range(MOST_PASSWORDS):
        await create_share_password(ctx, one.id)
    with pytest.raises(Invalid, match="most"):
        await create_share_password(ctx, one.id)


async def test_only_the_password_itself_fits_its_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence.passwords, "HASHER", AS_SERVED)
    hash = await hash_of("correct horse")
    assert hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await is_one_of("correct horse", ["$broken", hash])
    assert not await is_one_of("correct horse ", [hash])
    assert not await is_one_of("", [])
