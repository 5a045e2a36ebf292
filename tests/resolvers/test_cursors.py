"""Windows of keyset lists, against the algorithm of Relay's cursor specification; and cursors that are none."""

import base64
from collections.abc import Awaitable, Callable, Sequence
from itertools import product

import orjson
import pytest

import resolvers.ingest
import resolvers.judging
import resolvers.sessions
import resolvers.timeline
from domain.errors import Invalid
from domain.judging.filters import SubSessionFilter
from domain.sessions import SessionFilter
from domain.timeline import StoredEvent
from domain.values import JsonValue, Page, SessionId, Span, Window
from resolvers.context import Context, Services
from resolvers.cursors import window
from tests.history import arcs, bug_fix, clear, derive, ended, judging, recorded, session_id, store
from tests.make import event, prompt, time
from tests.make_context import make_context

Ask = Callable[[Window[str]], Awaitable[Page[object]]]

WHOLE = window(100)


async def sessions(ctx: Context) -> Ask:
    """Six, of which two began at one moment and two have no start."""
    for minute in (3, 1, 2, 2):
        await store(ctx, recorded(prompt("hello", minute)))
    for _ in range(2):
        await resolvers.sessions.create_session(ctx, session_id(), None, {})
    return lambda asked: resolvers.sessions.list_sessions(ctx, SessionFilter(), asked)


async def sessions_of_a_day(ctx: Context) -> Ask:
    """Those without a start are not among them."""
    await sessions(ctx)
    wanted = SessionFilter(within=Span(time(1), time(4)), user_id=ctx.caller.user_id)
    return lambda asked: resolvers.sessions.list_sessions(ctx, wanted, asked)


async def sub_sessions(ctx: Context) -> Ask:
    told = [recorded(*bug_fix(300 * n, f"part{n}.py"), ended(300 * n + 9)) for n in (0, 0, 1, 2, 3)]
    await store(ctx, *told)
    await derive(ctx, *told)
    return lambda asked: resolvers.judging.list_sub_sessions(ctx, SubSessionFilter(), asked)


async def timeline(ctx: Context) -> Ask:
    """Of events at one moment the earlier stored stands first."""
    id = session_id()
    for minute in (4, 1, 2, 2, 3):
        await store(ctx, recorded(event("planning", minute), id=id))
    return lambda asked: resolvers.timeline.events_of_session(ctx, id, asked)


async def prompts(ctx: Context) -> Ask:
    one = recorded(*(part for n in range(5) for part in (prompt("go on", n), event("planning", n))))
    await store(ctx, one)
    return lambda asked: resolvers.timeline.prompts_of_session(ctx, one.id, asked)


async def timeline_of_an_arc(ctx: Context) -> Ask:
    """It goes on in a second session."""
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(10), ended(18))
    await store(ctx, one, two)
    await derive(ctx, one, two)
    arc = (await arcs(ctx, one))[0]
    assert len(arc.fragment_ids) == 2
    return lambda asked: resolvers.timeline.events_of_arc(ctx, arc, asked)


LISTS = [sessions, sessions_of_a_day, sub_sessions, timeline, prompts, timeline_of_an_arc]


def expected(whole: Page[object], asked: Window[str]) -> tuple[list[object], bool, bool]:
    """Items, hasNextPage and hasPreviousPage by the specification, sections 4 and 5."""
    places = list(whole.cursors)
    begin = 0 if asked.after is None else places.index(asked.after) + 1
    end = len(places) if asked.before is None else places.index(asked.before)
    edges = list(whole.items[begin : max(begin, end)])
    more = len(edges) > asked.size
    if asked.backwards:
        return edges[-asked.size :], asked.before is not None, more
    return edges[: asked.size], more, asked.after is not None


@pytest.mark.parametrize("make", LISTS)
async def test_every_window_holds_what_the_specification_says(
    services: Services, make: Callable[[Context], Awaitable[Ask]]
) -> None:
    ask = await make(await make_context(judging(services)))
    whole = await ask(WHOLE)
    assert len(whole.items) == len(set(whole.cursors)) >= 4
    places = [None, *whole.cursors[:: max(1, len(whole.cursors) // 5)], whole.cursors[-1]]
    for after, before, size, backwards in product(places, places, (1, 2, 100), (False, True)):
        asked = Window(size, after, before, backwards)
        page = await ask(asked)
        assert (list(page.items), page.has_next, page.has_previous) == expected(whole, asked), asked
        assert [list(whole.items).index(item) for item in page.items] == [
            list(whole.cursors).index(cursor) for cursor in page.cursors
        ]


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_list_that_grows_meanwhile_skips_and_repeats_nothing(services: Services, backwards: bool) -> None:
    ctx = await make_context(judging(services))
    old = [recorded(prompt("hello", minute)) for minute in (2, 4, 6, 8)]
    await store(ctx, *old)
    asked, seen = window(1), list[SessionId]()
    while len(seen) < 20:
        asked = Window(1, asked.after, asked.before, backwards)
        page = await resolvers.sessions.list_sessions(ctx, SessionFilter(), asked)
        seen += [session.id for session in page.items]
        await store(ctx, *(recorded(prompt("late", minute)) for minute in (1, 9)))
        if not (page.has_previous if backwards else page.has_next):
            break
        asked = Window(1, before=page.start_cursor) if backwards else Window(1, after=page.end_cursor)
    assert len(seen) == len(set(seen))
    order = [one.id for one in (old if backwards else old[::-1])]
    assert [id for id in seen if id in order] == order


def test_first_and_last_have_bounds_and_exclude_each_other() -> None:
    for size in (0, -1, 101, 2**31):
        with pytest.raises(Invalid, match="first must lie between 1 and 100"):
            window(size)
        with pytest.raises(Invalid, match="last must lie between 1 and 100"):
            window(last=size)
    with pytest.raises(Invalid, match="give first or last, not both"):
        window(1, last=1)
    assert window() == Window(20)
    assert window(default=100, before="b") == Window(100, before="b")
    assert window(1, "a", None, "b") == Window(1, "a", "b")
    assert window(last=100, before="b") == Window(100, before="b", backwards=True)


def written(*parts: JsonValue) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


AT = "2026-03-02T09:00:00+00:00"
NO_JSON = ["", "x", "é", "💥", "====", "W10", "a" * 5_000, written(), base64.b64encode(b"[" * 100_000).decode()]
NO_MOMENTS: list[JsonValue] = ["", "2026-03-02", "2026-03-02T09:00:00", "0001-01-01T00:00:00+14:00", 1, True, [], {}]
NO_TEXTS: list[JsonValue] = [None, 7, True, ["x"], "a\x00b"]
NO_NUMBERS: list[JsonValue] = [None, -1, True, False, 0.5, "7", 2**63, 1e30, [7]]


def forged(of: str, key: JsonValue, wrong: Sequence[JsonValue], may_lack_moment: bool = False) -> list[str]:
    """Cursors of the list `of` that differ from a right one in one thing; `key` is what stands after the moment."""
    moments = NO_MOMENTS if may_lack_moment else [None, *NO_MOMENTS]
    return [
        *NO_JSON,
        *(written(of, moment, key) for moment in moments),
        *(written(of, AT, one) for one in wrong),
        *(written(other, AT, key) for other in ("", None, 0, f"{of} ", "edges")),
        *(written(*parts) for parts in ([of], [of, AT], [of, AT, key, key], [AT, key], [[of, AT, key]])),
        orjson.dumps([of, AT, key]).decode(),
    ]


async def test_what_no_list_made_is_refused_by_every_list(services: Services) -> None:
    ctx = await make_context(judging(services))
    one = recorded(*bug_fix(0), clear(8), *bug_fix(60), ended(70))
    await store(ctx, one)
    await derive(ctx, one)
    [arc, _] = await arcs(ctx, one)
    lists: list[tuple[Ask, list[str]]] = [
        (
            lambda asked: resolvers.sessions.list_sessions(ctx, SessionFilter(), asked),
            forged("sessions", one.id, NO_TEXTS, may_lack_moment=True),
        ),
        (
            lambda asked: resolvers.judging.list_sub_sessions(ctx, SubSessionFilter(), asked),
            forged("subSessions", str(arc.id), [*NO_TEXTS, "x"]),
        ),
        (
            lambda asked: resolvers.timeline.events_of_session(ctx, one.id, asked),
            forged(f"timeline {one.id}", 1, NO_NUMBERS),
        ),
        (
            lambda asked: resolvers.timeline.prompts_of_session(ctx, one.id, asked),
            forged(f"prompts {one.id}", 1, NO_NUMBERS),
        ),
        (lambda asked: resolvers.timeline.events_of_arc(ctx, arc, asked), forged(f"timeline {arc.id}", 1, NO_NUMBERS)),
    ]
    for ask, cursors in lists:
        for cursor in cursors:
            for asked in (Window(1, after=cursor), Window(1, before=cursor, backwards=True)):
                with pytest.raises(Invalid):
                    await ask(asked)


async def test_a_cursor_is_good_for_its_own_list_only(services: Services) -> None:
    ctx = await make_context(judging(services))
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(300), ended(308))
    await store(ctx, one, two)
    await derive(ctx, one, two)
    found = await arcs(ctx, one, two)
    asks: list[Ask] = [
        lambda asked: resolvers.sessions.list_sessions(ctx, SessionFilter(), asked),
        lambda asked: resolvers.judging.list_sub_sessions(ctx, SubSessionFilter(), asked),
        *(lambda asked, of=of: resolvers.timeline.events_of_session(ctx, of.id, asked) for of in (one, two)),
        *(lambda asked, of=of: resolvers.timeline.prompts_of_session(ctx, of.id, asked) for of in (one, two)),
        *(lambda asked, of=of: resolvers.timeline.events_of_arc(ctx, of, asked) for of in found),
    ]
    cursors = [(await ask(window(1))).end_cursor for ask in asks]
    for (place, ask), (other, cursor) in product(enumerate(asks), enumerate(cursors)):
        if place == other:
            assert (await ask(window(1, cursor))).has_previous
        else:
            with pytest.raises(Invalid, match="of another list"):
                await ask(window(1, cursor))


async def test_a_filter_may_change_between_pages(services: Services) -> None:
    """A place is one in the order that all filters share."""
    ctx = await make_context(judging(services))
    told = [recorded(prompt("hello", minute)) for minute in range(4)]
    await store(ctx, *told)
    page = await resolvers.sessions.list_sessions(ctx, SessionFilter(), window(2))
    early = SessionFilter(within=Span(end=time(1)))
    rest = await resolvers.sessions.list_sessions(ctx, early, window(2, page.end_cursor))
    assert [session.id for session in rest.items] == [told[0].id]


async def test_what_an_agent_was_told_is_no_prompt_of_the_user(services: Services) -> None:
    ctx = await make_context(judging(services))
    one = recorded(
        prompt("Look into it", 0), prompt("Read the tests", 1, agent_id="a1", actor="ai"), prompt("Thanks", 2)
    )
    await store(ctx, one)

    def text(stored: StoredEvent) -> JsonValue:
        return stored.event.data["text"]

    page = await resolvers.timeline.prompts_of_session(ctx, one.id, window(10))
    assert [text(stored) for stored in page.items] == ["Look into it", "Thanks"]
    assert await resolvers.timeline.count_prompts_of_session(ctx, one.id) == 2
    assert await resolvers.timeline.count_prompts_of_session(ctx, SessionId("none")) == 0
