"""Whether a key is still good is looked up once for all who ask at about the same time."""

import asyncio

import pytest

from domain.errors import Unauthenticated
from resolvers.looks import Looks

KEY, OTHER = b"key", b"other"


class Register:
    """What is looked into: keys are good unless they were taken out."""

    def __init__(self) -> None:
        self.looks = 0
        self.good = True

    async def look(self) -> None:
        self.looks += 1
        await asyncio.sleep(0)
        if not self.good:
            raise Unauthenticated("inactive")


async def test_many_who_ask_share_one_look() -> None:
    looks, register = Looks(), Register()
    await asyncio.gather(*(looks.share(KEY, 60.0, register.look) for _ in range(100)))
    await looks.share(KEY, 60.0, register.look)
    assert register.looks == 1


async def test_each_key_is_looked_up() -> None:
    looks, register = Looks(), Register()
    await asyncio.gather(looks.share(KEY, 60.0, register.look), looks.share(OTHER, 60.0, register.look))
    assert register.looks == 2


async def test_an_older_look_will_not_do() -> None:
    looks, register = Looks(), Register()
    await looks.share(KEY, 0.0, register.look)
    register.good = False
    await looks.share(KEY, 60.0, register.look)
    await asyncio.sleep(0.001)
    with pytest.raises(Unauthenticated):
        await looks.share(KEY, 0.0, register.look)
    assert register.looks == 2


async def test_all_hear_that_it_is_no_longer_good() -> None:
    looks, register = Looks(), Register()
    register.good = False
    told = await asyncio.gather(*(looks.share(KEY, 60.0, register.look) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in told] == [Unauthenticated] * 3


async def test_one_that_goes_away_takes_it_from_nobody() -> None:
    looks, register = Looks(), Register()
    first = asyncio.create_task(looks.share(KEY, 60.0, register.look))
    second = asyncio.create_task(looks.share(KEY, 60.0, register.look))
    while not register.looks:
        await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()
