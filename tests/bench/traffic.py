"""Sending calls over kept connections, as few instructions as possible on this side."""

import threading
import time
from collections.abc import Sequence
from http.client import HTTPConnection

from tests.bench.workloads import Call


class Unexpected(Exception):
    """A server answered something else than it should have."""


def send(port: int, calls: Sequence[Call], hands: int = 1) -> list[float]:
    """Sends all calls, `hands` at a time, and tells how many seconds each answer took. Raises Unexpected."""
    shares = [calls[number::hands] for number in range(hands)]
    took: list[list[float]] = [[] for _ in shares]
    failed: list[Exception] = []
    threads = [
        threading.Thread(target=_send_all, args=(port, share, seconds, failed))
        for share, seconds in zip(shares, took, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [seconds for one in took for seconds in one]


def _send_all(port: int, calls: Sequence[Call], took: list[float], failed: list[Exception]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for call in calls:
            started = time.perf_counter()
            connection.request(call.method, call.path, call.body, call.headers)
            response = connection.getresponse()
            body = response.read()
            took.append(time.perf_counter() - started)
            if response.status not in (200, 201) or body.startswith(b'{"errors"'):
                raise Unexpected(f"{call.method} {call.path}: {response.status} {body[:300]!r}")
    except Exception as error:
        failed.append(error)
    finally:
        connection.close()
