"""The embedded PostgreSQL of a data directory, shared by every goalarc process that uses it.

The first process starts it, the last one to leave stops it. Each holds a shared lock on the file `holders` while it
uses the database; the kernel takes the lock back when a process is killed, so nobody waits for the dead. All joining,
starting and stopping happens under one exclusive lock, on the file `lock`.
"""

import asyncio
import errno
import fcntl
import logging
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from persistence.file_locks import locked, open_private, try_lock
from persistence.postgres_host import EmbeddedError, explained
from persistence.postgres_server import DATABASE, PORT, Server, server_below

_LEFT_ALONE_S = 1.0
"""So long what a killed server leaves behind may take to end: it does so by itself, unless it computes."""

_log = logging.getLogger(__name__)


class Cluster:
    """This process's share in the running PostgreSQL of `data_dir`; close it, or use it in a `with`."""

    port = PORT

    def __init__(self, server: Server, holder: int) -> None:
        self._server = server
        self._holder: int | None = holder
        self.data_dir = server.home.parent
        self.socket_dir = _socket_dir(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def url(self, user: str, database: str = DATABASE) -> str:
        """Where SQLAlchemy finds `database`. No password: only the user who runs the server can reach its socket."""
        return f"postgresql+asyncpg://{user}@/{database}?host={self.socket_dir}&port={self.port}"

    def answers(self) -> bool:
        """False when nobody listens: PostgreSQL was killed, or its socket removed. Takes microseconds."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            error = probe.connect_ex(f"{self.socket_dir}/.s.PGSQL.{self.port}")
        return error not in (errno.ENOENT, errno.ECONNREFUSED)  # anything else is a busy server

    def restart_if_dead(self) -> None:
        """Starts PostgreSQL again if it does not run; committed rows are all there. Does nothing once closed."""
        with locked(self._server.home / "lock"):
            if self._holder is not None:
                _join_or_start(self._server)
                self.socket_dir = _socket_dir(self._server)

    def close(self) -> bool:
        """Leaves; True when this was the last process and PostgreSQL has been stopped. May be called again."""
        if not self._server.home.exists():
            _log.warning("%s was removed: its PostgreSQL notices and ends within a minute", self._server.home)
            return False
        with locked(self._server.home / "lock"):
            holder, self._holder = self._holder, None
            return holder is not None and _leave(self._server, holder)


def ensure_running(data_dir: Path, settings: Mapping[str, str] | None = None) -> Cluster:
    """Joins the PostgreSQL of `data_dir`; starts it if it does not run, and makes it if there is none.

    `settings` go over the usual ones of the server, if it is this call that starts it. Blocks while the server
    recovers from a crash, so call it in a thread where an event loop runs. Raises EmbeddedError.
    """
    try:
        server = server_below(data_dir.absolute(), settings or {})
        with locked(server.home / "lock"):
            return _hold(server)
    except OSError as error:
        raise explained(error, data_dir) from error


async def keep_running(cluster: Cluster, every_s: float = 1.0) -> None:
    """Starts PostgreSQL again whenever it has died; runs until cancelled, and before `cluster` is closed."""
    while True:
        await asyncio.sleep(every_s)
        if cluster.answers():
            continue
        _log.warning("PostgreSQL does not answer: starting it again")
        try:
            await asyncio.to_thread(cluster.restart_if_dead)
        except (EmbeddedError, OSError) as error:
            _log.error("PostgreSQL could not be started again: %s", error)


def _hold(server: Server) -> Cluster:
    holder = open_private(server.home / "holders", os.O_RDWR)
    try:
        fcntl.flock(holder, fcntl.LOCK_SH)
        _join_or_start(server)
        return Cluster(server, holder)
    except BaseException:  # also ctrl-C: what was just started has to stop
        _leave(server, holder)
        raise


def _leave(server: Server, holder: int) -> bool:
    """Gives `holder` back; True when no other process holds a share, and so the server was stopped."""
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server.stop()
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(holder)


def _join_or_start(server: Server) -> None:
    heard = told = time.monotonic()
    while True:
        _start_if_dead(server)
        if server.answers():
            return
        now = time.monotonic()
        heard = heard if server.is_out_of_reach() else now
        if now - heard > _LEFT_ALONE_S:
            server.stop()
        if now - told > 10:
            told = now
            _log.warning("waiting for PostgreSQL to start or stop, see %s", server.log)
        time.sleep(0.02)


def _start_if_dead(server: Server) -> None:
    running = try_lock(server.running)
    if running is None:
        return  # something lives: only now do the traces on disk tell where
    try:
        server.start(running)
    finally:
        os.close(running)  # PostgreSQL keeps its own copy


def _socket_dir(server: Server) -> Path:
    folder = server.pid_file().socket_dir
    if folder is None:
        raise EmbeddedError(f"PostgreSQL stopped at once: see {server.log}")
    return folder
