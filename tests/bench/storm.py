"""Single hooks over many connections at the same time: how many are stored in a second, and what each costs."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.bench.measure import Cpu, Side
from tests.bench.workloads import Call, Workload


@dataclass(frozen=True, slots=True)
class Taken:
    """What one turn took in, how long that took, and what was spent."""

    amount: int
    seconds: float
    spent: Cpu

    @property
    def per_second(self) -> float:
        return self.amount / self.seconds

    @property
    def server_us(self) -> float:
        return 1e6 * self.spent.server / self.amount

    @property
    def postgres_us(self) -> float:
        return 1e6 * self.spent.postgres / self.amount


@dataclass(frozen=True, slots=True)
class Beside:
    """Turns of ours and of the floor, which followed each other."""

    name: str
    ours: list[Taken]
    floor: list[Taken]


def storm(workload: Workload, subject: Side, floor: Side, rounds: int, calls: int, hands: int) -> Beside:
    """`calls` of the workload over `hands` connections in each turn, after a warm-up."""
    found = Beside(f"{workload.name}, {hands} connections", [], [])
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as sender:
        for number in range(rounds + 1):
            pairs = workload.take(calls)
            ours = _turn(sender, subject, [pair.subject for pair in pairs], hands)
            bare = _turn(sender, floor, [pair.floor for pair in pairs], hands)
            if number:
                found.ours.append(ours)
                found.floor.append(bare)
    return found


def _turn(sender: ProcessPoolExecutor, side: Side, calls: Sequence[Call], hands: int) -> Taken:
    before = side.spent()
    seconds = sender.submit(_send, side.server.port, calls, hands).result()
    after = side.spent()
    return Taken(len(calls), seconds, Cpu(after.server - before.server, after.postgres - before.postgres))


def _send(port: int, calls: Sequence[Call], hands: int) -> float:
    return asyncio.run(_send_all(port, [_written(call) for call in calls], hands))


def _written(call: Call) -> bytes:
    body = call.body or b""
    lines = [f"{call.method} {call.path} HTTP/1.1", "host: bench", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in call.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _send_all(port: int, requests: Sequence[bytes], hands: int) -> float:
    left = iter(requests)
    started = time.perf_counter()
    await asyncio.gather(*(_hand(port, left) for _ in range(hands)))
    return time.perf_counter() - started


async def _hand(port: int, requests: Iterator[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length))
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"{head[:100]!r} {body[:300]!r}")
    writer.close()
    await writer.wait_closed()
