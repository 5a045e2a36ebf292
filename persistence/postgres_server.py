"""The embedded PostgreSQL server: makes a cluster, starts it, asks whether it answers, stops it. Who may do so and
when is the business of `persistence.embedded`.

Whether anything of a server still lives is asked from one place: the lock on the file `running`, inherited by
`postgres` and all its children, which the kernel drops with the last of them. Pid files are never believed: their
pids are reused after a crash, a reboot or in the next container.
"""

import hashlib
import logging
import os
import re
import shutil
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from persistence.file_locks import open_private, try_lock
from persistence.postgres_host import (
    VERSION,
    Account,
    EmbeddedError,
    closed_folder,
    owner_account,
    programs,
    service_account,
    shared_buffers_mb,
)
from persistence.postgres_pid_file import PidFile, read_pid_file

ADMIN = "goalarc_admin"
OWNER = "goalarc_owner"
APP = "goalarc_app"
SQL = "goalarc_sql"
DATABASE = "goalarc"
PORT = 5432  # only a part of the socket's name: nothing listens on the network

_BOOTSTRAP = f"""\
CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS
CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS
CREATE ROLE {SQL} NOLOGIN NOSUPERUSER NOBYPASSRLS
GRANT {SQL} TO {APP} WITH INHERIT FALSE, SET TRUE
CREATE DATABASE {DATABASE} OWNER {OWNER}
"""
_LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
_ACCESS = [f"--username={ADMIN}", "--auth-local=trust", "--auth-host=reject"]
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
    "dynamic_shared_memory_type": "mmap",  # containers often have 64 MB of /dev/shm
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the details of an error may quote stored rows
}

_MEMORY_LIMIT_KIB = 2 * 2**20
"""Of each process, beside what all share: PostgreSQL bounds sorts and hashes, not what values and aggregates hold, and
who asks for more gets an error instead of having the kernel kill the server. Set by a shell, because not even root may
set it in containers once the process is another user's; macOS knows no such limit."""
_LIMITED = ["/bin/sh", "-c", f'ulimit -d {_MEMORY_LIMIT_KIB} 2>/dev/null; exec "$@"', "sh"]
_LOG_LIMIT_BYTES = 5_000_000
_SOCKET_PATH_LIMIT_BYTES = 103  # on macOS; Linux has 107
_OWN_FOLDER = "/proc/self/cwd"

_READY, _REJECTING, _SILENT = 0, 1, 2  # exit codes of pg_isready

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """The PostgreSQL below `home`: `data` and `run` belong to `account`, or to the caller where that is None."""

    home: Path
    account: Account | None
    programs: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def name(self) -> str:
        """Of this cluster in this place, so that neither a copy nor a successor of it is taken for it."""
        identity = (self.data / "global" / "pg_control").read_bytes()[:8]
        return f"goalarc-{hashlib.sha256(os.fsencode(self.home) + identity).hexdigest()[:16]}"

    @property
    def running(self) -> Path:
        """The file that is locked for as long as any process of the server lives."""
        return self.home / "running"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def start(self, lock: int) -> None:
        """Makes the cluster if there is none, starts it and waits until it is ready. `lock` holds `running`."""
        if not self.data.exists():
            self._create(lock)
        self._check()
        socket_dir = self._make_socket_dir()
        if self.pid_file().pid is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)  # PostgreSQL refuses to start over an empty one
        log_start, process = self._launch(lock, socket_dir)
        # reaps the child whenever it ends: a zombie would look alive to the other processes
        threading.Thread(target=process.wait, name="embedded-postgres", daemon=True).start()
        self._await_ready(process, socket_dir, log_start)

    def pid_file(self) -> PidFile:
        return read_pid_file(self.data)

    def answers(self) -> bool:
        """True when the server takes connections."""
        return self._is_ready(self.pid_file().socket_dir) == _READY

    def is_out_of_reach(self) -> bool:
        """True when a server that was once ready lets nobody in: its socket is gone, or its head was killed."""
        trace = self.pid_file()
        return trace.ready and self._is_ready(trace.socket_dir) == _SILENT

    def stop(self) -> None:
        """Stops what runs: disconnects clients and writes a checkpoint, with more force only if that does not work."""
        steps: tuple[tuple[signal.Signals, Callable[[], list[psutil.Process]], float], ...] = (
            (signal.SIGINT, self._postmaster, 60.0),
            (signal.SIGQUIT, self._processes, 10.0),
            (signal.SIGKILL, self._processes, 5.0),
        )
        for sign, find, limit_s in steps:
            found = find()
            for process in found:
                with suppress(psutil.Error):
                    process.send_signal(sign)
            if self._has_ended(limit_s if found else 0.2):
                return self._remove_socket_dir()
        raise EmbeddedError(
            f"a PostgreSQL that cannot be reached from here holds {self.data}: stop the other container or user's"
            " process that runs it"
        )

    def _create(self, lock: int) -> None:
        """The cluster with its roles and database appears under its name only when it is whole."""
        new = self.home / "data.new"
        if new.exists():
            shutil.rmtree(new)  # left by a process that was killed
        self._make_private(new)
        argument = self._argument(new)
        self._run(new, lock, ["initdb", "-D", argument, "--data-checksums", *_LOCALE, *_ACCESS])
        single = ["postgres", "--single", "-D", argument, "-c", "exit_on_error=true"]
        self._run(new, lock, [*single, "-c", "dynamic_shared_memory_type=mmap", "postgres"], _BOOTSTRAP)
        new.rename(self.data)
        _sync(self.home)

    def _run(self, data: Path, lock: int, command: list[str], text: str = "") -> None:
        process = self._spawn(data, lock, command, subprocess.PIPE, subprocess.PIPE, {})
        with process:
            output, _ = process.communicate(text.encode())
        if process.returncode != 0:
            raise self._failure(command[0], output.decode(errors="replace"))

    def _launch(self, lock: int, socket_dir: Path) -> tuple[int, subprocess.Popen[bytes]]:
        settings = {
            **_SETTINGS,
            "cluster_name": self.name,
            "unix_socket_directories": str(socket_dir),
            "shared_buffers": f"{shared_buffers_mb()}MB",
            **self.settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        pid = self.pid_file().pid
        # nothing of an old server lives, so a living process with its pid is another program: PostgreSQL passes over
        # the pid of a grandparent, and would refuse to start over any other
        environment = {} if pid is None else {"PG_GRANDPARENT_PID": str(pid)}
        log = self._open_log()
        try:
            log_start = os.lseek(log, 0, os.SEEK_END)
            command = ["postgres", "-D", self._argument(self.data), *options]
            return log_start, self._spawn(self.data, lock, command, subprocess.DEVNULL, log, environment)
        finally:
            os.close(log)

    def _open_log(self) -> int:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return open_private(self.log, os.O_WRONLY | os.O_APPEND)

    def _spawn(
        self, data: Path, lock: int, command: list[str], stdin: int, output: int, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """A program of PostgreSQL in a session of its own, so that ctrl-C in a terminal does not reach it.

        It inherits `lock`, and none of our environment: secrets have no business there, nor PGHOST and its kin here.
        """
        return subprocess.Popen(  # noqa: S603 our own programs
            [*_LIMITED, str(self.programs / command[0]), *command[1:]],
            cwd=data,
            env={"PATH": os.defpath, "LC_ALL": "C", **environment},
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            start_new_session=True,
            umask=0o077,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def _await_ready(self, process: subprocess.Popen[bytes], socket_dir: Path, log_start: int) -> None:
        """Waits while the server says that it starts: recovery after a crash takes as long as it takes."""
        began = heard = told = time.monotonic()
        while (answer := self._is_ready(socket_dir)) != _READY:
            now = time.monotonic()
            heard = now if answer == _REJECTING else heard
            if process.poll() is not None:
                raise self._failure("postgres", _read_from(self.log, log_start))
            if answer == _SILENT and (trace := self.pid_file()).ready and trace.pid == process.pid:
                return  # it is, but its socket was removed just now
            if now - heard > 60:
                raise EmbeddedError(f"PostgreSQL has not answered for a minute: see {self.log}")
            if now - told > 10:
                told = now
                _log.warning("PostgreSQL has been starting for %.0f s, see %s", now - began, self.log)
            time.sleep(0.02)

    def _is_ready(self, socket_dir: Path | None) -> int:
        if socket_dir is None or not os.path.exists(socket_dir / f".s.PGSQL.{PORT}"):  # noqa: PTH110 - also unreachable
            return _SILENT
        target = ["-h", str(socket_dir), "-p", str(PORT), "-U", ADMIN, "-d", "postgres"]
        command = [str(self.programs / "pg_isready"), "--quiet", "--timeout=3", *target]
        return subprocess.run(command, env={"PATH": os.defpath}, check=False).returncode  # noqa: S603 our own program

    def _argument(self, data: Path) -> str:
        """`data` under a name its user can open: below a closed folder such as /root, the process's working folder."""
        closed = closed_folder(data, self.account) if self.account else None
        if closed is None:
            return str(data)
        if Path(_OWN_FOLDER).exists():
            return _OWN_FOLDER
        name = self.account.name if self.account else ""
        raise EmbeddedError(
            f"user {name} cannot enter {closed}: allow it with `chmod o+x {closed}`, or choose another folder"
            " with GOALARC_DATA_DIR"
        )

    def _check(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(VERSION):
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {version}, this goalarc carries {VERSION}: dump it with the"
                " goalarc that made it and restore it here, or move the folder away to start empty"
            )
        if self.account and (owner := self.data.stat().st_uid) != self.account.uid:
            raise EmbeddedError(f"{self.data} belongs to user {owner}: `chown -R {self.account.name} {self.data}`")

    def _make_socket_dir(self) -> Path:
        folder = self._choose_socket_dir()
        self._make_private(folder)
        _remove_sockets(folder)
        return folder

    def _remove_socket_dir(self) -> None:
        with suppress(OSError, EmbeddedError):
            folder = self._choose_socket_dir()  # not the recorded one: in a copied folder that is the original's
            _remove_sockets(folder)
            folder.rmdir()

    def _choose_socket_dir(self) -> Path:
        """`run` beside the data, where no cleaner comes; below /run or /tmp where that is too long or closed."""
        beside = self.home / "run"
        if _makes_a_socket_path(beside) and not (self.account and closed_folder(self.home, self.account)):
            return beside
        for base in (Path("/run"), Path("/tmp")) if self.account else (Path("/tmp"),):  # noqa: S108 made private below
            if os.access(base, os.W_OK | os.X_OK) and not (self.account and closed_folder(base, self.account)):
                return base / self.name
        raise EmbeddedError(f"no folder for PostgreSQL's socket: {beside} is too long or closed, and /tmp not writable")

    def _make_private(self, folder: Path) -> None:
        """`folder` with mode 700, the server's own; refuses one that somebody else made."""
        ours = {os.geteuid(), self.account.uid if self.account else os.geteuid()}
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise EmbeddedError(f"{folder} belongs to user {found.st_uid}: remove it")
        folder.chmod(0o700)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid, follow_symlinks=False)

    def _failure(self, program: str, output: str) -> EmbeddedError:
        """The reason a program gave, in words that help."""
        full = "No space left on device" in output or "Disk quota exceeded" in output
        if full and "could not create shared memory" not in output:  # which may end before the disk does
            return EmbeddedError(f"the disk of {self.home} is full: free some space and start again")
        if "could not look up effective user ID" in output:
            return EmbeddedError(f"user id {os.geteuid()} has no name: add it to /etc/passwd, or start as another user")
        reasons = re.findall(r"(?:FATAL|PANIC|ERROR|error): +(.*)", output) or output.strip().splitlines()[-1:]
        return EmbeddedError(f"{program} failed: {'; '.join(reasons[-2:]) or 'no reason given'} (log: {self.log})")

    def _postmaster(self) -> list[psutil.Process]:
        return [process for process in self._processes() if process.pid == self.pid_file().pid]

    def _processes(self) -> list[psutil.Process]:
        """Every process of this cluster: the head, and after its death those it left at work.

        All have the cluster's name in their command line, which anybody may read; root in a container may not read
        the working folder or the open files of another user's process.
        """
        name = self.name if self.data.exists() else None
        return [process for process in psutil.process_iter() if name and _is_postgres(process, name)]

    def _has_ended(self, limit_s: float) -> bool:
        deadline = time.monotonic() + limit_s
        while (lock := try_lock(self.running)) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        os.close(lock)
        return True


def server_below(data_dir: Path, settings: Mapping[str, str]) -> Server:
    """The server that lives in `data_dir`, whose folders are made if missing."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = data_dir.resolve() / "postgres"
    root = os.geteuid() == 0
    with suppress(FileExistsError):
        home.mkdir()
        home.chmod(0o711 if root else 0o700)
    account = _account_of(home) if root else None
    return Server(home, account, programs(account), settings)


def _account_of(home: Path) -> Account:
    """As root: whoever owns the cluster already, so that `sudo goalarc` on a user's own data leaves it theirs."""
    data = home / "data"
    owner = data.stat().st_uid if data.exists() else 0
    return owner_account(owner) if owner else service_account()


def _is_postgres(process: psutil.Process, cluster_name: str) -> bool:
    try:
        return process.name() == "postgres" and any(cluster_name in word for word in process.cmdline())
    except psutil.Error:
        return False


def _makes_a_socket_path(folder: Path) -> bool:
    """True when a socket in `folder` has a name that is short enough, and needs no quoting in settings and URLs."""
    plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(folder)) is not None
    return plain and len(f"{folder}/.s.PGSQL.{PORT}") <= _SOCKET_PATH_LIMIT_BYTES


def _remove_sockets(folder: Path) -> None:
    for leftover in folder.glob(".s.PGSQL.*"):
        leftover.unlink()


def _read_from(file: Path, start: int) -> str:
    with file.open("rb") as log:
        log.seek(start)
        return log.read(100_000).decode(errors="replace")


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
