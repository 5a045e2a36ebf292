"""Processes of the real program that come from one which has imported it: to import it again takes 2 s of CPU."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["server.cli", "server.app", "uvicorn.protocols.http.httptools_impl"])


class Forked:
    """One of them, with what tests need of a `subprocess.Popen`."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self._out = Path(f"{log}-{os.urandom(4).hex()}")
        self._process = _FORKS.Process(
            target=_main, args=(arguments, dict(environment), str(self._out), str(log)), daemon=True
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        if self._process.is_alive():
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def communicate(self, timeout: float | None = None) -> tuple[bytes, None]:
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired("goalarc", timeout or 0)
        return self._out.read_bytes() if self._out.exists() else b"", None


def _main(arguments: tuple[str, ...], environment: Mapping[str, str], out: str, log: str) -> None:
    from server.cli import main

    os.environ.clear()
    os.environ.update(environment)
    for name, number in ((out, 1), (log, 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    sys.argv = ["goalarc", *arguments]
    main()
