"""What waits to be stored: together, in order, each with its own answer, never more than there is room for."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.errors import Forbidden, Unavailable
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.timeline import Kind
from persistence.ingest import Saved
from resolvers.intake import Intake
from tests.make import SESSION, event


def batch(events: int = 1, body: str = "") -> Batch:
    told = tuple(event(Kind.PLANNING) for _ in range(events))
    return Batch("test", {SESSION: SessionFacts()}, told, (RawLine(SESSION, b"", 0, body),))


def saved(one: Batch) -> Saved:
    return Saved(frozenset((event.session_id, event.id) for event in one.events), (SESSION,))


class Store:
    """Stores when it is let; `bad` batches make whatever they are part of fail."""

    def __init__(self) -> None:
        self.stored: list[list[Batch]] = []
        self.open = asyncio.Event()
        self.bad: dict[int, Exception] = {}
        self.asked = 0

    async def __call__(self, batches: Sequence[Batch]) -> list[Saved]:
        self.asked += 1
        await self.open.wait()
        for one in batches:
            if id(one) in self.bad:
                raise self.bad[id(one)]
        self.stored.append(list(batches))
        return [saved(one) for one in batches]


async def waiting(
    intake: Intake, store: Store, batches: Sequence[Batch], whose: str = "ada"
) -> list[asyncio.Task[Saved]]:
    """Tasks that have all come to the intake."""
    tasks = [asyncio.create_task(intake.save(whose, one, store)) for one in batches]
    await turns()
    return tasks


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_while_one_is_stored_is_stored_with_the_others() -> None:
    intake, store = Intake(), Store()
    first, *others = [batch() for _ in range(5)]
    tasks = await waiting(intake, store, [first])
    tasks += await waiting(intake, store, others)
    store.open.set()
    assert await asyncio.gather(*tasks) == [saved(one) for one in (first, *others)]
    assert store.stored == [[first], others]


async def test_callers_do_not_share_nor_wait_for_each_other() -> None:
    intake, stuck, free = Intake(), Store(), Store()
    [hers] = await waiting(intake, stuck, [batch()], "ada")
    free.open.set()
    await intake.save("bob", batch(), free)
    assert not hers.done()
    stuck.open.set()
    await hers


async def test_a_group_holds_a_thousand_events_at_most_and_a_large_batch_goes_by_itself() -> None:
    intake, store = Intake(), Store()
    some = [batch(90) for _ in range(13)]
    tasks = await waiting(intake, store, some)
    tasks += await waiting(intake, store, [batch(100)])
    assert store.asked == 2, "beside the others"
    store.open.set()
    await asyncio.gather(*tasks)
    assert sorted(len(group) for group in store.stored) == [1, 2, 11]


async def test_a_bad_batch_fails_alone() -> None:
    intake, store = Intake(), Store()
    bad, *good = [batch() for _ in range(4)]
    store.bad[id(bad)] = Forbidden("not yours")
    tasks = await waiting(intake, store, [batch()])
    tasks += await waiting(intake, store, [good[0], bad, *good[1:]])
    store.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Saved, Saved, Forbidden, Saved, Saved]
    assert store.stored[1:] == [[one] for one in good]


async def test_all_are_told_of_a_database_that_is_away_without_asking_it_for_each() -> None:
    intake, store = Intake(), Store()
    some = [batch() for _ in range(9)]
    store.bad = {id(one): Unavailable("away") for one in some}
    tasks = await waiting(intake, store, some)
    store.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} == {Unavailable}
    assert store.asked == 1


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    intake, store = Intake(), Store()
    [under_way] = await waiting(intake, store, [one := batch()])
    gone, stays = await waiting(intake, store, [batch(), other := batch()])
    under_way.cancel()
    gone.cancel()
    store.open.set()
    assert await stays == saved(other)
    assert store.stored == [[one], [other]]
    await intake.save("ada", batch(), store)


@pytest.mark.parametrize("intake", [Intake(most_events=10), Intake(most_bytes=1_000)])
async def test_what_there_is_no_room_for_is_told_to_come_again(intake: Intake) -> None:
    store = Store()
    tasks = await waiting(intake, store, [batch(1, "x" * 100) for _ in range(10)])
    with pytest.raises(Unavailable):
        await intake.save("bob", batch(1, "x"), store)
    tasks[-1].cancel()
    await turns()
    tasks += await waiting(intake, store, [batch(1, "x" * 100)])
    store.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Saved] * 9 + [asyncio.CancelledError, Saved]
    await intake.save("ada", batch(50, "x" * 5_000), store)


async def test_what_tells_no_events_takes_room_too() -> None:
    intake, store = Intake(most_bytes=1_000), Store()
    tasks = await waiting(intake, store, [batch(0, "x" * 900)])
    with pytest.raises(Unavailable):
        await intake.save("bob", batch(0, "x" * 900), store)
    store.open.set()
    await asyncio.gather(*tasks)


async def test_draining_waits_for_all_that_was_taken_in() -> None:
    intake, store = Intake(), Store()
    tasks = await waiting(intake, store, [batch() for _ in range(3)])
    draining = asyncio.create_task(intake.drain())
    await turns()
    assert not draining.done()
    store.open.set()
    await draining
    assert all(task.done() for task in tasks)
    await intake.drain()


async def test_what_is_cut_off_is_refused_and_nobody_waits_for_ever() -> None:
    intake, store = Intake(), Store()
    tasks = await waiting(intake, store, [batch() for _ in range(3)])
    [worker] = (task for task in asyncio.all_tasks() if task.get_name() == "intake")
    worker.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} == {Unavailable}
