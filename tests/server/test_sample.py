import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import server.sample
from domain.redaction import redact_json
from server.sample import STORIES, working_day, write_sample

WEDNESDAY = datetime(2026, 11, 25, 17, 30, tzinfo=UTC)
Line = dict[str, Any]


def read(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def at(line: Line) -> datetime:
    return datetime.fromisoformat(line["timestamp"])


def timed(lines: list[Line]) -> list[Line]:
    return [line for line in lines if "timestamp" in line]


def calls(lines: list[Line], name: str) -> Iterator[tuple[Line, Line]]:
    """The calls of a tool: the block, and the line of its result."""
    blocks = {block["id"]: block for line in lines for block in blocks_of(line) if block["type"] == "tool_use"}
    for line in lines:
        for block in blocks_of(line):
            if block["type"] == "tool_result" and blocks[block["tool_use_id"]]["name"] == name:
                yield blocks[block["tool_use_id"]], line


def blocks_of(line: Line) -> list[Line]:
    content: list[Line] | str = line.get("message", {}).get("content", "")
    return [] if isinstance(content, str) else content


def prompts(lines: list[Line]) -> list[str]:
    return [line["message"]["content"] for line in lines if line.get("origin") == {"kind": "human"}]


def shell(lines: list[Line]) -> list[tuple[str, bool]]:
    """The commands in order, and whether each failed."""
    return [(call["input"]["command"], blocks_of(line)[0]["is_error"]) for call, line in calls(lines, "Bash")]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"), WEDNESDAY)


@pytest.fixture(scope="module")
def sessions(root: Path) -> dict[str, list[Line]]:
    """The session files of the sample by title; the second file of a title that has two ends in `/2`."""
    files = sorted((read(path) for path in root.glob("*/*.jsonl")), key=lambda lines: at(timed(lines)[0]))
    seen: Counter[str] = Counter()
    by_title: dict[str, list[Line]] = {}
    for lines in files:
        title = lines[-1]["aiTitle"]
        seen[title] += 1
        by_title[title if seen[title] == 1 else f"{title}/{seen[title]}"] = lines
    return by_title


def test_the_folders_are_laid_out_as_claude_code_lays_them_out(root: Path) -> None:
    assert root.name == "claude-projects"
    assert {path.name for path in root.iterdir()} == {"-home-mara-code-ferrybook", "-home-mara-code-tidetable"}
    for path in root.glob("*/*.jsonl"):
        assert {line["sessionId"] for line in read(path) if "sessionId" in line} == {path.stem}
        assert {re.sub(r"\W", "-", line["cwd"]) for line in read(path) if "cwd" in line} == {path.parent.name}


def test_lines_are_a_chain_in_time_with_ids_of_their_own(root: Path) -> None:
    uuids: Counter[str] = Counter()
    for path in root.rglob("*.jsonl"):
        earlier: set[str | None] = {None}
        lines = [line for line in read(path) if "uuid" in line]
        for line in lines:
            assert line["parentUuid"] in earlier
            earlier.add(line["uuid"])
        assert all(at(one) <= at(other) for one, other in pairwise(lines))
        uuids.update(line["uuid"] for line in lines)
    assert set(uuids.values()) == {1}


def test_one_response_is_several_lines_with_one_id_and_one_usage(root: Path) -> None:
    for path in root.rglob("*.jsonl"):
        usage: dict[str, Line] = {}
        for line in read(path):
            if line["type"] == "assistant":
                message = line["message"]
                assert usage.setdefault(message["id"], message["usage"]) == message["usage"]
        assert all(min(counts["input_tokens"], counts["output_tokens"]) > 0 for counts in usage.values())
        context = [counts["cache_read_input_tokens"] for counts in usage.values()]
        assert context == sorted(context)


def test_every_call_has_a_result_and_every_turn_an_end(sessions: dict[str, list[Line]]) -> None:
    for lines in sessions.values():
        kinds = Counter(block["type"] for line in lines for block in blocks_of(line))
        assert kinds["tool_use"] == kinds["tool_result"]
        ends = [line for line in lines if line.get("subtype") == "turn_duration"]
        assert len(ends) == len(prompts(lines))


def test_an_edit_says_what_changed_where(sessions: dict[str, list[Line]]) -> None:
    [(call, line)] = calls(sessions["Fix child fare before the birthday"], "Edit")
    result = line["toolUseResult"]
    [hunk] = result["structuredPatch"]
    old, new = ([text[1:] for text in hunk["lines"] if text[0] in marks] for marks in (" -", " +"))
    assert (len(old), len(new)) == (hunk["oldLines"], hunk["newLines"])
    before = result["originalFile"].splitlines()
    after = result["originalFile"].replace(call["input"]["old_string"], call["input"]["new_string"]).splitlines()
    assert before[hunk["oldStart"] - 1 :][: len(old)] == old
    assert after[hunk["newStart"] - 1 :][: len(new)] == new


def test_the_same_moment_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    assert contents(write_sample(tmp_path, WEDNESDAY)) == contents(root)


def test_a_sample_stays_as_it_is_for_its_week(tmp_path: Path) -> None:
    first = write_sample(tmp_path, WEDNESDAY)
    before = contents(first)
    for later in (timedelta(hours=1), timedelta(days=1), timedelta(days=4)):
        assert write_sample(tmp_path, WEDNESDAY + later) == first
    assert contents(first) == before
    assert [path.name for path in tmp_path.iterdir()] == ["2026-W48"]


@pytest.mark.parametrize("later", [timedelta(hours=-9), timedelta(days=1), timedelta(days=7)])
def test_other_times_never_come_under_the_same_ids(root: Path, tmp_path: Path, later: timedelta) -> None:
    def times(folder: Path) -> dict[str, str]:
        return {
            line["uuid"]: line["timestamp"] for path in folder.rglob("*.jsonl") for line in read(path) if "uuid" in line
        }

    before, after = times(root), times(write_sample(tmp_path, WEDNESDAY + later))
    assert before != after
    assert all(before[uuid] == after[uuid] for uuid in before.keys() & after.keys())


def test_another_process_may_be_quicker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(self: Path, target: Path) -> Path:
        (target / "claude-projects").mkdir(parents=True)
        raise OSError("directory not empty")

    monkeypatch.setattr(Path, "rename", overtaken)
    assert write_sample(tmp_path, WEDNESDAY).is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["2026-W48"]


def test_a_sample_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(server.sample, "_write", full)
    with pytest.raises(OSError, match="no space"):
        write_sample(tmp_path, WEDNESDAY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "today",
    [
        WEDNESDAY,
        datetime(2026, 11, 23, 7, 5, tzinfo=UTC),  # a Monday morning, before the sessions of the day would begin
        datetime(2026, 11, 23, 0, 1, 2, 345678, tzinfo=UTC),
        datetime(2026, 11, 22, 12, 0, tzinfo=UTC),  # a Sunday
        datetime(2026, 3, 30, 9, 0, tzinfo=ZoneInfo("Europe/Berlin")),  # the day after the clocks went forward
        datetime(2026, 10, 26, 15, 0, tzinfo=ZoneInfo("America/New_York")),
        datetime(2026, 1, 1, 3, 0, tzinfo=ZoneInfo("Pacific/Auckland")),
    ],
)
def test_sessions_are_over_apart_and_recent_at_any_hour(today: datetime, tmp_path: Path) -> None:
    root = write_sample(tmp_path, today)
    spans = sorted((at(timed(lines)[0]), at(timed(lines)[-1])) for lines in map(read, root.glob("*/*.jsonl")))
    assert spans[-1][1] < today
    assert spans[0][0] > today - timedelta(days=25)
    assert today - spans[-1][1] < timedelta(days=3)
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(spans)]
    assert [gap for gap in gaps if gap <= timedelta(minutes=10)] == [timedelta(seconds=70)]  # the one over /clear


def test_sessions_keep_working_days_and_hours(sessions: dict[str, list[Line]]) -> None:
    starts = [at(timed(lines)[0]) for lines in sessions.values()]
    assert all(start.weekday() < 5 and 9 <= start.hour < 17 for start in starts)
    assert (max(starts) - min(starts)).days == 20


def test_on_a_monday_morning_the_week_has_sessions_already(tmp_path: Path) -> None:
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    starts = [at(timed(read(path))[0]) for path in write_sample(tmp_path, monday).glob("*/*.jsonl")]
    assert sum(start.date() == monday.date() for start in starts) == 3


def test_stories_are_told_in_order() -> None:
    assert [(-story.days_ago, story.at) for story in STORIES] == sorted(
        (-story.days_ago, story.at) for story in STORIES
    )
    assert len({story.key for story in STORIES}) == len(STORIES)


@pytest.mark.parametrize(
    ("day", "back", "expected"),
    [
        (date(2026, 11, 25), 0, date(2026, 11, 25)),
        (date(2026, 11, 25), 2, date(2026, 11, 23)),
        (date(2026, 11, 25), 3, date(2026, 11, 20)),
        (date(2026, 11, 25), 14, date(2026, 11, 5)),
        (date(2026, 11, 23), 1, date(2026, 11, 20)),
        (date(2026, 11, 22), 0, date(2026, 11, 20)),
        (date(2026, 11, 21), 5, date(2026, 11, 13)),
    ],
)
def test_working_days_leave_out_weekends(day: date, back: int, expected: date) -> None:
    assert working_day(day, back) == expected


def test_there_is_a_fix_with_a_failing_test_that_passes_and_is_committed(sessions: dict[str, list[Line]]) -> None:
    commands = shell(sessions["Fix child fare before the birthday"])
    assert [failed for command, failed in commands if "pytest tests" in command] == [True, False]
    assert commands[-1][0].startswith("git add")
    assert prompts(sessions["Fix child fare before the birthday"])[-1].startswith("perfect")


def test_there_is_a_feature_that_is_accepted_and_a_fix_that_is_not(sessions: dict[str, list[Line]]) -> None:
    assert "works, thanks" in prompts(sessions["Add a nightly CSV export of bookings"])[-1]
    assert "still broken" in prompts(sessions["Fix tide times in summer time"])[-2]


def test_there_is_a_question_that_changes_nothing(sessions: dict[str, list[Line]]) -> None:
    lines = sessions["How the last seat is locked"]
    assert len(prompts(lines)) == 3
    assert not [*calls(lines, "Edit"), *calls(lines, "Write")]


def test_there_is_a_commit_that_a_later_session_reverts(sessions: dict[str, list[Line]]) -> None:
    committed = next(
        line["toolUseResult"]["stdout"]
        for call, line in calls(sessions["Refactor prices into one table"], "Bash")
        if "git commit" in call["input"]["command"]
    )
    commit = committed.removeprefix("[main ").partition("]")[0]
    assert re.fullmatch("[0-9a-f]{7}", commit)
    assert f"git revert --no-edit {commit}" in [
        command for command, _ in shell(sessions["Fix winter prices in summer"])
    ]


def test_there_is_a_greeting_and_nothing_else(sessions: dict[str, list[Line]]) -> None:
    assert prompts(sessions["Greeting"]) == ["hi"]
    assert not any(block["type"] == "tool_use" for line in sessions["Greeting"] for block in blocks_of(line))


def test_there_is_a_clear_after_which_the_same_files_go_on(sessions: dict[str, list[Line]]) -> None:
    before, after = sessions["Mark low water in the tide chart"], sessions["Mark low water in the tide chart/2"]
    assert any("<command-name>/clear</command-name>" in str(line.get("message")) for line in after)
    assert at(timed(after)[0]) - at(timed(before)[-1]) < timedelta(minutes=10)
    edited = [{call["input"]["file_path"] for call, _ in calls(lines, "Edit")} for lines in (before, after)]
    assert edited[0] == edited[1] != set()


def test_there_is_a_sub_agent_with_a_file_of_its_own(root: Path, sessions: dict[str, list[Line]]) -> None:
    [path] = root.glob("*/*/subagents/agent-*.jsonl")
    lines = read(path)
    [(_, line)] = calls(sessions["Find out why the bundle doubled"], "Agent")
    assert path.parent.parent.name == line["sessionId"]
    assert {(line["agentId"], line["isSidechain"]) for line in lines} == {(path.stem.removeprefix("agent-"), True)}
    assert line["toolUseResult"]["agentId"] == lines[0]["agentId"]
    assert line["toolUseResult"]["totalToolUseCount"] == len([*calls(lines, "Bash"), *calls(lines, "Read")])
    assert at(lines[-1]) <= at(line)
    assert set(json.loads(path.with_suffix(".meta.json").read_text())) == {"agentType", "description"}


def test_there_is_a_storm_of_the_same_failing_command(sessions: dict[str, list[Line]]) -> None:
    runs = list(calls(sessions["Fix tide times in summer time"], "Bash"))[:5]
    assert len({call["input"]["command"] for call, _ in runs}) == 1
    assert all(blocks_of(line)[0]["is_error"] for _, line in runs)
    assert at(runs[-1][1]) - at(runs[0][1]) < timedelta(seconds=120)


def test_there_is_a_secret_in_one_prompt_and_nowhere_else(sessions: dict[str, list[Line]]) -> None:
    found = {
        (title, line["type"], names)
        for title, lines in sessions.items()
        for line in lines
        if (names := redact_json(line)[1])
    }
    keys = ("aws_access_key_id", "aws_secret_access_key")
    title = "Add a nightly CSV export of bookings"
    assert found <= {(title, "user", keys), (title, "last-prompt", keys)}
    assert (title, "user", keys) in found
