"""The application in this process, asked without a network, and every statement that an answer took."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import event
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from tests.bench.workloads import Call


@dataclass(frozen=True, slots=True)
class Statement:
    """As the driver got it: `$1` and so on stand for `values`."""

    sql: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    transactions: tuple[tuple[Statement, ...], ...]

    @property
    def statements(self) -> int:
        return sum(map(len, self.transactions))


_WORKER = "app.worker"


@dataclass(slots=True)
class Recorder:
    """What every engine of this process executes, transaction by transaction, in the order they began."""

    transactions: list[list[Statement]] = field(default_factory=list[list[Statement]])
    _open: dict[int, list[Statement]] = field(default_factory=dict[int, list[Statement]])

    def take(self) -> tuple[tuple[Statement, ...], ...]:
        """Those since the last time, without the background worker's, which looks for work beside the requests."""
        taken = tuple(tuple(each) for each in self.transactions if each and _WORKER not in each[0].sql)
        self.transactions.clear()
        return taken

    def began(self, connection: sa.Connection) -> None:
        self._open[id(connection)] = []
        self.transactions.append(self._open[id(connection)])

    def executed(
        self,
        connection: sa.Connection,
        cursor: object,
        sql: str,
        values: tuple[object, ...] | list[tuple[object, ...]],
        context: object,
        many: bool,
    ) -> None:
        # Of many sets of values the first stands for all.
        self._open[id(connection)].append(Statement(sql, values[0] if isinstance(values, list) else values))


@contextmanager
def recording() -> Generator[Recorder]:
    recorder = Recorder()
    hooks = {"begin": recorder.began, "before_cursor_execute": recorder.executed}
    for name, hook in hooks.items():
        event.listen(sa.Engine, name, hook)
    try:
        yield recorder
    finally:
        for name, hook in hooks.items():
            event.remove(sa.Engine, name, hook)


@dataclass(frozen=True, slots=True)
class Asked:
    """An application that answers here; `recorder` is empty for one that does not use SQLAlchemy."""

    client: TestClient
    recorder: Recorder

    def ask(self, call: Call) -> Answer:
        self.recorder.take()
        response = self.client.request(call.method, call.path, content=call.body, headers=call.headers)
        return Answer(response.status_code, response.content, self.recorder.take())


@contextmanager
def asked(app: ASGIApp) -> Generator[Asked]:
    """Runs `app` with its lifespan."""
    with recording() as recorder, TestClient(app) as client:
        yield Asked(client, recorder)
