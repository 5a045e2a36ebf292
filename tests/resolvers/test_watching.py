"""Following files while they are written: whatever happens, the server ends up with what an import would store."""

import json
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import domain.ingest.gathering
import domain.ingest.packing
import resolvers.watching
from domain.timeline import Kind
from persistence.places import Busy, open_places
from resolvers.watching import LET_GO_S, REST_S
from server.sample import write_sample
from tests.domain.ingest.test_claude_code_data import DATA
from tests.resolvers.test_transcripts import line
from tests.resolvers.watched import FAR_OFF, Machine, caught_up, grow, imported


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    folder = tmp_path / "transcripts"
    folder.mkdir()
    return Machine(folder)


def nested(levels: int) -> object:
    return json.loads("[" * levels + "]" * levels)


def answer(session: str, uuid: str, minute: int, output: int, id: str = "msg_1") -> str:
    message = {
        "id": id, "role": "assistant", "model": "claude-opus-4-6", "content": [{"type": "text", "text": uuid}],
        "usage": {"input_tokens": 5, "output_tokens": output},
    }  # fmt: skip
    return line(session, uuid, minute=minute, type="assistant", message=message)


@pytest.mark.parametrize("seed", range(3))
def test_files_that_grow_in_pieces_and_watchers_that_end_anywhere_give_what_an_import_gives(
    machine: Machine, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    source = write_sample(tmp_path / "source", datetime(2026, 6, 1, 12, tzinfo=UTC))
    written = dict.fromkeys(source.rglob("*.jsonl"), 0)
    while written:
        with machine.watcher() as watcher:
            for _ in range(chance.choice((1, 3))):
                for file, at in [*written.items()]:
                    data = file.read_bytes()
                    end = at + chance.choice((0, 1, 300, 9_000, len(data)))
                    copy = machine.folder / file.relative_to(source)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    with copy.open("ab") as out:
                        out.write(data[at:end])
                    written[file] = end
                    if end >= len(data):
                        del written[file]
                caught_up(watcher)
    machine.send_all()
    assert machine.shelf.told == imported(source).told
    assert machine.problems == []


def test_real_files_arrive_as_an_import_has_them(machine: Machine) -> None:
    if not DATA.exists():
        pytest.skip("the development set does not lie beside the repository")
    folder = DATA / "sample"
    assert machine.send_all([folder]).summary.complete
    assert machine.shelf.told == imported(folder).told
    assert len(machine.shelf.events) > 900


def test_a_new_line_is_sent_at_once_and_nothing_is_sent_twice(machine: Machine) -> None:
    file = machine.folder / "new" / "s.jsonl"
    with machine.watcher(machine.folder) as watcher:
        caught_up(watcher)
        for n in range(3):
            grow(file, line("s", str(n), minute=n))
            caught_up(watcher)
            assert len(machine.shelf.events) == n + 1
    assert (watcher.summary.events, watcher.summary.skipped) == (3, 0)
    with machine.watcher() as watcher:
        grow(file, line("s", "3", minute=3))
        caught_up(watcher)
    assert (watcher.summary.events, watcher.summary.skipped) == (1, 0)


def test_a_half_written_line_waits_for_its_end(machine: Machine) -> None:
    file, whole = machine.folder / "s.jsonl", line("s", "b", minute=1)
    grow(file, line("s", "a") + whole[:40])
    with machine.watcher() as watcher:
        caught_up(watcher)
        assert len(machine.shelf.events) == 1
        grow(file, whole[40:])
        caught_up(watcher)
    assert len(machine.shelf.events) == 2
    assert machine.problems == []


def test_a_last_line_without_its_newline_is_taken_when_the_file_rests_and_read_on_later(machine: Machine) -> None:
    file = machine.folder / "s.jsonl"
    grow(file, line("s", "a") + line("s", "b").rstrip("\n"))
    with machine.watcher() as watcher:
        caught_up(watcher)
        assert len(machine.shelf.events) == 1
        machine.clock[0] += REST_S
        caught_up(watcher)
        assert len(machine.shelf.events) == 2
        grow(file, "\n" + line("s", "c"))
        caught_up(watcher)
    assert len(machine.shelf.events) == 3


def test_what_waits_for_more_lines_is_sent_once_the_file_rests(machine: Machine) -> None:
    file = machine.folder / "s.jsonl"
    grow(file, line("s", "a") + answer("s", "b", 1, 1) + answer("s", "c", 1, 40))
    with machine.watcher() as watcher:
        caught_up(watcher)
        assert Kind.API_REQUEST not in {event.kind for event in machine.shelf.events.values()}
    with machine.watcher() as watcher:  # the next one knows what that one left
        caught_up(watcher)
        machine.clock[0] += REST_S
        caught_up(watcher)
        sent = machine.shelf.parcels
        machine.clock[0] += LET_GO_S
        caught_up(watcher)
        assert machine.shelf.parcels == sent
    assert machine.shelf.told == imported(machine.folder).told


def cut(file: Path) -> None:
    file.write_text(line("s", "b", "another beginning"))


def rewrite_larger(file: Path) -> None:
    file.write_text("".join(line("s", f"n{n}", "another file, and longer") for n in range(9)))


def replace_by_rename(file: Path) -> None:
    new = file.with_suffix(".new")
    new.write_text(line("t", "x") + file.read_text())
    new.rename(file)


def remove_and_write_anew(file: Path) -> None:
    file.unlink()
    file.write_text(line("s", "z", "something else entirely, but of a size " * 3) * 2)


@pytest.mark.parametrize("change", [cut, rewrite_larger, replace_by_rename, remove_and_write_anew])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_that_is_another_is_read_from_its_start(
    machine: Machine, change: Callable[[Path], None], restarted: bool
) -> None:
    file = machine.folder / "s.jsonl"
    grow(file, line("s", "a") + line("s", "b", minute=1) + line("s", "c", minute=2))
    before = imported(file)
    with machine.watcher() as watcher:
        caught_up(watcher)
        if not restarted:
            change(file)
            caught_up(watcher)
    if restarted:
        change(file)
        machine.send_all()
    assert machine.shelf.events == imported(file).events | before.events  # of equal ids the first


def test_a_file_that_vanishes_costs_nothing(machine: Machine) -> None:
    grow(machine.folder / "s.jsonl", line("s", "a"))
    grow(machine.folder / "t.jsonl", line("t", "b"))
    with machine.watcher() as watcher:
        caught_up(watcher)
        (machine.folder / "s.jsonl").unlink()
        grow(machine.folder / "t.jsonl", line("t", "c"))
        caught_up(watcher)
    assert (len(machine.shelf.events), machine.problems) == (3, [])


def test_a_refused_session_costs_its_file_and_is_told_once(machine: Machine) -> None:
    machine.shelf.refused = {"s"}
    for name in ("s", "t"):
        grow(machine.folder / f"{name}.jsonl", line(name, name))
    with machine.watcher() as watcher:
        caught_up(watcher)
        grow(machine.folder / "s.jsonl", line("s", "more"))
        caught_up(watcher)
    assert [(Path(one.file).name, one.line) for one in machine.problems] == [("s.jsonl", 0)]
    assert {session for session, _ in machine.shelf.events} == {"t"}
    machine.shelf.refused = set()
    watcher = machine.send_all()
    assert (len(machine.shelf.events), watcher.summary.complete) == (3, True)


def test_bad_lines_cost_themselves(machine: Machine) -> None:
    grow(machine.folder / "s.jsonl", line("s", "a") + "{no json\n" + line("s", "b"))
    grow(machine.folder / "other.jsonl", '{"not": "a transcript"}\n' * 3)
    os.mkfifo(machine.folder / "pipe.jsonl")
    summary = machine.send_all().summary
    assert [(Path(one.file).name, one.line) for one in summary.errors] == [("s.jsonl", 2)]
    assert (summary.files, summary.ignored, summary.events) == (1, 1, 2)


def test_of_a_line_that_no_parcel_holds_the_events_are_sent_and_the_rest_is_told(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain.ingest.packing, "_MOST_ITEM_BYTES", 2_000)
    grow(machine.folder / "s.jsonl", line("s", "a") + line("s", "b", more="x" * 2_000))
    summary = machine.send_all().summary
    assert [(one.line, one.reason.partition(":")[0]) for one in summary.errors] == [(2, "too long to be sent")]
    assert (len(machine.shelf.events), len(machine.shelf.lines), summary.complete) == (2, 1, True)


@pytest.mark.parametrize(
    "odd", [{"extra": nested(127)}, {"timestamp": "0001-01-01T00:00:00Z"}, {"timestamp": "9999-12-31T23:59:59Z"}]
)
def test_what_an_import_takes_a_server_takes_from_a_watcher(machine: Machine, odd: dict[str, object]) -> None:
    grow(machine.folder / "s.jsonl", line("s", "a") + line("s", "b", **odd))
    assert machine.send_all().summary.errors == []
    assert machine.shelf.told == imported(machine.folder).told
    assert {event.ts.year for event in machine.shelf.events.values()} == {2026}


def test_what_a_sub_agent_did_is_sent_once_also_when_its_file_comes_later(machine: Machine) -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
    inner = {
        "type": "user", "uuid": "0199f0c2-0000-7000-8000-0000000000aa", "timestamp": "2026-06-01T10:01:00.000Z",
        "message": {"role": "user", "content": [result]},
    }  # fmt: skip
    told = line("s", "p", type="progress", data={"type": "agent_progress", "agentId": "a1", "message": inner})
    main, own = machine.folder / "s.jsonl", machine.folder / "s" / "subagents" / "agent-a1.jsonl"
    with machine.watcher() as watcher:
        grow(main, line("s", "a"))
        caught_up(watcher)
        grow(
            own,
            json.dumps(inner | {"sessionId": "s", "agentId": "a1", "isSidechain": True, "version": "2.1.120"}) + "\n",
        )
        grow(main, told + line("s", "b", minute=2))
        caught_up(watcher)
    machine.send_all()
    assert machine.shelf.events == imported(machine.folder).events


def document(*texts: str) -> str:
    messages = [
        {"id": f"m{n}", "timestamp": f"2026-06-01T10:0{n}:00.000Z", "type": "user", "content": text}
        for n, text in enumerate(texts)
    ]
    return json.dumps({"sessionId": "g", "projectHash": "p", "startTime": "2026-06-01T10:00:00.000Z",
                       "lastUpdated": "2026-06-01T10:00:00.000Z", "messages": messages})  # fmt: skip


def test_a_document_that_is_written_anew_is_read_anew_and_only_what_is_new_is_sent(machine: Machine) -> None:
    file = machine.folder / "chats" / "session-1.json"
    with machine.watcher() as watcher:
        for texts in (("one",), ("one", "two"), ("one", "two", "three")):
            file.parent.mkdir(exist_ok=True)
            file.write_text(document(*texts)[:-9])
            caught_up(watcher)
            file.write_text(document(*texts))
            caught_up(watcher)
        machine.clock[0] += REST_S
        caught_up(watcher)
    assert len(machine.shelf.events) == 3
    assert machine.shelf.told == imported(machine.folder).told
    assert (watcher.summary.skipped, machine.problems) == (0, [])
    sent = machine.shelf.parcels
    machine.send_all()
    assert machine.shelf.parcels == sent


def test_readers_of_many_files_are_let_go(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.watching, "_MOST_READERS", 2)
    for n in range(6):
        grow(machine.folder / f"{n}.jsonl", line(str(n), f"{n}"))
    with machine.watcher() as watcher:
        caught_up(watcher)
        for n in range(6):
            grow(machine.folder / f"{n}.jsonl", line(str(n), f"more {n}"))
            caught_up(watcher)
    assert (len(machine.shelf.events), watcher.summary.skipped) == (12, 0)


def test_the_newest_is_sent_first(machine: Machine) -> None:
    for n, name in enumerate(("old", "new", "middle")):
        grow(machine.folder / f"{name}.jsonl", line(name, name))
        os.utime(machine.folder / f"{name}.jsonl", (n % 3 * 10, (0, 20, 10)[n]))
    machine.send_all()
    assert [session for session, _ in machine.shelf.events] == ["new", "middle", "old"]


def test_a_long_file_takes_turns_with_the_others(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.watching, "_TURN_S", -1)
    monkeypatch.setattr(domain.ingest.gathering, "_MOST_LINES", 2)
    grow(machine.folder / "long.jsonl", "".join(line("long", f"{n}", minute=n) for n in range(9)))
    grow(machine.folder / "new.jsonl", line("new", "a"))
    os.utime(machine.folder / "new.jsonl", (0, 0))
    with machine.watcher() as watcher:
        for _ in range(3):
            watcher.turn()
            assert watcher.backlog
        assert [session for session, _ in machine.shelf.events] == ["long", "long", "new", "long", "long"]
        caught_up(watcher)
    assert machine.shelf.told == imported(machine.folder).told
    assert watcher.summary.skipped == 0


def test_two_watchers_do_not_share_their_state(tmp_path: Path) -> None:
    file = tmp_path / "state" / "places.json"
    with open_places(file), pytest.raises(Busy), open_places(file):
        pass
    with open_places(file):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 2, "places": {}}',
        '{"version": 1, "places": {"a": [1]}}',
        '{"version": 1, "places": {"\u65e5": []}}',
    ],
)
def test_a_state_that_cannot_be_read_has_everything_sent_again(machine: Machine, text: str) -> None:
    grow(machine.folder / "s.jsonl", line("s", "a"))
    machine.send_all()
    state = machine.folder.parent / "state" / "places.json"
    assert state.stat().st_mode & 0o777 == 0o600
    state.write_text(text)
    summary = machine.send_all().summary
    assert (summary.events, summary.skipped) == (0, 1)


def test_names_may_be_any_bytes(machine: Machine) -> None:
    grow(machine.folder / os.fsdecode(b"caf\xe9 \xf0\x9f\x98\x80.jsonl"), line("s", "a"))
    machine.send_all()
    again = machine.send_all().summary
    assert (len(machine.shelf.events), again.files, again.skipped) == (1, 0, 0)


def test_a_file_whose_clock_runs_ahead_rests_too(machine: Machine) -> None:
    file = machine.folder / "s.jsonl"
    grow(file, answer("s", "b", 1, 40))
    os.utime(file, (FAR_OFF, FAR_OFF))
    with machine.watcher() as watcher:
        caught_up(watcher)
        machine.clock[0] += REST_S
        caught_up(watcher)
    assert machine.shelf.told == imported(machine.folder).told
