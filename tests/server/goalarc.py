"""The real program in real processes: what a person types, and what kills it."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

import orjson
import psutil
import structlog
from typer.testing import CliRunner

from persistence.postgres_pid_file import read_pid_file
from server.cli import app
from tests.forked import Forked, command_line
from tests.ports import free_port

PATIENCE_S = 60.0
PROJECT = "-home-mara-code-tidetable"
"""The half of the sample where a sub-agent has a file of its own."""


@dataclass(frozen=True, slots=True)
class Goalarc:
    """The command line on one data directory."""

    data_dir: Path
    forked: bool = True
    """False where it matters how Python starts and ends."""

    @classmethod
    def copied(cls, migrated: Path, data_dir: Path) -> Self:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(migrated), str(data_dir)], check=True)  # with the owners of all files
        return cls(data_dir)

    @property
    def environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GOALARC_")}
        return {**kept, "GOALARC_DATA_DIR": str(self.data_dir), "GOALARC_RATE_LIMITS": "off"}

    def start(self, *arguments: str) -> subprocess.Popen[bytes] | Forked:
        """A process whose log goes to a file: a pipe that nobody reads would stop it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.forked:
            return Forked(command_line, arguments, self.log, dict(self.environment))
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "server", *arguments]
            return subprocess.Popen(command, env=dict(self.environment), stdout=subprocess.PIPE, stderr=log)

    @property
    def log(self) -> Path:
        return self.data_dir.parent / "log"

    def run(self, *arguments: str, code: int = 0) -> bytes:
        """Standard output of a command that ends with `code`."""
        process = self.start(*arguments)
        out, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, self.log.read_text()
        return out

    def json(self, *arguments: str, code: int = 0) -> dict[str, object]:
        return orjson.loads(self.run(*arguments, "--json", code=code))

    def typed(self, *arguments: str, code: int = 0) -> bytes:
        """As `run`, within this process: starting one takes a second of CPU, most of it for imports."""
        kept = {name: self.environment.get(name) for name in os.environ if name.startswith("GOALARC_")}
        with _logs_as_before():
            ended = CliRunner().invoke(app, arguments, env={**kept, **self.environment})
        with self.log.open("ab") as log:
            log.write(ended.stderr_bytes)
        assert ended.exit_code == code, (ended.stderr, ended.exception)
        return ended.stdout_bytes

    def typed_json(self, *arguments: str, code: int = 0) -> dict[str, object]:
        return orjson.loads(self.typed(*arguments, "--json", code=code))

    def scores(self) -> list[dict[str, object]]:
        """One row per arc, by id."""
        rows: list[dict[str, object]] = orjson.loads(self.typed("export", "scores"))
        return sorted(rows, key=lambda row: str(row["sub_session_id"]))

    @contextmanager
    def serving(self) -> Iterator["Server"]:
        server = Server(self, free_port())
        server.start()
        try:
            yield server
        finally:
            server.stop()

    def postgres(self) -> list[psutil.Process]:
        """The PostgreSQL main process of this data directory, if it runs."""
        pid = read_pid_file(self.data_dir / "postgres" / "data").pid  # a clean stop removes it
        return [psutil.Process(pid)] if pid is not None and psutil.pid_exists(pid) else []


@contextmanager
def _logs_as_before() -> Iterator[None]:
    """Undoes what a command does to the logs of its process."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = [*root.handlers], root.level
    try:
        yield
    finally:
        structlog.configure(**kept)
        root.setLevel(level)
        root.handlers = handlers


class Server:
    def __init__(self, goalarc: Goalarc, port: int) -> None:
        self._goalarc = goalarc
        self.port = port
        self.process: subprocess.Popen[bytes] | Forked | None = None

    def start(self) -> None:
        self.process = self._goalarc.start("serve", "--port", str(self.port))
        wait_for(self.ready)

    def ready(self) -> bool:
        status, _ = self.request("GET", "/readyz")
        return status == 200

    def request(self, method: str, path: str, key: str = "", body: object = None) -> tuple[int, bytes]:
        """Status and body; status 0 when nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        try:
            connection.request(method, path, None if body is None else orjson.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            connection.close()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()
        self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.communicate(timeout=PATIENCE_S)
            self.process = None


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)
