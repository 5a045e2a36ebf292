"""One ClickHouse server, asked over HTTP: statements with bound values in, rows as JSON out."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeAlias, TypeVar, cast
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from domain.errors import Unavailable
from domain.insights.errors import LEVERS, InvalidQuery, TooCostly

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]
Settings: TypeAlias = Mapping[str, int]


class Client(Protocol):
    """Values stand in a statement as `{name:Type}`. Raises Unavailable, TooCostly, InvalidQuery."""

    async def rows(self, statement: str, values: Mapping[str, object], settings: Settings | None = None) -> list[Row]:
        """What a SELECT gives; whole numbers of 64 bits are numbers, UUIDs texts."""
        ...

    async def insert(self, table: str, lines: Sequence[str]) -> None:
        """Adds rows, each a JSON object by the names of columns."""
        ...

    async def command(self, statement: str, values: Mapping[str, object] | None = None) -> None: ...

    async def close(self) -> None: ...


class Driver(Protocol):
    """What is asked of the client of clickhouse_connect; its methods wait."""

    def raw_query(self, query: str, parameters: dict[str, Any], settings: dict[str, Any], fmt: str, /) -> bytes: ...

    def raw_insert(
        self, table: str, column_names: None, insert_block: bytes, settings: dict[str, Any], fmt: str, /
    ) -> object: ...

    def command(self, cmd: str, parameters: dict[str, Any], /) -> object: ...

    def close(self) -> None: ...


_AS_JSON = {"output_format_json_quote_64bit_integers": 0, "output_format_json_quote_denormals": 1}
_WHOLE_ANSWERS = {"wait_end_of_query": 1}
"""What goes wrong half-way is then told as an error, not behind the first rows."""
_INSERTING = {"max_partitions_per_insert_block": 0, "input_format_skip_unknown_fields": 0}


class Server:
    """A `Client` over the driver, which is opened when it is first needed: the server may be away when we start."""

    def __init__(self, connect: Callable[[], Driver]) -> None:
        self._connect = connect
        self._opening = threading.Lock()
        self._driver: Driver | None = None

    async def rows(self, statement: str, values: Mapping[str, object], settings: Settings | None = None) -> list[Row]:
        """Cancelled, it has the server stop, too."""
        id = str(uuid4())
        sent = {**_AS_JSON, **_WHOLE_ANSWERS, **(settings or {}), "query_id": id}
        asked = asyncio.create_task(
            self._within(lambda driver: driver.raw_query(statement, dict(values), sent, "JSONCompact"))
        )
        try:
            answer = orjson.loads(await asyncio.shield(asked))
        except asyncio.CancelledError:
            await self._stop(id, asked)
            raise
        names = [column["name"] for column in answer["meta"]]
        return [dict(zip(names, row, strict=True)) for row in answer["data"]]

    async def _stop(self, id: str, asked: "asyncio.Task[bytes]") -> None:
        with suppress(Exception):  # it stops by itself when its time is up
            await self.command("KILL QUERY WHERE query_id = {id:String} ASYNC", {"id": id})
        asked.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def insert(self, table: str, lines: Sequence[str]) -> None:
        """Cancelled, it waits all the same: what arrives after a later insert could bring back what that took away."""
        if not lines:
            return
        block = "\n".join(lines).encode()
        sent = asyncio.create_task(
            self._within(lambda driver: driver.raw_insert(table, None, block, {**_INSERTING}, "JSONEachRow"))
        )
        try:
            await asyncio.shield(sent)
        except asyncio.CancelledError:
            await asyncio.wait([sent])
            raise

    async def command(self, statement: str, values: Mapping[str, object] | None = None) -> None:
        await self._within(lambda driver: driver.command(statement, dict(values or {})))

    async def close(self) -> None:
        if self._driver is not None:
            await asyncio.to_thread(self._driver.close)

    async def _within(self, ask: Callable[[Driver], T]) -> T:
        try:
            return await asyncio.to_thread(lambda: ask(self._opened()))
        except Exception as error:
            raise _told(error) from error

    def _opened(self) -> Driver:
        with self._opening:
            if self._driver is None:
                self._driver = self._connect()
            return self._driver


_TIMED_OUT = {159, 160, 209}
_OVER_LIMIT = {158, 167, 168, 191, 241, 242, 307, 396}
_BAD_REGEX = {427}
_PASSING = {3, 60, 74, 75, 202, 203, 210, 236, 394, 425, 439, 999}


def _told(error: Exception) -> Exception:
    """What the house says of an error of the driver: by ClickHouse's own number, and without one as unreachable."""
    code = getattr(error, "code", None)
    if code in _TIMED_OUT:
        return TooCostly(f"this took too long: ask for {LEVERS}")
    if code in _OVER_LIMIT:
        return TooCostly(f"this needs more memory than one query may have: ask for {LEVERS}")
    if code in _BAD_REGEX:
        return InvalidQuery("ClickHouse cannot read a regular expression")
    if (code is None and type(error).__module__.startswith(("clickhouse_connect", "urllib3"))) or code in _PASSING:
        return Unavailable("ClickHouse does not answer: try again in a moment")
    return error


def open_server(url: str) -> Server:
    """A server at http(s)://user:password@host:port/database. Needs the extra `clickhouse`."""

    def connect() -> Driver:
        import clickhouse_connect  # takes half a second, and few have it

        return cast(
            Driver,
            clickhouse_connect.get_client(  # pyright: ignore[reportUnknownMemberType] -- its keywords have no types
                dsn=url,
                interface=urlsplit(url).scheme,
                autogenerate_session_id=False,
                form_encode_query_params=True,
                query_retries=0,
                connect_timeout=5,
                send_receive_timeout=120,
                client_name="goalarc",
            ),
        )

    return Server(connect)
