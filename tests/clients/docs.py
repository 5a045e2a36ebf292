"""What docs/graphql.md and docs/live.md tell people to type and to run, run."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

DOCS = Path(__file__).parents[2] / "docs"
URL, KEY, PID_FILE, NODE, PYTHON = (os.environ[name] for name in ("URL", "KEY", "PID_FILE", "NODE", "PYTHON"))


def blocks(file: str, language: str) -> list[str]:
    """The blocks of a page, with the address of our server in place of the one they show."""
    found = re.findall(rf"^```{language}\n(.*?)^```", (DOCS / file).read_text(), re.DOTALL | re.MULTILINE)
    place = URL.removeprefix("http://").removesuffix("/graphql")
    return [re.sub(r"(localhost|127\.0\.0\.1):8000", place, block) for block in found]


CUT = 28
"""What curl ends with when its time is up."""


def typed(commands: str) -> str:
    """That a block of commands ends well and that its curl lines answer with data, or begin a stream."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        path = f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "CURL_HOME": folder}
        command = ["bash", "-euo", "pipefail", "-c", commands]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode in (0, CUT), done.stderr
    shown = [line for line in done.stdout.splitlines() if line.removeprefix("data: ").startswith("{")]
    assert shown, f"{done.stdout} {done.stderr}"
    assert all('"data"' in line and '"errors"' not in line for line in shown), done.stdout
    return f"{len(shown)} answers"


def fill(folder: Path) -> None:
    """What the commands of the docs count on: the files of a front end. A stream that is begun ends by itself."""
    queries = folder / "src" / "queries"
    queries.mkdir(parents=True)
    (queries / "who.graphql").write_text("query Who { viewer { email } }")
    (folder / "persisted-documents.json").write_text('{"of-the-docs": "query Docs { viewer { timeZone } }"}')
    (folder / ".curlrc").write_text('max-time = 2\nwrite-out = "\\n"\n')


def lives(command: list[str], program: str, suffix: str) -> str:
    """That a program prints what happens, also what happens while its server is killed, and nothing twice."""
    folder = Path("__generated__")  # below our packages, so that it can import them
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=suffix, dir=folder) as file:
        file.write(program)
        file.flush()
        process = subprocess.Popen([*command, file.name], stdout=subprocess.PIPE, text=True)
        try:
            return told(process)
        finally:
            process.kill()
            process.communicate()


def told(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    first, id = process.stdout.readline(), newest()
    assert "anew" in first or "'resync': True" in first, first
    lines: list[str] = []
    for at in range(6):
        if at in (2, 4):
            kill_server()
        keep_renaming(id, f"{os.urandom(4).hex()} of the docs")
        lines.append(process.stdout.readline())
    assert not [line for line in lines if "UPDATED" not in line], lines
    return f"{len(lines)} events, 2 kills"


KILLED: set[int] = set()


def kill_server() -> None:
    """At once, or once it has come back from the kill before."""
    while (pid := int(Path(PID_FILE).read_text())) in KILLED:
        time.sleep(0.02)
    KILLED.add(pid)
    os.kill(pid, signal.SIGKILL)


def ask(query: str, **variables: object) -> dict:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(URL, body, {"authorization": f"Bearer {KEY}", "content-type": "application/json"})
    with urlopen(request, timeout=5) as answer:
        return json.load(answer)["data"]


def newest() -> str:
    return ask("{ subSessions(first: 1) { nodes { id } } }")["subSessions"]["nodes"][0]["id"]


def keep_renaming(id: str, title: str) -> None:
    """Until it is acknowledged: meanwhile the server may be down."""
    mutation = "mutation ($input: RenameSubSessionInput!) { renameSubSession(input: $input) { subSession { id } } }"
    while True:
        try:
            ask(mutation, input={"id": id, "title": title})
            return
        except OSError:
            time.sleep(0.1)


def check(name: str, run: Callable[[], str]) -> bool:
    try:
        print(f"  ok    {name}: {run()}", flush=True)
        return True
    except Exception as error:
        print(f"  FAIL  {name}: {type(error).__name__} {error}"[:500], flush=True)
        return False


def main() -> int:
    curls = [block for file in ("graphql.md", "live.md") for block in blocks(file, "sh") if "curl" in block]
    [javascript], [python] = blocks("live.md", "js"), blocks("live.md", "python")
    passed = [check(f"commands {at}", lambda block=block: typed(block)) for at, block in enumerate(curls, 1)]
    passed.append(check("the JavaScript of docs/live.md", lambda: lives([NODE], javascript, ".mjs")))
    passed.append(check("the Python of docs/live.md", lambda: lives([sys.executable], python, ".py")))
    return 0 if all(passed) and curls else 1


sys.exit(main())
