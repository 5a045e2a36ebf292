"""Importing folders of transcripts: all that is readable, once, whatever the files look like."""

import json
import os
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest

import persistence.timeline
import persistence.transcripts
import resolvers.sessions
from domain.sessions import SessionFilter
from domain.timeline import Event, Kind
from domain.values import SessionId
from persistence.database import Urls
from resolvers.context import Context, Services
from resolvers.transcripts import ImportSummary, import_transcripts
from server.sample import write_sample
from tests.domain.ingest.test_claude_code_data import DATA, EXPLAINED, FROM_PROGRESS, index
from tests.make_context import make_context, make_org

SPACE = UUID("0199f0c2-0000-7000-8000-000000000000")
TODAY = datetime(2026, 6, 1, 12, tzinfo=UTC)


def line(session: str, uuid: str, text: str = "please fix the parser", minute: int = 0, **more: object) -> str:
    record = {
        "type": "user", "uuid": str(uuid5(SPACE, uuid)), "parentUuid": None, "sessionId": session, "cwd": "/w",
        "timestamp": f"2026-06-01T10:{minute:02}:00.000Z", "version": "2.1.120",
        "message": {"role": "user", "content": text},
    } | more  # fmt: skip
    return json.dumps(record) + "\n"


async def run(ctx: Context, *paths: Path) -> ImportSummary:
    found = persistence.transcripts.find(paths)
    return await import_transcripts(ctx.services, ctx.caller, found, lambda size: None)


async def events(ctx: Context, session: str) -> list[Event]:
    async with ctx.read() as db:
        return await persistence.timeline.events_of_session(db, ctx.caller.org_id, SessionId(session))


async def test_the_sample_is_imported_whole_and_a_second_time_adds_nothing(context: Context, tmp_path: Path) -> None:
    folder = write_sample(tmp_path, TODAY)
    first = await run(context, folder)
    assert (first.errors, first.skipped, first.ignored) == ([], 0, 0)
    assert first.files > len(first.sessions) >= 7
    assert await resolvers.sessions.count_sessions(context, SessionFilter()) == len(first.sessions)
    again = await run(context, folder, folder)
    assert (again.events, again.skipped) == (0, first.events)


async def test_a_bad_line_costs_that_line_and_is_reported(context: Context, tmp_path: Path) -> None:
    session, file = str(uuid4()), tmp_path / "x.jsonl"
    file.write_text(line(session, session + "a") + '{"type": "user", "mess\n' + line(session, session + "b", minute=1))
    summary = await run(context, tmp_path)
    assert [(e.file, e.line) for e in summary.errors] == [(str(file), 2)]
    assert summary.complete
    assert len(await events(context, session)) == 2


async def test_a_half_written_last_line_is_read_once_it_is_whole(context: Context, tmp_path: Path) -> None:
    session, file = str(uuid4()), tmp_path / "x.jsonl"
    whole = line(session, session + "b", minute=1)
    file.write_text(line(session, session + "a") + whole[:40])
    summary = await run(context, tmp_path)
    assert "half written" in summary.errors[0].reason
    file.write_text(line(session, session + "a") + whole)
    again = await run(context, tmp_path)
    assert (again.events, again.skipped, again.errors) == (1, 1, [])


async def test_a_file_that_cannot_be_read_is_told_and_the_others_are_taken(context: Context, tmp_path: Path) -> None:
    session = str(uuid4())
    (tmp_path / "good.jsonl").write_text(line(session, session))
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "gone")
    summary = await run(context, tmp_path, tmp_path / "absent")
    assert not summary.complete
    assert {Path(e.file).name for e in summary.errors} == {"dangling.jsonl", "absent"}
    assert len(await events(context, session)) == 1


async def test_a_pipe_or_a_folder_named_like_a_file_never_stops_an_import(context: Context, tmp_path: Path) -> None:
    session = str(uuid4())
    (tmp_path / "good.jsonl").write_text(line(session, session))
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path)
    summary = await run(context, Path(os.devnull), tmp_path)
    told = [(Path(e.file).name, e.reason) for e in summary.errors]
    assert told == [("null", "no regular file"), ("pipe.jsonl", "no regular file")]
    assert (summary.files, summary.events) == (1, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
async def test_a_folder_that_may_not_be_entered_is_told(context: Context, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    summary = await run(context, tmp_path)
    assert [(e.file, e.line) for e in summary.errors] == [(str(closed), 0)]


async def test_file_names_may_be_any_bytes(context: Context, tmp_path: Path) -> None:
    """Also where the name has to serve as the session's id."""
    nameless = json.loads(line("", "nameless"))
    del nameless["sessionId"]
    file = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    file.write_text(json.dumps(nameless) + "\n")
    summary = await run(context, tmp_path)
    assert (summary.sessions, summary.events) == ({"caf\ufffd"}, 1)


async def test_a_session_of_somebody_else_costs_its_file_and_not_the_others(
    services: Services, urls: Urls, tmp_path: Path
) -> None:
    org = await make_org(urls)
    theirs, mine = str(uuid4()), str(uuid4())
    (tmp_path / "1.jsonl").write_text(line(theirs, theirs))
    assert (await run(await make_context(services, org=org), tmp_path)).errors == []
    (tmp_path / "2.jsonl").write_text(line(mine, mine, minute=1))
    context = await make_context(services, org=org)
    summary = await run(context, tmp_path)
    assert [(Path(e.file).name, e.line) for e in summary.errors] == [("1.jsonl", 0)]
    assert "somebody else" in summary.errors[0].reason
    assert not summary.complete
    assert (summary.sessions, len(await events(context, mine))) == ({mine}, 1)
    assert await events(context, theirs) == []


async def test_what_is_no_transcript_is_left_alone(context: Context, tmp_path: Path) -> None:
    (tmp_path / "codex-exec.jsonl").write_text('{"type": "thread.started", "thread_id": "x"}\n')
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "binary.jsonl").write_bytes(os.urandom(5000))
    (tmp_path / "titles.jsonl").write_text('{"type": "summary", "summary": "t", "leafUuid": "x"}\n')
    (tmp_path / "notes.txt").write_text("hello")
    summary = await run(context, tmp_path)
    assert (summary.files, summary.ignored, summary.events, summary.errors) == (0, 4, 0, [])
    assert await resolvers.sessions.count_sessions(context, SessionFilter()) == 0


async def test_sub_agents_of_every_layout_belong_to_their_parent(context: Context, tmp_path: Path) -> None:
    session = str(uuid4())
    main = line(session, session) + line(session, session + "inline", isSidechain=True, minute=1)
    (tmp_path / f"{session}.jsonl").write_text(main)
    below = tmp_path / session / "subagents" / "workflows" / "run-1"
    below.mkdir(parents=True)
    answer = {"role": "assistant", "id": "m", "content": [{"type": "text", "text": "done"}]}
    for folder, agent in ((tmp_path, "flat1"), (below.parents[1], "nested2"), (below, "flow3")):
        text = line(
            session, session + agent, type="assistant", isSidechain=True, agentId=agent, message=answer, minute=2
        )
        (folder / f"agent-{agent}.jsonl").write_text(text)
    summary = await run(context, tmp_path)
    assert summary.sessions == {session}
    found = await events(context, session)
    assert {e.agent_id for e in found if e.kind is Kind.AI_RESPONSE} == {"flat1", "nested2", "flow3"}
    assert sum(e.kind is Kind.PROMPT for e in found) == 1


async def test_lines_copied_by_a_fork_stand_in_both_timelines(context: Context, tmp_path: Path) -> None:
    old, fork = str(uuid4()), str(uuid4())
    (tmp_path / "old.jsonl").write_text(line(old, old + "a") + line(old, old + "b", minute=1))
    copied = line(fork, old + "a") + line(fork, old + "b", minute=1) + line(fork, fork + "c", minute=2)
    (tmp_path / "fork.jsonl").write_text(copied)
    await run(context, tmp_path)
    mine, theirs = await events(context, old), await events(context, fork)
    assert {e.id for e in mine} < {e.id for e in theirs}
    assert len(theirs) == 3


async def test_the_state_after_an_interrupted_import_completes_to_the_same(context: Context, tmp_path: Path) -> None:
    session, file = str(uuid4()), tmp_path / "x.jsonl"
    lines = [line(session, f"{session}{n}", minute=n) for n in range(30)]
    for upto in (7, 7, 19, 30):
        file.write_text("".join(lines[:upto]))
        await run(context, file)
    assert [e.ts.minute for e in await events(context, session)] == list(range(30))
    session_row = await resolvers.sessions.get_session(context, SessionId(session))
    assert (session_row.event_count, session_row.project) == (30, "/w")


async def test_a_file_of_twice_the_size_takes_no_more_memory(context: Context, tmp_path: Path) -> None:
    peaks: list[int] = []
    for lines in (100, 200):
        session, file = str(uuid4()), tmp_path / f"{lines}.jsonl"
        with file.open("w") as out:
            for n in range(lines):
                out.write(line(session, f"{session}{n}", "x" * 80_000, minute=n % 60))
        tracemalloc.start()
        try:
            assert (await run(context, file)).events == lines
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0], peaks


def test_of_an_endless_line_only_the_beginning_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence.transcripts, "MAX_LINE_BYTES", 1000)
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"a" * 50_000 + b"\nshort\n" + b"b" * 999 + b"\nlast")
    assert [len(raw) for raw in persistence.transcripts.lines(file)] == [1001, 6, 1000, 4]


def test_a_first_look_reads_no_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence.transcripts, "_HEAD_BYTES", 2_000)
    early, late = tmp_path / "early.jsonl", tmp_path / "late.jsonl"
    other = json.dumps({"blob": "x" * 100}) + "\n"
    early.write_text(other * 5 + line("s", "a"))
    late.write_text(other * 50 + line("s", "a"))
    found = persistence.transcripts.find([early, late])
    assert ([file.path for file in found.files], found.ignored) == ([early], [late])


@pytest.mark.skipif(not DATA.exists(), reason="the development set does not lie beside the repository")
async def test_the_development_set_is_stored_as_its_index_counts_it(context: Context) -> None:
    summary = await run(context, DATA / "claude-code", DATA / "sample" / "claude-projects")
    expected: Counter[str] = Counter()
    for name, counts in index().items():
        expected.update(prompts=counts["prompts"], tool_use=counts["n_tools"], tool_result=counts["tool_results"])
        ours = EXPLAINED.get(Path(name).stem)
        if ours and ours[0] == "prompts":
            expected["prompts"] += ours[1] - ours[2]
    expected["tool_use"] += sum(FROM_PROGRESS.values())
    kinds: Counter[Kind] = Counter()
    for session in summary.sessions:
        stored = await events(context, session)
        kinds.update(e.kind for e in stored)
    assert len(summary.errors) == 1
    assert (kinds[Kind.PROMPT], kinds[Kind.TOOL_USE]) == (expected["prompts"], expected["tool_use"])
    assert len(summary.sessions) == sum(not name.startswith("agent-") for name in index())


@pytest.mark.skipif(not DATA.exists(), reason="the development set does not lie beside the repository")
async def test_other_agents_lie_in_folders_of_any_kind_and_copies_add_nothing(context: Context) -> None:
    folders = [DATA / "codex", DATA / "copilot-cli"]
    summary = await run(context, *folders)
    assert (summary.errors, summary.ignored, len(summary.sessions)) == ([], 7, 7)
    copied = await run(context, DATA / "sample" / "codex-sessions")
    assert (copied.events, copied.sessions <= summary.sessions) == (0, True)
    told = [await resolvers.sessions.get_session(context, id) for id in summary.sessions]
    assert {(one.source_service, one.branch is not None) for one in told} == {("codex", True), ("copilot-cli", True)}
