"""Sends what hooks left behind, oldest first, one sender at a time; what the server will never take is put aside."""

import fcntl
import json
import os
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

PATIENCE_S = 3600.0
"""How long a sender tries before it leaves the rest to that of the next hook."""
LINGER_S = 15.0
LOOK_S = 0.1
SPOOL_BYTES = 256 * 2**20
"""What may wait; beyond that new hooks are let go until there is room."""
DEAD_FILES = 500
TIMEOUT_S = 10.0
LONGEST_PAUSE_S = 60.0
_HALF_WRITTEN_S = 600.0
_NEVER_TAKEN = (400, 403, 413, 415, 422)
_KEY_REFUSED = 401
_NOT_SET_UP = -1


def send(folder: "str | Path", lock: int, patience_s: float = PATIENCE_S, linger_s: float = LINGER_S) -> None:
    """Sends what waits, again and again until it is gone, but no longer than `patience_s`, and lets go of `lock`.

    Lingers for a while: the next hook of an agent at work comes soon, and need not start a sender.
    """
    folder = Path(folder)
    end = time.monotonic() + patience_s
    while True:
        with closing(_Sender(folder, end)) as sender:
            while sender.all_sent() and _more(folder, linger_s):
                pass
        os.close(lock)
        # A hook that came in just now has left the sending to us.
        if not sender.done or not waiting(folder) or (again := only_sender(folder)) is None:
            return
        lock = again


def only_sender(folder: Path) -> int | None:
    """What makes its holder the only sender; None where somebody else is."""
    lock = os.open(folder / "sending", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _more(folder: Path, linger_s: float) -> bool:
    """Whether something comes within so many seconds."""
    end = time.monotonic() + linger_s
    while time.monotonic() < end:
        if waiting(folder):
            return True
        time.sleep(LOOK_S)
    return False


def waiting(folder: Path) -> list[Path]:
    """What waits, oldest first. What is half written begins with a dot."""
    return sorted(file for file in (folder / "new").iterdir() if not file.name.startswith("."))


def agent_of(file: Path) -> str:
    return file.name.partition(".")[2]


def fired_at(file: Path) -> str:
    """When the hook fired, in RFC 3339."""
    seconds, nanos = divmod(int(file.name.partition("-")[0]), 10**9)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{nanos // 1000:06d}Z"


class _Sender:
    """What waits is kept in order for each agent; one that cannot send does not hold up another."""

    def __init__(self, folder: Path, end: float) -> None:
        self._folder = folder
        self._end = end
        self._links: dict[str, HTTPConnection] = {}
        self.done = True

    def all_sent(self) -> bool:
        """False where patience is lost, or only a person can help: with a new key, or by installing again."""
        tries = 0
        while files := waiting(self._folder):
            _bound(self._folder)
            sent, stuck = self._pass(files)
            if not stuck:
                continue
            tries = 1 if sent else tries + 1
            pauses_s = [pause_s for pause_s in stuck if pause_s is not None]
            pause_s = max(min(2.0 ** (tries - 1), LONGEST_PAUSE_S), *pauses_s, 0.0) * (0.75 + os.urandom(1)[0] / 512)
            if not pauses_s or time.monotonic() + pause_s > self._end:
                break
            time.sleep(pause_s)
        _bound(self._folder)
        self.done = not files
        return self.done

    def close(self) -> None:
        for link in self._links.values():
            link.close()

    def _pass(self, files: list[Path]) -> tuple[int, list[float | None]]:
        """How many went, and of each agent that is stuck how long it should wait, None where that does not help."""
        sent = 0
        stuck: dict[str, float | None] = {}
        for file in files:
            agent = agent_of(file)
            if agent in stuck:
                continue
            status, reason, wait_s = self._post(agent, file)
            if 200 <= status < 300:
                file.unlink()
            elif status in _NEVER_TAKEN:
                _bury(self._folder, file, f"{status} {reason}")
            else:
                stuck[agent] = None if status in (_KEY_REFUSED, _NOT_SET_UP) else wait_s
                continue
            sent += 1
        return sent, list(stuck.values())

    def _post(self, agent: str, file: Path) -> tuple[int, str, float]:
        """Status, reason, and how long the server asks to be left alone; status 0 where nobody answers."""
        try:
            url, key = _where(self._folder, agent)
        except (OSError, ValueError, KeyError) as problem:
            answer = _NOT_SET_UP, f"{type(problem).__name__}: {problem}", 0.0
        else:
            answer = self._try(agent, url, key, file)
        told = {"at": time.time(), "status": answer[0], "reason": answer[1][:500]}
        write(self._folder / f"last-{agent}.json", json.dumps(told))
        return answer

    def _try(self, agent: str, url: str, key: str, file: Path) -> tuple[int, str, float]:
        scheme, _, rest = url.partition("://")
        host, _, base = rest.partition("/")
        headers = {
            "authorization": f"Bearer {key}",
            "content-type": "application/json",
            "x-goalarc-fired-at": fired_at(file),
        }
        try:
            if (link := self._links.get(agent)) is None:
                kind = HTTPSConnection if scheme == "https" else HTTPConnection
                link = self._links[agent] = kind(host, timeout=TIMEOUT_S)
            base = f"/{base.strip('/')}" if base.strip("/") else ""
            link.request("POST", f"{base}/v1/hooks/{agent}", file.read_bytes(), headers)
            answer = link.getresponse()
            reason = answer.read(2**20).decode("utf-8", "replace")
        except (OSError, ValueError, HTTPException) as problem:
            if (broken := self._links.pop(agent, None)) is not None:
                broken.close()
            return 0, f"{type(problem).__name__}: {problem}", 0.0
        after = answer.headers.get("retry-after", "")
        return answer.status, reason, min(float(after), LONGEST_PAUSE_S) if after.isdecimal() else 0.0


def _where(folder: Path, agent: str) -> tuple[str, str]:
    """URL and key, read anew each time: either may be changed while something waits."""
    told = json.loads((folder / f"{agent}.json").read_text("utf-8"))
    return str(told["url"]), Path(told["key_file"]).read_text("utf-8").strip()


def _bound(folder: Path) -> None:
    """Says in a file whether there is room: the hooks themselves have no time to count."""
    size = 0
    for entry in os.scandir(folder / "new"):
        with suppress(FileNotFoundError):
            # A hook that was killed while it wrote left half a file.
            if entry.name.startswith(".") and time.time() - entry.stat().st_mtime > _HALF_WRITTEN_S:
                Path(entry.path).unlink()
            else:
                size += entry.stat().st_size
    if size > SPOOL_BYTES:
        write(folder / "full", "")
    else:
        (folder / "full").unlink(missing_ok=True)


def _bury(folder: Path, file: Path, reason: str) -> None:
    """Puts what will never be taken aside, with the server's reason beside it; the oldest ones go."""
    dead = folder / "dead"
    write(dead / f"{file.name}.why", reason)
    file.rename(dead / file.name)
    for old in sorted(dead.iterdir())[: -2 * DEAD_FILES]:
        old.unlink()


def write(file: Path, text: str) -> None:
    """Readable by its owner alone, and never half of it."""
    written = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    written.rename(file)
