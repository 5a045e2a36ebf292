"""Subject and floor in turns, so that whatever else the machine does falls on both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.bench.served import Served, cpu_s
from tests.bench.traffic import send
from tests.bench.workloads import Call, Workload

_HANDS = 8
"""So many connections ask at the same time in the second half of a turn."""
_FEWEST_CALLS, _MOST_CALLS = 3, 400


@dataclass(frozen=True, slots=True)
class Side:
    """A server under measurement; `backends` tells which PostgreSQL processes serve it now."""

    server: Served
    backends: Callable[[], Sequence[int]]

    def spent(self) -> "Cpu":
        return Cpu(cpu_s(self.server.pid), sum(map(cpu_s, self.backends())))


@dataclass(frozen=True, slots=True)
class Cpu:
    """Processor seconds of a server process and of its PostgreSQL backends."""

    server: float
    postgres: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What one call cost on average, in processor milliseconds; `walls` are seconds, each call alone."""

    server_ms: float
    postgres_ms: float
    walls: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The turns of one workload: `subject[i]` and `floor[i]` followed each other."""

    subject: tuple[Turn, ...]
    floor: tuple[Turn, ...]

    @property
    def turns(self) -> list[tuple[Turn, Turn]]:
        return list(zip(self.subject, self.floor, strict=True))

    @property
    def ratios(self) -> list[float]:
        return [ours.server_ms / bare.server_ms for ours, bare in self.turns]


def measure(workload: Workload, subject: Side, floor: Side, rounds: int, turn_s: float) -> Measured:
    """`rounds` turns of each side, after a warm-up. Half of the subject's turn takes about `turn_s`: one call at a
    time; in the other half come the same number of calls with all hands."""
    calls = max(_FEWEST_CALLS, min(_MOST_CALLS, round(turn_s / _seconds_per_call(workload, subject, floor))))
    turns: tuple[list[Turn], list[Turn]] = ([], [])
    for _ in range(rounds):
        pairs = workload.take(2 * calls)
        turns[0].append(_turn(subject, [pair.subject for pair in pairs]))
        turns[1].append(_turn(floor, [pair.floor for pair in pairs]))
    return Measured(tuple(turns[0]), tuple(turns[1]))


def _seconds_per_call(workload: Workload, subject: Side, floor: Side) -> float:
    """Warms both sides up, each connection and each cache of statements, and finds out how long a call takes."""
    pairs = workload.take(2 * _HANDS)
    send(floor.server.port, [pair.floor for pair in pairs], _HANDS)
    send(subject.server.port, [pair.subject for pair in pairs], _HANDS)
    return median(send(subject.server.port, [pair.subject for pair in workload.take(3)]))


def _turn(side: Side, calls: Sequence[Call]) -> Turn:
    alone, together = calls[: len(calls) // 2], calls[len(calls) // 2 :]
    before = side.spent()
    walls = send(side.server.port, alone)
    send(side.server.port, together, _HANDS)
    after = side.spent()
    server, postgres = after.server - before.server, after.postgres - before.postgres
    return Turn(1000 * server / len(calls), 1000 * postgres / len(calls), tuple(walls))


def percentile(values: Sequence[float], share: int) -> float:
    """`share` in whole percent."""
    return quantiles(values, n=100, method="inclusive")[share - 1]
