"""What many follow alike is executed and encoded once; what differs in sight or wish is not shared."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from uuid import uuid4

import orjson
import pytest
import strawberry

import schema.streams as module
from domain.access import Scope
from domain.values import KeyId, UserId
from resolvers.context import Context
from schema.documents import Documents, Prepared, RequestError
from schema.published import Schema
from schema.streams import Streams
from schema.values import Info
from tests.schema.asking import SOON_S, Asker


@dataclass(frozen=True, slots=True)
class Tick:
    cursor: int


@strawberry.type
class TickShown:
    cursor: int

    @strawberry.field
    @staticmethod
    async def seen_by(parent: strawberry.Parent[Tick], info: Info) -> str:
        rendered.append(parent.cursor)
        await asyncio.sleep(0)
        return str(info.context.caller.user_id)

    @strawberry.field
    @staticmethod
    def text(length: int) -> str:
        return "x" * length


@strawberry.type
class Query:
    nothing: str | None = None


@strawberry.type
class Subscription:
    @strawberry.subscription(graphql_type=TickShown)
    @staticmethod
    async def ticks(info: Info, after: int = 0, count: int = 3) -> AsyncGenerator[Sequence[Tick]]:
        opened.append(info.context)
        for start in range(after + 1, count + 1, 2):
            yield [Tick(number) for number in range(start, min(start + 2, count + 1))]
            await asyncio.sleep(0.001)


CLOCK = Schema(query=Query, subscription=Subscription).graphql_schema
rendered: list[int] = []
opened: list[Context] = []

FOLLOW = "subscription ($after: Int = 0, $count: Int = 3) { ticks(after: $after, count: $count) { cursor seenBy } }"


@pytest.fixture
def streams() -> Streams:
    rendered.clear()
    opened.clear()
    return Streams(CLOCK)


def _prepared(text: str = FOLLOW, **variables: object) -> Prepared:
    prepared = Documents(CLOCK).prepare(text, None, {})
    return replace(prepared, variables=variables)


async def _read(streams: Streams, context: Context, text: str = FOLLOW, **variables: object) -> list[int]:
    payloads = await streams.follow(_prepared(text, **variables), context)
    async with asyncio.timeout(SOON_S), aclosing(payloads):
        return [orjson.loads(payload)["data"]["ticks"]["cursor"] async for payload in payloads]


async def test_all_who_follow_alike_share_each_payload(streams: Streams, ada: Asker) -> None:
    read = await asyncio.gather(*(_read(streams, ada.ctx) for _ in range(20)))
    assert read == [[1, 2, 3]] * 20
    assert (sorted(rendered), len(opened)) == ([1, 2, 3], 20)


async def test_the_place_to_begin_does_not_part_them(streams: Streams, ada: Asker) -> None:
    read = await asyncio.gather(*(_read(streams, ada.ctx, after=after) for after in (0, 1, 2)))
    assert read == [[1, 2, 3], [2, 3], [3]]
    assert sorted(rendered) == [1, 2, 3]


async def test_another_wish_or_sight_is_rendered_for_itself(streams: Streams, ada: Asker, eve: Asker) -> None:
    other = FOLLOW.replace("cursor", "cursor ")
    await asyncio.gather(
        _read(streams, ada.ctx, count=1),
        _read(streams, ada.ctx, count=2),
        _read(streams, ada.ctx, other, count=1),
        _read(streams, eve.ctx, count=1),
    )
    assert sorted(rendered) == [1, 1, 1, 1, 2]


async def test_a_place_that_is_used_twice_is_part_of_the_wish(streams: Streams, ada: Asker) -> None:
    twice = "subscription ($after: Int!) { ticks(after: $after) { cursor seenBy text(length: $after) } }"
    await asyncio.gather(_read(streams, ada.ctx, twice, after=1), _read(streams, ada.ctx, twice, after=2))
    assert sorted(rendered) == [2, 3, 3]


async def test_a_shared_payload_knows_nobody(streams: Streams, ada: Asker) -> None:
    caller = ada.ctx.caller
    lead = replace(caller, scopes=caller.scopes | {Scope.ORG_READ})
    other = replace(lead, user_id=UserId(uuid4()), key_id=KeyId(uuid4()))
    first = await streams.follow(_prepared(), replace(ada.ctx, caller=lead))
    second = await streams.follow(_prepared(), replace(ada.ctx, caller=other))
    async with aclosing(first), aclosing(second):
        payloads = set(await asyncio.gather(anext(first), anext(second)))
    assert len(payloads) == 1
    assert str(caller.user_id) not in str(payloads)
    assert rendered.count(1) == 1


async def test_one_that_leaves_takes_nothing_from_the_others(streams: Streams, ada: Asker) -> None:
    leaving = asyncio.create_task(_read(streams, ada.ctx))
    staying = asyncio.create_task(_read(streams, ada.ctx))
    async with asyncio.timeout(SOON_S):
        while not rendered:
            await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == [1, 2, 3]


async def test_nothing_is_left_when_all_have_gone(streams: Streams, ada: Asker) -> None:
    before = asyncio.all_tasks()
    payloads = await streams.follow(_prepared(), ada.ctx)
    await anext(payloads)
    await payloads.aclose()
    await asyncio.sleep(0)
    assert not streams._renderings  # pyright: ignore[reportPrivateUsage]
    assert asyncio.all_tasks() == before


async def test_a_payload_is_made_anew_after_a_while(
    streams: Streams, ada: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH_S", 0.0)
    first, second = await streams.follow(_prepared(), ada.ctx), await streams.follow(_prepared(), ada.ctx)
    async with aclosing(first), aclosing(second):
        await anext(first)
        await asyncio.sleep(0.01)
        await anext(second)
    assert rendered.count(1) == 2


async def test_what_is_remembered_is_bounded(streams: Streams, ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 20_000)
    long = "subscription ($count: Int!) { ticks(count: $count) { cursor text(length: 5000) } }"
    payloads = await streams.follow(_prepared(long, count=40), ada.ctx)
    async with aclosing(payloads):
        async for payload in payloads:
            [rendering] = streams._renderings.values()  # pyright: ignore[reportPrivateUsage]
            assert len(payload) < 6_000
            assert rendering._bytes <= 20_000  # pyright: ignore[reportPrivateUsage]
            assert len(rendering._made) <= 4  # pyright: ignore[reportPrivateUsage]


async def test_a_payload_that_is_too_large_is_told_with_its_place(streams: Streams, ada: Asker) -> None:
    huge = "subscription { ticks(count: 1) { cursor text(length: 2000000) } }"
    [payload] = [orjson.loads(payload) async for payload in await streams.follow(_prepared(huge), ada.ctx)]
    assert payload["data"] is None
    extensions = payload["errors"][0]["extensions"]
    assert (extensions["code"], extensions["cursor"]) == ("PAYLOAD_TOO_LARGE", "1")


async def test_variables_that_do_not_fit_are_refused(streams: Streams, ada: Asker) -> None:
    with pytest.raises(RequestError) as refused:
        await _read(streams, ada.ctx, after="soon")
    assert refused.value.fallback == "BAD_USER_INPUT"
    assert not opened


async def test_the_error_of_a_field_stands_in_its_payload(streams: Streams, ada: Asker) -> None:
    failing = "subscription { ticks(count: 2) { cursor text(length: 99999999999) } }"
    with pytest.raises(RequestError):
        Documents(CLOCK).prepare(failing, None, {})
    text = "subscription ($n: Int!) { ticks(count: 2) { cursor text(length: $n) } }"
    shown = [orjson.loads(payload) async for payload in await streams.follow(_prepared(text, n=3), ada.ctx)]
    assert [payload["data"]["ticks"]["text"] for payload in shown] == ["xxx", "xxx"]


@pytest.mark.parametrize(
    "text",
    [
        "subscription { ticks { cursor } ticks { seenBy } }",
        "subscription { ...F } fragment F on Subscription { ticks { cursor } }",
        "subscription ($after: Int = 1) { ... { ticks(after: $after) { cursor } } }",
    ],
)
async def test_however_it_is_spelled(streams: Streams, ada: Asker, text: str) -> None:
    payloads = [orjson.loads(payload) async for payload in await streams.follow(_prepared(text), ada.ctx)]
    assert payloads
    assert all(payload["data"]["ticks"] for payload in payloads)
