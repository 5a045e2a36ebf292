"""One embedded PostgreSQL for a whole pytest run, shared by its xdist workers; the last of them stops it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from persistence.embedded import Cluster, ensure_running
from persistence.file_locks import locked, try_lock
from persistence.postgres_server import server_below

_PREFIX = "goalarc-test-"


def start_test_cluster(settings: Mapping[str, str] | None = None) -> Cluster:
    """The cluster of this pytest run, with the settings users get; hand it back with `stop_test_cluster`."""
    with one_at_a_time():
        _sweep()
        return ensure_running(_folder(), settings)


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """The folder of this name, which the first worker that asks makes; it goes with the cluster, so have that first."""
    with one_at_a_time():
        made = _folder() / name
        if not made.exists():
            make(made)
        return made


def stop_test_cluster(cluster: Cluster) -> None:
    """Leaves the cluster; the last worker to leave stops it and removes its files."""
    with one_at_a_time():
        if cluster.close():
            shutil.rmtree(cluster.data_dir)


def _folder() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))  # one and the same in all workers of a run
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{run}"


def _sweep() -> None:
    """Stops and removes what test runs left that were killed: the kernel took their locks back."""
    for holders in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/postgres/holders"):
        with suppress(OSError):  # another user's
            if (lock := try_lock(holders)) is not None:
                os.close(lock)
                folder = holders.parents[1]
                server_below(folder, {}).stop()
                shutil.rmtree(folder)


def one_at_a_time() -> AbstractContextManager[None]:
    """One worker at a time."""
    # beside the folder, not in it: nobody may start in a folder that is being removed
    return locked(Path(tempfile.gettempdir()) / f"goalarc-test-{os.getuid()}.lock")
