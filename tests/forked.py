"""Processes that come from one which has imported the program: to import it again takes 2 s of CPU each."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.preloaded"])


class Forked:
    """A call in a process of its own, with what tests need of a `subprocess.Popen`.

    What it writes to standard output and to `log` can be read once it has ended; nowhere else where there is no `log`.
    Sockets may be among the arguments.
    """

    def __init__(
        self,
        call: Callable[..., None],
        arguments: Sequence[object],
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._out = Path(f"{log}-{os.urandom(4).hex()}") if log else Path(os.devnull)
        self._process = _FORKS.Process(
            target=_call, args=(call, arguments, self._out, log or self._out, environment), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self._process.is_alive():
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired("forked", timeout or 0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[bytes, None]:
        self.wait(timeout)
        return self._out.read_bytes() if self._out.exists() else b"", None


async def ended(call: Callable[..., None], *arguments: object) -> int | None:
    """How such a process ends, within a minute."""
    return await asyncio.to_thread(Forked(call, arguments).wait, 60)


def command_line(*arguments: str) -> None:
    """What a person types after `goalarc`."""
    from server.cli import main

    sys.argv = ["goalarc", *arguments]
    main()


def _call(
    call: Callable[..., None], arguments: Sequence[object], out: Path, log: Path, environment: Mapping[str, str] | None
) -> None:
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    for name, number in ((out, 1), (log, 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    call(*arguments)
