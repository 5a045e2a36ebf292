"""What the tests of the embedded PostgreSQL do to it, with real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from persistence.embedded import Cluster
from persistence.file_locks import try_lock
from persistence.postgres_host import programs
from persistence.postgres_server import ADMIN

HOLD = """
import sys
from pathlib import Path
from persistence.embedded import ensure_running
cluster = ensure_running(Path(sys.argv[1]))
print("up", flush=True)
sys.stdin.readline()
print(cluster.close(), flush=True)
"""


def sql(cluster: Cluster, statement: str, user: str = ADMIN) -> str:
    done = subprocess.run(
        psql(cluster, statement, user), env={"PATH": os.defpath}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def psql(cluster: Cluster, statement: str, user: str = ADMIN) -> list[str]:
    target = ["-h", str(cluster.socket_dir), "-p", str(cluster.port), "-U", user, "-d", "goalarc"]
    return [str(programs(None) / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", *target, "-c", statement]


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def kill_postgres(folder: Path) -> None:
    head = psutil.Process(postmaster(folder))
    head.kill()
    head.wait(5)


def copy_cluster(made: Path, folder: Path) -> None:
    """A stopped cluster for a test that may spoil it: made anew it takes five times as long."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", str(made / "postgres"), str(folder)], check=True)  # with the owners of all files


def is_stopped(folder: Path, within_s: float = 0.0) -> bool:
    deadline = time.monotonic() + within_s
    while (lock := try_lock(folder / "postgres" / "running")) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    os.close(lock)
    return True


def process(folder: Path) -> subprocess.Popen[str]:
    """A goalarc process that holds the cluster until a line is written to it; "up" on its stdout when it does."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


@contextmanager
def starting(folder: Path) -> Generator[subprocess.Popen[str]]:
    """Such a process, which does not outlive the test: leaving it would wait for it for ever."""
    with process(folder) as held:
        try:
            yield held
        finally:
            held.kill()


@contextmanager
def holder(folder: Path) -> Generator[subprocess.Popen[str]]:
    with starting(folder) as held:
        assert held.stdout
        assert held.stdout.readline() == "up\n"
        yield held


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.001)


def server_heads(folder: Path) -> list[int]:
    """Pids of servers of this folder: those of its processes that are no child of another."""
    ours: dict[int, int] = {}
    for found in psutil.process_iter():
        with suppress(psutil.Error):
            if found.name() == "postgres" and found.cwd() == str(folder / "postgres" / "data"):
                ours[found.pid] = found.ppid()
    return [pid for pid, parent in ours.items() if parent not in ours]
