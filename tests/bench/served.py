"""A server in a process of its own, and what it and its PostgreSQL backends have spent of the processors."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import BinaryIO

import psutil

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    pid: int
    log: Path


@contextmanager
def served(module: str, environment: Mapping[str, str], log: Path) -> Generator[Served]:
    """`module` of this package on a free port, until the block ends. Raises RuntimeError if it does not start."""
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        process = start(module, os.environ | environment, listener, output)
        port = listener.getsockname()[1]
    try:
        _await_ready(process, port, log)
        yield Served(port, process.pid, log)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def start(
    module: str, environment: Mapping[str, str], listener: socket.socket, output: BinaryIO
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.bench.serve", module, str(listener.fileno())]
    return subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()], stdout=output, stderr=output)


def _await_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    patient_until = time.monotonic() + _PATIENCE_S
    while not _ready(port):
        if process.poll() is not None or time.monotonic() > patient_until:
            raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def cpu_s(pid: int) -> float:
    """Processor seconds of a process, all its threads together.

    Linux has a clock of nanoseconds for each process; elsewhere the steps are of 10 ms.
    """
    if sys.platform == "linux":
        return time.clock_gettime(~pid << 3 | 2)  # CLOCK_PROCESS_CPUTIME_ID of another process
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system
