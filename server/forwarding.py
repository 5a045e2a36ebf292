"""The folder in which hooks wait on this machine until the server has them: what is set up there, and how it goes."""

import json
import os
import shlex
import shutil
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import server.forwarder
from domain.values import JsonValue
from server.forwarder import sender

_FILES = ("hook.py", "sender.py")


@dataclass(frozen=True, slots=True)
class Target:
    """Where hooks are sent, and the file that holds the key: the key itself stands nowhere else."""

    url: str
    key_file: Path


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the last sending went. `status` is that of HTTP, 0 where nobody answered, -1 where nothing is set up."""

    at: datetime
    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    hooks: int
    refused: int
    full: bool


@dataclass(frozen=True, slots=True)
class Spool:
    """`folder` is that of all agents."""

    folder: Path

    def script(self, agent: str) -> Path:
        """What the agent's command runs."""
        return self.folder / f"run-{agent}"

    def key_file(self, agent: str) -> Path:
        """For a key that was handed over, instead of lying in a file of its own."""
        return self.folder / f"{agent}.key"

    def set_up(self, agent: str, target: Target) -> None:
        """Makes it ready for an agent; once more does nothing."""
        for folder in (self.folder, self.folder / "new", self.folder / "dead", self.folder / "installed"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        for name, text in self._scripts(agent).items():
            sender.write(self.folder / name, text)
        self.script(agent).chmod(0o700)
        told = {"url": target.url, "key_file": str(target.key_file)}
        sender.write(self.folder / f"{agent}.json", json.dumps(told))

    def keep_key(self, agent: str, key: str) -> None:
        sender.write(self.key_file(agent), key + "\n")

    def current(self, agent: str) -> bool:
        """Whether the scripts are those of this version, and start an interpreter that is there."""
        try:
            return all((self.folder / name).read_text("utf-8") == text for name, text in self._scripts(agent).items())
        except OSError:
            return False

    def _scripts(self, agent: str) -> dict[str, str]:
        package = Path(server.forwarder.__path__[0])
        python = shlex.quote(str(Path(sys.executable).resolve()))
        hook = shlex.quote(str(self.folder / "hook.py"))
        scripts = {name: (package / name).read_text("utf-8") for name in _FILES}
        return scripts | {self.script(agent).name: _SCRIPT.format(python=python, hook=hook, agent=agent)}

    def remove(self, agent: str) -> None:
        """What waits stays, and is sent once the agent is installed again; after the last agent nothing else does."""
        for name in (self.script(agent).name, f"{agent}.json", f"{agent}.key", f"last-{agent}.json"):
            (self.folder / name).unlink(missing_ok=True)
        if not any(self.folder.glob("run-*")) and not (self.waiting().hooks or self.waiting().refused):
            shutil.rmtree(self.folder, ignore_errors=True)

    def target(self, agent: str) -> Target | None:
        told = _object(self.folder / f"{agent}.json")
        url, key_file = told.get("url"), told.get("key_file")
        return Target(url, Path(key_file)) if isinstance(url, str) and isinstance(key_file, str) else None

    def last(self, agent: str) -> Delivery | None:
        told = _object(self.folder / f"last-{agent}.json")
        at, status, reason = told.get("at"), told.get("status"), told.get("reason")
        if not isinstance(at, int | float) or not isinstance(status, int) or not isinstance(reason, str):
            return None
        return Delivery(datetime.fromtimestamp(at, UTC), status, reason)

    def waiting(self, agent: str | None = None) -> Waiting:
        """Of one agent, or of all."""
        hooks = sender.waiting(self.folder) if (self.folder / "new").is_dir() else []
        dead = [file for file in (self.folder / "dead").glob("*") if file.suffix != ".why"]
        mine = [[file for file in files if agent in (None, sender.agent_of(file))] for files in (hooks, dead)]
        return Waiting(len(mine[0]), len(mine[1]), (self.folder / "full").exists())

    def deliver(self, patience_s: float) -> bool:
        """Sends what waits now; False where another sender is at it."""
        if not (self.folder / "new").is_dir():
            return True
        lock = sender.only_sender(self.folder)
        if lock is None:
            return False
        sender.send(self.folder, lock, patience_s, linger_s=0)
        return True

    def note(self, agent: str, file: Path, before: str | None, after: str) -> None:
        """Remembers what settings were before ours were added to them; None: there was no file."""
        told = {"file": str(file), "before": before, "after": sha256(after.encode()).hexdigest()}
        sender.write(self._note(agent, file), json.dumps(told))

    def before(self, agent: str, file: Path, now: str) -> tuple[bool, str | None]:
        """Whether nobody touched these settings since, and if so what they were; None: there was no file."""
        told = _object(self._note(agent, file))
        before = told.get("before")
        untouched = told.get("after") == sha256(now.encode()).hexdigest()
        return untouched, before if isinstance(before, str) else None

    def forget(self, agent: str, file: Path) -> None:
        self._note(agent, file).unlink(missing_ok=True)

    def installed_in(self, agent: str) -> list[Path]:
        """The settings that were changed for this agent, of whatever scope."""
        notes = sorted((self.folder / "installed").glob(f"{agent}-*.json"))
        return [Path(str(_object(note).get("file"))) for note in notes]

    def _note(self, agent: str, file: Path) -> Path:
        return self.folder / "installed" / f"{agent}-{sha256(os.fsencode(file)).hexdigest()[:16]}.json"


_SCRIPT = """#!/bin/sh
# Run by hooks of the agent; must never be in its way. Written by goalarc hooks install.
if [ -x {python} ] && [ -f {hook} ]; then
  exec {python} -ISB {hook} {agent} 2>/dev/null
fi
cat >/dev/null
echo '{{}}'
"""


def reachable(url: str) -> bool:
    """Whether a server answers there."""
    scheme, _, rest = url.partition("://")
    host, _, base = rest.partition("/")
    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    try:
        with closing(kind(host, timeout=3)) as link:
            link.request("GET", f"/{base.strip('/')}/healthz".replace("//", "/"))
            return link.getresponse().status == 200
    except (OSError, ValueError, HTTPException):
        return False


def _object(file: Path) -> dict[str, JsonValue]:
    try:
        told: JsonValue = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
