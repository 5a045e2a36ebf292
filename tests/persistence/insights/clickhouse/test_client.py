"""Asking a ClickHouse server through a driver that waits; what it says of errors, and that it hangs up."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from domain.errors import Unavailable
from domain.insights.errors import InvalidQuery, TooCostly
from persistence.insights.clickhouse.client import Server, open_server


class _Fault(Exception):
    """As the driver's own errors."""

    __module__ = "clickhouse_connect.driver.exceptions"

    def __init__(self, code: int | None) -> None:
        super().__init__("told by the server")
        self.code = code


class _Driver:
    def __init__(self, answer: Callable[[], bytes]) -> None:
        self.answer, self.commands = answer, list[tuple[str, dict[str, Any]]]()
        self.asked: dict[str, Any] = {}

    def raw_query(self, query: str, parameters: dict[str, Any], settings: dict[str, Any], fmt: str, /) -> bytes:
        self.asked = {"query": query, "parameters": parameters, "settings": settings, "fmt": fmt}
        return self.answer()

    def raw_insert(
        self, table: str, column_names: None, insert_block: bytes, settings: dict[str, Any], fmt: str, /
    ) -> object:
        return self.answer()

    def command(self, cmd: str, parameters: dict[str, Any], /) -> object:
        self.commands.append((cmd, parameters))
        return None

    def close(self) -> None: ...


def _failing(error: Exception) -> Server:
    def fail() -> bytes:
        raise error

    return Server(lambda: _Driver(fail))


async def test_rows_are_read_by_the_names_of_their_columns() -> None:
    driver = _Driver(lambda: b'{"meta": [{"name": "a"}, {"name": "b"}], "data": [[1, [null, "x"]], [2, []]]}')
    found = await Server(lambda: driver).rows("SELECT …", {"p0": 5}, {"max_execution_time": 3})
    assert found == [{"a": 1, "b": [None, "x"]}, {"a": 2, "b": []}]
    assert driver.asked["parameters"] == {"p0": 5}
    assert driver.asked["settings"]["max_execution_time"] == 3


@pytest.mark.parametrize(
    ("code", "expected"),
    [(159, TooCostly), (241, TooCostly), (427, InvalidQuery), (None, Unavailable), (202, Unavailable), (62, _Fault)],
)
async def test_errors_are_told_as_the_house_tells_them(code: int | None, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        await _failing(_Fault(code)).rows("SELECT …", {})


async def test_a_server_that_is_away_is_found_when_it_is_needed() -> None:
    server = open_server("http://goalarc:secret@127.0.0.1:1/insights")
    with pytest.raises(Unavailable) as told:
        await server.rows("SELECT 1", {})
    assert "secret" not in str(told.value)
    await server.close()


async def test_a_query_that_nobody_waits_for_is_stopped_there() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def answer() -> bytes:
        begun.set()
        assert go_on.wait(10)
        raise _Fault(394)

    driver = _Driver(answer)
    asked = asyncio.create_task(Server(lambda: driver).rows("SELECT …", {}))
    assert await asyncio.to_thread(begun.wait, 10)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    [(statement, values)] = driver.commands
    assert statement.startswith("KILL QUERY")
    assert values["id"] == driver.asked["settings"]["query_id"]
    go_on.set()


async def test_an_insert_is_waited_for_even_when_its_job_is_stopped() -> None:
    """Arriving after a later one, it could bring back what that took away."""
    begun, go_on = threading.Event(), threading.Event()

    def answer() -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b""

    inserted = asyncio.create_task(Server(lambda: _Driver(answer)).insert("insight_events", ["{}"]))
    assert await asyncio.to_thread(begun.wait, 10)
    inserted.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not inserted.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await inserted
