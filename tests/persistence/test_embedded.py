"""The embedded PostgreSQL with real processes: shared, killed, raced, started over stale files."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from persistence.embedded import Cluster, ensure_running, keep_running
from persistence.postgres_server import APP, OWNER
from tests.persistence.clusters import (
    copy_cluster,
    holder,
    is_stopped,
    kill_postgres,
    postmaster,
    process,
    psql,
    server_heads,
    sql,
    starting,
    wait_for,
)


def test_the_first_start_makes_roles_and_database(empty_folder: Path) -> None:
    with ensure_running(empty_folder) as cluster:
        assert (
            sql(cluster, f"SELECT pg_get_userbyid(datdba) = '{OWNER}' FROM pg_database WHERE datname = 'goalarc'")
            == "t"
        )
        for role in (OWNER, APP):
            assert sql(cluster, "SELECT current_user", role) == role
            power = f"SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = '{role}'"
            assert sql(cluster, power) == "f"
        sql(cluster, "CREATE TABLE owned (id int)", OWNER)
        with pytest.raises(subprocess.CalledProcessError):
            sql(cluster, "SELECT * FROM owned", APP)
    assert is_stopped(empty_folder)


async def test_sqlalchemy_takes_the_url(folder: Path) -> None:
    with ensure_running(folder) as cluster:
        engine = create_async_engine(cluster.url(APP))
        async with engine.connect() as db:
            assert await db.scalar(text("SELECT current_user || ' ' || current_database()")) == f"{APP} goalarc"
        await engine.dispose()


def test_the_last_to_leave_stops_the_server(folder: Path) -> None:
    first, second = ensure_running(folder), ensure_running(folder)
    assert first.socket_dir == second.socket_dir
    assert not first.close()
    assert sql(second, "SELECT 1") == "1"
    assert second.close()
    assert is_stopped(folder)
    assert not first.close()
    assert not second.close()


def test_a_killed_process_leaves_a_server_that_the_next_one_joins(folder: Path) -> None:
    with holder(folder) as held:
        head = postmaster(folder)
        held.kill()
        held.wait()
    with ensure_running(folder) as cluster:
        assert postmaster(folder) == head
        assert sql(cluster, "SELECT 1") == "1"
    assert is_stopped(folder)


def test_a_killed_process_neither_stops_nor_keeps_the_server_of_others(folder: Path) -> None:
    with ensure_running(folder) as cluster, holder(folder) as held:
        held.kill()
        held.wait()
        assert sql(cluster, "SELECT 1") == "1"
    assert is_stopped(folder)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(folder: Path) -> None:
    with holder(folder) as held:
        head = postmaster(folder)
        os.killpg(held.pid, signal.SIGINT)
        held.wait()
    assert os.getsid(head) == head
    with ensure_running(folder):
        assert postmaster(folder) == head


def test_ctrl_c_during_the_first_start_leaves_nothing_running(empty_folder: Path) -> None:
    with starting(empty_folder) as held:
        wait_for(empty_folder / "postgres" / "data.new")
        os.killpg(held.pid, signal.SIGINT)
        held.communicate()
    assert is_stopped(empty_folder, within_s=5)


@pytest.mark.parametrize("moment", ["data.new", "data", "postgres.log"])
def test_a_process_killed_during_the_first_start_spoils_nothing(empty_folder: Path, moment: str) -> None:
    with starting(empty_folder) as held:
        wait_for(empty_folder / "postgres" / moment)
        held.kill()
    with ensure_running(empty_folder) as cluster:
        assert sql(cluster, "SELECT current_user", APP) == APP
    assert is_stopped(empty_folder)


def test_eight_processes_that_start_at_once_share_one_server(empty_folder: Path) -> None:
    crowd = [process(empty_folder) for _ in range(8)]
    try:
        assert [held.stdout.readline() if held.stdout else "" for held in crowd] == ["up\n"] * 8
        assert len(server_heads(empty_folder)) == 1
        answers = sorted(held.communicate("\n")[0] for held in crowd)
        assert answers == ["False\n"] * 7 + ["True\n"]
    finally:
        for held in crowd:
            held.kill()
            held.communicate()
    assert is_stopped(empty_folder)


def test_a_killed_server_comes_back_with_every_committed_row(folder: Path) -> None:
    with ensure_running(folder) as cluster:
        before = int(sql(cluster, "SELECT count(*) FROM kept"))
        sql(cluster, "INSERT INTO kept SELECT generate_series(1, 1000)")
        kill_postgres(folder)
        assert not cluster.answers()
        cluster.restart_if_dead()
        assert cluster.answers()
        assert int(sql(cluster, "SELECT count(*) FROM kept")) == before + 1000
    assert is_stopped(folder)


def test_a_session_that_computes_on_after_the_kill_does_not_block_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.embedded._LEFT_ALONE_S", 0.1)
    with ensure_running(folder) as cluster:
        endless = psql(cluster, "SELECT count(*) FROM generate_series(1, 10000000000) g WHERE g % 7 = 3")
        with subprocess.Popen(endless, stderr=subprocess.DEVNULL) as busy:
            while sql(cluster, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%10000000000)%7 = 3'") != "1":
                time.sleep(0.01)
            kill_postgres(folder)
            cluster.restart_if_dead()
            assert sql(cluster, "SELECT 1") == "1"
            assert len(server_heads(folder)) == 1
            busy.wait(5)


def test_a_server_that_is_stopping_is_waited_for(folder: Path) -> None:
    first = ensure_running(folder)
    head = postmaster(folder)
    later: list[Cluster] = []
    with subprocess.Popen(psql(first, "SELECT pg_sleep(60)"), stderr=subprocess.DEVNULL) as client:
        while not (busy := sql(first, "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'")):
            time.sleep(0.01)
        os.kill(head, signal.SIGTERM)  # waits for its client, and lets nobody in: pg_isready says 1
        thread = threading.Thread(target=lambda: later.append(ensure_running(folder)))
        thread.start()
        time.sleep(0.5)
        assert not later
        assert postmaster(folder) == head
        os.kill(int(busy), signal.SIGTERM)
        client.wait()
    thread.join(10)
    assert sql(later[0], "SELECT 1") == "1"
    assert postmaster(folder) != head
    first.close()
    later[0].close()


async def test_keep_running_brings_back_a_killed_server_and_a_removed_socket(folder: Path) -> None:
    cluster = ensure_running(folder)
    watch = asyncio.create_task(keep_running(cluster, every_s=0.05))
    for _ in range(2):
        kill_postgres(folder)
        await serves_again(cluster)
    shutil.rmtree(cluster.socket_dir)
    await serves_again(cluster)
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    assert cluster.close()
    cluster.restart_if_dead()
    assert is_stopped(folder)


async def serves_again(cluster: Cluster) -> None:
    assert not cluster.answers()
    deadline = time.monotonic() + 10
    while True:
        if cluster.answers():
            with suppress(subprocess.CalledProcessError):  # not yet
                assert sql(cluster, "SELECT 1") == "1"
                return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


SHARE = """
import sys
from tests.postgres import start_test_cluster, stop_test_cluster
cluster = start_test_cluster()
print(cluster.data_dir, cluster.socket_dir, flush=True)
sys.stdin.readline()
stop_test_cluster(cluster)
"""


def test_the_workers_of_a_test_run_share_one_cluster_and_leave_no_trace(made_folder: Path, tmp_path: Path) -> None:
    for run in ("killed", "whole"):
        copy_cluster(made_folder, tmp_path / f"goalarc-test-{run}")

    def worker(run: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTEST_XDIST_TESTRUNUID": run, "TMPDIR": str(tmp_path)}
        command = [sys.executable, "-c", SHARE]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)

    with worker("killed") as killed:
        assert killed.stdout
        left = killed.stdout.readline()
        killed.kill()
    assert Path(left.split()[0]).exists()
    workers = [worker("whole") for _ in range(3)]
    places = {shared.stdout.readline() if shared.stdout else "" for shared in workers}
    for shared in workers:
        shared.communicate("\n", timeout=20)
    assert [shared.returncode for shared in workers] == [0, 0, 0]
    (place,) = places
    assert not [folder for folder in (left + place).split() if Path(folder).exists()]
