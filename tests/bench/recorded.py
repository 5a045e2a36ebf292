"""The application in this process, asked without a network, and every statement that an answer took."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from tests.bench.workloads import Call
from tests.sent import telling


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
_ENDS = ("COMMIT", "ROLLBACK")


@dataclass(slots=True)
class Recorder:
    """What this process executes, transaction by transaction, in the order they began."""

    transactions: list[list[Statement]] = field(default_factory=list[list[Statement]])
    _open: dict[object, list[Statement]] = field(default_factory=dict[object, list[Statement]])

    def take(self) -> tuple[tuple[Statement, ...], ...]:
        """Those since the last time, without the background worker's, which looks for work beside the requests."""
        taken = tuple(tuple(each) for each in self.transactions if each and _WORKER not in each[0].sql)
        self.transactions.clear()
        return taken

    def told(self, connection: object, sql: str, values: Sequence[object]) -> None:
        begin, _, bound = sql.partition("; ")
        if sql in _ENDS:
            self._open.pop(connection, None)
        elif begin.startswith("BEGIN"):
            self._open[connection] = [Statement(bound, ())] if bound else []
            self.transactions.append(self._open[connection])
        elif connection in self._open:
            self._open[connection].append(Statement(sql, tuple(values)))
        else:  # commits by itself
            self.transactions.append([Statement(sql, tuple(values))])


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
    recorder = Recorder()
    with telling(recorder.told), TestClient(app) as client:
        yield Asked(client, recorder)
