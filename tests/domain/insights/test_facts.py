"""What insights count of a session, from its events."""

import json
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from domain.insights.catalogue import EVENTS, EVERYWHERE, PROPERTIES
from domain.insights.facts import MOST_CHARS, Fact, project_name, session_facts
from domain.insights.filters import (
    PropertySource,
    PropertyType,
)
from domain.judging.arcs import SessionLog
from domain.judging.totals import totals
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, JsonValue
from tests.make import (
    BY_HAND,
    arc_id,
    command,
    event,
    file_diff,
    prompt,
    response,
    session_log,
    time,
    tool_use,
)

_CALLS = count(1)
SECRET = "hunter2-do-not-tell"


def facts(log: SessionLog) -> tuple[Fact, ...]:
    return session_facts(log, totals(log.events), {})


def names(*events: Event) -> Counter[str]:
    """How often each derived fact follows from these events."""
    told = facts(session_log(*events))
    return Counter(one.event for one in told if EVENTS[one.event].derived and one.event != "session_started")


def only(name: str, *events: Event) -> Fact:
    [found] = [one for one in facts(session_log(*events)) if one.event == name]
    return found


def worked() -> list[Event]:
    """Asked for, edited, tested, accepted."""
    call = f"call {next(_CALLS)}"
    return [
        prompt("Fix the wrong rounding of totals", 0),
        tool_use("Edit", 1, call_id=call, input={"file_path": "shop/totals.py"}),
        file_diff("shop/totals.py", 2, call_id=call),
        event(Kind.TOOL_RESULT, 2, tool="Edit", call_id=call, succeeded=True),
        command("pytest -q", 4),
        response("The totals are rounded half up now.", 5),
    ]


def total(key: str, log: SessionLog) -> float:
    values = [one.properties.get(key) for one in facts(log)]
    return sum(value for value in values if isinstance(value, int | float))


def git(action: str, at: float = 0, **data: JsonValue) -> Event:
    return event(Kind.GIT_ACTION, at, data={"action": action, **data})


def result(at: float, call: str, ok: bool, **data: JsonValue) -> Event:
    return event(Kind.TOOL_RESULT, at, tool="Bash", call_id=call, succeeded=ok, data=dict(data))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], {}),
        ([prompt("hello there")], {}),
        ([file_diff("a.py", added=3)], {"edit": 1}),
        ([file_diff("a.py", call_id="c"), file_diff("b.py", call_id="c")], {"edit": 1}),
        ([file_diff("a.py", call_id="c"), file_diff("a.py", 1, call_id="d")], {"edit": 2}),
        ([file_diff("a.py", provenance=BY_HAND), event(Kind.FILE_DELETE, path="b.py")], {"edit": 2}),
        ([tool_use("Edit", path="a.py", call_id="c")], {}),
        ([command("pytest -q")], {"test_passed": 1}),
        ([command("pytest -q", exit_code=1)], {"test_failed": 1, "tool_failed": 1}),
        ([command("cd app && npm test", exit_code=None)], {}),
        ([command("pytest -q", call_id="c"), result(1, "c", True)], {"test_passed": 1}),
        ([command("pytest", call_id="c"), event(Kind.TEST_RUN, call_id="c", data={"passed": 3})], {"test_passed": 1}),
        ([event(Kind.TEST_RUN, data={"passed": 3, "failed": 1})], {"test_failed": 1}),
        ([event(Kind.TEST_RUN, data={})], {}),
        ([event(Kind.BUILD_RUN, succeeded=True)], {"build_passed": 1}),
        ([event(Kind.BUILD_RUN, exit_code=2)], {"build_failed": 1}),
        ([command("ls", exit_code=1)], {"tool_failed": 1}),
        ([command("x", exit_code=1, call_id="c"), result(1, "c", False), result(2, "c", False)], {"tool_failed": 1}),
        (
            [command("pytest", exit_code=1, call_id="c"), result(1, "c", False, errorClass="rejected")],
            {"tool_failed": 1},
        ),
        ([git("commit"), git("push", 1), git("revert", 2)], {"commit": 1, "push": 1, "revert": 1}),
        ([git("checkout"), git("something else")], {}),
        ([git("pull_request", url="u"), git("pull_request", 1, url="u"), git("pull_request", 2)], {"pull_request": 2}),
        ([event(Kind.PLANNING), event(Kind.PLANNING, 1)], {"plan_mode": 1}),
        ([event(Kind.PLANNING), prompt("go on", 1), event(Kind.PLANNING, 2)], {"plan_mode": 2}),
        ([event(Kind.PLANNING), prompt("sub task", 1, agent_id="a"), event(Kind.PLANNING, 2)], {"plan_mode": 1}),
    ],
)
def test_what_follows_from_events(events: list[Event], expected: dict[str, int]) -> None:
    assert names(*events) == expected


def test_every_event_counts_once_under_its_kind() -> None:
    log = session_log(*worked(), ended_at=9)
    told = [one for one in facts(log) if not EVENTS[one.event].derived]
    assert {(one.id, one.event, one.ts) for one in told} == {(one.id, one.kind, one.ts) for one in log.events}


def test_begin_and_end_of_a_session() -> None:
    used = response("done", 5, tokens=Tokens(100, 20, 7, 3), cost_usd=Decimal("0.25"), model="m")
    told = {one.event: one for one in facts(session_log(prompt("do it"), used, ended_at=8))}
    assert (told["session_started"].ts, told["session_ended"].ts) == (time(0), time(8))
    assert told["session_ended"].properties == {
        "duration_ms": 8 * 60_000,
        "turn_count": 1,
        "tool_errors": 0,
        "input_tokens": 100,
        "output_tokens": 20,
        "cache_read_tokens": 7,
        "cache_write_tokens": 3,
        "cost_usd": 0.25,
    }
    assert "session_ended" not in {one.event for one in facts(session_log(prompt("do it")))}
    assert facts(session_log(ended_at=8)) == ()


def test_an_end_that_was_told_too_early_is_that_of_the_last_event() -> None:
    [end] = [one for one in facts(session_log(prompt("do it"), prompt("more", 9), ended_at=3)) if "ended" in one.event]
    assert end.ts == time(9)


def test_what_an_answer_used_counts_once() -> None:
    first = response("I will", 1, tokens=Tokens(10, 1), request_id="r", model="claude-sonnet-4-5")
    second = tool_use("Bash", 2, tokens=Tokens(10, 30), request_id="r", model="claude-sonnet-4-5")
    log = session_log(first, second, response("done", 3, tokens=Tokens(5, 5), model="claude-sonnet-4-5"))
    sums = totals(log.events)
    assert sums.cost_usd is not None
    assert total("output_tokens", log) == sums.tokens.output == 35
    assert total("cost_usd", log) == pytest.approx(float(sums.cost_usd))


def test_an_edit_has_the_lines_of_all_files_and_their_common_type() -> None:
    one = file_diff("src/a.py", added=3, removed=1, call_id="c", tool="Edit", agent_id="sub")
    two = file_diff("src/b.py", added=2, removed=0, call_id="c", tool="Edit", agent_id="sub")
    edit = only("edit", one, two)
    assert (edit.tool, edit.ts) == ("Edit", one.ts)
    assert edit.properties == {
        "sub_agent": True,
        "attribution": "likely_ai",
        "lines_added": 5,
        "lines_removed": 1,
        "language": "Python",
        "extension": "py",
    }
    mixed = only("edit", one, replace(two, path="docs/b.md"))
    assert "language" not in mixed.properties


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/App.TSX", {"language": "TypeScript", "extension": "tsx"}),
        ("C:\\work\\main.rs", {"language": "Rust", "extension": "rs"}),
        ("docker/Dockerfile", {"language": "Dockerfile"}),
        (".py", {}),
        (f".env.{SECRET}", {}),
        (f"notes.{SECRET}", {}),
        ("LICENSE", {}),
    ],
)
def test_a_file_is_known_by_its_type_alone(path: str, expected: JsonObject) -> None:
    told = only("file_create", event(Kind.FILE_CREATE, path=path, lines_added=1, lines_removed=0)).properties
    assert {key: told[key] for key in told.keys() & {"language", "extension"}} == expected


@pytest.mark.parametrize(
    ("project", "name"),
    [
        (None, None),
        ("", None),
        ("/home/ada/shop/", "shop"),
        ("C:\\Users\\ada\\shop", "shop"),
        ("git@example.org:team/shop.git", "shop"),
        ("https://user:secret@example.org/team/shop.git", "shop"),
        ("/" + "x" * 200, "x" * MOST_CHARS),
    ],
)
def test_a_project_is_known_by_its_last_name(project: str | None, name: str | None) -> None:
    assert project_name(project) == name


def test_no_text_path_or_command_is_told() -> None:
    """Whatever clients put where a word is expected stays out as well."""
    data: JsonObject = dict.fromkeys(
        ("text", "command", "stdout", "diff", "content", "message", "ref", "url", "action", "phase", "errorClass"),
        SECRET,
    )
    told = [
        event(kind, number, data=data, path=f"/{SECRET}/{SECRET}.py", actor=SECRET, succeeded=False)
        for number, kind in enumerate(Kind)
    ]
    written = [json.dumps(one.properties) for one in facts(session_log(*told, project=f"/home/{SECRET}/shop"))]
    assert len(written) > len(Kind)
    assert not [one for one in written if SECRET in one]


def test_names_are_cut() -> None:
    told = only("tool_use", tool_use("x" * 500, model="y" * 500))
    assert (len(told.tool or ""), len(told.model or "")) == (MOST_CHARS, MOST_CHARS)


@pytest.mark.parametrize("told", [True, -1, 10**30, "3", None, 1.5])
def test_what_no_run_can_count_is_left_out(told: JsonValue) -> None:
    run = only("test_run", event(Kind.TEST_RUN, succeeded=True, data={"passed": told}))
    assert "tests_passed" not in run.properties


def test_order_and_repetition_of_events_change_nothing() -> None:
    events = [*worked(), *worked(), command("pytest", 7, exit_code=1), git("commit", 7)]
    log = session_log(*events, ended_at=9)
    shuffled = replace(log, events=tuple(random.Random(5).sample(log.events, len(log.events))))
    assert facts(shuffled) == facts(log)
    assert len({one.id for one in facts(log)}) == len(facts(log))


def test_equal_times_keep_the_order_of_their_source() -> None:
    """What follows from an event comes right after it; begin and end lie around all."""
    events = [prompt("fix it", ordinal=3), file_diff("a.py", ordinal=4), command("pytest", ordinal=9)]
    told = sorted(facts(session_log(*events, ended_at=0)), key=lambda one: (one.ts, one.ordinal))
    assert [one.event for one in told] == [
        *("session_started", "prompt", "file_diff", "edit", "command", "test_passed", "session_ended")
    ]
    assert len({one.ordinal for one in told}) == len(told)


def test_a_late_event_moves_no_other_but_those_of_its_time() -> None:
    events = [prompt("one", 1), prompt("two", 2), command("pytest", 2)]
    log = session_log(*events)
    late = session_log(*events, replace(prompt("late", 1), ordinal=-1))
    before, after = ({one.id: one for one in facts(each)} for each in (log, late))
    moved = {id for id in before.keys() & after.keys() if before[id] != after[id]}
    assert moved == {events[0].id}
    assert before.keys() < after.keys()


def test_facts_belong_to_the_arcs_of_their_events() -> None:
    one, two = file_diff("a.py", 1, call_id="c"), prompt("unrelated", 9)
    told = session_facts(session_log(one, two), totals([one, two]), {one.id: arc_id("first")})
    assert {fact.event for fact in told if fact.arc_id == arc_id("first")} == {"file_diff", "edit"}


def test_facts_have_the_properties_that_the_catalogue_names() -> None:
    events = [
        *worked(),
        git("commit", 8),
        command("pytest", 9, exit_code=1),
        event(Kind.TEST_RUN, 9, data={"passed": 1}),
    ]
    for one in facts(session_log(*events, ended_at=10)):
        check_properties(one)


_PYTHON = {PropertyType.TEXT: str, PropertyType.NUMBER: int | float, PropertyType.BOOLEAN: bool}


def check_properties(fact: Fact) -> None:
    """That all are named by the definition of the event, and are of the types that are said."""
    definition = EVENTS[fact.event]
    for key, value in fact.properties.items():
        assert key in definition.properties, (fact.event, key)
        said = PROPERTIES[PropertySource.EVENT, key]
        assert isinstance(value, _PYTHON[said.type]), (fact.event, key, value)
        assert isinstance(value, bool) == (said.type is PropertyType.BOOLEAN)
        assert said.column is None
    for key in ("model", "tool"):
        assert getattr(fact, key) is None or key in (*definition.properties, *EVERYWHERE), (fact.event, key)
