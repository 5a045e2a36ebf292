"""What goes out over a connection goes one by one, and it is noticed when nobody reads."""

import asyncio
from collections.abc import Callable

from starlette.types import Message

from schema.outlet import Outlet
from tests.schema.asking import SOON_S


class Client:
    """Takes a message each time it is told to."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.waiting = 0
        self.room = asyncio.Semaphore(0)

    async def send(self, message: Message) -> None:
        self.waiting += 1
        try:
            await self.room.acquire()
        finally:
            self.waiting -= 1
        self.took.append(message["type"])

    async def until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON_S):
            while not so():
                await asyncio.sleep(0)


async def test_one_message_waits_for_room_and_the_others_for_their_turn() -> None:
    client = Client()
    outlet = Outlet(client.send)
    sent = [asyncio.create_task(outlet.send({"type": name})) for name in "abc"]
    for number in range(3):
        await client.until(lambda: client.waiting == 1)
        assert len(client.took) == number
        client.room.release()
        await sent[number]
    assert client.took == ["a", "b", "c"]


async def test_what_is_to_come_first_happens_when_the_turn_has_come() -> None:
    client = Client()
    outlet = Outlet(client.send)
    happened: list[str] = []
    before = asyncio.create_task(outlet.send({"type": "a"}))
    last = asyncio.create_task(outlet.send({"type": "b"}, lambda: happened.append(",".join(client.took))))
    await client.until(lambda: client.waiting == 1)
    assert happened == []
    client.room.release()
    await before
    await client.until(lambda: client.waiting == 1)
    assert happened == ["a"]
    client.room.release()
    await last


async def test_it_is_noticed_when_a_message_finds_no_room() -> None:
    client = Client()
    outlet = Outlet(client.send)
    sent = asyncio.create_task(outlet.send({"type": "a"}))
    async with asyncio.timeout(SOON_S):
        await outlet.unread(0.02)
    sent.cancel()


async def test_who_reads_slowly_is_waited_for() -> None:
    client = Client()
    outlet = Outlet(client.send)
    unread = asyncio.create_task(outlet.unread(1.0))
    for _ in range(4):
        sent = asyncio.create_task(outlet.send({"type": "a"}))
        await asyncio.sleep(0.3)
        client.room.release()
        await sent
    assert not unread.done()
    unread.cancel()


async def test_a_message_that_is_given_up_lets_the_next_one_go() -> None:
    client = Client()
    outlet = Outlet(client.send)
    unread = asyncio.create_task(outlet.unread(0.1))
    given_up = asyncio.create_task(outlet.send({"type": "a"}))
    await client.until(lambda: client.waiting == 1)
    given_up.cancel()
    await asyncio.sleep(0.3)
    assert not unread.done()
    unread.cancel()
    client.room.release()
    await outlet.send({"type": "b"})
    assert client.took == ["b"]
