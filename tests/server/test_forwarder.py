"""What an agent runs for each hook: never in its way, whatever becomes of the server, the disk or itself."""

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from server.agent_settings import command
from server.forwarder import hook, sender
from server.forwarding import Spool, Target
from tests.ports import free_port
from tests.server.goalarc import wait_for
from tests.server.hook_server import HookServer, answering

NEUTRAL = (0, b"{}\n", b"")
SECRET = "gck_secret"


@pytest.fixture
def lively(tmp_path: Path) -> Iterator[Spool]:
    """A folder with blanks and umlauts in its name, from which hooks are sent behind the agent's back. Its senders do
    not linger."""
    spool = Spool(tmp_path / "dä ta" / "hooks")
    key = tmp_path / "key"
    key.write_text(SECRET + "\n")
    spool.set_up("codex", Target(f"http://127.0.0.1:{free_port()}", key))
    file = spool.folder / "sender.py"
    file.write_text(file.read_text().replace("LINGER_S = 15.0", "LINGER_S = 0.0"))
    yield spool
    shutil.rmtree(spool.folder / "new", ignore_errors=True)
    wait_for(lambda: not spool.folder.exists() or _nobody_sends(spool))


@pytest.fixture
def spool(lively: Spool) -> Iterator[Spool]:
    """The same, where nothing is sent but by `send`: hooks take us for the sender."""
    held.append(_only_sender(lively))
    yield lively
    os.close(held.pop())


held: list[int] = []


def _only_sender(spool: Spool) -> int:
    lock = sender.only_sender(spool.folder)
    assert lock is not None
    return lock


def _nobody_sends(spool: Spool) -> bool:
    lock = sender.only_sender(spool.folder)
    if lock is not None:
        os.close(lock)
    return lock is not None


def point_at(spool: Spool, server: HookServer, agent: str = "codex") -> None:
    told = json.loads((spool.folder / "codex.json").read_text())
    (spool.folder / f"{agent}.json").write_text(json.dumps(told | {"url": server.url}))


def run(spool: Spool, body: bytes, env: dict[str, str] | None = None) -> tuple[int, bytes, bytes]:
    """As the agent runs it; exit code, standard output and error."""
    ran = subprocess.run(["sh", "-c", command(spool.script("codex"))], input=body, capture_output=True, env=env)
    return ran.returncode, ran.stdout, ran.stderr


def keep(spool: Spool, *bodies: bytes, agent: str = "codex") -> None:
    """As if hooks had left these behind."""
    for n, body in enumerate(bodies):
        (spool.folder / "new" / f"{1_772_442_000_123_456_789 + n:020d}-1.{agent}").write_bytes(body)


def send(spool: Spool, patience_s: float = 0) -> None:
    sender.send(spool.folder, held.pop(), patience_s, linger_s=0)
    held.append(_only_sender(spool))


def waiting(spool: Spool) -> list[bytes]:
    return [file.read_bytes() for file in sender.waiting(spool.folder)]


def dead(spool: Spool) -> list[bytes]:
    return [file.read_bytes() for file in sorted((spool.folder / "dead").iterdir()) if file.suffix != ".why"]


def test_a_hook_reaches_the_server_as_it_was(lively: Spool) -> None:
    with answering() as server:
        point_at(lively, server)
        assert run(lively, b'{"session_id": "s"}') == NEUTRAL
        wait_for(lambda: not waiting(lively))
    [(path, headers, body)] = server.heard
    assert (path, body) == ("/v1/hooks/codex", b'{"session_id": "s"}')
    assert (headers["authorization"], headers["content-type"]) == (f"Bearer {SECRET}", "application/json")
    assert headers["x-goalarc-fired-at"].endswith("Z")
    last = lively.last("codex")
    assert last is not None
    assert last.status == 200


def test_while_the_server_is_down_hooks_wait_and_go_in_their_order(lively: Spool) -> None:
    bodies = [b'{"n": %d}' % n for n in range(3)]
    for body in bodies:
        assert run(lively, body) == NEUTRAL
    assert waiting(lively) == bodies
    modes = {stat.S_IMODE(file.stat().st_mode) for file in sender.waiting(lively.folder)}
    assert modes == {0o600}
    wait_for(lambda: (last := lively.last("codex")) is not None and last.status == 0)
    with answering() as server:
        point_at(lively, server)
        wait_for(lambda: not waiting(lively))  # the sender that was started first has not given up
    assert server.bodies == bodies


def test_a_slow_server_holds_up_nobody(lively: Spool) -> None:
    gate = Event()
    with answering(gate=gate) as server:
        point_at(lively, server)
        assert run(lively, b"1") == NEUTRAL
        assert run(lively, b"2") == NEUTRAL
        assert waiting(lively) == [b"1", b"2"]
        gate.set()
        wait_for(lambda: not waiting(lively))
    assert server.bodies == [b"1", b"2"]


@pytest.mark.parametrize("status", [400, 403, 413, 415, 422])
def test_what_the_server_will_never_take_is_put_aside_with_its_reason(spool: Spool, status: int) -> None:
    keep(spool, b"bad", b"good")
    with answering(status) as server:
        point_at(spool, server)
        send(spool)
    assert (server.bodies, waiting(spool), dead(spool)) == ([b"bad", b"good"], [], [b"bad"])
    [why] = (spool.folder / "dead").glob("*.why")
    assert why.read_text() == f"{status} {{}}"


@pytest.mark.parametrize("status", [401, 404, 408, 429, 500, 503])
def test_what_the_server_may_take_later_waits(spool: Spool, status: int) -> None:
    keep(spool, b"1", b"2")
    with answering(status) as server:
        point_at(spool, server)
        send(spool)
        assert (server.bodies, waiting(spool), dead(spool)) == ([b"1"], [b"1", b"2"], [])
        send(spool)
    assert (server.bodies, waiting(spool)) == ([b"1", b"1", b"2"], [])


def test_a_sender_waits_and_tries_again(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("server.forwarder.sender.time.sleep", pauses.append)
    keep(spool, b"1")
    with answering(500, 500, 503, 429) as server:
        server.headers["retry-after"] = "20"
        point_at(spool, server)
        send(spool, patience_s=60)
    assert (len(server.bodies), waiting(spool)) == (5, [])
    assert all(15 <= pause <= 25 for pause in pauses[:4])


def test_one_agent_does_not_hold_up_another(spool: Spool) -> None:
    with answering() as server:
        point_at(spool, server, "cursor")
        keep(spool, b"codex")
        keep(spool, b"cursor", agent="cursor")
        send(spool)
    assert (server.bodies, waiting(spool)) == ([b"cursor"], [b"codex"])


def test_when_a_hook_fired_is_told_however_late_it_goes(spool: Spool) -> None:
    keep(spool, b"1")
    with answering() as server:
        point_at(spool, server)
        send(spool)
    assert server.heard[0][1]["x-goalarc-fired-at"] == "2026-03-02T09:00:00.123456Z"


@pytest.mark.parametrize(("body", "kept"), [(b"", 0), (b" \n", 0), (b"\xff\x00 no json", 1), (b'{"half": ', 1)])
def test_garbage_does_not_disturb_the_agent(spool: Spool, body: bytes, kept: int) -> None:
    assert run(spool, body) == NEUTRAL
    assert len(waiting(spool)) == kept


def test_what_could_never_be_sent_is_not_kept(spool: Spool) -> None:
    assert run(spool, b"x" * (hook.MOST_BYTES + 1)) == NEUTRAL
    assert waiting(spool) == []


def test_hooks_of_one_moment_are_all_kept(spool: Spool) -> None:
    arguments = ["sh", "-c", command(spool.script("codex"))]
    running = [subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(12)]
    for n, process in enumerate(running):
        assert process.communicate(b"%d" % n) == (b"{}\n", None)
    assert sorted(waiting(spool), key=int) == [b"%d" % n for n in range(12)]


def test_a_hook_that_is_killed_leaves_nothing_half_done(spool: Spool) -> None:
    process = subprocess.Popen(["sh", "-c", f"exec {command(spool.script('codex')).partition('|| ')[2]}"],
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(b'{"half": ')
    process.stdin.flush()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (spool.folder / "new" / ".00001-1.codex").write_bytes(b'{"half": ')  # killed amid writing
    assert waiting(spool) == []
    assert run(spool, b"whole") == NEUTRAL
    assert waiting(spool) == [b"whole"]


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are not found by their folder here")
def test_a_sender_that_is_killed_is_followed_by_another(lively: Spool) -> None:
    gate = Event()
    with answering(gate=gate) as server:
        point_at(lively, server)
        run(lively, b"1")
        wait_for(lambda: bool(_senders(lively)))
        for process in _senders(lively):
            os.kill(process, signal.SIGKILL)
        wait_for(lambda: _nobody_sends(lively))
        assert waiting(lively) == [b"1"]
        gate.set()
        run(lively, b"2")
        wait_for(lambda: not waiting(lively))
    assert server.bodies[-2:] == [b"1", b"2"]


def _senders(spool: Spool) -> list[int]:
    """The processes that work in this folder."""
    found: list[int] = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            found += [int(link.parent.name)] if link.readlink() == spool.folder else []
    return found


def test_what_waits_is_bounded(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.forwarder.sender.SPOOL_BYTES", 10)
    keep(spool, b"x" * 11)
    send(spool)
    assert spool.waiting().full
    assert run(spool, b"one more") == NEUTRAL
    assert waiting(spool) == [b"x" * 11]
    with answering() as server:
        point_at(spool, server)
        send(spool)
    assert not spool.waiting().full
    assert (run(spool, b"again"), waiting(spool)[-1:]) == (NEUTRAL, [b"again"])


def test_what_was_put_aside_is_bounded(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.forwarder.sender.DEAD_FILES", 2)
    keep(spool, b"1", b"2", b"3")
    with answering(400, 400, 400) as server:
        point_at(spool, server)
        send(spool)
    assert dead(spool) == [b"2", b"3"]


def test_neither_home_nor_path_is_needed(spool: Spool) -> None:
    assert run(spool, b"1", env={"PATH": "/usr/bin:/bin"}) == NEUTRAL
    assert waiting(spool) == [b"1"]


@pytest.mark.parametrize("gone", ["new", "hook.py", "sender.py", "codex.json", "."])
def test_whatever_is_missing_the_agent_is_not_disturbed(spool: Spool, gone: str) -> None:
    place = spool.folder / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    code, said, complaint = run(spool, b"1")
    assert (code, complaint) == (0, b"")
    assert said == (b"" if gone == "." else b"{}\n")


def test_an_interpreter_that_is_gone_is_no_error(spool: Spool) -> None:
    script = spool.script("codex")
    script.write_text(script.read_text().replace("/python", "/no-python"))
    assert run(spool, b"1") == NEUTRAL


def test_the_key_stands_in_its_file_alone(spool: Spool) -> None:
    files = [file for file in spool.folder.rglob("*") if file.is_file()]
    assert not [file for file in files if SECRET in file.read_text()]
    assert {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in [*files, spool.folder]} == {0}
